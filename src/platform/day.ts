const paris = new Intl.DateTimeFormat('sv', { timeZone: 'Europe/Paris', dateStyle: 'short' })

/** The day that an instant is of in France: 2026-03-12. */
export function dayInParis(instant: Date): string {
  return paris.format(instant)
}
