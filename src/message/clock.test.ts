import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  dayIn,
  dayWords,
  hourOf,
  instantOfField,
  METROPOLITAN_ZONE,
  minuteIn,
  toFieldValue,
  yearIn,
} from './clock.ts'

const at = (iso: string) => Date.parse(iso)
const ZONES = ['Europe/Paris', 'Indian/Reunion', 'America/Guadeloupe', 'America/Miquelon', 'Pacific/Noumea']

test.each([
  ['2026-07-02T00:10:00Z', 'Europe/Paris', '2h10'],
  ['2026-01-02T01:10:00Z', 'Europe/Paris', '2h10'],
  ['2026-07-01T22:10:00Z', 'Indian/Reunion', '2h10'],
  ['2026-07-02T06:10:00Z', 'America/Guadeloupe', '2h10'],
  ['2026-07-01T22:05:00Z', 'Europe/Paris', '0h05'],
  ['2026-07-02T15:30:00Z', 'Europe/Paris', '17h30'],
  ['2026-07-02T20:00:00Z', 'Europe/Paris', '22h'],
  ['2026-07-01T22:00:00Z', 'Europe/Paris', '0h'],
])('formats %s in %s as %s', (instant, zone, hour) => expect(hourOf(at(instant), zone)).toBe(hour))

test.each([
  ['2026-03-12T21:10:00Z', '2026-03-12T22:30:00Z', 'Europe/Paris', null],
  // In La Réunion it is already past midnight, and an hour ago it was not.
  ['2026-03-12T19:10:00Z', '2026-03-12T22:30:00Z', 'Indian/Reunion', 'hier'],
  ['2026-03-12T22:59:59Z', '2026-03-12T23:00:00Z', 'Europe/Paris', 'hier'],
  ['2026-03-12T23:00:00Z', '2026-03-13T22:59:59Z', 'Europe/Paris', null],
  ['2026-03-11T22:59:59Z', '2026-03-12T23:00:00Z', 'Europe/Paris', 'le 11/03'],
  ['2025-03-12T22:10:00Z', '2026-03-12T22:30:00Z', 'Europe/Paris', 'le 12/03'],
  ['2026-12-31T22:30:00Z', '2026-12-31T23:30:00Z', 'Europe/Paris', 'hier'],
  // The day of a clock change has 23 or 25 hours.
  ['2026-03-28T23:10:00Z', '2026-03-29T22:05:00Z', 'Europe/Paris', 'hier'],
  ['2026-10-24T22:10:00Z', '2026-10-25T23:05:00Z', 'Europe/Paris', 'hier'],
  ['2026-03-14T01:00:00Z', '2026-03-12T22:30:00Z', 'Europe/Paris', 'le 14/03'],
])('of %s, written at %s in %s, says the day: %s', (facts, now, zone, words) =>
  expect(dayWords(at(facts), at(now), zone)).toBe(words),
)

test('a field of date and time gives back its instant, also near a change of clocks', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: at('2026-01-01T00:00:00Z') / 60_000, max: at('2027-12-31T00:00:00Z') / 60_000 }),
      fc.constantFrom(...ZONES),
      (minutes, zone) => {
        const instant = minutes * 60_000
        const field = toFieldValue(instant, zone)
        const read = instantOfField(field, zone)!
        // The hour that occurs twice in autumn may be read as the other one.
        expect(toFieldValue(read, zone)).toBe(field)
        expect([0, 3_600_000]).toContain(Math.abs(read - instant))
      },
    ),
  )
  expect(toFieldValue(at('2026-03-12T21:14:00Z'), 'Europe/Paris')).toBe('2026-03-12T22:14')
  expect(instantOfField('2026-03-29T03:30', 'Europe/Paris')).toBe(at('2026-03-29T01:30:00Z'))
  expect(instantOfField('', 'Europe/Paris')).toBeUndefined()
})

test.each([
  ['2026-12-31T22:59:59Z', METROPOLITAN_ZONE, 2026, '2026-12-31', 1439],
  ['2026-12-31T23:00:00Z', METROPOLITAN_ZONE, 2027, '2027-01-01', 0],
  ['2026-12-31T20:00:00Z', 'Indian/Reunion', 2027, '2027-01-01', 0],
  ['2027-01-01T02:59:00Z', 'America/Cayenne', 2026, '2026-12-31', 1439],
  ['2027-01-01T04:00:00Z', 'America/Martinique', 2027, '2027-01-01', 0],
])('gives the year, the day and the minute of %s in %s', (instant, timeZone, year, day, minute) => {
  const of = new Date(instant)
  expect([yearIn(timeZone, of), dayIn(timeZone, of), minuteIn(timeZone, of)]).toEqual([year, day, minute])
})
