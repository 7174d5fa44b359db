import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { testDatabase } from '../../../test/support/database.ts'
import { actorOf } from '../../../test/support/deps.ts'
import { beat, gatewayReport } from '../../../test/support/routes.ts'
import type { Database } from '../../platform/db.ts'
import type { RoutesView } from '../contract.ts'
import { acceptedPerSecond, getRoutes, readRoutes } from './report.ts'
import { withSince } from './since.ts'

let database: Database
beforeAll(async () => {
  database = await testDatabase('postgres')
})
afterAll(() => database.close())
beforeEach(() => sql`delete from workers`.execute(database.db))

const now = () => new Date('2026-11-25T10:00:00Z')
const read = () => readRoutes({ db: database.db, now }, 'fr')

describe('the routes of an installation', () => {
  test('are summed over the workers that are alive', async () => {
    await beat(database.db, {
      id: 1,
      gateways: [
        gatewayReport({
          inFlight: 30,
          partsPerSecond: 10,
          totals: { accepted: 100, refused: 12, answerMs: 2000, refusals: { 11: 9, 88: 1, 1025: 2 } },
        }),
        gatewayReport({ name: 'secours', kind: 'ovh', state: 'connecting', circuit: 'open' }),
      ],
    })
    await beat(database.db, {
      id: 2,
      gateways: [
        gatewayReport({
          inFlight: 12,
          partsPerSecond: 10,
          silentMs: 800,
          totals: { accepted: 50, refused: 4, answerMs: 1000, refusals: { 11: 1, 10: 3 } },
        }),
        gatewayReport({ name: 'secours', kind: 'ovh', state: 'down', circuit: 'open' }),
      ],
    })
    // A dead worker is listed, but not counted.
    await beat(database.db, {
      id: 3,
      silentSeconds: 7,
      gateways: [gatewayReport({ inFlight: 99, totals: { accepted: 9999 } }), gatewayReport({ name: 'old' })],
    })
    const { routes, workers } = await read()
    expect(workers?.map(({ id, isAlive }) => [id, isAlive])).toEqual([
      ['3', false],
      ['2', true],
      ['1', true],
    ])
    expect(workers?.[0]?.beatMs).toBeGreaterThanOrEqual(7000)
    expect(routes.map(({ name, state, circuit }) => [name, state, circuit])).toEqual([
      ['smpp', 'bound', 'closed'],
      ['secours', 'connecting', 'open'],
    ])
    expect(routes[0]?.details).toMatchObject({
      inFlight: 42,
      window: 200,
      partsPerSecond: 20,
      silentMs: 800,
      workers: 2,
      totals: { accepted: 150, refused: 16, answerMs: 3000, refusals: { 11: 10, 10: 3, 88: 1, 1025: 2 } },
      refusals: [
        { code: 11, count: 10, meaning: 'Le fournisseur SMS ne connaît pas ce numéro.' },
        { code: 10, count: 3, meaning: 'Le fournisseur SMS refuse le nom de l’expéditeur.' },
        { code: 0x401, count: 2, meaning: 'Refusé par le fournisseur SMS (code 0x401).' },
        { code: 88, count: 1, meaning: 'Débit dépassé chez le fournisseur SMS : nouvel essai.' },
      ],
    })
  })

  test('have no limit if one worker has none', async () => {
    await beat(database.db, { id: 1, gateways: [gatewayReport({ partsPerSecond: 10 })] })
    await beat(database.db, { id: 2, gateways: [gatewayReport({ circuit: 'open' })] })
    expect((await read()).routes[0]).toMatchObject({
      circuit: 'half_open',
      details: { partsPerSecond: null },
    })
  })

  test("show the last error of several workers in the reader's language", async () => {
    const error = (key: string, since: string) => ({
      lastError: { key, values: {} },
      errorSince: since,
    })
    await beat(database.db, {
      id: 1,
      gateways: [gatewayReport({ state: 'down', ...error('link.silent', '2026-11-25T09:00:00.000Z') })],
    })
    await beat(database.db, {
      id: 2,
      gateways: [
        gatewayReport({
          stateSince: '2026-11-25T09:30:00.000Z',
          ...error('link.closed', '2026-11-25T09:10:00.000Z'),
        }),
      ],
    })
    expect((await read()).routes[0]?.details).toMatchObject({
      lastError: 'lien fermé par le fournisseur',
      errorSince: '2026-11-25T09:10:00.000Z',
      stateSince: '2026-11-25T09:30:00.000Z',
    })
  })

  test('leave out a report of another release that cannot be parsed', async () => {
    await beat(database.db, { id: 1, gateways: [{ name: 'new', kind: 'carrier-pigeon' }, gatewayReport()] })
    expect((await read()).routes.map((route) => route.name)).toEqual(['smpp'])
  })

  test('are empty without any worker', async () => {
    expect(await read()).toEqual({ at: now().toISOString(), routes: [], workers: [] })
  })

  test('show details only to the roles that may see them', async () => {
    await beat(database.db, { id: 1 })
    const get = (role: Parameters<typeof actorOf>[0], scheme = 'ac63') =>
      getRoutes({ db: database.db, now }, actorOf(role, 'ac63'), scheme, 'fr')
    for (const role of ['operator', 'chief', 'chamber'] as const) {
      expect((await get(role)).workers).toHaveLength(1)
    }
    expect(await get('magistrate')).toEqual({
      at: now().toISOString(),
      routes: [{ name: 'smpp', simulated: false, state: 'bound', circuit: 'closed', details: null }],
      workers: null,
    })
    await expect(get('operator', 'ac39')).rejects.toMatchObject({ code: 'unknown_scheme' })
  })
})

