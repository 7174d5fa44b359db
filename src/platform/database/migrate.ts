import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { sql } from 'kysely'
import { AppError } from '../../errors.ts'
import { type Database, type Db, majorVersionOf, TAKE_ROLE, type Tx } from '../db.ts'
import { version as programVersion } from '../process/version.ts'

interface Migration {
  readonly version: number
  readonly name: string
  readonly text: string
  readonly hash: string
  /** The release, such as `0.5`, whose program still works after this migration; null: none before the one that has it. */
  readonly compatibleWith: string | null
}

type AppliedMigration = Omit<Migration, 'text'>

const DIRECTORY = new URL('../../../migrations/', import.meta.url)

/** The release whose many migrations came to the schema that the first migration makes at once. */
const PREDECESSOR = {
  release: '0.1.0',
  /** Number of its migrations, and the hash of their list: see `hashList`. */
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

/** The line of a migration that names the release before it, if that one still works after it. */
const COMPATIBLE = /^-- Compatible with: (\d+\.\d+)$/m

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
        compatibleWith: COMPATIBLE.exec(text)?.[1] ?? null,
      }
    })
}

export interface MigrationState {
  /** Names of the migrations that the database lacks, in their order. */
  readonly missing: readonly string[]
  /** Names of its migrations that this program does not know, and after which it still works. */
  readonly newer: readonly string[]
}

/** Parts that a test replaces by its own. */
interface MigrationSource {
  readonly directory?: URL
  /** Version of the program; default: that of package.json. */
  readonly program?: string
}

/**
 * Compares the migrations of a database with those of this program, without changing anything.
 * @throws AppError `schema_newer`, `schema_differs`, `schema_before_baseline` like `migrate`
 */
export async function readMigrationState(
  db: Db,
  { directory = DIRECTORY, program = programVersion }: MigrationSource = {},
): Promise<MigrationState> {
  const known = readMigrations(directory)
  const applied = await readApplied(db)
  // A database of the predecessor lacks all of them: its own were others.
  if (isPredecessor(applied)) return { missing: known.map(({ name }) => name), newer: [] }
  const missing = findMissing(known, applied, program)
  const newer = applied.filter((row) => !known.some(({ version }) => version === row.version))
  return { missing: missing.map(({ name }) => name), newer: newer.map(({ name }) => name) }
}

/** Lists the names of all migrations of this program. */
export function listMigrations(directory: URL = DIRECTORY): string[] {
  return readMigrations(directory).map(({ name }) => name)
}

/**
 * Refuses a database that lacks migrations, without changing it.
 * @returns what else differs
 * @throws AppError `schema_older` when `tocsin migrate` has to run first; `schema_newer`, `schema_differs`,
 * `schema_before_baseline` like `migrate`
 */
export async function requireMigrated(db: Db, source: MigrationSource = {}): Promise<MigrationState> {
  const state = await readMigrationState(db, source)
  if (state.missing.length > 0)
    throw new AppError('schema_older', { values: { count: state.missing.length } })
  return state
}

/**
 * Refuses a list of applied migrations that this program does not know, such as that of a backup.
 * @throws AppError `schema_newer`, `schema_differs`, `schema_before_baseline`
 */
export function requireKnownMigrations(applied: readonly Omit<AppliedMigration, 'compatibleWith'>[]): void {
  const rows = applied.map((row) => ({ ...row, compatibleWith: null }))
  findMissing(readMigrations(DIRECTORY), rows, programVersion)
}

async function readApplied(db: Db): Promise<AppliedMigration[]> {
  const { rows } = await sql<{ found: boolean }>`
    select to_regclass('schema_migrations') is not null as found`.execute(db)
  if (!rows[0]?.found) return []
  // Before 0.5 the table had no compatible_with.
  const applied = await db.selectFrom('schemaMigrations').selectAll().orderBy('version').execute()
  return applied.map((row) => ({ ...row, compatibleWith: row.compatibleWith ?? null }))
}

/** Tells whether a program of this version still works after a migration that it does not know. */
function works(program: string, { compatibleWith }: AppliedMigration): boolean {
  if (compatibleWith === null) return false
  const [major = 0, minor = 0] = program.split('.').map(Number)
  const [leastMajor = 0, leastMinor = 0] = compatibleWith.split('.').map(Number)
  return major > leastMajor || (major === leastMajor && minor >= leastMinor)
}

/**
 * Lists the known migrations that a database lacks.
 * @throws AppError `schema_newer`, `schema_differs`, `schema_before_baseline`
 */
