import { expect, test } from 'vitest'
import { periodText } from './period.ts'

/** Formatted numbers are joined to their unit by a space that does not break lines. */
const plain = (text: string) => text.replaceAll('\u00a0', ' ')

test.each([
  [1, '1 jour', '1 day'],
  [30, '30 jours', '30 days'],
  [61, '2 mois', '2 months'],
  [180, '180 jours', '180 days'],
  [365, '1 an', '1 year'],
  [366, '1 an', '1 year'],
  [400, '1 an et 35 jours', '1 year and 35 days'],
  [426, '14 mois', '14 months'],
  [730, '2 ans', '2 years'],
  [800, '2 ans et 70 jours', '2 years and 70 days'],
  [1095, '3 ans', '3 years'],
  [3650, '10 ans', '10 years'],
  [3653, '10 ans', '10 years'],
])('formats a period of %i days as %s', (days, fr, en) => {
  expect([plain(periodText('fr', days)), plain(periodText('en', days))]).toEqual([fr, en])
})

test('never shows more than 364 days', () => {
  for (let days = 1; days <= 4000; days++) {
    const [, shown = '0'] = /(\d+)\u00a0jours?/.exec(periodText('fr', days)) ?? []
    expect([days, Number(shown) < 365]).toEqual([days, true])
  }
})
