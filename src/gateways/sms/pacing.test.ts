import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createPacer } from './pacing.ts'
import { BUNCHING as SMPP } from './smpp/sending.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/**
 * Returns the time in milliseconds at which each part is sent over `forMs`, by a sender that always has something
 * to write and is woken only by the pacer, with a delay of `lateness`.
 */
function writeTimes(partsPerSecond: number, forMs: number, lateness: () => number = () => 0): number[] {
  const times: number[] = []
  const pacer = createPacer({ window: 1000, partsPerSecond }, SMPP, () => void setTimeout(write, lateness()))
  function write(): void {
    const nowMs = performance.now()
    while (pacer.room(1000, 1, 0, nowMs) > 0) {
      pacer.wrote(1)
      times.push(nowMs)
    }
  }
  write()
  vi.advanceTimersByTime(forMs)
  pacer.stop()
  return times
}

function mostInASecond(times: readonly number[]): number {
  let most = 0
  let first = 0
  for (let last = 0; last < times.length; last++) {
    while ((times[last] as number) - (times[first] as number) >= 1000) first++
    most = Math.max(most, last - first + 1)
  }
  return most
}

describe('the rate', () => {
  test.each([0.1, 0.5, 1, 7, 20, 100, 999, 5000])('%d a second: is reached and never exceeded', (rate) => {
    const seconds = rate < 1 ? 60 : 5
    const times = writeTimes(rate, seconds * 1000)
    const burst = Math.max(1, rate / 20)
    expect(mostInASecond(times)).toBeLessThanOrEqual(Math.ceil(rate + burst))
    expect(times.length).toBeGreaterThanOrEqual(Math.floor(rate * seconds * 0.98))
    expect(times.length).toBeLessThanOrEqual(rate * seconds + burst)
  })

  test('never sends more than the rate and one burst in a second, whatever the delays of the process', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.2, max: 2000, noNaN: true }),
        fc.array(fc.nat(400), { minLength: 1, maxLength: 20 }),
        (rate, waits) => {
          let turn = 0
          const times = writeTimes(rate, 3000, () => waits[turn++ % waits.length] as number)
          expect(mostInASecond(times)).toBeLessThanOrEqual(Math.floor(rate + Math.max(1, rate / 20) + 1e-6))
        },
      ),
      { numRuns: 100 },
    )
  })

  test('makes up for a second of silence by one burst only', () => {
    const times: number[] = []
    const pacer = createPacer({ window: 1000, partsPerSecond: 100 }, SMPP, () => {})
    vi.advanceTimersByTime(10_000)
    while (pacer.room(1000, 1, 0, performance.now()) > 0) {
      pacer.wrote(1)
      times.push(0)
    }
    expect(times).toHaveLength(5)
    pacer.stop()
  })

  test('sends nothing at zero', () => {
    expect(writeTimes(0, 10_000)).toEqual([])
  })
})

describe('limits', () => {
  test('never exceed the contract; a window of 0 stops sending', () => {
    const pacer = createPacer({ window: 100, partsPerSecond: 50 }, SMPP, () => {})
    pacer.limit({ window: 1000, partsPerSecond: undefined })
    expect(pacer.limits).toEqual({ window: 100, partsPerSecond: 50 })
    pacer.limit({ window: 33.9, partsPerSecond: 0.25 })
    expect(pacer.limits).toEqual({ window: 33, partsPerSecond: 0.25 })
    pacer.limit({ window: 0, partsPerSecond: 10 })
    expect(pacer.limits).toEqual({ window: 0, partsPerSecond: 10 })
    expect(pacer.room(1000, 1, 0, 0)).toBe(0)
  })

  test('apply a smaller or larger window at once', () => {
    let resumed = 0
    const pacer = createPacer({ window: 100, partsPerSecond: undefined }, SMPP, () => resumed++)
    expect(pacer.room(1000, 1, 40, 0)).toBe(60)
    pacer.limit({ window: 30, partsPerSecond: undefined })
    expect(pacer.room(1000, 1, 40, 0)).toBe(0)
    expect(pacer.isShared).toBe(true)
    pacer.limit({ window: 100, partsPerSecond: undefined })
    expect(pacer.room(1000, 1, 40, 0)).toBe(60)
    expect(pacer.isShared).toBe(false)
    expect(resumed).toBe(2)
    // Equal limits, as in a heartbeat, have no effect.
    pacer.limit({ window: 100, partsPerSecond: undefined })
    expect(resumed).toBe(2)
  })

  test('do not restore a throttled window', () => {
    const pacer = createPacer({ window: 100, partsPerSecond: undefined }, SMPP, () => {})
    pacer.throttled(100, 1)
    pacer.limit({ window: 80, partsPerSecond: undefined })
    expect(pacer.room(1000, 1, 0, 200)).toBe(50)
    pacer.limit({ window: 20, partsPerSecond: undefined })
    expect(pacer.room(1000, 1, 0, 200)).toBe(20)
    pacer.limit({ window: 100, partsPerSecond: undefined })
    expect(pacer.room(1000, 1, 0, 200)).toBe(100)
    pacer.stop()
  })
})
