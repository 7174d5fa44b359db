import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { importMembers } from '../../src/imports/import/import.ts'
import type { Actor } from '../../src/permissions.ts'
import type { Database } from '../../src/platform/db.ts'
import { createIds } from '../../src/platform/ids.ts'
import { loadScheme } from '../../src/schemes/actions.ts'
import { testTerritory } from '../support/database.ts'
import { testDeps } from '../support/deps.ts'
import { corpus } from './corpus.ts'

const system: Actor = { kind: 'system', name: 'test' }
const now = () => new Date('2026-03-02T10:00:00Z')
const newId = createIds(now, (bytes) => crypto.getRandomValues(bytes))

let database: Database
const deps = () => testDeps(database, { now, newId })

beforeAll(async () => {
  database = await testTerritory()
  await loadScheme(deps(), system, 'ac63')
})
afterAll(() => database.close())
beforeEach(async () => {
  await sql`delete from members`.execute(database.db)
})

async function listMembers(): Promise<string[]> {
  const { rows } = await sql<{ member: string }>`
    select concat_ws(' | ', m.name || coalesce(' ' || m.siret, ''), m.trade, m.commune_code,
      (select string_agg(c.mobile || case when c.sms then '*' else '' end, ' ' order by c.position)
        from contacts c where c.scheme_id = m.scheme_id and c.member_id = m.id)) as member
    from members m order by m.name`.execute(database.db)
  return rows.map(({ member }) => member)
}

async function listExtras(): Promise<string[]> {
  const { rows } = await sql<{ extras: string }>`
    select concat_ws(' | ', m.name, m.charter_on::text,
      (select string_agg(t.name, ', ' order by lower(t.name)) from member_tags t where t.scheme_id = m.scheme_id and t.id = any (m.tags)),
      (select string_agg(n.text, ', ' order by n.text) from member_notes n where n.scheme_id = m.scheme_id and n.member_id = m.id)) as extras
    from members m where m.charter_on is not null or m.tags <> '{}' order by m.name`.execute(database.db)
  return rows.map(({ extras }) => extras)
}

/** Remarks that say nothing of how the list was understood. */
const QUIET = ['phone.landline', 'import.unknown_column']

test('has a dozen lists', () => {
  expect(corpus.length).toBeGreaterThanOrEqual(12)
})

test.each(corpus.map((list) => [list.name, list] as const))('%s', async (_, list) => {
  const checked = await importMembers(deps(), system, 'ac63', list.bytes, { dryRun: true })
  expect(
    checked.problems.map(({ line, code, proposals = [] }) => {
      const names = proposals.map(({ name }) => name).join(', ')
      return `${line} ${code}${names === '' ? '' : ` → ${names}`}`
    }),
  ).toEqual(list.problems ?? [])
  expect(
    checked.warnings.filter(({ code }) => !QUIET.includes(code)).map(({ line, code }) => `${line} ${code}`),
  ).toEqual(list.remarks ?? [])
  expect(checked).toMatchObject({ rows: list.rows, created: list.members.length })
  expect(await listMembers()).toEqual([])
  await importMembers(deps(), system, 'ac63', list.bytes, { skipBad: true })
  expect(await listMembers()).toEqual(list.members)
  if (list.extras !== undefined) expect(await listExtras()).toEqual(list.extras)
  // The same list again changes nothing.
  expect(await importMembers(deps(), system, 'ac63', list.bytes, { skipBad: true })).toMatchObject({
    created: 0,
    updated: 0,
    unchanged: list.members.length,
  })
  if (list.extras !== undefined) expect(await listExtras()).toEqual(list.extras)
})
