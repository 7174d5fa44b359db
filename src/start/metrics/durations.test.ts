import { expect, test } from 'vitest'
import { MINUTE_MS } from '../../message/clock.ts'
import { countedPeriod } from './durations.ts'

/** Adds up the increases between readings as Prometheus does: a figure that became smaller began again at 0. */
function sumIncreases(readings: readonly number[]): number {
  return readings
    .slice(1)
    .reduce((sum, value, index) => sum + value - (value < readings[index]! ? 0 : readings[index]!), 0)
}

test.each([
  ['2026-11-30T23:40:00Z', 'a new month'],
  ['2026-12-31T23:40:00Z', 'a new year'],
])('no event is lost nor counted twice when the count begins again: %s, %s', (start) => {
  const begin = Date.parse(start)
  for (const everyMinutes of [1, 4, 9]) {
    for (let event = 0; event < 60; event++) {
      // One event in the old month before the first reading, and one in each minute around the change.
      const events = [begin - MINUTE_MS, begin + event * MINUTE_MS + 1]
      const readings: number[] = []
      for (let minute = 0; minute <= 90; minute += everyMinutes) {
        const now = begin + minute * MINUTE_MS
        const { from, to } = countedPeriod(new Date(now))
        readings.push(events.filter((at) => at <= now && at >= from.getTime() && at < to.getTime()).length)
      }
      expect(sumIncreases(readings), `${event} min, read each ${everyMinutes} min`).toBe(1)
    }
  }
})

test('the figures begin again at 0 with each month', () => {
  const { from, to } = countedPeriod(new Date('2026-12-15T10:00:00Z'))
  expect([from.toISOString(), to.toISOString()]).toEqual([
    '2026-12-01T00:00:00.000Z',
    '2027-01-01T00:00:00.000Z',
  ])
})
