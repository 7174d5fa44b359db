import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type PastSending, paceOf, type SendingLimits, secondsToSend } from './pace.ts'

const simulated = false

/**
 * Simulates a provider behind a windowed link: round trip, parts in flight up to the window, with or without a contract
 * rate.
 */
interface Link extends SendingLimits {
  readonly roundTripSeconds: number
}

/** Returns how long that provider takes for this number of parts. */
function sendOver({ window, roundTripSeconds, partsPerSecond }: Link, parts: number): number {
  // Each response frees a place for the next part.
  const turns = Math.max(1, parts / window) * roundTripSeconds
  return partsPerSecond === undefined ? turns : Math.max(turns, roundTripSeconds + parts / partsPerSecond)
}

const link = fc.record({
  simulated: fc.constant(simulated),
  window: fc.integer({ min: 10, max: 2000 }),
  roundTripSeconds: fc.double({ min: 0.025, max: 1, noNaN: true }),
  partsPerSecond: fc.option(fc.integer({ min: 20, max: 5000 }), { nil: undefined }),
})

test('does not infer a rate from three messages sent in a second: 300 messages take a second, not 93', () => {
  const past = [3, 1, 2].map((parts) => ({ parts, seconds: 1.1 }))
  const limits = { window: 500, partsPerSecond: undefined, simulated }
  expect(secondsToSend(300, paceOf(past, limits))).toBeCloseTo(1.76, 2)
})

test('is within a factor of two for a windowed link, whatever was sent before and however much is sent now', () => {
  fc.assert(
    fc.property(
      link,
      fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 20 }),
      fc.integer({ min: 1, max: 20_000 }),
      (provider, sizes, parts) => {
        const past = sizes.map((size): PastSending => ({ parts: size, seconds: sendOver(provider, size) }))
        const said = secondsToSend(parts, paceOf(past, provider))
        const taken = sendOver(provider, parts)
        // Below a second, the screen shows “immediately”.
        if (Math.max(said, taken) < 1) return
        expect(said / taken).toBeGreaterThanOrEqual(0.5)
        expect(said / taken).toBeLessThanOrEqual(2.01)
      },
    ),
    { numRuns: 2000 },
  )
})

test('is not changed by one broadcast that waited an hour for its provider', () => {
  const limits = { window: 100, partsPerSecond: undefined, simulated }
  const past = [
    { parts: 1000, seconds: 2 },
    { parts: 1100, seconds: 3600 },
    { parts: 900, seconds: 1.8 },
  ]
  expect(secondsToSend(1000, paceOf(past, limits))).toBeCloseTo(2, 0)
})

test('assumes the contract rate before anything was sent, or one window every half second; no recipients take no time', () => {
  const pace = paceOf([], { window: 100, partsPerSecond: 20, simulated })
  expect(secondsToSend(200, pace)).toBeCloseTo(10.5)
  expect(secondsToSend(200, paceOf([], { window: 100, partsPerSecond: undefined, simulated }))).toBeCloseTo(
    1.5,
  )
  expect(secondsToSend(0, pace)).toBe(0)
  const beside = paceOf([], { window: 100, partsPerSecond: undefined, simulated: true })
  expect(secondsToSend(10_000, beside)).toBeCloseTo(2.02)
})
