import { isDeepStrictEqual } from 'node:util'
import type { AuditAction } from '../../audit/list.ts'
import { findAuditActor, recordAudit } from '../../audit/record.ts'
import { findRepeated } from '../../audit/repeat.ts'
import type { Deps } from '../../deps.ts'
import { AppError, type Problem, refusalOf } from '../../errors.ts'
import { DAY_MS } from '../../message/clock.ts'
import { type Actor, actorName, authorize } from '../../permissions.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import { signatureOf } from '../signature.ts'
import {
  type Apart,
  type NewSeries,
  SERIES_DAYS,
  type SeriesPage,
  type SeriesReport,
  type SeriesReports,
  type SeriesTitle,
  type SetApart,
  type Together,
} from './contract.ts'
import { describeCommon, type Incident } from './likeness.ts'
import { type Pair, proposeSeries } from './propose.ts'
import {
  type ApartRow,
  deleteReportsApart,
  deleteSeries,
  insertReportsApart,
  insertSeries,
  linkReports,
  listApart,
  listSeriesReports,
  listSeriesRows,
  lockReports,
  lockSeries,
  type SeriesReportRow,
  unlinkReports,
  updateTitle,
} from './store.ts'

type SeriesDeps = Pick<Deps, 'db' | 'now' | 'newId' | 'live'>

/** Maximum number of proposals shown. */
const MAX_PROPOSALS = 20
/** Maximum number of separations shown: the latest. */
const MAX_SEPARATIONS = 20

/** Lists recently active series, proposed links, and reports that were set apart. */
export async function listSeries(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  schemeId: string,
): Promise<SeriesPage> {
  authorize(actor, 'series.read', schemeId)
  return inScheme(deps.db, schemeId, (tx) => readPage(tx, schemeId, deps.now()))
}

async function readPage(tx: Tx, schemeId: string, now: Date): Promise<SeriesPage> {
  const rows = await listSeriesReports(tx, schemeId, new Date(now.getTime() - SERIES_DAYS * DAY_MS))
  const incidents = new Map(rows.map((row) => [row.id, toIncident(row)]))
  const views = new Map(rows.map((row) => [row.id, toSeriesReport(row)]))
  const inSeries = Map.groupBy(rows, (row) => row.seriesId)
  const loose = inSeries.get(null) ?? []
  inSeries.delete(null)
  const of = (list: readonly SeriesReportRow[]) => list.map((row) => incidents.get(row.id)!)
  const linked = new Map([...inSeries].map(([id, list]) => [id as string, of(list)]))
  const known = await listSeriesRows(tx, schemeId, [...linked.keys()])
  const apart = await listApart(tx, schemeId, [...incidents.keys()])
  const latest = (list: readonly Incident[]) => list.at(-1)?.occurredAt.getTime() ?? 0
  return {
    series: known
      .map((row) => ({ row, list: linked.get(row.id) ?? [] }))
      .sort((a, b) => latest(b.list) - latest(a.list) || (a.row.id < b.row.id ? -1 : 1))
      .map(({ row, list }) => ({
        id: row.id,
        title: row.title,
        createdAt: row.createdAt.toISOString(),
        createdBy: row.createdBy,
        common: describeCommon(list),
        reports: list.map(({ id }) => views.get(id)!),
      })),
    proposals: proposeSeries(
      linked,
      of(loose),
      apart.map(({ pair }) => pair),
    )
      .slice(0, MAX_PROPOSALS)
      .map(({ seriesId, score, incidents: proposed }) => ({
        seriesId,
        score,
        common: describeCommon([...(seriesId === null ? [] : (linked.get(seriesId) ?? [])), ...proposed]),
        reports: proposed.map(({ id }) => views.get(id)!),
      })),
    apart: groupSeparations(apart, views),
  }
}

/** Groups separated pairs by the request that set them apart: each wrote its pairs at one instant. */
function groupSeparations(rows: readonly ApartRow[], views: ReadonlyMap<string, SeriesReport>): SetApart[] {
  const acts = Map.groupBy(rows, ({ saidAt, saidBy }) => `${saidAt.toISOString()} ${saidBy}`)
  return [...acts.values()].slice(0, MAX_SEPARATIONS).map((act) => {
    const { saidAt, saidBy } = act[0]!
    const ids = new Set(act.flatMap(({ pair }) => pair))
    return {
      saidAt: saidAt.toISOString(),
      saidBy,
      // In the order of the views: first incident first.
      reports: [...views].flatMap(([id, view]) => (ids.has(id) ? [view] : [])),
      pairs: act.map(({ pair: [one, other] }): [string, string] => [one, other]),
    }
  })
}

/**
 * Links reports as the work of the same people. The same request with the same id again changes nothing.
 * @throws AppError with every problem: `not_found`, `series.report_taken`, `series.exercise`; `id_taken`
 */