function findMissing(
  known: readonly Migration[],
  applied: readonly AppliedMigration[],
  program: string,
): Migration[] {
  const [first] = applied.toSorted((a, b) => a.version - b.version)
  const isOlder = first !== undefined && first.name !== known[0]?.name && first.version === known[0]?.version
  if (isOlder && applied.length < PREDECESSOR.count)
    throw new AppError('schema_before_baseline', { values: { release: PREDECESSOR.release } })
  for (const row of applied) {
    const mine = known.find((migration) => migration.version === row.version)
    if (mine === undefined && !works(program, row))
      throw new AppError('schema_newer', { values: { name: row.name } })
    if (mine !== undefined && mine.hash !== row.hash)
      throw new AppError('schema_differs', { values: { name: row.name } })
  }
  return known.filter((migration) => !applied.some((row) => row.version === migration.version))
}

/** An arbitrary number; programs that migrate one database at the same time take turns on it. */
const ADVISORY_KEY = 630_142

/** Selects the names of the processes that wait to migrate the database. */
export const WAITING_TO_MIGRATE = sql`
  select a.application_name from pg_locks l join pg_stat_activity a using (pid)
  where l.locktype = 'advisory' and l.classid = 0 and l.objid = ${sql.lit(ADVISORY_KEY)} and l.objsubid = 1 and not l.granted
    and l.database = (select oid from pg_database where datname = current_database())`

/** A connection that holds the lock of migrations. */
export interface LockHolder {
  /** The process of the server. */
  readonly pid: number
  readonly login: string
  /** The name that the program gave its connection; empty if it gave none. */
  readonly application: string
  /** Network address of the process; empty on the same machine or when the server does not tell it. */
  readonly address: string
}

/** Finds who migrates the database at the moment. */
export async function findLockHolder(db: Db): Promise<LockHolder | undefined> {
  const { rows } = await sql<LockHolder>`
    select a.pid, coalesce(a.usename, '') as login, coalesce(a.application_name, '') as application,
      coalesce(host(a.client_addr), '') as address
    from pg_locks l join pg_stat_activity a using (pid)
    where l.locktype = 'advisory' and l.classid = 0 and l.objid = ${ADVISORY_KEY} and l.objsubid = 1 and l.granted
      and l.database = (select oid from pg_database where datname = current_database())`.execute(db)
  return rows[0]
}

/**
 * Runs work while no other process migrates the same database; waits for one that does. The lock belongs to a connection, and ends
 * with it in any case. The embedded database needs none: one process has it.
 * @param database with two connections or more
 * @param onWaiting called once before it waits, with who holds the lock
 */
export async function withMigrationLock<T>(
  { db, embedded }: Pick<Database, 'db' | 'embedded'>,
  onWaiting: ((holder: LockHolder | undefined) => void) | undefined,
  work: () => Promise<T>,
): Promise<T> {
  if (embedded) return work()
  return db.connection().execute(async (connection) => {
    const { rows } = await sql<{ taken: boolean }>`
      select pg_try_advisory_lock(${ADVISORY_KEY}) as taken`.execute(connection)
    if (!rows[0]?.taken) {
      onWaiting?.(await findLockHolder(connection))
      await sql`select pg_advisory_lock(${ADVISORY_KEY})`.execute(connection)
    }
    try {
      return await work()
    } finally {
      // The failure of a connection that is gone would hide the first one.
      await sql`select pg_advisory_unlock(${ADVISORY_KEY})`.execute(connection).catch(() => {})
    }
  })
}

export interface MigrateOptions extends MigrationSource {
  /** The versions to apply, such as those of an older backup; default: all. */
  readonly only?: ReadonlySet<number>
  /** Called after each migration that was committed. */
  onApplied?(name: string): void
}

/**
 * Applies the migrations that the database lacks, each in a transaction of its own, as the login of its connection: what was
 * committed before a failure stays, and the next call continues after it. Forward only. A database of release 0.1.0, recognised by
 * the list of its migrations, is taken as one of the first migration. Programs call it under `withMigrationLock`.
 * @returns the versions applied by this call
 * @throws AppError `schema_newer` when the database has a version after which this program does not work, `schema_differs` when the
 * text of an applied migration differs from the known one, `schema_before_baseline` when it lacks migrations of release 0.1.0,
 * `schema_not_owned` when migrations are missing and the login does not own the tables, `roles_missing` with the statements to run
 * when the server lacks roles and the login may not make them
 */