describe('the rate between two readings', () => {
  const view = (seconds: number, accepted: number, alive = ['1']): RoutesView => ({
    at: '2026-11-25T10:00:00.000Z',
    routes: [
      {
        name: 'smpp',
        simulated: false,
        state: 'bound',
        circuit: 'closed',
        details: {
          ...gatewayReport(),
          lastError: null,
          stateSince: null,
          errorSince: null,
          totalsAt: new Date(Date.UTC(2026, 10, 25, 10, 0, 0, seconds * 1000)).toISOString(),
          totals: gatewayReport({ totals: { accepted } }).totals,
          refusals: [],
          workers: alive.length,
        },
      },
    ],
    workers: alive.map((id) => ({ id, name: id, startedAt: '', beatMs: 0, isAlive: true })),
  })
  test.each([
    ['divides accepted messages by the time between the heartbeats', view(0, 100), view(2, 300), 100],
    ['is zero when nothing was accepted', view(0, 100), view(1, 100), 0],
    ['is null without a heartbeat in between', view(0, 100), view(0, 100), null],
    [
      'is null when a worker joined, since its counts would make a leap',
      view(0, 100),
      view(1, 9000, ['1', '2']),
      null,
    ],
    ['is null when a worker replaced another', view(0, 100), view(1, 3, ['2']), null],
  ])('%s', (_name, before, after, rate) => {
    expect(acceptedPerSecond(before, after, 'smpp')).toBe(rate)
  })
  test('is null for an unknown gateway', () => {
    expect(acceptedPerSecond(view(0, 1), view(1, 2), 'other')).toBeNull()
  })
})

test('keeps the time of the last change while nothing changes', () => {
  const [at, later, last] = [0, 1, 2].map((n) => new Date(Date.UTC(2026, 0, 1, 0, 0, n))) as [
    Date,
    Date,
    Date,
  ]
  const lost = { lastError: { key: 'link.closed', values: {} } }
  const up = withSince([], [gatewayReport()], at)
  expect(up).toMatchObject([{ stateSince: at.toISOString() }])
  expect(up[0]?.errorSince).toBeUndefined()
  expect(withSince(up, [gatewayReport()], later)).toEqual(up)
  const down = withSince(up, [gatewayReport({ state: 'down', ...lost, totals: { linksLost: 1 } })], later)
  expect(down).toMatchObject([{ stateSince: later.toISOString(), errorSince: later.toISOString() }])
  const back = withSince(down, [gatewayReport({ ...lost, totals: { linksLost: 1 } })], last)
  expect(back).toMatchObject([{ stateSince: last.toISOString(), errorSince: later.toISOString() }])
  const again = withSince(back, [gatewayReport({ ...lost, totals: { linksLost: 2 } })], last)
  expect(again).toMatchObject([{ errorSince: last.toISOString() }])
})
