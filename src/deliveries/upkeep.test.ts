import { afterAll, beforeAll, expect, test } from 'vitest'
import { testDatabaseSettings } from '../../test/support/database.ts'
import { fillScheme, orderBroadcast, startWorld, untilBroadcastDone } from '../../test/support/world.ts'
import { type Smsc, startSmsc } from '../gateways/sms/simulator/smsc.ts'
import { registerDeliveryJobs } from './handlers.ts'

let smsc: Smsc
let world: Awaited<ReturnType<typeof startWorld>>
beforeAll(async () => {
  smsc = await startSmsc({ receiptDelayMs: 2 })
  world = await startWorld({
    database: await testDatabaseSettings('embedded'),
    smscPort: smsc.port,
    window: 40,
    gateway: { partsPerSecond: 40 },
  })
  await fillScheme(world.deps, 40)
  await registerDeliveryJobs(world.deps)
})
afterAll(async () => {
  await world.stop()
  await smsc.stop()
})

test('maintains the tables of the embedded database between broadcasts, not while one is sent', async () => {
  const { deps } = world
  const { pool } = deps.database
  const count = async (what: string) => (await pool.query(`select from ${what}`)).rows.length
  const kept = () => count(`pgboss.job where name = 'database.upkeep' and state = 'completed'`)
  const keep = async () => {
    const before = await kept()
    await deps.db.transaction().execute((tx) => deps.jobs.enqueue(tx, 'database.upkeep', {}))
    await expect.poll(kept, { interval: 50 }).toBe(before + 1)
  }
  const unknown = () => count(`pg_class where relkind = 'r' and reltuples < 0`)
  const before = await unknown()
  const id = await orderBroadcast(deps, { limit: 40, lane: 'alert' })
  await keep()
  expect(await unknown()).toBe(before)
  await untilBroadcastDone(deps, id)
  // A broadcast planned for the morning does not prevent maintenance.
  await orderBroadcast(deps, { limit: 40, notBefore: new Date(deps.now().getTime() + 3_600_000) })
  await keep()
  expect(await unknown()).toBeLessThan(before)
})
