import { z } from 'zod'
import { nameSchemas } from '../platform/http/endpoints.ts'
import { QuietHours } from '../schemes/settings/care.ts'
import { CommuneCode, Point } from '../territory/contract.ts'
import { NUMBER_STATES } from './numbers/rules.ts'

export const MemberStatusName = z.enum(['pending', 'active', 'suspended', 'left'])

/** The state of a number, derived from its last messages. */
export const NumberStateName = z.enum(NUMBER_STATES)

/**
 * A reason for the chamber to review a member's numbers: a dead number, a doubtful one (including one that did not answer its
 * yearly question three times), one whose holder said that it no longer belongs to the business, no number that SMS can
 * reach, a landline, a number that another member has too.
 */
export const NumberFacet = z.enum(['dead', 'doubtful', 'gone', 'unreachable', 'landline', 'shared'])
export type NumberFacet = z.infer<typeof NumberFacet>

/** The health of a number that messages were sent to. */
export const NumberHealth = z.object({
  state: NumberStateName,
  /** When the number entered this state. */
  since: z.iso.datetime(),
  /** When a message last reached the number; null if none did. */
  deliveredAt: z.iso.datetime().nullable(),
  /** When the member was notified by mail that the number is dead; null if it was not. */
  notifiedAt: z.iso.datetime().nullable(),
})
export type NumberHealth = z.infer<typeof NumberHealth>

/** The version of the charter that a member signed: the one in force, an older one, or none on record; or on paper only. */
export const CharterFacet = z.enum(['current', 'older', 'none', 'paper'])
export type CharterFacet = z.infer<typeof CharterFacet>

const CommuneName = z.object({ code: CommuneCode, name: z.string() })

export const ContactView = z.object({
  id: z.uuid(),
  /** Empty when the contact has no name. */
  person: z.string(),
  /** E.164 for users who manage the member list; for others masked except the last two digits. */
  phone: z.string().nullable(),
  /** Null for users who see masked numbers. */
  mail: z.string().nullable(),
  /** Whether the phone can receive SMS. */
  mobile: z.boolean(),
  /** Whether the contact receives alerts by SMS: a mobile without an opt-out. */
  sms: z.boolean(),
  /**
   * When and how the contact opted out; null if it receives SMS or never could, and for a trade chamber if the number opted out on
   * its own, maybe as that of another member.
   */
  optOut: z
    .object({ how: z.enum(['inbound', 'portal', 'chamber', 'link']), at: z.iso.datetime() })
    .nullable(),
  /** Whether another member of the scheme has the same number; the number then gets one SMS per alert. */
  shared: z.boolean(),
  /** Null until a message to the number has a final outcome. */
  health: NumberHealth.nullable(),
})
export type ContactView = z.infer<typeof ContactView>

/** One row of the member list. */
export const MemberSummary = z.object({
  id: z.uuid(),
  name: z.string(),
  trade: z.string(),
  commune: CommuneName,
  status: MemberStatusName,
  /** Number of contacts that receive SMS. */
  smsContacts: z.number(),
  /** In full or masked, as in ContactView. */
  phones: z.array(z.string()),
  /** The worst state among the numbers that receive SMS. */
  numbers: NumberStateName,
  /** Ids of its tags; empty for users who may not see tags. */
  tags: z.array(z.uuid()),
  /** Names of the sectors that its commune is in. */
  sectors: z.array(z.string()),
  siret: z.string().nullable(),
  /** YYYY-MM-DD, as in MemberView. */
  joinedOn: z.string().nullable(),
  /** The charter version that it signed last. */
  charter: CharterFacet,
  /** The balance of its account; null for users who may not see dues, and for a member that was never billed. */
  dues: z
    .object({
      /** Below 0 when it paid in advance. */
      owedCents: z.number(),
      /** Whether part of it is past its due day. */
      late: z.boolean(),
    })
    .nullable(),
})
export type MemberSummary = z.infer<typeof MemberSummary>

/**
 * Kinds of accesses to a member's data: its file; its numbers in a list, in the list of numbers to review, beside a probable
 * duplicate or in an export; its dues; a receipt; its certificate; its data requests; a search for a caller.
 */
export const ACCESS_KINDS = [
  'file',
  'list',
  'numbers',
  'doubles',
  'export',
  'dues',
  'receipt',
  'paper',
  'request',
  'caller',
] as const
export type AccessKind = (typeof ACCESS_KINDS)[number]

