const DAY_MS = 86_400_000

/**
 * How often a number is asked whether it is still correct. Once a year, with the yearly dues, finds what members did not
 * report within the charter's 15 days. At least two months apart and at most three times a year, so that it does not annoy;
 * numbers that do not answer are left to the chamber.
 */
export const ASKING = { afterDays: 365, againAfterDays: 60, mostAYear: 3, linkDays: 60 } as const

/** Computes the dates that decide which numbers are due at `now`. */
export function askingBoundsAt(now: Date) {
  const before = (days: number) => new Date(now.getTime() - days * DAY_MS)
  return {
    /** Numbers confirmed after this date are not due. */
    dueBefore: before(ASKING.afterDays),
    /** Numbers asked after this date are not asked again yet. */
    askedBefore: before(ASKING.againAfterDays),
    /** Links sent before this date have expired. */
    linkAfter: before(ASKING.linkDays),
  }
}
