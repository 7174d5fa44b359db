import type { MultiPolygon, Polygon, Position } from 'geojson'
import type { Point } from '../contract.ts'

export type Contour = Polygon | MultiPolygon

export interface CodedContour {
  readonly code: string
  readonly contour: Contour
}

function polygonsOf(contour: Contour): Position[][][] {
  return contour.type === 'Polygon' ? [contour.coordinates] : contour.coordinates
}

/**
 * Returns the centroid of the surface, with holes subtracted and islands weighted by their area. Degrees are treated as
 * planar coordinates: within a commune the error is a few metres. A contour without surface returns the mean of its
 * positions.
 */
export function centroidOf(contour: Contour): Point {
  let area = 0
  let sumX = 0
  let sumY = 0
  const [originX = 0, originY = 0] = polygonsOf(contour)[0]?.[0]?.[0] ?? []
  for (const [no, ring] of polygonsOf(contour).flatMap((polygon) => [...polygon.entries()])) {
    let ringArea = 0
    let x = 0
    let y = 0
    for (let i = 1; i < ring.length; i++) {
      const ax = (ring[i - 1]?.[0] ?? 0) - originX
      const ay = (ring[i - 1]?.[1] ?? 0) - originY
      const bx = (ring[i]?.[0] ?? 0) - originX
      const by = (ring[i]?.[1] ?? 0) - originY
      const cross = ax * by - bx * ay
      ringArea += cross
      x += (ax + bx) * cross
      y += (ay + by) * cross
    }
    // Whatever the orientation of a ring, the first ring of a polygon adds area and the others subtract it.
    const sign = ringArea < 0 === (no === 0) ? -1 : 1
    area += sign * ringArea
    sumX += sign * x
    sumY += sign * y
  }
  // Less than a square centimetre counts as no surface.
  if (Math.abs(area) < 1e-14) {
    const all = polygonsOf(contour).flat(2)
    const mean = (axis: 0 | 1) =>
      all.reduce((sum, position) => sum + (position[axis] ?? 0), 0) / Math.max(all.length, 1)
    return { latitude: mean(1), longitude: mean(0) }
  }
  return { latitude: originY + sumY / (3 * area), longitude: originX + sumX / (3 * area) }
}

export interface Box {
  readonly west: number
  readonly south: number
  readonly east: number
  readonly north: number
}

/** Returns the bounding box of contours, in degrees. */
export function boxOf(contours: readonly Contour[]): Box {
  let [west, south, east, north] = [180, 90, -180, -90]
  for (const contour of contours) {
    for (const [longitude = 0, latitude = 0] of polygonsOf(contour).flat(2)) {
      west = Math.min(west, longitude)
      east = Math.max(east, longitude)
      south = Math.min(south, latitude)
      north = Math.max(north, latitude)
    }
  }
  return { west, south, east, north }
}

/** Positions closer than this count as equal (degrees, 10 cm), because sources round differently. */
const SAME_POSITION = 1e-6
/** Side of the grid cells into which positions are sorted (degrees, 1 m). */
const CELL = 1e-5

/**
 * Returns each pair of communes whose contours share a position, once. In official data (IGN Admin Express) the contours of
 * two neighbours have identical positions along their border, so nothing else needs to be measured. Take the contours of two
 * départements from the same source: another source may draw their border differently.
 */
export function touchingPairs(contours: readonly CodedContour[]): [string, string][] {
  const pairs = new Map<string, [string, string]>()
  for (const numbers of contoursByCell(contours).values()) {
    if (typeof numbers === 'number') continue
    const codes = [...numbers].map((no) => contours[no]?.code ?? '').sort()
    for (const [i, a] of codes.entries()) {
      for (const b of codes.slice(i + 1)) if (a !== b) pairs.set(`${a} ${b}`, [a, b])
    }
  }
  return [...pairs.values()]
}

