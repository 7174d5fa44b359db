import type { Position } from 'geojson'
import { describe, expect, test } from 'vitest'
import {
  boxOf,
  type CodedContour,
  type Contour,
  centroidOf,
  joinContours,
  simplifyForMap,
  touchingPairs,
} from './contours.ts'

function rectangle(west: number, south: number, east: number, north: number): Position[] {
  return [
    [west, south],
    [east, south],
    [east, north],
    [west, north],
    [west, south],
  ]
}
const polygon = (...coordinates: Position[][]): Contour => ({ type: 'Polygon', coordinates })

describe('centroid', () => {
  test('of a rectangle is its centre in either orientation', () => {
    const ring = rectangle(3, 45, 4, 47)
    for (const one of [ring, ring.toReversed()]) {
      const { latitude, longitude } = centroidOf(polygon(one))
      expect(latitude).toBeCloseTo(46, 9)
      expect(longitude).toBeCloseTo(3.5, 9)
    }
  })
  test('moves away from a hole, and towards the larger island', () => {
    const holed = polygon(rectangle(0, 0, 4, 2), rectangle(2.5, 0.5, 3.5, 1.5))
    expect(centroidOf(holed).longitude).toBeCloseTo((8 * 2 - 3) / 7, 9)
    const islands: Contour = {
      type: 'MultiPolygon',
      coordinates: [[rectangle(0, 0, 2, 2)], [rectangle(10, 0, 11, 1)]],
    }
    expect(centroidOf(islands).longitude).toBeCloseTo((4 * 1 + 10.5) / 5, 9)
  })
  test('of a contour without surface is the mean of its positions', () => {
    const flat = polygon([
      [0, 0],
      [2, 0],
      [4, 0],
      [0, 0],
    ])
    expect(centroidOf(flat)).toEqual({ latitude: 0, longitude: 1.5 })
  })
})

test('computes the box of contours', () => {
  expect(boxOf([polygon(rectangle(3, 45, 4, 46)), polygon(rectangle(2, 45.5, 3, 47))])).toEqual({
    west: 2,
    south: 45,
    east: 4,
    north: 47,
  })
})

describe('touching contours', () => {
  const a = { code: 'a', contour: polygon(rectangle(0, 0, 1, 1)) }
  test('share a side, a corner, or a position rounded differently', () => {
    const side = { code: 'b', contour: polygon(rectangle(1, 0, 2, 1)) }
    const corner = { code: 'c', contour: polygon(rectangle(1, 1, 2, 2)) }
    const rounded = { code: 'd', contour: polygon(rectangle(-1, 0.0000009, -0.0000009, 1.0000009)) }
    const apart = { code: 'e', contour: polygon(rectangle(1.00005, 1.00005, 3, 3)) }
    expect(
      touchingPairs([corner, a, apart, side, rounded])
        .map((pair) => pair.join(''))
        .sort(),
    ).toEqual(['ab', 'ac', 'ad', 'bc'])
  })
  test('a commune does not touch itself', () => {
    const twice: Contour = {
      type: 'MultiPolygon',
      coordinates: [[rectangle(0, 0, 1, 1)], [rectangle(1, 1, 2, 2)]],
    }
    expect(touchingPairs([{ code: 'x', contour: twice }])).toEqual([])
  })
})

