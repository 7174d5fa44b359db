import { afterAll, beforeAll, expect, test } from 'vitest'
import { testDatabase } from '../../../test/support/database.ts'
import { testDeps } from '../../../test/support/deps.ts'
import { createScannedLog } from '../../../test/support/log-scan.ts'
import { fillScheme } from '../../../test/support/world.ts'
import type { Deps } from '../../deps.ts'
import { createHttpGateway } from '../../gateways/sms/http/gateway.ts'
import type { WebhookRequest } from '../../gateways/sms/http/provider.ts'
import { HttpGatewaySettings } from '../../gateways/sms/http/settings.ts'
import { genericRules } from '../../gateways/sms/http/testing/generic.ts'
import { twilioRules } from '../../gateways/sms/http/testing/twilio.ts'
import { DAY_MS } from '../../message/clock.ts'
import { acrossSchemes, type Database, openDatabase } from '../../platform/db.ts'
import { INBOUND_WINDOW_MS, type SmsInbound } from '../gateway.ts'
import { takeInbound } from './inbound.ts'
import { purgeTaken } from './taken-messages.ts'

let nowMs = Date.parse('2026-06-01T12:00:00Z')
let database: Database
let deps: Deps

beforeAll(async () => {
  database = await testDatabase('postgres')
  deps = testDeps(database, { now: () => new Date(nowMs) })
  await fillScheme({ database }, 20)
})
afterAll(() => database.close())

const phoneOf = (n: number) => `+336${String(n).padStart(8, '0')}`
const stopOf = (n: number, more: Partial<SmsInbound> = {}): SmsInbound => ({
  gateway: 'bench',
  from: phoneOf(n),
  to: 'BENCH',
  text: 'STOP',
  ...more,
})

async function receivesSms(n: number): Promise<boolean | undefined> {
  const row = await database.db
    .selectFrom('contacts')
    .select('sms')
    .where('mobile', '=', phoneOf(n))
    .executeTakeFirst()
  return row?.sms
}

async function optIn(n: number): Promise<void> {
  await database.db.updateTable('contacts').set({ sms: true }).where('mobile', '=', phoneOf(n)).execute()
}

test.each([
  ['by its id', stopOf(1, { id: 'SM1' })],
  ['by its content and time', stopOf(3, { content: '{"text":"STOP","at":2}', sentMs: nowMs })],
])('a STOP that comes again is known %s, in another process too', async (_, stop) => {
  const n = Number(stop.from.slice(-2))
  await takeInbound(deps, stop)
  expect(await receivesSms(n)).toBe(false)
  await optIn(n)
  const url = database.pool.options.connectionString ?? ''
  const other = await openDatabase({ kind: 'postgres', url, poolSize: 1 })
  const { log, lines, leaks } = createScannedLog()
  await takeInbound({ ...testDeps(other, { now: () => new Date(nowMs) }), log }, stop)
  await other.close()
  expect(await receivesSms(n)).toBe(true)
  expect(lines.join('')).toContain('a message from a phone came again')
  expect(leaks).toEqual([])
})

test('a STOP that failed is handled when the provider sends it again', async () => {
  const stop = stopOf(4, { id: 'SM4' })
  const failing = {
    ...deps,
    newId: () => {
      throw new Error('the database is away')
    },
  }
  await expect(takeInbound(failing, stop)).rejects.toThrow('away')
  expect(await receivesSms(4)).toBe(true)
  await takeInbound(deps, stop)
  expect(await receivesSms(4)).toBe(false)
})

test('a STOP of a number without a contact does nothing once a contact gets it', async () => {
  const stop = stopOf(77, { id: 'SM77' })
  await takeInbound(deps, stop)
  await database.db
    .updateTable('contacts')
    .set({ mobile: phoneOf(77) })
    .where('mobile', '=', phoneOf(5))
    .execute()
  await takeInbound(deps, stop)
  expect(await receivesSms(77)).toBe(true)
})

test('a message with an id is remembered for good, a dated one until its time is refused, any other never', async () => {
  const known = async () =>
    (await database.db.selectFrom('providerMessages').select('digest').execute()).length
  const before = await known()
  const start = nowMs
  const dated = stopOf(6, { content: 'a', sentMs: start })
  const others = [stopOf(7, { id: 'SM7' }), stopOf(8, { content: 'b' })]
  for (const stop of [dated, ...others]) await takeInbound(deps, stop)
  expect(await known()).toBe(before + 2)
  const purge = () => acrossSchemes(database.db, (tx) => purgeTaken(tx, new Date(nowMs)))
  try {
    // A second STOP that looks the same, an hour later: without an id and a time, it is another one.
    nowMs = start + DAY_MS / 24
    await optIn(8)
    await takeInbound(deps, stopOf(8, { content: 'b' }))
    expect(await receivesSms(8)).toBe(false)
    nowMs = start + INBOUND_WINDOW_MS
    await optIn(6)
    await purge()
    await takeInbound(deps, dated)
    expect(await receivesSms(6)).toBe(true)
    nowMs = start + 3650 * DAY_MS
    await purge()
    await optIn(7)
    await takeInbound(deps, stopOf(7, { id: 'SM7' }))
    expect(await receivesSms(7)).toBe(true)
    const left = await database.db.selectFrom('providerMessages').selectAll().execute()
    expect(left.every(({ digest, until }) => digest.startsWith('id:') && until === null)).toBe(true)
    // Neither numbers nor texts nor ids.
    expect(JSON.stringify(left)).not.toMatch(/SM7|STOP|336/)
  } finally {
    nowMs = start
  }
})

test.each([
  ['twilio', twilioRules],
  ['http', genericRules],
] as const)('a call of %s that was captured is answered as usual and changes nothing', async (_, rules) => {
  const settings = HttpGatewaySettings.parse({ ...rules.settings('http://127.0.0.1:9'), name: 'fake' })
  const gateway = createHttpGateway(settings)
  gateway.onInbound((message) => takeInbound(deps, message))
  const n = rules === twilioRules ? 9 : 10
  const captured = rules.inbound?.(phoneOf(n), 'STOP', settings) as WebhookRequest
  const call = () => gateway.webhook.handle(captured)
  const { status } = await call()
  expect(status).toBeLessThan(300)
  expect(await receivesSms(n)).toBe(false)
  await optIn(n)
  expect((await call()).status).toBe(status)
  expect(await receivesSms(n)).toBe(true)
})
