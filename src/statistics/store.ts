import { type RawBuilder, sql } from 'kysely'
import { solicitationSince } from '../alerts/audience/care.ts'
import { countSolicitations, KEPT_LATEST } from '../alerts/audience/solicitations.ts'
import { UNCOUNTED_KINDS } from '../deliveries/kinds.ts'
import { tallyOf } from '../deliveries/settle/tallies.ts'
import { timeZoneSql } from '../platform/database/time-zone.ts'
import type { Tx } from '../platform/db.ts'
import type { Reach, Statistics } from './contract.ts'

/** Selects the reports, alerts and messages that are counted. */
export interface Scope {
  readonly schemeId: string
  /** First day in French time, as 2026-03-01; `to` is included. */
  readonly from: string
  readonly to: string
  /** Undefined: all communes. */
  readonly communeCodes: readonly string[] | undefined
  /** Undefined: all trades. */
  readonly trades: readonly string[] | undefined
  readonly categoryCode: string | undefined
}

type Counted = Omit<Statistics, 'from' | 'to' | 'published' | 'behindSeconds'>

interface MonthRow {
  readonly month: string
  readonly calls: number
  readonly alerts: number
  readonly median: number | null
  readonly p90: number | null
  readonly reach: Reach
  readonly members: number | null
  readonly days: number
}

const NOTHING: Reach = { planned: 0, delivered: 0, failed: 0, expired: 0, withdrawn: 0 }
const REACHED = sql.raw(
  Object.keys(NOTHING)
    .map((name) => `coalesce(sum(${name}), 0)::int as ${name}`)
    .join(', '),
)

/**
 * Counts the statistics in the caller's transaction: finished broadcasts from their tallies, the others from their
 * deliveries.
 */
export async function readStatistics(tx: Tx, scope: Scope): Promise<Omit<Counted, 'fatigue'>> {
  const { rows } = await sql<{
    months: MonthRow[]
    total: { calls: number; alerts: number; median: number | null; p90: number | null; reach: Reach }
    categories: Counted['categories']
    hours: { hour: number; alerts: number }[]
    routes: Counted['routes']
  }>`
    with ${alertedCte(scope)}, ${messagesCte(scope)}, ${monthsCtes(scope)}
    select
      (select json_agg(row_to_json(m) order by m.month) from months m) as months,
      (select json_build_object('calls', (select coalesce(sum(calls), 0)::int from calls), 'alerts', t.alerts,
          'median', t.median, 'p90', t.p90, 'reach', (select ${reachObject(sql`r`)} from (select ${REACHED} from messages) r))
        from (select count(*)::int as alerts, ${selectTimes()} from alerted) t) as total,
      (select coalesce(json_agg(x order by x.alerts desc, x.code), '[]') from (
        select g.code, g.label_fr as "labelFr", g.label_en as "labelEn", count(*)::int as alerts
        from alerted a join categories g on g.scheme_id = ${scope.schemeId} and g.code = a.category_code group by 1, 2, 3) x) as categories,
      (select coalesce(json_agg(x), '[]') from (
        select hour, count(*)::int as alerts from alerted group by hour) x) as hours,
      (select coalesce(json_agg(x order by x.planned desc, x.gateway), '[]') from (
        select gateway, ${REACHED} from messages group by gateway) x) as routes`.execute(tx)
  const row = rows[0]
  if (row === undefined) throw new Error('the statistics query returned no row')
  const hours = new Map(row.hours.map(({ hour, alerts }) => [hour, alerts]))
  return {
    calls: row.total.calls,
    alerts: row.total.alerts,
    times: { median: row.total.median, p90: row.total.p90 },
    reach: row.total.reach,
    months: row.months.map(({ month, calls, alerts, median, p90, reach, members, days }) => ({
      month,
      calls,
      alerts,
      times: { median, p90 },
      reach,
      members,
      // An alert about a sector is also sent to members outside of it: a ratio to the members of the sector would
      // be wrong.
      perMemberAndWeek:
        members === null || members === 0 || scope.communeCodes !== undefined
          ? null
          : reach.delivered / members / (days / 7),
    })),
    categories: row.categories,
    places: await countByPlace(tx, scope),
    hours: Array.from({ length: 24 }, (_, hour) => hours.get(hour) ?? 0),
    routes: row.routes,
  }
}

