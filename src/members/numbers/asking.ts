const DAY_MS = 86_400_000

/**
 * How a number is asked whether it is still right. A year: what the charter's 15 days did not bring is found with the year's
 * turn of fees. Two months between two messages, and three a year, so that it never annoys: what nobody answers then is
 * for the chamber.
 */
export const ASKING = { afterDays: 365, againAfterDays: 60, mostAYear: 3, linkDays: 60 } as const

const parisTime = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Europe/Paris',
  weekday: 'short',
  hour: '2-digit',
  hourCycle: 'h23',
})

/** Shops are open, and nobody is woken: Monday to Friday, 9 to 18, Europe/Paris. */
export function isAskingTime(now: Date): boolean {
  const parts = Object.fromEntries(parisTime.formatToParts(now).map(({ type, value }) => [type, value]))
  const hour = Number(parts.hour)
  return parts.weekday !== 'Sat' && parts.weekday !== 'Sun' && hour >= 9 && hour < 18
}

/** Instants that bound what is asked at `now`. */
export function boundsOf(now: Date) {
  const before = (days: number) => new Date(now.getTime() - days * DAY_MS)
  return {
    /** Right since then: no need to ask. */
    dueBefore: before(ASKING.afterDays),
    /** Asked since then: not again yet. */
    askedBefore: before(ASKING.againAfterDays),
    /** Links sent before are over. */
    linkAfter: before(ASKING.linkDays),
  }
}