export async function migrate(db: Db, now: () => Date, options: MigrateOptions = {}): Promise<number[]> {
  const { directory = DIRECTORY, program = programVersion, only, onApplied } = options
  if ((await readMigrationState(db, { directory, program })).missing.length === 0) return []
  const known = readMigrations(directory).filter(({ version }) => only?.has(version) ?? true)
  return db.connection().execute(async (connection) => {
    try {
      await sql`select set_config('role', 'none', false)`.execute(connection)
      await requireOwner(connection)
      await requireRoles(connection)
      await connection.transaction().execute(prepareTable)
      const done: number[] = []
      for (;;) {
        const applied = await connection
          .transaction()
          .execute((tx) => applyNext(tx, { known, now, directory, program }))
        if (applied === undefined) return done
        done.push(applied.version)
        onApplied?.(applied.name)
      }
    } finally {
      await sql.raw(TAKE_ROLE).execute(connection)
    }
  })
}

async function prepareTable(tx: Tx): Promise<void> {
  await sql`create table if not exists schema_migrations (
    version integer primary key, name text not null, hash text not null, applied_at timestamptz not null)`.execute(
    tx,
  )
  await sql`alter table schema_migrations add column if not exists compatible_with text`.execute(tx)
}

/**
 * Returns the text of a migration for a version of PostgreSQL. The privilege `maintain` is of 17: on 16 it is left out, and tables are
 * analysed by autovacuum alone (ADR 62). The file, and with it the hash on the record, is the same for all.
 */
export function forVersion(major: number, text: string): string {
  return major >= 17 ? text : text.replace(/(\bgrant [^;]*?)(?:, maintain\b|\bmaintain, )/g, '$1')
}

/** Applies the first missing migration. @returns undefined when none is missing */
async function applyNext(
  tx: Tx,
  {
    known,
    now,
    directory,
    program,
  }: {
    readonly known: readonly Migration[]
    readonly now: () => Date
    readonly directory: URL
    readonly program: string
  },
): Promise<Migration | undefined> {
  const record = ({ version, name, hash, compatibleWith }: Migration) =>
    tx
      .insertInto('schemaMigrations')
      .values({ version, name, hash, appliedAt: now(), compatibleWith })
      .execute()
  const applied = await readApplied(tx)
  const [baseline] = known
  if (baseline !== undefined && isPredecessor(applied)) {
    // One transaction with the new list: a database between the two would be recognised by neither.
    const text = readFileSync(new URL(PREDECESSOR.file, directory), 'utf8')
    await sql.raw(forVersion(majorVersionOf(tx), text)).execute(tx)
    await tx.deleteFrom('schemaMigrations').execute()
    await record(baseline)
    return baseline
  }
  const [next] = findMissing(known, applied, program)
  if (next === undefined) return undefined
  await sql.raw(forVersion(majorVersionOf(tx), next.text)).execute(tx)
  await record(next)
  return next
}

/** @throws AppError `schema_not_owned` */
async function requireOwner(db: Db): Promise<void> {
  const { rows } = await sql<{ login: string; owner: boolean }>`
    select session_user as login, coalesce(
      (select pg_has_role(session_user, relowner, 'usage') from pg_class where oid = to_regclass('public.schema_migrations')),
      has_schema_privilege('public', 'create')) as owner`.execute(db)
  if (rows[0]?.owner !== true)
    throw new AppError('schema_not_owned', { values: { login: rows[0]?.login ?? '' } })
}

/** The roles of the program, with how an administrator makes them (docs/runbook/install.md). */
const ROLES = {
  tocsin_app: 'nologin noinherit',
  tocsin_contact: 'nologin noinherit',
  tocsin_service: 'nologin',
  tocsin_worker: 'nologin in role tocsin_service',
} as const

/** @throws AppError `roles_missing` */
async function requireRoles(db: Db): Promise<void> {
  const { rows } = await sql<{ login: string; mayMake: boolean; present: string[] }>`
    select rolname as login, rolsuper or rolcreaterole as may_make,
      array(select rolname::text from pg_roles where rolname in (${sql.join(Object.keys(ROLES))})) as present
    from pg_roles where rolname = session_user`.execute(db)
  const { login = '', mayMake = true, present = [] } = rows[0] ?? {}
  const missing = Object.entries(ROLES).filter(([name]) => !present.includes(name))
  if (mayMake || missing.length === 0) return
  const statements = [
    ...missing.map(([name, how]) => `create role ${name} ${how};`),
    `grant ${Object.keys(ROLES).join(', ')} to "${login.replaceAll('"', '""')}" with admin option;`,
  ]
  throw new AppError('roles_missing', {
    values: { login, statements: statements.map((one) => `  ${one}`).join('\n') },
  })
}
