import { expect, test } from 'vitest'
import { plainWords } from './plain-words.ts'
import { listNearTrades, listSynonyms, listTradesByBeginning, readTradeWords } from './trade-words.ts'
import { listTradesNearNaf, tradeOfNaf, tradeOfWords, trades } from './trades.ts'

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
  ['livres', 'general-shops', true],
  ['Vente de livres', 'general-shops', false],
  ['presse, livres', 'tobacco-press', false],
  ['Retouches', 'general-shops', true],
  ['manucure', 'hairdressers-beauty', true],
  ['kiné', 'services-wholesale', true],
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

test.each([
  ['fleur', [['general-shops', 'fleuriste']]],
  [
    'Librai',
    [
      ['general-shops', 'librairie'],
      ['tobacco-press', 'librairie presse'],
    ],
  ],
  ['pharm', [['pharmacies', 'pharmacie']]],
  ['bouch', [['butchers', 'boucher']]],
  ['xyz', []],
  ['', []],
])('« %s » begins words of %j', (text, found) => {
  expect(listTradesByBeginning(text).map(({ trade, word }) => [trade, word])).toEqual(found)
})

/** Words by which merchants name their trade, with the codes that INSEE gives to such a shop (NAF rev. 2, NAF 2025). */
test.each([
  ['fleuriste', '47.76Z', '47.76Y', 'general-shops'],
  ['jardinerie', '47.76Z', '47.76Y', 'general-shops'],
  ['animalerie', '47.76Z', '47.76Y', 'general-shops'],
  ['libraire', '47.61Z', '47.61Y', 'general-shops'],
  ['papeterie', '47.62Z', '47.62Y', 'tobacco-press'],
  ['boulanger', '10.71C', '10.71H', 'bakeries'],
  ['pâtissier', '10.71D', '10.71J', 'bakeries'],
  ['chocolatier', '10.82Z', '10.82Y', 'bakeries'],
  ['confiserie', '47.24Z', '47.24Y', 'bakeries'],
  ['coiffeur', '96.02A', '96.21G', 'hairdressers-beauty'],
  ['esthéticienne', '96.02B', '96.22Y', 'hairdressers-beauty'],
  ['garage', '45.20A', '95.31G', 'garages'],
  ['contrôle technique', '71.20A', '71.20G', 'garages'],
  ['tabac', '47.26Z', '47.26Y', 'tobacco-press'],
  ['maison de la presse', '47.62Z', '47.62Y', 'tobacco-press'],
  ['pharmacie', '47.73Z', '47.73Y', 'pharmacies'],
  ['opticien', '47.78A', '47.74G', 'opticians'],
  ['audioprothésiste', '47.74Z', '47.74H', 'general-shops'],
  ['bijoutier', '47.77Z', '47.77Y', 'jewellers'],
  ['boucher', '47.22Z', '47.22Y', 'butchers'],
  ['charcutier', '10.13B', '10.13H', 'butchers'],
  ['traiteur', '56.21Z', '56.21Y', 'restaurants-bars'],
  ['caviste', '47.25Z', '47.25Y', 'food-shops'],
  ['fromager', '47.29Z', '47.27G', 'food-shops'],
  ['primeur', '47.21Z', '47.21Y', 'food-shops'],
  ['poissonnier', '47.23Z', '47.23Y', 'food-shops'],
  ['épicier', '47.11B', '47.27H', 'food-shops'],
  ['pressing', '96.01B', '96.10H', 'general-shops'],
  ['cordonnier', '95.23Z', '95.23Y', 'general-shops'],
  ['photographe', '74.20Z', '74.20Y', 'general-shops'],
  ['auto-école', '85.53Z', '85.53Y', 'services-wholesale'],
  ['toilettage', '96.09Z', '96.99G', 'services-wholesale'],
  ['vétérinaire', '75.00Z', '75.00Y', 'services-wholesale'],
  ['mercerie', '47.51Z', '47.51Y', 'clothing'],
  ['maroquinerie', '47.72B', '47.72H', 'clothing'],
  ['chausseur', '47.72A', '47.72G', 'clothing'],
  ['quincaillier', '47.52A', '47.52H', 'tools-garden'],
  ['pépiniériste', '01.30Z', '01.30Y', 'farmers'],
  ['ambulance', '86.90A', '86.92Y', 'delivery-transport'],
  ['taxi', '49.32Z', '49.33H', 'delivery-transport'],
  ['hôtel', '55.10Z', '55.10Y', 'hotels'],
  ['pizzeria', '56.10A', '56.11G', 'restaurants-bars'],
])('« %s », %s and %s are one trade', (word, rev2, naf2025, trade) => {
  expect(readTradeWords(word)).toEqual({ trade, isExact: true, candidates: [trade] })
  expect([tradeOfNaf(rev2), tradeOfNaf(naf2025)]).toEqual([trade, trade])
})

