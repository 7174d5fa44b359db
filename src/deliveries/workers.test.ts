import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { testDatabaseUrl } from '../../test/support/database.ts'
import { createTestLog } from '../../test/support/log-scan.ts'
import { asTableOwner } from '../../test/support/table-owner.ts'
import { migrate } from '../platform/database/migrate.ts'
import { type Database, openDatabase } from '../platform/db.ts'
import { startWorker, WORKER_DEAD_SECONDS, type Worker } from './workers.ts'

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Tests workers as if each were a process, with a pool of its own. */
describe('workers on one PostgreSQL', () => {
  const databases: Database[] = []
  const workers: Worker[] = []
  let url: string

  beforeAll(async () => {
    url = await testDatabaseUrl()
    const database = await openDatabase({ kind: 'postgres', url, poolSize: 2 })
    databases.push(database)
    await migrate(database.db, () => new Date())
  })
  beforeEach(async () => {
    await Promise.all(workers.splice(0).map((worker) => worker.stop()))
  })
  afterAll(async () => {
    await Promise.all(workers.map((worker) => worker.stop()))
    await Promise.all(databases.map((database) => database.close()))
  })

  async function start(name = 'worker') {
    const named = `${url}?application_name=${name}`
    const database = await openDatabase({ kind: 'postgres', url: named, poolSize: 3 })
    databases.push(database)
    const shares: number[] = []
    let losses = 0
    const worker = await startWorker(
      { db: database.db, database, random: Math.random, log: createTestLog() },
      {
        reportGateways: () => [],
        shared: (count) => shares.push(count),
        lost: () => {
          losses += 1
        },
      },
    )
    workers.push(worker)
    return { worker, database, shares, losses: () => losses }
  }
  const endConnections = (name: string) =>
    asTableOwner(databases[0] as Database, (tx) =>
      sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = ${name}`.execute(
        tx,
      ),
    )
  /** Ends a worker as a killed process does: its connections close, and it opens no others. */
  async function killWorker({ worker, database }: Awaited<ReturnType<typeof start>>, name: string) {
    const { pool } = database
    const { connect } = pool
    workers.splice(workers.indexOf(worker), 1)
    pool.connect = (() => Promise.reject(new Error('ended'))) as typeof connect
    onTestFinished(() => {
      pool.connect = connect
      return worker.stop()
    })
    await endConnections(name)
  }
  /** Just after the server starts, every lock is free, so that a free lock does not show that a worker has ended. */
  async function untilServerHasRun(seconds: number) {
    const { db } = databases[0] as Database
    const age = sql<{ seconds: number }>`
      select extract(epoch from clock_timestamp() - pg_postmaster_start_time())::float as seconds`
    await expect
      .poll(async () => (await age.execute(db)).rows[0]?.seconds, { timeout: seconds * 1000 })
      .toBeGreaterThan(seconds)
  }
  const rows = async () =>
    (databases[0] as Database).db.selectFrom('workers').selectAll().orderBy('startedAt').execute()

  test('a single worker has the whole share; a new one waits until it is counted, and a stopped one is not counted', async () => {
    const first = await start()
    expect(first.shares).toEqual([1])
    const second = await start()
    expect(second.worker.dividedBy).toBeUndefined()
    await expect.poll(() => second.shares).toEqual([2])
    expect(first.shares).toEqual([1, 2])
    expect((await rows()).map(({ dividingBy }) => dividingBy)).toEqual([2, 2])
    expect(second.worker.hasOthers).toBe(true)
    await second.worker.stop()
    workers.splice(workers.indexOf(second.worker), 1)
    await expect.poll(() => first.shares).toEqual([1, 2, 1])
    expect(first.worker.hasOthers).toBe(false)
  })

  test('workers never use more than the whole, however many start and stop', async () => {
    const started = [await start()]
    let most = 0
    const watch = setInterval(() => {
      const used = workers.reduce(
        (sum, { dividedBy }) => sum + (dividedBy === undefined ? 0 : 1 / dividedBy),
        0,
      )
      most = Math.max(most, used)
    }, 1)
    const untilDivided = () =>
      expect.poll(() => workers.every(({ dividedBy }) => dividedBy === workers.length)).toBe(true)
    started.push(await start())
    await untilDivided()
    // Two at once, which are counted together or one after the other.
    started.push(...(await Promise.all([start(), start()])))
    await untilDivided()
    const leaving = started[1] as (typeof started)[number]
    workers.splice(workers.indexOf(leaving.worker), 1)
    await leaving.worker.stop()
    await start()
    await untilDivided()
    clearInterval(watch)
    expect(most).toBeLessThanOrEqual(1.000001)
    expect(most).toBeGreaterThan(0.5)
  })

  test('a worker that starts just after another was killed has the whole share at once, and removes its row', async () => {
    await untilServerHasRun(WORKER_DEAD_SECONDS)
    const killed = await start('killed')
    await killWorker(killed, 'killed')
    const next = await start()
    expect(next.worker.dividedBy).toBe(1)
    expect((await rows()).map(({ id }) => Number(id))).toEqual([next.worker.id])
  })

  test('a worker that starts leaves one that only lost the connection of its lock', async () => {
    const alive = await start('alive')
    await endConnections('alive')
    const next = await start()
    expect((await rows()).map(({ id }) => Number(id))).toEqual([alive.worker.id, next.worker.id])
    await expect.poll(() => next.worker.dividedBy).toBe(2)
    expect(alive.losses()).toBe(0)
  })

  test('holds one lock again after losing its connection while waiting for it, and releases all at the end', async () => {
    const { worker, database } = await start('waiting')
    const other = await openDatabase({ kind: 'postgres', url, poolSize: 1 })
    const mine = async () => {
      const { rows } = await sql<{ pid: number; granted: boolean }>`
        select pid, granted from pg_locks join pg_stat_activity using (pid)
        where locktype = 'advisory' and application_name = 'waiting'`.execute(other.db)
      return rows
    }
    const end = async (pids: readonly number[]) => {
      await asTableOwner(other, (tx) =>
        sql`select pg_terminate_backend(pid) from unnest(${pids}::int[]) pid`.execute(tx),
      )
    }
    await end((await mine()).map(({ pid }) => pid))
    await sql`select pg_advisory_lock(${worker.id})`.execute(other.db)
    for (let time = 0; time < 2; time++) {
      await expect.poll(async () => (await mine()).some(({ granted }) => !granted)).toBe(true)
      await end((await mine()).filter(({ granted }) => !granted).map(({ pid }) => pid))
    }
    await sql`select pg_advisory_unlock(${worker.id})`.execute(other.db)
    await expect.poll(async () => (await mine()).map(({ granted }) => granted)).toEqual([true])
    // Nothing happens: a second lock would be taken at the next heartbeat, of which there is one a second.
    await sleep(1200)
    expect(await mine()).toHaveLength(1)
    await worker.stop()
    workers.splice(workers.indexOf(worker), 1)
    databases.splice(databases.indexOf(database), 1)
    // It never closes while the worker holds a connection.
    await database.close()
    await other.close()
  })

  test('finds an ended process dead sooner than a frozen one, which is given 6 s and then knows it', async () => {
    const watcher = await start()
    const frozen = await start()
    const ended = await start('ended')
    await expect.poll(() => ended.worker.dividedBy).toBe(3)
    const frozenId = frozen.worker.id
    const connectOfFrozen = frozen.database.pool.connect
    // A frozen process keeps its connections open and sends no heartbeats.
    frozen.database.pool.connect = (() => new Promise(() => {})) as typeof connectOfFrozen
    const since = performance.now()
    await killWorker(ended, 'ended')
    const dead = new Map<number, number>()
    while (!dead.has(frozenId)) {
      for (const id of await watcher.worker.settleDead()) dead.set(id, performance.now() - since)
      await sleep(50)
    }
    const [endedMs = Number.NaN, frozenMs = 0] = [dead.get(ended.worker.id), dead.get(frozenId)]
    expect(endedMs).toBeGreaterThan(500)
    expect(endedMs).toBeLessThanOrEqual(frozenMs)
    expect(frozenMs).toBeGreaterThan((WORKER_DEAD_SECONDS - 2) * 1000)
    expect(frozen.worker.isHeld()).toBe(false)
    frozen.database.pool.connect = connectOfFrozen
    await expect.poll(() => frozen.losses()).toBe(1)
    await expect.poll(() => frozen.worker.dividedBy).toBeGreaterThan(1)
    expect(frozen.worker.id).not.toBe(frozenId)
    await expect.poll(() => frozen.worker.isHeld()).toBe(true)
  })
})
