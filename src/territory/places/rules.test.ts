import { describe, expect, test } from 'vitest'
import { distanceKm } from '../distance.ts'
import { areaName, areaWords, ofName, parsePlaceQuery } from './rules.ts'

describe('parsePlaceQuery', () => {
  test.each([
    ['iss', { codes: [], names: ['iss'] }],
    ['st', { codes: [], names: ['saint', 'st'] }],
    ['St Nec', { codes: [], names: ['saint nec'] }],
    ['63500 Issoire', { codes: ['63500'], names: ['issoire'] }],
    ['2a0', { codes: ['2A0'], names: [] }],
    [' - ', { codes: [], names: [] }],
  ])('%s', (text, expected) => expect(parsePlaceQuery(text)).toEqual(expected))
})

test('computes the distance between Issoire and Clermont-Ferrand, and zero from a place to itself', () => {
  const issoire = { latitude: 45.54422, longitude: 3.24901 }
  const clermont = { latitude: 45.77969, longitude: 3.08682 }
  expect(distanceKm(issoire, clermont)).toBeCloseTo(29.06, 1)
  expect(distanceKm(clermont, issoire)).toBeCloseTo(distanceKm(issoire, clermont), 9)
  expect(distanceKm(issoire, issoire)).toBe(0)
})

test.each([
  ['Issoire', 1, "d'Issoire"],
  ['Thiers', 0, 'de Thiers'],
  ['Herment', 1, "d'Herment"],
  ['Haguenau', 0, 'de Haguenau'],
  ['Le Cendre', 2, 'du Cendre'],
  ['Le Vernet-Chaméane', 0, 'du Vernet-Chaméane'],
  ['Les Martres-de-Veyre', 4, 'des Martres-de-Veyre'],
  ['La Bourboule', 3, 'de La Bourboule'],
  ["L'Étang-Salé", 5, "de L'Étang-Salé"],
  ['Lapalisse', 0, 'de Lapalisse'],
  ['Puy-de-Dôme', 2, 'du Puy-de-Dôme'],
  ['Allier', 5, "de l'Allier"],
  ['Haute-Loire', 3, 'de la Haute-Loire'],
  ['Landes', 4, 'des Landes'],
  ['La Réunion', 0, 'de La Réunion'],
  ['Aux Marais', 6, "d'Aux Marais"],
  ['Uvea', 0, "d'Uvea"],
])('writes %s (%i) after "de": %s', (name, liaison, expected) =>
  expect(ofName({ name, liaison })).toBe(expected),
)

const issoire = { name: 'Issoire', liaison: 1 }

test.each([
  [{ kind: 'commune', ...issoire }, "commune d'Issoire"],
  [{ kind: 'neighbours', name: 'Issoire' }, 'Issoire et communes voisines'],
  [{ kind: 'radius', kilometres: 10, around: issoire, exact: true }, 'Issoire et 10 km autour'],
  [{ kind: 'radius', kilometres: 2.5, around: issoire, exact: false }, "secteur d'Issoire (2,5 km)"],
  [{ kind: 'radius', kilometres: 3, around: null, exact: false }, 'rayon de 3 km'],
  [{ kind: 'epci', name: "CA Agglo Pays d'Issoire", nature: 'CA', town: issoire }, "agglomération d'Issoire"],
  [
    { kind: 'epci', name: 'CC Ambert', nature: 'CC', town: { name: 'Ambert', liaison: 1 } },
    "secteur d'Ambert",
  ],
  [{ kind: 'epci', name: 'CC Ambert', nature: 'CC', town: null }, 'Ambert'],
  [{ kind: 'sector', name: 'Centre-ville' }, 'secteur Centre-ville'],
  [{ kind: 'sector', name: 'Secteur nord' }, 'Secteur nord'],
  [{ kind: 'communes', names: ['Issoire', 'Perrier', 'Orbeil'] }, 'Issoire, Perrier et Orbeil'],
  [{ kind: 'communes', names: ['A', 'B', 'C', 'D'] }, 'A, B et 2 autres communes'],
  [{ kind: 'scheme', territory: { kind: 'departement', name: 'Jura', liaison: 2 } }, 'département du Jura'],
  [
    {
      kind: 'union',
      parts: [
        { kind: 'sector', name: 'A' },
        { kind: 'commune', ...issoire },
      ],
    },
    "secteur A et commune d'Issoire",
  ],
] as const)('words of %o', (facts, words) => expect(areaWords(facts)).toBe(words))

test('names areas for the screen in both languages', () => {
  const circle = { kind: 'radius', kilometres: 2.5, around: issoire, exact: true } as const
  expect(areaName(circle, 'fr')).toBe("2,5 km autour d'Issoire")
  expect(areaName(circle, 'en')).toBe('2.5 km around Issoire')
  expect(areaName({ kind: 'communes', names: ['A', 'B', 'C', 'D'] }, 'en')).toBe('A, B and 2 other communes')
})