/** SQL: `months`, what is counted of each month of the period, and what it is made of. */
function monthsCtes(scope: Scope): RawBuilder<unknown> {
  return sql`span as (
      select m::date as first, to_char(m, 'YYYY-MM') as month,
        least(${scope.to}::date, (m + interval '1 month' - interval '1 day')::date) as last,
        least(${scope.to}::date, (m + interval '1 month' - interval '1 day')::date) - greatest(${scope.from}::date, m::date) + 1 as days
      from generate_series(date_trunc('month', ${scope.from}::date::timestamp), ${scope.to}::date::timestamp, interval '1 month') m
    ), calls as (
      select to_char(r.called_at at time zone ${timeZoneSql(scope.schemeId)}, 'YYYY-MM') as month, count(*)::int as calls
      from reports r where ${callCondition(scope)} group by 1
    ), by_month as (
      select month, count(*)::int as alerts, ${selectTimes()} from alerted group by month
    ), reach_by_month as (
      select a.month, ${REACHED} from messages s join alerted a on a.id = s.alert_id group by a.month
    ), members_by_month as (
      select s.month, c.active from span s cross join lateral (
        select sum(n.active)::int as active from member_counts n
        where n.scheme_id = ${scope.schemeId} and ${tradeCondition(scope, sql`n.trade`)} and ${communeCondition(scope, sql`n.commune_code`)}
          -- Only the last day of old months is kept: a period that ends within such a month uses the day of the month before.
          and n.day = (select max(day) from member_counts
            where scheme_id = ${scope.schemeId} and day between s.first - 31 and s.last)
      ) c
    ), months as (
      select s.month, s.days, coalesce(c.calls, 0) as calls, coalesce(b.alerts, 0) as alerts, b.median, b.p90,
        ${reachObject(sql`r`)} as reach, m.active as members
      from span s left join calls c using (month) left join by_month b using (month)
        left join reach_by_month r using (month) left join members_by_month m using (month)
    )`
}

/** Reads the figures of each month of a period, oldest first, and the median of its months from `medianFrom` (2026-03) on. */
export async function readMonths(
  tx: Tx,
  scope: Scope,
  { medianFrom }: { readonly medianFrom: string },
): Promise<{ months: MonthRow[]; median: number | null }> {
  const { rows } = await sql<{ months: MonthRow[]; median: number | null }>`
    with ${alertedCte(scope)}, ${messagesCte(scope)}, ${monthsCtes(scope)}
    select (select json_agg(row_to_json(m) order by m.month) from months m) as months,
      (select y.median from (select ${selectTimes()} from alerted where month >= ${medianFrom}) y) as median`.execute(
    tx,
  )
  return rows[0] ?? { months: [], median: null }
}

const selectTimes = () =>
  sql`round(percentile_cont(0.5) within group (order by ms))::float8 as median,
    round(percentile_cont(0.9) within group (order by ms))::float8 as p90`

function reachObject(row: RawBuilder<unknown>): RawBuilder<unknown> {
  const fields = Object.keys(NOTHING).map(
    (name) => sql`${sql.lit(name)}, coalesce(${row}.${sql.raw(name)}, 0)`,
  )
  return sql`json_build_object(${sql.join(fields)})`
}

export const tradeCondition = ({ trades }: Scope, trade: RawBuilder<unknown>): RawBuilder<unknown> =>
  trades === undefined ? sql`true` : sql`${trade} = any (${[...trades]}::text[])`

export const communeCondition = (
  { communeCodes }: Scope,
  commune: RawBuilder<unknown>,
): RawBuilder<unknown> =>
  communeCodes === undefined ? sql`true` : sql`${commune} = any (${[...communeCodes]}::text[])`

/** SQL: condition on the reports `r` that are counted. */
function reportCondition(scope: Scope): RawBuilder<unknown> {
  const { schemeId, from, to, categoryCode } = scope
  return sql`r.scheme_id = ${schemeId} and not r.exercise
    and r.called_at >= ${from}::date::timestamp at time zone ${timeZoneSql(scope.schemeId)}
    and r.called_at < (${to}::date + 1)::timestamp at time zone ${timeZoneSql(scope.schemeId)}
    and ${communeCondition(scope, sql`r.commune_code`)}
    ${categoryCode === undefined ? sql`` : sql`and r.category_code = ${categoryCode}`}`
}

/** SQL: condition on the reports `r` that are calls: a report from the portal is one only if its author called 17 too. */
export function callCondition(scope: Scope): RawBuilder<unknown> {
  return sql`${reportCondition(scope)} and r.called17 is not false`
}

/** SQL: `alerted`, the alerts that were ordered, once each. */
export function alertedCte(scope: Scope): RawBuilder<unknown> {
  const { trades } = scope
  return sql`alerted as materialized (
    select a.id, a.category_code, r.commune_code,
      to_char(r.called_at at time zone ${timeZoneSql(scope.schemeId)}, 'YYYY-MM') as month,
      extract(hour from r.called_at at time zone ${timeZoneSql(scope.schemeId)})::int as hour,
      case when r.called17 is not false then extract(epoch from b.first_submit_at - r.called_at) * 1000 end as ms
    from reports r
    join alerts a on a.scheme_id = r.scheme_id and a.report_id = r.id and not a.exercise
    join broadcasts b on b.scheme_id = a.scheme_id and b.alert_id = a.id and b.kind = 'first'
    where ${reportCondition(scope)}
      ${trades === undefined ? sql`` : sql`and (a.trades = '{}' or a.trades && ${[...trades]}::text[])`}
  )`
}

