import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { testDatabase, testDatabaseUrl, usualKinds } from '../../../test/support/database.ts'
import { actorOf, noteJobs, testDeps } from '../../../test/support/deps.ts'
import { testCipher } from '../../../test/support/encryption.ts'
import { idOf, phoneOf, seedSchemes } from '../../../test/support/fixtures.ts'
import { changeMembers, listMemberChanges } from '../../changes/actions.ts'
import { revertInterruptedChanges, undoChange } from '../../changes/undo.ts'
import type { Deps } from '../../deps.ts'
import { acrossSchemes, type Database, type Db, openDatabase, type Tx } from '../../platform/db.ts'
import { dropUpload, getUpload, listUploads } from '../uploads/actions.ts'
import { applyUpload, STORED_FROM } from '../uploads/apply.ts'
import { checkUpload } from '../uploads/check.ts'
import { fixRow } from '../uploads/fix.ts'
import { dropRowsAbout } from '../uploads/forget.ts'
import { openUpload } from '../uploads/open.ts'
import { purgeUploads } from '../uploads/store.ts'
import { resumeImports, runImportJob } from './run.ts'

const chamber = actorOf('chamber', 'ac63')
const whose = { actor: chamber, schemeId: 'ac63', lang: 'fr' } as const
const ROWS = STORED_FROM + 100
const EXISTING = 3

const rows = (from: number, count: number, suffix = '') =>
  Array.from({ length: count }, (_, n) => `Tabac ${from + n}${suffix};Tabac;63178;${phoneOf(from + n)};`)
const bytesOf = (lines: readonly string[]) =>
  new TextEncoder().encode(['Enseigne;Métier;Code INSEE;Mobile;Statut', ...lines].join('\n'))

