import { z } from 'zod'

const Day = z.iso.date()

/** The longest period, in days: three years and a leap day. */
export const DAYS_MAX = 1097

/** What statistics are about. Days in France, both included. */
export const StatisticsFilter = z.object({
  /** Absent: the first of the month, eleven months before the last day. */
  from: Day.optional(),
  /** Absent: today. */
  to: Day.optional(),
  /** Alerts on communes of this sector, whichever they went to. */
  sectorId: z.uuid().optional(),
  /** Alerts for this trade, their messages to it, its members. */
  trade: z.string().min(1).max(64).optional(),
  categoryCode: z.string().min(1).max(64).optional(),
})
export type StatisticsFilter = z.infer<typeof StatisticsFilter>

/** Milliseconds from the call to the first SMS handed over; null: no alert. */
const Times = z.object({ median: z.number().nullable(), p90: z.number().nullable() })

const Reach = z.object({
  /** Messages planned, and what became of them; the rest is on its way. */
  planned: z.number(),
  delivered: z.number(),
  failed: z.number(),
  expired: z.number(),
  withdrawn: z.number(),
})
export type Reach = z.infer<typeof Reach>

/** Exercises are in none of it. */
export const Statistics = z.object({
  from: Day,
  to: Day,
  /** Whether the public page of the scheme shows its times and volumes. */
  published: z.boolean(),
  /** Calls that were reported; null for a trade chamber, which has the alerts for its trades alone. */
  calls: z.number().nullable(),
  alerts: z.number(),
  times: Times,
  reach: Reach,
  /** Every month of the period, the oldest first, by the month of the call. */
  months: z.array(
    z.object({
      /** 2026-03 */
      month: z.string(),
      calls: z.number().nullable(),
      alerts: z.number(),
      times: Times,
      reach: Reach,
      /** Active members on its last day, or the last one counted; null: not counted. */
      members: z.number().nullable(),
      /** Messages delivered a member and week; null where members are not known. */
      perMemberAndWeek: z.number().nullable(),
    }),
  ),
  /** The most frequent first. */
  categories: z.array(
    z.object({ code: z.string(), labelFr: z.string(), labelEn: z.string(), alerts: z.number() }),
  ),
  places: z.object({
    /** Arrondissements, where the scheme has drawn no sectors. */
    kind: z.enum(['sector', 'arrondissement']),
    /** Those with an alert, the most first. An alert in two sectors counts in both. */
    list: z.array(z.object({ id: z.string(), name: z.string(), alerts: z.number() })),
    /** In none of them. */
    elsewhere: z.number(),
  }),
  /** Alerts by the hour of the call in France, from midnight: 24. */
  hours: z.array(z.number()),
  /** By the gateway that messages went through last, the most first; '' for those that went through none. */
  routes: z.array(Reach.extend({ gateway: z.string() })),
  /** How many numbers had so many alerts in the last seven days, whatever the period. */
  fatigue: z.object({
    none: z.number(),
    one: z.number(),
    two: z.number(),
    three: z.number(),
    more: z.number(),
  }),
})
export type Statistics = z.infer<typeof Statistics>

export const StatisticsTable = z.enum(['months', 'categories', 'places', 'hours', 'routes', 'fatigue'])
export type StatisticsTable = z.infer<typeof StatisticsTable>

export const Publication = z.object({ published: z.boolean() })

/** For everybody, where the scheme publishes it: the last twelve months, the current one included. */
export const PublicFigures = z.object({
  from: Day,
  alerts: z.number(),
  /** Messages that arrived. */
  delivered: z.number(),
  times: Times,
  /** When they were counted: a minute ago at most. */
  at: z.iso.datetime(),
})
export type PublicFigures = z.infer<typeof PublicFigures>
