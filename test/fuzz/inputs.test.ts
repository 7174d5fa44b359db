import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AlertView } from '../../src/alerts/contract.ts'
import { AppError } from '../../src/errors.ts'
import { readInbound } from '../../src/gateways/sms/smpp/inbound.ts'
import { createSmScan, encodePdu, scanDataSm, scanSm } from '../../src/gateways/sms/smpp/pdu/pdu.ts'
import type { Auth } from '../../src/identity/auth.ts'
import { checkRow } from '../../src/imports/import/check/row.ts'
import { recognizeColumns } from '../../src/imports/import/columns/columns.ts'
import { readTable } from '../../src/imports/import/file/csv.ts'
import { importMembers } from '../../src/imports/import/import.ts'
import { indexCommunes } from '../../src/members/rules.ts'
import type { Database } from '../../src/platform/db.ts'
import type { App } from '../../src/platform/http/http.ts'
import { boxOf, centroidOf, simplifyForMap, touchingPairs } from '../../src/territory/map/contours.ts'
import { readContours } from '../../src/territory/map/geojson.ts'
import { corrupted, misshapen } from '../support/corrupted.ts'
import { testDatabase } from '../support/database.ts'
import { actorOf, testDeps } from '../support/deps.ts'
import { runsOf, SEED } from '../support/random.ts'
import { fillSchemes, testServer } from '../support/server.ts'

/** Number of inputs, distributed by their cost; a soak uses a million. */
const RUNS = Number(process.env.TOCSIN_FUZZ_RUNS ?? runsOf(3000))
const share = (part: number) => ({ numRuns: Math.max(20, Math.round(RUNS * part)), seed: SEED })
/** Maximum time of a run on a busy machine. */
const TIMEOUT_MS = 60_000 + RUNS * 5
/** Maximum processor time that one input may take: elapsed time depends on what else the machine does. */
const HANG_MS = 10_000
/** Maximum memory that may still be in use after all inputs. */
const KEPT_MEGABYTES = 64
/** Maximum additional memory that the program may use at any time. */
const TAKEN_MEGABYTES = 768

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
function heapMegabytes(): number {
  collect()
  return process.memoryUsage().heapUsed / 1024 / 1024
}

let database: Database
let app: App
let heapAtStart = 0
let rssAtStart = 0
let peakRss = 0
/** An unhandled error would end the program. */
const strays: unknown[] = []
const noteStray = (error: unknown) => void strays.push(error)

beforeAll(async () => {
  console.log(`TOCSIN_SEED=${SEED}`)
  process.on('unhandledRejection', noteStray)
  database = await testDatabase('postgres')
  await fillSchemes(database)
  app = await serverForMany()
  heapAtStart = heapMegabytes()
  rssAtStart = process.memoryUsage.rss()
})
afterAll(async () => {
  process.off('unhandledRejection', noteStray)
  await app?.close()
  await database?.close()
})

async function inTime<T>(work: () => T | Promise<T>): Promise<T> {
  const usage = process.cpuUsage()
  const result = await work()
  const { user, system } = process.cpuUsage(usage)
  expect((user + system) / 1000).toBeLessThan(HANG_MS)
  peakRss = Math.max(peakRss, process.memoryUsage.rss())
  return result
}

// ---- Lists of members ----

const CSV = [
  'Enseigne;SIRET;APE;Commune;Code postal;Contact;Mobile;Mail',
  'Tabac de la Halle;85520050700017;47.26Z;Issoire;63500;Paul Durand;06 39 98 00 01;paul@example.org',
  '"Pain; brioche ""maison""";12002701600357;10.71C;Issoire;63500;Zoé Roux;+33 6 39 98 00 02;',
].join('\n')
const csv = corrupted(
  CSV,
  CSV.replaceAll(';', ','),
  `sep=;\r\n${CSV.replaceAll('\n', '\r\n')}`,
  `\ufeff${CSV}`,
)

function expectRefusal(error: unknown, codes: readonly string[]): void {
  if (!(error instanceof AppError)) throw error
  expect(codes).toContain(error.code)
}

