import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { sql } from 'kysely'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databaseKinds, testDatabase, testDatabaseUrl } from '../../../test/support/database.ts'
import { asOwnerUrl } from '../../../test/support/owner-url.ts'
import { startPostgres } from '../../../test/support/postgres.ts'
import { runInProcess } from '../../../test/support/program.ts'
import { asTableOwner } from '../../../test/support/table-owner.ts'
import { type Database, openDatabase } from '../db.ts'
import { forVersion, migrate, readMigrationState, requireMigrated } from './migrate.ts'

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

describe('migrations of releases to come', () => {
  let database: Database
  let folder: string
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text)
  const tables = async () => {
    const { rows } = await sql<{ name: string }>`
      select relname as name from pg_class where relname in ('first_step', 'second_step') order by 1`.execute(
      database.db,
    )
    return rows.map(({ name }) => name)
  }
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tocsin-migrations-'))
    await cp(new URL('../../../migrations/', import.meta.url), folder, { recursive: true })
    const url = asOwnerUrl(await testDatabaseUrl())
    database = await openDatabase({ kind: 'postgres', url, poolSize: 2 })
  })
  afterAll(async () => {
    await database.close()
    rmSync(folder, { recursive: true })
  })

  test('keeps the migrations that were committed before one that fails', async () => {
    const directory = pathToFileURL(`${folder}/`)
    write('9001_first.sql', '-- Compatible with: 0.5\ncreate table first_step (id integer)')
    write('9002_second.sql', '-- Compatible with: 0.6\ncreate table second_step (id integer); select 1 / 0')
    const applied: string[] = []
    const attempt = migrate(database.db, now, { directory, onApplied: (name) => applied.push(name) })
    await expect(attempt).rejects.toThrow(/division by zero/)
    expect(applied).toEqual(['9001_first.sql'])
    expect(await tables()).toEqual(['first_step'])
    expect((await readMigrationState(database.db, { directory })).missing).toEqual(['9002_second.sql'])

    write('9002_second.sql', '-- Compatible with: 0.6\ncreate table second_step (id integer)')
    expect(await migrate(database.db, now, { directory })).toEqual([9002])
    expect(await tables()).toEqual(['first_step', 'second_step'])
  })

  test('are tolerated by the release before them, and refused by the one before that', async () => {
    const state = await requireMigrated(database.db, { program: '0.6.3' })
    expect(state.newer).toEqual(['9001_first.sql', '9002_second.sql'])
    expect(await migrate(database.db, now, { program: '0.6.3' })).toEqual([])
    await requireMigrated(database.db, { program: '1.0.0' })
    await expect(requireMigrated(database.db, { program: '0.5.9' })).rejects.toMatchObject({
      code: 'schema_newer',
      values: { name: '9002_second.sql' },
    })
  })
})

test('a dry run lists what is missing, and creates no directory', async () => {
  const directory = join(tmpdir(), `tocsin-none-${process.pid}`)
  const { code, stdout } = await runInProcess(['migrate', '--dry-run'], {
    TOCSIN_DATA_DIR: directory,
    TOCSIN_LANG: 'en',
  })
  expect(code).toBe(3)
  expect(stdout).toMatch(/^Missing: 0001_baseline\.sql\n[\s\S]+Nothing was changed\./)
  expect(existsSync(directory)).toBe(false)
})

test('an owner without CREATEROLE can migrate once an administrator has run the commands of the install page', async () => {
  const page = await readFile(new URL('../../../docs/runbook/install.md', import.meta.url), 'utf8')
  const setUp = /```sql\n([\s\S]+?)```/.exec(page)?.[1] ?? ''
  expect(setUp).toContain('to tocsin_owner')
  // Roles belong to the whole server, so the test has a server of its own.
  const server = await startPostgres({ roles: false })
  try {
    const admin = new pg.Client({ connectionString: server.url })
    await admin.connect()
    // A database is created outside a transaction, which several statements at once are.
    for (const statement of setUp.trim().split(/;\n?/)) if (statement.trim()) await admin.query(statement)
    const { rows: right } = await admin.query(
      `select rolcreaterole from pg_roles where rolname = 'tocsin_owner'`,
    )
    expect(right).toEqual([{ rolcreaterole: false }])
    await admin.end()
    const url = new URL(server.urlOf('tocsin'))
    url.username = 'tocsin_owner'
    url.password = 'OWNER-PASSWORD'
    const database = await openDatabase({ kind: 'postgres', url: url.href, poolSize: 2 })
    expect(await migrate(database.db, now)).toContain(1)
    await sql`set role tocsin_app`.execute(database.db)
    await database.close()
    // As the page on backups says, the owner reads every row with row security, and none without.
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

test('leaves out the privilege that PostgreSQL 16 does not know, and nothing else', () => {
  const text = `-- Tables that triggers maintain, all of them.
grant select, insert, update, delete, maintain on notes to tocsin_service;
alter default privileges in schema public grant select, maintain on tables to tocsin_service;
grant delete, insert, maintain, select on "user" to tocsin_service;
`
  expect(forVersion(17, text)).toBe(text)
  expect(forVersion(16, text)).toBe(`-- Tables that triggers maintain, all of them.
grant select, insert, update, delete on notes to tocsin_service;
alter default privileges in schema public grant select on tables to tocsin_service;
grant delete, insert, select on "user" to tocsin_service;
`)
})
