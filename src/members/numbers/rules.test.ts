import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DAY_MS } from '../../message/clock.ts'
import {
  addOutcomes,
  NO_HISTORY,
  NUMBER_STATES,
  type NumberHistory,
  type NumberOutcome,
  type NumberState,
  numberStateAfter,
} from './rules.ts'

const judge = (outcomes: readonly NumberOutcome[]) =>
  numberStateAfter('ok', addOutcomes(NO_HISTORY, outcomes))
const at = (kind: NumberOutcome['kind'], ...days: number[]): NumberOutcome[] =>
  days.map((day) => ({ kind, atMs: day * DAY_MS }))
const rank = (state: NumberState) => NUMBER_STATES.indexOf(state)

/** Few distinct instants, so that equal ones occur. */
const kind = fc.constantFrom<NumberOutcome['kind']>('delivered', 'unknown', 'absent')
const outcome = fc.record({ kind, atMs: fc.integer({ min: 0, max: 60 }).map((n) => n * 2 * DAY_MS) })
const outcomes = fc.array(outcome, { maxLength: 24 })
const failure = fc.record({
  kind: fc.constantFrom<NumberOutcome['kind']>('unknown', 'absent'),
  atMs: fc.integer({ min: 0, max: 130 }).map((n) => n * DAY_MS),
})

describe('the state of a number', () => {
  test('unknown to the network: doubtful at once, dead after three failures over a week', () => {
    expect(judge(at('unknown', 1))).toBe('doubtful')
    expect(judge(at('unknown', 1, 2, 3))).toBe('doubtful')
    expect(judge(at('unknown', 1, 8))).toBe('doubtful')
    expect(judge(at('unknown', 1, 2, 8))).toBe('dead')
  })

  test('absent: a night or a holiday changes nothing; doubtful after two weeks, dead after two months', () => {
    expect(judge(at('absent', 1, 2, 3))).toBe('ok')
    expect(judge(at('absent', 1, 20))).toBe('ok')
    expect(judge(at('absent', 1, 2, 15))).toBe('doubtful')
    expect(judge(at('absent', 1, 2, 3, 4, 59))).toBe('doubtful')
    expect(judge(at('absent', 1, 2, 3, 4, 5, 61))).toBe('dead')
    expect(judge(at('absent', 1, 61))).toBe('ok')
  })

  test('one delivery makes it ok and clears earlier failures', () => {
    expect(judge([...at('unknown', 1, 2, 8), ...at('delivered', 9)])).toBe('ok')
    expect(judge([...at('unknown', 1, 2, 8), ...at('delivered', 9), ...at('unknown', 10)])).toBe('doubtful')
    expect(judge([...at('absent', 1, 2), ...at('delivered', 10), ...at('absent', 16)])).toBe('ok')
  })

  test('a number without messages keeps its state', () => {
    for (const state of NUMBER_STATES) expect(numberStateAfter(state, NO_HISTORY)).toBe(state)
  })
})

describe('over random histories', () => {
  test('another failure never improves the state', () => {
    fc.assert(
      fc.property(outcomes, failure, (history, more) => {
        expect(rank(judge([...history, more]))).toBeGreaterThanOrEqual(rank(judge(history)))
      }),
    )
  })

  test('another delivery never worsens the state, and makes it ok if it is the latest', () => {
    fc.assert(
      fc.property(outcomes, fc.integer({ min: 0, max: 200 }), (history, day) => {
        const more = { kind: 'delivered', atMs: day * DAY_MS } as const
        const after = judge([...history, more])
        expect(rank(after)).toBeLessThanOrEqual(rank(judge(history)))
        if (history.every(({ atMs }) => atMs <= more.atMs)) expect(after).toBe('ok')
      }),
    )
  })

  test('the order in which outcomes are learnt does not matter, even at the same instant', () => {
    fc.assert(
      fc.property(
        outcomes.chain((history) =>
          fc.tuple(fc.constant(history), fc.shuffledSubarray(history, { minLength: history.length })),
        ),
        fc.integer({ min: 1, max: 5 }),
        ([history, shuffled], size) => {
          let inParts: NumberHistory = NO_HISTORY
          for (let from = 0; from < shuffled.length; from += size) {
            inParts = addOutcomes(inParts, shuffled.slice(from, from + size))
          }
          expect(inParts).toEqual(addOutcomes(NO_HISTORY, history))
        },
      ),
    )
  })

  test('adding the same outcomes again changes nothing', () => {
    fc.assert(
      fc.property(outcomes, outcomes, (history, again) => {
        const once = addOutcomes(NO_HISTORY, [...history, ...again])
        expect(addOutcomes(once, again)).toEqual(once)
      }),
    )
  })

  test('the history is bounded, and still tells how long nothing was delivered', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 0, max: 5000 }), { minLength: 33, maxLength: 200 }),
        (days) => {
          const kept = addOutcomes(NO_HISTORY, at('absent', ...days)).absentAtMs
          expect(kept).toHaveLength(32)
          expect(kept[0]).toBe(Math.min(...days) * DAY_MS)
          expect(kept.at(-1)).toBe(Math.max(...days) * DAY_MS)
        },
      ),
    )
  })
})