/** Sorts contours into the cells of a grid: the number of the only one with a position in a cell, or the set of them. */
function contoursByCell(contours: readonly CodedContour[]): Map<string, number | Set<number>> {
  const cells = new Map<string, number | Set<number>>()
  for (const [no, { contour }] of contours.entries()) {
    for (const position of polygonsOf(contour).flat(2)) {
      for (const cell of cellsOf(position)) {
        const known = cells.get(cell)
        // Most cells contain one commune only: a number is enough until a second one is found.
        if (known === undefined) cells.set(cell, no)
        else if (typeof known !== 'number') known.add(no)
        else if (known !== no) cells.set(cell, new Set([known, no]))
      }
    }
  }
  return cells
}

/**
 * Joins the contours of the parts of a commune, such as merged communes, and drops the borders between them, which have
 * identical positions on both sides. Parts without a common border stay separate polygons.
 */
export function joinContours(parts: readonly Contour[]): Contour {
  const [only] = parts
  if (parts.length === 1 && only) return only
  const rings = ringsOf(outerEdges(parts))
  const polygons = rings && polygonsOfRings(rings)
  if (polygons === undefined || polygons.length === 0)
    return { type: 'MultiPolygon', coordinates: parts.flatMap(polygonsOf) }
  const [first] = polygons
  return polygons.length === 1 && first
    ? { type: 'Polygon', coordinates: first }
    : { type: 'MultiPolygon', coordinates: polygons }
}

/** Returns twice the area of a ring, positive when it is counter-clockwise. */
function doubledSignedArea(ring: readonly Position[]): number {
  const [ox = 0, oy = 0] = ring[0] ?? []
  let doubledArea = 0
  for (let i = 1; i < ring.length; i++) {
    const [ax = 0, ay = 0] = ring[i - 1] ?? []
    const [bx = 0, by = 0] = ring[i] ?? []
    doubledArea += (ax - ox) * (by - oy) - (bx - ox) * (ay - oy)
  }
  return doubledArea
}

interface Edge {
  readonly from: string
  readonly to: string
  readonly start: Position
}

function roundedKeyOf([x = 0, y = 0]: Position): string {
  return `${Math.round(x / SAME_POSITION)} ${Math.round(y / SAME_POSITION)}`
}

/** Collects the edges of all parts, land on the left, without those that two parts share in opposite directions. */
function outerEdges(parts: readonly Contour[]): Map<string, Edge> {
  const edges = new Map<string, Edge>()
  for (const polygon of parts.flatMap(polygonsOf)) {
    for (const [no, ring] of polygon.entries()) {
      const oriented = doubledSignedArea(ring) > 0 === (no === 0) ? ring : ring.toReversed()
      for (let i = 1; i < oriented.length; i++) {
        const start = oriented[i - 1]!
        const [from, to] = [roundedKeyOf(start), roundedKeyOf(oriented[i]!)]
        if (from === to) continue
        if (!edges.delete(`${to} / ${from}`)) edges.set(`${from} / ${to}`, { from, to, start })
      }
    }
  }
  return edges
}

/** Builds closed rings from the edges, or returns undefined when they do not close. A ring that touches itself is split there. */
function ringsOf(edges: ReadonlyMap<string, Edge>): Position[][] | undefined {
  const leaving = new Map<string, Edge[]>()
  for (const edge of edges.values()) leaving.set(edge.from, [...(leaving.get(edge.from) ?? []), edge])
  const rings: Position[][] = []
  for (const first of edges.values()) {
    if (leaving.get(first.from)?.includes(first) !== true) continue
    const path: Edge[] = []
    const placeOf = new Map<string, number>()
    for (let at = first.from; ; ) {
      const known = placeOf.get(at)
      if (known !== undefined) {
        const loop = path.splice(known)
        for (const { from } of loop) placeOf.delete(from)
        const ring = loop.map(({ start }) => start)
        rings.push([...ring, ring[0]!])
        if (path.length === 0) break
      }
      const edge = leaving.get(at)?.pop()
      if (edge === undefined) return undefined
      placeOf.set(at, path.length)
      path.push(edge)
      at = edge.to
    }
  }
  return rings
}

