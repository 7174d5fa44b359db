import { z } from 'zod'
import { CodeTurn } from '../identity/contract.ts'
import { MemberStatusName } from '../members/contract.ts'
import { nameSchemas } from '../platform/http/endpoints.ts'
import { ChamberContact, DpoContact, SchemeCode, TradeView } from '../schemes/contract.ts'
import { CommuneCode } from '../territory/contract.ts'

const CommuneName = z.object({ code: CommuneCode, name: z.string() })
const Line = z.string().max(200)

/** GET /api/public/schemes/:scheme: the public data of a scheme, and the charter to sign. */
export const PublicSchemeView = z.object({
  id: SchemeCode,
  name: z.string(),
  /** Time zone of the times that are shown. */
  timeZone: z.string(),
  trades: z.array(TradeView),
  /** The chamber that manages the list of members. */
  chamber: z.string(),
  /** Contact at the chamber; empty values are unknown. */
  contact: ChamberContact,
  /** Contact for questions about personal data; empty values are unknown. */
  dpo: DpoContact,
  /** Number of active members. */
  members: z.number(),
  /** The fee of this year's campaign, or of the next open one, or the one that the settings plan; null if there is none. */
  fee: z
    .object({
      year: z.number(),
      feeCents: z.number(),
      /** Fees by trade code, where it differs from the general fee. */
      tradeFees: z.record(z.string(), z.number()),
      /** Whether members who join during the year pay only for the remaining months. */
      proRata: z.boolean(),
      /** No campaign is open for the year: the fee is the one of the settings. */
      planned: z.boolean(),
    })
    .nullable(),
  /** The sender name that phones show. */
  sender: z.string(),
  charter: z.object({ version: z.number(), text: z.string() }),
})
export type PublicSchemeView = z.infer<typeof PublicSchemeView>

/** GET /api/public/schemes/:scheme/businesses/:siret, with the SIRET as typed. */
export const BusinessLookup = z.object({
  /** `unreachable`: the register does not answer; the business is then entered by hand, as for `unknown`. */
  outcome: z.enum(['found', 'closed', 'unknown', 'unreachable']),
  siret: z.string(),
  business: z
    .object({
      name: z.string(),
      /** Null if its activity matches no trade of the scheme. */
      trade: z.string().nullable(),
      /** Null if unknown, or outside the territory (then `outside` is set). */
      commune: CommuneName.nullable(),
      outside: z.boolean(),
      address: z.string().nullable(),
    })
    .nullable(),
})
export type BusinessLookup = z.infer<typeof BusinessLookup>

/** GET /api/public/schemes/:scheme/businesses */
export const BusinessSearch = z.object({
  /** A SIRET, or words of a name. */
  q: z.string().max(100).default(''),
  /** INSEE code of the commune to search in; empty: the whole territory. */
  commune: z.union([z.literal(''), CommuneCode]).default(''),
})
export type BusinessSearch = z.infer<typeof BusinessSearch>

/** Businesses of the register, best match first; the list does not show whether one of them is a member. */
export const FoundBusinesses = z.object({
  outcome: BusinessLookup.shape.outcome,
  businesses: z.array(BusinessLookup.shape.business.unwrap().extend({ siret: z.string() })),
})
export type FoundBusinesses = z.infer<typeof FoundBusinesses>

/**
 * GET /api/public/schemes/:scheme/trades: the trades that a word may mean, the likeliest first. For a word that none is known by,
 * every trade, the one of other shops first.
 */
export const FoundTrades = z.object({
  /** Whether the word is known; otherwise the trades are those to choose from. */
  known: z.boolean(),
  trades: z.array(
    z.object({
      code: z.string(),
      /** The usual word that begins as what was typed; null if the trade was understood otherwise. */
      word: z.string().nullable(),
    }),
  ),
})
export type FoundTrades = z.infer<typeof FoundTrades>

/** PUT …/enrolment/business: first step; starts an enrolment, or corrects the current one. */
export const BusinessStep = z.object({
  /** As typed; empty if none. */
  siret: z.string().max(40).default(''),
  name: Line.default(''),
  trade: z.string().max(60).default(''),
  commune: z.string().max(10).default(''),
  address: Line.default(''),
})
export type BusinessStep = z.infer<typeof BusinessStep>

/** PUT …/enrolment/contact: second step; sends a code unless the number is confirmed. */
export const ContactStep = z.object({
  person: Line.default(''),
  phone: z.string().max(40).default(''),
  /** Empty if none. */
  mail: z.string().max(254).default(''),
})
export type ContactStep = z.infer<typeof ContactStep>

/** POST …/enrolment/confirm */
export const CodeStep = z.object({ code: z.string().max(20).default('') })
export type CodeStep = z.infer<typeof CodeStep>

