import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AppError } from '../../errors.ts'
import en from '../../i18n/en.json' with { type: 'json' }
import fr from '../../i18n/fr.json' with { type: 'json' }
import { MAX_CONTOUR_MEGABYTES, readContours, validateContours } from './geojson.ts'

const square = (x: number, y: number) => [
  [x, y],
  [x + 1, y],
  [x + 1, y + 1],
  [x, y + 1],
  [x, y],
]
const feature = (code: unknown, geometry: unknown, properties: object = {}) => ({
  type: 'Feature',
  properties: { code, ...properties },
  geometry,
})
const collection = (...features: unknown[]) => ({ type: 'FeatureCollection', features })
const bytes = (value: unknown) =>
  new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value))
const polygon = (...rings: unknown[]) => ({ type: 'Polygon', coordinates: rings })

function problemsOf(value: unknown): [string, string | undefined][] {
  return validateContours(value).problems.map(({ code, path }) => [code, path])
}

test('returns rings of a valid collection closed, oriented, without repeats, rounded', () => {
  const open = [
    [3, 45],
    [3, 46],
    [3, 46],
    [4.00000049, 46],
    [4, 45],
  ]
  const { features, problems } = validateContours(
    collection(
      feature('63178', polygon(open), { nom: 'Issoire' }),
      feature(undefined, polygon(square(0, 0)), { INSEE_COM: '2A004' }),
    ),
  )
  expect(problems).toEqual([])
  expect(features).toEqual([
    {
      code: '63178',
      name: 'Issoire',
      geometry: polygon([
        [3, 45],
        [4, 45],
        [4, 46],
        [3, 46],
        [3, 45],
      ]),
    },
    { code: '2A004', name: '2A004', geometry: polygon(square(0, 0)) },
  ])
})

describe('every problem is reported with its place', () => {
  test.each([
    [null, [['geojson.notCollection', undefined]]],
    [{ type: 'Feature' }, [['geojson.notCollection', undefined]]],
    [collection(), [['geojson.empty', undefined]]],
    [collection(...Array.from({ length: 20_001 }, () => 0)), [['geojson.tooManyFeatures', undefined]]],
    [collection(3), [['geojson.notFeature', 'features[0]']]],
    [collection(feature(63178, polygon(square(0, 0)))), [['geojson.noCode', 'features[0].properties.code']]],
    [
      collection(feature('63178', null), feature('63178', { type: 'Point', coordinates: [1, 2] })),
      [
        ['geojson.geometry', 'features[0].geometry'],
        ['geojson.sameCode', 'features[1].properties.code'],
        ['geojson.geometry', 'features[1].geometry'],
      ],
    ],
    [collection(feature('63178', polygon())), [['geojson.noRing', 'features[0].geometry.coordinates']]],
    [
      collection(feature('63178', { type: 'MultiPolygon', coordinates: [[square(0, 0)], [7]] })),
      [['geojson.noRing', 'features[0].geometry.coordinates[1][0]']],
    ],
    [
      collection(
        feature(
          '63178',
          polygon([
            [0, 0],
            [1, 1],
            [0, 0],
          ]),
        ),
      ),
      [['geojson.shortRing', 'features[0].geometry.coordinates[0]']],
    ],
    [
      // Latitude and longitude are swapped in an overseas commune.
      collection(
        feature(
          '97411',
          polygon([
            [-20, 55],
            [-21, 155],
            [-20, 56],
          ]),
        ),
      ),
      [['geojson.position', 'features[0].geometry.coordinates[0][1]']],
    ],
  ])('%#', (value, expected) => expect(problemsOf(value)).toEqual(expected))
})

