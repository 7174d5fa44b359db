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
])('protects %j from running as a formula', (text, expected) => {
  expect(csvCell(text)).toBe(expected)
})

test('keeps a number a number', () => {
  expect(csvCell(-2)).toBe('-2')
})

test('writes times in French local time', () => {
  expect(csvTime('2026-07-12T15:30:05.000Z')).toBe('2026-07-12 17:30:05')
  expect(csvTime(null)).toBe('')
})
