import { sql } from 'kysely'
import type { Database } from '../../src/platform/db.ts'
import { asTableOwner } from './table-owner.ts'

/** Databases that have the function below. */
const prepared = new WeakSet<Database>()

/**
 * Deletes the rows of tables, and of all tables that refer to them, whatever triggers and foreign keys say. `truncate … cascade` writes
 * new files for each table and index, and needs a connection as the owner: together ten times as long for the few rows of a test.
 */
export async function emptyTables(database: Database, tables: readonly string[]): Promise<void> {
  if (!prepared.has(database)) {
    await asTableOwner(database, (tx) => sql.raw(EMPTY_TABLES).execute(tx))
    prepared.add(database)
  }
  await sql`select empty_tables(${sql.val(tables)}::text[])`.execute(database.db)
}

const EMPTY_TABLES = `
  create function empty_tables(names text[]) returns void language plpgsql security definer
    set session_replication_role = replica as $$
  declare
    emptied regclass;
  begin
    for emptied in
      with recursive emptied (id) as (
        select name::regclass::oid from unnest(names) as n (name)
        union select c.conrelid from emptied e join pg_constraint c on c.contype = 'f' and c.confrelid = e.id)
      select id from emptied
    loop
      execute format('delete from %s', emptied);
    end loop;
  end $$`
