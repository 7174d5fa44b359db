import { sql } from 'kysely'
import pg from 'pg'
import { expect, test } from 'vitest'
import { testDatabase, testDatabaseUrl } from '../../../test/support/database.ts'
import { idOf } from '../../../test/support/fixtures.ts'
import { asOwnerUrl } from '../../../test/support/owner-url.ts'
import { noteStatements, rowsReadBy } from '../../../test/support/sent-statements.ts'
import { fillScheme, orderBroadcast, startWorld } from '../../../test/support/world.ts'
import { releaseChunks, resendInDoubt } from './claims.ts'

const MEMBERS = 10_000

test('makes ten thousand deliveries in doubt due in one run, as after a provider that never responds', async () => {
  const url = await testDatabaseUrl()
  const world = await startWorld({ database: { kind: 'postgres', url, poolSize: 4 }, smscPort: 1 })
  const { db } = world.deps
  await world.dispatcher.stop(1000)
  await fillScheme(world.deps, MEMBERS)
  const id = await orderBroadcast(world.deps, { limit: MEMBERS })
  const putInDoubt = async () => {
    await sql`update delivery_chunks set state = 'done' where broadcast_id = ${id}`.execute(db)
    await sql`update deliveries set state = 'in_doubt', in_doubt_at = now() - interval '1 minute' where broadcast_id = ${id}`.execute(
      db,
    )
    await db.updateTable('broadcasts').set({ inDoubt: MEMBERS }).where('id', '=', id).execute()
  }
  await putInDoubt()
  const lanes = { vital: 1, code: 1, alert: 1, follow_up: 1, service: 1, reminder: 1 }
  const notes = noteStatements()
  try {
    await resendInDoubt(db, new Date(), lanes)
  } finally {
    notes.stop()
  }
  const { rows } =
    await sql`select state, possible_duplicate, count(*)::int as n from deliveries group by 1, 2`.execute(db)
  expect(rows).toEqual([{ state: 'planned', possibleDuplicate: true, n: MEMBERS }])

  // Run again on the same doubts: each is read a few times, not once for each of the others.
  await putInDoubt()
  const [statement] = [...notes.sent.values()].filter(({ text }) =>
    /update deliveries|merge into deliveries/.test(text),
  )
  if (statement === undefined) throw new Error('no statement on deliveries was noted')
  const client = new pg.Client({ connectionString: asOwnerUrl(url) })
  await client.connect()
  const read = await rowsReadBy(client, statement)
  await client.end()
  expect(read.deliveries).toBeGreaterThanOrEqual(MEMBERS)
  expect(read.deliveries).toBeLessThan(10 * MEMBERS)
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
