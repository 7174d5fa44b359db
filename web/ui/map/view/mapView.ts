import type { Bounds } from '../../../../src/territory/map/parts.ts'

/** A position on the screen, in pixels. */
export interface Spot {
  readonly x: number
  readonly y: number
}

/** Returns whether bounds are within others. */
export function isWithin(inner: Bounds, outer: Bounds): boolean {
  return inner[0] >= outer[0] && inner[1] >= outer[1] && inner[2] <= outer[2] && inner[3] <= outer[3]
}

/** Smallest share of the view, in width or height, at which an area can still be read without moving the map. */
const READABLE = 0.12

/** Returns whether an area is seen well enough, so that the map need not move under the user's hand. */
export function isWellSeen(area: Bounds, view: Bounds): boolean {
  const share = Math.max((area[2] - area[0]) / (view[2] - view[0]), (area[3] - area[1]) / (view[3] - view[1]))
  return isWithin(area, view) && share >= READABLE
}

/** Distance of an arrow from the edge of the map, in pixels. */
const EDGE = 16

/**
 * Returns where an arrow at the edge of the map points to a position outside it, with its direction in degrees from
 * east; null for a position that is seen.
 */
export function edgeTowards(
  spot: Spot,
  size: { readonly width: number; readonly height: number },
): (Spot & { readonly angle: number }) | null {
  const { width, height } = size
  if (spot.x >= 0 && spot.y >= 0 && spot.x <= width && spot.y <= height) return null
  const centre = { x: width / 2, y: height / 2 }
  const [dx, dy] = [spot.x - centre.x, spot.y - centre.y]
  const share = Math.min(
    (centre.x - EDGE) / Math.max(Math.abs(dx), 1e-9),
    (centre.y - EDGE) / Math.max(Math.abs(dy), 1e-9),
  )
  return { x: centre.x + dx * share, y: centre.y + dy * share, angle: (Math.atan2(dy, dx) * 180) / Math.PI }
}

const DIRECTIONS: Readonly<Record<string, Spot>> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
}

/**
 * Returns the next commune from a position in the direction of an arrow key, one that lies straight ahead rather than
 * a nearer one aside; undefined when there is none, or for another key.
 */
export function nextTowards<S extends Spot>(spots: readonly S[], from: Spot, key: string): S | undefined {
  const direction = DIRECTIONS[key]
  if (direction === undefined) return undefined
  let best: { spot: S; cost: number } | undefined
  for (const spot of spots) {
    const [dx, dy] = [spot.x - from.x, spot.y - from.y]
    const ahead = dx * direction.x + dy * direction.y
    const aside = Math.abs(dx * direction.y + dy * direction.x)
    if (ahead < 1 || aside > ahead) continue
    const cost = ahead + 2 * aside
    if (best === undefined || cost < best.cost) best = { spot, cost }
  }
  return best?.spot
}

/** Returns the spot nearest to a position. */
export function nearestTo<S extends Spot>(spots: readonly S[], { x, y }: Spot): S | undefined {
  let best: { spot: S; distance: number } | undefined
  for (const spot of spots) {
    const distance = Math.hypot(spot.x - x, spot.y - y)
    if (best === undefined || distance < best.distance) best = { spot, distance }
  }
  return best?.spot
}
