import type { MultiPolygon, Polygon, Position } from 'geojson'
import type { Point } from './contract.ts'

export type Contour = Polygon | MultiPolygon

export interface CodedContour {
  readonly code: string
  readonly contour: Contour
}

function polygonsOf(contour: Contour): Position[][][] {
  return contour.type === 'Polygon' ? [contour.coordinates] : contour.coordinates
}

/**
 * Centre of gravity of the surface, holes taken off, islands counted by their area. Degrees are used as if they
 * were flat: over a commune the error is a few metres. A contour without surface gives the mean of its positions.
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
    // Whichever way the ring turns, the first of a polygon adds and the others take off.
    const sign = ringArea < 0 === (no === 0) ? -1 : 1
    area += sign * ringArea
    sumX += sign * x
    sumY += sign * y
  }
  // Under a square centimetre there is no surface to weigh.
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

/** The rectangle around contours, in degrees. */
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

/** Positions closer than this are one (degrees, 10 cm): sources round differently. */
const SAME_POSITION = 1e-6
/** Side of the squares that positions are sorted into (degrees, 1 m). */
const CELL = 1e-5

/**
 * Pairs of communes whose contours share a position, each once. In official data (IGN Admin Express) the contours
 * of two neighbours have the very same positions along their border, so nothing else needs to be measured. Take
 * the contours of two départements from one source: another one may draw their border otherwise.
 */
export function touchingPairs(contours: readonly CodedContour[]): [string, string][] {
  const cells = new Map<string, number | Set<number>>()
  for (const [no, { contour }] of contours.entries()) {
    for (const [x = 0, y = 0] of polygonsOf(contour).flat(2)) {
      // A position near the edge of a square also belongs to the next: two that are one always share a square.
      for (const column of cellsOf(x)) {
        for (const row of cellsOf(y)) {
          const key = `${column} ${row}`
          const known = cells.get(key)
          // Most squares hold one commune only: a number is enough until a second comes.
          if (known === undefined) cells.set(key, no)
          else if (typeof known !== 'number') known.add(no)
          else if (known !== no) cells.set(key, new Set([known, no]))
        }
      }
    }
  }
  const pairs = new Map<string, [string, string]>()
  for (const numbers of cells.values()) {
    if (typeof numbers === 'number') continue
    const codes = [...numbers].map((no) => contours[no]?.code ?? '').sort()
    for (const [i, a] of codes.entries()) {
      for (const b of codes.slice(i + 1)) if (a !== b) pairs.set(`${a} ${b}`, [a, b])
    }
  }
  return [...pairs.values()]
}

/**
 * One contour of the parts of a commune, as communes that were merged are: without the borders between them, which both
 * sides have with the very same positions. Parts that do not meet so stay side by side.
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

/** Twice the surface of a ring, positive where it turns counter-clockwise. */
function turnOf(ring: readonly Position[]): number {
  const [ox = 0, oy = 0] = ring[0] ?? []
  let turn = 0
  for (let i = 1; i < ring.length; i++) {
    const [ax = 0, ay = 0] = ring[i - 1] ?? []
    const [bx = 0, by = 0] = ring[i] ?? []
    turn += (ax - ox) * (by - oy) - (bx - ox) * (ay - oy)
  }
  return turn
}

interface Edge {
  readonly from: string
  readonly to: string
  readonly start: Position
}

function joinKey([x = 0, y = 0]: Position): string {
  return `${Math.round(x / SAME_POSITION)} ${Math.round(y / SAME_POSITION)}`
}

/** The edges of all parts, their land on the left, but for those that two parts walk in opposite directions. */
function outerEdges(parts: readonly Contour[]): Map<string, Edge> {
  const edges = new Map<string, Edge>()
  for (const polygon of parts.flatMap(polygonsOf)) {
    for (const [no, ring] of polygon.entries()) {
      const walked = turnOf(ring) > 0 === (no === 0) ? ring : ring.toReversed()
      for (let i = 1; i < walked.length; i++) {
        const start = walked[i - 1]!
        const [from, to] = [joinKey(start), joinKey(walked[i]!)]
        if (from === to) continue
        if (!edges.delete(`${to} / ${from}`)) edges.set(`${from} / ${to}`, { from, to, start })
      }
    }
  }
  return edges
}

/** Closed rings made of the edges; undefined when they do not close. A ring that meets itself is cut there in two. */
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

