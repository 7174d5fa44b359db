import type pg from 'pg'
import { AppError } from '../errors.ts'
import { AS_STORED as AS_STORED_MARK } from '../platform/database/sealing-client.ts'
import type { Database } from '../platform/db.ts'
import {
  createRowSum,
  FORMAT,
  type Header,
  isRow,
  JOBS_TABLE,
  type Summary,
  TableEnd,
  TableStart,
} from './format.ts'

/** Runs one statement, whose values are neither opened nor sealed. */
type Run = <Row extends object>(text: string, values?: readonly unknown[]) => Promise<Row[]>

/** Settings by which the text of a value is the same on every server. */
export const TEXT_SETTINGS = `select set_config(name, value, true) from (values ('TimeZone', 'UTC'), ('DateStyle', 'ISO, YMD'),
  ('IntervalStyle', 'postgres'), ('extra_float_digits', '1'), ('bytea_output', 'hex'),
  ('idle_in_transaction_session_timeout', '0'), ('statement_timeout', '0')) s (name, value)`

/** Limits of one read: many rows of a usual table, fewer rows of a table with large values. */
const MAX_ROWS = 1000
const FETCH_CHARACTERS = 4_000_000

interface Source {
  readonly name: string
  readonly columns: readonly string[]
  /** Selects the rows, each as a JSON array of texts. */
  readonly select: string
}

/**
 * Reads the lines of a backup from one snapshot of a database, a bounded part of it at a time. On PostgreSQL the transaction is
 * read-only and holds nothing up; the embedded database has one connection, for which all others wait (`readLinesBesideOthers`).
 * @throws AppError `schema_older` when there are no tables of this program
 */
export async function* readLines(database: Database, version: string): AsyncGenerator<string> {
  const client = await database.pool.connect()
  const run = runOn(client)
  try {
    await run('begin isolation level repeatable read read only')
    await run(TEXT_SETTINGS)
    const { header, sources, sequences } = await readCatalog(run, version)
    yield JSON.stringify(header)
    for (const source of sources) {
      await run(`declare tocsin_backup no scroll cursor for ${source.select}`)
      yield* readTable(run, source, 'tocsin_backup')
      await run('close tocsin_backup')
    }
    yield JSON.stringify({ sequences })
  } finally {
    await run('rollback').catch(() => {})
    client.release()
  }
}

/** @throws AppError `schema_older` when there are no tables of this program */
export async function requireTables(client: Pick<pg.ClientBase, 'query'>): Promise<void> {
  await findTables(runOn(client))
}

function runOn(client: Pick<pg.ClientBase, 'query'>): Run {
  return async (text, values) => (await client.query(`${AS_STORED_MARK} ${text}`, [...(values ?? [])])).rows
}

async function* readTable(run: Run, { name, columns }: Source, cursor: string): AsyncGenerator<string> {
  yield JSON.stringify({ table: name, columns })
  const sum = createRowSum()
  for (let count = 100; ; ) {
    const rows = await run<{ line: string }>(`fetch forward ${count} from ${cursor}`)
    let characters = 0
    for (const { line } of rows) {
      sum.add(line)
      characters += line.length
      yield line
    }
    if (rows.length < count) break
    const mean = Math.max(1, characters / rows.length)
    count = Math.max(1, Math.min(MAX_ROWS, Math.floor(FETCH_CHARACTERS / mean)))
  }
  yield JSON.stringify(sum.end())
}

async function findTables(run: Run): Promise<{ readonly hasJobs: boolean }> {
  const [found] = await run<{ migrations: boolean; jobs: boolean }>(
    `select to_regclass('public.schema_migrations') is not null as migrations, to_regclass('${JOBS_TABLE}') is not null as jobs`,
  )
  if (found?.migrations !== true) throw new AppError('schema_older', { values: { count: 1 } })
  return { hasJobs: found.jobs }
}

async function readCatalog(run: Run, version: string) {
  const { hasJobs } = await findTables(run)
  const tables = await run<{ name: string; columns: string[] }>(`
    select c.relname as name, array_agg(a.attname::text order by a.attnum) as columns
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' group by 1 order by 1`)
  const sources = tables.map(({ name, columns }) => sourceOf(name, columns))
  if (hasJobs) sources.push(await jobsOf(run))
  return { header: await readHeader(run, version), sources, sequences: await readSequences(run) }
}

