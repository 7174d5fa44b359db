import fc from 'fast-check'
import { expect, test } from 'vitest'
import { spanTicks } from './ticks.ts'

test.each([
  [0, [0, 1000]],
  [331, [0, 1000]],
  [650_000, [0, 300_000, 600_000, 900_000]],
  [260_000, [0, 60_000, 120_000, 180_000, 240_000, 300_000]],
])('divides an axis up to %i ms into whole minutes or seconds', (longest, ticks) =>
  expect(spanTicks(longest)).toEqual(ticks),
)

test('has six marks at most, and contains the longest span', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 10_000_000_000 }), (longest) => {
      const ticks = spanTicks(longest)
      expect(ticks.at(-1)).toBeGreaterThanOrEqual(longest)
      expect(ticks.length).toBeLessThanOrEqual(6)
      expect(ticks.length).toBeGreaterThanOrEqual(2)
    }),
  )
})
