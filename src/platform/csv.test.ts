import { expect, test } from 'vitest'
import { METROPOLITAN_ZONE } from '../message/clock.ts'
import { csvCell, csvTime } from './csv.ts'

test.each([
  ['=1+1', "'=1+1"],
  ['=HYPERLINK("http://x";"y")', `"'=HYPERLINK(""http://x"";""y"")"`],
  ['+33639980001', "'+33639980001"],
  ['-2', "'-2"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['  =1', "'  =1"],
  ['\t=1', "'\t=1"],
  ['\r=1', `"'\r=1"`],
  ['＝1+1', "'＝1+1"],
  ['Tabac = presse', 'Tabac = presse'],
  ['a\nb', '"a\nb"'],
])('protects %j from running as a formula', (text, expected) => {
  expect(csvCell(text)).toBe(expected)
})

test('keeps a number a number', () => {
  expect(csvCell(-2)).toBe('-2')
})

test('writes times in the time zone of the scheme', () => {
  const at = '2026-07-12T22:30:05.000Z'
  expect(csvTime(at, METROPOLITAN_ZONE)).toBe('2026-07-13 00:30:05')
  expect(csvTime(at, 'Indian/Reunion')).toBe('2026-07-13 02:30:05')
  expect(csvTime(at, 'America/Cayenne')).toBe('2026-07-12 19:30:05')
  expect(csvTime(at, 'America/Martinique')).toBe('2026-07-12 18:30:05')
  expect(csvTime(null, METROPOLITAN_ZONE)).toBe('')
})
