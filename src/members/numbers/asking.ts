const DAY_MS = 86_400_000

/**
 * How a number is asked whether it is still right. A year: what the charter's 15 days did not bring is found with the year's
 * turn of fees. Two months between two messages, and three a year, so that it never annoys: what nobody answers then is
 * for the chamber.
 */
export const ASKING = { afterDays: 365, againAfterDays: 60, mostAYear: 3, linkDays: 60 } as const

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
