import { readdirSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { beforeAll, describe, expect, test } from 'vitest'
import { boxOf, touchingPairs } from '../map/contours.ts'
import { type ContourTopology, readTopology } from '../map/topology.ts'
import { readReferenceFile } from './reference.ts'
import { type ContourIndex, communesOfIndex, readContourIndex, readShippedContours } from './shipped.ts'

const RUN_AGAIN = 'the reference data changed: run scripts/contours.ts again'

/** Pairs whose corners are less than 10 m apart, so that the grid of the map makes them one position. */
const NEARLY_TOUCHING = ['10326 10337', '27196 27528', '27469 27528', '59406 59534']

const DIRECTORY = new URL('../../../contours/', import.meta.url)
const DEPARTEMENTS = readdirSync(DIRECTORY).flatMap((name) => /^(\d\w+)\.json\.gz$/.exec(name)?.[1] ?? [])

let index: ContourIndex
beforeAll(async () => {
  index = await readContourIndex()
})

async function bytesOf(departement: string): Promise<Buffer> {
  const bytes = await readShippedContours(departement)
  if (bytes === undefined) throw new Error(`no contours of ${departement}`)
  return bytes
}

async function read(departement: string): Promise<ContourTopology> {
  return JSON.parse(gunzipSync(await bytesOf(departement)).toString())
}

describe('the shipped contours', () => {
  test('draw the communes of 101 départements in 6 MB, none of more than 120 KB', async () => {
    const departements = DEPARTEMENTS
    expect(departements).toHaveLength(101)
    const sizes = await Promise.all(departements.map(async (code) => (await bytesOf(code)).length))
    expect(Math.max(...sizes)).toBeLessThanOrEqual(120_000)
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(6_000_000)
    expect(readdirSync(new URL('../../../contours/', import.meta.url))).toHaveLength(departements.length + 3)
  })

  test('know the communes of today, and no others', async () => {
    const { communes: current } = await readReferenceFile()
    const known = new Set(current.map(({ code }) => code))
    expect(
      index.codes.filter((code) => !known.has(code)),
      RUN_AGAIN,
    ).toEqual([])
    const drawn = new Set(index.codes)
    const missing = current.filter(({ code }) => !drawn.has(code)).map(({ code }) => code)
    // Communes that left a merged one since 2018, and territories overseas that the source does not draw.
    expect(
      missing.filter((code) => !/^9(75|7[78]|8)/.test(code)),
      RUN_AGAIN,
    ).toEqual(['14666', '15031', '15035', '15047', '15171', '85165', '85212'])
  })

  test('have the neighbours that an independent computation finds on the drawn borders of all départements', async () => {
    const found = new Set<string>()
    const corners = new Map<number, Set<string>>()
    const drawn: string[] = []
    for (const departement of DEPARTEMENTS) {
      const topology = await read(departement)
      drawn.push(...topology.objects.communes.geometries.map(({ id }) => id))
      addPairs(topology, found, corners)
    }
    for (const codes of corners.values()) addAll(found, codes)
    expect(drawn.sort()).toEqual(index.codes)
    const stored = new Set<string>()
    for (const [code, { neighbours }] of communesOfIndex(index))
      for (const other of neighbours) if (code < other) stored.add(`${code} ${other}`)
    expect(stored.size).toBeGreaterThan(100_000)
    expect([...stored].filter((pair) => !found.has(pair))).toEqual([])
    expect([...found].filter((pair) => !stored.has(pair)).sort()).toEqual(NEARLY_TOUCHING)
  })

  test('have a centroid of each commune in its box', async () => {
    const communes = communesOfIndex(index)
    for (const { code, contour } of readTopology(await read('63'))) {
      const { west, east, south, north } = boxOf([contour])
      const { longitude, latitude } = communes.get(code)!
      expect(longitude > west && longitude < east && latitude > south && latitude < north, code).toBe(true)
    }
  })

  test('know the six neighbours of Saint-Hymetière-sur-Valouse, which was four communes in 2018', async () => {
    expect(communesOfIndex(index).get('39137')?.neighbours).toEqual([
      '39016',
      '39166',
      '39247',
      '39530',
      '39557',
      '39583',
    ])
    const pairs = touchingPairs(readTopology(await read('39')))
    expect(pairs.filter((pair) => pair.includes('39137'))).toHaveLength(6)
  })
})

function addAll(pairs: Set<string>, codes: ReadonlySet<string>): void {
  const sorted = [...codes].sort()
  for (const [no, a] of sorted.entries()) for (const b of sorted.slice(no + 1)) pairs.add(`${a} ${b}`)
}

/**
 * Adds the pairs that share an arc, and collects the communes at each end of an arc and at each position of the arcs of one
 * commune only, which are a coast or the border of the département.
 */
function addPairs(topology: ContourTopology, pairs: Set<string>, corners: Map<number, Set<string>>): void {
  const users = topology.arcs.map(() => new Set<string>())
  for (const { id, type, arcs } of topology.objects.communes.geometries)
    for (const no of type === 'Polygon' ? arcs.flat() : arcs.flat(2)) users[no < 0 ? ~no : no]?.add(id)
  for (const [no, arc] of topology.arcs.entries()) {
    const codes = users[no]!
    addAll(pairs, codes)
    let [x, y] = [0, 0]
    for (const [i, [dx, dy]] of arc.entries()) {
      x += dx
      y += dy
      if (codes.size > 1 && i > 0 && i < arc.length - 1) continue
      const key = (x + 1_800_000) * 2 ** 22 + y + 900_000
      const known = corners.get(key)
      if (known === undefined) corners.set(key, new Set(codes))
      else for (const code of codes) known.add(code)
    }
  }
}
