import fc from 'fast-check'
import { expect, test } from 'vitest'
import { IdRules } from './id-rules.ts'
import { isSamePhone, isTelling, otherBasesOf, plainFormsOf, plainIdOf } from './message-ids.ts'

test('an id is the same in capitals, with leading zeros or without', () => {
  for (const id of ['00ABC123', 'abc123', 'ABC123', '0abc123']) expect(plainIdOf(id)).toBe('abc123')
  expect(plainIdOf('SM0a')).toBe('sm0a')
  expect(plainIdOf('000')).toBe('')
})

test('a decimal id has a hexadecimal form and a hexadecimal id a decimal one, however they are written', () => {
  expect(otherBasesOf('0000000255')).toEqual(['ff', '597'])
  expect(otherBasesOf('000000FF')).toEqual(['255'])
  expect(otherBasesOf('7e2e5b3e-0b3f')).toEqual([])
})

test('a number shares a form with itself in the other base, padded and in capitals', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 1n, max: (1n << 64n) - 1n }), fc.nat(6), (id, zeros) => {
      const decimal = id.toString()
      const hex = '0'.repeat(zeros) + id.toString(16).toUpperCase()
      expect(plainFormsOf(decimal)).toContain(plainIdOf(hex))
      expect(plainFormsOf(hex)).toContain(plainIdOf(decimal))
    }),
  )
})

test('a national number matches the phone that ends with it; a short code matches none', () => {
  expect(isSamePhone('+33639980001', '+33639980001')).toBe(true)
  expect(isSamePhone('+33639980001', '639980001')).toBe(true)
  // A national number of ten digits, written as an international one.
  expect(isSamePhone('+14155550100', '+4155550100')).toBe(true)
  expect(isSamePhone('+33639980001', '639980002')).toBe(false)
  expect(isSamePhone('+33639980001', '80001')).toBe(false)
})

test('a long number identifies its message in the other base; a short one, or one of other characters, does not', () => {
  expect(isTelling('305419896')).toBe(true)
  expect(isTelling('12AB34CD')).toBe(true)
  expect(isTelling('16')).toBe(false)
  expect(isTelling('7e2e5b3e-0b3f')).toBe(false)
})

test('three proven receipts establish the base of the ids of one gateway', () => {
  const rules = new IdRules()
  expect([1, 2].map(() => rules.prove('a', 'toHexadecimal'))).toEqual([false, false])
  expect(rules.of('a')).toBeUndefined()
  expect(rules.prove('a', 'toHexadecimal')).toBe(true)
  expect(rules.of('a')).toBe('toHexadecimal')
  expect(rules.of('b')).toBeUndefined()
  expect(rules.prove('a', 'toHexadecimal')).toBe(false)
})