describe('a file of contours', () => {
  const refusal = (given: Uint8Array): AppError => {
    try {
      readContours(given, 'f.geojson')
    } catch (error) {
      return error as AppError
    }
    throw new Error('accepted')
  }
  test('is refused when it is not JSON or not UTF-8', () => {
    expect(refusal(bytes('{"type":')).problems).toEqual([{ code: 'geojson.notJson' }])
    expect(refusal(new Uint8Array([0x22, 0xe9, 0x22])).problems).toEqual([{ code: 'geojson.notJson' }])
    expect(refusal(bytes('['.repeat(200_000))).code).toBe('invalid_file')
  })
  test('is refused when it is too large', () => {
    expect(refusal(new Uint8Array(MAX_CONTOUR_MEGABYTES * 1024 * 1024 + 1)).code).toBe('file_too_large')
  })
  test('is read when it starts with a byte order mark', () => {
    const text = JSON.stringify(collection(feature('63178', polygon(square(3, 45)))))
    expect(readContours(bytes(`\uFEFF${text}`), 'f')).toHaveLength(1)
  })
  test('lists fifty problems and counts the rest', () => {
    const { problems, values } = refusal(bytes(collection(...Array.from({ length: 80 }, () => 1))))
    expect(problems).toHaveLength(51)
    expect(problems.at(-1)).toEqual({ code: 'geojson.more', values: { count: 30 } })
    expect(values).toEqual({ file: 'f.geojson', problems: 80 })
  })
})

test('every problem has a message', () => {
  const codes = [
    'notJson',
    'notCollection',
    'empty',
    'tooManyFeatures',
    'tooManyPositions',
    'notFeature',
    'noCode',
  ]
  codes.push('sameCode', 'geometry', 'noRing', 'shortRing', 'position', 'more', 'otherDepartement')
  for (const code of codes) {
    expect(fr).toHaveProperty([`geojson.${code}`])
    expect(en).toHaveProperty([`geojson.${code}`])
  }
})

// Arbitrary JSON, and JSON close to a valid collection: the reader never crashes, and accepted input is sound.
const nearlyPosition = fc.oneof(
  fc.tuple(fc.double({ min: -200, max: 200, noNaN: true }), fc.double({ min: -100, max: 100, noNaN: true })),
  fc.jsonValue(),
)
const nearlyRing = fc.oneof(
  { weight: 5, arbitrary: fc.array(nearlyPosition, { maxLength: 8 }) },
  { weight: 1, arbitrary: fc.jsonValue() },
)
const nearlyGeometry = fc.record({
  type: fc.constantFrom('Polygon', 'MultiPolygon', 'Point', '__proto__'),
  coordinates: fc.oneof(
    fc.array(nearlyRing, { maxLength: 3 }),
    fc.array(fc.array(nearlyRing, { maxLength: 3 }), { maxLength: 3 }),
  ),
})
const nearlyCollection = fc.record({
  type: fc.constantFrom('FeatureCollection', 'Feature'),
  features: fc.array(
    fc.oneof(
      fc.record({
        type: fc.constant('Feature'),
        properties: fc.oneof(
          fc.record({ code: fc.constantFrom('63178', '2A004', '63', 'x', null) }),
          fc.jsonValue(),
        ),
        geometry: fc.oneof(nearlyGeometry, fc.jsonValue()),
      }),
      fc.jsonValue(),
    ),
    { maxLength: 6 },
  ),
})

test('fuzz: no input crashes the reader, and accepted input is sound', () => {
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), nearlyCollection), (value) => {
      const { features, problems } = validateContours(JSON.parse(JSON.stringify(value)))
      expect(features.length + problems.length).toBeGreaterThan(0)
      for (const { geometry } of features) {
        const polygons = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates
        for (const ring of polygons.flat()) {
          expect(ring.length).toBeGreaterThanOrEqual(4)
          expect(ring[0]).toEqual(ring.at(-1))
          for (const [x = Number.NaN, y = Number.NaN] of ring) {
            expect(Math.abs(x)).toBeLessThanOrEqual(180)
            expect(Math.abs(y)).toBeLessThanOrEqual(90)
          }
        }
      }
    }),
    { numRuns: 2000 },
  )
})

test('fuzz: arbitrary bytes are refused with a clear error', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (input) => {
      expect(() => readContours(input, 'f')).toThrow('invalid_file')
    }),
  )
})
