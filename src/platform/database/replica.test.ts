import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestLog } from '../../../test/support/log-scan.ts'
import { type PostgresPair, startPostgresPair } from '../../../test/support/postgres.ts'
import { examineReplica } from '../../commands/doctor/doctor.ts'
import { createFindings } from '../../commands/doctor/findings.ts'
import { type Database, openDatabase, type Tx } from '../db.ts'
import { createReplica, measureLag, readInScheme } from './replica.ts'

let pair: PostgresPair
let primary: Database
let standby: Database
beforeAll(async () => {
  pair = await startPostgresPair()
  primary = await openDatabase({ kind: 'postgres', url: pair.primary.url, poolSize: 2 })
  standby = await openDatabase({ kind: 'postgres', url: pair.standby.url, poolSize: 1, isReplica: true })
})
afterAll(async () => {
  await standby?.close()
  await primary?.close()
  await pair?.stop()
})

const isReplica = async (tx: Tx) =>
  (await sql<{ yes: boolean }>`select pg_is_in_recovery() as yes`.execute(tx)).rows[0]?.yes
const writeOnce = () => sql`create table if not exists written (); analyze written`.execute(primary.db)

async function diagnose(db = standby.db): Promise<string[]> {
  const found = createFindings('en')
  await examineReplica(primary.db, db, found)
  return found.list.map(({ level, code }) => `${level} ${code}`)
}

test('a long read goes to the replica, and to the primary when that one is behind or down', async () => {
  const read = (replica: ReturnType<typeof createReplica> | undefined) =>
    readInScheme({ db: primary.db, replica }, 'ac63', isReplica)
  const watch = (maxBehindSeconds?: number) =>
    createReplica(primary, standby, createTestLog(), maxBehindSeconds)
  await writeOnce()
  await expect.poll(() => measureLag(primary.db, standby.db)).toBe(0)
  expect(await read(undefined)).toEqual({ value: false, behindSeconds: 0 })
  expect(await read(watch())).toEqual({ value: true, behindSeconds: 0 })
  expect(await diagnose()).toEqual(['ok replica'])
  expect(await diagnose(primary.db)).toEqual(['warning replica_is_primary'])

  await sql`select pg_wal_replay_pause()`.execute(standby.db)
  await sql`insert into written default values`.execute(primary.db)
  await expect.poll(() => measureLag(primary.db, standby.db)).toBeGreaterThan(0.5)
  const late = await read(watch())
  expect(late.value).toBe(true)
  expect(late.behindSeconds).toBeGreaterThan(0.5)
  expect(await read(watch(0.1))).toEqual({ value: false, behindSeconds: 0 })
  await sql`select pg_wal_replay_resume()`.execute(standby.db)

  // A replica cancels reads that hold up what it replays; what a read refuses itself is not tried again.
  let runs = 0
  const cancelled = async (tx: Tx) => {
    runs += 1
    if (await isReplica(tx)) throw Object.assign(new Error('conflict with recovery'), { code: '40001' })
    return 'primary'
  }
  await expect.poll(() => measureLag(primary.db, standby.db)).toBe(0)
  const replica = watch()
  expect(await readInScheme({ db: primary.db, replica }, 'ac63', cancelled)).toEqual({
    value: 'primary',
    behindSeconds: 0,
  })
  expect(runs).toBe(2)
  expect(await read(replica)).toEqual({ value: false, behindSeconds: 0 })
})

test('the age belongs to the server that is read, though each connection leads to another one', async () => {
  const log = createTestLog()
  await sql`select pg_wal_replay_pause()`.execute(standby.db)
  await sql`insert into written default values`.execute(primary.db)
  try {
    // Stands for a balancer: statements outside a transaction go to a server that has everything.
    const balanced = new Proxy(standby.db, {
      get(_, name) {
        const { db } = name === 'transaction' ? standby : primary
        const value: unknown = Reflect.get(db, name, db)
        return typeof value === 'function' ? value.bind(db) : value
      },
    })
    const replica = createReplica(primary, { db: balanced }, log)
    await expect.poll(() => measureLag(primary.db, standby.db)).toBeGreaterThan(0.5)
    const read = await readInScheme({ db: primary.db, replica }, 'ac63', isReplica)
    expect(read.value).toBe(true)
    expect(read.behindSeconds).toBeGreaterThan(0.5)
  } finally {
    await sql`select pg_wal_replay_resume()`.execute(standby.db)
  }
})

test('a connection whose server takes no writes is closed, so that the next one is led to the primary', async () => {
  const session = () => sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(standby.db)
  const before = (await session()).rows[0]?.pid
  expect((await session()).rows[0]?.pid).toBe(before)
  await expect(sql`create table refused ()`.execute(standby.db)).rejects.toMatchObject({ code: '25006' })
  await expect.poll(async () => (await session()).rows[0]?.pid).not.toBe(before)
})

test('a replica that is down prevents neither a start nor a read', async () => {
  await pair.standby.halt('immediate')
  const down = await openDatabase({ kind: 'postgres', url: pair.standby.url, poolSize: 1, isReplica: true })
  try {
    const replica = createReplica(primary, down, createTestLog())
    expect(await readInScheme({ db: primary.db, replica }, 'ac63', isReplica)).toEqual({
      value: false,
      behindSeconds: 0,
    })
    expect(await diagnose(down.db)).toEqual(['warning replica_down'])
  } finally {
    await down.close()
  }
})
