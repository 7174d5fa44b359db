import { z } from 'zod'
import { nameSchemas } from '../../platform/http/endpoints.ts'
import { Day } from '../contract.ts'

/**
 * Reasons for which banks return a debit (ISO 20022 external code set), limited to those that French banks use. `revokes`:
 * the mandate can no longer be used.
 */
export const RETURN_CODES = {
  AC01: { revokes: true },
  AC04: { revokes: true },
  AC06: { revokes: true },
  AM04: { revokes: false },
  MD01: { revokes: true },
  MD06: { revokes: false },
  MD07: { revokes: true },
  MS02: { revokes: false },
  MS03: { revokes: false },
} as const
export type ReturnCode = keyof typeof RETURN_CODES
export const ReturnCodeName = z.enum(Object.keys(RETURN_CODES) as [ReturnCode, ...ReturnCode[]])

export const DebitFileState = z.enum(['created', 'collected', 'dropped'])
export const DebitState = z.enum(['pending', 'collected', 'returned', 'dropped'])

/** The part of an amount that is the fee of one year. */
export const YearAmount = z.object({ year: z.number(), amountCents: z.number() })
export type YearAmount = z.infer<typeof YearAmount>

export const DebitFileSummary = z.object({
  id: z.uuid(),
  no: z.number(),
  collectOn: Day,
  state: DebitFileState,
  /** Starts at 1 and increases each time that a debit is removed from the file. */
  version: z.number(),
  /** When this version was downloaded; null if it was not. */
  downloadedAt: z.iso.datetime().nullable(),
  /** When the chamber marked the file as handed to the bank; null if it has not. */
  handedAt: z.iso.datetime().nullable(),
  debits: z.number(),
  amountCents: z.number(),
  returned: z.number(),
  /** Number of debits to recall at the bank because their mandates were revoked. */
  recalls: z.number(),
})
export type DebitFileSummary = z.infer<typeof DebitFileSummary>

/** GET /api/schemes/:scheme/debits. `collectOn`: the day that `ready` is computed for; by default the first possible one. */
export const DebitsQuery = z.object({ collectOn: Day.optional() })
export type DebitsQuery = z.infer<typeof DebitsQuery>

export const DebitsView = z.object({
  /** Whether the creditor has the required data: an IBAN and a SEPA creditor identifier. */
  offered: z.boolean(),
  /** Number of valid mandates. */
  mandates: z.number(),
  /** Dues that a file would collect: due by its day, of members with a mandate and no debit under way. Oldest year first. */
  ready: z.object({
    members: z.number(),
    amountCents: z.number(),
    years: z.array(YearAmount.extend({ members: z.number() })),
  }),
  /** Dues of members with a mandate that are due later. */
  later: z.object({ members: z.number(), amountCents: z.number() }),
  /** The first day on which a file may collect. */
  firstDay: Day,
  /** Latest first, at most 50. */
  files: z.array(DebitFileSummary),
})
export type DebitsView = z.infer<typeof DebitsView>

/** POST /api/schemes/:scheme/debits */
export const NewDebitFile = z.object({ collectOn: Day })
export type NewDebitFile = z.infer<typeof NewDebitFile>

/** GET /api/schemes/:scheme/debits/:file */
export const DebitFileView = DebitFileSummary.extend({
  lines: z.array(
    z.object({
      id: z.uuid(),
      member: z.object({ id: z.uuid(), name: z.string() }),
      mandate: z.string(),
      ibanEnd: z.string(),
      amountCents: z.number(),
      /** The years that it consists of, oldest first. */
      years: z.array(YearAmount),
      state: DebitState,
      returnCode: z.string().nullable(),
      /**
       * Set if it must be recalled at the bank: its mandate was revoked, and the bank has or may have it. `takenAt`: when a
       * file that contains it was downloaded, although it was removed since; null if it is still in the file. Null if no
       * recall is needed.
       */
      recall: z.object({ revokedAt: z.iso.datetime(), takenAt: z.iso.datetime().nullable() }).nullable(),
    }),
  ),
})
export type DebitFileView = z.infer<typeof DebitFileView>

/** POST /api/schemes/:scheme/debits/:file/handed */
export const HandedDebitFile = z.object({ handed: z.boolean() })
export type HandedDebitFile = z.infer<typeof HandedDebitFile>

/** POST /api/schemes/:scheme/debits/:file/debits/:debit/drop */
export const DropDebit = z.object({
  /** Confirms that the bank does not have the file although it was downloaded. */
  notAtBank: z.boolean().default(false),
})
export type DropDebit = z.infer<typeof DropDebit>

/** POST /api/schemes/:scheme/debits/:file/debits/:debit/return */
export const ReturnDebit = z.object({ code: ReturnCodeName })
export type ReturnDebit = z.infer<typeof ReturnDebit>

/** POST /api/portal/shops/:scheme/:member/mandate: a contact signs a mandate that replaces the previous one. */
export const SignMandate = z.object({
  iban: z.string().max(60).default(''),
  /** Name of the account holder. */
  holder: z.string().max(200).default(''),
  /** Name of the signer, as typed. */
  name: z.string().max(200).default(''),
  /** Whether the signer agreed to the text. */
  accepted: z.boolean().default(false),
})
export type SignMandate = z.infer<typeof SignMandate>

nameSchemas({
  DebitFileState,
  DebitFileSummary,
  DebitFileView,
  DebitState,
  DebitsView,
  DropDebit,
  HandedDebitFile,
  NewDebitFile,
  ReturnCodeName,
  ReturnDebit,
  SignMandate,
  YearAmount,
})
