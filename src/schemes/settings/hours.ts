/** Hours for messages other than alerts, in the time zone of the scheme: from `from` (included) to `to` (excluded), except on days off. */
export interface DecentHours {
  readonly from: number
  readonly to: number
  readonly daysOff: readonly string[]
}

/** Hours for messages of a chamber: when shops are open, or about to open; not on Sundays. */
export const MESSAGE_HOURS: DecentHours = { from: 9, to: 19, daysOff: ['Sun'] }
/** Hours for messages that ask for an answer or for money: when someone at the chamber can be reached as well. */
export const ASKING_HOURS: DecentHours = { from: 9, to: 18, daysOff: ['Sat', 'Sun'] }

const clocks = new Map<string, Intl.DateTimeFormat>()

function clockOf(timeZone: string): Intl.DateTimeFormat {
  let clock = clocks.get(timeZone)
  if (clock === undefined) {
    clock = new Intl.DateTimeFormat('en-GB', {
      timeZone,
      weekday: 'short',
      hour: '2-digit',
      hourCycle: 'h23',
    })
    clocks.set(timeZone, clock)
  }
  return clock
}

const QUARTER_MS = 15 * 60_000

export function isWithinHours({ from, to, daysOff }: DecentHours, at: Date, timeZone: string): boolean {
  const parts = new Map(
    clockOf(timeZone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  )
  const hour = Number(parts.get('hour'))
  return !daysOff.includes(parts.get('weekday') ?? '') && hour >= from && hour < to
}

/** Returns the instant itself if it is within the hours, else the first following quarter of an hour that is. */
export function nextWithinHours(hours: DecentHours, at: Date, timeZone: string): Date {
  if (isWithinHours(hours, at, timeZone)) return at
  let next = Math.ceil(at.getTime() / QUARTER_MS) * QUARTER_MS
  while (!isWithinHours(hours, new Date(next), timeZone)) next += QUARTER_MS
  return new Date(next)
}