/** Builds polygons from the rings: each outer ring with the holes that lie in it. */
function polygonsOfRings(rings: readonly Position[][]): Position[][][] {
  const polygons = rings.filter((ring) => doubledSignedArea(ring) > 0).map((ring) => [ring])
  for (const hole of rings.filter((ring) => doubledSignedArea(ring) < 0)) {
    const around = polygons
      .filter(([outer]) => isInsideRing(middleOfFirstEdge(hole), outer!))
      .sort(([a], [b]) => doubledSignedArea(a!) - doubledSignedArea(b!))
    around[0]?.push(hole)
  }
  return polygons
}

/** Returns the middle of the first edge, because a corner of a hole may also be a corner of its polygon. */
function middleOfFirstEdge(ring: readonly Position[]): Position {
  const [ax = 0, ay = 0] = ring[0] ?? []
  const [bx = 0, by = 0] = ring[1] ?? []
  return [(ax + bx) / 2, (ay + by) / 2]
}

function isInsideRing([x = 0, y = 0]: Position, ring: readonly Position[]): boolean {
  let inside = false
  for (let i = 1; i < ring.length; i++) {
    const [ax = 0, ay = 0] = ring[i - 1] ?? []
    const [bx = 0, by = 0] = ring[i] ?? []
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside
  }
  return inside
}

/** A position near the edge of a cell also belongs to the next one, so that equal positions always share a cell. */
function cellsOf([x = 0, y = 0]: Position): string[] {
  const rows = intervalsOf(y)
  return intervalsOf(x).flatMap((column) => rows.map((row) => `${column} ${row}`))
}

function intervalsOf(degrees: number): number[] {
  const low = Math.floor((degrees - SAME_POSITION) / CELL)
  const high = Math.floor((degrees + SAME_POSITION) / CELL)
  return low === high ? [low] : [low, high]
}

/** Decimals of positions on the map: 10 m, less than a pixel at the closest zoom. */
const MAP_DECIMALS = 4
/**
 * Largest distance by which a border may move on the map, in degrees (≈ 50 m: half a pixel when a département fills the screen).
 */
const MAP_TOLERANCE = 0.0005

/**
 * Simplifies contours for a map without gaps between neighbours: the borders are cut where three contours meet, and each
 * piece is simplified once for both sides (Douglas–Peucker).
 */
export function simplifyForMap(contours: readonly CodedContour[]): CodedContour[] {
  const rounded = contours.map(({ code, contour }) => ({
    code,
    polygons: polygonsOf(contour).map((polygon) => polygon.map(roundRing)),
  }))
  const joints = jointsOf(rounded.flatMap(({ polygons }) => polygons.flat()))
  return rounded.map(({ code, polygons }) => {
    const light = polygons.map((polygon) =>
      polygon
        .map((ring, no) => {
          const simple = simplifyRing(ring, joints)
          // A small island or a thin strip would vanish, so it keeps all its positions. A small hole may vanish.
          return simple.length >= 4 || no > 0 ? simple : ring
        })
        .filter((ring) => ring.length >= 4),
    )
    const drawn = light.filter((polygon) => polygon.length > 0)
    const [only] = drawn
    const contour: Contour =
      drawn.length === 1 && only
        ? { type: 'Polygon', coordinates: only }
        : { type: 'MultiPolygon', coordinates: drawn }
    return { code, contour }
  })
}

function roundRing(ring: readonly Position[]): Position[] {
  const factor = 10 ** MAP_DECIMALS
  const rounded: Position[] = []
  for (const [x = 0, y = 0] of ring) {
    const next: Position = [Math.round(x * factor) / factor, Math.round(y * factor) / factor]
    const last = rounded.at(-1)
    if (last?.[0] !== next[0] || last?.[1] !== next[1]) rounded.push(next)
  }
  return rounded
}

