import type pg from 'pg'
import { AppError } from '../errors.ts'
import { installJobs } from '../jobs.ts'
import { migrate, requireKnownMigrations } from '../platform/database/migrate.ts'
import { AS_STORED as AS_STORED_MARK } from '../platform/database/sealing-client.ts'
import type { Database } from '../platform/db.ts'
import { FORMAT, Header, isRow, JOBS_TABLE, Sequences, type Summary, TableEnd, TableStart } from './format.ts'
import { createSummaryTaker, TEXT_SETTINGS } from './read.ts'

/** Rows of one statement. */
const BATCH_ROWS = 1000
const BATCH_CHARACTERS = 4_000_000

type Client = Pick<pg.ClientBase, 'query'>
const run = async <Row extends object>(
  client: Client,
  text: string,
  values: unknown[] = [],
): Promise<Row[]> => (await client.query(`${AS_STORED_MARK} ${text}`, values)).rows

/**
 * Reads the header of a backup.
 * @throws AppError `backup_damaged` when it is none, `backup_newer` when its format is of a later program, and those of
 * `requireKnownMigrations`
 */
export function readHeaderLine(line: string): Header {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    throw backupDamagedError('header')
  }
  const parsed = Header.safeParse(value)
  if (!parsed.success) throw backupDamagedError('header')
  if (parsed.data.format !== FORMAT)
    throw new AppError('backup_newer', { values: { version: parsed.data.version } })
  requireKnownMigrations(parsed.data.migrations.map(([version, name, hash]) => ({ version, name, hash })))
  return parsed.data
}

export function backupDamagedError(reason: 'header' | 'format' | 'cut' | 'sum' | 'rows'): AppError {
  return new AppError('backup_damaged', { values: { reason } })
}

/** @throws AppError `target_not_empty` when a table has rows, or belongs to another program */
export async function requireEmpty({ pool }: Pick<Database, 'pool'>): Promise<void> {
  const tables = await run<{ name: string }>(
    pool,
    `select quote_ident(relname) as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'`,
  )
  const names = tables.map(({ name }) => name)
  if (names.length === 0) return
  if (!names.includes('schema_migrations'))
    throw new AppError('target_not_empty', { values: { table: names[0] ?? '' } })
  for (const name of names) {
    if (name === 'schema_migrations') continue
    const [row] = await run<{ filled: boolean }>(pool, `select exists (select from public.${name}) as filled`)
    if (row?.filled === true) throw new AppError('target_not_empty', { values: { table: name } })
  }
}

/**
 * Refuses tables that an interrupted load of a newer backup made: they would be recorded as older than they are.
 * @throws AppError `target_not_empty`
 */
async function requireNotNewer({ pool }: Database, { migrations }: Header): Promise<void> {
  const [table] = await run<{ found: boolean }>(
    pool,
    `select to_regclass('public.schema_migrations') is not null as found`,
  )
  if (!table?.found) return
  const applied = await run<{ version: number }>(pool, 'select version from public.schema_migrations')
  const known = new Set(migrations.map(([version]) => version))
  if (applied.some(({ version }) => !known.has(version)))
    throw new AppError('target_not_empty', { values: { table: 'schema_migrations' } })
}

/**
 * Fills an empty database with the lines of a backup: its tables are made by the migrations that the backup names, with their
 * owner, rights and row security; then every row is written in one transaction, without triggers and foreign keys, which are made
 * again at its end. A load that is interrupted leaves no row, and can be started again.
 * @param database opened as the owner of the tables
 * @param onTable called with the name of each table that begins
 * @returns what was loaded. @throws AppError `target_not_empty`, `backup_damaged`, and those of `readHeaderLine` and `migrate`
 */
export async function loadLines(
  database: Database,
  lines: AsyncIterable<string>,
  now: () => Date,
  onTable: (name: string) => void = () => {},
): Promise<Summary> {
  await requireEmpty(database)
  const iterator = lines[Symbol.asyncIterator]()
  const first = await iterator.next()
  if (first.done) throw backupDamagedError('cut')
  const header = readHeaderLine(first.value)
  await requireNotNewer(database, header)
  await migrate(database.db, now, { only: new Set(header.migrations.map(([version]) => version)) })
  await installJobs(database)
  const client = await database.pool.connect()
  try {
    await run(client, 'begin')
    await run(client, `select set_config('role', 'none', true)`)
    await run(client, TEXT_SETTINGS)
    const restoreRules = await liftRules(client)
    await run(client, 'delete from schema_migrations')
    const summary = await writeLines(client, first.value, iterator, onTable)
    await restoreRules()
    await requireCounts(client, summary)
    await run(client, 'commit')
    await run(client, 'analyze')
    return summary
  } catch (error) {
    await run(client, 'rollback').catch(() => {})
    throw error
  } finally {
    client.release(true)
    await iterator.return?.(undefined)
  }
}

/**
 * Removes the foreign keys and switches off the triggers and the row security of the owner. An owner who is no superuser may do
 * so, and may not set session_replication_role.
 * @returns a function that undoes it; foreign keys are checked for every row then
 */
