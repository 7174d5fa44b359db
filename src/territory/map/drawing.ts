import type { MultiPolygon, Polygon, Position } from 'geojson'
import type { Bounds } from './parts.ts'

/** Turns a position in degrees into one of a drawing. */
export type Projection = (position: Position) => [x: number, y: number]

/** Returns how much shorter a degree of longitude is than one of latitude, in the middle of some bounds. */
export function shrinkOf([, south, , north]: Bounds): number {
  return Math.cos((((south + north) / 2) * Math.PI) / 180)
}

/** A single point has a size too, in degrees. */
export const SMALLEST = 0.01

/** Returns the projection that shows some bounds as large as a drawing allows, in its middle. */
export function projectionInto(
  bounds: Bounds,
  size: { readonly width: number; readonly height: number },
  margin: number,
): Projection {
  const [west, south, east, north] = bounds
  const shrink = shrinkOf(bounds)
  const scale = Math.min(
    (size.width - 2 * margin) / Math.max((east - west) * shrink, SMALLEST),
    (size.height - 2 * margin) / Math.max(north - south, SMALLEST),
  )
  return ([longitude = 0, latitude = 0]) => [
    size.width / 2 + (longitude - (west + east) / 2) * shrink * scale,
    size.height / 2 - (latitude - (south + north) / 2) * scale,
  ]
}

/** Returns the path of a shape in SVG, on a grid that drops most of its positions; rings smaller than a step vanish. */
export function pathOf(shape: Polygon | MultiPolygon, toDrawing: Projection, step: number): string {
  const polygons = shape.type === 'Polygon' ? [shape.coordinates] : shape.coordinates
  return polygons
    .flat()
    .map((ring) => {
      const points: [number, number][] = []
      for (const position of ring) {
        const [x, y] = toDrawing(position).map((one) => Math.round(one / step))
        const last = points.at(-1)
        if (x === undefined || y === undefined || (last?.[0] === x && last[1] === y)) continue
        const before = points.at(-2)
        // A position on the line between its neighbours says nothing.
        if (before && last && (last[0] - before[0]) * (y - last[1]) === (last[1] - before[1]) * (x - last[0]))
          points.pop()
        points.push([x, y])
      }
      if (points.length < 4) return ''
      return `M${points.map(([x, y]) => `${trim(x * step)} ${trim(y * step)}`).join('L')}Z`
    })
    .join('')
}

/** Without the digits that floating-point numbers add. */
const trim = (value: number) => Number(value.toFixed(1))
