let offsetMilliseconds = 0

/**
 * Learns from a response how far this machine's clock is from the server's. The header has a resolution of one
 * second, so a small difference says nothing.
 */
export function noteServerDate(header: string | null): void {
  if (header === null) return
  const server = Date.parse(header) + 500
  if (Number.isNaN(server)) return
  const difference = server - Date.now()
  offsetMilliseconds = Math.abs(difference) < 2500 ? 0 : difference
}

/** Milliseconds since the epoch by the server's clock: the one that calls and orders are timed by. */
export function serverNow(): number {
  return Date.now() + offsetMilliseconds
}

const paris = new Intl.DateTimeFormat('sv', { timeZone: 'Europe/Paris', dateStyle: 'short' })

/** The day in France by the server's clock: 2026-03-12. */
export function todayInParis(): string {
  return paris.format(serverNow())
}
