import { sql } from 'kysely'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { testDatabase, testDatabaseUrl } from '../../test/support/database.ts'
import { type Database, openDatabase, refuseOldServer } from './db.ts'

let database: Database
let admin: pg.Client
beforeAll(async () => {
  const url = await testDatabaseUrl()
  database = await openDatabase({ kind: 'postgres', url, poolSize: 3 })
  admin = new pg.Client({ connectionString: url })
  await admin.connect()
})
afterAll(async () => {
  await admin.end()
  await database.close()
})

/** Closes every other connection, as a server that stops does. */
const cutAll = () =>
  admin.query(`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()`)

test('connections closed by the server fail their own queries and nothing else', async () => {
  const idle = await Promise.all([1, 2, 3].map(() => database.pool.connect()))
  for (const client of idle) client.release()
  const told = new Promise<Error>((resolve) => {
    void database.pool.connect().then(async (held) => {
      held.once('error', (error) => {
        held.release(true)
        resolve(error)
      })
    })
  })
  const transaction = database.db.transaction().execute(async (tx) => {
    await sql`select 1`.execute(tx)
    await cutAll()
    // The connection is in use but has no query, so only the connection itself can report the error.
    await told
    await sql`select 1`.execute(tx)
  })
  await expect(transaction).rejects.toThrow(/terminat|not queryable|ECONNRESET/)
  // A connection that was idle may be handed out before its end has been read.
  await expect.poll(async () => (await sql`select 1 as one`.execute(database.db)).rows).toEqual([{ one: 1 }])
})

test('refuses a server older than supported, with a clear message', () => {
  for (const [version, number] of [
    ['14.19', 140019],
    ['15.20 (Debian)', 150020],
  ] as const)
    expect(() => refuseOldServer({ version, number })).toThrow(
      expect.objectContaining({ code: 'database_too_old', values: { version, least: 16 } }),
    )
  refuseOldServer({ version: '16.0', number: 160000 })
})

test('records a statement that failed because of a full disk', async () => {
  expect(database.disk.sinceFullMs()).toBe(Number.POSITIVE_INFINITY)
  await expect(
    sql`do $$ begin raise exception 'could not extend file' using errcode = 'disk_full'; end $$`.execute(
      database.db,
    ),
  ).rejects.toMatchObject({ code: '53100' })
  expect(database.disk.sinceFullMs()).toBeLessThan(60_000)
})

test.each(['a promise', 'a callback'])(
  'records it for a statement of the pool, answered by %s',
  async (how) => {
    const other = await testDatabase('postgres')
    try {
      const statement = `do $$ begin raise exception 'full' using errcode = 'disk_full'; end $$`
      await other.pool.query('select 1')
      expect(other.disk.sinceFullMs()).toBe(Number.POSITIVE_INFINITY)
      if (how === 'a promise')
        await expect(other.pool.query(statement)).rejects.toMatchObject({ code: '53100' })
      else
        expect(
          await new Promise((answer) => other.pool.query(statement, (error) => answer(error))),
        ).toMatchObject({ code: '53100' })
      expect(other.disk.sinceFullMs()).toBeLessThan(60_000)
    } finally {
      await other.close()
    }
  },
)
