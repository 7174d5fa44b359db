import { z } from 'zod'
import { QuietHours } from '../schemes/care.ts'
import { CommuneCode, Point } from '../territory/contract.ts'
import { NUMBER_STATES } from './numbers/rules.ts'

export const MemberStatusName = z.enum(['pending', 'active', 'suspended', 'left'])

/** What the last messages say of a number. */
export const NumberStateName = z.enum(NUMBER_STATES)

/**
 * What of its numbers needs a look at a member: one that is dead or doubtful (its yearly question not answered three times,
 * too), one whose holder said that it is not the business's any more, no number at all that SMS reach, a landline, a number
 * that another member has too.
 */
export const NumberFacet = z.enum(['dead', 'doubtful', 'gone', 'unreachable', 'landline', 'shared'])
export type NumberFacet = z.infer<typeof NumberFacet>

/** What is known of a number that messages were sent to. */
export const NumberHealth = z.object({
  state: NumberStateName,
  /** Since when it is in that state. */
  since: z.iso.datetime(),
  /** The last message that reached it; null: none did. */
  deliveredAt: z.iso.datetime().nullable(),
  /** When its member was told by mail that it is dead; null: not told. */
  toldAt: z.iso.datetime().nullable(),
})
export type NumberHealth = z.infer<typeof NumberHealth>

/** What a member signed of the charter: the version in force, an older one, none that is known here. */
export const CharterFacet = z.enum(['current', 'older', 'none'])
export type CharterFacet = z.infer<typeof CharterFacet>

const CommuneName = z.object({ code: CommuneCode, name: z.string() })

export const ContactView = z.object({
  id: z.uuid(),
  /** Empty when nobody is named. */
  person: z.string(),
  /** E.164 for those who keep the list; masked but for the last two digits for others. */
  phone: z.string().nullable(),
  /** Null for those who see numbers masked. */
  mail: z.string().nullable(),
  /** Its phone can receive SMS. */
  mobile: z.boolean(),
  /** Receives alerts by SMS: a mobile, and no opt-out. */
  sms: z.boolean(),
  /** Since when it takes none, and by which way; null: it takes them, or never did. */
  optOut: z
    .object({ how: z.enum(['inbound', 'portal', 'chamber', 'link']), at: z.iso.datetime() })
    .nullable(),
  /** Another member of the scheme receives on the same number: the number gets one SMS an alert. */
  shared: z.boolean(),
  /** Null: no message came to an end for it yet. */
  health: NumberHealth.nullable(),
})
export type ContactView = z.infer<typeof ContactView>

/** One line of the list. */
export const MemberSummary = z.object({
  id: z.uuid(),
  name: z.string(),
  trade: z.string(),
  commune: CommuneName,
  status: MemberStatusName,
  /** Contacts that receive SMS. */
  smsContacts: z.number(),
  /** As in ContactView. */
  phones: z.array(z.string()),
  /** The worst of the numbers that get SMS. */
  numbers: NumberStateName,
})
export type MemberSummary = z.infer<typeof MemberSummary>

/**
 * What somebody saw of a member: its file; its numbers in a list, among those that need a look, beside a probable double or in
 * an export; its dues; a receipt; its certificate; what it asked of its data; that it may be calling.
 */
