import type { Database } from './db.ts'

/**
 * Tables whose upkeep is due: those of which nothing is known, and those of which as much changed as autovacuum lets pass (its
 * defaults, PostgreSQL 18, section 19.10). What changed is forgotten when the program stops; that a table grew is not.
 */
const DUE = `
  select c.oid::regclass::text as name from pg_stat_user_tables s join pg_class c on c.oid = s.relid and c.relkind = 'r'
  where c.reltuples < 0 or s.n_mod_since_analyze > 50 + 0.1 * c.reltuples or s.n_dead_tup > 50 + 0.2 * c.reltuples
    or pg_relation_size(c.oid) > (8 + 1.2 * c.relpages) * current_setting('block_size')::integer
  order by s.last_vacuum nulls first, c.relpages, c.oid`

/**
 * Does for the embedded database what autovacuum does for a server: gives room back, and lets the planner know what tables hold. One
 * table after the other, each in a statement of its own: whoever waits for the connection waits for one table.
 * @param mayGoOn asked before each @returns the tables
 */
export async function keepTables(
  { pool }: Pick<Database, 'pool'>,
  mayGoOn: () => boolean | Promise<boolean>,
): Promise<string[]> {
  await pool.query('select pg_stat_force_next_flush()')
  const { rows } = await pool.query<{ name: string }>(DUE)
  const kept: string[] = []
  for (const { name } of rows) {
    if (!(await mayGoOn())) break
    await pool.query(`vacuum (analyze) ${name}`)
    kept.push(name)
  }
  return kept
}
