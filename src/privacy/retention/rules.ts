import { REPORTS_KEPT_DAYS } from '../../reports/retention.ts'
import type { RetentionKind } from './contract.ts'

/**
 * Retention periods in days, as maxima. A year is 365 days, so that nothing is kept longer than a calendar year.
 *
 * - reports: reports, alerts, decisions, texts. The reference ceiling for the forces' record of calls is two years.
 * - member: the identity of a former member, from the day it left.
 * - dues: what names people in the books (entries, receipts, payments), from the end of their year: ten years (Code de
 *   commerce L123-22). The day is that of the calendar (`booksBefore`).
 * - notice: reminders of dues sent to a member, with their dates: they may be needed as proof while a civil claim is possible
 *   (Code civil 2224 has five years; three are enough for a fee of a year); while that year is owed, longer.
 * - look: accesses to a member's file. The CNIL advises six months to a year for such records (deliberation
 *   2021-122 of 14 October 2021).
 * - mandate: the account of a SEPA mandate that ended, and the files that named it: fourteen months after the last debit
 *   (EPC016-06, SEPA core direct debit rulebook, section 4.1).
 * - statement: who paid and what was written of a movement of a bank statement: as long as the chamber may have a question about
 *   the payment. The movement itself, which names nobody, is kept until it is too old to be recorded again.
 * - reason: free-text reasons and names stored beside the audit record: kept as long as reports, which they may be about.
 * - network: from which network a person acted, on the audit record: a year, the CNIL's advice for such records (see look).
 * - on_call: the number and address of a person removed from the list of those on call, from the removal on: a magistrate needs
 *   them to answer for what was recorded under their name, and has half a year, as long as it is known who received what.
 * - request: requests about personal data, from the answer on, as proof of it.
 */
export const KEPT_DAYS = {
  reports: REPORTS_KEPT_DAYS,
  member: 30,
  look: 365,
  request: 1095,
  mandate: 426,
  statement: 90,
  dues: 3653,
  notice: 1095,
  reason: 730,
  network: 365,
  on_call: 180,
} as const

/** Returns the retention period of a kind. @param keepDeliveriesDays TOCSIN_KEEP_DELIVERIES_DAYS, also for service messages */
export function keptDays(kind: RetentionKind, keepDeliveriesDays: number): number {
  return kind === 'deliveries' || kind === 'messages' ? keepDeliveriesDays : KEPT_DAYS[kind]
}

/** Number of years that books are kept after the end of their year: Code de commerce, L123-22. */
const BOOK_YEARS = 10

/** Returns the first day of the oldest year whose books are still kept, such as 2028-01-01; older books name nobody. */
export function booksBefore(today: string): string {
  return `${Number(today.slice(0, 4)) - BOOK_YEARS}-01-01`
}
