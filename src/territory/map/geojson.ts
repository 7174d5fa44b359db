import type { MultiPolygon, Polygon, Position } from 'geojson'
import { AppError, type Problem } from '../../errors.ts'

/** Maximum size of a file of contours: the largest département of France in full detail is under 20 MB. */
export const MAX_CONTOUR_MEGABYTES = 64
const MAX_FEATURES = 20_000
const MAX_POSITIONS = 4_000_000
/** Problems listed one by one; the rest are only counted. */
const MAX_PROBLEMS = 50

/** A commune in a file of contours. */
export interface ContourFeature {
  readonly code: string
  /** The name in the file, or the code when there is none. */
  readonly name: string
  readonly geometry: Polygon | MultiPolygon
}

/** Properties in which sources store the INSEE code: geo.api.gouv.fr, IGN Admin Express, OpenStreetMap. */
const CODE_PROPERTIES = ['code', 'INSEE_COM', 'insee_com', 'insee', 'code_insee']
const NAME_PROPERTIES = ['nom', 'NOM', 'name']

/**
 * Reads a GeoJSON FeatureCollection of communes (RFC 7946, WGS 84, one Polygon or MultiPolygon for each commune). The
 * returned rings are closed, without repeated positions, rounded to 6 decimals (10 cm), and the outer ones are
 * counter-clockwise.
 * @throws AppError `file_too_large`, or `invalid_file` with every problem and its place in the file
 */
export function readContours(bytes: Uint8Array, file: string): ContourFeature[] {
  if (bytes.byteLength > MAX_CONTOUR_MEGABYTES * 1024 * 1024) {
    throw new AppError('file_too_large', { values: { limit: MAX_CONTOUR_MEGABYTES } })
  }
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    throw invalidFile(file, [{ code: 'geojson.notJson' }], error)
  }
  const { features, problems } = validateContours(value)
  if (problems.length > 0) throw invalidFile(file, problems)
  return features
}

export function invalidFile(file: string, problems: readonly Problem[], cause?: unknown): AppError {
  const shown = problems.slice(0, MAX_PROBLEMS)
  const more = problems.length - shown.length
  if (more > 0) shown.push({ code: 'geojson.more', values: { count: more } })
  return new AppError('invalid_file', { values: { file, problems: problems.length }, problems: shown, cause })
}

/** Checks a JSON value as a collection of contours. Features with a problem are not returned. */
export function validateContours(value: unknown): { features: ContourFeature[]; problems: Problem[] } {
  const collection = readCollection(value)
  if ('problem' in collection) return { features: [], problems: [collection.problem] }
  const features: ContourFeature[] = []
  const problems: Problem[] = []
  const seen = new Set<string>()
  let positions = 0
  for (const [index, feature] of collection.items.entries()) {
    const path = `features[${index}]`
    if (!isRecord(feature) || feature.type !== 'Feature') {
      problems.push({ code: 'geojson.notFeature', path })
      continue
    }
    const properties = isRecord(feature.properties) ? feature.properties : {}
    const code = firstText(properties, CODE_PROPERTIES)
    if (code === undefined || !/^(\d{2}|2[AB])\d{3}$/.test(code)) {
      problems.push({ code: 'geojson.noCode', path: `${path}.properties.code` })
    } else if (seen.has(code)) {
      problems.push({ code: 'geojson.sameCode', path: `${path}.properties.code`, values: { code } })
    } else {
      seen.add(code)
    }
    const geometry = readGeometry(feature.geometry)
    if ('problem' in geometry) {
      problems.push({ ...geometry.problem, path: `${path}.geometry${geometry.problem.path ?? ''}` })
      continue
    }
    positions += geometry.positions
    if (positions > MAX_POSITIONS) {
      problems.push({ code: 'geojson.tooManyPositions', path, values: { limit: MAX_POSITIONS } })
      break
    }
    if (code !== undefined) {
      features.push({
        code,
        name: firstText(properties, NAME_PROPERTIES) ?? code,
        geometry: geometry.geometry,
      })
    }
  }
  return { features, problems }
}

type ReadResult<T> = T | { readonly problem: Problem }

