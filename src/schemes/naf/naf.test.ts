import { describe, expect, test } from 'vitest'
import {
  activityOn,
  listNaf,
  nafCodesOf,
  nomenclatureOf,
  nomenclatures,
  normalizeNaf,
  passagesOf,
  readNaf,
  replaceNaf,
  titleOfNaf,
} from './naf.ts'

describe('the lists', () => {
  test('have as many codes at each level as INSEE publishes', () => {
    const levels = (codes: readonly string[]) =>
      [2, 4, 5, 6].map((length) => new Set(codes.map((code) => code.slice(0, length))).size)
    expect(levels(listNaf('rev2'))).toEqual([88, 272, 615, 732])
    expect(levels(listNaf('2025'))).toEqual([87, 287, 651, 747])
  })

  test('follow each other without a day between', () => {
    const { rev2, '2025': next } = nomenclatures
    expect(Date.parse(next.from) - Date.parse(rev2.until ?? '')).toBe(24 * 60 * 60 * 1000)
  })

  test('share no letter, so that a code names its own', () => {
    for (const nomenclature of ['rev2', '2025'] as const) {
      expect(listNaf(nomenclature).filter((code) => nomenclatureOf(code) !== nomenclature)).toEqual([])
    }
  })

  // One for each kind of code, as INSEE's structure has them.
  test.each([
    ['47.26Y', 'Commerce de détail de produits à base de tabac'],
    ['47.74G', 'Commerce de détail d’optique'],
    ['47.81Y', 'Commerce de détail de véhicules automobiles'],
    ['95.31G', 'Réparation et entretien de véhicules automobiles légers (moins de 3,5\u00a0tonnes)'],
    ['96.21G', 'Coiffure et activités de barbier en salon'],
    ['01.12Y', 'Culture du riz'],
    ['10.13H', 'Préparation de produits à base de viande associée à leur vente au détail'],
    ['69.20Y', 'Activités de comptabilité, de tenue de comptes et d’audit\u202f; conseil fiscal'],
    ['47.26Z', 'Commerce de détail de produits à base de tabac en magasin spécialisé'],
  ])('%s is %s', (code, title) => {
    expect(titleOfNaf(code)).toBe(title)
  })

  test('have a title for each code, without a typewriter’s apostrophe', () => {
    const poor = listNaf('2025').filter(
      (code) => !/^\p{Lu}[^']{4,}[\p{Ll}.)²C]$/u.test(titleOfNaf(code) ?? ''),
    )
    expect(poor).toEqual([])
  })
})

describe('the passage', () => {
  const all = listNaf('rev2').flatMap((code) => passagesOf(code).map((one) => ({ from: code, ...one })))

  test('has the relations of INSEE, from each code and to each but one', () => {
    expect(all).toHaveLength(1223)
    expect(listNaf('rev2').filter((code) => passagesOf(code).length === 0)).toEqual([])
    expect(all.filter(({ code }) => titleOfNaf(code) === undefined)).toEqual([])
    const reached = new Set(all.map(({ code }) => code))
    expect(listNaf('2025').filter((code) => !reached.has(code))).toEqual(['46.89Y'])
  })

  test('is exact only where all goes to one code', () => {
    for (const code of listNaf('rev2')) {
      const shares = passagesOf(code).map(({ share }) => share)
      if (shares.length === 1) expect(shares, code).toEqual(['all'])
      else {
        expect(shares, code).not.toContain('all')
        expect(shares.filter((share) => share === 'most').length, code).toBeLessThanOrEqual(1)
      }
    }
  })

  test('leads the whole of division 45 to cars in 46, 47 and 95', () => {
    const cars = all.filter(({ from }) => from.startsWith('45'))
    expect([...new Set(cars.map(({ code }) => code))].sort()).toEqual(
      ['46.18Y', '46.71G', '46.71H', '46.72Y', '46.73Y', '47.81Y', '47.82Y', '47.83Y', '47.92G'].concat([
        ...['95.31G', '95.31H', '95.32Y', '95.40Y'],
      ]),
    )
  })

  test('tells a tobacconist’s two codes apart', () => {
    expect(passagesOf('47.26Z')).toEqual([
      { code: '47.26Y', share: 'most' },
      { code: '47.92H', share: 'some' },
    ])
    expect(passagesOf('10.71C')).toEqual([{ code: '10.71H', share: 'all' }])
    expect(passagesOf('47.26Y')).toEqual([])
  })
})

describe('reading a code', () => {
  test.each(['4726Z', '47.26Z', '47.26 z', ' 47 26 Z', '47-26-Z', '47.26\u00a0Z'])('%s', (text) => {
    expect(normalizeNaf(text)).toBe('47.26Z')
  })

  test.each(['', '47', '47.26', '4726ZZ', '47.26Z9', 'boulangerie', '1 rue A', '63500 ISSOIRE'])(
    'not %s',
    (text) => {
      expect(readNaf(text)).toBeUndefined()
    },
  )

  test('with what follows it', () => {
    expect(readNaf('4726Y - Tabac, presse')).toEqual({ code: '47.26Y', rest: 'Tabac, presse' })
    expect(readNaf('99.99Z (boulangerie)')).toEqual({ code: '99.99Z', rest: 'boulangerie)' })
    expect(normalizeNaf('4726Y - Tabac')).toBeUndefined()
  })
})

test.each([
  [{ naf: '47.26Z', naf2025: '47.92H' }, '2026-12-31', '47.26Z'],
  [{ naf: '47.26Z', naf2025: '47.92H' }, '2027-01-01', '47.92H'],
  [{ naf: null, naf2025: '47.92H' }, '2026-12-31', '47.92H'],
  [{ naf: '47.26Z', naf2025: '99.99Y' }, '2027-01-01', '47.26Z'],
])('%o on %s is said by the title of %s', (codes, day, code) => {
  expect(activityOn(codes, day)).toBe(titleOfNaf(code))
})

test('a business without a listed code has no title', () => {
  expect(activityOn({ naf: null, naf2025: '99.99Y' }, '2027-01-01')).toBeNull()
})

describe('the codes of a business', () => {
  test('go where their letter says, whatever was not a code', () => {
    expect(nafCodesOf('4726y', null, '47.26Z', 'tabac')).toEqual({ naf: '47.26Z', naf2025: '47.26Y' })
    expect(nafCodesOf('47.62Z', '47.26Z')).toEqual({ naf: '47.26Z', naf2025: null })
  })

  test.each([
    // A code of the other classification stays…
    [
      { naf: '47.26Z', naf2025: null },
      { naf: null, naf2025: '47.26Y' },
      { naf: '47.26Z', naf2025: '47.26Y' },
    ],
    [
      { naf: '45.11Z', naf2025: null },
      { naf: null, naf2025: '47.81Y' },
      { naf: '45.11Z', naf2025: '47.81Y' },
    ],
    // …unless it is of another activity.
    [
      { naf: '47.26Z', naf2025: '47.26Y' },
      { naf: '56.30Z', naf2025: null },
      { naf: '56.30Z', naf2025: null },
    ],
    [
      { naf: '47.26Z', naf2025: '47.26Y' },
      { naf: null, naf2025: '56.30Y' },
      { naf: null, naf2025: '56.30Y' },
    ],
    // An empty list erases nothing, and what is not listed contradicts nothing.
    [
      { naf: '47.26Z', naf2025: '47.26Y' },
      { naf: null, naf2025: null },
      { naf: '47.26Z', naf2025: '47.26Y' },
    ],
    [
      { naf: '47.26Z', naf2025: null },
      { naf: null, naf2025: '99.99Y' },
      { naf: '47.26Z', naf2025: '99.99Y' },
    ],
  ])('%o, then %o', (known, newer, both) => {
    expect(replaceNaf(known, newer)).toEqual(both)
  })
})