/** Users who manage the member list do not see caller searches: their time would reveal who called 17. */
const ShownAccessKind = z.enum(ACCESS_KINDS).exclude(['caller'])
export type ShownAccessKind = z.infer<typeof ShownAccessKind>

/** GET /api/schemes/:scheme/members/:id/accesses: who accessed which data, newest first, fifty at most. */
export const MemberAccesses = z.object({
  accesses: z.array(
    z.object({
      name: z.string(),
      role: z.enum(['operator', 'chief', 'magistrate', 'chamber', 'trade_chamber']),
      what: ShownAccessKind,
      at: z.iso.datetime(),
    }),
  ),
})
export type MemberAccesses = z.infer<typeof MemberAccesses>

/** Filters of the member list; a member must match all of them. */
export const MemberFilter = z.object({
  /** First letters of words of the name or commune; or a phone number, or the first digits of a SIRET. */
  q: z.string().trim().max(100).optional(),
  trade: z.string().max(60).optional(),
  commune: CommuneCode.optional(),
  /** `unnotified`: suspended, and the notice of suspension may not have reached the member. */
  status: z.enum([...MemberStatusName.options, 'unnotified']).optional(),
  /** Members of the scheme whose numbers match this facet. */
  numbers: NumberFacet.optional(),
  /** Members of the scheme by the charter version that they signed. */
  charter: CharterFacet.optional(),
  /** Members who owe dues, who owe some past its due day (`late`), or who owe none; for users who may see dues. */
  dues: z.enum(['owing', 'late', 'settled']).optional(),
  /** Members who have not left and to whom a letter cannot be addressed, because their postal code is not known. */
  postalCode: z.enum(['missing']).optional(),
  /** Members whose commune is in this sector. */
  sector: z.uuid().optional(),
  /** Members with this tag; for users who may see tags. */
  tag: z.uuid().optional(),
  /** Members of this group chosen by hand (the id of its view). */
  list: z.uuid().optional(),
})
export type MemberFilter = z.infer<typeof MemberFilter>

/**
 * Sort orders of the member list. Equal members are sorted by name, and members without a value come last. `numbers`: from no
 * number that receives SMS over the worst state to the best. `dues`: by the amount owed; for users who may see dues.
 */
export const MEMBER_SORTS = [
  'name',
  'trade',
  'commune',
  'sector',
  'numbers',
  'dues',
  'status',
  'charter',
  'joined',
  'siret',
] as const
export type MemberSort = (typeof MEMBER_SORTS)[number]

/** GET /api/schemes/:scheme/members */
export const MemberQuery = MemberFilter.extend({
  /** The order is by name if absent. */
  sort: z.enum(MEMBER_SORTS).optional(),
  descending: z.stringbool().optional(),
  /** The `next` of the previous page, in the same order. */
  after: z.string().max(600).optional(),
  /** Rows to skip, for a jump in the list; the pages that follow it are read by `after`. */
  skip: z.coerce.number().int().min(0).max(1_000_000).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})
export type MemberQuery = z.infer<typeof MemberQuery>

export const MemberCounts = z.object({
  total: z.number(),
  byStatus: z.record(MemberStatusName, z.number()),
  /** Counts by trade code, largest first. */
  byTrade: z.array(z.object({ trade: z.string(), members: z.number() })),
})
export type MemberCounts = z.infer<typeof MemberCounts>

/** One page of members. */
export const MemberPage = z.object({
  members: z.array(MemberSummary),
  /** Counts over all members that match the filters; null where `after` or `skip` is given. */
  counts: MemberCounts.nullable(),
  /** The `after` of the next page; null on the last page. */
  next: z.string().nullable(),
})
export type MemberPage = z.infer<typeof MemberPage>

