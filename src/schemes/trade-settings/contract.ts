import { z } from 'zod'
import { nameSchemas } from '../../platform/http/endpoints.ts'

/** Maximum numbers of a trade's activities in one classification, and of its words. */
const MAX_ACTIVITIES = 200
const MAX_WORDS = 400

export const TradeCode = z.string().regex(/^[a-z][a-z0-9-]{0,59}$/)
export const TradeName = z.string().trim().min(1).max(80)
/** A code of an activity in NAF rev. 2 or NAF 2025, or the beginning of one: "47", "47.2", "47.24", "47.24Z". */
const NafPrefix = z.string().regex(/^\d{2}(?:\.\d{1,2}[A-Z]?)?$/)
export const TradeActivities = z.array(NafPrefix).max(MAX_ACTIVITIES)
export const TradeWords = z.array(z.string().trim().min(2).max(60)).max(MAX_WORDS)

/** A trade with everything that leads to it. */
export const TradeInput = z.object({
  /** Built-in, or of the scheme; absent: a new trade, whose code is made from its name. */
  code: TradeCode.optional(),
  nameFr: TradeName,
  /** Absent: the French one. */
  nameEn: TradeName.optional(),
  naf: TradeActivities,
  naf2025: TradeActivities,
  words: TradeWords,
})
export type TradeInput = z.infer<typeof TradeInput>

/** PUT /api/schemes/:scheme/trades */
export const TradesChange = z.object({
  /** Version of the trades that were read; the change is refused if they have another one by now. */
  version: z.int32(),
  /** The trades in use, in the order of display: a code alone leaves the trade as it is. Others are no longer used. */
  trades: z
    .array(z.union([TradeCode, TradeInput]))
    .min(1)
    .max(100),
})
export type TradesChange = z.infer<typeof TradesChange>

const Nomenclature = z.enum(['rev2', '2025'])

/** A level of a classification of activities. */
export const ActivityView = z.object({
  code: z.string(),
  /** Null: levels of NAF 2025 above its subclasses have no title here. */
  title: z.string().nullable(),
  /** The title of its first subclass, where it has none itself. */
  example: z.string().nullable(),
  /** Subclasses that it contains. */
  subclasses: z.number(),
})

export const TradeSetting = z.object({
  code: z.string(),
  nameFr: z.string(),
  nameEn: z.string(),
  builtIn: z.boolean(),
  /** Members that have not left. */
  members: z.number(),
  naf: z.array(ActivityView),
  naf2025: z.array(ActivityView),
  words: z.array(z.string()),
})
export type TradeSetting = z.infer<typeof TradeSetting>

/** GET /api/schemes/:scheme/trades */
export const TradeSettings = z.object({
  /** Incremented with every change. */
  version: z.number(),
  /** Trades in use, in the order of display. */
  trades: z.array(TradeSetting),
  /** Built-in ones that are not used, and those of the scheme that are no longer used. */
  unused: z.array(TradeSetting),
})
export type TradeSettings = z.infer<typeof TradeSettings>

/** GET /api/schemes/:scheme/activities */
export const FoundActivities = z.object({
  activities: z.array(
    ActivityView.extend({
      nomenclature: Nomenclature,
      /** Code of the trade that it leads to now. */
      trade: z.string().nullable(),
    }),
  ),
})
export type FoundActivities = z.infer<typeof FoundActivities>

nameSchemas({
  ActivityView,
  FoundActivities,
  TradeActivities,
  TradeWords,
  TradeInput,
  TradeSetting,
  TradeSettings,
  TradesChange,
})
