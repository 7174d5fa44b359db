import { sql } from 'kysely'
import type { Config } from '../config.ts'
import type { Deps } from '../deps.ts'
import { encryptNumbers } from '../encryption/first.ts'
import { requireKeys } from '../encryption/state.ts'
import { AppError } from '../errors.ts'
import { areJobsInstalled, installJobs } from '../jobs.ts'
import {
  findLockHolder,
  type LockHolder,
  type MigrationState,
  migrate,
  readMigrationState,
  withMigrationLock,
} from '../platform/database/migrate.ts'
import { keepsPreparedStatements } from '../platform/database/pooler.ts'
import { type Database, type Db, IDLE_IN_TRANSACTION_MS, openDatabase, TAKE_ROLE } from '../platform/db.ts'

/** The changes made to the database. */
export interface Prepared {
  /** The versions of the migrations applied. */
  readonly migrated: readonly number[]
  /** The number of values with a number that were stored under a pseudonym; undefined: nothing was to do. */
  readonly encrypted: number | undefined
}

export interface PrepareOptions {
  /** Called once when another process migrates the database, before waiting for it. */
  onWaiting?(holder: LockHolder | undefined): void
  /** Called after each migration that was committed. */
  onApplied?(name: string): void
}

/**
 * Applies the migrations that the database lacks, and those of the jobs, with the login of the owner if one is configured; then
 * encrypts its numbers if that was not done and there are keys. Outside demo mode only `tocsin migrate` calls it.
 * @throws AppError as `migrate`, as `openDatabase` for the login of the owner, and `keys_refused`
 */
export async function prepareSchema(
  config: Pick<Config, 'databaseOwnerUrl'>,
  database: Database,
  { now, cipher }: Pick<Deps, 'now' | 'cipher'>,
  { onWaiting, ...options }: PrepareOptions = {},
): Promise<Prepared> {
  if (!isPending(await readPending(database, { cipher }))) return { migrated: [], encrypted: undefined }
  return asOwner(config, database, (owner) =>
    withMigrationLock(owner, onWaiting, async () => {
      const migrated = await migrate(owner.db, now, options)
      await installJobs(owner)
      return { migrated, encrypted: await encryptNumbers(owner, cipher) }
    }),
  )
}

/** Tells whether the database was ever migrated. */
export async function hasTables(db: Db): Promise<boolean> {
  const { rows } = await sql<{ found: boolean }>`
    select to_regclass('public.schema_migrations') is not null as found`.execute(db)
  return rows[0]?.found ?? false
}

async function asOwner<T>(
  { databaseOwnerUrl }: Pick<Config, 'databaseOwnerUrl'>,
  database: Database,
  work: (owner: Database) => Promise<T>,
): Promise<T> {
  if (databaseOwnerUrl === undefined) return work(database)
  const owner = await openDatabase({ kind: 'postgres', url: databaseOwnerUrl, poolSize: 2 })
  try {
    return await work(owner)
  } finally {
    await owner.close()
    // The connection that opened before there was a role to take.
    await database.pool.query(TAKE_ROLE)
  }
}

/** The changes that `tocsin migrate` would make. */
export interface Pending extends MigrationState {
  /** Whether the tables or queues of the jobs are missing or older. */
  readonly jobs: boolean
  /** Whether numbers are still stored in clear though there are keys. */
  readonly encryption: boolean
  /** The connection that migrates the database at the moment. */
  readonly holder: LockHolder | undefined
}

/**
 * Reads what `tocsin migrate` would do, without changing anything.
 * @throws AppError as `readMigrationState`, `database_encoding` and `keys_refused`
 */
export async function readPending(
  { db, pool }: Pick<Database, 'db' | 'pool'>,
  { cipher }: Pick<Deps, 'cipher'>,
): Promise<Pending> {
  await requireUtf8(db)
  const state = await readMigrationState(db)
  const holder = await findLockHolder(db)
  if (state.missing.length > 0) return { ...state, jobs: true, encryption: cipher.isOn, holder }
  return {
    ...state,
    holder,
    jobs: !(await areJobsInstalled(pool)),
    encryption: !(await requireKeys(db, cipher)) && cipher.isOn,
  }
}

/**
 * Refuses a database on which `tocsin migrate` has something to do, without changing it.
 * @returns the names of its migrations that this program does not know, and after which it still works
 * @throws AppError `schema_older`, and as `readPending`
 */
export async function requireSchema(
  database: Pick<Database, 'db' | 'pool'>,
  deps: Pick<Deps, 'cipher'>,
): Promise<readonly string[]> {
  const pending = await readPending(database, deps)
  if (isPending(pending)) throw new AppError('schema_older', { values: { count: pending.missing.length } })
  return pending.newer
}

