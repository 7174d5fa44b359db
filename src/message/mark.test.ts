import { expect, test } from 'vitest'
import { MARK_PLACE, markLengthAt, markPlaceIn, parseMark, withMark, withoutMark } from './mark.ts'
import { withReference } from './reference.ts'

test('the placeholder of the mark follows the reference, once, and can be removed without a trace', () => {
  expect(withReference('Faux billets 63-26-0142.', '63-26-0142', true)).toBe('Faux billets 63-26-0142-?????.')
  const marked = withReference('Faux billets.', '63-26-0142', true)
  expect(marked).toBe('Faux billets. Réf. 63-26-0142-?????')
  expect(withReference(marked, '63-26-0142', true)).toBe(marked)
  expect(withoutMark(marked)).toBe('Faux billets. Réf. 63-26-0142')
  expect(withMark(marked, markPlaceIn(marked)!, 'K7Q4A')).toBe('Faux billets. Réf. 63-26-0142-K7Q4A')
  const drill = withReference('EXERCICE Faux billets.', '63-26-X014', true)
  expect(withMark(drill, markPlaceIn(drill)!, 'K7Q4A')).toBe('EXERCICE Faux billets. Réf. 63-26-X014-K7Q4A')
  expect(withoutMark(drill)).toBe('EXERCICE Faux billets. Réf. 63-26-X014')
  expect(withoutMark('Faux billets ?????')).toBe('Faux billets ?????')
  expect(markPlaceIn('Quoi ?????')).toBeUndefined()
  expect(MARK_PLACE).toBe('?????')
})

test('the shorter placeholder of version 0.2.0 is known where it was stored', () => {
  const stored = 'Faux billets. Réf. 63-26-0142-???'
  expect(markPlaceIn(stored)).toBeUndefined()
  expect(withoutMark(stored)).toBe('Faux billets. Réf. 63-26-0142')
  expect(markLengthAt(stored, stored.indexOf('???'))).toBe(3)
  expect(withMark(stored, stored.indexOf('???'), 'K7Q')).toBe('Faux billets. Réf. 63-26-0142-K7Q')
})

test.each([
  ['k7q4a', 'K7Q4A'],
  [' 63-26-0142-K7Q4A ', 'K7Q4A'],
  ['… SMS. Réf. 63-26-0142-k7q4a', 'K7Q4A'],
  ['63-26-0142-K7Q', 'K7Q'],
  ['63-26-0142', undefined],
  ['63-26-x014-k7q4a', 'K7Q4A'],
  ['63-26-X014', undefined],
  ['K7', undefined],
  ['K7Q4', undefined],
  ['K7Q4AB', undefined],
  ['K0Q4A', undefined],
  ['', undefined],
])('parses the mark in %j as %j', (text, mark) => {
  expect(parseMark(text)).toBe(mark)
})
