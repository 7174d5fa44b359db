import type { Cipher } from '../cipher/cipher.ts'
import type { Config } from '../config.ts'
import type { Deps } from '../deps.ts'
import { encryptNumbers } from '../encryption/first.ts'
import { AppError } from '../errors.ts'
import { installJobs } from '../jobs.ts'
import { type Database, openDatabase, TAKE_ROLE } from '../platform/db.ts'
import { migrate } from '../platform/migrate.ts'

/** What a start did to the database. */
export interface Prepared {
  /** The versions of the migrations applied. */
  readonly migrated: readonly number[]
  /** The number of values with a number that were stored under a pseudonym; undefined: nothing was to do. */
  readonly encrypted: number | undefined
}

/**
 * Applies the migrations that the database lacks, and those of the jobs, with the login of the owner if one is configured; then
 * encrypts its numbers if that was not done and there are keys.
 * @throws AppError as `migrate`, as `openDatabase` for the login of the owner, and `keys_refused`
 */
export async function prepareSchema(
  { databaseOwnerUrl }: Pick<Config, 'databaseOwnerUrl'>,
  database: Database,
  { now, cipher }: Pick<Deps, 'now' | 'cipher'>,
): Promise<Prepared> {
  if (databaseOwnerUrl === undefined) return prepareWith(database, now, cipher)
  const owner = await openDatabase({ kind: 'postgres', url: databaseOwnerUrl, poolSize: 1 })
  try {
    return await prepareWith(owner, now, cipher)
  } finally {
    await owner.close()
    // The connection that opened before there was a role to take.
    await database.pool.query(TAKE_ROLE)
  }
}

async function prepareWith(database: Database, now: () => Date, cipher: Cipher): Promise<Prepared> {
  const migrated = await migrate(database.db, now)
  await installJobs(database)
  return { migrated, encrypted: await encryptNumbers(database, cipher) }
}

/**
 * Refuses a login with which row-level security could be undone from inside: a superuser, the owner of a table, one that bypasses
 * row security or has the rights across schemes without taking their role; and one that cannot do the work of the process.
 * @throws AppError `database_login` with the statements to run
 */
export async function requireProcessLogin(
  { pool }: Pick<Database, 'pool'>,
  role: Config['role'],
): Promise<void> {
  const { rows } = await pool.query<{ login: string; reason: string | null }>(
    `select session_user as login, case
       when r.rolsuper then 'superuser'
       when r.rolbypassrls then 'bypass'
       when exists (select from pg_class c where c.relnamespace = 'public'::regnamespace
         and pg_has_role(session_user, c.relowner, 'member')) then 'owner'
       when pg_has_role(session_user, 'tocsin_service', 'usage') then 'inherits'
       when current_user not in ('tocsin_service', 'tocsin_worker') then 'roles'
       when $1 <> 'web' and current_user <> 'tocsin_worker' then 'worker'
     end as reason
     from pg_roles r where r.rolname = session_user`,
    [role],
  )
  const { login = '', reason = null } = rows[0] ?? {}
  if (reason !== null) throw new AppError('database_login', { values: { login, reason } })
}
