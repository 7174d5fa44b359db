import type { Position } from 'geojson'
import type { CodedContour, Contour } from './contours.ts'

/** Steps of the grid of the map in one degree: positions are stored as whole steps of 0.0001° (≈ 10 m). */
const STEPS = 10_000

/** An arc refers to itself by its number, or by `~number` when a ring follows it backwards. */
type RingArcs = readonly number[]

/**
 * The contours of communes as TopoJSON (https://github.com/topojson/topojson-specification): borders are cut into arcs,
 * stored once for both sides as differences between grid positions. All départements use the same grid, so positions on
 * their common border are identical.
 */
export interface ContourTopology {
  readonly type: 'Topology'
  readonly transform: {
    readonly scale: readonly [number, number]
    readonly translate: readonly [number, number]
  }
  readonly arcs: readonly (readonly (readonly [number, number])[])[]
  readonly objects: {
    readonly communes: {
      readonly type: 'GeometryCollection'
      readonly geometries: readonly (
        | { readonly type: 'Polygon'; readonly id: string; readonly arcs: readonly RingArcs[] }
        | {
            readonly type: 'MultiPolygon'
            readonly id: string
            readonly arcs: readonly (readonly RingArcs[])[]
          }
      )[]
    }
  }
}

/** The shape of a commune: for each polygon, its rings as arc numbers. */
export interface Shape {
  readonly code: string
  readonly polygons: readonly (readonly RingArcs[])[]
}

/** Builds a topology from arcs in degrees and the shapes that refer to them. */
export function packTopology(
  arcs: readonly (readonly Position[])[],
  shapes: readonly Shape[],
): ContourTopology {
  return {
    type: 'Topology',
    transform: { scale: [1 / STEPS, 1 / STEPS], translate: [0, 0] },
    objects: {
      communes: {
        type: 'GeometryCollection',
        geometries: shapes.map(({ code: id, polygons }) => {
          const [only] = polygons
          return polygons.length === 1 && only
            ? { type: 'Polygon', id, arcs: only }
            : { type: 'MultiPolygon', id, arcs: polygons }
        }),
      },
    },
    arcs: arcs.map(packArc),
  }
}

/** Builds a topology in which each ring is an arc of its own: larger, but drawn in the same way. */
export function topologyOfContours(contours: readonly CodedContour[]): ContourTopology {
  const arcs: Position[][] = []
  const shapes = contours.map(({ code, contour }) => ({
    code,
    polygons: (contour.type === 'Polygon' ? [contour.coordinates] : contour.coordinates).map((polygon) =>
      polygon.map((ring) => [arcs.push(ring) - 1]),
    ),
  }))
  return packTopology(arcs, shapes)
}

function packArc(positions: readonly Position[]): [number, number][] {
  const packed: [number, number][] = []
  let [lastX, lastY] = [0, 0]
  for (const [longitude = 0, latitude = 0] of positions) {
    const [x, y] = [Math.round(longitude * STEPS), Math.round(latitude * STEPS)]
    if (packed.length > 0 && x === lastX && y === lastY) continue
    packed.push([x - lastX, y - lastY])
    ;[lastX, lastY] = [x, y]
  }
  // TopoJSON asks for two positions, also of an arc that the grid reduces to one.
  if (packed.length === 1) packed.push([0, 0])
  return packed
}

/** Returns the contours of a topology in degrees. Rings that the grid reduces to a line are left out. */
export function readTopology(topology: ContourTopology): CodedContour[] {
  const { arcs, objects, transform } = topology
  const [scaleX, scaleY] = transform.scale
  const [moveX, moveY] = transform.translate
  const unpacked = arcs.map((arc) => {
    let [x, y] = [0, 0]
    return arc.map(([dx, dy]): Position => {
      x += dx
      y += dy
      // Divided, so that the numbers are the same as those of a rounded degree.
      return [x / (1 / scaleX) + moveX, y / (1 / scaleY) + moveY]
    })
  })
  const ringOf = (numbers: RingArcs): Position[] => {
    const ring: Position[] = []
    for (const no of numbers) {
      const arc = no < 0 ? (unpacked[~no] ?? []).toReversed() : (unpacked[no] ?? [])
      for (const position of arc) {
        const last = ring.at(-1)
        if (last?.[0] !== position[0] || last?.[1] !== position[1]) ring.push(position)
      }
    }
    return ring
  }
  return objects.communes.geometries.flatMap((geometry): CodedContour[] => {
    const polygons = (geometry.type === 'Polygon' ? [geometry.arcs] : geometry.arcs)
      .map((rings) =>
        rings.map(ringOf).filter((ring, no) => ring.length >= 4 || (no === 0 && ring.length > 0)),
      )
      .filter((rings) => (rings[0]?.length ?? 0) >= 4)
    const [only] = polygons
    if (only === undefined) return []
    const contour: Contour =
      polygons.length === 1
        ? { type: 'Polygon', coordinates: only }
        : { type: 'MultiPolygon', coordinates: polygons }
    return [{ code: geometry.id, contour }]
  })
}
