const longDay = new Intl.DateTimeFormat('fr-FR', { dateStyle: 'long', timeZone: 'UTC' })

/** Formats a calendar day for a French paper: "12 mars 2026" for 2026-03-12, "1er mars 2026". */
export function frenchDay(day: string): string {
  return longDay.format(new Date(`${day}T00:00:00Z`)).replace(/^1 /, '1er ')
}
