import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decimalEuros, formatEuros, parseEuros, writeEuros } from './money.ts'

test.each([
  ['10', 1000],
  ['10,5', 1050],
  ['10.50 €', 1050],
  ['1 250,00', 125_000],
  ['0', 0],
  ['0,01', 1],
  ['', undefined],
  ['10,505', undefined],
  ['-5', undefined],
  ['dix', undefined],
  ['1e3', undefined],
])('%s', (text, cents) => {
  expect(parseEuros(text)).toBe(cents)
})

test('reads back what it formats', () => {
  fc.assert(
    fc.property(fc.nat({ max: 10_000_000 }), fc.constantFrom('fr' as const, 'en' as const), (cents, lang) => {
      expect(parseEuros(writeEuros(lang, cents))).toBe(cents)
    }),
  )
})

test('writes amounts for people, and for programs', () => {
  expect(formatEuros(125_000).replaceAll(/\s/g, ' ')).toBe('1 250,00 €')
  expect(formatEuros(125_000, 'en')).toBe('€1,250.00')
  expect(decimalEuros(-125_005)).toBe('-1250,05')
  expect(decimalEuros(7, '.')).toBe('0.07')
})
