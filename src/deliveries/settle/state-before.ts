import { type RawBuilder, sql } from 'kysely'
import { type Db, hasOldValues } from '../../platform/db.ts'

/**
 * Returns the parts of an update of deliveries `d` from the rows `o` of a batch: its source, which is again named `o`, the condition
 * that a delivery matches a row, and the state of a delivery before the update. PostgreSQL before 18 cannot return that state, so the
 * source locks and reads each delivery first, after any transaction that is changing it.
 * @param matchesRow the condition that a delivery `d` matches a row `o` of the batch
 */
export function withStateBefore(db: Db, matchesRow: RawBuilder<unknown>) {
  if (hasOldValues(db)) return { source: sql`o`, on: matchesRow, state: sql`old.state` }
  return {
    // Each row of the batch reads its delivery by the key, whatever PostgreSQL estimates.
    source: sql`(
      select o.*, before.* from o
      cross join lateral (
        select d.state as was, d.scheme_id as was_scheme, d.broadcast_id as was_broadcast, d.no as was_no
        from deliveries d where ${matchesRow} for no key update
      ) before
    ) o`,
    on: sql`d.scheme_id = o.was_scheme and d.broadcast_id = o.was_broadcast and d.no = o.was_no`,
    state: sql`o.was`,
  }
}
