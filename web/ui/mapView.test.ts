import { describe, expect, test } from 'vitest'
import { type Bounds, boundsOf, edgeTowards, isWellSeen, nearestTo, nextTowards, partsOf } from './mapView.ts'

test('returns the bounds of a geometry, however deep its positions are', () => {
  expect(boundsOf([3, 45])).toEqual([3, 45, 3, 45])
  expect(boundsOf([[[[3, 45]], [[4, 44]]], [[[2, 46]]]] as never)).toEqual([2, 44, 4, 46])
  expect(boundsOf([])).toBeNull()
})

describe('parts of a territory', () => {
  const partsAt = (...places: [departement: string, population: number, bounds: Bounds][]) =>
    partsOf(
      places.map(([departement, population], no) => ({ code: `${no}`, departement, population })),
      new Map(places.map(([, , bounds], no) => [`${no}`, bounds])),
    ).map(({ codes }) => [...codes].join(' '))

  test.each([
    [
      'the two départements of Corsica are one',
      [
        ['2A', 9, [8.6, 41.4, 9.4, 42.4]],
        ['2B', 5, [9, 42, 9.6, 43]],
      ],
      ['0 1'],
    ],
    [
      'an island off the coast stays with its département',
      [
        ['85', 9, [-2.1, 46.3, -0.6, 47]],
        ['85', 1, [-2.5, 46.6, -2.3, 46.8]],
      ],
      ['0 1'],
    ],
    [
      'Réunion and Mayotte are two, the most populated first',
      [
        ['976', 3, [45, -13, 45.3, -12.6]],
        ['974', 9, [55.2, -21.4, 55.9, -20.8]],
      ],
      ['1', '0'],
    ],
    [
      'départements that a third one joins are one',
      [
        ['1', 9, [0, 0, 1, 1]],
        ['2', 1, [4, 0, 5, 1]],
        ['3', 1, [1.5, 0, 3.5, 1]],
      ],
      ['0 1 2'],
    ],
  ] as const)('%s', (_, places, expected) =>
    expect(
      partsAt(...(places as unknown as [string, number, Bounds][])).map((part) =>
        part.split(' ').toSorted().join(' '),
      ),
    ).toEqual(expected),
  )
})

test('leaves the map where it is while the area is seen, and not too small to be read', () => {
  const view: Bounds = [2, 45, 4, 46]
  expect(isWellSeen([2.5, 45.2, 3.2, 45.6], view)).toBe(true)
  expect(isWellSeen([3.1, 45.5, 3.2, 45.6], view)).toBe(false)
  expect(isWellSeen([3.5, 45.2, 4.2, 45.6], view)).toBe(false)
})

describe('an arrow to what is outside the map', () => {
  const size = { width: 400, height: 200 }
  test.each([
    ['inside: none', { x: 10, y: 10 }, null],
    ['east', { x: 900, y: 100 }, { x: 384, y: 100, angle: 0 }],
    ['south', { x: 200, y: 900 }, { x: 200, y: 184, angle: 90 }],
    ['north-west, at the nearer edge', { x: -200, y: -300 }, { x: 116, y: 16, angle: -135 }],
  ])('%s', (_, spot, expected) => {
    const found = edgeTowards(spot, size)
    expect(
      found && { x: Math.round(found.x), y: Math.round(found.y), angle: Math.round(found.angle) },
    ).toEqual(expected)
  })
})

describe('from commune to commune by arrow keys', () => {
  const spots = [
    { code: 'here', x: 100, y: 100 },
    { code: 'straight', x: 140, y: 102 },
    { code: 'aside', x: 110, y: 112 },
    { code: 'above', x: 95, y: 60 },
  ]
  test.each([
    ['ArrowRight', 'straight'],
    ['ArrowUp', 'above'],
    ['ArrowDown', 'aside'],
    ['ArrowLeft', undefined],
    ['Enter', undefined],
  ])('%s leads to %s', (key, code) => expect(nextTowards(spots, { x: 100, y: 100 }, key)?.code).toBe(code))

  test('starts at the commune nearest to the middle', () =>
    expect(nearestTo(spots, { x: 96, y: 70 })?.code).toBe('above'))
})