export async function createSeries(
  deps: SeriesDeps,
  actor: Actor,
  schemeId: string,
  input: NewSeries,
): Promise<SeriesPage> {
  const id = input.id ?? deps.newId()
  return changeSeries(
    deps,
    actor,
    schemeId,
    { reportIds: input.reportIds, action: 'series.create', id },
    async (tx, at) => {
      const repeated = await findRepeated(tx, schemeId, {
        id: input.id,
        creator: actorName(actor),
        find: (one) => findSeriesContent(tx, schemeId, one),
        isSame: ({ title, reports }) =>
          (title ?? '') === (input.title ?? '') &&
          isDeepStrictEqual(reports.toSorted(), [...new Set(input.reportIds)].toSorted()),
        creatorOf: () => findAuditActor(tx, schemeId, { action: 'series.create', subject: `series:${id}` }),
      })
      if (repeated !== undefined) return null
      const reportIds = await requireLinkable(tx, schemeId, input.reportIds, null)
      if (reportIds.length < 2) throw refusalOf([{ code: 'series.too_few', path: 'reportIds' }])
      const by = (await signatureOf(tx, actor, schemeId)).text
      await insertSeries(tx, schemeId, { id, title: input.title || null, createdAt: at, createdBy: by })
      await linkReports(tx, schemeId, id, reportIds, { at, by })
      await deleteReportsApart(tx, schemeId, pairsOf(reportIds, []))
      return { reports: reportIds }
    },
  )
}

/**
 * Adds reports to a series.
 * @throws AppError `not_found`, or every problem: `series.report_taken`, `series.exercise`
 */
export async function addToSeries(
  deps: SeriesDeps,
  actor: Actor,
  schemeId: string,
  id: string,
  input: SeriesReports,
): Promise<SeriesPage> {
  return changeSeries(
    deps,
    actor,
    schemeId,
    { reportIds: input.reportIds, action: 'series.link', id },
    async (tx, at) => {
      const there = await lockSeriesReports(tx, schemeId, id)
      const reportIds = await requireLinkable(tx, schemeId, input.reportIds, id)
      const fresh = reportIds.filter((one) => !there.includes(one))
      if (fresh.length === 0) return { reports: [] }
      const by = (await signatureOf(tx, actor, schemeId)).text
      await linkReports(tx, schemeId, id, fresh, { at, by })
      await deleteReportsApart(tx, schemeId, pairsOf(fresh, there))
      return { reports: fresh }
    },
  )
}

/**
 * Removes reports from a series, so that they are not proposed for it again; deletes an empty series.
 * @throws AppError `not_found`
 */
export async function removeFromSeries(
  deps: SeriesDeps,
  actor: Actor,
  schemeId: string,
  id: string,
  input: SeriesReports,
): Promise<SeriesPage> {
  return changeSeries(
    deps,
    actor,
    schemeId,
    { reportIds: input.reportIds, action: 'series.unlink', id },
    async (tx, at) => {
      const there = await lockSeriesReports(tx, schemeId, id)
      const removed = there.filter((one) => input.reportIds.includes(one))
      if (removed.length === 0) return { reports: [] }
      await unlinkReports(tx, schemeId, id, removed)
      const left = there.filter((one) => !removed.includes(one))
      if (left.length === 0) await deleteSeries(tx, schemeId, id)
      else {
        const by = (await signatureOf(tx, actor, schemeId)).text
        await insertReportsApart(tx, schemeId, pairsBetween(removed, left), { at, by })
      }
      return { reports: removed, left: left.length }
    },
  )
}

/** Renames a series. @throws AppError `not_found` */
export async function renameSeries(
  deps: SeriesDeps,
  actor: Actor,
  schemeId: string,
  id: string,
  input: SeriesTitle,
): Promise<SeriesPage> {
  return changeSeries(deps, actor, schemeId, { reportIds: [], action: 'series.rename', id }, async (tx) => {
    await lockSeriesReports(tx, schemeId, id)
    await updateTitle(tx, schemeId, id, input.title || null)
    return {}
  })
}

/**
 * Records that reports do not belong together, or to a series, so that they are not proposed again.
 * @throws AppError `not_found`
 */
export async function setReportsApart(
  deps: SeriesDeps,
  actor: Actor,
  schemeId: string,
  input: Apart,
): Promise<SeriesPage> {
  const { reportIds, seriesId } = input
  const subject = seriesId ?? reportIds[0] ?? ''
  return changeSeries(
    deps,
    actor,
    schemeId,
    { reportIds, action: 'series.apart', id: subject },
    async (tx, at) => {
      const others = seriesId === null ? [] : await lockSeriesReports(tx, schemeId, seriesId)
      const found = await lockReports(tx, schemeId, reportIds)
      if (found.length < new Set(reportIds).size) throw new AppError('not_found')
      const pairs = seriesId === null ? pairsOf(reportIds, []) : pairsBetween(reportIds, others)
      if (pairs.length === 0) return { reports: reportIds }
      const by = (await signatureOf(tx, actor, schemeId)).text
      await insertReportsApart(tx, schemeId, pairs, { at, by })
      return { reports: reportIds, series: seriesId }
    },
  )
}

