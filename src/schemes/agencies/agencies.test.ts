import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { testDatabase } from '../../../test/support/database.ts'
import { actorOf, testDeps } from '../../../test/support/deps.ts'
import { agencyId, idOf, seedSchemes } from '../../../test/support/fixtures.ts'
import type { Deps } from '../../deps.ts'
import { type Database, inScheme } from '../../platform/db.ts'
import { getScheme } from '../actions.ts'
import { writeAgencies } from '../store.ts'
import { createAgency, renameAgency } from './actions.ts'
import { MAX_AGENCIES } from './contract.ts'

const chamber = actorOf('chamber', 'ac63')
let database: Database
let deps: Deps
beforeAll(async () => {
  database = await testDatabase('postgres')
  await seedSchemes(database)
  deps = testDeps(database, { now: () => new Date('2026-03-12T17:30:00Z') })
})
afterAll(() => database.close())

const agencies = async () => (await getScheme(deps, chamber, 'ac63')).agencies
const create = (over: Partial<Parameters<typeof createAgency>[3]> = {}, actor = chamber) =>
  createAgency(deps, actor, 'ac63', { name: 'Police nationale, Thiers', kind: 'police', ...over })
const rename = (name: string, was: string, id = agencyId) =>
  renameAgency(deps, chamber, 'ac63', id, { name, was })

test('an agency is added once, whole territory, with a code of its own, and recorded', async () => {
  const id = deps.newId()
  const made = await create({ id, name: ' Police  nationale, Thiers' })
  expect(made).toEqual({
    id,
    code: 'police-nationale-thiers',
    name: 'Police nationale, Thiers',
    kind: 'police',
    zone: null,
  })
  expect(await create({ id })).toEqual(made)
  await expect(create({ id, kind: 'observer' })).rejects.toMatchObject({ code: 'id_taken' })
  expect((await agencies()).filter(({ code }) => code === made.code)).toEqual([made])
  const { rows } = await sql<{ action: string; details: unknown }>`
    select action, details from audit_entries where subject = ${`agency:${id}`}`.execute(database.db)
  expect(rows).toEqual([
    { action: 'agency.create', details: { name: 'Police nationale, Thiers', kind: 'police' } },
  ])
})

test('a name of another agency, or none, is refused; so is one more than the maximum', async () => {
  const problems = (call: Promise<unknown>) => expect(call).rejects
  await problems(create({ name: 'cic clermont ferrand' })).toMatchObject({
    problems: [{ code: 'agency.name_taken', path: 'name', values: { name: 'CIC Clermont-Ferrand' } }],
  })
  await problems(create({ name: '---' })).toMatchObject({ problems: [{ code: 'agency.name_empty' }] })
  const before = (await agencies()).length
  await sql`insert into agencies (scheme_id, id, code, name, kind)
    select 'ac63', gen_random_uuid(), 'full-' || n, 'Plein ' || n, 'observer'
    from generate_series(1, ${MAX_AGENCIES - before}) n`.execute(database.db)
  await problems(create({ name: 'Une de trop' })).toMatchObject({ problems: [{ code: 'agency.too_many' }] })
  await sql`delete from agencies where code like 'full-%'`.execute(database.db)
})

test('a renamed agency keeps its code and its name when the definition is loaded again', async () => {
  const before = (await agencies()).find(({ id }) => id === agencyId)
  const name = 'Centre d’information de Clermont'
  expect(await rename(name, 'CIC Clermont-Ferrand')).toMatchObject({ code: before?.code, name })
  // The same request again, and one that read the former name.
  expect(await rename(name, 'CIC Clermont-Ferrand')).toMatchObject({ name })
  await expect(rename('Autre', 'CIC Clermont-Ferrand')).rejects.toMatchObject({ code: 'settings_changed' })
  await expect(rename('Autre', name, idOf(999))).rejects.toMatchObject({ code: 'not_found' })
  await inScheme(database.db, 'ac63', (tx) =>
    writeAgencies(tx, 'ac63', [
      { id: idOf(1), code: before?.code ?? '', name: 'CIC Clermont-Ferrand', kind: 'police', zone: null },
    ]),
  )
  expect((await agencies()).find(({ id }) => id === agencyId)?.name).toBe(name)
})

test('a chamber is neither added nor renamed: who members hear from is not changed by one person', async () => {
  await sql`insert into agencies (scheme_id, id, code, name, kind)
    values ('ac63', ${idOf(63)}, 'cci-63', 'CCI', 'chamber')`.execute(database.db)
  const before = await agencies()
  await expect(create({ name: 'Association des chambres', kind: 'chamber' })).rejects.toMatchObject({
    problems: [{ code: 'agency.chamber', path: 'kind' }],
  })
  await expect(rename('Autre chambre', 'CCI', idOf(63))).rejects.toMatchObject({
    problems: [{ code: 'agency.chamber', path: 'name' }],
  })
  expect(await agencies()).toEqual(before)
})

test('only the chamber adds and renames', async () => {
  for (const role of ['operator', 'chief', 'magistrate', 'admin'] as const) {
    const actor = actorOf(role, 'ac63')
    await expect(create({ name: 'Nouveau' }, actor)).rejects.toMatchObject({ code: 'forbidden' })
    await expect(
      renameAgency(deps, actor, 'ac63', agencyId, { name: 'Nouveau', was: '' }),
    ).rejects.toMatchObject({ code: 'forbidden' })
  }
})
