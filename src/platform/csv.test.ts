import { expect, test } from 'vitest'
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
])('%j cannot be run as a formula', (text, expected) => {
  expect(csvCell(text)).toBe(expected)
})

test('a number stays a number', () => {
  expect(csvCell(-2)).toBe('-2')
})

test('times are those of France', () => {
  expect(csvTime('2026-07-12T15:30:05.000Z')).toBe('2026-07-12 17:30:05')
  expect(csvTime(null)).toBe('')
})
