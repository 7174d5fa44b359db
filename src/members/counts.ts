import { sql } from 'kysely'
import type { Tx } from '../platform/db.ts'

/** Notes how many members each scheme has today (in France), by trade; the last word of a day is what it ends with. */
export async function countMembers(tx: Tx, now: Date): Promise<void> {
  await sql`
    with today as (
      select (${now}::timestamptz at time zone 'Europe/Paris')::date as day
    ), counted as (
      select m.scheme_id, t.day, m.trade, count(*)::int as active from today t, members m
      where m.status = 'active' group by 1, 2, 3
    ), gone as (
      -- The last member of a trade left today.
      update member_counts c set active = 0 from today t
      where c.day = t.day and not exists (
        select from counted n where n.scheme_id = c.scheme_id and n.trade = c.trade)
    )
    insert into member_counts (scheme_id, day, trade, active) select scheme_id, day, trade, active from counted
    on conflict (scheme_id, day, trade) do update set active = excluded.active`.execute(tx)
}
