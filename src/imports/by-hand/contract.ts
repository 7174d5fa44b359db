import { z } from 'zod'
import { ChangeView, Welcome } from '../../changes/contract.ts'
import { MemberCorrections, MemberStatusName } from '../../members/contract.ts'
import { ClientId, nameSchemas } from '../../platform/http/endpoints.ts'
import { CommuneCode, Point } from '../../territory/contract.ts'

/** Maximum number of people of one member; one that has more already, from a list or a merge, keeps them. */
export const MAX_PEOPLE = 20
/** Maximum number of people in one request. */
const MAX_SENT = 500

const Line = z.string().max(200)
const Siret = z.string().max(40)
const Naf = z.string().max(10)
const Trade = z.string().max(60)
const Commune = z.string().max(10)
const DayText = z.string().max(30)

/** A person of a member as typed, with the id by which a repeated request is recognised. */
export const TypedContact = z.object({
  id: ClientId,
  person: Line.default(''),
  /** As people type it; a landline is kept but receives no SMS. */
  phone: z.string().max(40).default(''),
  /** Empty if none. */
  mail: z.string().max(254).default(''),
})
export type TypedContact = z.infer<typeof TypedContact>

/** A `TypedContact` without defaults: in an edit, a missing value must not overwrite a stored one. */
const EditedContact = z.object({
  id: ClientId,
  person: Line,
  phone: z.string().max(40),
  mail: z.string().max(254),
})

/** POST /api/schemes/:scheme/members: a business as typed; empty values are absent ones. */
export const NewMember = z.object({
  id: ClientId,
  siret: Siret.default(''),
  name: Line.default(''),
  /** A code such as 47.26Z; it gives the trade if none is chosen. A code of NAF 2025 is stored as such in either field. */
  naf: Naf.default(''),
  /** A code of NAF 2025, for example 47.26Y. */
  naf2025: Naf.default(''),
  /** A trade code of the scheme. */
  trade: Trade.default(''),
  /** INSEE code. */
  commune: Commune.default(''),
  address: Line.default(''),
  postalCode: Commune.default(''),
  /** The day of joining, as people write it. */
  joinedOn: DayText.default(''),
  /** The day on which the charter was signed on paper, as people write it. */
  charterOn: DayText.default(''),
  /** The location that the register gives. */
  point: Point.nullable().default(null),
  /** The people in the order in which they are called; a caller is greeted by the name of the first. */
  contacts: z.array(TypedContact).max(MAX_PEOPLE).default([]),
  /**
   * Channel by which the member is notified why it is in the list and how to leave (GDPR, article 14); null: it is not notified.
   */
  welcome: Welcome.shape.channel.nullable().default(null),
})
export type NewMember = z.infer<typeof NewMember>

/** PATCH /api/schemes/:scheme/members/:id: only the given values change; an empty text removes the value. */
export const MemberEdit = z.object({
  /** The version that the user saw. */
  version: z.string().max(64),
  /** When the business made the request to correct that this edit answers. */
  answersRequest: z.iso.datetime().optional(),
  siret: Siret.optional(),
  name: Line.optional(),
  /** If this code and the member’s code of NAF 2025 cannot belong to one activity, the latter is removed; and conversely. */
  naf: Naf.optional(),
  naf2025: Naf.optional(),
  trade: Trade.optional(),
  commune: Commune.optional(),
  address: Line.optional(),
  /** When another commune comes without it, it is removed; a commune with several postal codes needs one. */
  postalCode: Commune.optional(),
  joinedOn: DayText.optional(),
  charterOn: DayText.optional(),
  /** When another address or commune comes without it, the location becomes that of the commune. */
  point: Point.nullable().optional(),
  /** All people, in order: new ids are added, absent ones removed. */
  contacts: z.array(EditedContact).max(MAX_SENT).optional(),
})
export type MemberEdit = z.infer<typeof MemberEdit>

/** POST /api/schemes/:scheme/members/check: the values typed so far. */
export const MemberCheck = z.object({
  /** The member that is edited; null for a new one. */
  memberId: z.uuid().nullable().default(null),
  siret: Siret.default(''),
  name: Line.default(''),
  commune: Commune.default(''),
  phones: z.array(z.string().max(40)).max(MAX_SENT).default([]),
})
export type MemberCheck = z.infer<typeof MemberCheck>

/** The reason why a business is probably the same: its SIRET, a number, its name in its commune, or a similar name. */
const SameBy = z.enum(['siret', 'phone', 'place', 'name'])

export const MemberChecked = z.object({
  /** Members and requests to join that may be the same business. */
  duplicates: z.array(
    z.object({
      /** Null, as all values but `by`, for a member or a request of a trade that the user does not manage. */
      kind: z.enum(['member', 'enrolment']).nullable(),
      id: z.uuid().nullable(),
      name: z.string().nullable(),
      commune: z.object({ code: CommuneCode, name: z.string() }).nullable(),
      /** Null for a request. */
      status: MemberStatusName.nullable(),
      by: z.array(SameBy),
    }),
  ),
  /** One entry for each number, in the order given. */
  phones: z.array(
    z.object({
      /** Null if the text is not a phone number. */
      kind: z.enum(['mobile', 'landline', 'foreign']).nullable(),
      /**
       * Whether it gets no SMS, because its holder sent STOP or was opted out; a trade chamber learns it of numbers of its members
       * only.
       */
      optedOut: z.boolean(),
    }),
  ),
})
export type MemberChecked = z.infer<typeof MemberChecked>

/** GET /api/schemes/:scheme/register?q=: a SIRET, or words of a name. */
export const RegisterQuery = z.object({ q: z.string().trim().max(100).default('') })

/** Businesses of the State's register. */
export const RegisterAnswer = z.object({
  /** `unknown`: none found; `unreachable`: the register does not answer, and the business is entered by hand. */
  outcome: z.enum(['found', 'closed', 'unknown', 'unreachable']),
  businesses: z.array(
    z.object({
      siret: z.string(),
      name: z.string(),
      naf: z.string().nullable(),
      naf2025: z.string().nullable(),
      /** Null if its activity matches no trade that the user may enter. */
      trade: z.string().nullable(),
      /** Null if unknown, or outside the territory (then `outside` is set). */
      commune: z.object({ code: CommuneCode, name: z.string() }).nullable(),
      outside: z.boolean(),
      address: z.string().nullable(),
      postalCode: z.string().nullable(),
      point: Point.nullable(),
    }),
  ),
})
export type RegisterAnswer = z.infer<typeof RegisterAnswer>

/** Answer to a decision on a request to correct: the requests that still wait, and the change that was made. */
export const CorrectionDecided = MemberCorrections.extend({
  /** The change that put the values in force; null if it was declined, or they were in force already. */
  change: ChangeView.nullable(),
})
export type CorrectionDecided = z.infer<typeof CorrectionDecided>

nameSchemas({
  CorrectionDecided,
  MemberCheck,
  MemberChecked,
  MemberEdit,
  NewMember,
  RegisterAnswer,
  TypedContact,
})