/** GET /api/schemes/:scheme/members/:id */
export const MemberView = z.object({
  id: z.uuid(),
  name: z.string(),
  siret: z.string().nullable(),
  /** In NAF rev. 2, for example 47.26Z. */
  naf: z.string().nullable(),
  /** In NAF 2025, in force from 2027, for example 47.26Y. */
  naf2025: z.string().nullable(),
  /** Official title of its code in the classification in force, or else of the other; null if neither is listed. */
  activity: z.string().nullable(),
  trade: z.string(),
  commune: CommuneName,
  address: z.string().nullable(),
  postalCode: z.string().nullable(),
  /** The day on which it joined, as the chamber says (YYYY-MM-DD); null if it did not say. */
  joinedOn: z.string().nullable(),
  /** The day from which it is a member (YYYY-MM-DD): the one that the chamber says, else the one on which it was added. */
  memberSince: z.iso.date(),
  /** The day on which it signed the charter on paper, as the chamber says (YYYY-MM-DD); null if it did not say. */
  charterOn: z.string().nullable(),
  /** The exact location of the business, if known; otherwise its commune's is used. */
  point: Point.nullable(),
  status: MemberStatusName,
  /** The member's own quiet hours; null means those of the scheme. */
  quiet: QuietHours.nullable(),
  /** Ids of its tags; empty for users who may not see tags. */
  tags: z.array(z.uuid()),
  contacts: z.array(ContactView),
  /** The last charter version signed for the member; null if none is on record. */
  charter: z
    .object({
      version: z.number(),
      name: z.string(),
      at: z.iso.datetime(),
      /** Whether that version is the one in force. */
      current: z.boolean(),
    })
    .nullable(),
  /** The member that this one was merged into; this one is kept as a pointer to it. */
  mergedInto: z.object({ id: z.uuid(), name: z.string() }).nullable(),
  /** The members that were merged into this one. */
  merged: z.array(z.object({ id: z.uuid(), name: z.string() })),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  /**
   * Differs once anything of the member or its contacts changed; an edit names the version that it is based on. Null for users
   * who see masked numbers, which could be computed from it.
   */
  version: z.string().nullable(),
})
export type MemberView = z.infer<typeof MemberView>

/** PUT /api/schemes/:scheme/members/:id/quiet-hours: null returns to the hours of the scheme. */
export const QuietHoursChoice = z.object({ quiet: QuietHours.nullable() })
export type QuietHoursChoice = z.infer<typeof QuietHoursChoice>

const CorrectedPlace = z.object({
  commune: CommuneName,
  address: z.string().nullable(),
  postalCode: z.string().nullable(),
})

/** GET /api/schemes/:scheme/member-corrections: what businesses asked to correct and that waits, oldest first. */
export const MemberCorrections = z.object({
  corrections: z.array(
    z.object({
      memberId: z.uuid(),
      /** The name in force. */
      name: z.string(),
      askedAt: z.iso.datetime(),
      /** Null is not asked. Another commune comes with the whole address. */
      asked: z.object({
        name: z.string().nullable(),
        /** The name as it would appear in an SMS; the neutral words for one that would not. */
        inSms: z.string().nullable(),
        siret: z.string().nullable(),
        trade: z.string().nullable(),
        place: CorrectedPlace.nullable(),
      }),
      inForce: z.object({ siret: z.string().nullable(), trade: z.string(), place: CorrectedPlace }),
    }),
  ),
})
export type MemberCorrections = z.infer<typeof MemberCorrections>

/** POST /api/schemes/:scheme/member-corrections/:id: accepts or declines what the user read. */
export const CorrectionDecision = z.object({
  accept: z.boolean(),
  /** When the request was made. */
  askedAt: z.iso.datetime(),
  /** Reason for declining it, for the business. */
  reason: z.string().trim().max(200).default(''),
})
export type CorrectionDecision = z.infer<typeof CorrectionDecision>

/** PUT /api/schemes/:scheme/members/:id/contacts/:contact/sms: turns alerts by SMS on or off for a contact. */
export const ContactSmsChoice = z.object({
  sms: z.boolean(),
  reason: z.string().trim().max(200).default(''),
})
export type ContactSmsChoice = z.infer<typeof ContactSmsChoice>

/** GET /api/schemes/:scheme/callers?q= */
export const CallerQuery = z.object({ q: z.string().trim().min(2).max(100) })

/** A member who may be the caller. */
export const CallerMatch = z.object({
  memberId: z.uuid(),
  name: z.string(),
  trade: z.string(),
  commune: CommuneName,
  address: z.string().nullable(),
  status: MemberStatusName,
  /** The contact whose number was searched, or the first contact. */
  person: z.string().nullable(),
  /** Masked except the last two digits. */
  phone: z.string().nullable(),
})
export type CallerMatch = z.infer<typeof CallerMatch>

