import { expect, test } from 'vitest'
import { listSynonyms, readTradeWords } from './trade-words.ts'
import { plainWords, tradeOfWords } from './trades.ts'

test('a synonym belongs to one trade, and is no name or word of another', () => {
  const seen = new Map<string, string>()
  for (const [word, trade] of listSynonyms()) {
    const plain = plainWords(word)
    expect(seen.get(plain) ?? trade, word).toBe(trade)
    expect(tradeOfWords(word) ?? trade, word).toBe(trade)
    seen.set(plain, trade)
  }
})

test.each([
  ['Garage automobile', 'garages', true],
  ['coiffeuse', 'hairdressers-beauty', true],
  ['COIFFEUSE À DOMICILE', 'hairdressers-beauty', true],
  ['Salon de coiffure mixte', 'hairdressers-beauty', false],
  ['Fleuriste', 'general-shops', true],
  ['Artisan boulanger-pâtissier', 'bakeries', false],
  ['Bar-tabac-PMU', 'tobacco-press', true],
  ['Vente de vêtements', 'clothing', false],
  ['commerce de chaussures', 'clothing', false],
  ['Garage Renault (agent)', 'garages', false],
  ['Restaurant - pizzeria', 'restaurants-bars', false],
  ['Hôtel-restaurant', 'hotels', true],
  ['plombier zingueur', 'industry-construction', false],
  ['magasin', 'general-shops', true],
  ['Exploitant agricole (bovins)', 'farmers', true],
  ['auto-école', 'services-wholesale', true],
  ['casse auto', 'scrap-dealers', true],
  ['tabac', 'tobacco-press', true],
  ['Tapissier', 'general-shops', true],
])('reads « %s » as %s', (text, trade, isExact) => {
  expect(readTradeWords(text)).toMatchObject({ trade, isExact })
})

test.each([
  ['Boulangerie épicerie', ['bakeries', 'food-shops']],
  ['boulangrie', ['bakeries']],
  ['Pharmacien et opticien', ['pharmacies', 'opticians']],
  ['xyz', []],
  ['Divers', []],
])('asks which trade « %s » is', (text, candidates) => {
  expect(readTradeWords(text)).toEqual({ trade: undefined, isExact: false, candidates })
})
