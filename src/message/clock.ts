/** The time zone of the metropolitan départements: what is used where no other is given. */
export const METROPOLITAN_ZONE = 'Europe/Paris'

const formats = new Map<string, Intl.DateTimeFormat>()

function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone)
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en', {
      timeZone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    })
    formats.set(timeZone, format)
  }
  return format
}

/** An instant on the calendar and the clock of a time zone; the text parts have two digits, the year four. */
export interface LocalTime {
  readonly year: string
  readonly month: string
  readonly day: string
  readonly hour: string
  readonly minute: string
}

/** @param at milliseconds since the epoch */
export function localTimeOf(at: number, timeZone: string): LocalTime {
  const parts = new Map(
    formatOf(timeZone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  )
  const part = (type: keyof LocalTime) => parts.get(type) ?? ''
  return {
    year: part('year'),
    month: part('month'),
    day: part('day'),
    hour: part('hour'),
    minute: part('minute'),
  }
}

/** The hour as a message tells it: "2h10", "17h30". */
export function hourOf(at: number, timeZone: string): string {
  const { hour, minute } = localTimeOf(at, timeZone)
  return `${Number(hour)}h${minute}`
}

/** The day as a message tells it, "12/03"; null when it is the day of `now` too. */
export function otherDayOf(at: number, now: number, timeZone: string): string | null {
  const [then, today] = [localTimeOf(at, timeZone), localTimeOf(now, timeZone)]
  const isToday = then.day === today.day && then.month === today.month && then.year === today.year
  return isToday ? null : `${then.day}/${then.month}`
}

/** Date and time as a browser's `datetime-local` field has them: 2026-03-12T22:14. */
export function fieldOf(at: number, timeZone: string): string {
  const { year, month, day, hour, minute } = localTimeOf(at, timeZone)
  return `${year}-${month}-${day}T${hour}:${minute}`
}

/** The instant that such a field means in a time zone, in milliseconds; undefined when it means none. */
export function instantOfField(field: string, timeZone: string): number | undefined {
  const asUtc = Date.parse(`${field}Z`)
  if (Number.isNaN(asUtc)) return undefined
  const shift = (at: number) => Date.parse(`${fieldOf(at, timeZone)}Z`) - Math.floor(at / 60_000) * 60_000
  // Twice: the offset at the first guess may be that of the other side of a clock change.
  const guess = asUtc - shift(asUtc)
  return asUtc - shift(guess)
}
