import type { Position } from 'geojson'

/** A rectangle, in degrees. */
export type Bounds = readonly [west: number, south: number, east: number, north: number]

/** Returns the smallest bounds around others; null without any. */
export function joinBounds(all: Iterable<Bounds>): Bounds | null {
  let joined: Bounds | null = null
  for (const one of all)
    joined =
      joined === null
        ? one
        : [
            Math.min(joined[0], one[0]),
            Math.min(joined[1], one[1]),
            Math.max(joined[2], one[2]),
            Math.max(joined[3], one[3]),
          ]
  return joined
}

/** The coordinates of a geometry: a position, or lists of them, however deep. */
type Coordinates = Position | readonly Coordinates[]

/** Returns the bounds of some coordinates in degrees; null without any. */
export function boundsOf(coordinates: Coordinates): Bounds | null {
  let [west, south, east, north] = [180, 90, -180, -90]
  const stretch = (inner: Coordinates): void => {
    const [x, y] = inner
    if (typeof x !== 'number' || typeof y !== 'number') {
      for (const one of inner) if (typeof one === 'object') stretch(one)
      return
    }
    west = Math.min(west, x)
    south = Math.min(south, y)
    east = Math.max(east, x)
    north = Math.max(north, y)
  }
  stretch(coordinates)
  return west > east ? null : [west, south, east, north]
}

/** Départements closer to each other than this many degrees are shown together: islands near a coast, Corsica. */
const APART = 1

/** A part of a territory that is far from its other parts. */
export interface Part {
  readonly bounds: Bounds
  readonly codes: ReadonlySet<string>
}

/**
 * Splits a territory into parts that are far from each other, so that none of them is too small to be read: the part
 * with the most inhabitants first. A département is never split.
 */
export function partsOf(
  communes: readonly { readonly code: string; readonly departement: string; readonly population: number }[],
  boundsByCode: ReadonlyMap<string, Bounds>,
): Part[] {
  let parts = departementsOf(communes, boundsByCode)
  for (;;) {
    const joined = joinNear(parts)
    if (joined.length === parts.length) return parts.toSorted((a, b) => b.population - a.population)
    parts = joined
  }
}

/** A part while communes and other parts are added to it. */
interface Growing {
  bounds: Bounds
  readonly codes: Set<string>
  population: number
}

/** Gathers the communes whose bounds are known, by département. */
function departementsOf(
  communes: Parameters<typeof partsOf>[0],
  boundsByCode: ReadonlyMap<string, Bounds>,
): Growing[] {
  const departements = new Map<string, Growing>()
  for (const { code, departement, population } of communes) {
    const bounds = boundsByCode.get(code)
    if (bounds === undefined) continue
    const commune = { bounds, codes: new Set([code]), population }
    const known = departements.get(departement)
    if (known === undefined) departements.set(departement, commune)
    else add(known, commune)
  }
  return [...departements.values()]
}

/** Adds each part to the first one before it that is near; a part that grew may then be near another one. */
function joinNear(parts: readonly Growing[]): Growing[] {
  const joined: Growing[] = []
  for (const part of parts) {
    const near = joined.find(({ bounds }) => gapBetween(bounds, part.bounds) <= APART)
    if (near === undefined) joined.push(part)
    else add(near, part)
  }
  return joined
}

function add(to: Growing, { bounds, codes, population }: Growing): void {
  to.bounds = joinBounds([to.bounds, bounds]) ?? to.bounds
  for (const code of codes) to.codes.add(code)
  to.population += population
}

function gapBetween(a: Bounds, b: Bounds): number {
  return Math.max(a[0] - b[2], b[0] - a[2], a[1] - b[3], b[1] - a[3])
}
