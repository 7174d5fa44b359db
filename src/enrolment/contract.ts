import { z } from 'zod'
import { CodeTurn } from '../identity/contract.ts'
import { MemberStatusName } from '../members/contract.ts'
import { SchemeCode, TradeView } from '../schemes/contract.ts'
import { CommuneCode } from '../territory/contract.ts'

const CommuneName = z.object({ code: CommuneCode, name: z.string() })
const Line = z.string().max(200)

/** What everybody may know of a scheme, and what is signed to join it. GET /api/public/schemes/:scheme */
export const PublicSchemeView = z.object({
  id: SchemeCode,
  name: z.string(),
  trades: z.array(TradeView),
  /** Who keeps the list of its members. */
  chamber: z.string(),
  /** Active ones. */
  members: z.number(),
  /** What the campaign of this year asks, or the next one that is open; null: there is none. */
  fee: z
    .object({
      year: z.number(),
      feeCents: z.number(),
      /** By trade code, where it differs. */
      tradeFees: z.record(z.string(), z.number()),
      /** Whoever joins in the year pays for the months that are left. */
      proRata: z.boolean(),
    })
    .nullable(),
  /** The name that phones show as the sender. */
  sender: z.string(),
  charter: z.object({ version: z.number(), text: z.string() }),
})
export type PublicSchemeView = z.infer<typeof PublicSchemeView>

/** GET /api/public/schemes/:scheme/businesses/:siret, the SIRET as typed. */
export const BusinessLookup = z.object({
  /** `unreachable`: the register does not answer; the business is then entered by hand, as when it is `unknown`. */
  outcome: z.enum(['found', 'closed', 'unknown', 'unreachable']),
  siret: z.string(),
  business: z
    .object({
      name: z.string(),
      /** Null: its activity leads to none that the scheme admits. */
      trade: z.string().nullable(),
      /** Null: not told, or outside the territory (then `outside`). */
      commune: CommuneName.nullable(),
      outside: z.boolean(),
      address: z.string().nullable(),
    })
    .nullable(),
})
export type BusinessLookup = z.infer<typeof BusinessLookup>

/** PUT …/enrolment/business: first step; begins an enrolment, or corrects the one under way. */
export const BusinessStep = z.object({
  /** As typed; empty: none. */
  siret: z.string().max(40).default(''),
  name: Line.default(''),
  trade: z.string().max(60).default(''),
  commune: z.string().max(10).default(''),
  address: Line.default(''),
})
export type BusinessStep = z.infer<typeof BusinessStep>

/** PUT …/enrolment/contact: second step; sends a code to the number unless it is confirmed. */
export const ContactStep = z.object({
  person: Line.default(''),
  phone: z.string().max(40).default(''),
  /** Empty: none. */
  mail: z.string().max(254).default(''),
})
export type ContactStep = z.infer<typeof ContactStep>

/** POST …/enrolment/confirm */
export const CodeStep = z.object({ code: z.string().max(20).default('') })
export type CodeStep = z.infer<typeof CodeStep>

/** POST …/enrolment/sign: third step; hands the request in. */
export const CharterStep = z.object({
  /** Of the charter that was read. */
  version: z.int32(),
  accepted: z.boolean().default(false),
  /** The signer's name, as typed. */
  name: Line.default(''),
})
export type CharterStep = z.infer<typeof CharterStep>

export const EnrolmentStateName = z.enum(['draft', 'submitted', 'approved', 'refused'])
export const RefusalReason = z.enum([
  'trade',
  'territory',
  'already_member',
  'not_verified',
  'incomplete',
  'other',
])
export type RefusalReason = z.infer<typeof RefusalReason>

/** An enrolment as whoever makes it sees it. */
export const OwnEnrolmentView = z.object({
  state: EnrolmentStateName,
  /** What comes next. */
  step: z.enum(['contact', 'code', 'charter', 'done']),
  business: z.object({
    siret: z.string().nullable(),
    name: z.string(),
    trade: z.string(),
    commune: CommuneName,
    address: z.string().nullable(),
  }),
  contact: z
    .object({ person: z.string(), phone: z.string(), mail: z.string().nullable(), confirmed: z.boolean() })
    .nullable(),
  submittedAt: z.iso.datetime().nullable(),
  /** Of the last code that was asked for; null: none is waited for. */
  turn: CodeTurn.nullable(),
  /** Alerts go to its number now; false before it is approved, and for a member that is suspended or a number that opted out. */
  getsAlerts: z.boolean(),
  /** Of one that was refused. */
  reason: RefusalReason.nullable(),
})
export type OwnEnrolmentView = z.infer<typeof OwnEnrolmentView>

/** GET /api/public/schemes/:scheme/enrolment */
export const OwnEnrolment = z.object({ enrolment: OwnEnrolmentView.nullable() })
export type OwnEnrolment = z.infer<typeof OwnEnrolment>

/** GET /api/schemes/:scheme/enrolments */
export const EnrolmentQuery = z.object({
  state: z.enum(['submitted', 'approved', 'refused']).default('submitted'),
  limit: z.coerce.number().int().min(1).max(200).default(100),
})
export type EnrolmentQuery = z.infer<typeof EnrolmentQuery>

