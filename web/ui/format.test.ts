import { expect, test } from 'vitest'
import { clockOf, readablePhone, spanOf } from './format.ts'

test.each([
  [0, '00:00'],
  [72_000, '01:12'],
  [3_599_000, '59:59'],
  [7_800_000, '2 h 10'],
  [49 * 3_600_000, '2 j'],
])('a clock after %i ms reads %s', (milliseconds, expected) => expect(clockOf(milliseconds)).toBe(expected))

test.each([
  [38, '38 ms'],
  [1200, '1,2 s'],
  [124_000, '2 min 04'],
  [7_800_000, '2 h 10'],
])('a span of %i ms reads %s', (milliseconds, expected) => expect(spanOf('fr', milliseconds)).toBe(expected))

test('a French number is read in pairs; a masked one stays masked', () => {
  expect(readablePhone('+33639980042')).toBe('06 39 98 00 42')
  expect(readablePhone('•• •• •• •• 42')).toBe('•• •• •• •• 42')
})
