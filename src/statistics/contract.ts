import { z } from 'zod'
import { nameSchemas } from '../platform/http/endpoints.ts'
import { RefusalCode } from '../reports/contract.ts'

const Day = z.iso.date()

/** Longest period in days: three years and a leap day. */
export const DAYS_MAX = 1097

/** Filters of the statistics. Days are in French time, both included. */
export const StatisticsFilter = z.object({
  /** Default: first of the month, eleven months before the last day. */
  from: Day.optional(),
  /** Default: today. */
  to: Day.optional(),
  /** Alerts about places in this sector, whatever area they were sent to. */
  sectorId: z.uuid().optional(),
  /** Alerts to this trade, their messages to it, and its members. */
  trade: z.string().min(1).max(64).optional(),
  categoryCode: z.string().min(1).max(64).optional(),
})
export type StatisticsFilter = z.infer<typeof StatisticsFilter>

/** Milliseconds from the call to the first SMS submitted; null: no alert. */
const Times = z.object({ median: z.number().nullable(), p90: z.number().nullable() })

const Reach = z.object({
  /** Planned messages by final state; the rest is still being sent. */
  planned: z.number(),
  delivered: z.number(),
  failed: z.number(),
  expired: z.number(),
  withdrawn: z.number(),
})
export type Reach = z.infer<typeof Reach>

/** Statistics of a scheme, without exercises. */
export const Statistics = z.object({
  from: Day,
  to: Day,
  /** True when the public page of the scheme shows its times and volumes. */
  published: z.boolean(),
  /** Seconds by which the read replica that gave the figures was behind, at most; 0: nothing is missing. */
  behindSeconds: z.number(),
  /** Calls recorded as reports; null for a trade chamber, which sees only alerts to its trades. */
  calls: z.number().nullable(),
  alerts: z.number(),
  times: Times,
  reach: Reach,
  /** Every month of the period, oldest first, by the month of the call. */
  months: z.array(
    z.object({
      /** 2026-03 */
      month: z.string(),
      calls: z.number().nullable(),
      alerts: z.number(),
      times: Times,
      reach: Reach,
      /** Active members on the last counted day of the month; null: not counted. */
      members: z.number().nullable(),
      /** Messages delivered per member and week; null where the number of members is unknown. */
      perMemberAndWeek: z.number().nullable(),
    }),
  ),
  /** Most frequent first. */
  categories: z.array(
    z.object({ code: z.string(), labelFr: z.string(), labelEn: z.string(), alerts: z.number() }),
  ),
  places: z.object({
    /** Arrondissements when the scheme has no sectors. */
    kind: z.enum(['sector', 'arrondissement']),
    /** Places with an alert, most alerts first. An alert in two sectors counts in both. */
    list: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        alerts: z.number(),
        /** Active members in it now, of the trade of the filter. */
        members: z.number(),
      }),
    ),
    /** Alerts outside all of these places. */
    elsewhere: z.number(),
  }),
  /** Alerts by the hour of the call in French time: 24 numbers from midnight. */
  hours: z.array(z.number()),
  /** Counts by the last gateway of each message, most messages first; '' for messages that no gateway took. */
  routes: z.array(Reach.extend({ gateway: z.string() })),
  /** Count of numbers by how many alerts they received in the last seven days, whatever the period. */
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

/** Public figures of the last twelve months including the current one, where the scheme publishes them. */
export const PublicFigures = z.object({
  from: Day,
  alerts: z.number(),
  /** Number of messages delivered. */
  delivered: z.number(),
  times: Times,
  /** Time of counting, at most a minute ago. */
  at: z.iso.datetime(),
})
export type PublicFigures = z.infer<typeof PublicFigures>

/** `before` is null when a part of the days a year before is past the retention period: a sum would look whole. */
const Compared = z.object({ now: z.number(), before: z.number().nullable() })
const MaybeCompared = z.object({ now: z.number().nullable(), before: z.number().nullable() })
const ComparedCode = Compared.extend({ code: z.string() })
const Outcome = z.enum(['arrest', 'nothing', 'unknown', 'none'])

/** GET /api/schemes/:scheme/statistics/committee: a period beside the same days a year before, without exercises. */
export const CommitteeAccounts = z.object({
  from: Day,
  to: Day,
  /** `isComplete`: false when a part of it is past the retention period of reports; only members are counted then. */
  before: z.object({ from: Day, to: Day, isComplete: z.boolean() }),
  /** Calls to 17, those not decided, and those refused; null for a trade. Reports from the portal count only if their author called. */
  calls: Compared.nullable(),
  waiting: Compared.nullable(),
  refused: Compared.nullable(),
  alerts: Compared,
  delivered: Compared,
  /** Milliseconds from the call to the first SMS, for half of the alerts and for nine in ten. */
  half: MaybeCompared,
  ninety: MaybeCompared,
  /** Active members on the last counted day; null: not counted. */
  members: MaybeCompared,
  /** Refused calls by reason, most frequent first; null for a trade. */
  refusals: z.array(Compared.extend({ code: RefusalCode })).nullable(),
  /** Alerts by outcome: `arrest`, `nothing`, `unknown`, or `none` as long as none is recorded. */
  outcomes: z.array(Compared.extend({ code: Outcome })),
  categories: z.array(ComparedCode.extend({ labelFr: z.string(), labelEn: z.string() })),
  /** Active members by trade. */
  trades: z.array(MaybeCompared.extend({ code: z.string() })),
  /** As in the statistics. */
  behindSeconds: z.number(),
})
export type CommitteeAccounts = z.infer<typeof CommitteeAccounts>

nameSchemas({ CommitteeAccounts, PublicFigures, Publication, Statistics })
