/** The time zone of the metropolitan départements, and the default. */
export const METROPOLITAN_ZONE = 'Europe/Paris'

export const SECOND_MS = 1000
export const MINUTE_MS = 60 * SECOND_MS
export const HOUR_MS = 60 * MINUTE_MS
export const DAY_MS = 24 * HOUR_MS
export const WEEK_MS = 7 * DAY_MS

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

/** An instant in the local time of a time zone; the texts have two digits, the year four. */
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

/** Returns the calendar day of an instant in a time zone: 2026-03-12. */
export function dayIn(timeZone: string, at: Date | number): string {
  const { year, month, day } = localTimeOf(Number(at), timeZone)
  return `${year}-${month}-${day}`
}

/** Returns the calendar day of a year, month and day of the month: 2026-03-12; undefined if there is no such day. */
export function dayOfParts(year: number, month: number, day: number): string | undefined {
  const date = new Date(Date.UTC(year, month - 1, day))
  const isReal =
    date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day
  return isReal ? date.toISOString().slice(0, 10) : undefined
}

/** Returns the first day of a period of whole months that ends with the month of a day. */
export function firstDayOfMonths(day: string, months: number): string {
  const [year = 0, month = 0] = day.split('-').map(Number)
  return new Date(Date.UTC(year, month - months, 1)).toISOString().slice(0, 10)
}

/** Returns when the calendar day of an instant began in a time zone. */
export function startOfDay(timeZone: string, at: Date): Date {
  return new Date(instantOfField(`${dayIn(timeZone, at)}T00:00`, timeZone) ?? at)
}

/** Returns the calendar year of an instant in a time zone. */
export function yearIn(timeZone: string, at: Date | number): number {
  return Number(localTimeOf(Number(at), timeZone).year)
}

/** Returns the minutes after midnight of an instant in a time zone. */
export function minuteIn(timeZone: string, at: Date | number): number {
  const { hour, minute } = localTimeOf(Number(at), timeZone)
  return Number(hour) * 60 + Number(minute)
}

/** Formats the hour for a message as it is written in French: "2h10", "17h30", "22h". */
export function hourOf(at: number, timeZone: string): string {
  const { hour, minute } = localTimeOf(at, timeZone)
  return `${Number(hour)}h${minute === '00' ? '' : minute}`
}

/** Returns the day for a message in French, "hier" or "le 27/11"; null when it is the same day as `now`. */
export function dayWords(at: number, now: number, timeZone: string): string | null {
  return dayWordsOn(dayIn(timeZone, at), dayIn(timeZone, now))
}

/** Returns the same as `dayWords`, for calendar days as `dayIn` returns them. */
export function dayWordsOn(day: string, today: string): string | null {
  if (day === today) return null
  // Calendar days, since a day of a clock change does not have 24 hours.
  if (Date.parse(day) + DAY_MS === Date.parse(today)) return 'hier'
  const [, month, date] = day.split('-')
  return `le ${date}/${month}`
}

/** Formats date and time for a browser's `datetime-local` field: 2026-03-12T22:14. */
export function toFieldValue(at: number, timeZone: string): string {
  const { year, month, day, hour, minute } = localTimeOf(at, timeZone)
  return `${year}-${month}-${day}T${hour}:${minute}`
}

/** Returns the instant of such a field in a time zone, in milliseconds, or undefined when it is not valid. */
export function instantOfField(field: string, timeZone: string): number | undefined {
  const asUtc = Date.parse(`${field}Z`)
  if (Number.isNaN(asUtc)) return undefined
  const offsetAt = (at: number) =>
    Date.parse(`${toFieldValue(at, timeZone)}Z`) - Math.floor(at / 60_000) * 60_000
  // Applied twice, because the offset at the first guess may be that of the other side of a clock change.
  const guess = asUtc - offsetAt(asUtc)
  return asUtc - offsetAt(guess)
}
