import { setImmediate } from 'node:timers/promises'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { testDatabase } from '../../../test/support/database.ts'
import { actorOf, testDeps } from '../../../test/support/deps.ts'
import { phoneOf, seedSchemes } from '../../../test/support/fixtures.ts'
import { changeMembers, listChanges } from '../../changes/actions.ts'
import { takeBackCutOff, undoChange } from '../../changes/undo.ts'
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

/** A database whose connection is lost for good, once this is set. */
function mortal() {
  const state = { isDead: false }
  const db = new Proxy(database.db, {
    get(target, name) {
      if (state.isDead) throw new Error('the program was stopped')
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  }) as Db
  return { db, state }
}

test('others are answered between the parts of an import', async () => {
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
  const changes = await listChanges(deps, chamber, 'ac63')
  let parts = 0
  const failing = load([...rows(1, 20, ' bis'), ...rows(21, ROWS)], {
    onProgress(phase) {
      if (phase === 'write' && ++parts === 2) throw new Error('disk full')
    },
  })
  await expect(failing).rejects.toThrow('disk full')
  expect(await facts()).toEqual(before)
  expect(await listChanges(deps, chamber, 'ac63')).toEqual(changes)
  expect(await load(rows(21, 1))).toMatchObject({ outcome: 'applied', created: 1 })
})

test('what a stop of the program cuts off is hidden and alone, and taken back at the next start', async () => {
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
  expect(await listChanges(deps, chamber, 'ac63')).toHaveLength(1)
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

  await (await takeBackCutOff(deps)).done
  expect(await facts()).toEqual(before)
  expect(await listChanges(deps, chamber, 'ac63')).toHaveLength(1)
  expect(await load(rows(700, 1))).toMatchObject({ outcome: 'applied' })
})

test('what became of members meanwhile stays when an import is taken back, and the list of changes says so', async () => {
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
  await (await takeBackCutOff(deps)).done
  expect((await facts()).map(({ id }) => id)).toEqual([first?.id])
  expect(await listChanges(deps, chamber, 'ac63')).toMatchObject([
    { kind: 'import', created: 1, updated: 0, undone: { restored: 0, kept: 1 }, undoableUntil: null },
  ])
})
