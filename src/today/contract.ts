import { z } from 'zod'
import { nameSchemas } from '../platform/http/endpoints.ts'
import { SeverityName } from '../schemes/doctrine.ts'

/** Names of requests to join that are given with their count. */
export const NAMES_MAX = 2
/** Alerts that are listed at most. */
export const ALERTS_MAX = 5
/** Months of figures, the current one last: a year, and the same month of the year before. */
export const MONTHS = 13

const TodayAlert = z.object({
  id: z.uuid(),
  orderedAt: z.iso.datetime(),
  category: z.object({ labelFr: z.string(), labelEn: z.string(), severity: SeverityName }),
  commune: z.string(),
  areaLabel: z.string(),
  planned: z.number(),
  delivered: z.number(),
  /** When it ended; null while it is in force. */
  closedAt: z.iso.datetime().nullable(),
})

/**
 * The open tasks of a chamber, the figures of its months, and the latest alerts. A trade chamber gets those of the members of its
 * trades. Exercises are left out.
 */
export const Today = z.object({
  /** Requests to join, and corrections that businesses ask for. */
  requests: z.object({
    /** Both. */
    count: z.number(),
    corrections: z.number(),
    /** The oldest requests to join. */
    names: z.array(z.string()),
    /** When the oldest request to join was made; null if there is none. */
    oldestAt: z.iso.datetime().nullable(),
  }),
  /** Members with a number that is out of service, reassigned, or doubtful; a member may have several. */
  numbers: z.object({ count: z.number(), dead: z.number(), gone: z.number(), doubtful: z.number() }),
  /** Pairs of members that are probably one business. */
  duplicates: z.object({ count: z.number() }),
  /**
   * Members whose dues of any year are late, and what they owe past its due day; null if there are none. `year` is the oldest year
   * with late dues, and `dueOn` its earliest due day; both are null if accounts owe more than their dues of all years.
   */
  dues: z
    .object({
      year: z.number().nullable(),
      count: z.number(),
      remainingCents: z.number(),
      dueOn: z.iso.date().nullable(),
    })
    .nullable(),
  /** Members that signed an older version of the charter than the one in force, which they signed neither online nor on paper. */
  charters: z.object({ count: z.number(), version: z.number().nullable() }),
  /** Active members now. */
  members: z.number(),
  /** Oldest first; the last one is the current month. */
  months: z.array(
    z.object({
      /** 2026-03 */
      month: z.string(),
      /** Active members on the last counted day; null: not counted. */
      members: z.number().nullable(),
      alerts: z.number(),
      /** Milliseconds from the call to the first SMS; null: no alert. */
      median: z.number().nullable(),
      planned: z.number(),
      delivered: z.number(),
    }),
  ),
  /** The median of twelve months, the current one included. */
  yearMedian: z.number().nullable(),
  /** Latest first; null for readers who may not read alerts. */
  alerts: z.array(TodayAlert).nullable(),
})
export type Today = z.infer<typeof Today>

nameSchemas({ Today, TodayAlert })
