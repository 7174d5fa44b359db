import { setImmediate } from 'node:timers/promises'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { testDatabase } from '../../../test/support/database.ts'
import { actorOf, testDeps } from '../../../test/support/deps.ts'
import { phoneOf, seedSchemes } from '../../../test/support/fixtures.ts'
import { changeMembers, listMemberChanges } from '../../changes/actions.ts'
import { resumeUndoings, revertInterruptedChanges, undoChange } from '../../changes/undo.ts'
import type { Deps } from '../../deps.ts'
import type { Database, Db } from '../../platform/db.ts'
import { type ImportOptions, importMembers } from './import.ts'

const chamber = actorOf('chamber', 'ac63')
const ROWS = 400
const HEADER = 'Enseigne;Métier;Code INSEE;Mobile'
const rows = (from: number, count: number, suffix = '') =>
  Array.from({ length: count }, (_, n) => `Tabac ${from + n}${suffix};Tabac;63178;${phoneOf(from + n)}`)

let database: Database
let deps: Deps
beforeAll(async () => {
  database = await testDatabase('embedded')
  await seedSchemes(database)
  deps = testDeps(database)
})
afterAll(() => database.close())
beforeEach(async () => {
  for (const table of ['member_change_rows', 'member_changes', 'members'])
    await sql`delete from ${sql.table(table)}`.execute(database.db)
})

const load = (lines: readonly string[], options: ImportOptions = {}, over: Partial<Deps> = {}) =>
  importMembers(
    { ...deps, ...over },
    chamber,
    'ac63',
    new TextEncoder().encode([HEADER, ...lines].join('\n')),
    {
      fileName: 'liste.csv',
      ...options,
    },
  )

async function facts() {
  const { rows: all } = await sql<{ id: string; facts: unknown }>`
    select m.id, jsonb_build_array(to_jsonb(m) - 'updated_at', (
      select jsonb_agg(to_jsonb(c) order by c.id) from contacts c where c.scheme_id = m.scheme_id and c.member_id = m.id)) as facts
    from members m order by m.id`.execute(database.db)
  return all
}