const quote = (name: string) => `"${name.replaceAll('"', '""')}"`

function sourceOf(name: string, columns: readonly string[]): Source {
  const texts = columns.map((column) => `${quote(column)}::text`)
  return {
    name,
    columns,
    select: `select to_json(array[${texts.join(', ')}])::text as line from public.${quote(name)}`,
  }
}

/** A job that runs now belongs to a process that will not be there: it is to do again. */
async function jobsOf(run: Run): Promise<Source> {
  const rows = await run<{ column: string }>(`
    select attname as column from pg_attribute
    where attrelid = '${JOBS_TABLE}'::regclass and attnum > 0 and not attisdropped and attgenerated = '' order by attnum`)
  const columns = rows.map(({ column }) => column)
  const texts = columns.map((column) =>
    column === 'state'
      ? `case state when 'active' then 'retry' else state::text end`
      : `${quote(column)}::text`,
  )
  const select = `select to_json(array[${texts.join(', ')}])::text as line from ${JOBS_TABLE}
    where state in ('created', 'retry', 'active')`
  return { name: JOBS_TABLE, columns, select }
}

async function readHeader(run: Run, version: string): Promise<Header> {
  const migrations = await run<{ version: number; name: string; hash: string }>(
    'select version, name, hash from schema_migrations order by version',
  )
  const [facts] = await run<{ at: Date; encryption: boolean }>(
    `select now() as at, to_regclass('public.encryption') is not null as encryption`,
  )
  const encrypted =
    facts?.encryption === true
      ? await run<{ is: boolean }>('select exists (select from encryption) as is')
      : []
  const heads = await run<{ schemeId: string; seq: number; hash: string }>(
    'select scheme_id as "schemeId", seq, hash from audit_heads order by 1',
  )
  const roles = await run<Header['roles'][number]>(`
    select r.rolname as name, r.rolcanlogin as login, r.rolinherit as inherit,
      coalesce((select array_agg(distinct g.rolname::text order by g.rolname::text) from pg_auth_members m
        join pg_roles g on g.oid = m.roleid where m.member = r.oid and g.rolname like 'tocsin\\_%'), '{}') as "memberOf"
    from pg_roles r
    where not r.rolsuper and (r.rolname in ('tocsin_app', 'tocsin_contact', 'tocsin_service', 'tocsin_worker')
      or exists (select from pg_auth_members m join pg_roles g on g.oid = m.roleid
        where m.member = r.oid and g.rolname in ('tocsin_app', 'tocsin_service')))
    order by 1`)
  return {
    tocsin: 'backup',
    format: FORMAT,
    version,
    at: (facts?.at ?? new Date()).toISOString(),
    migrations: migrations.map((row) => [row.version, row.name, row.hash]),
    isEncrypted: encrypted[0]?.is === true,
    roles,
    heads,
  }
}

/** Reads the sequences that may be read; others are set by the values that their tables hold. */
async function readSequences(run: Run): Promise<[string, string, boolean][]> {
  const names = await run<{ name: string }>(
    `select relname as name from pg_class where relnamespace = 'public'::regnamespace and case when relkind = 'S' then
       has_sequence_privilege(oid, 'select') else false end order by 1`,
  )
  const sequences: [string, string, boolean][] = []
  for (const { name } of names) {
    const [row] = await run<{ last: string; used: boolean }>(
      `select last_value::text as last, is_called as used from public.${quote(name)}`,
    )
    if (row !== undefined) sequences.push([name, row.last, row.used])
  }
  return sequences
}

/** Collects the summary of lines that pass. */
export interface SummaryTaker {
  take(line: string): void
  /** @throws Error when the lines had no header */
  end(): Summary
}

export function createSummaryTaker(readHeaderLine: (line: string) => Header): SummaryTaker {
  let header: Header | undefined
  let table: string | undefined
  const tables = new Map<string, { rows: number; digest: string }>()
  return {
    take(line) {
      if (isRow(line)) return
      if (header === undefined) {
        header = readHeaderLine(line)
        return
      }
      const value: unknown = JSON.parse(line)
      const start = TableStart.safeParse(value)
      if (start.success) {
        table = start.data.table
        return
      }
      const end = TableEnd.safeParse(value)
      if (end.success && table !== undefined) tables.set(table, end.data)
    },
    end() {
      if (header === undefined) throw new Error('a backup without a header')
      return { header, tables }
    },
  }
}
