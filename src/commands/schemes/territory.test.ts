import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testDatabase } from '../../../test/support/database.ts'
import { readConfig } from '../../config.ts'
import type { Deps } from '../../deps.ts'
import type { Database } from '../../platform/db.ts'
import type { CommandIo } from '../command.ts'
import { territoryCommand } from './territory.ts'

let database: Database
let service: Server
let base: string
const ring = [
  [3, 45],
  [3.1, 45],
  [3.1, 45.1],
  [3, 45],
]
const feature = (code: string, nom: string) => ({
  type: 'Feature',
  properties: { code, nom },
  geometry: { type: 'Polygon', coordinates: [ring] },
})
const geojson = JSON.stringify({
  type: 'FeatureCollection',
  features: [feature('63178', 'Issoire'), feature('63127', 'Creste'), feature('03190', 'Moulins')],
})

beforeAll(async () => {
  database = await testDatabase('postgres')
  const { db } = database
  await db.insertInto('regions').values({ code: '84', name: 'Auvergne-Rhône-Alpes' }).execute()
  await db.insertInto('departements').values({ code: '63', name: 'Puy-de-Dôme', regionCode: '84' }).execute()
  const commune = { departementCode: '63', regionCode: '84' }
  await db
    .insertInto('communes')
    .values([
      { code: '63178', name: 'Issoire', searchName: 'issoire', ...commune },
      { code: '63003', name: 'Ambert', searchName: 'ambert', ...commune },
    ])
    .execute()
  service = createServer((_request, response) => response.end(geojson))
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve))
  base = `http://127.0.0.1:${(service.address() as AddressInfo).port}`
})
afterAll(async () => {
  service.close()
  await database.close()
})

async function run(lang: 'fr' | 'en', args: readonly string[], files: Record<string, string> = {}) {
  const out: string[] = []
  const err: string[] = []
  const io: CommandIo = {
    lang,
    stdout: (text) => out.push(text),
    stderr: (text) => err.push(text),
    progress: () => {},
  }
  const deps = {
    config: readConfig({ TOCSIN_GEO_API: base }),
    database,
    db: database.db,
    now: () => new Date('2026-03-02T08:00:00Z'),
  } as Deps
  const given = new Map(Object.entries(files).map(([name, text]) => [name, new TextEncoder().encode(text)]))
  const exit = await territoryCommand.run(deps, args, given, io)
  return { exit, out: out.join(''), err: err.join('') }
}

test('imports a file and lists unmatched communes in French', async () => {
  const path = '/some/where/F.geojson'
  const args = ['import', '63', '--file', path]
  expect(territoryCommand.files(args, 'fr')).toEqual([path])
  const { exit, out } = await run('fr', args, { [path]: geojson })
  expect(exit).toBe(0)
  expect(out).toBe(
    [
      'Puy-de-Dôme (63) : un contour importé, aucune paire de communes voisines.',
      'Une commune d’un autre département laissée de côté.',
      'Un code inconnu, laissé de côté :',
      '  63127  Creste',
      'Une commune reste sans contour :',
      '  63003  Ambert',
      '',
    ].join('\n'),
  )
  const [row] = await database.db.selectFrom('contourImports').select('source').execute()
  expect(row).toEqual({ source: 'F.geojson' })
})

test('downloads from the configured service without a file, in English', async () => {
  const { exit, out, err } = await run('en', ['import', '63'])
  expect(exit).toBe(0)
  expect(err).toBe(`Puy-de-Dôme: requesting contours from ${new URL(base).host}…\n`)
  expect(out).toMatch(/^Puy-de-Dôme \(63\): one contour imported, 0 pairs of neighbouring communes\.\n/)
  expect(out).toContain('63127  Creste')
})

describe('is refused', () => {
  const wrong = [
    [],
    ['import'],
    ['export', '63'],
    ['import', '63', '03'],
    ['import', '63', '--file'],
    ['import', '63', '--all'],
  ]
  test.each(wrong)('when the call is malformed: %s %s %s', async (...args) => {
    const given = args.filter((arg) => typeof arg === 'string')
    expect(() => territoryCommand.files(given, 'fr')).toThrow(expect.objectContaining({ code: 'usage' }))
    await expect(run('fr', given)).rejects.toMatchObject({
      code: 'usage',
      values: { usage: expect.stringContaining('territory import') },
    })
  })
  test('for an unknown département, before any request', async () => {
    await expect(run('fr', ['import', '96'])).rejects.toMatchObject({ code: 'unknown_area' })
  })
  test('for a file that is not GeoJSON', async () => {
    await expect(run('fr', ['import', '63', '--file=x'], { x: '{}' })).rejects.toMatchObject({
      code: 'invalid_file',
      values: { file: 'x', problems: 1 },
      problems: [{ code: 'geojson.notCollection' }],
    })
  })
})
