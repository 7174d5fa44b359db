import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { sql } from 'kysely'
import { AppError } from '../errors.ts'
import type { Db } from './db.ts'

interface Migration {
  readonly version: number
  readonly name: string
  readonly text: string
  readonly hash: string
}

const DIRECTORY = new URL('../../migrations/', import.meta.url)

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
 * @throws AppError `schema_older` when the program has to migrate it first; `schema_newer`, `schema_differs` like `migrate`
 */
export async function requireMigrated(db: Db, directory: URL = DIRECTORY): Promise<void> {
  const known = readMigrations(directory)
  const { rows } = await sql<{ found: boolean }>`
    select to_regclass('schema_migrations') is not null as found`.execute(db)
  const applied = rows[0]?.found
    ? await db.selectFrom('schemaMigrations').select(['version', 'name', 'hash']).execute()
    : []
  const missing = findMissing(known, applied)
  if (missing.length > 0) throw new AppError('schema_older', { values: { count: missing.length } })
}

/**
 * Lists the known migrations that a database lacks.
 * @throws AppError `schema_newer`, `schema_differs`
 */
function findMissing(
  known: readonly Migration[],
  applied: readonly Pick<Migration, 'version' | 'name' | 'hash'>[],
): Migration[] {
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
 * Applies the migrations that the database lacks, all in one transaction. Forward only.
 * @returns the versions applied by this call
 * @throws AppError `schema_newer` when the database has a version unknown to this program, `schema_differs` when the text of
 * an applied migration differs from the known one
 */
export function migrate(db: Db, now: () => Date, directory: URL = DIRECTORY): Promise<number[]> {
  const known = readMigrations(directory)
  return db.transaction().execute(async (tx) => {
    await sql`select pg_advisory_xact_lock(${ADVISORY_KEY})`.execute(tx)
    await sql`create table if not exists schema_migrations (
      version integer primary key, name text not null, hash text not null, applied_at timestamptz not null)`.execute(
      tx,
    )
    const applied = await tx.selectFrom('schemaMigrations').selectAll().orderBy('version').execute()
    const missing = findMissing(known, applied)
    for (const { version, name, text, hash } of missing) {
      await sql.raw(text).execute(tx)
      await tx.insertInto('schemaMigrations').values({ version, name, hash, appliedAt: now() }).execute()
    }
    return missing.map((migration) => migration.version)
  })
}
