import { expect, test } from 'vitest'
import { listNaf, passagesOf } from '../naf/naf.ts'
import { tradeOfCodes, tradeOfNaf, tradeOfWords, trades } from './trades.ts'

const LISTS = [
  ['rev2', trades.flatMap((trade) => [...trade.naf])],
  ['2025', trades.flatMap((trade) => [...trade.naf2025])],
] as const
/** Codes that no trade claims. */
const UNCLAIMED: Readonly<Record<(typeof LISTS)[number][0], readonly string[]>> = { rev2: [], '2025': [] }
/** Codes whose content INSEE moved to another part of the economy: builders who only sell are in property now. */
const MOVED = ['41.10A', '41.10B', '41.10C', '41.10D']

test.each(LISTS)(
  'every prefix of %s is a level of the official classification and appears once',
  (list, prefixes) => {
    const codes = listNaf(list)
    const known = new Set(codes.flatMap((code) => [2, 4, 5, 6].map((length) => code.slice(0, length))))
    expect(prefixes.filter((prefix) => !known.has(prefix))).toEqual([])
    expect(prefixes.length).toBe(new Set(prefixes).size)
  },
)

test.each(LISTS)('every code of %s has one trade', (list) => {
  expect(listNaf(list).filter((code) => tradeOfNaf(code) === undefined)).toEqual(UNCLAIMED[list])
})

test('a business keeps its trade from one classification to the next', () => {
  const moved = listNaf('rev2').filter((code) =>
    passagesOf(code).some((one) => one.share !== 'some' && tradeOfNaf(one.code) !== tradeOfNaf(code)),
  )
  expect(moved).toEqual(MOVED)
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
  ['45.20A', 'garages'],
  ['47.81Z', 'food-shops'],
  ['96.02A', 'hairdressers-beauty'],
  // NAF 2025: bakers and butchers who make what they sell have classes of their own, and cars left division 45.
  ['47.26Y', 'tobacco-press'],
  ['47.62Y', 'tobacco-press'],
  ['47.92H', 'tobacco-press'],
  ['47.73Y', 'pharmacies'],
  ['47.74G', 'opticians'],
  ['47.74H', 'general-shops'],
  ['47.77Y', 'jewellers'],
  ['47.30Y', 'petrol-stations'],
  ['10.71H', 'bakeries'],
  ['10.71G', 'industry-construction'],
  ['10.13H', 'butchers'],
  ['47.81Y', 'garages'],
  ['47.92G', 'garages'],
  ['46.72Y', 'garages'],
  ['95.31G', 'garages'],
  ['95.29G', 'general-shops'],
  ['96.21H', 'hairdressers-beauty'],
  ['96.23Y', 'hairdressers-beauty'],
  ['46.87Y', 'scrap-dealers'],
  ['38.21Y', 'scrap-dealers'],
  ['01.48G', 'farmers'],
  ['4726y', 'tobacco-press'],
])('maps %s to %s', (naf, trade) => {
  expect(tradeOfNaf(naf)).toBe(trade)
})

test('claims nothing that is not a code, or that no classification lists', () => {
  for (const text of ['', '47', '47.26', '47.26G', '45.20Y', '99.99Z', 'boulangerie', '4726ZZ']) {
    expect(tradeOfNaf(text), text).toBeUndefined()
  }
})

test('of two codes, that of NAF 2025 decides unless it is not listed', () => {
  expect(tradeOfCodes({ naf: '47.76Z', naf2025: '47.92H' })).toBe('tobacco-press')
  expect(tradeOfCodes({ naf: '47.26Z', naf2025: '99.99Y' })).toBe('tobacco-press')
  expect(tradeOfCodes({ naf: null, naf2025: '99.99Y' })).toBeUndefined()
  expect(tradeOfCodes({ naf: null, naf2025: null })).toBeUndefined()
})

test('recognises trades as people write them', () => {
  expect(tradeOfWords('BOULANGERIES')).toBe('bakeries')
  expect(tradeOfWords('Tabac-Presse')).toBe('tobacco-press')
  expect(tradeOfWords('hôtels')).toBe('hotels')
  expect(tradeOfWords('plombier zingueur')).toBeUndefined()
})
