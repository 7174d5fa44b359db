import type { Severity } from '../../schema.ts'
import type { CareSettings, QuietHours } from '../../schemes/care.ts'

const WEEK_MS = 7 * 86_400_000

/** From when on alerts are counted against the budget, and shown as solicitation: seven days. */
export function solicitationSince(now: Date): Date {
  return new Date(now.getTime() - WEEK_MS)
}

/** How one alert, ordered now, spares its recipients. */
export interface Care {
  readonly severity: Severity
  /** Null: the severity breaks them. */
  readonly quiet: {
    /** The clock in France: minutes after midnight. */
    readonly minute: number
    /** The hours of the members who chose none. */
    readonly usual: QuietHours | null
  } | null
  /** Alerts of this severity that a number may have had since `since`, before it is held back; null: any. */
  readonly budget: number | null
  readonly since: Date
  /** Minutes after midnight at which those over their budget are told. */
  readonly digestAt: number
}

/** Nothing is held back from anyone by a vital alert. */
export function careFor(settings: CareSettings, severity: Severity, now: Date): Care {
  const breaks = severity === 'vital' || (severity === 'alert' && settings.quietOverriddenBy === 'alert')
  return {
    severity,
    quiet: breaks ? null : { minute: minuteInParis(now), usual: settings.quiet },
    budget: severity === 'vital' ? null : settings.budgetPerWeek[severity],
    since: solicitationSince(now),
    digestAt: settings.digestAt,
  }
}

/** The care of an alert that holds nobody back, whatever it is meant to spare. */
export function sparingNobody(care: Care): Care {
  return { ...care, quiet: null, budget: null }
}

/** Whether a minute of the day lies in quiet hours. */
export function isQuiet({ from, to }: QuietHours, minute: number): boolean {
  return from <= to ? from <= minute && minute < to : from <= minute || minute < to
}

const parisClock = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Europe/Paris',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
})

/** Minutes after midnight where the shopkeepers are. */
export function minuteInParis(at: Date): number {
  const [hours = 0, minutes = 0] = parisClock.format(at).split(':').map(Number)
  return hours * 60 + minutes
}
