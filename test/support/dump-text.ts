import { sql } from 'kysely'
import { AS_STORED } from '../../src/platform/database/client.ts'
import type { Database } from '../../src/platform/db.ts'
import { asTableOwner } from './table-owner.ts'

/** Returns the rows of all tables as text, as a dump would show them, with the jobs, but without the communes of France. */
export async function dumpText(database: Database): Promise<string> {
  return asTableOwner(database, async (tx) => {
    const { rows } = await sql<{ text: string | null }>`${AS_STORED}
      select string_agg(query_to_xml(format('select * from %I.%I', schemaname, tablename), true, false, '')::text, E'\\n') as text
      from pg_tables where schemaname in ('public', 'pgboss') and tablename <> 'communes'`.execute(tx)
    return rows[0]?.text ?? ''
  })
}
