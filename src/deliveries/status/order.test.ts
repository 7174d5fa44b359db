import { afterAll, beforeAll, expect, test } from 'vitest'
import { testDatabase } from '../../../test/support/database.ts'
import { actorOf } from '../../../test/support/deps.ts'
import { PRODUCTION, testConfig } from '../../../test/support/server.ts'
import type { Config } from '../../config.ts'
import type { Database } from '../../platform/db.ts'
import type { RouteRule } from '../send/routing.ts'
import { gatewaysOf, getRouteOrder } from './order.ts'

let database: Database
beforeAll(async () => {
  database = await testDatabase('postgres')
})
afterAll(() => database?.close())

const now = () => new Date('2026-11-25T10:00:00Z')

const gateways = ['a', 'b', 'c'].map((name) => ({
  name,
  kind: 'smpp' as const,
  simulated: false,
  window: 10,
  partsPerSecond: 40,
})) as unknown as Config['gateways']
const rule = (order: RouteRule['order']): RouteRule => ({
  order,
  gateways: [
    { name: 'a', weight: 6 },
    { name: 'b', weight: 3 },
    { name: 'c', weight: 1 },
  ],
})
const states = (names: string) =>
  new Map(
    ['a', 'b', 'c'].map((name) => [
      name,
      { state: 'bound' as const, circuit: names.includes(name) ? ('closed' as const) : ('open' as const) },
    ]),
  )
const turns = (order: RouteRule['order'], working: string) =>
  gatewaysOf(rule(order), { gateways }, states(working)).map(({ turn, share }) => [turn, share])

test('the first gateway that works carries everything, and the next one is named', () => {
  expect(turns('first', 'abc')).toEqual([
    ['now', null],
    ['next', null],
    ['later', null],
  ])
  expect(turns('first', 'bc')).toEqual([
    ['out', null],
    ['now', null],
    ['next', null],
  ])
})

test('weights are shared by the gateways that work, and a gateway that no worker reports has no part', () => {
  expect(turns('weighted', 'ac')).toEqual([
    ['now', 6 / 7],
    ['out', null],
    ['now', 1 / 7],
  ])
  expect(gatewaysOf(rule('first'), { gateways }, new Map()).map(({ turn, state }) => [turn, state])).toEqual([
    ['out', null],
    ['out', null],
    ['out', null],
  ])
})

test('the order is read by those who may read the routes, without any secret', async () => {
  const secrets = {
    TOCSIN_SMPP_HOST: 'smpp.example',
    TOCSIN_SMPP_SYSTEM_ID: 'account-id',
    TOCSIN_SMPP_PASSWORD: 'hidden',
  }
  const config = testConfig({ ...PRODUCTION, ...secrets })
  const deps = { db: database.db, now, config }
  const view = await getRouteOrder(deps, actorOf('operator', 'ac63'), 'ac63')
  expect(view.simulated).toBe(false)
  expect(view.rules).toMatchObject([
    { prefixes: null, order: 'first', gateways: [{ turn: 'out', state: null }] },
  ])
  expect(view.exercise).toHaveLength(1)
  expect(view.lanes.map(({ lane }) => lane)[0]).toBe('vital')
  expect(JSON.stringify(view)).not.toMatch(/hidden|account-id|smpp\.example/)
  for (const role of ['magistrate', 'trade_chamber', 'admin'] as const)
    await expect(getRouteOrder(deps, actorOf(role, 'ac63'), 'ac63')).rejects.toMatchObject({
      code: 'forbidden',
    })
})