function readCollection(value: unknown): ReadResult<{ items: readonly unknown[] }> {
  if (!isRecord(value) || value.type !== 'FeatureCollection' || !Array.isArray(value.features))
    return { problem: { code: 'geojson.notCollection' } }
  const items: readonly unknown[] = value.features
  if (items.length === 0) return { problem: { code: 'geojson.empty' } }
  if (items.length > MAX_FEATURES)
    return { problem: { code: 'geojson.tooManyFeatures', values: { limit: MAX_FEATURES } } }
  return { items }
}

function readGeometry(value: unknown): ReadResult<{ geometry: Polygon | MultiPolygon; positions: number }> {
  const type = isRecord(value) ? value.type : undefined
  if (!isRecord(value) || (type !== 'Polygon' && type !== 'MultiPolygon')) {
    return {
      problem: {
        code: 'geojson.geometry',
        values: { type: typeof type === 'string' ? type.slice(0, 40) : '–' },
      },
    }
  }
  const polygons: unknown = type === 'Polygon' ? [value.coordinates] : value.coordinates
  if (!Array.isArray(polygons) || polygons.length === 0)
    return { problem: { code: 'geojson.noRing', path: '.coordinates' } }
  const read: Position[][][] = []
  let positions = 0
  for (const [p, rings] of polygons.entries()) {
    const path = `.coordinates${type === 'Polygon' ? '' : `[${p}]`}`
    const result = readPolygon(rings, path)
    if ('problem' in result) return result
    for (const ring of result.polygon) positions += ring.length
    read.push(result.polygon)
  }
  const [only] = read
  const geometry: Polygon | MultiPolygon =
    type === 'Polygon' && only ? { type, coordinates: only } : { type: 'MultiPolygon', coordinates: read }
  return { geometry, positions }
}

/** Reads the rings of a polygon, and turns them as RFC 7946 wants: outer rings counter-clockwise and holes clockwise. */
function readPolygon(rings: unknown, path: string): ReadResult<{ polygon: Position[][] }> {
  if (!Array.isArray(rings) || rings.length === 0) return { problem: { code: 'geojson.noRing', path } }
  const polygon: Position[][] = []
  for (const [no, positions] of rings.entries()) {
    const result = readRing(positions, `${path}[${no}]`)
    if ('problem' in result) return result
    const { ring } = result
    polygon.push(signedArea(ring) > 0 === (no === 0) ? ring : ring.toReversed())
  }
  return { polygon }
}

function readRing(value: unknown, path: string): ReadResult<{ ring: Position[] }> {
  if (!Array.isArray(value)) return { problem: { code: 'geojson.noRing', path } }
  const ring: Position[] = []
  for (const [index, position] of value.entries()) {
    const [longitude, latitude] = Array.isArray(position) ? (position as unknown[]) : []
    if (
      typeof longitude !== 'number' ||
      typeof latitude !== 'number' ||
      Math.abs(longitude) > 180 ||
      Math.abs(latitude) > 90
    ) {
      return { problem: { code: 'geojson.position', path: `${path}[${index}]` } }
    }
    const next: Position = [round6(longitude), round6(latitude)]
    const last = ring.at(-1)
    if (last?.[0] !== next[0] || last?.[1] !== next[1]) ring.push(next)
  }
  const [first] = ring
  const last = ring.at(-1)
  if (first && last && (first[0] !== last[0] || first[1] !== last[1])) ring.push([...first])
  return ring.length < 4 ? { problem: { code: 'geojson.shortRing', path } } : { ring }
}

function round6(degrees: number): number {
  return Math.round(degrees * 1e6) / 1e6
}

/**
 * Returns square degrees, positive when counter-clockwise. Measured from the first position, because large numbers lose
 * precision when they cancel out.
 */
function signedArea(ring: readonly Position[]): number {
  const [x0 = 0, y0 = 0] = ring[0] ?? []
  let sum = 0
  for (let i = 1; i < ring.length; i++) {
    const [ax = 0, ay = 0] = ring[i - 1] ?? []
    const [bx = 0, by = 0] = ring[i] ?? []
    sum += (ax - x0) * (by - y0) - (bx - x0) * (ay - y0)
  }
  return sum / 2
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function firstText(record: Record<string, unknown>, names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = Object.hasOwn(record, name) ? record[name] : undefined
    if (typeof value === 'string' && value !== '') return value.slice(0, 200)
  }
  return undefined
}
