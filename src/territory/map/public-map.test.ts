import { expect, test } from 'vitest'
import type { TerritoryMap } from '../contract.ts'
import type { CodedContour } from './contours.ts'
import { drawPublicMap } from './public-map.ts'

const square = (code: string, west: number, south: number): CodedContour => ({
  code,
  contour: {
    type: 'Polygon',
    coordinates: [
      [
        [west, south],
        [west + 0.1, south],
        [west + 0.1, south + 0.1],
        [west, south + 0.1],
        [west, south],
      ],
    ],
  },
})
const commune = (
  code: string,
  departement: string,
  population: number,
  longitude: number,
  latitude: number,
) => ({
  code,
  name: `Commune ${code}`,
  departement,
  population,
  point: { latitude, longitude },
})
const map = (communes: TerritoryMap['communes'], source: string | null = null): TerritoryMap => ({
  departements: [...new Set(communes.map(({ departement }) => departement))].map((code) => ({
    code,
    version: 'v1',
    source,
  })),
  communes,
})

test('draws one outline around communes that touch, and places the towns in it, the largest first', () => {
  const communes = [commune('63001', '63', 900, 3.05, 45.05), commune('63002', '63', 5000, 3.15, 45.05)]
  const { parts, sources } = drawPublicMap(map(communes), [square('63001', 3, 45), square('63002', 3.1, 45)])
  expect(sources).toEqual([])
  expect(parts).toHaveLength(1)
  const [{ outline, towns, width, height, kilometresPerUnit } = parts[0] as never] = parts
  // The border between both is not drawn, and its ends say nothing.
  expect(outline.match(/M/g)).toHaveLength(1)
  expect(outline.match(/[ML]/g)?.length).toBeLessThanOrEqual(5)
  expect(towns.map(({ name }) => name)).toEqual(['Commune 63002', 'Commune 63001'])
  expect(towns[0]?.x).toBeGreaterThan(towns[1]?.x ?? 0)
  expect(Math.max(width, height)).toBeLessThanOrEqual(641)
  // 0.2 degrees of longitude at this latitude.
  expect(kilometresPerUnit * width).toBeCloseTo(15.9, 0)
})

test('draws parts that are far apart each in its size, and territories without contours as no outline', () => {
  const communes = [
    commune('97411', '974', 150_000, 55.45, -20.88),
    commune('97611', '976', 70_000, 45.23, -12.78),
  ]
  const { parts, sources } = drawPublicMap(map(communes, 'mairie'), [square('97411', 55.4, -20.9)])
  expect(parts.map(({ outline, towns }) => [outline === '', towns.map(({ name }) => name)])).toEqual([
    [false, ['Commune 97411']],
    [true, ['Commune 97611']],
  ])
  expect(sources).toEqual(['mairie'])
  expect(parts.flatMap(({ width, height }) => [width, height]).every((size) => size > 0 && size < 642)).toBe(
    true,
  )
})