function keyOfPosition(position: Position | undefined): string {
  return `${position?.[0]} ${position?.[1]}`
}

/** Finds the positions where borders diverge: their neighbours on the ring differ from one ring to another. */
function jointsOf(rings: readonly (readonly Position[])[]): Set<string> {
  const sides = new Map<string, string>()
  const joints = new Set<string>()
  for (const ring of rings) {
    const count = ring.length - 1
    for (let i = 0; i < count; i++) {
      const key = keyOfPosition(ring[i])
      const around = [keyOfPosition(ring[(i + count - 1) % count]), keyOfPosition(ring[(i + 1) % count])]
        .sort()
        .join(' / ')
      const known = sides.get(key)
      if (known === undefined) sides.set(key, around)
      else if (known !== around) joints.add(key)
    }
  }
  return joints
}

function simplifyRing(ring: Position[], joints: ReadonlySet<string>): Position[] {
  const open = ring.slice(0, -1)
  // A ring without a joint (an island, an enclave) is cut at a position that both its sides choose in the same way.
  let start = open.findIndex((position) => joints.has(keyOfPosition(position)))
  if (start < 0)
    start = open.reduce((best, position, i) => (isOrderedBefore(position, open[best]) ? i : best), 0)
  const turned = [...open.slice(start), ...open.slice(0, start + 1)]
  const simple: Position[] = []
  let from = 0
  for (let to = 1; to < turned.length; to++) {
    if (to < turned.length - 1 && !joints.has(keyOfPosition(turned[to]))) continue
    simple.push(...simplifyPiece(turned.slice(from, to + 1)).slice(0, -1))
    from = to
  }
  const [first] = simple
  return first ? [...simple, first] : simple
}

function isOrderedBefore(a: Position | undefined, b: Position | undefined): boolean {
  const [ax = 0, ay = 0] = a ?? []
  const [bx = 0, by = 0] = b ?? []
  return ax < bx || (ax === bx && ay < by)
}

/** Simplifies a piece of border between two joints, with the same result in either direction. */
function simplifyPiece(piece: Position[]): Position[] {
  const backwards =
    keyOfPosition(piece[0]) === keyOfPosition(piece.at(-1))
      ? isOrderedBefore(piece.at(-2), piece[1])
      : isOrderedBefore(piece.at(-1), piece[0])
  const oriented = backwards ? piece.toReversed() : piece
  const kept = new Set([0, oriented.length - 1])
  const spans: [number, number][] = [[0, oriented.length - 1]]
  for (let span = spans.pop(); span; span = spans.pop()) {
    const [from, to] = span
    let farthest = -1
    let distance = MAP_TOLERANCE
    for (let i = from + 1; i < to; i++) {
      const away = distanceToSegment(oriented[i], oriented[from], oriented[to])
      if (away > distance) [farthest, distance] = [i, away]
    }
    if (farthest < 0) continue
    kept.add(farthest)
    spans.push([from, farthest], [farthest, to])
  }
  const simple = oriented.filter((_, i) => kept.has(i))
  return backwards ? simple.reverse() : simple
}

function distanceToSegment(
  p: Position | undefined,
  a: Position | undefined,
  b: Position | undefined,
): number {
  const [px = 0, py = 0] = p ?? []
  const [ax = 0, ay = 0] = a ?? []
  const [bx = 0, by = 0] = b ?? []
  const length = (bx - ax) ** 2 + (by - ay) ** 2
  const along =
    length === 0 ? 0 : Math.max(0, Math.min(1, ((px - ax) * (bx - ax) + (py - ay) * (by - ay)) / length))
  return Math.hypot(px - ax - along * (bx - ax), py - ay - along * (by - ay))
}
