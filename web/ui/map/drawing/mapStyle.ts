import type { FeatureCollection, Point } from 'geojson'
import type { ExpressionSpecification, StyleSpecification } from 'maplibre-gl'
import type { Bounds } from '../../../../src/territory/map/parts.ts'
import type { CommuneFeatures } from '../../fields/communes/communes.ts'
import type { MapPaint } from '../TerritoryMap.tsx'

export const SOURCE = 'communes'
export const RINGS = 'rings'
export const OUTLINE = 'outline'
export const LAYERS = ['communes-fill', 'communes-line', 'communes-point'] as const
export const TO_HIT = { fill: LAYERS[0], point: LAYERS[2] }

/**
 * Returns the centre of each commune that has a ring, with its properties. Oldest first, so that the latest is drawn on
 * top.
 */
export function ringsOf(
  boundsByCode: ReadonlyMap<string, Bounds>,
  rings: MapPaint['rings'] = [],
): FeatureCollection<Point> {
  const ages = ['week', 'day', 'hour']
  const features = rings
    .toSorted((a, b) => ages.indexOf(a.age) - ages.indexOf(b.age))
    .flatMap(({ code, age, label }) => {
      const box = boundsByCode.get(code)
      if (box === undefined) return []
      const [west, south, east, north] = box
      const coordinates = [(west + east) / 2, (south + north) / 2]
      return [
        {
          type: 'Feature' as const,
          geometry: { type: 'Point' as const, coordinates },
          properties: { code, age, label },
        },
      ]
    })
  return { type: 'FeatureCollection', features }
}

/** More recent rings are stronger, in width and size as well as in colour. */
export function ringPaint(): { 'circle-stroke-color': ExpressionSpecification } {
  return {
    'circle-stroke-color': [
      'match',
      ['get', 'age'],
      'hour',
      token('red'),
      'day',
      token('amber'),
      token('mute'),
    ],
  }
}

/** Returns a width for the commune under the pointer or the keyboard cursor, and one for the others. */
function underOr(under: number, otherwise: number): ExpressionSpecification {
  return ['case', ['boolean', ['feature-state', 'under'], false], under, otherwise]
}

function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()
}

export function colours(tint: MapPaint['tint']) {
  // The area has one colour; of what was delivered, the share is shown.
  const lit: ExpressionSpecification | string =
    tint === 'accent'
      ? token('zone')
      : [
          'interpolate',
          ['linear'],
          ['coalesce', ['feature-state', 'share'], 0],
          0,
          token('zone'),
          1,
          token('green'),
        ]
  const fill: ExpressionSpecification = [
    'case',
    ['boolean', ['feature-state', 'on'], false],
    lit,
    token('land'),
  ]
  const line: ExpressionSpecification = [
    'case',
    ['boolean', ['feature-state', 'under'], false],
    token('ink'),
    token('land-line'),
  ]
  return { fill, line, outline: token('zone-line') }
}

export function styleOf(
  communes: CommuneFeatures,
  tint: MapPaint['tint'],
  tiles: string | null,
): StyleSpecification {
  const { fill, line, outline } = colours(tint)
  const opacity = tiles === null ? 1 : 0.65
  return {
    version: 8,
    sources: {
      [SOURCE]: { type: 'geojson', data: communes, promoteId: 'code' },
      [RINGS]: { type: 'geojson', data: { type: 'FeatureCollection', features: [] } },
      [OUTLINE]: { type: 'geojson', data: { type: 'FeatureCollection', features: [] } },
      ...(tiles !== null && { tiles: { type: 'raster', tiles: [tiles], tileSize: 256 } }),
    },
    layers: [
      ...(tiles !== null ? [{ id: 'tiles', type: 'raster' as const, source: 'tiles' }] : []),
      {
        id: LAYERS[0],
        type: 'fill',
        source: SOURCE,
        filter: ['!=', ['geometry-type'], 'Point'],
        paint: { 'fill-color': fill, 'fill-opacity': opacity },
      },
      {
        id: LAYERS[1],
        type: 'line',
        source: SOURCE,
        filter: ['!=', ['geometry-type'], 'Point'],
        paint: {
          'line-color': line,
          'line-width': ['interpolate', ['linear'], ['zoom'], 7, underOr(2, 0.5), 11, underOr(3, 1.5)],
        },
      },
      {
        id: LAYERS[2],
        type: 'circle',
        source: SOURCE,
        filter: ['==', ['geometry-type'], 'Point'],
        paint: {
          'circle-color': fill,
          'circle-radius': ['interpolate', ['linear'], ['zoom'], 7, 3.5, 11, 9],
          'circle-stroke-color': line,
          'circle-stroke-width': underOr(2, 0.5),
        },
      },
      {
        id: OUTLINE,
        type: 'line',
        source: OUTLINE,
        layout: { 'line-join': 'round' },
        paint: { 'line-color': outline, 'line-width': 2 },
      },
      {
        id: RINGS,
        type: 'circle',
        source: RINGS,
        paint: {
          ...ringPaint(),
          'circle-color': 'transparent',
          'circle-radius': ['match', ['get', 'age'], 'hour', 11, 'day', 9, 7],
          'circle-stroke-width': ['match', ['get', 'age'], 'hour', 3, 'day', 2, 1.5],
        },
      },
    ],
  }
}