/** Creates a database whose connection is lost for good, once this is set or after that many transactions. */
function mortal(transactions = Number.POSITIVE_INFINITY) {
  const state = { isDead: false }
  let begun = 0
  const db = new Proxy(database.db, {
    get(target, name) {
      if (name === 'transaction' && ++begun > transactions) state.isDead = true
      if (state.isDead) throw new Error('the program was stopped')
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  }) as Db
  return { db, state }
}

test('other requests are answered between the parts of an import', async () => {
  let answered = 0
  let isOver = false
  const asking = (async () => {
    while (!isOver) {
      await sql`select count(*) from reports`.execute(database.db)
      answered++
      await setImmediate()
    }
  })()
  const seen: number[] = []
  try {
    await load(rows(1, ROWS), { onProgress: (phase) => void (phase === 'write' && seen.push(answered)) })
  } finally {
    isOver = true
    await asking
  }
  expect(seen.length).toBeGreaterThan(2)
  expect(new Set(seen).size).toBe(seen.length)
})

test('an import that fails between two parts leaves nothing behind', async () => {
  await load(rows(1, 20))
  const before = await facts()
  const changes = await listMemberChanges(deps, chamber, 'ac63')
  let parts = 0
  const failing = load([...rows(1, 20, ' bis'), ...rows(21, ROWS)], {
    onProgress(phase) {
      if (phase === 'write' && ++parts === 2) throw new Error('disk full')
    },
  })
  await expect(failing).rejects.toThrow('disk full')
  expect(await facts()).toEqual(before)
  expect(await listMemberChanges(deps, chamber, 'ac63')).toEqual(changes)
  expect(await load(rows(21, 1))).toMatchObject({ outcome: 'applied', created: 1 })
})

test('an interrupted import is hidden and exclusive, and reverted at the next start', async () => {
  await load(rows(1, 20))
  const before = await facts()
  const { db, state } = mortal()
  const cutOff = load(
    [...rows(1, 20, ' bis'), ...rows(21, ROWS)],
    {
      onProgress(phase) {
        if (phase === 'write') state.isDead = true
      },
    },
    { db },
  )
  await expect(cutOff).rejects.toThrow('the program was stopped')
  expect(await facts()).not.toEqual(before)
  expect(await listMemberChanges(deps, chamber, 'ac63')).toHaveLength(1)
  const running = { code: 'import_running' }
  await expect(load(rows(700, 1))).rejects.toMatchObject(running)
  const members = { ids: [before[0]?.id ?? ''] }
  const action = { kind: 'trade', trade: 'bakeries' } as const
  await expect(changeMembers(deps, chamber, 'ac63', { action, members })).rejects.toMatchObject(running)
  const [unfinished] = await database.db
    .selectFrom('memberChanges')
    .select('id')
    .where('unfinished', '=', true)
    .execute()
  await expect(undoChange(deps, chamber, 'ac63', unfinished?.id ?? '')).rejects.toMatchObject(running)

  await (await revertInterruptedChanges(deps)).done
  expect(await facts()).toEqual(before)
  expect(await listMemberChanges(deps, chamber, 'ac63')).toHaveLength(1)
  expect(await load(rows(700, 1))).toMatchObject({ outcome: 'applied' })
})

test('reverting an import keeps members modified meanwhile, and the list of changes shows it', async () => {
  const { db, state } = mortal()
  const cutOff = load(
    rows(1, ROWS),
    {
      onProgress(phase) {
        if (phase === 'write') state.isDead = true
      },
    },
    { db },
  )
  await expect(cutOff).rejects.toThrow('the program was stopped')
  const [first] = await facts()
  await sql`update members set name = 'Corrigé' where id = ${first?.id}::uuid`.execute(database.db)
  await (await revertInterruptedChanges(deps)).done
  expect((await facts()).map(({ id }) => id)).toEqual([first?.id])
  expect(await listMemberChanges(deps, chamber, 'ac63')).toMatchObject([
    { kind: 'import', created: 1, updated: 0, undone: { restored: 0, kept: 1 }, undoableUntil: null },
  ])
})

/** Imports over 20 members and 400 new ones, and starts an undo whose connection is lost after a part. */
async function undoToHalf() {
  await load(rows(1, 20))
  const before = await facts()
  await load([...rows(1, 20, ' bis'), ...rows(21, ROWS)])
  const [change] = await listMemberChanges(deps, chamber, 'ac63')
  const id = change?.id ?? ''
  const { db } = mortal(2)
  await expect(undoChange({ ...deps, db }, chamber, 'ac63', id)).rejects.toThrow('the program was stopped')
  return { before, id }
}

const undoEntries = async (id: string) => {
  const { rows: entries } = await sql<{ actor: string; details: unknown }>`
    select actor, details from audit_entries where subject = ${`member-change:${id}`} and action = 'member.undo'`.execute(
    database.db,
  )
  return entries
}

test('other requests are answered between the parts of an undo', async () => {
  await load(rows(1, ROWS))
  const [change] = await listMemberChanges(deps, chamber, 'ac63')
  const seen: (number | undefined)[] = []
  let isOver = false
  const asking = (async () => {
    while (!isOver) {
      const [now] = await listMemberChanges(deps, chamber, 'ac63')
      seen.push(now?.undoing?.done)
      await setImmediate()
    }
  })()
  try {
    await undoChange(deps, chamber, 'ac63', change?.id ?? '')
  } finally {
    isOver = true
    await asking
  }
  // At least two parts were visible before the last.
  expect(new Set(seen.filter((done) => done !== undefined && done > 0)).size).toBeGreaterThan(1)
  expect(await facts()).toEqual([])
})

test('an interrupted undo is shown as such and exclusive, and resumed at the next start', async () => {
  const { before, id } = await undoToHalf()
  const [half] = await listMemberChanges(deps, chamber, 'ac63')
  expect(half).toMatchObject({ id, undone: null, undoableUntil: null, undoing: { total: 20 + ROWS } })
  expect(half?.undoing?.done).toBeGreaterThan(0)
  expect(half?.undoing?.done).toBeLessThan(20 + ROWS)
  const running = { code: 'undo_running' }
  await expect(load(rows(700, 1))).rejects.toMatchObject(running)
  const members = { ids: [before[0]?.id ?? ''] }
  const action = { kind: 'trade', trade: 'bakeries' } as const
  await expect(changeMembers(deps, chamber, 'ac63', { action, members })).rejects.toMatchObject(running)

  await (await revertInterruptedChanges(deps)).done
  expect(await facts()).toEqual(before)
  const undone = { restored: 20 + ROWS, kept: 0 }
  expect((await listMemberChanges(deps, chamber, 'ac63'))[0]).toMatchObject({ id, undoing: null, undone })
  // Audited once, in the name of the user who requested it.
  expect(await undoEntries(id)).toEqual([
    { actor: `user:${chamber.userId}`, details: { kind: 'import', ...undone } },
  ])
  expect(await load(rows(700, 1))).toMatchObject({ outcome: 'applied' })
})

test('a failed undo is resumed in the background after a minute, or when requested again', async () => {
  const { before, id } = await undoToHalf()
  await resumeUndoings(deps)
  expect((await listMemberChanges(deps, chamber, 'ac63'))[0]?.undone).toBeNull()
  await resumeUndoings({ ...deps, now: () => new Date(deps.now().getTime() + 61_000) })
  expect(await facts()).toEqual(before)
  expect(await undoEntries(id)).toHaveLength(1)

  await load(rows(1, ROWS))
  const [again] = await listMemberChanges(deps, chamber, 'ac63')
  const { db } = mortal(2)
  const failing = undoChange({ ...deps, db }, chamber, 'ac63', again?.id ?? '')
  await expect(failing).rejects.toThrow('the program was stopped')
  // Reads the database to find one that the first part restored: it may also have left some unchanged.
  await sql`update members set name = 'Corrigé' where id = (
    select member_id from member_change_rows where change_id = ${again?.id}::uuid and undoing is null order by member_id desc limit 1)`.execute(
    database.db,
  )
  const { change, kept } = await undoChange(deps, chamber, 'ac63', again?.id ?? '')
  expect(change).toMatchObject({ undoing: null, undone: { kept: 1 } })
  expect(kept).toMatchObject([{ name: 'Corrigé', why: 'changed' }])
})
