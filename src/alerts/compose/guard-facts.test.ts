import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testDatabase, usualKinds } from '../../../test/support/database.ts'
import { idOf, phoneOf, seedMembers, seedSchemes } from '../../../test/support/fixtures.ts'
import { type Database, inScheme } from '../../platform/db.ts'
import { type GuardFacts, readGuardFacts } from './guard-facts.ts'

describe.each(usualKinds)("the guard's facts about a scheme on %s", (kind) => {
  let database: Database
  beforeAll(async () => {
    database = await testDatabase(kind)
    await seedSchemes(database)
    await seedMembers(database.db, 'ac63', [
      { id: idOf(1), phones: [phoneOf(1)] },
      { id: idOf(2), phones: [phoneOf(2)] },
    ])
    await seedMembers(database.db, 'ac39', [{ id: idOf(101), communeCode: '39300', phones: [phoneOf(3)] }])
  })
  afterAll(() => database.close())

  const read = (schemeId = 'ac63'): Promise<GuardFacts> =>
    inScheme(database.db, schemeId, (tx) => readGuardFacts(database.db, tx, schemeId))

  test.each([
    ['a member that changes its name', `update members set name = 'Café du Pont' where id = '${idOf(1)}'`],
    [
      'two members that exchange their names',
      `update members m set name = o.name from members o where o.id <> m.id and m.scheme_id = 'ac63' and o.scheme_id = 'ac63'`,
      'same names',
    ],
    ['a member that is removed', `delete from members where id = '${idOf(2)}'`],
    [
      'a member that joins',
      `insert into members (scheme_id, id, name, search_name, trade, commune_code, status, created_at, updated_at)
        select scheme_id, '${idOf(3)}', 'Bar de la Gare', 'bar de la gare', trade, commune_code, status, created_at, updated_at
        from members where id = '${idOf(1)}'`,
    ],
    ['another closing advice', `update schemes set closing_advice = 'Appelez le 17.' where id = 'ac63'`],
  ])('are read again after %s', async (_what, statement, outcome?: string) => {
    const before = await read()
    await sql.raw(statement).execute(database.db)
    const after = await read()
    expect(after).not.toBe(before)
    if (outcome !== 'same names') expect(after).not.toEqual(before)
    const { rows } = await sql<{ name: string }>`
      select distinct name from members where scheme_id = 'ac63'`.execute(database.db)
    expect([...after.memberNames].sort()).toEqual(rows.map(({ name }) => name).sort())
  })

  test.each([
    [
      'a member moved and was suspended',
      `update members set trade = 'x', status = 'suspended', updated_at = now() where id = '${idOf(1)}'`,
    ],
    ['a number changed', `update contacts set mobile = '${phoneOf(9)}' where member_id = '${idOf(1)}'`],
    [
      'a member of another scheme changed its name',
      `update members set name = 'Ailleurs' where scheme_id = 'ac39'`,
    ],
    ['a name was written unchanged', `update members set name = name where scheme_id = 'ac63'`],
  ])('are kept when %s', async (_what, statement) => {
    const before = await read()
    await sql.raw(statement).execute(database.db)
    expect(await read()).toBe(before)
  })

  test('ignore a rolled back transaction and include the next one', async () => {
    const before = await read()
    const rename = (name: string) => sql`update members set name = ${name} where id = ${idOf(1)}`
    await database.db
      .transaction()
      .execute(async (tx) => {
        await rename('Repris').execute(tx)
        throw new Error('rolled back')
      })
      .catch(() => {})
    expect(await read()).toBe(before)
    await rename('Gardé').execute(database.db)
    expect((await read()).memberNames).toContain('Gardé')
  })

  test('do not show a scheme the counter of another', async () => {
    const { rows } = await inScheme(database.db, 'ac39', (tx) =>
      sql<{ schemeId: string }>`select scheme_id from member_names`.execute(tx),
    )
    expect(rows).toEqual([{ schemeId: 'ac39' }])
  })
})