/** Polygons of the rings: those with their land inside, each with the holes that lie in it. */
function polygonsOfRings(rings: readonly Position[][]): Position[][][] {
  const polygons = rings.filter((ring) => turnOf(ring) > 0).map((ring) => [ring])
  for (const hole of rings.filter((ring) => turnOf(ring) < 0)) {
    const around = polygons
      .filter(([outer]) => isInside(middleOf(hole), outer!))
      .sort(([a], [b]) => turnOf(a!) - turnOf(b!))
    around[0]?.push(hole)
  }
  return polygons
}

/** The middle of the first edge: a corner of a hole may be one of its polygon too. */
function middleOf(ring: readonly Position[]): Position {
  const [ax = 0, ay = 0] = ring[0] ?? []
  const [bx = 0, by = 0] = ring[1] ?? []
  return [(ax + bx) / 2, (ay + by) / 2]
}

function isInside([x = 0, y = 0]: Position, ring: readonly Position[]): boolean {
  let inside = false
  for (let i = 1; i < ring.length; i++) {
    const [ax = 0, ay = 0] = ring[i - 1] ?? []
    const [bx = 0, by = 0] = ring[i] ?? []
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside
  }
  return inside
}

function cellsOf(degrees: number): number[] {
  const low = Math.floor((degrees - SAME_POSITION) / CELL)
  const high = Math.floor((degrees + SAME_POSITION) / CELL)
  return low === high ? [low] : [low, high]
}

/** Decimals that the map gets: 10 m, less than a pixel at the closest zoom it is used at. */
const MAP_DECIMALS = 4
/** How far a border may move on the map, in degrees (≈ 50 m: half a pixel when a département fills the screen). */
const MAP_TOLERANCE = 0.0005

/**
 * Contours made light for a map, without a crack between neighbours: the borders are cut where three contours
 * meet, and each piece is simplified once for both its sides (Douglas–Peucker).
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
          // A small island or a thin strip would vanish: it keeps all its positions. A small hole may go.
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

function keyOf(position: Position | undefined): string {
  return `${position?.[0]} ${position?.[1]}`
}

/** Positions where borders part: those that do not have the same two next positions in every ring. */
function jointsOf(rings: readonly (readonly Position[])[]): Set<string> {
  const sides = new Map<string, string>()
  const joints = new Set<string>()
  for (const ring of rings) {
    const count = ring.length - 1
    for (let i = 0; i < count; i++) {
      const key = keyOf(ring[i])
      const around = [keyOf(ring[(i + count - 1) % count]), keyOf(ring[(i + 1) % count])].sort().join(' / ')
      const known = sides.get(key)
      if (known === undefined) sides.set(key, around)
      else if (known !== around) joints.add(key)
    }
  }
  return joints
}

function simplifyRing(ring: Position[], joints: ReadonlySet<string>): Position[] {
  const open = ring.slice(0, -1)
  // A ring without a joint (an island, an enclave) is cut at a position that both its sides choose alike.
  let start = open.findIndex((position) => joints.has(keyOf(position)))
  if (start < 0) start = open.reduce((best, position, i) => (before(position, open[best]) ? i : best), 0)
  const turned = [...open.slice(start), ...open.slice(0, start + 1)]
  const simple: Position[] = []
  let from = 0
  for (let to = 1; to < turned.length; to++) {
    if (to < turned.length - 1 && !joints.has(keyOf(turned[to]))) continue
    simple.push(...simplifyPiece(turned.slice(from, to + 1)).slice(0, -1))
    from = to
  }
  const [first] = simple
  return first ? [...simple, first] : simple
}

function before(a: Position | undefined, b: Position | undefined): boolean {
  const [ax = 0, ay = 0] = a ?? []
  const [bx = 0, by = 0] = b ?? []
  return ax < bx || (ax === bx && ay < by)
}

/** A piece of border between two joints, simplified the same way whichever side walks along it. */
function simplifyPiece(piece: Position[]): Position[] {
  const backwards =
    keyOf(piece[0]) === keyOf(piece.at(-1)) ? before(piece.at(-2), piece[1]) : before(piece.at(-1), piece[0])
  const walked = backwards ? piece.toReversed() : piece
  const kept = new Set([0, walked.length - 1])
  const spans: [number, number][] = [[0, walked.length - 1]]
  for (let span = spans.pop(); span; span = spans.pop()) {
    const [from, to] = span
    let farthest = -1
    let distance = MAP_TOLERANCE
    for (let i = from + 1; i < to; i++) {
      const away = distanceToSegment(walked[i], walked[from], walked[to])
      if (away > distance) [farthest, distance] = [i, away]
    }
    if (farthest < 0) continue
    kept.add(farthest)
    spans.push([from, farthest], [farthest, to])
  }
  const simple = walked.filter((_, i) => kept.has(i))
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
