import { expect, test } from 'vitest'
import { type DateKind, dayAfter, textOfValue, valueOfText, withSeparator } from './dates.ts'

test.each<[DateKind, string, string | undefined]>([
  ['day', '12/03/2026', '2026-03-12'],
  ['day', '1/3/26', '2026-03-01'],
  ['day', '12.03.2026', '2026-03-12'],
  ['day', ' 12-3-2026 ', '2026-03-12'],
  ['day', '12032026', '2026-03-12'],
  ['day', '2026-03-12', '2026-03-12'],
  ['day', '31/02/2026', undefined],
  ['day', '03/13/2026', undefined],
  ['day', '12/03', undefined],
  ['time', '14:30', '14:30'],
  ['time', '9h', '09:00'],
  ['time', '9h05', '09:05'],
  ['time', '1430', '14:30'],
  ['time', '24:00', undefined],
  ['time', '14:3', undefined],
  ['moment', '12/03/2026 14:30', '2026-03-12T14:30'],
  ['moment', '12/3/26 9h', '2026-03-12T09:00'],
  ['moment', '2026-03-12T14:30', '2026-03-12T14:30'],
  ['moment', '12/03/2026', undefined],
])('reads a %s from %j', (kind, typed, value) => {
  expect(valueOfText(kind, typed)).toBe(value)
  if (value !== undefined) expect(valueOfText(kind, textOfValue(kind, value))).toBe(value)
})

test('shows days in the order in which they are read, and what is no day as it was typed', () => {
  expect(textOfValue('day', '2026-03-12')).toBe('12/03/2026')
  expect(textOfValue('moment', '2026-03-12T14:30')).toBe('12/03/2026 14:30')
  expect(textOfValue('time', '14:30')).toBe('14:30')
  for (const text of ['', '12/0', 'demain']) expect(textOfValue('day', text)).toBe(text)
})

test('digits alone can be typed, and separators too', () => {
  const type = (kind: DateKind, keys: string) =>
    [...keys].reduce((before, key) => withSeparator(kind, before, before + key), '')
  expect(type('day', '12032026')).toBe('12/03/2026')
  expect(type('day', '12/03/2026')).toBe('12/03/2026')
  expect(type('day', '1/3/2026')).toBe('1/3/2026')
  expect(type('moment', '120320261430')).toBe('12/03/2026 14:30')
  expect(type('time', '1430')).toBe('14:30')
  // Deleting never adds any.
  expect(withSeparator('day', '12/', '12')).toBe('12')
  expect(dayAfter('2026-02-28', 1)).toBe('2026-03-01')
})
