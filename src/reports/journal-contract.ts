import { z } from 'zod'
import { nameSchemas } from '../platform/http/endpoints.ts'
import { RefusalCode, ReportQuery } from './contract.ts'

/** GET /reports/statistics */
export const StatisticsQuery = z.object({
  /** Calendar months, including the current one. */
  months: z.coerce.number().int().min(1).max(36).default(12),
})
export type StatisticsQuery = z.infer<typeof StatisticsQuery>

/** Calls and decisions by month of the call in France, without exercises. */
export const ReportStatistics = z.object({
  /** Every month, oldest first. */
  months: z.array(
    z.object({
      /** For example 2026-03. */
      month: z.string(),
      calls: z.number(),
      broadcast: z.number(),
      refused: z.number(),
      /** Refused with an answer to the caller. */
      answered: z.number(),
    }),
  ),
  /** Reasons for refusal, most frequent first; unused ones are omitted. */
  reasons: z.array(z.object({ reason: RefusalCode, refused: z.number() })),
  /** Counts by category of the call, most refused first. */
  categories: z.array(
    z.object({
      code: z.string(),
      labelFr: z.string(),
      labelEn: z.string(),
      calls: z.number(),
      refused: z.number(),
    }),
  ),
  /** Seconds by which the read replica that gave the figures was behind, at most; 0: nothing is missing. */
  behindSeconds: z.number(),
})
export type ReportStatistics = z.infer<typeof ReportStatistics>

/** GET /reports.csv: the same filters as the list. */
export const JournalQuery = ReportQuery.pick({
  state: true,
  categoryCode: true,
  agencyId: true,
  refusalCode: true,
  from: true,
  to: true,
  q: true,
  exercise: true,
})
export type JournalQuery = z.infer<typeof JournalQuery>

nameSchemas({ ReportStatistics })
