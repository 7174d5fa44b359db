import { z } from 'zod'
import { Day } from '../contract.ts'

/**
 * Why a bank returns a debit (ISO 20022 external code set), of those that French banks give. `revokes`: nothing can be collected
 * by that mandate any more.
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

/** What is collected of the fee of a year. */
export const YearAmount = z.object({ year: z.number(), amountCents: z.number() })
export type YearAmount = z.infer<typeof YearAmount>

export const DebitFileSummary = z.object({
  id: z.uuid(),
  no: z.number(),
  collectOn: Day,
  state: DebitFileState,
  /** From 1; one more each time that a debit was taken out of it. */
  version: z.number(),
  /** As it is now; null: it was not. */
  downloadedAt: z.iso.datetime().nullable(),
  /** Since when the bank has it, as the chamber says; null: it does not say so. */
  handedAt: z.iso.datetime().nullable(),
  debits: z.number(),
  amountCents: z.number(),
  returned: z.number(),
  /** Debits of it that are to be called back at the bank, since their mandates were revoked. */
  recalls: z.number(),
})
export type DebitFileSummary = z.infer<typeof DebitFileSummary>

/** GET /api/schemes/:scheme/debits. `collectOn`: of which day `ready` is; absent: the first that a file may collect on. */
export const DebitsQuery = z.object({ collectOn: Day.optional() })
export type DebitsQuery = z.infer<typeof DebitsQuery>

export const DebitsView = z.object({
  /** The creditor has what it takes: an IBAN and an identifier of the SEPA. */
  offered: z.boolean(),
  /** Mandates that stand. */
  mandates: z.number(),
  /**
   * What a file would collect: what is due by its day, of members with a mandate from whom nothing is being collected. Years
   * oldest first.
   */
  ready: z.object({
    members: z.number(),
    amountCents: z.number(),
    years: z.array(YearAmount.extend({ members: z.number() })),
  }),
  /** What members with a mandate owe, but not by then. */
  later: z.object({ members: z.number(), amountCents: z.number() }),
  /** The first day that a file may collect on. */
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
      /** What it is made of, oldest first; empty: made before that was kept. */
      years: z.array(YearAmount),
      state: DebitState,
      returnCode: z.string().nullable(),
      /**
       * To be called back at the bank: its mandate was revoked, and the bank has it, or may. `takenAt`: when a file was downloaded
       * that has it, though it was taken out since; null: it is in the file still. Null: it is not to be.
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
  /** That the bank does not have the file was read: it was downloaded. */
  notAtBank: z.boolean().default(false),
})
export type DropDebit = z.infer<typeof DropDebit>

/** POST /api/schemes/:scheme/debits/:file/debits/:debit/return */
export const ReturnDebit = z.object({ code: ReturnCodeName })
export type ReturnDebit = z.infer<typeof ReturnDebit>

/** POST /api/portal/shops/:scheme/:member/mandate: the people of a shop sign one, in the place of the one before. */
export const SignMandate = z.object({
  iban: z.string().max(60).default(''),
  /** Of the account. */
  holder: z.string().max(200).default(''),
  /** Whoever signs, typed. */
  name: z.string().max(200).default(''),
  /** The text was read and is agreed to. */
  accepted: z.boolean().default(false),
})
export type SignMandate = z.infer<typeof SignMandate>
