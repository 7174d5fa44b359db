import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { sql } from 'kysely'
import { AppError } from '../errors.ts'
import { type Db, TAKE_ROLE, type Tx } from './db.ts'

interface Migration {
  readonly version: number
  readonly name: string
  readonly text: string
  readonly hash: string
}

type AppliedMigration = Pick<Migration, 'version' | 'name' | 'hash'>

const DIRECTORY = new URL('../../migrations/', import.meta.url)

/** The release whose many migrations came to the schema that the first migration makes at once. */
const PREDECESSOR = {
  release: '0.1.0',
  /** How many migrations it had, and the hash of their list: see `hashList`. */
  count: 89,
  hash: 'afea0fdc20b7e5cda8e0db01935b979315f510b85c9a831aeb4b6577e5a6da0b',
  /** Statements that bring its database to the first migration. */
  file: 'from-0.1.0.sql',
}

/** Hashes a list of migrations: versions, names and the hashes of their texts. */
function hashList(migrations: readonly AppliedMigration[]): string {
  const lines = migrations
    .toSorted((a, b) => a.version - b.version)
    .map(({ version, name, hash }) => `${version} ${name} ${hash}\n`)
  return createHash('sha256').update(lines.join('')).digest('hex')
}

const isPredecessor = (applied: readonly AppliedMigration[]) =>
  applied.length === PREDECESSOR.count && hashList(applied) === PREDECESSOR.hash

function readMigrations(directory: URL): Migration[] {
  return readdirSync(directory)
    .filter((name) => /^\d{4}_.+\.sql$/.test(name))
    .sort()
    .map((name) => {
      const text = readFileSync(new URL(name, directory), 'utf8')
      return {
        version: Number(name.slice(0, 4)),
        name,
        text,
        hash: createHash('sha256').update(text).digest('hex'),
      }
    })
}

/**
 * Refuses a database that lacks migrations, without changing it.
 * @throws AppError `schema_older` when the program has to migrate it first; `schema_newer`, `schema_differs`,
 * `schema_before_baseline` like `migrate`
 */
export async function requireMigrated(db: Db, directory: URL = DIRECTORY): Promise<void> {
  const known = readMigrations(directory)
  const applied = await readApplied(db)
  // A database of the predecessor lacks all of them: its own were others.
  const missing = isPredecessor(applied) ? known : findMissing(known, applied)
  if (missing.length > 0) throw new AppError('schema_older', { values: { count: missing.length } })
}

async function readApplied(db: Db): Promise<AppliedMigration[]> {
  const { rows } = await sql<{ found: boolean }>`
    select to_regclass('schema_migrations') is not null as found`.execute(db)
  if (!rows[0]?.found) return []
  return db.selectFrom('schemaMigrations').select(['version', 'name', 'hash']).execute()
}

/**
 * Lists the known migrations that a database lacks.
 * @throws AppError `schema_newer`, `schema_differs`, `schema_before_baseline`
 */
function findMissing(known: readonly Migration[], applied: readonly AppliedMigration[]): Migration[] {
  const [first] = applied.toSorted((a, b) => a.version - b.version)
  const isOlder = first !== undefined && first.name !== known[0]?.name && first.version === known[0]?.version
  if (isOlder && applied.length < PREDECESSOR.count)
    throw new AppError('schema_before_baseline', { values: { release: PREDECESSOR.release } })
  for (const row of applied) {
    const mine = known.find((migration) => migration.version === row.version)
    if (mine === undefined) throw new AppError('schema_newer', { values: { name: row.name } })
    if (mine.hash !== row.hash) throw new AppError('schema_differs', { values: { name: row.name } })
  }
  return known.filter((migration) => !applied.some((row) => row.version === migration.version))
}

/** An arbitrary number; programs that migrate one database at the same time take turns on it. */
const ADVISORY_KEY = 630_142

/**
 * Applies the migrations that the database lacks, all in one transaction, as the login of its connection. Forward only. A
 * database of release 0.1.0, recognised by the list of its migrations, is taken as one of the first migration.
 * @returns the versions applied by this call
 * @throws AppError `schema_newer` when the database has a version unknown to this program, `schema_differs` when the text of
 * an applied migration differs from the known one, `schema_before_baseline` when it lacks migrations of release 0.1.0,
 * `schema_not_owned` when migrations are missing and the login does not own the tables
 */
export async function migrate(db: Db, now: () => Date, directory: URL = DIRECTORY): Promise<number[]> {
  const known = readMigrations(directory)
  const before = await readApplied(db)
  if (!isPredecessor(before) && findMissing(known, before).length === 0) return []
  return db.connection().execute(async (connection) => {
    try {
      return await connection.transaction().execute((tx) => applyMissing(tx, known, now, directory))
    } finally {
      await sql.raw(TAKE_ROLE).execute(connection)
    }
  })
}

async function applyMissing(
  tx: Tx,
  known: readonly Migration[],
  now: () => Date,
  directory: URL,
): Promise<number[]> {
  await sql`select set_config('role', 'none', true)`.execute(tx)
  await sql`select pg_advisory_xact_lock(${ADVISORY_KEY})`.execute(tx)
  await requireOwner(tx)
  await sql`create table if not exists schema_migrations (
    version integer primary key, name text not null, hash text not null, applied_at timestamptz not null)`.execute(
    tx,
  )
  const record = ({ version, name, hash }: Migration) =>
    tx.insertInto('schemaMigrations').values({ version, name, hash, appliedAt: now() }).execute()
  let applied: readonly AppliedMigration[] = await readApplied(tx)
  const [baseline] = known
  const done: number[] = []
  if (baseline !== undefined && isPredecessor(applied)) {
    await sql.raw(readFileSync(new URL(PREDECESSOR.file, directory), 'utf8')).execute(tx)
    await tx.deleteFrom('schemaMigrations').execute()
    await record(baseline)
    applied = await readApplied(tx)
    done.push(baseline.version)
  }
  for (const migration of findMissing(known, applied)) {
    await sql.raw(migration.text).execute(tx)
    await record(migration)
    done.push(migration.version)
  }
  return done
}

/** @throws AppError `schema_not_owned` */
async function requireOwner(tx: Tx): Promise<void> {
  const { rows } = await sql<{ login: string; owner: boolean }>`
    select session_user as login, coalesce(
      (select pg_has_role(session_user, relowner, 'usage') from pg_class where oid = to_regclass('public.schema_migrations')),
      has_schema_privilege('public', 'create')) as owner`.execute(tx)
  if (rows[0]?.owner !== true)
    throw new AppError('schema_not_owned', { values: { login: rows[0]?.login ?? '' } })
}
