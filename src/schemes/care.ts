import { z } from 'zod'

/** Minutes after midnight, as clocks in France show them. */
export const MinuteOfDay = z.number().int().min(0).max(1439)

/**
 * Hours in which a member is left in peace: from `from` (included) to `to` (excluded), over midnight when `from` is
 * after `to`. Equal: none at all.
 */
export const QuietHours = z.object({ from: MinuteOfDay, to: MinuteOfDay })
export type QuietHours = z.infer<typeof QuietHours>

const Budget = z.number().int().min(1).max(50).nullable()

/**
 * How a scheme spares its members (overload is the first reason for which people leave such networks). A vital alert
 * is never held back.
 */
export const CareSettings = z.object({
  /** Alerts of a severity that a number gets in seven days at most; null: any number of them. */
  budgetPerWeek: z
    .object({ vital: z.null().default(null), alert: Budget.default(7), notice: Budget.default(2) })
    .prefault({}),
  /** The least severity that breaks quiet hours. */
  quietOverriddenBy: z.enum(['vital', 'alert']).default('vital'),
  /** Of the members who chose none; null: no quiet hours. */
  quiet: QuietHours.nullable().default(null),
  /** When those over their budget are told what they were spared. Those in quiet hours are told at their end. */
  digestAt: MinuteOfDay.default(8 * 60),
})
export type CareSettings = z.infer<typeof CareSettings>
