import { dayIn, METROPOLITAN_ZONE } from '../../src/message/clock.ts'

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

let zone = METROPOLITAN_ZONE

/** Sets the time zone of the scheme on screen, in which times are shown and entered whatever that of the device. */
export function setTimeZone(name: string): void {
  zone = name
}

/** Returns the time zone of the scheme on screen; before one is known, that of mainland France. */
export function timeZone(): string {
  return zone
}

/** Returns the day in the scheme by the server's clock: 2026-03-12. */
export function today(): string {
  return dayIn(zone, serverNow())
}
