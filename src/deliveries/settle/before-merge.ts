import { type RawBuilder, sql } from 'kysely'
import { type Db, hasOldValues } from '../../platform/db.ts'

/**
 * Returns the source of the update of a batch, named `o`, how a delivery `d` matches its rows, and the state of a delivery before
 * it. Without old values in RETURNING, the state is read with a lock first: a row that another transaction changes meanwhile is
 * read after it.
 * @param isRow matches a delivery `d` with a row `o` of the batch
 */
export function beforeMerge(db: Db, isRow: RawBuilder<unknown>) {
  if (hasOldValues(db)) return { source: sql`o`, on: isRow, state: sql`old.state` }
  return {
    // Each row of the batch reads its delivery by the key, whatever PostgreSQL estimates.
    source: sql`(
      select o.*, before.* from o
      cross join lateral (
        select d.state as was, d.scheme_id as was_scheme, d.broadcast_id as was_broadcast, d.no as was_no
        from deliveries d where ${isRow} for no key update
      ) before
    ) o`,
    on: sql`d.scheme_id = o.was_scheme and d.broadcast_id = o.was_broadcast and d.no = o.was_no`,
    state: sql`o.was`,
  }
}