const ALL = trades.map(({ code }) => code)

/** Words of lists of chambers and associations, with the trade that is meant. */
test.each([
  ['Fleurs', 'general-shops'],
  ['Boulang.', 'bakeries'],
  ['Boul-pât.', 'bakeries'],
  ['Bar tabac presse', 'tobacco-press'],
  ['Coiffeur homme/femme', 'hairdressers-beauty'],
  ['Sal. coiffure', 'hairdressers-beauty'],
  ['Onglerie', 'hairdressers-beauty'],
  ['Esthét.', 'hairdressers-beauty'],
  ['Prêt à porter', 'clothing'],
  ['Boutique mode', 'clothing'],
  ['Vêt.', 'clothing'],
  ['Chauss.', 'clothing'],
  ['Resto', 'restaurants-bars'],
  ['Restau.', 'restaurants-bars'],
  ['Pizza', 'restaurants-bars'],
  ['Kebab', 'restaurants-bars'],
  ['Bar à bières', 'restaurants-bars'],
  ['Garage auto', 'garages'],
  ['Magasin auto', 'garages'],
  ['Contrôle tech.', 'garages'],
  ['Mag. bio', 'food-shops'],
  ['Alim. générale', 'food-shops'],
  ['Superm.', 'food-shops'],
  ['Opticien', 'opticians'],
  ['Opt.', 'opticians'],
  ['Pharmacie centrale', 'pharmacies'],
  ['Pharm.', 'pharmacies'],
  ['Librairie papeterie', 'general-shops'],
  ['Boucherie-charcuterie', 'butchers'],
  ['Charcut.', 'butchers'],
  ['Tabac-Presse', 'tobacco-press'],
  ['Tab. presse', 'tobacco-press'],
  ['Journ.', 'tobacco-press'],
  ['Caviste', 'food-shops'],
  ['Bijoux', 'jewellers'],
  ['Bijout.', 'jewellers'],
  ['Cordonnerie', 'general-shops'],
  ['Pressing', 'general-shops'],
  ['Fromager', 'food-shops'],
  ['Primeur', 'food-shops'],
  ['Hôtel restaurant', 'hotels'],
  ['Épicerie fine', 'food-shops'],
  ['Chaussures', 'clothing'],
  ['Jouets', 'general-shops'],
  ['Cycles', 'general-shops'],
  ['Boutique', 'general-shops'],
  ['Déco', 'general-shops'],
  ['Cave à vin', 'food-shops'],
  ['Institut de beauté', 'hairdressers-beauty'],
  ['Toilettage canin', 'services-wholesale'],
  ['Agence immo', 'services-wholesale'],
  ['Immo', 'services-wholesale'],
  ['Quinc.', 'tools-garden'],
  ['Plomb.', 'industry-construction'],
  ['Banq.', 'banks-post'],
])('« %s » is read as %s, or has it among the first three proposals', (text, trade) => {
  const read = readTradeWords(text)
  const proposed = read.candidates.length > 0 ? read.candidates : listNearTrades(text, ALL)
  expect(read.trade === undefined ? proposed.slice(0, 3) : [read.trade]).toContain(trade)
})

test.each([
  // Its group, then its division.
  ['47.26Z', ['food-shops', 'butchers', 'bakeries', 'general-shops']],
  // No class is listed under this code.
  ['56.99Z', ['restaurants-bars']],
  ['47.26Q', ['food-shops', 'butchers', 'bakeries', 'general-shops']],
  ['99.99Z', ['services-wholesale']],
])('a code that no trade claims is near to trades of its group, then of its division: %s', (code, near) => {
  const others = ALL.filter((one) => one !== 'tobacco-press')
  expect(listTradesNearNaf(code, others)).toEqual(near)
  expect(listTradesNearNaf(code, [])).toEqual([])
})

test.each([
  ['parfums de niche', ['hairdressers-beauty']],
  ['pneumaticien', ['garages']],
  ['tabacologue', ['tobacco-press']],
  ['zzz', []],
])('a text that names no trade is near to trades with words that begin alike: %s', (text, near) => {
  expect(listNearTrades(text, ALL)).toEqual(near)
  expect(listNearTrades(text, ['bakeries'])).toEqual([])
})

test('a ligature is read as its two letters', () => {
  expect(plainWords('Œufs, hors-d’œuvre')).toBe('oeuf hor d oeuvre')
})
