import { sql } from 'kysely'
import { METROPOLITAN_ZONE } from '../message/clock.ts'
import type { Tx } from '../platform/db.ts'

/** Counts older than this many days are kept for the last day of each month only. */
const DAILY_DAYS = 62

/**
 * Records how many members each scheme has today (in its time zone), by trade and commune. A later count of the same day replaces
 * the earlier one.
 */
export async function recordDailyMemberCounts(tx: Tx, now: Date): Promise<void> {
  const today = sql`(${now}::timestamptz at time zone coalesce(s.time_zone, ${METROPOLITAN_ZONE}))::date`
  await sql`
    with counted as (
      select m.scheme_id, ${today} as day, m.trade, m.commune_code, count(*)::int as active
      from members m join schemes s on s.id = m.scheme_id where m.status = 'active' group by 1, 2, 3, 4
    ), gone as (
      -- The last member of a trade in a commune left today.
      update member_counts c set active = 0 from schemes s
      where c.scheme_id = s.id and c.day = ${today} and not exists (
        select from counted n where n.scheme_id = c.scheme_id and n.trade = c.trade and n.commune_code = c.commune_code)
    )
    insert into member_counts (scheme_id, day, trade, commune_code, active)
    select scheme_id, day, trade, commune_code, active from counted
    on conflict (scheme_id, day, trade, commune_code) do update set active = excluded.active`.execute(tx)
  // Walks from one day to the next by the key, so that one of a day's thousands of rows is read. Joining the rows with each
  // other took minutes in a database whose tables had not been analysed yet.
  await sql`
    with recursive days as (
      (select scheme_id, day from member_counts order by scheme_id, day limit 1)
      union all
      select n.scheme_id, n.day from days d cross join lateral (
        select c.scheme_id, c.day from member_counts c
        where (c.scheme_id, c.day) > (d.scheme_id, d.day) order by c.scheme_id, c.day limit 1) n
    ), of_months as (
      select scheme_id, day, max(day) over (partition by scheme_id, date_trunc('month', day)) as last from days
    )
    delete from member_counts c using of_months o, schemes s
    where s.id = c.scheme_id and c.scheme_id = o.scheme_id and c.day = o.day and o.day < o.last and o.day < ${today} - ${DAILY_DAYS}::int`.execute(
    tx,
  )
}
