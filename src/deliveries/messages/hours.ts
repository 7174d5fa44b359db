/** A service message is no alert: it comes between these hours in France, and not on Sundays. */
const FROM = 9
const TO = 19

const clock = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Europe/Paris',
  weekday: 'short',
  hour: '2-digit',
  hourCycle: 'h23',
})
const QUARTER_MS = 15 * 60_000

/** The instant itself within the hours, else the first quarter of an hour that is. */
export function whenDecent(at: Date): Date {
  if (isDecent(at)) return at
  let next = Math.ceil(at.getTime() / QUARTER_MS) * QUARTER_MS
  while (!isDecent(new Date(next))) next += QUARTER_MS
  return new Date(next)
}

function isDecent(at: Date): boolean {
  const parts = new Map(clock.formatToParts(at).map(({ type, value }) => [type, value]))
  const hour = Number(parts.get('hour'))
  return parts.get('weekday') !== 'Sun' && hour >= FROM && hour < TO
}
