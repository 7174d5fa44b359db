import { connect, createServer, type Socket } from 'node:net'
import { expect, type TestContext, test, vi } from 'vitest'
import { testDatabaseUrl } from '../../../test/support/database.ts'
import { poolerLacking, startPooler } from '../../../test/support/pooler.ts'
import { requireProcessLogin } from '../../start/schema.ts'
import { openDatabase } from '../db.ts'
import { keepsPreparedStatements } from './pooler.ts'

/** Opens the pooler of a new database, with a handle that uses it. */
async function openPooled(
  { onTestFinished }: TestContext,
  settings: Readonly<Record<string, string | number>>,
) {
  const sessionUrl = await testDatabaseUrl()
  const pooler = await startPooler(sessionUrl, settings)
  const database = await openDatabase({ kind: 'postgres', url: pooler.url, sessionUrl, poolSize: 4 })
  onTestFinished(async () => {
    await database.close()
    await pooler.stop()
  })
  return { database, pooler, sessionUrl }
}

test('a pooler that mixes up prepared statements is recognised, and refused at a start', async (context) => {
  context.skip(poolerLacking !== undefined, poolerLacking)
  const [lacking, supporting] = await Promise.all(
    [0, 200].map((max_prepared_statements) => openPooled(context, { max_prepared_statements })),
  )
  expect(await keepsPreparedStatements(lacking?.pooler.url ?? '')).toBe(false)
  expect(await keepsPreparedStatements(supporting?.pooler.url ?? '')).toBe(true)
  expect(await keepsPreparedStatements(lacking?.sessionUrl ?? '')).toBe(true)
  // Stands for a login with the settings of deploy/ha/logins.sql, of which all tests share one.
  const pool = {
    query: async () => ({
      rows: [
        {
          login: 'tocsin_web',
          reason: null,
          settings: ['role=tocsin_service', 'idle_in_transaction_session_timeout=15s'],
          role: 'tocsin_service',
        },
      ],
    }),
  }
  const start = (opened: typeof lacking) =>
    requireProcessLogin({ pool, sessions: pool } as never, {
      role: 'web',
      databaseUrl: opened?.pooler.url,
      databaseSessionUrl: opened?.sessionUrl,
    })
  await expect(start(lacking)).rejects.toMatchObject({ code: 'pooler_unprepared' })
  await expect(start(supporting)).resolves.toBeUndefined()
})

test.concurrent('a full pooler ends no statement, neither one that runs nor one that waits', async (context) => {
  context.skip(poolerLacking !== undefined, poolerLacking)
  const { database } = await openPooled(context, { default_pool_size: 1, query_wait_timeout: 60 })
  const onReady = vi.fn()
  await database.listen('pooler_test', () => {}, onReady)
  const [, waited] = await Promise.all([
    database.pool.query('select pg_sleep(9)'),
    database.pool.query('select 1 as one'),
  ])
  expect(waited.rows).toEqual([{ one: 1 }])
  expect(onReady).toHaveBeenCalledTimes(1)
})

test.concurrent('a statement that waits on a pooler that disappeared fails; sessions past it stay', async (context) => {
  context.skip(poolerLacking !== undefined, poolerLacking)
  const { database, pooler } = await openPooled(context, {})
  const onReady = vi.fn()
  await database.listen('pooler_test', () => {}, onReady)
  await database.pool.query('select 1')
  pooler.freeze(true)
  await expect(database.pool.query('select 1')).rejects.toThrow('no answer from the database')
  pooler.freeze(false)
  await expect(database.pool.query('select 1')).resolves.toBeDefined()
  expect(onReady).toHaveBeenCalledTimes(1)
})

test.concurrent('a listener notices that the way past the pooler became silent, and listens again', async ({
  expect,
}) => {
  // The one of the file polls for the test that began last, which may have been skipped.
  const url = await testDatabaseUrl()
  const { hostname, port } = new URL(url)
  const forwarded: Socket[] = []
  const proxy = createServer((near) => {
    const far = connect(Number(port), hostname)
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on('error', () => {})
      from.pipe(to)
      forwarded.push(from)
    }
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  const sessionUrl = new URL(url)
  sessionUrl.port = String((proxy.address() as { port: number }).port)
  const database = await openDatabase({ kind: 'postgres', url, sessionUrl: sessionUrl.href, poolSize: 1 })
  try {
    const onReady = vi.fn()
    await database.listen('pooler_test', () => {}, onReady)
    // Without an end or an error, as when a machine loses its power.
    for (const socket of forwarded) socket.unpipe()
    await expect.poll(() => onReady.mock.calls.length).toBe(2)
  } finally {
    await database.close()
    for (const socket of forwarded) socket.destroy()
    proxy.close()
  }
})
