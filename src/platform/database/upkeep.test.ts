import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { testDatabase } from '../../../test/support/database.ts'
import { asTableOwner } from '../../../test/support/table-owner.ts'
import type { Database } from '../db.ts'
import { vacuumDueTables } from './upkeep.ts'

const always = () => true
let database: Database
beforeAll(async () => {
  database = await testDatabase('embedded')
})
afterAll(() => database.close())

const one = async <T extends object>(text: string) => (await database.pool.query<T>(text)).rows[0]!
const about = (table: string) =>
  one<{ rows: number; pages: number; dead: number }>(`
    select c.reltuples::int as rows, c.relpages as pages, s.n_dead_tup as dead
    from pg_class c join pg_stat_user_tables s on s.relid = c.oid where c.relname = '${table}'`)

test('vacuums each table once, then only those that changed much, and frees space', async () => {
  const tables = sql.raw(`
    create table "Grande" (id int primary key, word text);
    create table petite (id int)`)
  await asTableOwner(database, (tx) => tables.execute(tx))
  await database.pool.query(`
    insert into "Grande" select n, repeat('x', 200) from generate_series(1, 5000) n;
    insert into petite values (1)`)
  expect(await vacuumDueTables(database, always)).toEqual(
    expect.arrayContaining(['"Grande"', 'petite', 'members']),
  )
  expect(await about('Grande')).toMatchObject({ rows: 5000, dead: 0 })
  expect(await vacuumDueTables(database, always)).toEqual([])

  const { pages } = await about('Grande')
  for (let round = 0; round < 6; round++) {
    await database.pool.query(
      `update "Grande" set word = repeat('${round}', 200); update petite set id = ${round}`,
    )
    expect(await vacuumDueTables(database, always)).toEqual(['"Grande"'])
  }
  // Every row was written seven times, but the freed space was reused.
  expect((await about('Grande')).pages).toBeLessThan(3 * pages)
})

test('vacuums a table that grew while nothing was counted, before the program stopped', async () => {
  await database.pool.query(
    `insert into "Grande" select n, repeat('x', 200) from generate_series(5001, 9000) n`,
  )
  await asTableOwner(database, (tx) => sql`select pg_stat_reset()`.execute(tx))
  expect(await vacuumDueTables(database, always)).toEqual(['"Grande"'])
})

test('can stop between two tables', async () => {
  await database.pool.query(`
    update "Grande" set word = 'y'; insert into petite select n from generate_series(1, 500) n`)
  let asked = 0
  expect(await vacuumDueTables(database, () => ++asked < 2)).toHaveLength(1)
  expect(await vacuumDueTables(database, always)).toHaveLength(1)
})
