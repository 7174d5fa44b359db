import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { testDatabaseSettings, usualKinds } from '../../../test/support/database.ts'
import {
  BENCH_SCHEME,
  fillScheme,
  orderBroadcast,
  startWorld,
  untilBroadcastDone,
} from '../../../test/support/world.ts'
import { type Smsc, startSmsc } from '../../gateways/sms/simulator/smsc.ts'
import { stopBroadcast } from '../claim/stop.ts'
import { PlannedBroadcasts, type RunningBroadcast } from './planned.ts'

const MEMBERS = 30

test('planned broadcasts are removed once, for their scheme only, and the oldest beyond a hundred', () => {
  const planned = new PlannedBroadcasts()
  for (let n = 1; n <= 101; n++) planned.addBroadcast({ schemeId: 'ac63', id: `${n}` } as RunningBroadcast)
  expect(planned.removeBroadcast('ac63', '1')).toBeUndefined()
  expect(planned.removeBroadcast('ac39', '2')).toBeUndefined()
  expect(planned.removeBroadcast('ac63', '2')).toEqual({ schemeId: 'ac63', id: '2' })
  expect(planned.removeBroadcast('ac63', '2')).toBeUndefined()
  expect(planned.removeBroadcast('ac63', '101')).toEqual({ schemeId: 'ac63', id: '101' })
})

describe.each(usualKinds)('broadcasts that the process planned on %s', (kind) => {
  let smsc: Smsc
  let world: Awaited<ReturnType<typeof startWorld>>

  beforeAll(async () => {
    smsc = await startSmsc({ receiptDelayMs: 2 })
    world = await startWorld({ database: await testDatabaseSettings(kind), smscPort: smsc.port, window: 40 })
    await fillScheme(world.deps, MEMBERS)
  })
  afterAll(async () => {
    await world.stop()
    await smsc.stop()
  })
  beforeEach(() => smsc.clearLog())

  test('are sent as the database has them', async () => {
    const id = await orderBroadcast(world.deps, { limit: MEMBERS })
    await untilBroadcastDone(world.deps, id)
    const row = await world.deps.db
      .selectFrom('broadcasts')
      .select(['sender', 'text'])
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
    expect([...smsc.log()]).toHaveLength(MEMBERS)
    expect(new Set([...smsc.log()].map(({ source, text }) => `${source} ${text}`))).toEqual(
      new Set([`${row.sender} ${row.text}`]),
    )
    expect(world.deps.planned.removeBroadcast(BENCH_SCHEME, id)).toBeUndefined()
  })

  test('are not sent when their transaction failed', async () => {
    await expect(
      orderBroadcast(world.deps, {
        limit: MEMBERS,
        alsoDo: () => Promise.reject(new Error('the audit log could not be written')),
      }),
    ).rejects.toThrow('the audit log could not be written')
    // The next one is announced after it would have been.
    const next = await orderBroadcast(world.deps, { limit: 1 })
    await untilBroadcastDone(world.deps, next)
    expect([...smsc.log()]).toHaveLength(1)
  })

  test('are not sent when they were stopped before they began', async () => {
    const id = await orderBroadcast(world.deps, {
      limit: MEMBERS,
      alsoDo: (tx, broadcastId) => stopBroadcast(tx, BENCH_SCHEME, broadcastId, world.deps.now()),
    })
    expect(await untilBroadcastDone(world.deps, id)).toMatchObject({ withdrawn: MEMBERS, accepted: 0 })
    const next = await orderBroadcast(world.deps, { limit: 1 })
    await untilBroadcastDone(world.deps, next)
    expect([...smsc.log()]).toHaveLength(1)
  })
})
