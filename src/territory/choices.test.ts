import { expect, test } from 'vitest'
import { usualChoice } from './choices.ts'
import type { AreaChoice } from './contract.ts'

const choice = (area: AreaChoice['area'], communes: number): AreaChoice => ({
  area,
  name: 'x',
  words: 'x',
  communes,
  withoutPoint: [],
})
const circle = (kilometres: number, communes: number) =>
  choice({ kind: 'radius', centre: { commune: '63178' }, kilometres }, communes)
const WHOLE = choice({ kind: 'scheme' }, 400)
const INSIDE = [
  choice({ kind: 'commune', code: '63178' }, 1),
  choice({ kind: 'neighbours', code: '63178' }, 7),
  circle(10, 20),
  choice({ kind: 'epci', code: '200070407' }, 88),
  WHOLE,
]

test.each([
  ['the size of the category', INSIDE, 'epci', INSIDE[3]],
  ['the commune without one', INSIDE, null, INSIDE[0]],
  ['the commune for a size that is not offered', INSIDE, 'region', INSIDE[0]],
  [
    'around a place outside, the first circle that reaches the scheme',
    [circle(30, 0), circle(60, 12), circle(100, 90), WHOLE],
    'epci',
    circle(60, 12),
  ],
  [
    'farther than every circle, the whole scheme',
    [circle(30, 0), circle(60, 0), circle(100, 0), WHOLE],
    'commune',
    WHOLE,
  ],
  ['nothing offered, nothing', [], 'commune', undefined],
])('proposes %s', (_, choices, size, expected) => {
  expect(usualChoice(choices, size)).toEqual(expected)
})
