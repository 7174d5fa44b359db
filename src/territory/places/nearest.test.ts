import { describe, expect, test } from 'vitest'
import { indexNames, LIKENESS, type Likeness, nearestNames, sameName } from './nearest.ts'

const place = (code: string, name: string, population: number, formerName: string | null = null) => ({
  code,
  name,
  formerName,
  population,
  postalCode: null,
})
const index = indexNames([
  place('63178', 'Issoire', 15_000),
  place('63113', 'Clermont-Ferrand', 147_000),
  place('63124', "Cournon-d'Auvergne", 20_000),
  place('63236', 'Mont-Dore', 1_200),
  place('63337', 'Saint-Éloy-la-Glacière', 60),
  place('63338', 'Saint-Éloy-les-Mines', 3_500),
  place('63047', 'La Bourboule', 1_700),
  place('63038', 'Besse-et-Saint-Anastaise', 1_400),
  place('63226', 'Mur-sur-Allier', 3_600),
  place('63226', 'Mur-sur-Allier', 3_600, 'Mezel'),
  place('63226', 'Mur-sur-Allier', 3_600, 'Dallet'),
  place('63042', 'Blanzat', 3_700),
  place('63195', 'Lezoux', 6_300),
  place('63430', 'Thiers', 12_000),
  place('63284', 'Pont-du-Château', 12_000),
])

describe('finds the nearest name', () => {
  test.each<[string, string, Likeness]>([
    ['issoire', 'Issoire', LIKENESS.same],
    ['bourboule', 'La Bourboule', LIKENESS.same],
    ['la bourboule', 'La Bourboule', LIKENESS.same],
    ['St-Eloy les mines', 'Saint-Éloy-les-Mines', LIKENESS.same],
    ['Clermont Fd', 'Clermont-Ferrand', LIKENESS.abbreviated],
    ['mt dore', 'Mont-Dore', LIKENESS.abbreviated],
    ['pt du chateau', 'Pont-du-Château', LIKENESS.abbreviated],
    ['mur s/ allier', 'Mur-sur-Allier', LIKENESS.abbreviated],
    ['Cournon', "Cournon-d'Auvergne", LIKENESS.begins],
    ['clermont', 'Clermont-Ferrand', LIKENESS.begins],
    ['St Eloy', 'Saint-Éloy-les-Mines', LIKENESS.begins],
    ['Isoire', 'Issoire', LIKENESS.sounds],
    ['lezou', 'Lezoux', LIKENESS.sounds],
    ['thier', 'Thiers', LIKENESS.sounds],
    ['Isosire', 'Issoire', LIKENESS.typo],
    ['clremont ferand', 'Clermont-Ferrand', LIKENESS.typo],
    ['courmon', "Cournon-d'Auvergne", LIKENESS.beginsTypo],
    ['besse en chandesse', 'Besse-et-Saint-Anastaise', LIKENESS.firstWord],
  ])('of "%s": %s', (typed, name, likeness) => {
    const [first] = nearestNames(index, typed)
    expect([first?.place.name, first?.likeness]).toEqual([name, likeness])
  })

  test.each(['', '-', 'iss', 'lyon', 'riom', 'mer', 'deux hommes'])('of "%s": none', (typed) =>
    expect(nearestNames(index, typed)).toEqual([]),
  )

  test('gives each commune once, under the name that matches', () => {
    expect(nearestNames(index, 'mezel').map(({ place }) => place)).toEqual([
      place('63226', 'Mur-sur-Allier', 3_600, 'Mezel'),
    ])
  })

  test('puts the more populated first among equals', () => {
    expect(nearestNames(index, 'saint eloy').map(({ place }) => place.code)).toEqual(['63338', '63337'])
  })
})

test('knows a name that is the same', () => {
  expect(sameName(index, 'CLERMONT FD')?.place.code).toBe('63113')
  expect(sameName(index, 'Dallet')?.place.formerName).toBe('Dallet')
  expect(sameName(index, 'cournon')).toBeUndefined()
})
