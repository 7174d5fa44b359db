import codesNaf from '@socialgouv/codes-naf'
import { expect, test } from 'vitest'
import { normalizeNaf, tradeOfNaf, tradeOfWords, trades } from './trades.ts'

test('every prefix is a level of the official classification and appears once', () => {
  const known = new Set(codesNaf.map((entry) => entry.id))
  const prefixes = trades.flatMap((trade) => [...trade.naf])
  expect(prefixes.filter((prefix) => !known.has(prefix))).toEqual([])
  expect(prefixes.length).toBe(new Set(prefixes).size)
})

test('every code of the classification has a trade', () => {
  const full = codesNaf.filter((entry) => /^\d{2}\.\d{2}[A-Z]$/.test(entry.id))
  expect(full.length).toBe(732)
  expect(full.filter((entry) => tradeOfNaf(entry.id) === undefined)).toEqual([])
})

test('each word belongs to one trade', () => {
  const seen = new Map<string, string>()
  for (const trade of trades) {
    for (const word of [trade.nameFr, trade.nameEn, ...trade.words]) {
      expect(tradeOfWords(word), word).toBe(trade.code)
      expect(seen.get(word) ?? trade.code).toBe(trade.code)
      seen.set(word, trade.code)
    }
  }
})

test.each([
  ['47.26Z', 'tobacco-press'],
  ['4726z', 'tobacco-press'],
  [' 47.26 Z ', 'tobacco-press'],
  ['47.29Z', 'food-shops'],
  ['47.22Z', 'butchers'],
  ['10.71C', 'bakeries'],
  ['10.71A', 'industry-construction'],
  ['47.78A', 'opticians'],
  ['47.78C', 'general-shops'],
  ['46.77Z', 'scrap-dealers'],
  ['46.31Z', 'services-wholesale'],
  ['01.41Z', 'farmers'],
  ['64.20Z', 'services-wholesale'],
  ['53.20Z', 'delivery-transport'],
])('maps %s to %s', (naf, trade) => {
  expect(tradeOfNaf(naf)).toBe(trade)
})

test('returns nothing for invalid codes', () => {
  for (const text of ['', '47', '47.26', '47.26Y', '99.99Z', 'boulangerie', '4726ZZ']) {
    expect(normalizeNaf(text)).toBeUndefined()
    expect(tradeOfNaf(text)).toBeUndefined()
  }
})

test('recognises trades as people write them', () => {
  expect(tradeOfWords('BOULANGERIES')).toBe('bakeries')
  expect(tradeOfWords('Tabac-Presse')).toBe('tobacco-press')
  expect(tradeOfWords('hôtels')).toBe('hotels')
  expect(tradeOfWords('plombier zingueur')).toBeUndefined()
})
