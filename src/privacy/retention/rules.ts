import type { RetentionKind } from './contract.ts'

/**
 * Days that personal data is kept, at most. A year is 365 days: nothing stays longer than the calendar would have it.
 *
 * - reports: reports, alerts, decisions, texts. The reference ceiling for the forces' record of calls is two years.
 * - member: who a member was, from the day it left.
 * - dues: what names people in the books (entries, receipts, payments), from the end of their year: ten years (Code de
 *   commerce L123-22). The day is that of the calendar (`booksBefore`).
 * - notice: what a member was told of its dues, and when: the time of civil claims by default, which it may have to prove
 *   (Code civil 2224 has five years; three are enough for a fee of a year); while that year is owed, longer.
 * - look: who opened the file of a member. The CNIL advises six months to a year for such records (deliberation
 *   2021-122 of 14 October 2021).
 * - mandate: the account of a SEPA mandate that ended, and the files that named it: fourteen months after the last debit
 *   (EPC016-06, SEPA core direct debit rulebook, section 4.1).
 * - reason: why somebody did what stands on the audit record, in its own words, and names beside it: as reports, which such words
 *   may be about.
 * - request: what somebody asked of their data, from its answer, as its proof.
 */
export const KEPT_DAYS = {
  reports: 730,
  member: 30,
  look: 365,
  request: 1095,
  mandate: 426,
  dues: 3653,
  notice: 1095,
  reason: 730,
} as const

/** @param keepDeliveriesDays TOCSIN_KEEP_DELIVERIES_DAYS, also for messages of service */
export function keptDays(kind: RetentionKind, keepDeliveriesDays: number): number {
  return kind === 'deliveries' || kind === 'messages' ? keepDeliveriesDays : KEPT_DAYS[kind]
}

/** Years that books are kept after the end of theirs: Code de commerce, L123-22. */
const BOOK_YEARS = 10

/** The first day of the oldest year whose books are still kept, 2028-01-01: older books name nobody any more. */
export function booksBefore(today: string): string {
  return `${Number(today.slice(0, 4)) - BOOK_YEARS}-01-01`
}
