import { sql } from 'kysely'
import { type Database, openDatabase, type Tx } from '../../src/platform/db.ts'
import { asOwnerUrl } from './owner-url.ts'

/**
 * Runs work in one transaction as the owner of the tables, which the program never is: to change tables and triggers, to
 * truncate, or to do what an intruder who holds the database could.
 */
export async function asTableOwner<T>(database: Database, work: (tx: Tx) => Promise<T>): Promise<T> {
  const url = database.pool.options.connectionString
  const owner =
    url === undefined ? database : await openDatabase({ kind: 'postgres', url: asOwnerUrl(url), poolSize: 1 })
  try {
    return await owner.db.transaction().execute(async (tx) => {
      await sql`select set_config('role', 'none', true)`.execute(tx)
      return work(tx)
    })
  } finally {
    if (owner !== database) await owner.close()
  }
}
