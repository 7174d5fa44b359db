import { setTimeout as sleep } from 'node:timers/promises'
import { type RawBuilder, sql } from 'kysely'
import type { Cipher } from '../cipher/cipher.ts'
import { createPseudonyms, hasPseudonym } from '../cipher/pseudonyms.ts'
import { AppError } from '../errors.ts'
import { AS_STORED } from '../platform/database/client.ts'
import { WAITING_TO_MIGRATE } from '../platform/database/migrate.ts'
import { type Database, PROCESS_NAME, type Tx } from '../platform/db.ts'
import { CHAIN, type Column, listColumns } from './columns.ts'
import { indexCheckOf, requireKeys } from './state.ts'

/** SQL regular expressions of a phone number, a mail address, and what may be an IBAN, as `cipher/pseudonyms.ts` finds them. */
const FORMS = '\\+[1-9][0-9]{6,14}|[^\\s@"\'<>(),;:\\\\]{1,64}@[A-Za-z0-9.-]+|[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}'
/** A whole value. */
const NUMBER = `^(${FORMS})$`
/** A value that is an item of a JSON text or of an array. */
const NUMBER_INSIDE = `["{,](${FORMS})["},]`

/**
 * Stores the numbers of a database in clear under pseudonyms, in one transaction, before the program works on it. Numbers in
 * clear and pseudonyms never exist side by side: a number that opted out in one form would not be found in the other.
 * @param database a connection of the owner of the tables, whose triggers must not see a change of numbers
 * @returns the number of values replaced; undefined when it had been done before, or encryption is off
 * @throws AppError `keys_refused` when the keys do not fit, another process is connected, or the login owns no table
 */
export async function encryptNumbers(database: Database, cipher: Cipher): Promise<number | undefined> {
  const { db } = database
  if ((await requireKeys(db, cipher)) || !cipher.isOn) return undefined
  return db.transaction().execute(async (tx) => {
    await sql`select set_config('role', 'none', true)`.execute(tx)
    await requireOwner(tx)
    // Two processes that start together: the second waits, and finds it done.
    await sql`${AS_STORED} lock table encryption in exclusive mode`.execute(tx)
    const { rows: done } = await sql`${AS_STORED} select from encryption`.execute(tx)
    if (done.length > 0) return undefined
    const columns = await listColumns(tx, [CHAIN])
    const held: Column[] = []
    for (const column of columns) if (await holdsNumbers(tx, column)) held.push(column)
    if (held.length > 0 && !database.embedded) await requireAlone(tx)
    const tables = new Set(held.map(({ table }) => table))
    for (const table of tables)
      await sql`${AS_STORED} alter table ${sql.table(table)} disable trigger user`.execute(tx)
    let replaced = 0
    await sql`${AS_STORED} create temporary table clear_numbers (number text primary key, pseudonym text not null) on commit drop`.execute(
      tx,
    )
    for (const column of held) replaced += await replaceIn(tx, column, cipher)
    for (const table of tables)
      await sql`${AS_STORED} alter table ${sql.table(table)} enable trigger user`.execute(tx)
    await sql`${AS_STORED} insert into encryption (index_check) values (${indexCheckOf(cipher)})`.execute(tx)
    return replaced
  })
}

async function requireOwner(tx: Tx): Promise<void> {
  const { rows } = await sql<{ isOwner: boolean }>`${AS_STORED}
    select pg_has_role(session_user, relowner, 'usage') as is_owner from pg_class where oid = 'contacts'::regclass`.execute(
    tx,
  )
  if (!rows[0]?.isOwner) throw new AppError('keys_refused', { values: { reason: 'owner' } })
}

/** Time that a server may take to notice that a process has ended. */
const LEAVING_MS = 3000
const CHECK_EVERY_MS = 200

