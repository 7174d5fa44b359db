import { expect, test } from 'vitest'
import type { Draft } from '../text/draft.ts'
import { isAnswerable } from './answerable.ts'

const typed = (text: string): Pick<Draft, 'report' | 'caller'> => ({
  report: null,
  caller: { text, member: null },
})

test.each([
  ['06 39 98 00 01', true],
  ['+33 (0)7.39.98.00.01', true],
  ['0033639980001', true],
  ['+262 692 12 34 56', true],
  ['+41 79 123 45 67', false],
  ['04 65 71 00 01', false],
  ['+33 4 65 71 00 01', false],
  ['Mme Petit', false],
  ['0639', false],
  ['', false],
])('a caller written as "%s": %s', (text, expected) => {
  expect(isAnswerable(typed(text))).toBe(expected)
})

test('a member with a number, and a recorded report as the server knows it', () => {
  const member = { phone: '•• •• •• •• 01' } as Draft['caller']['member']
  expect(isAnswerable({ report: null, caller: { text: 'Tabac', member } })).toBe(true)
  const report = { caller: { answerable: false } } as Draft['report']
  expect(isAnswerable({ report, caller: { text: '06 39 98 00 01', member: null } })).toBe(false)
})