async function liftRules(client: Client): Promise<() => Promise<void>> {
  const keys = await run<{ table: string; name: string; definition: string }>(
    client,
    `select conrelid::regclass::text as table, quote_ident(conname) as name, pg_get_constraintdef(oid) as definition
     from pg_constraint where contype = 'f' and connamespace = 'public'::regnamespace order by 1, 2`,
  )
  const tables = await run<{ name: string; forced: boolean }>(
    client,
    `select oid::regclass::text as name, relforcerowsecurity as forced from pg_class
     where relnamespace = 'public'::regnamespace and relkind = 'r'`,
  )
  for (const { table, name } of keys) await run(client, `alter table ${table} drop constraint ${name}`)
  for (const { name, forced } of tables) {
    await run(client, `alter table ${name} disable trigger user`)
    if (forced) await run(client, `alter table ${name} no force row level security`)
  }
  return async () => {
    for (const { table, name, definition } of keys)
      await run(client, `alter table ${table} add constraint ${name} ${definition}`)
    for (const { name, forced } of tables) {
      await run(client, `alter table ${name} enable trigger user`)
      if (forced) await run(client, `alter table ${name} force row level security`)
    }
  }
}

async function writeLines(
  client: Client,
  header: string,
  lines: AsyncIterator<string>,
  onTable: (name: string) => void,
): Promise<Summary> {
  const summary = createSummaryTaker(readHeaderLine)
  summary.take(header)
  let insert: string | undefined
  let batch: string[] = []
  let characters = 0
  let isComplete = false
  const flush = async () => {
    if (batch.length > 0 && insert !== undefined) await run(client, insert, [`[${batch.join(',')}]`])
    batch = []
    characters = 0
  }
  for (let next = await lines.next(); !next.done; next = await lines.next()) {
    const line = next.value
    if (isRow(line)) {
      batch.push(line)
      characters += line.length
      if (batch.length >= BATCH_ROWS || characters >= BATCH_CHARACTERS) await flush()
      continue
    }
    await flush()
    summary.take(line)
    const value: unknown = JSON.parse(line)
    const start = TableStart.safeParse(value)
    const sequences = Sequences.safeParse(value)
    if (start.success) {
      onTable(start.data.table)
      insert = await insertInto(client, start.data)
    } else if (sequences.success) {
      await setIdentities(client)
      for (const [name, last, used] of sequences.data.sequences)
        await run(client, 'select setval($1::regclass, $2::bigint, $3)', [`public.${name}`, last, used])
      isComplete = true
    } else if (!TableEnd.safeParse(value).success) throw backupDamagedError('format')
  }
  if (!isComplete) throw backupDamagedError('cut')
  return summary.end()
}

/** Sets the sequence of each identity column after the largest value of its table. */
async function setIdentities(client: Client): Promise<void> {
  const columns = await run<{ table: string; name: string; sequence: string }>(
    client,
    `select c.oid::regclass::text as table, quote_ident(attname) as name,
       pg_get_serial_sequence(c.oid::regclass::text, attname) as sequence
     from pg_class c join pg_attribute a on a.attrelid = c.oid and attidentity <> '' and not attisdropped
     where relnamespace = 'public'::regnamespace and relkind = 'r'`,
  )
  for (const { table, name, sequence } of columns)
    await run(client, `select setval($1::regclass, coalesce(max(${name}), 1), count(*) > 0) from ${table}`, [
      sequence,
    ])
}

/** @returns the statement that writes rows, each a JSON array of texts, all in one parameter */
async function insertInto(client: Client, { table, columns }: TableStart): Promise<string> {
  const isJobs = table === JOBS_TABLE
  const target = isJobs ? JOBS_TABLE : `public."${table.replaceAll('"', '""')}"`
  const types = await run<{ name: string; type: string }>(
    client,
    `select attname as name, format_type(atttypid, atttypmod) as type from pg_attribute
     where attrelid = to_regclass($1) and attnum > 0 and not attisdropped and attgenerated = ''`,
    [target],
  )
  const typeOf = new Map(types.map(({ name, type }) => [name, type]))
  // The queue has tables of its own, which another version of it may have made differently.
  const used = columns
    .map((name, at) => ({ name, at, type: typeOf.get(name) }))
    .filter(({ type }) => (isJobs ? type : true))
  if (used.some(({ type }) => type === undefined)) throw backupDamagedError('format')
  const names = used.map(({ name }) => `"${name.replaceAll('"', '""')}"`)
  const values = used.map(({ at, type }) => `(r->>${at})::${type}`)
  const known = isJobs ? ` where r->>${columns.indexOf('name')} in (select name from pgboss.queue)` : ''
  return `insert into ${target} (${names.join(', ')}) overriding system value
    select ${values.join(', ')} from jsonb_array_elements($1::jsonb) r${known}`
}

/** @throws AppError `backup_damaged` when a table has not as many rows as were written */
async function requireCounts(client: Client, { tables }: Summary): Promise<void> {
  for (const [name, { rows }] of tables) {
    if (name === JOBS_TABLE) continue
    const [found] = await run<{ count: number }>(
      client,
      `select count(*)::int as count from public."${name}"`,
    )
    if (found?.count !== rows) throw backupDamagedError('rows')
  }
}
