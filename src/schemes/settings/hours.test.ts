import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { METROPOLITAN_ZONE } from '../../message/clock.ts'
import { ASKING_HOURS, isWithinHours, MESSAGE_HOURS, nextWithinHours } from './hours.ts'

describe('hours for questions', () => {
  test.each([
    ['a Monday at 9, summer', '2026-07-06T07:00:00Z', true],
    ['a Monday before 9, summer', '2026-07-06T06:59:59Z', false],
    ['a Monday at 9, winter', '2026-01-05T08:00:00Z', true],
    ['a Monday before 9, winter', '2026-01-05T07:59:59Z', false],
    ['a Friday before 18', '2026-07-10T15:59:59Z', true],
    ['a Friday at 18', '2026-07-10T16:00:00Z', false],
    ['a Saturday', '2026-07-11T10:00:00Z', false],
    ['a Sunday', '2026-07-12T10:00:00Z', false],
  ])('%s', (_, at, is) => {
    expect(isWithinHours(ASKING_HOURS, new Date(at), METROPOLITAN_ZONE)).toBe(is)
  })
})

test.each([
  ['2026-03-10T11:00:00Z', METROPOLITAN_ZONE, '2026-03-10T11:00:00.000Z'],
  ['2026-03-10T18:00:00Z', METROPOLITAN_ZONE, '2026-03-11T08:00:00.000Z'],
  ['2026-03-10T07:59:59Z', METROPOLITAN_ZONE, '2026-03-10T08:00:00.000Z'],
  // From Saturday evening to Monday, over the change to summer time.
  ['2026-03-28T20:00:00Z', METROPOLITAN_ZONE, '2026-03-30T07:00:00.000Z'],
  // Nine in the morning, before and after that of mainland France.
  ['2026-03-10T03:00:00Z', 'Indian/Reunion', '2026-03-10T05:00:00.000Z'],
  ['2026-03-10T08:00:00Z', 'America/Cayenne', '2026-03-10T12:00:00.000Z'],
  ['2026-03-10T08:00:00Z', 'America/Martinique', '2026-03-10T13:00:00.000Z'],
  // Sunday already in Réunion, still Saturday in Martinique.
  ['2026-03-14T21:00:00Z', 'Indian/Reunion', '2026-03-16T05:00:00.000Z'],
  ['2026-03-14T21:00:00Z', 'America/Martinique', '2026-03-14T21:00:00.000Z'],
])('sends a message of %s in %s at %s', (at, timeZone, leaves) => {
  expect(nextWithinHours(MESSAGE_HOURS, new Date(at), timeZone).toISOString()).toBe(leaves)
})

test('sends on every day of the year within the hours and as early as possible', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(MESSAGE_HOURS, ASKING_HOURS),
      fc.date({ min: new Date('2020-01-01'), max: new Date('2030-01-01'), noInvalidDate: true }),
      fc.constantFrom(METROPOLITAN_ZONE, 'Indian/Reunion', 'America/Cayenne', 'America/Martinique'),
      (hours, at, timeZone) => {
        const leaves = nextWithinHours(hours, at, timeZone)
        expect(leaves.getTime()).toBeGreaterThanOrEqual(at.getTime())
        expect(leaves.getTime() - at.getTime()).toBeLessThan((24 * hours.daysOff.length + 16) * 3_600_000)
        expect(nextWithinHours(hours, leaves, timeZone)).toEqual(leaves)
        const local = leaves.toLocaleString('en-GB', {
          timeZone,
          weekday: 'long',
          hour: '2-digit',
        })
        const hour = Number(/\d+/.exec(local)?.[0])
        expect(hour >= hours.from && hour < hours.to && !/Sunday/.test(local)).toBe(true)
        if (hours === ASKING_HOURS) expect(local).not.toMatch(/Saturday/)
      },
    ),
  )
})
