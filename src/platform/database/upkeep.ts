import type { Database } from '../db.ts'

/**
 * Selects the tables that are due for a vacuum: those without statistics, and those that changed as much as autovacuum allows
 * (its defaults, PostgreSQL 18, section 19.10). Counts of changes are lost when the program stops; the size of a table is
 * not.
 */
const DUE = `
  select c.oid::regclass::text as name from pg_stat_user_tables s join pg_class c on c.oid = s.relid and c.relkind = 'r'
  where c.reltuples < 0 or s.n_mod_since_analyze > 50 + 0.1 * c.reltuples or s.n_dead_tup > 50 + 0.2 * c.reltuples
    or pg_relation_size(c.oid) > (8 + 1.2 * c.relpages) * current_setting('block_size')::integer
  order by s.last_vacuum nulls first, c.relpages, c.oid`

/**
 * Does for the embedded database what autovacuum does for a server: frees space, and updates the planner's statistics. Each
 * table is vacuumed in a statement of its own, so that other work waits for one table at most.
 * @param mayGoOn called before each table; false stops
 * @returns the vacuumed tables
 */
export async function vacuumDueTables(
  { pool }: Pick<Database, 'pool'>,
  mayGoOn: () => boolean | Promise<boolean>,
): Promise<string[]> {
  await pool.query('select pg_stat_force_next_flush()')
  const { rows } = await pool.query<{ name: string }>(DUE)
  const vacuumed: string[] = []
  for (const { name } of rows) {
    if (!(await mayGoOn())) break
    await pool.query(`vacuum (analyze) ${name}`)
    vacuumed.push(name)
  }
  return vacuumed
}
