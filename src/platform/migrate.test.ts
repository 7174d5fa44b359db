import { readFile } from 'node:fs/promises'
import { sql } from 'kysely'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databaseKinds, testDatabase } from '../../test/support/database.ts'
import { startPostgres } from '../../test/support/postgres.ts'
import { asTableOwner } from '../../test/support/table-owner.ts'
import { type Database, openDatabase } from './db.ts'
import { migrate, requireMigrated } from './migrate.ts'

const now = () => new Date()

describe.each(databaseKinds)('migrations on %s', (kind) => {
  let database: Database
  beforeAll(async () => {
    database = await testDatabase(kind)
  })
  afterAll(() => database.close())

  test('leaves a database with all migrations unchanged', async () => {
    expect(await migrate(database.db, now)).toEqual([])
    await requireMigrated(database.db)
  })

  test('refuses a database whose migration has another text', async () => {
    await asTableOwner(database, (tx) =>
      sql`update schema_migrations set hash = 'other' where version = 1`.execute(tx),
    )
    await expect(migrate(database.db, now)).rejects.toMatchObject({
      code: 'schema_differs',
      values: { name: '0001_baseline.sql' },
    })
  })

  test('refuses a database with a migration unknown to this program', async () => {
    await asTableOwner(database, (tx) =>
      sql`update schema_migrations set version = 9999, name = '9999_future.sql' where version = 1`.execute(
        tx,
      ),
    )
    await expect(migrate(database.db, now)).rejects.toMatchObject({ code: 'schema_newer' })
  })
})

test('an owner without CREATEROLE can migrate once an administrator has run the commands of the install page', async () => {
  const page = await readFile(new URL('../../docs/runbook/install.md', import.meta.url), 'utf8')
  const setUp = /```sql\n([\s\S]+?)```/.exec(page)?.[1]?.replaceAll('OWNER', 'keeper') ?? ''
  expect(setUp).toContain('to keeper')
  // Roles belong to the whole server, so the test has a server of its own.
  const server = await startPostgres({ roles: false })
  try {
    const admin = new pg.Client({ connectionString: server.url })
    await admin.connect()
    await admin.query(`create role keeper login password 'keeper' nosuperuser nocreatedb nocreaterole`)
    await admin.query('create database service owner keeper')
    await admin.query(setUp)
    await admin.end()
    const url = new URL(server.urlOf('service'))
    url.username = 'keeper'
    url.password = 'keeper'
    const database = await openDatabase({ kind: 'postgres', url: url.href, poolSize: 2 })
    expect(await migrate(database.db, now)).toContain(1)
    await sql`set role tocsin_app`.execute(database.db)
    await database.close()
    // What the page says of backups: the owner reads every row with row security, and none without.
    const owner = new pg.Client({ connectionString: url.href })
    await owner.connect()
    await owner.query(`insert into schemes (id, name, territory, reference_prefix, trades, sender, closing_advice, created_at)
      values ('aa1', 'aa1', '{}', '63', '{}', 'X', '', now())`)
    expect((await owner.query('select id from schemes')).rows).toEqual([{ id: 'aa1' }])
    await owner.query('set row_security = off')
    await expect(owner.query('select id from schemes')).rejects.toThrow(/row-level security/)
    await owner.end()
  } finally {
    await server.stop()
  }
})
