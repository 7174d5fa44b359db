const paris = new Intl.DateTimeFormat('sv', { timeZone: 'Europe/Paris', dateStyle: 'short' })

/** Returns the calendar day of an instant in France: 2026-03-12. */
export function dayInParis(instant: Date): string {
  return paris.format(instant)
}
