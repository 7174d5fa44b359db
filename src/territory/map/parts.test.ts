import { describe, expect, test } from 'vitest'
import { type Bounds, boundsOf, partsOf } from './parts.ts'

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
