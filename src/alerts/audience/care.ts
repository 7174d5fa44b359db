import { minuteIn, WEEK_MS } from '../../message/clock.ts'
import type { Severity } from '../../schema.ts'
import type { CareSettings, QuietHours } from '../../schemes/settings/care.ts'

/** Returns the start of the seven days whose alerts count for the weekly limit and for the alert frequency of the statistics. */
export function solicitationSince(now: Date): Date {
  return new Date(now.getTime() - WEEK_MS)
}

/** The quiet hours and the weekly limit that may hold back recipients of an alert ordered now. */
export interface Care {
  readonly severity: Severity
  /** Null: quiet hours do not apply to this severity. */
  readonly quiet: {
    /** Minutes after midnight in the time zone of the scheme. */
    readonly minute: number
    /** Quiet hours of the members without hours of their own. */
    readonly usual: QuietHours | null
  } | null
  /** Maximum number of alerts of this severity to one number since `since`; null: unlimited. */
  readonly budget: number | null
  readonly since: Date
  /** Minutes after midnight when the morning digest is sent to numbers over their budget. */
  readonly digestAt: number
  /** The zone of these minutes. */
  readonly timeZone: string
}

/** Returns the limits for an alert ordered now. A vital alert holds back no recipient. */
export function careFor(
  settings: CareSettings,
  severity: Severity,
  { now, timeZone }: { readonly now: Date; readonly timeZone: string },
): Care {
  const ignoresQuiet =
    severity === 'vital' || (severity === 'alert' && settings.quietOverriddenBy === 'alert')
  return {
    severity,
    quiet: ignoresQuiet ? null : { minute: minuteIn(timeZone, now), usual: settings.quiet },
    budget: severity === 'vital' ? null : settings.budgetPerWeek[severity],
    since: solicitationSince(now),
    digestAt: settings.digestAt,
    timeZone,
  }
}

/** Returns the same care without its limits, so that no recipient is held back. */
export function withoutLimits(care: Care): Care {
  return { ...care, quiet: null, budget: null }
}

/** Returns whether a minute of the day is in quiet hours, which are never when they end as they begin. */
export function isQuiet({ from, to }: QuietHours, minute: number): boolean {
  return from <= to ? from <= minute && minute < to : from <= minute || minute < to
}
