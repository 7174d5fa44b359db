import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { markPlaceIn, withMark } from '../message/mark.ts'
import { withReference } from '../message/reference.ts'
import { segmentMessage } from '../message/segment.ts'
import {
  MARKS,
  markKeyFrom,
  markOf,
  numberOfMark,
  numberOfShortMark,
  SHORT_MARKS,
  shortMarkOf,
} from './marks.ts'

const key = fc.bigInt({ min: 0n, max: 2n ** 62n - 1n })

describe('marks', () => {
  test('are of their own for every recipient, and are mapped back to the number', () => {
    expect(MARKS).toBe(24_300_000)
    fc.assert(
      fc.property(key, fc.integer({ min: 1, max: MARKS }), (one, no) => {
        const mark = markOf(one, no)
        expect(mark).toMatch(/^[2-9A-HJKMNP-TV-Z]{5}$/)
        // Two numbers with the same mark could not both be found again from it.
        expect(numberOfMark(one, mark)).toBe(no)
        expect(markOf(one, no + MARKS)).toBe(mark)
      }),
      { numRuns: 1000 },
    )
    expect(new Set(Array.from({ length: 2000 }, (_, i) => markOf(1n, i + 1))).size).toBe(2000)
  })

  test('tell nothing about those of the next recipient or of another broadcast', () => {
    // One pair in 30 shares a character by chance: 1,000 pairs of five places share about 167.
    const shared = (left: string, right: string) =>
      [...left].filter((letter, i) => letter === right[i]).length
    const count = (pairs: readonly (readonly [string, string])[]) =>
      pairs.reduce((sum, [left, right]) => sum + shared(left, right), 0)
    const numbers = Array.from({ length: 1000 }, (_, i) => i + 1)
    const next = count(numbers.map((no) => [markOf(7n, no), markOf(7n, no + 1)]))
    const other = count(numbers.map((no) => [markOf(7n, no), markOf(8n, no)]))
    for (const found of [next, other]) {
      expect(found).toBeGreaterThan(90)
      expect(found).toBeLessThan(260)
    }
  })

  test.each(['O0IU1', 'K7Q', 'K7Q4AB', 'k7q4a', ''])('%j is none', (mark) => {
    expect(numberOfMark(1n, mark)).toBeUndefined()
  })

  test('leave the parts of a text as they were counted', () => {
    const text = withReference(`${'Vol à la roulotte. '.repeat(9)}`, '63-26-0142', true)
    const at = markPlaceIn(text)!
    fc.assert(
      fc.property(key, fc.integer({ min: 1, max: 5000 }), (one, no) => {
        const marked = withMark(text, at, markOf(one, no))
        expect(marked).toHaveLength(text.length)
        const [counted, sent] = [segmentMessage(text), segmentMessage(marked)]
        expect(sent.encoding).toBe(counted.encoding)
        expect(sent.parts.map((part) => part.length)).toEqual(counted.parts.map((part) => part.length))
      }),
    )
  })

  test('have a key of 62 bits, from the random bits of an id', () => {
    expect(markKeyFrom('01994f00-0000-7000-8000-00000000002a')).toBe(42n)
    expect(markKeyFrom('01994f00-0000-7000-bfff-ffffffffffff')).toBe(2n ** 62n - 1n)
  })
})

test('short marks of messages ordered with version 0.2.0 are mapped back to their number', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: 0n, max: 2n ** 48n - 1n }),
      fc.integer({ min: 1, max: SHORT_MARKS }),
      (one, no) => {
        const mark = shortMarkOf(one, no)
        expect(mark).toMatch(/^[2-9A-HJKMNP-TV-Z]{3}$/)
        expect(numberOfShortMark(one, mark)).toBe(no)
      },
    ),
    { numRuns: 20 },
  )
  expect(numberOfShortMark(1n, 'O0I')).toBeUndefined()
  expect(numberOfShortMark(1n, 'K7Q4A')).toBeUndefined()
})
