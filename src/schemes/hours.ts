/** When what is no alert comes: hours of the day in France, `to` not among them, on some days of the week. */
export interface DecentHours {
  readonly from: number
  readonly to: number
  readonly daysOff: readonly string[]
}

/** What a chamber writes or tells: shops are open, or about to be; not on Sundays. */
export const MESSAGE_HOURS: DecentHours = { from: 9, to: 19, daysOff: ['Sun'] }
/** What asks for an answer or for money: somebody is there for it at the chamber too. */
export const ASKING_HOURS: DecentHours = { from: 9, to: 18, daysOff: ['Sat', 'Sun'] }

const clock = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Europe/Paris',
  weekday: 'short',
  hour: '2-digit',
  hourCycle: 'h23',
})
const QUARTER_MS = 15 * 60_000

export function isWithin({ from, to, daysOff }: DecentHours, at: Date): boolean {
  const parts = new Map(clock.formatToParts(at).map(({ type, value }) => [type, value]))
  const hour = Number(parts.get('hour'))
  return !daysOff.includes(parts.get('weekday') ?? '') && hour >= from && hour < to
}

/** The instant itself within the hours, else the first quarter of an hour that is. */
export function whenWithin(hours: DecentHours, at: Date): Date {
  if (isWithin(hours, at)) return at
  let next = Math.ceil(at.getTime() / QUARTER_MS) * QUARTER_MS
  while (!isWithin(hours, new Date(next))) next += QUARTER_MS
  return new Date(next)
}
