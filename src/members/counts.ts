import { sql } from 'kysely'
import type { Tx } from '../platform/db.ts'

/** Older than that, of each month its last day alone is kept. */
const DAILY_DAYS = 62

/**
 * Notes how many members each scheme has today (in France), by trade and commune; the last word of a day is what it ends
 * with.
 */
export async function countMembers(tx: Tx, now: Date): Promise<void> {
  await sql`
    with today as (
      select (${now}::timestamptz at time zone 'Europe/Paris')::date as day
    ), counted as (
      select m.scheme_id, t.day, m.trade, m.commune_code, count(*)::int as active from today t, members m
      where m.status = 'active' group by 1, 2, 3, 4
    ), gone as (
      -- The last member of a trade in a commune left today.
      update member_counts c set active = 0 from today t
      where c.day = t.day and not exists (
        select from counted n where n.scheme_id = c.scheme_id and n.trade = c.trade and n.commune_code = c.commune_code)
    ), thinned as (
      delete from member_counts c using today t
      where c.day < t.day - ${DAILY_DAYS}::int and exists (
        select from member_counts l where l.scheme_id = c.scheme_id
          and l.day > c.day and l.day < (date_trunc('month', c.day) + interval '1 month')::date)
    )
    insert into member_counts (scheme_id, day, trade, commune_code, active)
    select scheme_id, day, trade, commune_code, active from counted
    on conflict (scheme_id, day, trade, commune_code) do update set active = excluded.active`.execute(tx)
}