/** SQL: `messages`, the states of the messages of those alerts including follow-ups. */
function messagesCte(scope: Scope): RawBuilder<unknown> {
  return sql`sent as materialized (
    select b.scheme_id, b.id, b.alert_id, b.tallied_at from alerted a
    join broadcasts b on b.scheme_id = ${scope.schemeId} and b.alert_id = a.id
    where b.kind not in ${UNCOUNTED_KINDS}
  ), messages as materialized (
    select s.alert_id, t.gateway, t.planned, t.delivered, t.failed, t.expired, t.withdrawn
    from sent s join delivery_tallies t on t.scheme_id = s.scheme_id and t.broadcast_id = s.id
    where s.tallied_at is not null and ${tradeCondition(scope, sql`t.trade`)}
    union all
    select s.alert_id, t.gateway, t.planned, t.delivered, t.failed, t.expired, t.withdrawn
    from sent s cross join lateral (${tallyOf(sql`s.scheme_id`, sql`s.id`)}) t
    where s.tallied_at is null and ${tradeCondition(scope, sql`t.trade`)}
  )`
}

/** Counts the numbers that receive alerts, by how many they received in seven days. */
export async function readFatigue(tx: Tx, scope: Scope, now: Date): Promise<Counted['fatigue']> {
  const { schemeId } = scope
  await countSolicitations(tx, schemeId, { since: solicitationSince(now) })
  const since = sql`${solicitationSince(now)}::timestamptz`
  const latest = Array.from(
    { length: KEPT_LATEST },
    (_, i) => sql`coalesce((s.latest[${sql.lit(i + 1)}] >= ${since})::int, 0)`,
  )
  const { rows } = await sql<Counted['fatigue']>`
    select (count(*) filter (where n = 0))::int as none, (count(*) filter (where n = 1))::int as one,
      (count(*) filter (where n = 2))::int as two, (count(*) filter (where n = 3))::int as three,
      (count(*) filter (where n > 3))::int as more
    from (
      select c.mobile, max(${sql.join(latest, sql` + `)}) as n
      from members m join contacts c on c.scheme_id = m.scheme_id and c.member_id = m.id
      left join solicitations s on s.scheme_id = c.scheme_id and s.phone = c.mobile
      where m.scheme_id = ${schemeId} and m.status = 'active' and c.sms and c.mobile is not null
        and ${tradeCondition(scope, sql`m.trade`)}
        and ${communeCondition(scope, sql`m.commune_code`)}
      group by c.mobile
    ) x`.execute(tx)
  return rows[0] ?? { none: 0, one: 0, two: 0, three: 0, more: 0 }
}

async function countByPlace(tx: Tx, scope: Scope): Promise<Counted['places']> {
  const { rows: drawn } = await sql<{ has: boolean }>`
    select exists (select from sectors where scheme_id = ${scope.schemeId} and removed_at is null) as has`.execute(
    tx,
  )
  const kind = drawn[0]?.has === true ? 'sector' : 'arrondissement'
  const places =
    kind === 'sector'
      ? sql`select id::text as id, name, unnest(commune_codes) as commune_code from sectors
        where scheme_id = ${scope.schemeId} and removed_at is null`
      : sql`select x.code as id, x.name, c.code as commune_code
          from arrondissements x join communes c on c.arrondissement_code = x.code`
  const { rows } = await sql<{ id: string | null; name: string | null; alerts: number; members: number }>`
    with ${alertedCte(scope)}, places as (${places}), members_of as (
      select p.id, count(*)::int as members from members m join places p using (commune_code)
      where m.scheme_id = ${scope.schemeId} and m.status = 'active' and ${tradeCondition(scope, sql`m.trade`)}
      group by 1)
    select p.id, p.name, count(*)::int as alerts, coalesce(max(o.members), 0) as members
    from alerted a left join places p using (commune_code) left join members_of o on o.id = p.id
    group by 1, 2 order by 3 desc, 2`.execute(tx)
  return {
    kind,
    list: rows.flatMap(({ id, name, alerts, members }) =>
      id === null || name === null ? [] : [{ id, name, alerts, members }],
    ),
    elsewhere: rows.find(({ id }) => id === null)?.alerts ?? 0,
  }
}

/** Counts the figures that the public page of a scheme may show. */
export async function readPublicFigures(
  tx: Tx,
  scope: Scope,
): Promise<{ alerts: number; delivered: number; median: number | null; p90: number | null }> {
  const { rows } = await sql<{
    alerts: number
    delivered: number
    median: number | null
    p90: number | null
  }>`
    with ${alertedCte(scope)}, ${messagesCte(scope)}
    select count(*)::int as alerts, ${selectTimes()},
      (select coalesce(sum(delivered), 0)::int from messages) as delivered from alerted`.execute(tx)
  return rows[0] ?? { alerts: 0, delivered: 0, median: null, p90: null }
}
