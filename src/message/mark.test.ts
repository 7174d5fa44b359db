import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  MARK_PLACE,
  MARKS,
  markOf,
  markPlaceIn,
  numberOfMark,
  parseMark,
  withMark,
  withoutMark,
} from './mark.ts'
import { withReference } from './reference.ts'
import { segmentMessage } from './segment.ts'

const key = fc.integer({ min: 0, max: 2 ** 48 - 1 })

test('gives each of the first 27,000 recipients a mark of their own, whatever the key', () => {
  fc.assert(
    fc.property(key, (one) => {
      const marks = new Set(Array.from({ length: MARKS }, (_, i) => markOf(one, i + 1)))
      expect(marks.size).toBe(MARKS)
    }),
    { numRuns: 10 },
  )
  expect(MARKS).toBe(27_000)
})

test('maps a mark back to its number, and to another one under another key', () => {
  fc.assert(
    fc.property(key, fc.integer({ min: 1, max: MARKS }), (one, no) => {
      const mark = markOf(one, no)
      expect(mark).toMatch(/^[2-9A-HJKMNP-TV-Z]{3}$/)
      expect(numberOfMark(one, mark)).toBe(no)
      expect(markOf(one, no + MARKS)).toBe(mark)
    }),
    { numRuns: 50 },
  )
  expect(numberOfMark(1, 'O0I')).toBeUndefined()
})

test('a marked text has the same parts as the counted text', () => {
  const text = withReference(`${'Vol à la roulotte. '.repeat(9)}`, '63-26-0142', true)
  expect(text).toMatch(/ Réf\. 63-26-0142-\?\?\?$/)
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

test('the placeholder of the mark follows the reference, once, and can be removed without a trace', () => {
  expect(withReference('Faux billets 63-26-0142.', '63-26-0142', true)).toBe('Faux billets 63-26-0142-???.')
  const marked = withReference('Faux billets.', '63-26-0142', true)
  expect(withReference(marked, '63-26-0142', true)).toBe(marked)
  expect(withoutMark(marked)).toBe('Faux billets. Réf. 63-26-0142')
  expect(withoutMark('Faux billets ???')).toBe('Faux billets ???')
  expect(markPlaceIn('Quoi ???')).toBeUndefined()
  expect(MARK_PLACE).toBe('???')
})

test.each([
  ['k7q', 'K7Q'],
  [' 63-26-0142-K7Q ', 'K7Q'],
  ['… SMS. Réf. 63-26-0142-k7q', 'K7Q'],
  ['63-26-0142', undefined],
  ['K7', undefined],
  ['K7Q4', undefined],
  ['K0Q', undefined],
  ['', undefined],
])('parses the mark in %j as %j', (text, mark) => {
  expect(parseMark(text)).toBe(mark)
})
