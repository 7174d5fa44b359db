import { sql } from 'kysely'
import { recordAudit } from '../audit/record.ts'
import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import type { Lang } from '../i18n/format.ts'
import { DAY_MS, firstDayOfMonths } from '../message/clock.ts'
import { type Actor, actorName, authorize } from '../permissions.ts'
import { readInScheme } from '../platform/database/replica.ts'
import { findDay } from '../platform/database/time-zone.ts'
import { inScheme, type Tx } from '../platform/db.ts'
import { cacheFor } from '../platform/remember.ts'
import { REPORTS_KEPT_DAYS } from '../reports/retention.ts'
import { findSchemeWithChamber, listOwnTrades, publishFigures } from '../schemes/store.ts'
import { findTrade } from '../schemes/trades/trades.ts'
import { readAloneLine } from '../settings/alone.ts'
import { readAccounts } from './accounts.ts'
import {
  type CommitteeAccounts,
  DAYS_MAX,
  type PublicFigures,
  type Statistics,
  type StatisticsFilter,
} from './contract.ts'
import { drawStatisticsReport } from './report.ts'
import { readFatigue, readPublicFigures, readStatistics, type Scope } from './store.ts'

type StatisticsDeps = Pick<Deps, 'db' | 'now' | 'replica'>

/** Returns the first day of the month eleven months earlier: a year including the month of this day. */
export function firstDayOfYear(day: string): string {
  return firstDayOfMonths(day, 12)
}

/**
 * Counts the alerts of a scheme over a period, without exercises. A trade chamber sees alerts, messages and
 * members of its trades, and no calls, since a call has no trade.
 * @throws AppError `invalid_input` when the period is reversed or too long; `not_found` for an unknown sector;
 * `forbidden` for a trade of another chamber
 */
export async function getStatistics(
  deps: StatisticsDeps,
  actor: Actor,
  schemeId: string,
  filter: StatisticsFilter,
): Promise<Statistics> {
  const { scope, published, from, to } = await findScope(deps, actor, schemeId, filter)
  // Each reads another part of a large scheme: on PostgreSQL they take as long as the longer of them.
  const [figures, fatigue] = await Promise.all([
    readInScheme(deps, schemeId, (tx) => readStatistics(tx, scope)),
    readInScheme(deps, schemeId, (tx) => readFatigue(tx, scope, deps.now())),
  ])
  const { value: counted } = figures
  const isOfTrade = scope.trades !== undefined
  return {
    from,
    to,
    published,
    behindSeconds: Math.round(Math.max(figures.behindSeconds, fatigue.behindSeconds)),
    ...counted,
    fatigue: fatigue.value,
    calls: isOfTrade ? null : counted.calls,
    months: isOfTrade ? counted.months.map((month) => ({ ...month, calls: null })) : counted.months,
  }
}

/** Checks a filter, and returns what it selects. @throws as `getStatistics` */
async function findScope(
  deps: StatisticsDeps,
  actor: Actor,
  schemeId: string,
  filter: StatisticsFilter,
): Promise<{ scope: Scope; published: boolean; from: string; to: string }> {
  const reach = authorize(actor, 'statistics.read', schemeId)
  const own = reach.scope === 'trades' ? reach.trades : undefined
  if (filter.trade !== undefined && own?.includes(filter.trade) === false)
    throw new AppError('forbidden', { values: { permission: 'statistics.read' } })
  return inScheme(deps.db, schemeId, async (tx) => {
    const { from, to } = periodOf(filter, await findDay(tx, schemeId, deps.now()))
    const scope: Scope = {
      schemeId,
      from,
      to,
      communeCodes:
        filter.sectorId === undefined ? undefined : await communesOfSector(tx, schemeId, filter.sectorId),
      trades: filter.trade === undefined ? own : [filter.trade],
      categoryCode: filter.categoryCode,
    }
    const { figuresPublished } = await tx
      .selectFrom('schemes')
      .select('figuresPublished')
      .where('id', '=', schemeId)
      .executeTakeFirstOrThrow()
    return { scope, published: figuresPublished, from, to }
  })
}

/**
 * Returns the figures of a period for the committee of the scheme, beside the same days a year before: calls, refusals with their
 * reasons, alerts, outcomes, members by trade.
 * @throws as `getStatistics`
 */
export async function getCommitteeAccounts(
  deps: StatisticsDeps,
  actor: Actor,
  schemeId: string,
  filter: StatisticsFilter,
): Promise<CommitteeAccounts> {
  const { scope } = await findScope(deps, actor, schemeId, filter)
  const keptSince = new Date(deps.now().getTime() - REPORTS_KEPT_DAYS * DAY_MS).toISOString().slice(0, 10)
  const isOfTrade = scope.trades !== undefined
  const read = (tx: Tx) => readAccounts(tx, scope, { isOfTrade, keptSince })
  const { value, behindSeconds } = await readInScheme(deps, schemeId, read)
  return { ...value, behindSeconds: Math.round(behindSeconds) }
}

