import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Database, inScheme } from '../../src/platform/db.ts'
import { testDatabase, usualKinds } from './database.ts'

describe.each(usualKinds)('a test database on %s', (kind) => {
  let database: Database
  beforeAll(async () => {
    database = await testDatabase(kind)
  })
  afterAll(() => database.close())

  test('has the tables and limits a scheme transaction by row-level security', async () => {
    await sql`insert into schemes (id, name, territory, reference_prefix, trades, sender, closing_advice, created_at)
      values ('aa1', 'A', '{"kind":"departement","code":"63"}', '63', '{}', 'ALERTE', 'x', now()),
             ('bb2', 'B', '{"kind":"departement","code":"39"}', '39', '{}', 'ALERTE', 'x', now())`.execute(
      database.db,
    )
    const seen = await inScheme(database.db, 'aa1', (tx) => tx.selectFrom('schemes').select('id').execute())
    expect(seen).toEqual([{ id: 'aa1' }])
  })
})