/** A process that works in clear would go on looking for numbers in clear. */
async function requireAlone(tx: Tx): Promise<void> {
  const untilMs = performance.now() + LEAVING_MS
  for (;;) {
    const { rows } = await sql`${AS_STORED}
      select from pg_stat_activity where datname = current_database()
        -- The server hides the kind of connections of other logins; its own processes have no login.
        and usesysid is not null and coalesce(backend_type, 'client backend') = 'client backend'
        and application_name <> ${PROCESS_NAME}
        -- It will find the numbers replaced.
        and application_name not in (${WAITING_TO_MIGRATE})`.execute(tx)
    if (rows.length === 0) return
    if (performance.now() > untilMs) throw new AppError('keys_refused', { values: { reason: 'connected' } })
    await sleep(CHECK_EVERY_MS)
    await sql`select pg_stat_clear_snapshot()`.execute(tx)
  }
}

const textOf = ({ name, kind }: Column): RawBuilder<string> =>
  kind === 'text' ? sql`${sql.id(name)}` : sql`${sql.id(name)}::text`

async function holdsNumbers(tx: Tx, column: Column): Promise<boolean> {
  const pattern = column.kind === 'text' ? NUMBER : NUMBER_INSIDE
  const { rows } = await sql`${AS_STORED}
    select from ${sql.table(column.table)} where ${textOf(column)} ~ ${pattern} limit 1`.execute(tx)
  return rows.length > 0
}

async function replaceIn(tx: Tx, column: Column, cipher: Cipher): Promise<number> {
  return column.kind === 'text' ? replaceValues(tx, column, cipher) : replaceInside(tx, column, cipher)
}

/** Keeps numbers, and notes their pseudonyms for the statements that replace them. */
async function keepNumbers(tx: Tx, numbers: readonly string[], cipher: Cipher): Promise<void> {
  const pseudonyms = createPseudonyms(cipher)
  const { names, sealed, ends4, ends7 } = pseudonyms.sealNumbers(numbers)
  const ofEach = numbers.map((number) => pseudonyms.pseudonymOf(number))
  await sql`${AS_STORED} select keep_numbers(${names}, ${sealed}, ${ends4}, ${ends7})`.execute(tx)
  await sql`${AS_STORED} insert into clear_numbers select * from unnest(${numbers}::text[], ${ofEach}::text[]) on conflict do nothing`.execute(
    tx,
  )
}

async function replaceValues(tx: Tx, { table, name }: Column, cipher: Cipher): Promise<number> {
  const { rows } = await sql<{ number: string }>`${AS_STORED}
    select distinct ${sql.id(name)} as number from ${sql.table(table)} where ${sql.id(name)} ~ ${NUMBER}
      and not exists (select from clear_numbers c where c.number = ${sql.ref(`${table}.${name}`)})`.execute(
    tx,
  )
  const found = rows.map(({ number }) => number).filter(hasPseudonym)
  for (let from = 0; from < found.length; from += BATCH) {
    const numbers = found.slice(from, from + BATCH)
    await keepNumbers(tx, numbers, cipher)
  }
  const { numAffectedRows = 0n } = await sql`${AS_STORED}
    update ${sql.table(table)} t set ${sql.id(name)} = c.pseudonym from clear_numbers c
    where c.number = ${sql.ref(`t.${name}`)}`.execute(tx)
  return Number(numAffectedRows)
}

/** Numbers inside JSON and arrays: few rows, each written on its own. */
async function replaceInside(tx: Tx, column: Column, cipher: Cipher): Promise<number> {
  const { table, name, kind } = column
  const pseudonyms = createPseudonyms(cipher)
  const { rows } = await sql<{ place: string; text: string }>`${AS_STORED}
    select ctid::text as place, to_json(${sql.id(name)})::text as text from ${sql.table(table)}
    where ${textOf(column)} ~ ${NUMBER_INSIDE}`.execute(tx)
  for (const { place, text } of rows) {
    const replaced = pseudonyms.replace([text])
    if (replaced === undefined) continue
    const { names, sealed, ends4, ends7 } = replaced.numbers
    await sql`${AS_STORED} select keep_numbers(${names}, ${sealed}, ${ends4}, ${ends7})`.execute(tx)
    const json = sql`${replaced.values[0]}::jsonb`
    const value = kind === 'json' ? json : sql`array(select jsonb_array_elements_text(${json}))`
    await sql`${AS_STORED} update ${sql.table(table)} set ${sql.id(name)} = ${value} where ctid = ${place}::tid`.execute(
      tx,
    )
  }
  return rows.length
}

/** Numbers of one statement. */
const BATCH = 5000
