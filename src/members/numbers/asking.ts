import { DAY_MS } from '../../message/clock.ts'

/**
 * The intervals at which holders are asked whether their number is still correct. The yearly question, sent with the dues, finds
 * changes that members did not report within the charter's 15 days. Questions are at least two months apart and at most three a
 * year, so that they do not annoy; the chamber handles numbers that do not answer.
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
