import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { testDatabaseSettings } from '../../../test/support/database.ts'
import { fillScheme, orderBroadcast, startWorld, untilBroadcastDone } from '../../../test/support/world.ts'
import { startSmsc } from '../../gateways/sms/simulator/smsc.ts'
import { pruneDeliveries, pruneFormerNumbers, pruneUnknownReceipts } from './prune.ts'
import { tallyBroadcasts } from './tallies.ts'

test('prunes recipients past their retention period in bounded passes, and keeps figures and newer recipients', async () => {
  const smsc = await startSmsc()
  const world = await startWorld({
    database: await testDatabaseSettings('postgres'),
    smscPort: smsc.port,
  })
  const { db } = world.deps
  const count = async (id: string) => {
    const { rows } = await sql<{ deliveries: number; chunks: number }>`
      select (select count(*)::int from deliveries where broadcast_id = ${id}::uuid) as deliveries,
        (select count(*)::int from delivery_chunks where broadcast_id = ${id}::uuid) as chunks`.execute(db)
    return rows[0]
  }
  try {
    await fillScheme(world.deps, 120)
    const old = await orderBroadcast(world.deps, { limit: 120 })
    const recent = await orderBroadcast(world.deps, { limit: 50 })
    const code = await orderBroadcast(world.deps, { limit: 10 })
    for (const id of [old, recent, code]) await untilBroadcastDone(world.deps, id)
    // The dispatcher tallies finished broadcasts itself; here the test does.
    await world.dispatcher.stop(5000)
    await sql`update broadcasts set tallied_at = null`.execute(db)
    await sql`delete from delivery_tallies`.execute(db)
    await db
      .updateTable('broadcasts')
      .set({ doneAt: new Date('2026-01-01') })
      .where('id', '=', old)
      .execute()
    await db
      .updateTable('broadcasts')
      .set({ kind: 'code', doneAt: new Date('2026-05-29') })
      .where('id', '=', code)
      .execute()
    await sql`insert into delivery_attempts (scheme_id, broadcast_id, no, at, outcome)
      values ('bench', ${old}::uuid, 7, now(), 'unknown')`.execute(db)
    await sql`insert into unknown_receipts values ('a', '1', '2026-01-01', 'delivered'), ('a', '2', '2026-07-01', 'delivered')`.execute(
      db,
    )
    const before = new Date('2026-04-01')
    const now = new Date('2026-06-01')
    // Except for codes, nothing is pruned before it is tallied.
    expect(await pruneDeliveries(db, before, 50, now)).toBe(10)
    expect(await tallyBroadcasts(db, 50, now)).toBe(2)
    const passes: number[] = []
    for (let i = 0; i < 4; i++) passes.push(await pruneDeliveries(db, before, 50, now))
    expect(passes).toEqual([50, 50, 20, 0])
    expect(await count(code)).toEqual({ deliveries: 0, chunks: 0 })
    expect(await count(old)).toEqual({ deliveries: 0, chunks: 0 })
    expect((await count(recent))?.deliveries).toBe(50)
    const attempts = await db.selectFrom('deliveryAttempts').selectAll().execute()
    expect(attempts).toEqual([])
    const kept = await db.selectFrom('broadcasts').selectAll().where('id', '=', old).executeTakeFirstOrThrow()
    expect(kept).toMatchObject({ planned: 120, delivered: 120 })
    const tallies = await db
      .selectFrom('deliveryTallies')
      .selectAll()
      .where('broadcastId', '=', old)
      .execute()
    expect(tallies).toMatchObject([
      { trade: 'shop', gateway: 'bench', planned: 120, delivered: 120, failed: 0 },
    ])
    expect(await tallyBroadcasts(db, 50, now)).toBe(0)
    await pruneUnknownReceipts(db, before)
    expect(await db.selectFrom('unknownReceipts').select('messageId').execute()).toEqual([{ messageId: '2' }])
    const [lost, remembered] = ['+33639980001', '+33639980002']
    await db
      .insertInto('formerNumbers')
      .values([
        { schemeId: 'bench', phone: lost, at: new Date('2026-03-31') },
        { schemeId: 'bench', phone: remembered, at: before },
      ])
      .execute()
    await pruneFormerNumbers(db, before)
    expect(await db.selectFrom('formerNumbers').select('phone').execute()).toEqual([{ phone: remembered }])
  } finally {
    await world.stop()
    await smsc.stop()
  }
})
