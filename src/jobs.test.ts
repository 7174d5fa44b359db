import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { testDatabase } from '../test/support/database.ts'
import { createTestLog } from '../test/support/log-scan.ts'
import { asTableOwner } from '../test/support/table-owner.ts'
import { installJobs, startJobs } from './jobs.ts'
import { acrossSchemes } from './platform/db.ts'
import { callerNetwork, runFromNetwork } from './platform/http/caller-network.ts'

test('runs periodic work once each period, however many processes request it', async () => {
  const database = await testDatabase('postgres')
  const log = createTestLog()
  const processes = [await startJobs(database, log), await startJobs(database, log)]
  try {
    let taken = 0
    for (const jobs of processes)
      await jobs.work('member.count', 1, async () => {
        taken += 1
      })
    const asked = async () => {
      const { rows } = await database.pool.query(`select state from pgboss.job where name = 'member.count'`)
      return rows.map(({ state }) => state)
    }
    for (const jobs of processes) jobs.repeat(['member.count'])
    await expect.poll(asked).toEqual(['completed'])
    // A third request later in the same period, as from a restarted process.
    const late = await startJobs(database, log)
    processes.push(late)
    late.repeat(['member.count', 'code.purge'])
    await expect
      .poll(
        async () =>
          (await database.pool.query(`select from pgboss.job where name = 'code.purge'`)).rows.length,
      )
      .toBe(1)
    expect(await asked()).toEqual(['completed'])
    expect(taken).toBe(1)
  } finally {
    for (const jobs of processes) await jobs.stop(1000)
    await database.close()
  }
})

test('asks soon again for the work of an hour that a failure of the database kept from being asked for', async () => {
  const database = await testDatabase('postgres')
  let isDown = false
  const pool = new Proxy(database.pool, {
    get: (target, key) =>
      key === 'query'
        ? (text: string, values?: unknown[]) =>
            isDown ? Promise.reject(new Error('timeout exceeded')) : target.query(text, values)
        : Reflect.get(target, key, target),
  })
  const jobs = await startJobs({ ...database, pool }, createTestLog(), 50)
  try {
    isDown = true
    jobs.repeat(['code.purge'])
    const count = async () =>
      (await database.pool.query(`select from pgboss.job where name = 'code.purge'`)).rows.length
    await new Promise((done) => setTimeout(done, 120))
    expect(await count()).toBe(0)
    isDown = false
    await expect.poll(count).toBe(1)
  } finally {
    await jobs.stop(1000)
    await database.close()
  }
})

test('a job does not act from the network of the request that enqueued it', async () => {
  const database = await testDatabase('postgres')
  const jobs = await startJobs(database, createTestLog())
  try {
    const from: unknown[] = []
    await runFromNetwork('192.0.2.0/24', async () => {
      await jobs.work('member.count', 1, async () => {
        from.push(callerNetwork() ?? 'none')
      })
      await acrossSchemes(database.db, (tx) => jobs.enqueue(tx, 'member.count', {}))
      expect(callerNetwork()).toBe('192.0.2.0/24')
    })
    await expect.poll(() => from).toEqual(['none'])
  } finally {
    await jobs.stop(1000)
    await database.close()
  }
})

test('the login of a process does not upgrade the jobs: the error names it, and what there is stays', async () => {
  const database = await testDatabase('postgres')
  try {
    await installJobs(database)
    const version = (to: number) =>
      asTableOwner(database, async (tx) => {
        const { rows } = await sql<{ version: number }>`select version from pgboss.version`.execute(tx)
        await sql`update pgboss.version set version = ${to}`.execute(tx)
        return rows[0]?.version ?? 0
      })
    const current = await version(1)
    await expect(installJobs(database)).rejects.toMatchObject({
      code: 'schema_not_owned',
      values: { login: 'tocsin_web' },
    })
    // The connection has its role again.
    const { rows } = await database.pool.query('select current_user as role')
    expect(rows).toEqual([{ role: 'tocsin_service' }])
    expect(await version(current)).toBe(1)
    await installJobs(database)
  } finally {
    await database.close()
  }
})

test('the queues get the retries and expiry of this program from a login that owns them', async () => {
  const database = await testDatabase('embedded')
  try {
    await installJobs(database)
    const limit = async () => {
      const { rows } = await database.pool.query<{ limit: number }>(
        "select retry_limit as limit from pgboss.queue where name = 'mail.send'",
      )
      return rows[0]?.limit
    }
    const current = await limit()
    await asTableOwner(database, (tx) =>
      sql`update pgboss.queue set retry_limit = 1 where name = 'mail.send'`.execute(tx),
    )
    expect(await limit()).toBe(1)
    await installJobs(database)
    expect(await limit()).toBe(current)
  } finally {
    await database.close()
  }
})
