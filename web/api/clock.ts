let offsetMilliseconds = 0

/**
 * Estimates from a response the offset between this machine's clock and the server's. The header has a resolution of
 * one second, so small differences are ignored.
 */
export function noteServerDate(header: string | null): void {
  if (header === null) return
  const server = Date.parse(header) + 500
  if (Number.isNaN(server)) return
  const difference = server - Date.now()
  offsetMilliseconds = Math.abs(difference) < 2500 ? 0 : difference
}

/** Returns milliseconds since the epoch by the server's clock, which times calls and orders. */
export function serverNow(): number {
  return Date.now() + offsetMilliseconds
}

const paris = new Intl.DateTimeFormat('sv', { timeZone: 'Europe/Paris', dateStyle: 'short' })

/** Returns the day in France by the server's clock: 2026-03-12. */
export function todayInParis(): string {
  return paris.format(serverNow())
}
