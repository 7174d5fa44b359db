import { z } from 'zod'
import { nameSchemas } from '../../platform/http/endpoints.ts'
import { Day, ReceiptName } from '../contract.ts'
import { MAX_BYTES, MAX_SHARES } from './entry.ts'

/** Media types that browsers and people use for statements. */
export const STATEMENT_TYPES = [
  'application/xml',
  'text/xml',
  'text/csv',
  'text/plain',
  'application/csv',
  'application/vnd.ms-excel',
  'application/octet-stream',
] as const
export const STATEMENT_BYTES = MAX_BYTES

/** POST /api/schemes/:scheme/dues/statements */
export const StatementQuery = z.object({
  name: z.string().trim().min(1).max(200).default('-'),
  /** Confirms that it is of another account than the one to which dues are paid. */
  otherAccount: z.stringbool().default(false),
})
export type StatementQuery = z.infer<typeof StatementQuery>

/**
 * `sure`: can be recorded with the others in one act. `doubtful`: needs a decision. `unrelated`: nothing says that it is about
 * dues. `returned`: a transfer that bounced or was reversed, never recorded by itself. `set_aside`: decided not to be about dues.
 */
export const LineVerdict = z.enum(['sure', 'doubtful', 'unrelated', 'returned', 'applied', 'set_aside'])
export type LineVerdict = z.infer<typeof LineVerdict>

/**
 * Reasons for which a line is doubtful. `amount`: not what is owed. `debit`: a debit of this member is under way. `name`: the
 * reference is of one member, the payer's name of another. `name_only`: no reference. `paid`: nothing is owed. `recorded`: such a
 * payment was recorded already. `returned`: words of a returned transfer ("impayé"), which a payer may have written. `several`:
 * references of several members, or a batch of which only the sum is known. `twice`: another line settles the same dues.
 * `unknown`: it is about dues, but not whose.
 */
export const DoubtReason = z.enum([
  'amount',
  'debit',
  'name',
  'name_only',
  'paid',
  'recorded',
  'returned',
  'several',
  'twice',
  'unknown',
])

export const StatementLineView = z.object({
  id: z.uuid(),
  /** Line of the file, or number of the entry in an XML file. */
  line: z.number(),
  bookedOn: Day,
  amountCents: z.number(),
  /** Shares of a movement only: the amount of the whole, and how many shares it has; null for a whole one. */
  shareOf: z.object({ amountCents: z.number(), shares: z.number() }).nullable(),
  /** The payer; empty if the bank names it within the text. */
  name: z.string(),
  text: z.string(),
  verdict: LineVerdict,
  /** Whether the money of a returned transfer came in (`credit`), so that it may be a payment, or went out; null for any other line. */
  returned: z.enum(['credit', 'debit']).nullable(),
  /** Null unless it is doubtful. */
  reason: DoubtReason.nullable(),
  /** The most likely members first, at most three. */
  proposals: z.array(
    z.object({
      member: z.object({ id: z.uuid(), name: z.string(), commune: z.string() }),
      /** The contact of the member whom the line names; null if it names the business, or neither. */
      person: z.string().nullable(),
      owedCents: z.number(),
    }),
  ),
  /** The payment that it became; null if none. */
  payment: z
    .object({
      member: z.object({ id: z.uuid(), name: z.string() }),
      receipt: ReceiptName,
      cancelled: z.boolean(),
    })
    .nullable(),
})
export type StatementLineView = z.infer<typeof StatementLineView>

const Sum = z.object({ count: z.number(), amountCents: z.number() })

export const StatementSummary = z.object({
  id: z.uuid(),
  file: z.string(),
  format: z.enum(['camt053', 'cfonb120', 'csv']),
  uploadedAt: z.iso.datetime(),
  /** Lines without a decision that are about dues or may be, and returned transfers without one. */
  open: z.number(),
  /** Lines that nothing links to dues, and that were not set aside; in a list, as of the last change of the statement. */
  unrelated: z.number(),
  /** Lines recorded as payments. */
  applied: z.number(),
})
export type StatementSummary = z.infer<typeof StatementSummary>

/** GET /api/schemes/:scheme/dues/statements: latest first, at most 20. */
export const StatementList = z.array(StatementSummary)

/** GET /api/schemes/:scheme/dues/statements/:statement */
export const StatementView = StatementSummary.extend({
  sums: z.record(LineVerdict, Sum),
  /** Movements of the file that an earlier one had, debits, and movements of more than a year ago or of days to come: none is kept. */
  known: z.number(),
  debits: z.number(),
  old: z.number(),
  toCome: z.number(),
  /** Until when its payments can be cancelled together; null if none can. */
  undoableUntil: z.iso.datetime().nullable(),
  /** In the order of the file. */
  lines: z.array(StatementLineView),
})
export type StatementView = z.infer<typeof StatementView>

/** POST …/statements/:statement/apply: the sure lines that the screen showed. Those that are not sure any more are left. */
export const ApplyLines = z.object({ lines: z.array(z.uuid()).min(1).max(20_000) })
export type ApplyLines = z.infer<typeof ApplyLines>

/** POST …/statements/:statement/lines/:line: what one line is; a returned transfer can be decided, too. */
export const DecideLine = z.discriminatedUnion('is', [
  /** A payment of this member, also beyond what it owes. */
  z.object({
    is: z.literal('payment'),
    member: z.uuid(),
    /** Confirms that a debit is under way: the money arrives twice, unless the debit is removed. */
    besideDebit: z.boolean().optional(),
  }),
  /** Payments of several members, which are the whole amount together. */
  z.object({
    is: z.literal('split'),
    shares: z
      .array(z.object({ member: z.uuid(), amountCents: z.number().int().min(1).max(1_000_000_000) }))
      .min(2)
      .max(MAX_SHARES),
    /** Confirms that debits are under way. */
    besideDebit: z.boolean().optional(),
  }),
  z.object({ is: z.literal('unrelated') }),
  /** Takes back that it is unrelated. */
  z.object({ is: z.literal('open') }),
])
export type DecideLine = z.infer<typeof DecideLine>

/** POST …/statements/:statement/lines: sets unrelated lines aside in one act (those that the screen showed), or reopens them. */
export const DecideLines = z.object({
  is: z.enum(['unrelated', 'open']),
  lines: z.array(z.uuid()).min(1).max(20_000),
})
export type DecideLines = z.infer<typeof DecideLines>

nameSchemas({
  ApplyLines,
  DecideLine,
  DecideLines,
  DoubtReason,
  LineVerdict,
  StatementLineView,
  StatementList,
  StatementSummary,
  StatementView,
})
