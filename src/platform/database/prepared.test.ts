import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databaseKinds, testDatabase, testDatabaseUrl } from '../../../test/support/database.ts'
import { idOf, phoneOf, seedMembers, seedSchemes } from '../../../test/support/fixtures.ts'
import { asTableOwner } from '../../../test/support/table-owner.ts'
import { type Database, inScheme, openDatabase, type Tx } from '../db.ts'
import { PREPARED } from './client.ts'

describe.each(databaseKinds)('prepared statements on %s', (kind) => {
  let database: Database
  beforeAll(async () => {
    // One connection, so that every test uses the statement prepared by the one before.
    database = await testDatabase(kind, { poolSize: 1 })
    await seedSchemes(database)
    await seedMembers(database.db, 'ac63', [{ id: idOf(1), phones: [phoneOf(1)] }])
    await seedMembers(database.db, 'ac39', [{ id: idOf(101), communeCode: '39300', phones: [phoneOf(2)] }])
  })
  afterAll(() => database.close())

  const phonesFrom = async (tx: Tx, least: string) => {
    const { rows } = await sql<{ mobile: string }>`${PREPARED}
      select mobile from contacts where mobile >= ${least} order by mobile`.execute(tx)
    return rows.map(({ mobile }) => mobile)
  }
  /** More often than PostgreSQL compares a plan for each value with one for all. */
  const OFTEN = 8

  test('shows each transaction the rows of its own scheme, however often another has run the same statement', async () => {
    for (let turn = 0; turn < OFTEN; turn++) {
      expect(await inScheme(database.db, 'ac63', (tx) => phonesFrom(tx, '+'))).toEqual([phoneOf(1)])
      expect(await inScheme(database.db, 'ac39', (tx) => phonesFrom(tx, '+'))).toEqual([phoneOf(2)])
      expect(await database.db.transaction().execute((tx) => phonesFrom(tx, '+'))).toEqual([
        phoneOf(1),
        phoneOf(2),
      ])
    }
    expect(await inScheme(database.db, 'ac63', (tx) => phonesFrom(tx, phoneOf(2)))).toEqual([])
  })

  test('parses and plans a statement once, and survives another column and another index on its table', async () => {
    for (let turn = 0; turn < OFTEN; turn++) {
      expect(await inScheme(database.db, 'ac39', (tx) => phonesFrom(tx, '+'))).toEqual([phoneOf(2)])
    }
    const { rows } = await sql<{ runs: number }>`
      select (generic_plans + custom_plans)::integer as runs from pg_prepared_statements
      where statement like '%from contacts where mobile >=%'`.execute(database.db)
    expect(rows).toHaveLength(1)
    expect(rows[0]?.runs).toBeGreaterThanOrEqual(OFTEN)
    await asTableOwner(database, async (tx) => {
      await sql`alter table contacts add column of_a_later_release text`.execute(tx)
      await sql`create index contacts_of_a_later_release on contacts (mobile)`.execute(tx)
    })
    expect(await inScheme(database.db, 'ac39', (tx) => phonesFrom(tx, '+'))).toEqual([phoneOf(2)])
  })

  test('keeps neither an unmarked statement nor one that the database refuses', async () => {
    await sql`select mobile as unmarked from contacts`.execute(database.db)
    await expect(sql`${PREPARED} select refused from contacts`.execute(database.db)).rejects.toThrow(
      /refused/,
    )
    const { rows } = await sql<{ statement: string }>`
      select statement from pg_prepared_statements where statement like '%unmarked%' or statement like '%refused%'`.execute(
      database.db,
    )
    expect(rows.filter(({ statement }) => !statement.includes('pg_prepared_statements'))).toEqual([])
    expect(await inScheme(database.db, 'ac63', (tx) => phonesFrom(tx, '+'))).toEqual([phoneOf(1)])
  })
})

test('each process prepares a statement under the same name, and the role of a transaction under none behind a pooler', async () => {
  const url = await testDatabaseUrl()
  const texts = ['select 1 as one', 'select 2 as two', `select '${'long '.repeat(200)}' as three`]
  const namesIn = async (order: readonly string[], sessionUrl?: string) => {
    const database = await openDatabase({ kind: 'postgres', url, sessionUrl, poolSize: 1 })
    try {
      for (const text of order) await sql`${PREPARED} ${sql.raw(text)}`.execute(database.db)
      await inScheme(database.db, 'ac63', async () => {})
      const { rows } = await sql<{ name: string; statement: string }>`
        select name, statement from pg_prepared_statements order by statement`.execute(database.db)
      return rows
    } finally {
      await database.close()
    }
  }
  const named = await namesIn(texts)
  expect(await namesIn(texts.toReversed())).toEqual(named)
  expect(new Set(named.map(({ name }) => name)).size).toBe(texts.length + 1)
  // PostgreSQL cuts longer names.
  for (const { name } of named) expect(name).toMatch(/^tocsin_[0-9a-f]{32}$/)
  const isRole = ({ statement }: { statement: string }) => statement.includes('set_config')
  expect(named.filter(isRole)).toHaveLength(1)
  expect(await namesIn(texts, url)).toEqual(named.filter((one) => !isRole(one)))
})
