import { addDays } from '../rules.ts'
import type { YearRow } from '../store.ts'

/** The dues that a list says a member has paid. */
export interface ListedDues {
  /** The years that it names; none: that of the day, or the latest campaign. */
  readonly years: readonly number[]
  /** All that was paid for them; null: all of the fee. */
  readonly cents: number | null
  /** YYYY-MM-DD; null if it names no day. */
  readonly on: string | null
}

/** What the dues ledger knows of a member. */
export interface ListedFacts {
  /** Years of the campaigns of the scheme. */
  readonly campaigns: readonly number[]
  /** The years that the member is called for. */
  readonly years: readonly YearRow[]
  /** Whether the list adds it: it is called only when the import can no longer be undone. */
  readonly isNew: boolean
  /** Whether a direct debit is under way. */
  readonly isCollecting: boolean
  /** Whether a payment that a list brought for it was cancelled since, other than by undoing the import. */
  readonly wasCancelled: boolean
  /** Today in the scheme. */
  readonly today: string
}

/** A payment to record, what the ledger has already, or why it is left out: the end of the code of a remark, and its values. */
export type ListedResult =
  | { readonly cents: number }
  | 'recorded'
  | { readonly why: ListedRefusal; readonly values: Readonly<Record<string, string | number>> }

export type ListedRefusal =
  | 'no_campaign'
  | 'not_called'
  | 'new_member'
  | 'day'
  | 'owes_before'
  | 'more_than_due'
  | 'debit_under_way'
  | 'cancelled'

/**
 * Returns what is left to record of dues that a list says are paid. A payment settles the oldest year first, so none is recorded
 * while an earlier year is owed. The amount of a list is what was paid in all, so that the same list changes nothing later.
 */
export function judgeListed(listed: ListedDues, facts: ListedFacts): ListedResult {
  const refuse = (why: ListedRefusal, values: Readonly<Record<string, string | number>> = {}) => ({
    why,
    values,
  })
  const named = yearsOf(listed, facts)
  const known = named.filter((year) => facts.campaigns.includes(year))
  if (known.length === 0) return refuse('no_campaign', { years: named.join(', ') })
  if (facts.isNew) return refuse('new_member')
  const { on } = listed
  if (on !== null && (on > facts.today || on < addDays(facts.today, -366))) return refuse('day')
  const own = facts.years.filter(({ year }) => known.includes(year))
  if (own.length === 0) return refuse('not_called', { years: known.join(', ') })
  const due = own.reduce((sum, { amountCents, waivedCents }) => sum + amountCents - waivedCents, 0)
  const left = own.reduce((sum, { remainingCents }) => sum + remainingCents, 0)
  if (listed.cents !== null && listed.cents > due)
    return refuse('more_than_due', { paid: listed.cents / 100, due: due / 100 })
  const cents = listed.cents === null ? left : listed.cents - (due - left)
  if (cents <= 0) return 'recorded'
  const last = Math.max(...own.map(({ year }) => year))
  const before = facts.years.filter(
    ({ year, remainingCents }) => year < last && remainingCents > 0 && !known.includes(year),
  )
  if (before.length > 0)
    return refuse('owes_before', { years: String(Math.min(...before.map(({ year }) => year))) })
  if (facts.isCollecting) return refuse('debit_under_way')
  return facts.wasCancelled ? refuse('cancelled') : { cents }
}

function yearsOf({ years, on }: ListedDues, { campaigns, today }: ListedFacts): readonly number[] {
  if (years.length > 0) return years
  if (on !== null) return [Number(on.slice(0, 4))]
  return [campaigns.length > 0 ? Math.max(...campaigns) : Number(today.slice(0, 4))]
}
