/** What a member was asked for a year, and what of it remains. */
interface AskedYear {
  readonly year: number
  readonly amountCents: number
  readonly remainingCents: number
}

interface LetOff {
  readonly year: number
  readonly cents: number
}

/**
 * What is let off of two members that are one business, since each was asked for the fee of a year: of the merged one, all that
 * it owes of a year that the kept one was asked for too; of the kept one, as much of such a year as the merged one has settled.
 * What then remains is one fee, at most the kept one's. Oldest first.
 */
export function askedTwice(
  kept: readonly AskedYear[],
  merged: readonly AskedYear[],
): { readonly kept: readonly LetOff[]; readonly merged: readonly LetOff[] } {
  const years = kept
    .flatMap((own) => {
      const other = merged.find(({ year }) => year === own.year)
      return other === undefined || own.amountCents === 0 ? [] : [{ own, other }]
    })
    .sort((a, b) => a.own.year - b.own.year)
  const owed = (of: readonly LetOff[]) => of.filter(({ cents }) => cents > 0)
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

export function centsOf(of: readonly Pick<LetOff, 'cents'>[]): number {
  return of.reduce((sum, { cents }) => sum + cents, 0)
}
