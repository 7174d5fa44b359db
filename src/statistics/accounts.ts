import { type RawBuilder, sql } from 'kysely'
import type { Tx } from '../platform/db.ts'
import type { RefusalCode } from '../reports/contract.ts'
import type { CommitteeAccounts } from './contract.ts'
import {
  alertedCte,
  callCondition,
  communeCondition,
  readStatistics,
  type Scope,
  tradeCondition,
} from './store.ts'

type Outcome = CommitteeAccounts['outcomes'][number]['code']

/** The figures of one period in the committee's report. */
interface Period {
  readonly calls: number
  readonly alerts: number
  readonly delivered: number
  readonly median: number | null
  readonly p90: number | null
  readonly states: Readonly<Record<string, number>>
  readonly refusals: Readonly<Partial<Record<RefusalCode, number>>>
  readonly outcomes: Readonly<Partial<Record<Outcome, number>>>
  readonly categories: readonly { code: string; labelFr: string; labelEn: string; alerts: number }[]
  readonly trades: Readonly<Record<string, number>> | null
}

/** Returns the same day of the year before: 2025-02-28 for 2026-02-28 and for 2028-02-29 the 28th. */
export function yearBefore(day: string): string {
  const before = `${Number(day.slice(0, 4)) - 1}${day.slice(4)}`
  return before.endsWith('-02-29') ? before.replace(/29$/, '28') : before
}

/**
 * Counts calls, refusals, outcomes and members of a period and of the same days a year before, which are left out where they are
 * not whole.
 * @param isOfTrade calls and refusals are left out, since a call has no trade
 */
export async function readAccounts(
  tx: Tx,
  scope: Scope,
  { isOfTrade, keptSince }: { readonly isOfTrade: boolean; readonly keptSince: string },
): Promise<Omit<CommitteeAccounts, 'behindSeconds'>> {
  const earlier = { ...scope, from: yearBefore(scope.from), to: yearBefore(scope.to) }
  const now = await readPeriod(tx, scope)
  const before = await readPeriod(tx, earlier)
  // On its first day the purge deletes by the hour.
  const isComplete = earlier.from > keptSince
  const both = <T>(read: (period: Period) => T) => ({
    now: read(now),
    before: isComplete ? read(before) : null,
  })
  const codes = <Code extends string>(read: (period: Period) => Readonly<Partial<Record<Code, number>>>) =>
    [...new Set([...Object.keys(read(now)), ...(isComplete ? Object.keys(read(before)) : [])] as Code[])]
      .map((code) => ({ code, ...both((period) => read(period)[code] ?? 0) }))
      .toSorted((a, b) => b.now - a.now || (b.before ?? 0) - (a.before ?? 0) || a.code.localeCompare(b.code))
  const trades = [...new Set([...Object.keys(now.trades ?? {}), ...Object.keys(before.trades ?? {})])]
    .map((code) => ({
      code,
      now: now.trades === null ? null : (now.trades[code] ?? 0),
      before: before.trades === null ? null : (before.trades[code] ?? 0),
    }))
    .toSorted(
      (a, b) =>
        (b.now ?? 0) - (a.now ?? 0) || (b.before ?? 0) - (a.before ?? 0) || a.code.localeCompare(b.code),
    )
  const labels = new Map([...before.categories, ...now.categories].map((one) => [one.code, one]))
  const members = (period: Period) =>
    period.trades === null ? null : Object.values(period.trades).reduce((sum, count) => sum + count, 0)
  return {
    from: scope.from,
    to: scope.to,
    before: { from: earlier.from, to: earlier.to, isComplete },
    calls: isOfTrade ? null : both(({ calls }) => calls),
    waiting: isOfTrade ? null : both(({ states }) => states.waiting ?? 0),
    refused: isOfTrade ? null : both(({ states }) => states.refused ?? 0),
    alerts: both(({ alerts }) => alerts),
    delivered: both(({ delivered }) => delivered),
    half: both(({ median }) => median),
    ninety: both(({ p90 }) => p90),
    // Counts of members are kept when reports are purged.
    members: { now: members(now), before: members(before) },
    refusals: isOfTrade ? null : codes(({ refusals }) => refusals),
    outcomes: codes(({ outcomes }) => outcomes),
    categories: codes(({ categories }) =>
      Object.fromEntries(categories.map(({ code, alerts }) => [code, alerts])),
    ).map((one) => ({
      ...one,
      labelFr: labels.get(one.code)?.labelFr ?? one.code,
      labelEn: labels.get(one.code)?.labelEn ?? one.code,
    })),
    trades,
  }
}

async function readPeriod(tx: Tx, scope: Scope): Promise<Period> {
  const counted = await readStatistics(tx, scope)
  const { rows } = await sql<Pick<Period, 'states' | 'refusals' | 'outcomes' | 'trades'>>`
    with ${alertedCte(scope)}
    select ${countsOf(sql`select r.state as code from reports r where ${callCondition(scope)}`)} as states,
      ${countsOf(sql`select r.refusal_code as code from reports r where ${callCondition(scope)} and r.state = 'refused'`)} as refusals,
      ${countsOf(sql`select coalesce(a.outcome, 'none') as code from alerted
        join alerts a on a.scheme_id = ${scope.schemeId} and a.id = alerted.id`)} as outcomes,
      (select json_object_agg(trade, active) from (
        select n.trade, sum(n.active)::int as active from member_counts n
        where n.scheme_id = ${scope.schemeId} and ${tradeCondition(scope, sql`n.trade`)} and ${communeCondition(scope, sql`n.commune_code`)}
          and n.day = (select max(day) from member_counts
            where scheme_id = ${scope.schemeId} and day between ${scope.to}::date - 31 and ${scope.to}::date)
        group by n.trade) t) as trades`.execute(tx)
  const row = rows[0]
  if (row === undefined) throw new Error('the accounts query returned no row')
  return {
    ...row,
    calls: counted.calls ?? 0,
    alerts: counted.alerts,
    delivered: counted.reach.delivered,
    median: counted.times.median,
    p90: counted.times.p90,
    categories: counted.categories,
  }
}

/** SQL: an object with the number of rows by their `code`. */
function countsOf(codes: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`(select coalesce(json_object_agg(code, n), '{}') from (
    select code, count(*)::int as n from (${codes}) c group by code) g)`
}
