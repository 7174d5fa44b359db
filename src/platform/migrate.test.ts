import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databaseKinds, testDatabase } from '../../test/support/database.ts'
import type { Database } from './db.ts'
import { migrate } from './migrate.ts'

const now = () => new Date()

describe.each(databaseKinds)('migrations on %s', (kind) => {
  let database: Database
  beforeAll(async () => {
    database = await testDatabase(kind)
  })
  afterAll(() => database.close())

  test('a database that has them all is left as it is', async () => {
    expect(await migrate(database.db, now)).toEqual([])
  })

  test('one made by another text of a known migration is refused', async () => {
    await sql`update schema_migrations set hash = 'other' where version = 2`.execute(database.db)
    await expect(migrate(database.db, now)).rejects.toMatchObject({
      code: 'schema_differs',
      values: { name: '0002_territory.sql' },
    })
  })

  test('one that knows more than this program is refused', async () => {
    await sql`update schema_migrations set version = 9999, name = '9999_future.sql' where version = 2`.execute(
      database.db,
    )
    await expect(migrate(database.db, now)).rejects.toMatchObject({ code: 'schema_newer' })
  })
})
