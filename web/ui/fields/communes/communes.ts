import type { Feature, FeatureCollection, MultiPolygon, Point, Polygon } from 'geojson'
import type { TerritoryMap } from '../../../../src/territory/contract.ts'
import { type CodedContour, joinContours } from '../../../../src/territory/map/contours.ts'
import { type ContourTopology, readTopology } from '../../../../src/territory/map/topology.ts'

export type CommuneFeature = Feature<Polygon | MultiPolygon | Point, { code: string; name: string }>
export type CommuneFeatures = FeatureCollection<
  Polygon | MultiPolygon | Point,
  { code: string; name: string }
>

/** Draws the communes of a territory: by their contours, or as points where there are none. */
export function drawCommunes(
  map: TerritoryMap,
  topologies: readonly ContourTopology[],
): { features: CommuneFeatures; contours: ReadonlyMap<string, CodedContour> } {
  const contours = new Map(topologies.flatMap(readTopology).map((one) => [one.code, one]))
  const features = map.communes.flatMap(({ code, name, point }): CommuneFeature[] => {
    const contour = contours.get(code)?.contour
    const properties = { code, name }
    if (contour !== undefined) return [{ type: 'Feature', properties, geometry: contour }]
    if (point === null) return []
    const { longitude, latitude } = point
    return [{ type: 'Feature', properties, geometry: { type: 'Point', coordinates: [longitude, latitude] } }]
  })
  return { features: { type: 'FeatureCollection', features }, contours }
}

/** Returns the outline of some communes as one shape; null when none of them has a contour. */
export function outlineOf(
  contours: ReadonlyMap<string, CodedContour>,
  codes: Iterable<string>,
): Polygon | MultiPolygon | null {
  const parts = [...codes].flatMap((code) => contours.get(code)?.contour ?? [])
  return parts.length === 0 ? null : joinContours(parts)
}
