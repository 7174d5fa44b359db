import { z } from 'zod'
import { Day, HandWay } from '../dues/contract.ts'
import { ImportReport } from '../members/contract.ts'
import { nameSchemas } from '../platform/http/endpoints.ts'

/** POST /api/schemes/:scheme/members/import, the file as the body. */
export const ImportQuery = z.object({
  /** File name that the user sees. */
  name: z.string().trim().min(1).max(200).optional(),
  /** Only checks, and answers what is ready, to decide and refused. */
  dryRun: z.stringbool().default(false),
  /** Imports the rows that are ready, without the others; otherwise nothing is written while a row has a problem. */
  skipBad: z.stringbool().default(false),
  /**
   * Decision about rows that share a phone number with a member of another name and another commune or trade: they are that
   * member (`same`) or a new one (`other`). When absent, such rows are errors.
   */
  samePhone: z.enum(['same', 'other']).optional(),
  /**
   * The number of members that the list may remove from alerts. It must equal what a dry run counted, or nothing is written.
   */
  leaving: z.coerce.number().int().max(2_147_483_647).min(0).default(0),
  /** Records the dues that the list says are paid, by this means; absent: they are not recorded. */
  payments: HandWay.optional(),
  /** The day of payments of which the list says none; today when absent. */
  paidOn: Day.optional(),
  /** The year of dues of which the list names neither a year nor a day; when absent, these are left out. */
  duesYear: z.coerce.number().int().min(2000).max(2100).optional(),
  /**
   * The day of charters that the list says are signed, but not when, or `joined` for the day on which each row joined; when absent,
   * these signatures are not recorded.
   */
  charterOn: z.union([z.literal('joined'), Day]).optional(),
})
export type ImportQuery = z.infer<typeof ImportQuery>

/** The result of a dry run, as `tocsin members import --dry-run --json` prints it too. */
export const ImportCheck = z.object({
  rows: z.number(),
  /** Rows that an import would write or find unchanged. */
  ready: z.number(),
  /** Rows of which every problem has proposals, or is a question. */
  toDecide: z.number(),
  refused: z.number(),
  problems: z.array(
    z.object({
      /** Line of the file, counted from 1. */
      row: z.number(),
      code: z.string(),
      /** The content of the cell, shortened; null for a problem of the whole row. */
      value: z.string().nullable(),
      /** Texts that may be written in the cell; for a question, the values of `samePhone`. */
      proposals: z.array(z.string()),
    }),
  ),
  /** Number of problems that are not listed, after the first 10,000; absent when all are. */
  more: z.number().optional(),
  /** Charters that the list says are signed, but not when: those that `charterOn` dates, and the others; absent if there are none. */
  charters: z.object({ dated: z.number(), undated: z.number() }).optional(),
})
export type ImportCheck = z.infer<typeof ImportCheck>

/** A dry run answers an `ImportCheck`, an import its report. */
export const ImportAnswer = z.union([ImportCheck, ImportReport])
export type ImportAnswer = z.infer<typeof ImportAnswer>

nameSchemas({ ImportAnswer, ImportCheck })
