const inFrench = new Intl.DateTimeFormat('fr-FR', { dateStyle: 'long', timeZone: 'UTC' })

/** Formats a calendar day for a French paper: "12 mars 2026" for 2026-03-12, "1er mars 2026". */
export function frenchDay(day: string): string {
  return inFrench.format(new Date(`${day}T00:00:00Z`)).replace(/^1 /, '1er ')
}

const inEnglish = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' })

/** Formats a calendar day for a paper in a language: "12 mars 2026", "12 March 2026" for 2026-03-12. */
export function longDay(day: string, lang: 'fr' | 'en'): string {
  return lang === 'fr' ? frenchDay(day) : inEnglish.format(new Date(`${day}T00:00:00Z`))
}
