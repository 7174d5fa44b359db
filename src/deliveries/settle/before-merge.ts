import { type RawBuilder, sql } from 'kysely'

/**
 * Returns the source of the merge, named `o`, and the state of a delivery before it. Without old values in RETURNING, the state
 * is read with a lock first: a row that another transaction changes meanwhile is read after it.
 * @param isRow matches a delivery `d` with a row `o` of the batch
 */
export function beforeMerge(hasOld: boolean, isRow: RawBuilder<unknown>) {
  if (hasOld) return { source: sql`o`, state: sql`old.state` }
  return {
    // Each row of the batch reads its delivery by the key, whatever PostgreSQL estimates.
    source: sql`(
      select o.*, before.was from o
      cross join lateral (select d.state as was from deliveries d where ${isRow} for no key update) before
    ) o`,
    state: sql`o.was`,
  }
}