test(
  'CSV: reads and checks row by row',
  async () => {
    const communes = indexCommunes([
      { code: '63178', name: 'Issoire', postalCodes: ['63500'], departementCode: '63', point: null },
    ] as unknown as Parameters<typeof indexCommunes>[0])
    await fc.assert(
      fc.asyncProperty(csv, (bytes) =>
        inTime(async () => {
          try {
            const table = await readTable(bytes, 'liste.csv')
            const columns = recognizeColumns(table.header, true, 'liste.csv')
            for (const row of table.rows) {
              const result = checkRow(row, columns, {
                communes,
                trades: ['tobacco-press', 'bakery'],
                latestJoining: '2027-12-31',
                today: '2026-09-01',
              })
              expect(result.row === undefined).toBe(result.problems.length > 0)
            }
          } catch (error) {
            expectRefusal(error, ['invalid_file', 'file_too_large'])
          }
        }),
      ),
      share(0.2),
    )
  },
  TIMEOUT_MS,
)

test(
  'CSV: imports whole files',
  async () => {
    const deps = testDeps(database)
    const actor = actorOf('chamber', 'ac63')
    await fc.assert(
      fc.asyncProperty(csv, fc.boolean(), (bytes, skipBad) =>
        inTime(async () => {
          try {
            const report = await importMembers(deps, actor, 'ac63', bytes, { skipBad, fileName: 'liste.csv' })
            const taken = report.created + report.updated + report.unchanged
            expect(taken).toBe(report.outcome === 'refused' ? 0 : report.rows - report.skipped)
          } catch (error) {
            expectRefusal(error, ['invalid_file', 'file_too_large'])
          }
        }),
      ),
      share(0.02),
    )
  },
  TIMEOUT_MS,
)

// ---- Contours ----

const ring = [
  [3.1, 45.5],
  [3.2, 45.5],
  [3.2, 45.6],
  [3.15, 45.65],
  [3.1, 45.6],
  [3.1, 45.5],
]
const GEOJSON = {
  type: 'FeatureCollection',
  features: [
    {
      type: 'Feature',
      properties: { code: '63178', nom: 'Issoire' },
      geometry: { type: 'Polygon', coordinates: [ring] },
    },
    {
      type: 'Feature',
      properties: { INSEE_COM: '63050' },
      geometry: {
        type: 'MultiPolygon',
        coordinates: [
          [ring.map(([x = 0, y = 0]) => [x + 0.1, y])],
          [ring.map(([x = 0, y = 0]) => [x - 1, y])],
        ],
      },
    },
  ],
}

test(
  'GeoJSON: accepts only what it can process',
  async () => {
    const file = fc.oneof(
      corrupted(JSON.stringify(GEOJSON)),
      misshapen(GEOJSON).map((value) => new TextEncoder().encode(JSON.stringify(value) ?? '')),
    )
    await fc.assert(
      fc.asyncProperty(file, (bytes) =>
        inTime(() => {
          let features: ReturnType<typeof readContours>
          try {
            features = readContours(bytes, 'contours.geojson')
          } catch (error) {
            expectRefusal(error, ['invalid_file', 'file_too_large'])
            return
          }
          const coded = features.map(({ code, geometry }) => ({ code, contour: geometry }))
          const box = boxOf(coded.map(({ contour }) => contour))
          for (const value of Object.values(box).flat()) expect(value).toBeTypeOf('number')
          for (const { contour } of coded) {
            for (const value of Object.values(centroidOf(contour))) expect(Number.isFinite(value)).toBe(true)
          }
          touchingPairs(coded)
          expect(simplifyForMap(coded)).toHaveLength(coded.length)
        }),
      ),
      share(0.25),
    )
  },
  TIMEOUT_MS,
)

// ---- Messages from phones ----

const inbound = {
  command: 'deliver_sm',
  status: 0,
  sequence: 7,
  source: '33639980001',
  destination: 'TOCSIN',
  shortMessage: Buffer.from('STOP'),
} as unknown as Parameters<typeof encodePdu>[0]

test(
  'messages from phones: accepts any octets in any coding',
  async () => {
    const scan = createSmScan()
    const coding = fc.constantFrom(0, 1, 2, 3, 4, 8, 0xf0, 0xff)
    const pdu = corrupted(encodePdu(inbound))
    await fc.assert(
      fc.asyncProperty(pdu, coding, fc.nat(255), fc.boolean(), (bytes, dataCoding, esmClass, isData) =>
        inTime(() => {
          const buffer = Buffer.from(bytes)
          const status = (isData ? scanDataSm : scanSm)(buffer, 0, buffer.length, scan)
          if (status !== 0) return
          scan.dataCoding = dataCoding
          scan.esmClass = esmClass
          const message = readInbound('fuzz', buffer, scan)
          expect(message.text.length).toBeLessThanOrEqual(buffer.length * 2)
          expect(message.from.length).toBeLessThanOrEqual(buffer.length + 1)
        }),
      ),
      share(0.48),
    )
  },
  TIMEOUT_MS,
)

