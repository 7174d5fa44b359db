import { expect, test } from 'vitest'
import type { AreaChoice } from '../../../../src/territory/contract.ts'
import { hotkeysOf, keyOf, ofArea, worthShowing } from './areas.ts'

const choice = (area: AreaChoice['area'], communes = 1): AreaChoice => ({
  area,
  name: keyOf(area),
  words: '',
  communes,
  withoutPoint: [],
})
const around = (kilometres: number) => choice({ kind: 'radius', centre: { commune: '63178' }, kilometres })

test.each([
  ["agglomération d'Issoire", 'de l’agglomération d’Issoire'],
  ["secteur d'Ambert", 'du secteur d’Ambert'],
  ['commune de Riom', 'de la commune de Riom'],
  ['département du Jura', 'du département du Jura'],
  ["arrondissement d'Issoire", 'de l’arrondissement d’Issoire'],
  ['Issoire et 10 km autour', 'd’Issoire et 10 km autour'],
  ['Riom et communes voisines', 'de Riom et communes voisines'],
])('the shopkeepers of %s', (words, expected) => expect(ofArea(words)).toBe(expected))

test('gives each area one letter, and each radius its own', () => {
  const letters = hotkeysOf([
    choice({ kind: 'commune', code: '63178' }),
    around(5),
    around(10),
    around(20),
    choice({ kind: 'sector', id: '00000000-0000-4000-8000-000000000001' }),
    choice({ kind: 'epci', code: '200070407' }),
  ])
  expect([...letters]).toEqual([
    ['commune-63178', 'C'],
    ['radius-5-63178', 'J'],
    ['radius-10-63178', 'K'],
    ['radius-20-63178', 'G'],
    ['epci-200070407', 'A'],
  ])
})

test('proposes a département that is the whole scheme only once', () => {
  const departement = choice({ kind: 'departement', code: '63' }, 463)
  const scheme = choice({ kind: 'scheme' }, 463)
  expect(worthShowing([departement, scheme])).toEqual([scheme])
  expect(worthShowing([{ ...departement, communes: 300 }, scheme])).toHaveLength(2)
})