describe.each(usualKinds)('an import written by a job on %s', (kind) => {
  let database: Database
  let deps: Deps
  let url = ''
  let now = new Date('2026-06-01T08:00:00Z')
  beforeAll(async () => {
    if (kind === 'postgres') url = await testDatabaseUrl()
    database =
      kind === 'postgres'
        ? await openDatabase({ kind, url, poolSize: 4 }, { cipher: testCipher() })
        : await testDatabase(kind)
    await seedSchemes(database)
  })
  afterAll(() => database.close())
  beforeEach(async () => {
    now = new Date('2026-06-01T08:00:00Z')
    deps = testDeps(database, { now: () => now, jobs: noteJobs() })
    for (const table of [
      'member_imports',
      'member_notices',
      'member_change_rows',
      'member_changes',
      'members',
    ])
      await sql`delete from ${sql.table(table)}`.execute(database.db)
  })

  const facts = async () =>
    (
      await sql<{ name: string; facts: unknown }>`
        select m.name, jsonb_build_array(to_jsonb(m) - 'updated_at', (
          select jsonb_agg(to_jsonb(c) order by c.id) from contacts c where c.scheme_id = m.scheme_id and c.member_id = m.id)) as facts
        from members m order by m.id`.execute(database.db)
    ).rows
  const keyOf = (importId: string) => ({ schemeId: 'ac63', importId })

  /** Imports a few members, and starts an import that renames these, suspends one and adds a thousand. */
  async function start() {
    const few = await openUpload(deps, whose, bytesOf(rows(1, EXISTING)), 'peu.csv')
    const applied = await applyUpload(deps, whose, few.id, {})
    expect(applied).toMatchObject({ running: null, report: { created: EXISTING } })
    const before = await facts()
    const renamed = rows(1, EXISTING, ' bis').map((row, n) => (n === 0 ? `${row}suspendu` : row))
    const list = [...renamed, ...rows(EXISTING + 1, ROWS - EXISTING)]
    const upload = await openUpload(deps, whose, bytesOf(list), 'liste.csv')
    const running = await applyUpload(deps, whose, upload.id, { leaving: 1 })
    return { id: upload.id, before, running }
  }

  /** Runs a job until the connection is lost for good, after that many transactions. */
  async function runAndStop(id: string, transactions: number) {
    let begun = 0
    const db = new Proxy(database.db, {
      get(target, name) {
        if (name === 'transaction' && ++begun > transactions) throw new Error('the program was stopped')
        const value: unknown = Reflect.get(target, name)
        return typeof value === 'function' ? value.bind(target) : value
      },
    }) as Db
    await expect(runImportJob({ ...deps, db }, keyOf(id))).rejects.toThrow('the program was stopped')
  }

  const left = async () =>
    (
      await sql<{ jobs: number; rows: number }>`select (select count(*)::int from member_import_jobs) as jobs,
        (select count(*)::int from member_import_job_rows) as rows`.execute(database.db)
    ).rows[0]

  test('goes on where it stopped, adds nobody twice, says what it did, and is undone as one', async () => {
    const { id, before, running } = await start()
    expect(running).toMatchObject({ running: { done: 0, total: ROWS, isReverting: false }, appliedAt: null })
    expect((deps.jobs as ReturnType<typeof noteJobs>).noted).toMatchObject([
      { name: 'import.run', payload: keyOf(id) },
    ])
    expect(await facts()).toEqual(before)

    await runAndStop(id, 4)
    const half = await getUpload(deps, whose, id)
    const { done = 0 } = half.running ?? {}
    expect(done).toBeGreaterThan(0)
    expect(done).toBeLessThan(ROWS)
    expect(await facts()).toHaveLength(done)
    // Hidden, exclusive, and left to its job by the next start.
    expect(await listMemberChanges(deps, chamber, 'ac63')).toHaveLength(1)
    const busy = { code: 'import_running' }
    const members = { ids: [idOf(1)] }
    await expect(
      changeMembers(deps, chamber, 'ac63', { action: { kind: 'trade', trade: 'bakeries' }, members }),
    ).rejects.toMatchObject(busy)
    await expect(fixRow(deps, whose, id, 2, { cells: [] })).rejects.toMatchObject(busy)
    await expect(checkUpload(deps, whose, id)).rejects.toMatchObject(busy)
    await expect(dropUpload(deps, whose, id)).rejects.toMatchObject(busy)
    await expect(applyUpload(deps, whose, id, { leaving: 1 })).rejects.toMatchObject(busy)
    await (await revertInterruptedChanges(deps)).done
    expect(await facts()).toHaveLength(done)
    now = new Date(now.getTime() + 25 * 3_600_000)
    await acrossSchemes(database.db, (tx) => purgeUploads(tx, now))

    await resumeImports(deps)
    const over = await getUpload(deps, whose, id)
    expect(over).toMatchObject({ running: null, failure: null, rows: ROWS })
    expect(over.report).toMatchObject({
      ...{ outcome: 'applied', rows: ROWS, created: ROWS - EXISTING, updated: EXISTING },
      ...{ unchanged: 0, leaving: 1, skipped: 0 },
    })
    expect(await listUploads(deps, whose)).toMatchObject([
      { id, appliedAt: now.toISOString(), written: { created: ROWS - EXISTING, updated: EXISTING } },
    ])
    const names = (await facts()).map(({ name }) => name)
    expect(names).toHaveLength(ROWS)
    expect(new Set(names).size).toBe(ROWS)
    expect(await left()).toEqual({ jobs: 0, rows: 0 })
    const { rows: notices } = await sql<{ n: number }>`
      select count(distinct member_id)::int as n from member_notices where kind = 'suspend'`.execute(
      database.db,
    )
    expect(notices).toEqual([{ n: 1 }])
    const { rows: entries } = await sql<{ details: unknown }>`
      select details from audit_entries where action = 'member.import' order by seq desc limit 1`.execute(
      database.db,
    )
    expect(entries).toMatchObject([{ details: { rows: ROWS, created: ROWS - EXISTING, updated: EXISTING } }])

    now = new Date((over.change?.at ?? '') as string)
    await undoChange(deps, chamber, 'ac63', over.change?.id ?? '')
    expect(await facts()).toEqual(before)
  })

  test('is reverted when a member is erased meanwhile, says so, and can be started again', async () => {
    const { id, before } = await start()
    await runAndStop(id, 4)
    await acrossSchemes(database.db, (tx) =>
      dropRowsAbout(tx, 'ac63', { members: [], phones: [phoneOf(ROWS)], mails: [] }),
    )
    await runImportJob(deps, keyOf(id))
    expect(await facts()).toEqual(before)
    const failed = await getUpload(deps, whose, id)
    expect(failed).toMatchObject({ running: null, report: null, rows: ROWS - 1, erased: 1, appliedAt: null })
    expect(failed.failure).toMatchObject({
      code: 'import_changed',
      message: expect.stringContaining('effacé'),
    })
    expect(await listMemberChanges(deps, chamber, 'ac63')).toHaveLength(1)

    expect((await checkUpload(deps, whose, id)).failure).not.toBeNull()
    expect((await applyUpload(deps, whose, id, { leaving: 1 })).failure).toBeNull()
    await runImportJob(deps, keyOf(id))
    expect(await facts()).toHaveLength(ROWS - 1)
  })

  test('is given up when its rows were never all stored, and reverted after five failures', async () => {
    const { id, before } = await start()
    await sql`update member_import_jobs set is_ready = false`.execute(database.db)
    now = new Date(now.getTime() + 60_000)
    await resumeImports(deps)
    expect(await left()).toMatchObject({ jobs: 1 })
    await resumeImports(deps, { startedAt: now })
    expect(await left()).toEqual({ jobs: 0, rows: 0 })
    expect(await getUpload(deps, whose, id)).toMatchObject({ running: null, failure: null })

    await applyUpload(deps, whose, id, { leaving: 1 })
    const broken = {
      ...deps,
      newId: () => {
        throw new Error('disk full')
      },
    }
    for (let n = 1; n < 5; n++) await expect(runImportJob(broken, keyOf(id))).rejects.toThrow('disk full')
    expect((await getUpload(deps, whose, id)).running).toMatchObject({ isReverting: false })
    await runImportJob(broken, keyOf(id))
    expect(await getUpload(deps, whose, id)).toMatchObject({ running: null, failure: { code: 'internal' } })
    expect(await facts()).toEqual(before)
  })

  test('a late end of a failed job leaves the next job of its list alone', async () => {
    const { id } = await start()
    await sql`update member_import_jobs set failure = 'internal'`.execute(database.db)
    let begun = 0
    /** Reverts the job and starts the list again after the late call has reverted the change. */
    const overtake = async () => {
      await runImportJob(deps, keyOf(id))
      await sql`update member_import_jobs set ended_at = null`.execute(database.db)
      await expect(applyUpload(deps, whose, id, { leaving: 1 })).rejects.toMatchObject({
        code: 'import_running',
      })
      await sql`update member_import_jobs set ended_at = ${now}`.execute(database.db)
      await applyUpload(deps, whose, id, { leaving: 1 })
    }
    const db = new Proxy(database.db, {
      get(target, name) {
        if (name === 'transaction')
          return () => ({
            async execute(work: (tx: Tx) => Promise<unknown>) {
              if (++begun === 3) await overtake()
              return target.transaction().execute(work)
            },
          })
        const value: unknown = Reflect.get(target, name)
        return typeof value === 'function' ? value.bind(target) : value
      },
    }) as Db
    await runImportJob({ ...deps, db }, keyOf(id))
    expect(await left()).toEqual({ jobs: 1, rows: ROWS })
    expect(await getUpload(deps, whose, id)).toMatchObject({ failure: null, running: { total: ROWS } })
    await runImportJob(deps, keyOf(id))
    expect(await facts()).toHaveLength(ROWS)
  })

  test('a list that may not be imported is refused before anything is stored', async () => {
    const { id } = await openUpload(deps, whose, bytesOf([...rows(1, ROWS), 'X;Tabac;99999;1;']), 'liste.csv')
    expect(await applyUpload(deps, whose, id, {})).toMatchObject({
      ...{ running: null, failure: null, appliedAt: null, report: { outcome: 'refused' } },
    })
    expect(await left()).toEqual({ jobs: 0, rows: 0 })
    await expect(applyUpload(deps, whose, id, { skipBad: true, leaving: 3 })).rejects.toMatchObject({
      code: 'import_leaving',
    })
    expect(await left()).toEqual({ jobs: 0, rows: 0 })
    expect(await listMemberChanges(deps, chamber, 'ac63')).toEqual([])
  })

  test.skipIf(kind === 'embedded')('survives a kill of the process that writes it', async () => {
    const { id, before } = await start()
    const named = `${url}?application_name=killed`
    const argument = JSON.stringify({ url: named, key: keyOf(id), at: now })
    const child = spawn(process.execPath, ['test/support/import-worker.ts', argument], { stdio: 'inherit' })
    const ended = once(child, 'exit')
    const progress = async () => (await getUpload(deps, whose, id)).running?.done ?? ROWS
    while ((await progress()) === 0) await sleep(2)
    child.kill('SIGKILL')
    await ended
    // Its last transaction may still be committing.
    const connections = async () => {
      const { rows } = await sql`select from pg_stat_activity where application_name = 'killed'`.execute(
        database.db,
      )
      return rows.length
    }
    await expect.poll(connections, { interval: 20 }).toBe(0)
    const done = await progress()
    expect(done).toBeLessThan(ROWS)
    expect(await facts()).toHaveLength(done)

    now = new Date(now.getTime() + 60_000)
    // Two processes find it.
    await Promise.all([resumeImports(deps), resumeImports(deps)])
    const names = (await facts()).map(({ name }) => name)
    expect(names).toHaveLength(ROWS)
    expect(new Set(names).size).toBe(ROWS)
    const { change } = await getUpload(deps, whose, id)
    await undoChange(deps, chamber, 'ac63', change?.id ?? '')
    expect(await facts()).toEqual(before)
  })
})
