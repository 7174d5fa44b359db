import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import type { Position } from 'geojson'
import {
  type CodedContour,
  type Contour,
  centroidOf,
  joinContours,
  touchingPairs,
} from '../src/territory/map/contours.ts'
import { readContours } from '../src/territory/map/geojson.ts'
import { packTopology, readTopology, type Shape } from '../src/territory/map/topology.ts'
import type { ContourIndex } from '../src/territory/reference/shipped.ts'
import { readCommunes } from './reference.ts'

/**
 * Writes contours/ from a folder of contours by département (NN.geojson.gz, IGN Admin Express):
 *
 *     node scripts/contours.ts FOLDER
 *
 * Communes that were merged since the vintage of the folder are joined by their old codes. It prints what it joined, dropped
 * or could not place. The same folder and reference data give the same files; nothing is downloaded.
 */
const SOURCE = 'IGN Admin Express COG 2018, Licence Ouverte 2.0'
/**
 * Largest distance, in metres, by which the simplification of mapshaper may move a border: a third of a pixel when a département
 * fills a screen.
 */
const INTERVAL = 100
const TARGET = new URL('../contours/', import.meta.url).pathname
const MAPSHAPER = new URL('../node_modules/mapshaper/bin/mapshaper', import.meta.url).pathname

const [folder] = process.argv.slice(2)
if (folder === undefined) throw new Error('usage: node scripts/contours.ts FOLDER')

const { current, former } = await readCommunes()
const today = new Map(current.map((commune) => [commune.code, commune]))
const mergedInto = new Map(former.map(({ code, communeCode }) => [code, communeCode]))

const parts = new Map<string, Contour[]>()
let [joined, read] = [0, 0]
const dropped: string[] = []
for (const file of readdirSync(folder)
  .filter((name) => name.endsWith('.geojson.gz'))
  .sort()) {
  for (const { code, name, geometry } of readContours(gunzipSync(readFileSync(join(folder, file))), file)) {
    read++
    const now = today.has(code) ? code : mergedInto.get(code)
    if (now === undefined || !today.has(now)) {
      dropped.push(`${code} ${name}`)
      continue
    }
    if (now !== code) joined++
    parts.set(now, [...(parts.get(now) ?? []), geometry])
  }
}
const codes = [...parts.keys()].sort()
const contours: CodedContour[] = codes.map((code) => ({ code, contour: joinContours(parts.get(code) ?? []) }))
const unplaced = current.filter(({ code }) => !parts.has(code)).map(({ code, nom }) => `${code} ${nom}`)
const pairs = touchingPairs(contours)

const directory = mkdtempSync(join(tmpdir(), 'contours-'))
try {
  const features = contours.map(({ code, contour }) =>
    JSON.stringify({
      type: 'Feature',
      properties: { code, departement: today.get(code)?.departement },
      geometry: contour,
    }),
  )
  const input = join(directory, 'communes.json')
  writeFileSync(input, `{"type":"FeatureCollection","features":[${features.join(',\n')}]}`)
  const output = join(directory, 'out')
  mkdirSync(output)
  const simplify = ['-simplify', `interval=${INTERVAL}`, 'keep-shapes']
  const write = ['-split', 'departement', '-o', `${output}/`, 'format=topojson', 'singles', 'no-quantization']
  execFileSync(process.execPath, [MAPSHAPER, '-quiet', '-i', input, ...simplify, ...write], {
    stdio: 'inherit',
  })

  for (const file of readdirSync(TARGET)) if (file.endsWith('.json.gz')) rmSync(join(TARGET, file))
  let [bytes, largest, files] = [0, 0, 0]
  for (const file of readdirSync(output).sort()) {
    const departement = file.replace('.json', '')
    const text = JSON.stringify(repack(JSON.parse(readFileSync(join(output, file), 'utf8'))))
    const packed = gzipSync(text, { level: 9 })
    writeFileSync(join(TARGET, `${departement}.json.gz`), packed)
    files++
    bytes += packed.length
    largest = Math.max(largest, packed.length)
  }
  const index = gzipSync(JSON.stringify(indexOf()), { level: 9 })
  writeFileSync(join(TARGET, 'communes.json.gz'), index)
  bytes += index.length

  console.log(
    `${read} contours read, ${joined} joined to a commune of today, ${contours.length} communes drawn`,
  )
  console.log(`${pairs.length} pairs of communes that touch`)
  console.log(`${files} départements, ${bytes} bytes, the largest ${largest}`)
  console.log(`dropped (no commune of today): ${dropped.join(', ') || 'none'}`)
  console.log(`not placed (without a contour): ${unplaced.join(', ') || 'none'}`)
} finally {
  rmSync(directory, { recursive: true })
}

/** Reads a file of mapshaper and writes its arcs on the grid of the map. */
function repack(topology: {
  readonly arcs: Position[][]
  readonly objects: Record<string, { readonly geometries: readonly MapshaperGeometry[] }>
}) {
  const [layer] = Object.values(topology.objects)
  const shapes = (layer?.geometries ?? []).map(
    ({ type, arcs, properties }): Shape => ({
      code: properties.code,
      polygons: type === 'Polygon' ? [arcs as number[][]] : (arcs as number[][][]),
    }),
  )
  const packed = packTopology(
    topology.arcs,
    shapes.toSorted((a, b) => (a.code < b.code ? -1 : 1)),
  )
  const drawn = new Set(readTopology(packed).map(({ code }) => code))
  for (const { code } of shapes) if (!drawn.has(code)) throw new Error(`the grid removed ${code}`)
  return packed
}

interface MapshaperGeometry {
  readonly type: 'Polygon' | 'MultiPolygon'
  readonly arcs: unknown
  readonly properties: { readonly code: string }
}

function indexOf(): ContourIndex {
  const placeOf = new Map(codes.map((code, no) => [code, no]))
  const later = codes.map((): number[] => [])
  for (const pair of pairs) {
    const [a = 0, b = 0] = pair.map((code) => placeOf.get(code) ?? 0).sort((x, y) => x - y)
    later[a]?.push(b)
  }
  const points = contours.map(({ contour }) => centroidOf(contour))
  const inSteps = (degrees: number) => Math.round(degrees * 100_000)
  return {
    source: SOURCE,
    codes,
    longitudes: points.map(({ longitude }) => inSteps(longitude)),
    latitudes: points.map(({ latitude }) => inSteps(latitude)),
    touching: later.map((places, no) => {
      const sorted = places.sort((a, b) => a - b)
      return sorted.map((place, i) => place - (sorted[i - 1] ?? no))
    }),
  }
}
