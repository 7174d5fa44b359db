import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { testDatabase, testDatabaseSettings } from '../../../test/support/database.ts'
import { idOf } from '../../../test/support/fixtures.ts'
import { fillScheme, orderBroadcast, startWorld } from '../../../test/support/world.ts'
import { releaseChunks, resendInDoubt } from './claims.ts'

const MEMBERS = 10_000
/** Takes under a tenth of this on a busy machine of two cores, and grows with the number of deliveries, not with its square. */
const BOUND_MS = 6000

test('makes ten thousand deliveries in doubt due in one run, as after a provider that never responds', async () => {
  const world = await startWorld({ database: await testDatabaseSettings('postgres'), smscPort: 1 })
  const { db } = world.deps
  await world.dispatcher.stop(1000)
  await fillScheme(world.deps, MEMBERS)
  const id = await orderBroadcast(world.deps, { limit: MEMBERS })
  await sql`update delivery_chunks set state = 'done' where broadcast_id = ${id}`.execute(db)
  await sql`
    update deliveries set state = 'in_doubt', in_doubt_at = now() - interval '1 minute' where broadcast_id = ${id}`.execute(
    db,
  )
  await db.updateTable('broadcasts').set({ inDoubt: MEMBERS }).where('id', '=', id).execute()
  const startedAt = performance.now()
  await resendInDoubt(db, new Date(), { vital: 1, code: 1, alert: 1, follow_up: 1, service: 1, reminder: 1 })
  expect(performance.now() - startedAt).toBeLessThan(BOUND_MS)
  const { rows } =
    await sql`select state, possible_duplicate, count(*)::int as n from deliveries group by 1, 2`.execute(db)
  expect(rows).toEqual([{ state: 'planned', possibleDuplicate: true, n: MEMBERS }])
  await world.stop()
})

test('plans the release of chunks once, however many it releases', async () => {
  const { db, close } = await testDatabase('postgres', { poolSize: 1 })
  const release = {
    schemeId: 'ac63',
    broadcastId: idOf(1),
    firstNo: 1,
    claims: 1,
    workerId: 1,
    again: new Date(),
  }
  // PostgreSQL plans five times for the values given before it compares that with a plan for any.
  for (const count of [1, 2, 1, 3, 1, 2, 1, 1]) await releaseChunks(db, Array(count).fill(release))
  const { rows } = await sql<{ kept: number }>`
    select generic_plans::integer as kept from pg_prepared_statements where statement like '%merge into delivery_chunks%'`.execute(
    db,
  )
  expect(rows).toEqual([{ kept: 3 }])
  await close()
})
