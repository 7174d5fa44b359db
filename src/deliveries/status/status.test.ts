import fc from 'fast-check'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { testDatabase } from '../../../test/support/database.ts'
import { testDeps } from '../../../test/support/deps.ts'
import { idOf, seedSchemes } from '../../../test/support/fixtures.ts'
import { beat, gatewayReport } from '../../../test/support/routes.ts'
import type { Database } from '../../platform/db.ts'
import type { RouteView } from '../contract.ts'
import { healthOfRoutes, servingRoutes } from './route-health.ts'
import { readServiceStatus, rememberStatus, STATUS_SECONDS } from './status.ts'

test('messages are sent if one route works, whatever the others', () => {
  const route = fc.record({
    state: fc.constantFrom<RouteView['state'][]>('bound', 'connecting', 'down', 'stopped'),
    circuit: fc.constantFrom<RouteView['circuit'][]>('closed', 'open', 'half_open'),
  })
  fc.assert(
    fc.property(fc.array(route, { maxLength: 4 }), (routes) => {
      const health = healthOfRoutes(routes)
      const working = routes.filter(({ state, circuit }) => state === 'bound' && circuit !== 'open').length
      expect(health === 'up' || health === 'degraded').toBe(working > 0)
      if (health === 'up') expect(working).toBe(routes.length)
      expect(healthOfRoutes(routes.toReversed())).toBe(health)
      // One more working route never makes it worse.
      if (health === 'down' || health === 'opening')
        expect(healthOfRoutes([...routes, { state: 'bound', circuit: 'closed' }])).toMatch(/^(up|degraded)$/)
    }),
  )
  expect(healthOfRoutes([])).toBe('down')
})

test('counts a simulated route only in the demo and for exercises', () => {
  const real = { name: 'provider', simulated: false }
  const simulated = { name: 'simulator', simulated: true }
  expect(servingRoutes([real, simulated])).toEqual([real])
  expect(servingRoutes([real, simulated], true)).toEqual([simulated])
  expect(servingRoutes([simulated])).toEqual([simulated])
  expect(servingRoutes([real], true)).toEqual([])
})

describe('the public status of a scheme', () => {
  let database: Database
  let at = Date.parse('2026-03-01T10:00:00Z')
  const deps = () => testDeps(database, { now: () => new Date(at) })
  const simulator = gatewayReport({ name: 'secret-provider', simulated: true })
  beforeAll(async () => {
    database = await testDatabase('postgres')
    await seedSchemes(database)
  })
  afterAll(() => database.close())
  beforeEach(async () => {
    await sql`delete from workers`.execute(database.db)
    await sql`delete from broadcasts`.execute(database.db)
  })

  let serial = 500
  const sent = (kind: string, first: string, all: string | null, simulated = true, scheme = 'ac63') =>
    sql`insert into broadcasts (scheme_id, id, text, encoding, parts, sender, lane, kind, simulated, state, valid_until,
        ordered_at, ordered_by, planned, first_submit_at, all_accepted_at)
      values (${scheme}, ${idOf(serial++)}::uuid, 't', 'GSM-7', 1, 'A', 'alert', ${kind}, ${simulated}, 'settling', ${first}, ${first},
        'user:1', 1, ${first}, ${all})`.execute(database.db)

  test('reports whether messages are sent and when the last alert was, and nothing else', async () => {
    expect(await readServiceStatus(deps(), 'ac63')).toEqual({
      at: '2026-03-01T10:00:00.000Z',
      messages: 'down',
      lastSentAt: null,
    })
    await beat(database.db, { id: 1, gateways: [simulator] })
    await sent('first', '2026-03-01T09:00:00Z', '2026-03-01T09:00:07Z')
    await sent('update', '2026-03-01T09:30:00Z', null)
    const status = await readServiceStatus(deps(), 'ac63')
    expect(status).toEqual({
      at: '2026-03-01T10:00:00.000Z',
      messages: 'up',
      lastSentAt: '2026-03-01T09:30:00.000Z',
    })
    expect(JSON.stringify(status)).not.toContain('secret-provider')
    await beat(database.db, { id: 1, gateways: [{ ...simulator, circuit: 'open' }] })
    expect((await readServiceStatus(deps(), 'ac63')).messages).toBe('opening')
    await expect(readServiceStatus(deps(), 'zz99')).rejects.toMatchObject({ code: 'unknown_scheme' })
  })

  test('does not change for a code or a confirmation, which would reveal known numbers', async () => {
    await sent('first', '2026-03-01T09:00:00Z', '2026-03-01T09:00:07Z')
    const before = await readServiceStatus(deps(), 'ac63')
    for (const kind of ['code', 'service', 'answer', 'copy', 'group', 'digest'])
      await sent(kind, '2026-03-01T09:59:00Z', '2026-03-01T09:59:01Z')
    await sent('first', '2026-03-01T09:59:00Z', null, true, 'ac39')
    expect(await readServiceStatus(deps(), 'ac63')).toEqual(before)
  })

  test('counts only real routes and alerts in production, no simulators or exercises', async () => {
    const real = testDeps(database, { now: () => new Date(at) })
    const config = {
      ...real.config,
      demo: false,
      gateways: real.config.gateways.map((gateway) => ({ ...gateway, name: 'smpp', simulated: false })),
      routes: [{ order: 'first' as const, gateways: [{ name: 'smpp', weight: 1 }] }],
    }
    await beat(database.db, { id: 1, gateways: [gatewayReport({ state: 'down' }), simulator] })
    await sent('first', '2026-03-01T09:00:00Z', null)
    expect(await readServiceStatus({ ...real, config }, 'ac63')).toMatchObject({
      messages: 'down',
      lastSentAt: null,
    })
    await beat(database.db, {
      id: 1,
      gateways: [gatewayReport({}), gatewayReport({ name: 'of-others', state: 'down' })],
    })
    expect((await readServiceStatus({ ...real, config }, 'ac63')).messages).toBe('up')
  })

  test('is read once every few seconds, and again after a failure', async () => {
    const statusOf = rememberStatus(deps())
    await beat(database.db, { id: 1, gateways: [simulator] })
    expect((await statusOf('ac63')).messages).toBe('up')
    await sql`delete from workers`.execute(database.db)
    at += STATUS_SECONDS * 1000 - 1
    expect((await statusOf('ac63')).messages).toBe('up')
    expect((await statusOf('ac39')).messages).toBe('down')
    at += 1
    expect((await statusOf('ac63')).messages).toBe('down')
    await expect(statusOf('zz99')).rejects.toMatchObject({ code: 'unknown_scheme' })
    await expect(statusOf('zz99')).rejects.toMatchObject({ code: 'unknown_scheme' })
  })
})