export const LOOKS = [
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
export type LookKind = (typeof LOOKS)[number]

/** What those who keep the list are told of: not that it may be calling, which is between it and those who take the call. */
const ShownLook = z.enum(LOOKS).exclude(['caller'])
export type ShownLook = z.infer<typeof ShownLook>

/** GET /api/schemes/:scheme/members/:id/looks: who saw what of it, the latest first; fifty at most. */
export const MemberLooks = z.object({
  looks: z.array(
    z.object({
      name: z.string(),
      role: z.enum(['operator', 'chief', 'magistrate', 'chamber', 'trade_chamber']),
      what: ShownLook,
      at: z.iso.datetime(),
    }),
  ),
})
export type MemberLooks = z.infer<typeof MemberLooks>

/** Which members: those that every part keeps. */
export const MemberFilter = z.object({
  /** Beginnings of words of the name or commune; or a phone, or the beginning of a SIRET. */
  q: z.string().trim().max(100).optional(),
  trade: z.string().max(60).optional(),
  commune: CommuneCode.optional(),
  /** `untold`: suspended, and nothing that told them so may have reached them. */
  status: z.enum([...MemberStatusName.options, 'untold']).optional(),
  /** Those who are in the scheme, and whose numbers need this look. */
  numbers: NumberFacet.optional(),
  /** Those who are in the scheme, by what they signed of the charter. */
  charter: CharterFacet.optional(),
  /** Those who owe something, or nothing; for whoever sees dues. */
  dues: z.enum(['owing', 'settled']).optional(),
})
export type MemberFilter = z.infer<typeof MemberFilter>

/** GET /api/schemes/:scheme/members */
export const MemberQuery = MemberFilter.extend({
  /** `next` of the page before. */
  after: z.string().max(600).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})
export type MemberQuery = z.infer<typeof MemberQuery>

export const MemberCounts = z.object({
  total: z.number(),
  byStatus: z.record(MemberStatusName, z.number()),
  /** By trade code, most numerous first. */
  byTrade: z.array(z.object({ trade: z.string(), members: z.number() })),
})
export type MemberCounts = z.infer<typeof MemberCounts>

/** Members by name, a page at a time. */
export const MemberPage = z.object({
  members: z.array(MemberSummary),
  /** Over all that the filters keep; on the first page only. */
  counts: MemberCounts.nullable(),
  /** What to give as `after` for the next page; null on the last. */
  next: z.string().nullable(),
})
export type MemberPage = z.infer<typeof MemberPage>

/** GET /api/schemes/:scheme/members/:id */
export const MemberView = z.object({
  id: z.uuid(),
  name: z.string(),
  siret: z.string().nullable(),
  /** 47.26Z */
  naf: z.string().nullable(),
  trade: z.string(),
  commune: CommuneName,
  address: z.string().nullable(),
  /** The business's own point, when known better than the commune's. */
  point: Point.nullable(),
  status: MemberStatusName,
  /** When it wants to be left in peace; null: the hours of the scheme. */
  quiet: QuietHours.nullable(),
  contacts: z.array(ContactView),
  /** The last version of the charter that was signed for it; null: none is known here. */
  charter: z
    .object({
      version: z.number(),
      name: z.string(),
      at: z.iso.datetime(),
      /** It is the one in force. */
      current: z.boolean(),
    })
    .nullable(),
  /** The member that it was merged into: it is kept as a pointer to it. */
  mergedInto: z.object({ id: z.uuid(), name: z.string() }).nullable(),
  /** Those that were merged into it. */
  merged: z.array(z.object({ id: z.uuid(), name: z.string() })),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
})
export type MemberView = z.infer<typeof MemberView>

/** PUT /api/schemes/:scheme/members/:id/quiet-hours: null takes those of the scheme again. */
export const QuietHoursChoice = z.object({ quiet: QuietHours.nullable() })
export type QuietHoursChoice = z.infer<typeof QuietHoursChoice>

/** PUT /api/schemes/:scheme/members/:id/contacts/:contact/sms: takes alerts by SMS or does not. */
export const ContactSmsChoice = z.object({
  sms: z.boolean(),
  /** Why. */
  reason: z.string().trim().max(200).default(''),
})
export type ContactSmsChoice = z.infer<typeof ContactSmsChoice>

/** GET /api/schemes/:scheme/callers?q= */
export const CallerQuery = z.object({ q: z.string().trim().min(2).max(100) })

/** A member who may be the one on the phone. */
export const CallerMatch = z.object({
  memberId: z.uuid(),
  name: z.string(),
  trade: z.string(),
  commune: CommuneName,
  address: z.string().nullable(),
  status: MemberStatusName,
  /** The contact whose number was given, or the first one. */
  person: z.string().nullable(),
  /** Masked but for the last two digits. */
  phone: z.string().nullable(),
})
export type CallerMatch = z.infer<typeof CallerMatch>

/** POST /api/schemes/:scheme/members/import, the file as the body. */
export const ImportQuery = z.object({
  dryRun: z.stringbool().default(false),
  skipBad: z.stringbool().default(false),
  /**
   * What rows are that share a number with a member whose name and whose commune or trade are others: that member, or a new
   * one; absent: they are wrong.
   */
  samePhone: z.enum(['same', 'other']).optional(),
  /** How many members the list may take out of alerts: as many as a dry run counts, or nothing is written. */
  leaving: z.coerce.number().int().max(2_147_483_647).min(0).default(0),
})

/** One thing wrong, or worth knowing, in the file. Its text is the message of its code; its advice, `<code>.hint`. */
export const ImportRemark = z.object({
  /** Line of the file on which the row begins, from 1. */
  line: z.number(),
  /** The header as the file writes it; null for the row as a whole. */
  column: z.string().nullable(),
  /** Which column that is, from 0. */
  index: z.number().nullable(),
  code: z.string(),
  /** What the cell holds, shortened. */
  value: z.string().nullable(),
  /** For the texts. */
  values: z.record(z.string(), z.union([z.string(), z.number()])),
})
export type ImportRemark = z.infer<typeof ImportRemark>

export const ImportReport = z.object({
  /** `checked`: a dry run; `refused`: rows are wrong and nothing was written; `applied`: written. */
  outcome: z.enum(['applied', 'checked', 'refused']),
  /** Rows read, without the header and the empty ones. */
  rows: z.number(),
  /** Written, or for a dry run what would be; 0 when refused. */
  created: z.number(),
  updated: z.number(),
  unchanged: z.number(),
  /** Members who get alerts now, and would not or do not any more: the list says that they are suspended or left. */
  leaving: z.number().default(0),
  /** Rows with a problem. */
  skipped: z.number(),
  /** Of them, those that wait for a word on whom they are about. */
  undecided: z.number().default(0),
  /** Every problem of every row, by line; the first ones of a very long list. */
  problems: z.array(ImportRemark),
  problemCount: z.number(),
  warnings: z.array(ImportRemark),
  warningCount: z.number(),
})
export type ImportReport = z.infer<typeof ImportReport>

/** Hours during which a change or a merge can be undone. */
export const UNDO_HOURS = 24
