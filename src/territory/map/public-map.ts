import type { PublicMap, TerritoryMap } from '../contract.ts'
import { type CodedContour, joinContours } from './contours.ts'
import { pathOf, projectionInto, SMALLEST, shrinkOf } from './drawing.ts'
import { type Bounds, boundsOf, type Part, partsOf } from './parts.ts'

/** Longer side of a drawing, in units. */
const SIDE = 640
const MARGIN = 4
/** Kilometres of one degree of latitude. */
const KM_PER_DEGREE = 111.2
/** Number of towns that may be named in a part: more than any screen has room for. */
const TOWNS = 60

/** Draws the outline of a territory and its largest communes. Nothing in it depends on the members. */
export function drawPublicMap(map: TerritoryMap, contours: readonly CodedContour[]): PublicMap {
  const byCode = new Map(contours.map((one) => [one.code, one.contour]))
  const bounds = new Map<string, Bounds>()
  for (const { code, point } of map.communes) {
    const contour = byCode.get(code)
    const own =
      contour === undefined
        ? point && boundsOf([point.longitude, point.latitude])
        : boundsOf(contour.coordinates)
    if (own) bounds.set(code, own)
  }
  const parts = partsOf(map.communes, bounds).map((part) => drawPart(part, map, byCode))
  return { parts, sources: [...new Set(map.departements.flatMap(({ source }) => source ?? []))] }
}

function drawPart(
  { bounds, codes }: Part,
  map: TerritoryMap,
  contours: ReadonlyMap<string, CodedContour['contour']>,
): PublicMap['parts'][number] {
  const [west, south, east, north] = bounds
  const [across, down] = [
    Math.max((east - west) * shrinkOf(bounds), SMALLEST),
    Math.max(north - south, SMALLEST),
  ]
  const scale = (SIDE - 2 * MARGIN) / Math.max(across, down)
  const size = {
    width: Math.ceil(across * scale) + 2 * MARGIN,
    height: Math.ceil(down * scale) + 2 * MARGIN,
  }
  const toDrawing = projectionInto(bounds, size, MARGIN)
  const shapes = [...codes].flatMap((code) => contours.get(code) ?? [])
  const towns = map.communes
    .filter(({ code }) => codes.has(code))
    .toSorted((a, b) => b.population - a.population || a.code.localeCompare(b.code))
    .slice(0, TOWNS)
  return {
    ...size,
    kilometresPerUnit: Number((KM_PER_DEGREE / scale).toFixed(4)),
    outline: shapes.length === 0 ? '' : pathOf(joinContours(shapes), toDrawing, 1),
    towns: towns.flatMap(({ name, population, point }) => {
      if (point === null) return []
      const [x, y] = toDrawing([point.longitude, point.latitude])
      return [{ name, population, x: Math.round(x), y: Math.round(y) }]
    }),
  }
}
