import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { testDatabaseSettings } from '../../../test/support/database.ts'
import { fillScheme, orderBroadcast, startWorld } from '../../../test/support/world.ts'
import { resendInDoubt } from './claims.ts'

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