// ---- JSON bodies ----

/** More accounts than can be rate-limited in a minute. */
const ACCOUNTS = 200
const cookieOf = (no: number) => ({ cookie: `tocsin.session_token=${no % ACCOUNTS}` })

/** Starts the server, with chiefs whose session is their number. */
async function serverForMany(): Promise<App> {
  await sql`
    insert into "user" (id, name, email, email_verified, created_at, updated_at)
    select 'chief-' || n, 'Chef', n || '@example.org', true, now(), now() from generate_series(0, ${ACCOUNTS - 1}::int) n`.execute(
    database.db,
  )
  await sql`
    insert into grants (user_id, scheme_id, role, agency_id)
    select 'chief-' || n, 'ac63', 'chief', (select id from agencies where code = 'corg-63')
    from generate_series(0, ${ACCOUNTS - 1}::int) n`.execute(database.db)
  await sql`
    insert into categories (scheme_id, code, label_fr, label_en, severity, template, position)
    values ('ac63', 'counterfeit-notes', 'Faux billets', 'Counterfeit notes', 'alert', 'Faux billets {place}.', 1)`.execute(
    database.db,
  )
  const auth: Auth = {
    signIn: () => Promise.reject(new AppError('wrong_credentials')),
    openSession: async () => [],
    awaitCode: async () => [],
    secondFactor: undefined as never,
    signOut: async () => [],
    changePassword: () => Promise.reject(new AppError('wrong_credentials')),
    renewSession: async () => [],
    async currentSession(headers) {
      const no = /session_token=(\d+)/.exec(headers.get('cookie') ?? '')?.[1]
      const session = {
        sessionId: '00000000-0000-7000-8000-000000000001',
        factorAt: new Date(),
        seenAt: new Date(),
        factor: 'demo' as const,
        activeAt: new Date(),
        lockedAt: null,
        provider: false,
      }
      return no === undefined ? undefined : { userId: `chief-${no}`, name: 'Chef', ...session }
    },
  }
  return testServer(testDeps(database), { auth })
}

test(
  'JSON bodies: answers each without an internal error',
  async () => {
    const post = async (path: string, payload: object) =>
      (
        await app.inject({ method: 'POST', url: `/api/schemes/ac63${path}`, payload, headers: cookieOf(0) })
      ).json<{ id: string }>()
    const report = { categoryCode: 'counterfeit-notes', communeCode: '63178', facts: 'Deux billets de 50 €.' }
    const { id: reportId } = await post('/reports', report)
    const area = {
      kind: 'union',
      areas: [
        { kind: 'commune', code: '63178' },
        { kind: 'radius', centre: { commune: '63178' }, kilometres: 5 },
      ],
    }
    const doctrine = { offence: true, arrested: false, level: 'established' }
    const draft = {
      text: 'Faux billets à Issoire.',
      area,
      trades: ['tobacco-press'],
      lifetimeHours: 6,
      doctrine,
      outsideZoneReason: 'x',
    }
    const { id: alertId } = (await post('/alerts', { ...draft, reportId })) as AlertView
    const calls: { method: 'POST' | 'PUT'; url: string; body: unknown }[] = [
      { method: 'POST', url: '/api/schemes/ac63/reports', body: report },
      {
        method: 'POST',
        url: `/api/schemes/ac63/reports/${reportId}/refuse`,
        body: { reason: 'doubt', note: 'x' },
      },
      {
        method: 'POST',
        url: '/api/schemes/ac63/audience/preview',
        body: { area, trades: ['tobacco-press'] },
      },
      { method: 'POST', url: '/api/schemes/ac63/areas/resolve', body: { area } },
      { method: 'POST', url: `/api/schemes/ac63/reports/${reportId}/claim`, body: { take: true } },
      {
        method: 'PUT',
        url: '/api/schemes/ac63/call-notes/0199d3a0-0000-7000-8000-000000000001',
        body: { content: { place: 'x', trades: ['bakeries'] }, version: 0 },
      },
      { method: 'POST', url: '/api/schemes/ac63/alerts/near', body: { reportId, words: 'Faux billets' } },
      {
        method: 'POST',
        url: '/api/schemes/ac63/alerts/near',
        body: { categoryCode: 'counterfeit-notes', communeCode: '63178' },
      },
      { method: 'POST', url: '/api/schemes/ac63/alerts', body: { ...draft, reportId } },
      { method: 'PUT', url: `/api/schemes/ac63/alerts/${alertId}`, body: { ...draft, version: 1 } },
      { method: 'POST', url: `/api/schemes/ac63/alerts/${alertId}/broadcast`, body: { version: 1 } },
      {
        method: 'POST',
        url: `/api/schemes/ac63/alerts/${alertId}/submit`,
        body: { version: 1, confirmNear: [] },
      },
      {
        method: 'POST',
        url: `/api/schemes/ac63/alerts/${alertId}/return`,
        body: { version: 1, reason: 'x' },
      },
      {
        method: 'POST',
        url: `/api/schemes/ac63/alerts/${alertId}/override`,
        body: { version: 1, reason: 'x' },
      },
      {
        method: 'POST',
        url: `/api/schemes/ac63/alerts/${alertId}/review`,
        body: { verdict: 'justified', note: 'x' },
      },
      {
        method: 'POST',
        url: `/api/schemes/ac63/alerts/${alertId}/authorisation`,
        body: { version: 1, magistrateId: 'x', scope: 'x', givenAt: '2026-03-12T17:30:00Z' },
      },
      { method: 'POST', url: '/api/session', body: { mail: 'a@example.org', password: 'x' } },
    ]
    const call = fc.constantFrom(...calls).chain(({ method, url, body }) =>
      fc
        .oneof(
          {
            weight: 3,
            arbitrary: misshapen(body).map((value) => Buffer.from(JSON.stringify(value) ?? '')),
          },
          { weight: 1, arbitrary: corrupted(JSON.stringify(body)).map((bytes) => Buffer.from(bytes)) },
        )
        .map((payload) => ({ method, url, payload })),
    )
    let calledTimes = 0
    await fc.assert(
      fc.asyncProperty(call, ({ method, url, payload }) =>
        inTime(async () => {
          const headers = { ...cookieOf(calledTimes++), 'content-type': 'application/json' }
          const answer = await app.inject({ method, url, payload, headers })
          expect(answer.statusCode, answer.body).toBeLessThan(500)
          const said = answer.body === '' ? {} : answer.json<{ code?: string; message?: string }>()
          if (answer.statusCode >= 400) expect(said).toMatchObject({ code: /./, message: /./ })
        }),
      ),
      share(0.05),
    )
  },
  TIMEOUT_MS,
)

