import { DAY_MS, dayOfParts } from '../../../src/message/clock.ts'

/** The kind of value in a field: a day (2026-03-12), a time of day (14:30), or both (2026-03-12T14:30). */
export type DateKind = 'day' | 'time' | 'moment'

const two = (value: number | string) => String(value).padStart(2, '0')

/** Reads a typed day, in the order day, month, year; undefined if it is none. */
function dayOfText(text: string): string | undefined {
  const iso = /^(\d{4})-(\d\d?)-(\d\d?)$/.exec(text)
  const parts =
    iso === null
      ? (
          /^(\d\d?)[/.\- ](\d\d?)[/.\- ](\d{4}|\d\d)$/.exec(text) ?? /^(\d\d)(\d\d)(\d{4})$/.exec(text)
        )?.slice(1)
      : [iso[3], iso[2], iso[1]]
  if (parts === undefined) return undefined
  const [day = 0, month = 0, short = 0] = parts.map(Number)
  return dayOfParts(short < 100 ? 2000 + short : short, month, day)
}

/** Reads a typed time: 14:30, 14h30, 1430, 14h; undefined if it is none. */
function timeOfText(text: string): string | undefined {
  const [, hours = '', minutes = '00'] =
    /^(\d\d?) ?[:hH.] ?(\d\d)?$/.exec(text) ?? /^(\d\d?)(\d\d)$/.exec(text) ?? []
  if (hours === '' || Number(hours) > 23 || Number(minutes) > 59) return undefined
  return `${two(hours)}:${minutes}`
}

/** Returns the value of a typed text; undefined if it cannot be read. */
export function valueOfText(kind: DateKind, typed: string): string | undefined {
  const text = typed.trim().replaceAll(/\s+/g, ' ')
  if (kind === 'day') return dayOfText(text)
  if (kind === 'time') return timeOfText(text)
  const at = Math.max(text.lastIndexOf(' '), text.indexOf('T'))
  const day = dayOfText(text.slice(0, at))
  const time = timeOfText(text.slice(at + 1))
  return at < 0 || day === undefined || time === undefined ? undefined : `${day}T${time}`
}

/** Returns the text of a value: 12/03/2026 14:30. What is no value is returned as it is. */
export function textOfValue(kind: DateKind, value: string): string {
  const [day = '', time] = value.split('T')
  if (kind === 'time' || valueOfText(kind, value) === undefined) return value
  const text = day.split('-').reverse().join('/')
  return time === undefined ? text : `${text} ${time}`
}

const SEPARATORS: Readonly<Record<DateKind, readonly (readonly [after: RegExp, separator: string])[]>> = {
  day: [[/^\d\d(\/\d\d)?$/, '/']],
  time: [[/^\d\d$/, ':']],
  moment: [
    [/^\d\d(\/\d\d)?$/, '/'],
    [/^\d\d\/\d\d\/\d{4}$/, ' '],
    [/^\d\d\/\d\d\/\d{4} \d\d$/, ':'],
  ],
}

/** Adds the separator that follows what was just typed at the end, so that digits alone can be typed. */
export function withSeparator(kind: DateKind, before: string, typed: string): string {
  if (typed.length !== before.length + 1 || !typed.startsWith(before)) return typed
  // Typed although it was added.
  if (/([/: ])\1$/.test(typed)) return before
  const separator = SEPARATORS[kind].find(([after]) => after.test(typed))?.[1] ?? ''
  return typed + separator
}

/** Returns the day some days later. */
export function dayAfter(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10)
}
