import { sql } from 'kysely'
import type { Tx } from '../platform/db.ts'

/** A column that can hold numbers or pseudonyms. */
export interface Column {
  readonly table: string
  readonly name: string
  readonly kind: 'text' | 'json' | 'array'
}

/** Tables that describe the database itself. */
const WITHOUT = ['encryption', 'pseudonyms', 'schema_migrations']
/** The chain of the record, whose entries cannot be changed. */
export const CHAIN = 'audit_entries'

/**
 * Lists the columns of every table that can hold text, from the catalogue, so that none is forgotten.
 * @param without tables left out too
 */
export async function listColumns(tx: Tx, without: readonly string[] = []): Promise<Column[]> {
  const { rows } = await sql<Column>`
    select c.relname as "table", a.attname as name,
      case when t.oid = 'text'::regtype then 'text' when t.oid = 'jsonb'::regtype then 'json' else 'array' end as kind
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
      join pg_type t on t.oid = a.atttypid
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and t.oid in ('text'::regtype, 'jsonb'::regtype, 'text[]'::regtype)
      and c.relname <> all (${[...WITHOUT, ...without]}::text[])
    order by c.relname, a.attnum`.execute(tx)
  return rows
}