/**
 * Refuses a database that cannot store every letter, such as SQL_ASCII, which a cluster made without a locale has.
 * @throws AppError `database_encoding` with the statement that makes another one
 */
async function requireUtf8(db: Db): Promise<void> {
  const { rows } = await sql<{ database: string; encoding: string; owner: string }>`
    select datname as database, pg_encoding_to_char(encoding) as encoding, pg_get_userbyid(datdba) as owner
    from pg_database where datname = current_database()`.execute(db)
  const [values] = rows
  if (values !== undefined && values.encoding !== 'UTF8')
    throw new AppError('database_encoding', { values: { ...values } })
}

/** Tells whether `tocsin migrate` has something to do. */
export function isPending({ missing, jobs, encryption }: Pending): boolean {
  return missing.length > 0 || jobs || encryption
}

/**
 * Refuses a login with which row-level security could be undone from inside: a superuser, the owner of a table, one that bypasses
 * row security or has the rights across schemes without taking their role; and one that cannot do the work of the process.
 * Behind a pooler in transaction mode also one that does not take its role by itself: a connection of the pooler that no process
 * has prepared would see nothing; and a pooler that mixes up the prepared statements of its clients.
 * @throws AppError `database_login`, `database_login_pooled`, both with the statements to run; `pooler_unprepared`,
 * `database_down`
 */
export async function requireProcessLogin(
  { pool, sessions }: Pick<Database, 'pool' | 'sessions'>,
  { role, databaseUrl, databaseSessionUrl }: Pick<Config, 'role' | 'databaseUrl' | 'databaseSessionUrl'>,
): Promise<void> {
  // Past a pooler each connection has taken the role that the login should have by itself.
  const { login, reason, settings, role: taken } = await readLogin(sessions, role)
  if (reason !== null) throw new AppError('database_login', { values: { login, reason } })
  if (databaseSessionUrl === undefined) return
  const settingOf = (name: string) =>
    settings.find((one) => one.startsWith(`${name}=`))?.slice(name.length + 1) ?? ''
  const timeoutMs = millisecondsOf(settingOf('idle_in_transaction_session_timeout'))
  const hasTimeout = timeoutMs > 0 && timeoutMs <= IDLE_IN_TRANSACTION_MS
  const pooled = await readLogin(pool, role)
  if (pooled.login !== login && pooled.reason !== null)
    throw new AppError('database_login', { values: { login: pooled.login, reason: pooled.reason } })
  // A connection of the pooler that is older than the setting has another role.
  if (settingOf('role') !== taken || pooled.role !== taken || !hasTimeout) {
    const seconds = IDLE_IN_TRANSACTION_MS / 1000
    throw new AppError('database_login_pooled', { values: { login, role: taken, seconds } })
  }
  const isFit = await keepsPreparedStatements(databaseUrl ?? databaseSessionUrl).catch((cause: unknown) => {
    throw new AppError('database_down', { cause })
  })
  if (!isFit) throw new AppError('pooler_unprepared')
}

interface ProcessLogin {
  readonly login: string
  /** Reason for which it is refused; null: it is not. */
  readonly reason: string | null
  /** Settings of the login in this database, before those that it has everywhere. */
  readonly settings: readonly string[]
  readonly role: string
}

async function readLogin(pool: Database['pool'], role: Config['role']): Promise<ProcessLogin> {
  const { rows } = await pool.query<ProcessLogin>(
    `select session_user as login, case
       when r.rolsuper then 'superuser'
       when r.rolbypassrls then 'bypass'
       when exists (select from pg_class c where c.relnamespace = 'public'::regnamespace
         and pg_has_role(session_user, c.relowner, 'member')) then 'owner'
       when pg_has_role(session_user, 'tocsin_service', 'usage') then 'inherits'
       when current_user not in ('tocsin_service', 'tocsin_worker') then 'roles'
       when $1 <> 'web' and current_user <> 'tocsin_worker' then 'worker'
     end as reason, current_user as role,
     array(select one from pg_db_role_setting s, unnest(s.setconfig) one
       where s.setrole = r.oid and s.setdatabase in (0, d.oid) order by s.setdatabase = 0) as settings
     from pg_roles r, pg_database d where r.rolname = session_user and d.datname = current_database()`,
    [role],
  )
  return rows[0] ?? { login: '', reason: 'roles', settings: [], role: '' }
}

const UNIT_MS: Readonly<Record<string, number>> = { '': 1, us: 0.001, ms: 1, s: 1000, min: 60_000 }

/** Returns the milliseconds of a setting of PostgreSQL, such as `15s` or `15000`; NaN for longer units and other texts. */
function millisecondsOf(setting: string): number {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?) *([a-z]*)$/.exec(setting.trim()) ?? []
  return Number(number) * (UNIT_MS[unit] ?? Number.NaN)
}