/** An error or a remark about the file. Its text is the message of its code, its advice the message `<code>.hint`. */
export const ImportRemark = z.object({
  /** Line of the file on which the row begins, counted from 1. */
  line: z.number(),
  /** The header as written in the file; null for a remark about the whole row. */
  column: z.string().nullable(),
  /** Position of that column, counted from 0. */
  index: z.number().nullable(),
  code: z.string(),
  /** The content of the cell, shortened. */
  value: z.string().nullable(),
  /** Values for the message texts. */
  values: z.record(z.string(), z.union([z.string(), z.number()])),
  /** Answers, one of which may be right: communes or trades by their code, members by their id. */
  proposals: z.array(z.object({ code: z.string(), name: z.string() })).optional(),
})
export type ImportRemark = z.infer<typeof ImportRemark>

export const ImportReport = z.object({
  /** `checked`: a dry run; `refused`: rows have errors and nothing was written; `applied`: written. */
  outcome: z.enum(['applied', 'checked', 'refused']),
  /** Rows read, without the header and empty rows. */
  rows: z.number(),
  /** Rows written, or that a dry run would write; 0 when refused. */
  created: z.number(),
  updated: z.number(),
  unchanged: z.number(),
  /**
   * Members who receive alerts now and would not (or do not) any more, because the list says that they are suspended or left.
   */
  leaving: z.number().default(0),
  /** Rows with an error. */
  skipped: z.number(),
  /** Rows with an error that need a manual match decision. */
  undecided: z.number().default(0),
  /** Rows of which every error has proposals, or needs a match decision. */
  toDecide: z.number().optional(),
  /** Cells that were read by an answer of the scheme (`import_answers`), with the number of rows. */
  answered: z
    .array(
      z.object({
        kind: z.enum(['commune', 'trade', 'status']),
        written: z.string(),
        /** As it stands in the first of them; reports of earlier versions have none. */
        as: z.string().optional(),
        rows: z.number(),
      }),
    )
    .optional(),
  /** Cells whose commune or trade was guessed, by the text and the guess; an answer for the text replaces the guess. */
  guessed: z
    .array(
      z.object({
        kind: z.enum(['commune', 'trade', 'status']),
        written: z.string(),
        /** As it stands in the first of them. */
        as: z.string(),
        rows: z.number(),
        /** The code of the commune or trade. */
        code: z.string(),
      }),
    )
    .optional(),
  /** Cells that say that the charter is signed, but not when; absent if there are none. */
  undatedCharters: z
    .object({
      rows: z.number(),
      /** Rows with a day of joining. */
      joined: z.number(),
      /** The first row, and its cell as it stands in the list. */
      line: z.number(),
      as: z.string(),
    })
    .optional(),
  /** The charters that an answer dates, by the answer: a day (YYYY-MM-DD), or `joined` for that of joining; absent if there are none. */
  datedCharters: z.array(z.object({ answer: z.string(), as: z.string(), rows: z.number() })).optional(),
  /** The paid dues that the list names; absent if it names none. */
  paid: z
    .object({
      /** Payments to record, if they are to be recorded. */
      due: z.number(),
      dueCents: z.number(),
      /** Rows whose payment the ledger has already. */
      known: z.number(),
      /** Rows whose payment is left out, each with a warning that says why. */
      leftOut: z.number(),
      /** The year that dues count for of which the list names neither a year nor a day; null if each names one. */
      year: z.number().nullable(),
      /** Payments that this import recorded; null if it recorded none. */
      written: z.object({ payments: z.number(), amountCents: z.number() }).nullable(),
    })
    .optional(),
  /** All errors of all rows, by line; only the first ones of a very long list. */
  problems: z.array(ImportRemark),
  problemCount: z.number(),
  warnings: z.array(ImportRemark),
  warningCount: z.number(),
})
export type ImportReport = z.infer<typeof ImportReport>

/** Hours during which a change of members, a merge, or payments of one act can be undone. */
export const UNDO_HOURS = 24

nameSchemas({
  CallerMatch,
  CharterFacet,
  ContactSmsChoice,
  ContactView,
  ImportRemark,
  ImportReport,
  CorrectionDecision,
  MemberAccesses,
  MemberCorrections,
  MemberCounts,
  MemberFilter,
  MemberPage,
  MemberStatusName,
  MemberSummary,
  MemberView,
  NumberFacet,
  NumberHealth,
  NumberStateName,
  QuietHoursChoice,
})