/** POST …/enrolment/sign: third step; submits the request. */
export const CharterStep = z.object({
  /** The version that was read. */
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

/** An enrolment as its applicant sees it. */
export const OwnEnrolmentView = z.object({
  state: EnrolmentStateName,
  /** The next step. */
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
  /** The last requested code; null if none is pending. */
  turn: CodeTurn.nullable(),
  /**
   * Whether its number receives alerts now; false before approval, for a suspended member and for a number that opted out.
   */
  getsAlerts: z.boolean(),
  /** Reason of a refusal. */
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
  /** Whether the State's register confirms the data. */
  verified: z.boolean(),
  submittedAt: z.iso.datetime(),
  decidedAt: z.iso.datetime().nullable(),
  decidedBy: z.string().nullable(),
})
export type EnrolmentSummary = z.infer<typeof EnrolmentSummary>

/** Waiting requests, oldest first; decided ones, latest first. */
export const EnrolmentPage = z.object({
  enrolments: z.array(EnrolmentSummary),
  counts: z.object({ submitted: z.number(), approved: z.number(), refused: z.number() }),
})
export type EnrolmentPage = z.infer<typeof EnrolmentPage>

/** The current state of a member, to compare with a request. */
export const KnownMember = z.object({
  siret: z.string().nullable(),
  address: z.string().nullable(),
  trade: z.string(),
  contacts: z.array(
    z.object({
      id: z.uuid(),
      /** Empty when the contact has no name. */
      person: z.string(),
      /** Masked; null for a contact with a mail address only. */
      phone: z.string().nullable(),
      /** Whether it receives alerts by SMS. */
      sms: z.boolean(),
      /** Whether its number is that of the request. */
      same: z.boolean(),
    }),
  ),
  /** Dues owed over all years, in cents; negative if paid in advance. */
  owesCents: z.number(),
  /** Contacts notified by SMS if the request is approved into this member. */
  notified: z.number(),
})
export type KnownMember = z.infer<typeof KnownMember>

/** A member or request that looks like the same business or person. */
export const Duplicate = z.object({
  kind: z.enum(['member', 'enrolment']),
  id: z.uuid(),
  name: z.string(),
  commune: CommuneName,
  /** Status of a member; null for a request. */
  status: MemberStatusName.nullable(),
  /** `place`: the same name in the same commune. */
  by: z.array(z.enum(['siret', 'phone', 'place'])),
  /** Null for another request, or for a member of a trade that the reader may not see. */
  known: KnownMember.nullable(),
})
export type Duplicate = z.infer<typeof Duplicate>

/** GET /api/schemes/:scheme/enrolments/:id */
export const EnrolmentView = EnrolmentSummary.extend({
  siret: z.string().nullable(),
  naf: z.string().nullable(),
  naf2025: z.string().nullable(),
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

/** A version of the charter, with the number of signatures. */
export const CharterVersion = z.object({
  version: z.number(),
  /** SHA-256 of the text in UTF-8, in hexadecimal. */
  sha256: z.string(),
  publishedAt: z.iso.datetime(),
  /** Null for the built-in charter. */
  publishedBy: z.string().nullable(),
  /** Signatures in submitted requests, whatever their outcome. */
  signatures: z.number(),
  /** Members whose latest signature is of this version. */
  members: z.number(),
})
export type CharterVersion = z.infer<typeof CharterVersion>

/** GET /api/schemes/:scheme/charters */
export const CharterList = z.object({
  /** Latest first: the first is in force. */
  versions: z.array(CharterVersion),
  /** Text of the version in force. */
  text: z.string(),
})
export type CharterList = z.infer<typeof CharterList>

/** GET /api/schemes/:scheme/charters/:version */
export const CharterText = z.object({ version: z.number(), text: z.string(), sha256: z.string() })
export type CharterText = z.infer<typeof CharterText>

/** POST /api/schemes/:scheme/charters */
export const NewCharter = z.object({
  /** The version in force when this text was written; refused if another was published since. */
  version: z.int32(),
  /** Paragraphs separated by an empty line. */
  text: z.string().max(CHARTER_LENGTH),
})
export type NewCharter = z.infer<typeof NewCharter>

/**
 * A field that a request may replace in the member that it is approved into. `contact`: person and mail of the contact with
 * the same number.
 */
export const ReplacedField = z.enum(['name', 'address', 'commune', 'trade', 'siret', 'contact', 'status'])
export type ReplacedField = z.infer<typeof ReplacedField>

/** POST …/enrolments/:id/approve: as a new member or into an existing one. */
export const ApproveEnrolment = z.discriminatedUnion('as', [
  z.strictObject({ as: z.literal('new') }),
  z.strictObject({
    as: z.literal('member'),
    memberId: z.uuid(),
    /** Other fields stay unchanged. `status`: a pending or former member becomes active; a suspended one stays suspended. */
    replace: z.array(ReplacedField).max(ReplacedField.options.length),
  }),
])
export type ApproveEnrolment = z.infer<typeof ApproveEnrolment>

/** POST …/enrolments/:id/refuse */
export const RefuseEnrolment = z.object({
  /** Sent to the applicant by SMS. */
  reason: RefusalReason,
  /** For the file; required if the reason is `other`. */
  note: z.string().trim().max(500).default(''),
})
export type RefuseEnrolment = z.infer<typeof RefuseEnrolment>

nameSchemas({
  ApproveEnrolment,
  BusinessLookup,
  BusinessStep,
  CharterList,
  CharterStep,
  CharterText,
  CharterVersion,
  CodeStep,
  ContactStep,
  Duplicate,
  EnrolmentPage,
  EnrolmentStateName,
  EnrolmentSummary,
  EnrolmentView,
  FoundBusinesses,
  FoundTrades,
  KnownMember,
  NewCharter,
  OwnEnrolment,
  OwnEnrolmentView,
  PublicSchemeView,
  RefusalReason,
  RefuseEnrolment,
  ReplacedField,
})
