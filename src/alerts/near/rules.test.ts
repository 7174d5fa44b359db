import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type AlertedIncident, findNearness, haveSimilarWords, type Incident } from './rules.ts'

const now = new Date('2026-03-12T17:30:00Z')
const ago = (minutes: number) => new Date(now.getTime() - minutes * 60_000)
const ISSOIRE = { latitude: 45.5443, longitude: 3.249 }
/** 2.9 km from Issoire. */
const PERRIER = { latitude: 45.5469, longitude: 3.2117 }
/** 5.0 km and a few metres. */
const LE_BROC = { latitude: 45.4993, longitude: 3.2412 }
const ADVICE = 'Ne pas intervenir, ne pas transférer SMS.'

const mine: Incident = {
  categoryCode: 'counterfeit',
  communeCode: '63178',
  point: ISSOIRE,
  occurredAt: now,
  words: `Faux billets à Issoire. ${ADVICE}`,
}
const theirs: AlertedIncident = { ...mine, leftAt: ago(10) }

describe('whether an alert may be about the same incident', () => {
  test.each<[string, Partial<AlertedIncident>, object | undefined]>([
    [
      'with the same category and commune, ten minutes before',
      {},
      { minutes: 0, kilometres: 0, like: 'category' },
    ],
    [
      'exactly half an hour apart',
      { occurredAt: ago(30), leftAt: ago(30) },
      { minutes: 30, kilometres: 0, like: 'category' },
    ],
    ['more than half an hour apart', { occurredAt: ago(31), leftAt: ago(31) }, undefined],
    [
      'about old facts, but sent a moment ago',
      { occurredAt: ago(300), leftAt: ago(5) },
      { minutes: 5, kilometres: 0, like: 'category' },
    ],
    [
      'sent long ago, but about facts of the same time',
      { occurredAt: ago(2), leftAt: ago(45) },
      { minutes: 2, kilometres: 0, like: 'category' },
    ],
    [
      'in the next commune',
      { communeCode: '63287', point: PERRIER },
      { minutes: 0, kilometres: 2.9, like: 'category' },
    ],
    ['just beyond 5 km', { communeCode: '63050', point: LE_BROC }, undefined],
    [
      'with another category and other words',
      { categoryCode: 'robbery', words: 'Vol à main armée' },
      undefined,
    ],
    [
      'with another category and the same words',
      { categoryCode: 'trick', words: `Deux faux billets de 50 à Issoire. ${ADVICE}` },
      { minutes: 0, kilometres: 0, like: 'words' },
    ],
    [
      'with another category, and only place and advice in common',
      { categoryCode: 'robbery', words: `Incendie volontaire à Issoire. ${ADVICE}` },
      undefined,
    ],
    [
      'in a commune without coordinates, with other words',
      { communeCode: '63321', point: null, words: 'Autre chose' },
      undefined,
    ],
    [
      'in a commune without coordinates, with the same words',
      { communeCode: '63321', point: null },
      { minutes: 0, kilometres: null, like: 'category' },
    ],
  ])('%s', (_name, over, expected) => {
    expect(findNearness(mine, { ...theirs, ...over }, now, [ADVICE, 'Issoire'])).toEqual(expected)
  })
})

test('compares words without accents, case or order, and never matches on one word alone', () => {
  expect(
    haveSimilarWords('Une femme blonde vole la caisse', 'LA CAISSE VOLEE PAR UNE FEMME, Blonde et pressée'),
  ).toBe(true)
  expect(haveSimilarWords('Faux', 'Faux billets')).toBe(false)
  expect(haveSimilarWords('', '')).toBe(false)
})

test('similarity is symmetric and never throws', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 80 }), fc.string({ maxLength: 80 }), (a, b) => {
      expect(haveSimilarWords(a, b)).toBe(haveSimilarWords(b, a))
    }),
  )
})