test('JSON bodies and files made to overload the server', async () => {
  const deep = '['.repeat(300_000)
  const hurts = [
    deep,
    `${deep}${']'.repeat(300_000)}`,
    `{"area":${'{"areas":['.repeat(50_000)}`,
    `{"text":"${'a'.repeat(900_000)}"}`,
    `{"trades":[${'"x",'.repeat(200_000)}"x"]}`,
    `{"version":${'9'.repeat(500_000)}}`,
    `{${Array.from({ length: 50_000 }, (_, i) => `"k${i}":${i}`).join(',')}}`,
    '{"__proto__":{"version":1},"constructor":{"prototype":{"version":1}}}',
  ]
  for (const [no, payload] of hurts.entries()) {
    await inTime(async () => {
      const answer = await app.inject({
        method: 'POST',
        url: '/api/schemes/ac63/audience/preview',
        payload,
        headers: { ...cookieOf(no), 'content-type': 'application/json' },
      })
      expect(answer.statusCode).toBeGreaterThanOrEqual(400)
      expect(answer.statusCode).toBeLessThan(500)
    })
    await inTime(() => expect(() => readContours(new TextEncoder().encode(payload), 'f')).toThrow(AppError))
  }
  const million = 1_000_000
  for (const text of [
    '"'.repeat(million),
    `a;b\n"${'x'.repeat(million)}`,
    ';'.repeat(million),
    '\n'.repeat(million),
    `${CSV}\n${'";'.repeat(million)}`,
    `${'a;'.repeat(99)}a\n${`${';'.repeat(99)}\n`.repeat(10_000)}`,
  ]) {
    await inTime(() =>
      readTable(new TextEncoder().encode(text), 'liste.csv').catch((error) =>
        expectRefusal(error, ['invalid_file', 'file_too_large']),
      ),
    )
  }
})

test('keeps nothing in memory, and has no unhandled error', () => {
  expect(strays).toEqual([])
  expect(heapMegabytes() - heapAtStart).toBeLessThan(KEPT_MEGABYTES)
  expect((peakRss - rssAtStart) / 1024 / 1024).toBeLessThan(TAKEN_MEGABYTES)
})
