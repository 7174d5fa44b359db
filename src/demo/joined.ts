import { sql } from 'kysely'
import type { Deps } from '../deps.ts'
import { METROPOLITAN_ZONE } from '../message/clock.ts'
import { acrossSchemes } from '../platform/db.ts'

/** Range of days ago at which members joined; contacts confirmed their number within the last days. */
const JOINED_DAYS = { oldest: 1095, newest: 46 } as const
const CONFIRMED_DAYS = 330
/** Months with a count of members. */
const MONTHS = 13

/** SQL: a number below `below` derived from an id, the same at every start. */
const chance = (id: ReturnType<typeof sql>, below: number) =>
  sql`(('x' || substr(md5(${id}::text), 1, 7))::bit(28)::int % ${sql.lit(below)})`

/** Sets the day on which each demo member joined, over three years, and the monthly member counts of the schemes. */
export async function seedDemoJoining(deps: Pick<Deps, 'db' | 'now'>): Promise<void> {
  const now = deps.now()
  const spread = JOINED_DAYS.oldest - JOINED_DAYS.newest
  await acrossSchemes(deps.db, async (tx) => {
    await sql`
      update members m set created_at = j.at, updated_at = j.at from (
        select scheme_id, id, ${now}::timestamptz
          - make_interval(days => ${sql.lit(JOINED_DAYS.newest)} + ${chance(sql`id`, spread)}, mins => ${chance(sql`search_name`, 540)}) as at
        from members) j
      where m.scheme_id = j.scheme_id and m.id = j.id`.execute(tx)
    await sql`
      update contacts c set mobile_at = greatest(m.created_at, ${now}::timestamptz - make_interval(days => 5 + ${chance(sql`c.id`, CONFIRMED_DAYS)}))
      from members m where m.scheme_id = c.scheme_id and m.id = c.member_id`.execute(tx)
    await sql`
      insert into member_counts (scheme_id, day, trade, commune_code, active)
      select m.scheme_id, d.day, m.trade, m.commune_code, count(*)
      from (select s.id as scheme_id, zone,
          (date_trunc('month', (${now}::timestamptz at time zone zone)) - make_interval(months => n))::date - 1 as day
        from schemes s, lateral (select coalesce(s.time_zone, ${METROPOLITAN_ZONE}) as zone) z,
          generate_series(0, ${sql.lit(MONTHS - 1)}) n) d
      join members m on m.scheme_id = d.scheme_id and m.status = 'active' and (m.created_at at time zone d.zone)::date <= d.day
      group by 1, 2, 3, 4
      on conflict do nothing`.execute(tx)
  })
}
