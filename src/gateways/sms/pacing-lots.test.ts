import { expect, test } from 'vitest'
import { BUNCHING as HTTP } from './http/sending.ts'
import { createPacer } from './pacing.ts'

/** Returns the messages of `parts` parts allowed in each millisecond of simulated time. */
function run(rate: number, parts: number, forMs: number): number[] {
  const pacer = createPacer({ window: 1000, partsPerSecond: rate }, HTTP, () => {})
  const sent: number[] = []
  for (let ms = 1; ms <= forMs; ms++) {
    const room = pacer.room(100, parts, 0, ms)
    pacer.wrote(room * parts)
    sent.push(room * parts)
  }
  pacer.stop()
  return sent
}

test.each([
  [50, 1],
  [50, 3],
  [7, 1],
  [1000, 2],
])('%i parts a second by messages of %i: all of it, and never more than a bucket beyond', (rate, parts) => {
  const sent = run(rate, parts, 10_000)
  const total = sent.reduce((sum, count) => sum + count, 0)
  expect(total).toBeGreaterThan(rate * 9.5)
  expect(total).toBeLessThanOrEqual(rate * 10 + Math.max(parts, rate * 0.2) + 1e-6)
  let inSecond = 0
  for (const [ms, count] of sent.entries()) {
    inSecond += count - (sent[ms - 1000] ?? 0)
    expect(inSecond).toBeLessThanOrEqual(rate + Math.max(parts, rate * 0.2) + 1e-6)
  }
})

test('allows one message at a time below one part per second', () => {
  const sent = run(0.5, 2, 12_000)
  expect(sent.flatMap((count, ms) => (count > 0 ? [ms] : []))).toEqual([0, 4000, 8000])
})

test('pauses when throttled, doubling or as requested, then halves the window and lets it grow', () => {
  const pacer = createPacer({ window: 100, partsPerSecond: undefined }, HTTP, () => {})
  expect(pacer.room(1000, 1, 40, 1)).toBe(60)
  pacer.throttled(40, 1, undefined)
  expect(pacer.room(1, 1, 0, 100)).toBe(0)
  expect(pacer.room(1000, 1, 0, 102)).toBe(20)
  pacer.throttled(9, 102, 5000)
  expect(pacer.room(1, 1, 0, 5101)).toBe(0)
  expect(pacer.room(1000, 1, 0, 5103)).toBe(5)
  expect(pacer.stalledMs(5103)).toBe(5102)
  pacer.accepted(100)
  expect(pacer.stalledMs(5103)).toBe(0)
  expect(pacer.room(1000, 1, 0, 5103)).toBe(15)
  pacer.stop()
})
