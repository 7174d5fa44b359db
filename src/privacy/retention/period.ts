const YEAR_DAYS = 365
const MONTH_DAYS = 365.25 / 12
/** Shorter periods are given in days, since months differ in length. */
const SHORTEST_IN_MONTHS = 60

/**
 * Formats a retention period for reading: "10 ans" for 3,653 days, "14 mois" for 426, "30 jours" for 30. A longer period that is
 * no whole number of years or months has its rest in days: "2 ans et 70 jours". A year is 365 days, as in `KEPT_DAYS`.
 */
export function periodText(lang: 'fr' | 'en', days: number): string {
  const unit = (count: number, name: 'year' | 'month' | 'day') =>
    new Intl.NumberFormat(lang, { style: 'unit', unit: name, unitDisplay: 'long' })
      .format(count)
      .replace(' ', '\u00a0')
  const years = Math.round(days / 365.25)
  if (years > 0 && days >= years * YEAR_DAYS && days <= Math.ceil(years * 365.25)) return unit(years, 'year')
  const months = Math.round(days / MONTH_DAYS)
  if (days >= SHORTEST_IN_MONTHS && Math.abs(days - months * MONTH_DAYS) < 1) return unit(months, 'month')
  if (days < YEAR_DAYS) return unit(days, 'day')
  const parts = [unit(Math.floor(days / YEAR_DAYS), 'year'), unit(days % YEAR_DAYS, 'day')]
  return new Intl.ListFormat(lang, { type: 'conjunction' }).format(parts)
}