function periodOf(filter: StatisticsFilter, today: string): { from: string; to: string } {
  const to = filter.to ?? today
  const from = filter.from ?? firstDayOfYear(to)
  const days = (Date.parse(to) - Date.parse(from)) / DAY_MS + 1
  const code = days < 1 ? 'statistics.backwards' : days > DAYS_MAX ? 'statistics.tooLong' : undefined
  if (code !== undefined) throw new AppError('invalid_input', { problems: [{ code, path: 'from' }] })
  return { from, to }
}

async function communesOfSector(tx: Tx, schemeId: string, sectorId: string): Promise<string[]> {
  const sector = await tx
    .selectFrom('sectors')
    .select('communeCodes')
    .where('schemeId', '=', schemeId)
    .where('id', '=', sectorId)
    .executeTakeFirst()
  if (sector === undefined) throw new AppError('not_found')
  return sector.communeCodes
}

/** Renders the statistics as a PDF report in A4 pages. @throws as `getStatistics` */
export async function renderStatisticsPdf(
  deps: StatisticsDeps,
  actor: Actor,
  schemeId: string,
  filter: StatisticsFilter,
  lang: Lang,
): Promise<Buffer> {
  const statistics = await getStatistics(deps, actor, schemeId, filter)
  const accounts = await getCommitteeAccounts(deps, actor, schemeId, filter)
  const facts = await inScheme(deps.db, schemeId, async (tx) => {
    const scheme = await findSchemeWithChamber(tx, schemeId)
    if (scheme === undefined) throw new AppError('unknown_scheme', { values: { scheme: schemeId } })
    return {
      scheme: scheme.name,
      chamber: scheme.chamber,
      limits: await namesOfFilter(tx, schemeId, filter, lang),
      statistics,
      accounts,
      ownTrades: await listOwnTrades(tx, schemeId),
      at: deps.now(),
      alone: await readAloneLine(tx, schemeId, lang),
    }
  })
  return drawStatisticsReport(facts, lang)
}

/** Names the sector, trade and category of a filter. */
async function namesOfFilter(
  tx: Tx,
  schemeId: string,
  { sectorId, trade, categoryCode }: StatisticsFilter,
  lang: Lang,
): Promise<string[]> {
  const { rows } = await sql<{ sector: string | null; fr: string | null; en: string | null }>`
    select (select name from sectors where scheme_id = ${schemeId} and id = ${sectorId ?? null}::uuid) as sector,
      (select label_fr from categories where scheme_id = ${schemeId} and code = ${categoryCode ?? null}) as fr,
      (select label_en from categories where scheme_id = ${schemeId} and code = ${categoryCode ?? null}) as en`.execute(
    tx,
  )
  const category = lang === 'fr' ? rows[0]?.fr : rows[0]?.en
  const named = trade === undefined ? undefined : findTrade(trade, await listOwnTrades(tx, schemeId))
  const tradeName = named === undefined ? trade : lang === 'fr' ? named.nameFr : named.nameEn
  return [rows[0]?.sector, tradeName, category].filter((name) => typeof name === 'string')
}

/** Sets whether the public page of the scheme shows its times and volumes. */
export async function setPublication(
  deps: StatisticsDeps,
  actor: Actor,
  schemeId: string,
  published: boolean,
): Promise<{ published: boolean }> {
  authorize(actor, 'statistics.publish', schemeId)
  return inScheme(deps.db, schemeId, async (tx) => {
    if (await publishFigures(tx, schemeId, published))
      await recordAudit(tx, schemeId, deps.now(), {
        actor: actorName(actor),
        action: 'statistics.publish',
        subject: `scheme:${schemeId}`,
        details: { published },
      })
    return { published }
  })
}

const FIGURES_KEPT_MS = 60_000

/** Returns the times and volumes of the last twelve months; null where the scheme does not publish them. */
export type ReadPublicFigures = (schemeId: string) => Promise<PublicFigures | null>

/**
 * Makes a reader of the public figures that counts at most once a minute per scheme, however many clients ask.
 * Whether the scheme publishes them is checked on each call; an unknown scheme also gives null.
 */
export function makePublicFiguresReader(deps: StatisticsDeps): ReadPublicFigures {
  const counted = cacheFor(
    FIGURES_KEPT_MS,
    () => deps.now().getTime(),
    (schemeId) => countPublicFigures(deps, schemeId),
  )
  return async (schemeId) => {
    const scheme = await inScheme(deps.db, schemeId, (tx) =>
      tx.selectFrom('schemes').select('figuresPublished').where('id', '=', schemeId).executeTakeFirst(),
    )
    return scheme?.figuresPublished === true ? counted(schemeId) : null
  }
}

async function countPublicFigures(deps: StatisticsDeps, schemeId: string): Promise<PublicFigures> {
  const at = deps.now()
  const read = await readInScheme(deps, schemeId, async (tx) => {
    const to = await findDay(tx, schemeId, at)
    const from = firstDayOfYear(to)
    const everything = { communeCodes: undefined, trades: undefined, categoryCode: undefined }
    const { alerts, delivered, median, p90 } = await readPublicFigures(tx, {
      schemeId,
      from,
      to,
      ...everything,
    })
    return { from, alerts, delivered, times: { median, p90 } }
  })
  return { ...read.value, at: new Date(at.getTime() - read.behindSeconds * 1000).toISOString() }
}