/**
 * Reverts such a separation, so that similar reports are proposed again. Pairs that are not set apart any more are skipped,
 * so that repeating the request does no harm.
 * @throws AppError `not_found` for a report that is not in the scheme
 */
export async function revertReportsApart(
  deps: SeriesDeps,
  actor: Actor,
  schemeId: string,
  { pairs }: Together,
): Promise<SeriesPage> {
  const ids = [...new Set(pairs.flat())]
  return changeSeries(
    deps,
    actor,
    schemeId,
    { reportIds: ids, action: 'series.together', id: ids[0] ?? '' },
    async (tx) => {
      if ((await lockReports(tx, schemeId, ids)).length < ids.length) throw new AppError('not_found')
      const removed = await deleteReportsApart(tx, schemeId, pairs)
      return { reports: [...new Set(removed.flat())], pairs: removed.length }
    },
  )
}

async function findSeriesContent(tx: Tx, schemeId: string, id: string) {
  const [row] = await listSeriesRows(tx, schemeId, [id])
  const reports = await lockSeries(tx, schemeId, id)
  return row && reports && { title: row.title, reports }
}

/** Runs one change with its audit record, which has the details that `work` returns; null: nothing was changed. */
async function changeSeries(
  deps: SeriesDeps,
  actor: Actor,
  schemeId: string,
  {
    reportIds,
    action,
    id,
  }: { readonly reportIds: readonly string[]; readonly action: AuditAction; readonly id: string },
  work: (tx: Tx, at: Date) => Promise<Record<string, unknown> | null>,
): Promise<SeriesPage> {
  authorize(actor, 'series.link', schemeId)
  const at = deps.now()
  const page = await inScheme(deps.db, schemeId, async (tx) => {
    const details = await work(tx, at)
    const after = await readPage(tx, schemeId, at)
    if (details !== null) {
      await recordAudit(tx, schemeId, at, {
        actor: actorName(actor),
        action,
        subject: `series:${id}`,
        details,
      })
    }
    return after
  })
  for (const reportId of reportIds.slice(0, 1)) deps.live.publish({ type: 'report', schemeId, reportId })
  return page
}

/** Locks a series and returns its reports. @throws AppError `not_found` */
async function lockSeriesReports(tx: Tx, schemeId: string, id: string): Promise<string[]> {
  const reports = await lockSeries(tx, schemeId, id)
  if (reports === undefined) throw new AppError('not_found')
  return reports
}

/**
 * Returns the reports to link, without repetition.
 * @param seriesId the series that they may already be in
 * @throws AppError with every problem
 */
async function requireLinkable(
  tx: Tx,
  schemeId: string,
  ids: readonly string[],
  seriesId: string | null,
): Promise<string[]> {
  const wanted = [...new Set(ids)]
  const found = await lockReports(tx, schemeId, wanted)
  if (found.length < wanted.length) throw new AppError('not_found')
  const problems: Problem[] = []
  if (found.some((one) => one.seriesId !== null && one.seriesId !== seriesId)) {
    problems.push({ code: 'series.report_taken', path: 'reportIds' })
  }
  if (found.some((one) => one.exercise)) problems.push({ code: 'series.exercise', path: 'reportIds' })
  if (problems.length > 0) throw refusalOf(problems)
  return wanted
}

/** Returns all pairs within `ids`, and between them and `others`. */
function pairsOf(ids: readonly string[], others: readonly string[]): Pair[] {
  return [
    ...ids.flatMap((one, i) => ids.slice(i + 1).map((other): Pair => [one, other])),
    ...pairsBetween(ids, others),
  ].filter(([a, b]) => a !== b)
}

function pairsBetween(ids: readonly string[], others: readonly string[]): Pair[] {
  return ids.flatMap((one) => others.map((other): Pair => [one, other])).filter(([a, b]) => a !== b)
}

function toIncident(row: SeriesReportRow): Incident {
  return {
    id: row.id,
    categoryCode: row.categoryCode,
    communeCode: row.communeCode,
    communeName: row.communeName,
    point: toPoint(row),
    occurredAt: row.occurredAt,
    words: [row.place, row.facts].filter(Boolean).join(' '),
  }
}

function toPoint({ latitude, longitude }: SeriesReportRow): Incident['point'] {
  return latitude === null || longitude === null ? null : { latitude, longitude }
}

function toSeriesReport(row: SeriesReportRow): SeriesReport {
  const { alertId, alertReference, alertState } = row
  return {
    id: row.id,
    category: {
      code: row.categoryCode,
      labelFr: row.labelFr,
      labelEn: row.labelEn,
      severity: row.severity,
    },
    commune: { code: row.communeCode, name: row.communeName, point: toPoint(row) },
    place: row.place,
    facts: row.facts,
    calledAt: row.calledAt.toISOString(),
    occurredAt: row.occurredAt.toISOString(),
    state: row.state,
    alert:
      alertId !== null && alertReference !== null && alertState !== null
        ? { id: alertId, reference: alertReference, state: alertState }
        : null,
  }
}