describe('the contours of merged communes', () => {
  const surface = (contour: Contour) =>
    (contour.type === 'Polygon' ? [contour.coordinates] : contour.coordinates).flat().reduce((sum, ring) => {
      let turn = 0
      for (let i = 1; i < ring.length; i++) {
        const [[ax = 0, ay = 0], [bx = 0, by = 0]] = [ring[i - 1]!, ring[i]!]
        turn += ax * by - bx * ay
      }
      return sum + turn / 2
    }, 0)

  test('lose the border between them, in either orientation', () => {
    const left = polygon(rectangle(0, 0, 1, 1))
    const right = polygon(rectangle(1, 0, 2, 1).toReversed())
    const joined = joinContours([left, right])
    expect(joined.type).toBe('Polygon')
    expect(surface(joined)).toBeCloseTo(2, 9)
    expect(joined.coordinates).toHaveLength(1)
    expect(joinContours([left])).toBe(left)
  })

  test('keep a hole, fill one that another part was, and stay apart where they do not touch', () => {
    const ring = polygon(rectangle(0, 0, 3, 3), rectangle(1, 1, 2, 2))
    const inner = polygon(rectangle(1, 1, 2, 2))
    expect(joinContours([ring, inner])).toMatchObject({ type: 'Polygon', coordinates: { length: 1 } })
    const beside = polygon(rectangle(3, 0, 4, 3))
    const holed = joinContours([ring, beside])
    expect(holed).toMatchObject({ type: 'Polygon', coordinates: { length: 2 } })
    expect(surface(holed)).toBeCloseTo(11, 9)
    const far = polygon(rectangle(8, 8, 9, 9))
    expect(joinContours([inner, far])).toMatchObject({ type: 'MultiPolygon', coordinates: { length: 2 } })
  })

  test('touch everything that any of them touched', () => {
    const [a, b, c] = [rectangle(0, 0, 1, 1), rectangle(1, 0, 2, 1), rectangle(2, 0, 3, 1)].map((one) =>
      polygon(one),
    )
    const merged = { code: 'ab', contour: joinContours([a!, b!]) }
    expect(touchingPairs([merged, { code: 'c', contour: c! }])).toEqual([['ab', 'c']])
  })
})

/** Builds a wavy border from (x, 0) to (x, 1), identical from both sides. */
function wavy(x: number): Position[] {
  return Array.from({ length: 41 }, (_, i) => [
    x + 0.002 * Math.sin(i * 1.7) * (i % 40 === 0 ? 0 : 1),
    i / 40,
  ])
}

/** Counts every edge of the contours, once for each side and direction. */
function edgesOf(contours: readonly CodedContour[]): Map<string, number> {
  const edges = new Map<string, number>()
  for (const { contour } of contours) {
    const polygons = contour.type === 'Polygon' ? [contour.coordinates] : contour.coordinates
    for (const ring of polygons.flat()) {
      for (let i = 1; i < ring.length; i++) {
        const key = [String(ring[i - 1]), String(ring[i])].sort().join(' ')
        edges.set(key, (edges.get(key) ?? 0) + 1)
      }
    }
  }
  return edges
}

test('contours for the map lose positions and leave no gap between neighbours', () => {
  const strip = (no: number): CodedContour => {
    const left = wavy(no)
    const right = wavy(no + 1)
    return { code: String(no), contour: polygon([...left, ...right.toReversed(), left[0] ?? []]) }
  }
  const enclave = polygon([
    [2.5, 0.5],
    [2.6, 0.5],
    [2.6004, 0.55],
    [2.6, 0.6],
    [2.5, 0.6],
    [2.5, 0.5],
  ])
  const around = strip(2).contour
  const contours = [
    strip(0),
    strip(1),
    {
      code: '2',
      contour: polygon(
        ...(around.coordinates as Position[][]),
        (enclave.coordinates[0] as Position[]).toReversed(),
      ),
    },
    { code: 'enclave', contour: enclave },
  ]
  const light = simplifyForMap(contours)
  const before = edgesOf(contours).size
  const edges = edgesOf(light)
  expect(edges.size).toBeLessThan(before)
  // Inside, each edge has two sides; only the frame (left, right, top and bottom) has one.
  const lone = [...edges].filter(([, count]) => count === 1).map(([edge]) => edge)
  const frame = lone.filter((edge) => {
    const positions = edge.split(' ').map((one) => one.split(',').map(Number))
    const onFrame = ([x = 0, y = 0]: number[]) => x < 0.01 || x > 2.99 || y === 0 || y === 1
    return positions.every(onFrame)
  })
  expect(lone).toEqual(frame)
  expect(Math.max(...edges.values())).toBe(2)
})

test('a small island keeps its shape', () => {
  const island = polygon(rectangle(3, 45, 3.0003, 45.0003))
  expect(simplifyForMap([{ code: 'a', contour: island }])).toEqual([{ code: 'a', contour: island }])
})
