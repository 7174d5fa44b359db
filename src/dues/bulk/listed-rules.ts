import { inEuros } from '../../message/money.ts'
import { addDays } from '../rules.ts'
import type { YearRow } from '../store.ts'

/** The dues that a list says a member has paid. */
export interface ListedDues {
  /** The years that it names; none: that of the day, or of the user. */
  readonly years: readonly number[]
  /** All that was paid for them; null: all of the fee. */
  readonly cents: number | null
  /** YYYY-MM-DD; null if it names no day. */
  readonly on: string | null
}

/** The dues and the payments of a member, as the ledger has them. */
export interface ListedFacts {
  /** Years of the campaigns of the scheme. */
  readonly campaigns: readonly number[]
  /** The years that the member is called for. */
  readonly years: readonly YearRow[]
  /** Whether the list adds it: it is called only when the import can no longer be undone. */
  readonly isNew: boolean
  /** Whether a direct debit is under way. */
  readonly isCollecting: boolean
  /** The latest year in which money of it was returned, or a payment cancelled; null if there is none. */
  readonly returnedIn: number | null
  /** Sum of the member's valid payments of each day, in cents. */
  readonly received: ReadonlyMap<string, number>
  /** Today in the scheme. */
  readonly today: string
}

/** A payment to record, what the ledger has already, or why it is left out: the end of the code of a remark, and its values. */
export type ListedResult =
  | { readonly cents: number }
  | 'recorded'
  | { readonly why: ListedRefusal; readonly values: Readonly<Record<string, string | number>> }

export type ListedRefusal =
  | 'no_year'
  | 'other_year'
  | 'no_campaign'
  | 'not_called'
  | 'new_member'
  | 'day'
  | 'owes_before'
  | 'more_than_due'
  | 'debit_under_way'
  | 'cancelled'

/** Returns the dues of a list, of the year that the user named if the list names neither a year nor a day. */
export function withYear<T extends ListedDues>(listed: T, year: number | null): T {
  return namesNoYear(listed) && year !== null ? { ...listed, years: [year] } : listed
}

export const namesNoYear = ({ years, on }: ListedDues) => years.length === 0 && on === null

/**
 * Returns what is left to record of dues that a list says are paid. A payment settles the oldest year first, so none is recorded
 * while an earlier year is owed. The amount of a list is what was paid in all, and a row without a year is refused, so that the
 * same list changes nothing later, also once the next campaign is open.
 */
export function judgeListed(listed: ListedDues, facts: ListedFacts): ListedResult {
  if (namesNoYear(listed)) return refuse('no_year')
  const named = yearsOf(listed)
  const known = named.filter((year) => facts.campaigns.includes(year))
  if (known.length === 0) return refuse('no_campaign', { years: named.join(', ') })
  if (facts.isNew) return refuse('new_member')
  if (!isPossibleDay(listed.on, facts.today)) return refuse('day')
  const own = facts.years.filter(({ year }) => known.includes(year))
  if (own.length === 0) return refuse('not_called', { years: known.join(', ') })
  const due = own.reduce((sum, { amountCents, waivedCents }) => sum + amountCents - waivedCents, 0)
  const left = own.reduce((sum, { remainingCents }) => sum + remainingCents, 0)
  if (listed.cents !== null && listed.cents > due)
    return refuse('more_than_due', { paid: inEuros(listed.cents), due: inEuros(due) })
  const cents = listed.cents === null ? left : listed.cents - (due - left)
  if (cents <= 0) {
    const other = left === 0 ? otherYearOwed(listed, facts) : undefined
    return other === undefined
      ? 'recorded'
      : refuse('other_year', { year: known.join(', '), years: String(other) })
  }
  const before = firstYearOwedBefore(known, own, facts)
  if (before !== undefined) return refuse('owes_before', { years: String(before) })
  if (facts.isCollecting) return refuse('debit_under_way')
  // Also of the year before: dues are often paid in the December before their year.
  const wasReturned = facts.returnedIn !== null && facts.returnedIn >= Math.min(...known) - 1
  return wasReturned ? refuse('cancelled') : { cents }
}

function refuse(why: ListedRefusal, values: Readonly<Record<string, string | number>> = {}) {
  return { why, values }
}

/** Tells whether a payment can be of a day: one of the last year, or no day at all. */
function isPossibleDay(on: string | null, today: string): boolean {
  return on === null || (on <= today && on >= addDays(today, -366))
}

/** Returns the first year that a member owes before the last of its own years that a list names. */
function firstYearOwedBefore(
  named: readonly number[],
  own: readonly YearRow[],
  { years }: ListedFacts,
): number | undefined {
  const last = Math.max(...own.map(({ year }) => year))
  const owed = years.filter(
    ({ year, remainingCents }) => year < last && remainingCents > 0 && !named.includes(year),
  )
  return owed.length === 0 ? undefined : Math.min(...owed.map(({ year }) => year))
}

/** Returns the years of a member, latest first, once money settled the oldest of them. */
export function settleYears(years: readonly YearRow[], cents: number): YearRow[] {
  let left = cents
  return years
    .toSorted((a, b) => a.year - b.year)
    .map((one) => {
      const settled = Math.min(left, Math.max(0, one.remainingCents))
      left -= settled
      return { ...one, remainingCents: one.remainingCents - settled }
    })
    .toReversed()
}

function yearsOf({ years, on }: ListedDues): readonly number[] {
  return years.length === 0 && on !== null ? [Number(on.slice(0, 4))] : years
}

/**
 * Returns the year that dues paid on a day may be for, if the year of the day is settled: another one that is owed. Undefined if
 * the ledger has the payment of that day.
 */
function otherYearOwed({ years, cents, on }: ListedDues, facts: ListedFacts): number | undefined {
  if (years.length > 0 || on === null || (facts.received.get(on) ?? 0) >= (cents ?? 1)) return undefined
  return facts.years.find(({ year, remainingCents }) => remainingCents > 0 && year !== Number(on.slice(0, 4)))
    ?.year
}
