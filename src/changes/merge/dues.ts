/** A year that a member was billed for, with the fee and what remains of it. */
interface BilledYear {
  readonly year: number
  readonly amountCents: number
  readonly remainingCents: number
}

interface YearWaiver {
  readonly year: number
  readonly cents: number
}

/**
 * Computes which fees to waive when two members are one business and both were billed for the same year: for the merged one,
 * all that it still owes of such a year; for the kept one, as much as the merged one has paid. One fee remains, at most the
 * kept one's. Oldest year first.
 */
export function feesBilledTwice(
  kept: readonly BilledYear[],
  merged: readonly BilledYear[],
): { readonly kept: readonly YearWaiver[]; readonly merged: readonly YearWaiver[] } {
  const years = kept
    .flatMap((own) => {
      const other = merged.find(({ year }) => year === own.year)
      return other === undefined || own.amountCents === 0 ? [] : [{ own, other }]
    })
    .sort((a, b) => a.own.year - b.own.year)
  const owed = (of: readonly YearWaiver[]) => of.filter(({ cents }) => cents > 0)
  return {
    kept: owed(
      years.map(({ own, other }) => ({
        year: own.year,
        cents: Math.min(own.remainingCents, other.amountCents - other.remainingCents),
      })),
    ),
    merged: owed(years.map(({ own, other }) => ({ year: own.year, cents: other.remainingCents }))),
  }
}

export function centsOf(of: readonly Pick<YearWaiver, 'cents'>[]): number {
  return of.reduce((sum, { cents }) => sum + cents, 0)
}
