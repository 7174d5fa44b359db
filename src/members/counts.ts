import { sql } from 'kysely'
import { METROPOLITAN_ZONE } from '../message/clock.ts'
import type { Tx } from '../platform/db.ts'
import type { MemberStatus } from '../schema.ts'
import type { MemberCounts, MemberQuery } from './contract.ts'
import { type MemberScope, memberFilters, memberFilterTables } from './filters.ts'

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

export async function countMembers(
  tx: Tx,
  schemeId: string,
  query: Partial<MemberQuery>,
  only: MemberScope,
): Promise<MemberCounts> {
  const { rows } = await sql<{ status: MemberStatus | null; trade: string | null; members: number }>`
    select m.status, m.trade, count(*)::int as members
    from ${memberFilterTables(query)}
    where ${memberFilters(schemeId, query, only)}
    group by grouping sets ((m.status), (m.trade))
    order by members desc, m.trade`.execute(tx)
  const byStatus = { pending: 0, active: 0, suspended: 0, left: 0 }
  for (const row of rows) if (row.status !== null) byStatus[row.status] = row.members
  return {
    total: byStatus.pending + byStatus.active + byStatus.suspended + byStatus.left,
    byStatus,
    byTrade: rows.flatMap((row) => (row.trade === null ? [] : [{ trade: row.trade, members: row.members }])),
  }
}

/** Counts the active members, of these trades or of all, by the cells that the database maintains. */
export async function countActiveMembers(
  tx: Tx,
  schemeId: string,
  { trades }: Pick<MemberScope, 'trades'>,
): Promise<number> {
  const { rows } = await sql<{ members: number }>`
    select coalesce(sum(members), 0)::int as members from audience_cells
    where scheme_id = ${schemeId} and commune_code = ''
      and ${trades === undefined ? sql`true` : sql`trade = any (${trades}::text[])`}`.execute(tx)
  return rows[0]?.members ?? 0
}
