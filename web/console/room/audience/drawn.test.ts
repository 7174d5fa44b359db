import { describe, expect, test } from 'vitest'
import type { Area, AreaChoice } from '../../../../src/territory/contract.ts'
import type { FormatMessage } from '../../../ui/format/text.ts'
import { baseOf, drawArea, drawnCodes, staysWithPlace } from './drawn.ts'

const t = ((_, values) => `${values?.count} autres communes`) as FormatMessage
const communes = [
  ['63040', 'Billom', 4800],
  ['63195', 'Lezoux', 6300],
  ['63430', 'Thiers', 11_600],
  ['63448', 'Vertaizon', 3200],
].map(([code, name, population]) => ({
  code: String(code),
  name: String(name),
  population: Number(population),
  departement: '63',
  point: { latitude: 45.7, longitude: 3.3 },
}))
const choice = (area: Area, name: string, count = 1): AreaChoice => ({
  area,
  name,
  words: name,
  communes: count,
  withoutPoint: [],
})
const billom = choice({ kind: 'commune', code: '63040' }, 'commune de Billom')
const around = choice(
  { kind: 'radius', centre: { commune: '63040' }, kilometres: 10 },
  'Billom et 10 km autour',
  2,
)
const draw = (area: AreaChoice | null, lit: string[], codes: string[], on = true) =>
  drawArea({
    area,
    lit: new Map(lit.map((code) => [code, 1])),
    codes,
    on,
    communes,
    choices: [billom, around],
    t,
    lang: 'fr',
  })

describe('a drag over the map', () => {
  test('makes an area where there is none, named by its largest communes', () => {
    const made = draw(null, [], ['63040', '63195', '63430', '63448'])
    expect(made?.area).toEqual({ kind: 'communes', codes: ['63430', '63195', '63040', '63448'] })
    expect(made).toMatchObject({ words: 'Thiers, Lezoux et 2 autres communes', communes: 4 })
  })

  test('from a single commune makes a list of two', () =>
    expect(draw(billom, ['63040'], ['63040', '63195'])).toMatchObject({
      area: { kind: 'communes', codes: ['63195', '63040'] },
      words: 'Lezoux et Billom',
    }))

  test('adds to a named area, which keeps its name, and removing the addition gives it back', () => {
    const more = draw(around, ['63040', '63448'], ['63448', '63195'])
    expect(more).toMatchObject({ words: 'Billom et 10 km autour et Lezoux', communes: 3 })
    expect(more && drawnCodes(more.area)).toEqual(['63195'])
    expect(more && baseOf(more.area)).toEqual(around.area)
    expect(draw(more, ['63040', '63448', '63195'], ['63195'], false)).toEqual(around)
    const most = draw(more, ['63040', '63448', '63195'], ['63430'])
    expect(most).toMatchObject({ words: 'Billom et 10 km autour et Thiers et Lezoux', communes: 4 })
  })

  test('that removes from a named area leaves a list of communes', () =>
    expect(draw(around, ['63040', '63448'], ['63448', '63430'], false)).toMatchObject({
      area: { kind: 'communes', codes: ['63040'] },
      words: 'Billom',
    }))

  test('changes nothing over what is in the area already, and leaves no area without communes', () => {
    expect(draw(around, ['63040', '63448'], ['63040'])).toBe(around)
    expect(draw(around, ['63040'], ['63195'], false)).toBe(around)
    expect(draw(around, ['63040', '63448'], ['63040', '63448'], false)).toBeNull()
  })
})

test.each([
  ['no area', null, billom, false],
  ['a circle around the place', around, billom, false],
  ['a drawn list', choice({ kind: 'communes', codes: ['63195'] }, 'Lezoux'), billom, true],
  ['an area chosen before the place', around, null, true],
])('with another place, %s stays or not', (_, area, place, stays) =>
  expect(
    staysWithPlace({ area, commune: place && { code: '63040', name: 'Billom', postalCode: null } }),
  ).toBe(stays),
)