export const EnrolmentSummary = z.object({
  id: z.uuid(),
  state: EnrolmentStateName,
  name: z.string(),
  trade: z.string(),
  commune: CommuneName,
  person: z.string(),
  /** The State's register says the same. */
  verified: z.boolean(),
  submittedAt: z.iso.datetime(),
  decidedAt: z.iso.datetime().nullable(),
  decidedBy: z.string().nullable(),
})
export type EnrolmentSummary = z.infer<typeof EnrolmentSummary>

/** Those waiting, the longest first; those decided, the last first. */
export const EnrolmentPage = z.object({
  enrolments: z.array(EnrolmentSummary),
  counts: z.object({ submitted: z.number(), approved: z.number(), refused: z.number() }),
})
export type EnrolmentPage = z.infer<typeof EnrolmentPage>

/** A member as it stands, to be compared with a request. */
export const KnownMember = z.object({
  siret: z.string().nullable(),
  address: z.string().nullable(),
  trade: z.string(),
  contacts: z.array(
    z.object({
      id: z.uuid(),
      /** Empty when nobody is named. */
      person: z.string(),
      /** Masked; null: a contact by mail only. */
      phone: z.string().nullable(),
      /** Takes alerts by SMS. */
      sms: z.boolean(),
      /** Its number is that of the request. */
      same: z.boolean(),
    }),
  ),
  /** What it owes over all years, in cents; below 0: paid in advance. */
  owesCents: z.number(),
  /** Contacts whom an approval onto it notifies by SMS. */
  notified: z.number(),
})
export type KnownMember = z.infer<typeof KnownMember>

/** What looks like the same business or person. */
export const Duplicate = z.object({
  kind: z.enum(['member', 'enrolment']),
  id: z.uuid(),
  name: z.string(),
  commune: CommuneName,
  /** Of a member. */
  status: MemberStatusName.nullable(),
  /** `place`: the same name in the same commune. */
  by: z.array(z.enum(['siret', 'phone', 'place'])),
  /** Null: another request, or a member of a trade that is not the reader's. */
  known: KnownMember.nullable(),
})
export type Duplicate = z.infer<typeof Duplicate>

/** GET /api/schemes/:scheme/enrolments/:id */
export const EnrolmentView = EnrolmentSummary.extend({
  siret: z.string().nullable(),
  naf: z.string().nullable(),
  address: z.string().nullable(),
  phone: z.string(),
  mail: z.string().nullable(),
  phoneConfirmedAt: z.iso.datetime(),
  charter: z.object({
    version: z.number(),
    sha256: z.string(),
    signedName: z.string(),
    signedAt: z.iso.datetime(),
  }),
  duplicates: z.array(Duplicate),
  reason: RefusalReason.nullable(),
  note: z.string().nullable(),
  memberId: z.uuid().nullable(),
})
export type EnrolmentView = z.infer<typeof EnrolmentView>

const CHARTER_LENGTH = 20_000

/** One version of what members sign, and how many signed it. */
export const CharterVersion = z.object({
  version: z.number(),
  /** Of the text in UTF-8, in hexadecimal. */
  sha256: z.string(),
  publishedAt: z.iso.datetime(),
  /** Null: the one that came with the program. */
  publishedBy: z.string().nullable(),
  /** Of requests to join that were handed in, whatever became of them. */
  signatures: z.number(),
  /** Members whose last signature is of this version. */
  members: z.number(),
})
export type CharterVersion = z.infer<typeof CharterVersion>

/** GET /api/schemes/:scheme/charters */
export const CharterList = z.object({
  /** The last one first: the first is the one in force. */
  versions: z.array(CharterVersion),
  /** Of the one in force. */
  text: z.string(),
})
export type CharterList = z.infer<typeof CharterList>

/** GET /api/schemes/:scheme/charters/:version */
export const CharterText = z.object({ version: z.number(), text: z.string(), sha256: z.string() })
export type CharterText = z.infer<typeof CharterText>

/** POST /api/schemes/:scheme/charters */
export const NewCharter = z.object({
  /** Of the one in force when this one was written: refused when another was published since. */
  version: z.int32(),
  /** Paragraphs with an empty line between them. */
  text: z.string().max(CHARTER_LENGTH),
})
export type NewCharter = z.infer<typeof NewCharter>

/** What a request may replace of the member that it is approved onto. `contact`: person and mail of its contact with the same number. */
export const ReplacedField = z.enum(['name', 'address', 'commune', 'trade', 'siret', 'contact', 'status'])
export type ReplacedField = z.infer<typeof ReplacedField>

/** POST …/enrolments/:id/approve: which of the two is always said. */
export const ApproveEnrolment = z.discriminatedUnion('as', [
  z.strictObject({ as: z.literal('new') }),
  z.strictObject({
    as: z.literal('member'),
    memberId: z.uuid(),
    /** The rest of the member stays as it is. `status`: one that waits or left becomes active; a suspension stays. */
    replace: z.array(ReplacedField).max(ReplacedField.options.length),
  }),
])
export type ApproveEnrolment = z.infer<typeof ApproveEnrolment>

/** POST …/enrolments/:id/refuse */
export const RefuseEnrolment = z.object({
  /** Told to whoever asked, by SMS. */
  reason: RefusalReason,
  /** For the file; needed where the reason says nothing (`other`). */
  note: z.string().trim().max(500).default(''),
})
export type RefuseEnrolment = z.infer<typeof RefuseEnrolment>
