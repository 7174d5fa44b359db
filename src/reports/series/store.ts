import { sql } from 'kysely'
import type { Tx } from '../../platform/db.ts'
import type { AlertState, ReportState, Severity } from '../../schema.ts'
import type { Pair } from './propose.ts'

/** The data of a report that series need. */
export interface SeriesReportRow {
  readonly id: string
  readonly categoryCode: string
  readonly labelFr: string
  readonly labelEn: string
  readonly severity: Severity
  readonly communeCode: string
  readonly communeName: string
  readonly latitude: number | null
  readonly longitude: number | null
  readonly place: string | null
  readonly facts: string | null
  readonly calledAt: Date
  readonly occurredAt: Date
  readonly state: ReportState
  readonly alertId: string | null
  readonly alertReference: string | null
  readonly alertState: AlertState | null
  readonly seriesId: string | null
}

/** Maximum number of reports compared: the latest. */
const MAX_REPORTS = 400

/**
 * Lists the reports since an instant, and all reports of their series. Exercises, calls without an offence and duplicates are
 * excluded: they are no incidents of their own.
 */
export async function listSeriesReports(tx: Tx, schemeId: string, since: Date): Promise<SeriesReportRow[]> {
  const { rows } = await sql<SeriesReportRow>`
    with recent as (
      select id from reports
      where scheme_id = ${schemeId} and called_at >= ${since} and not exercise
        and refusal_code is distinct from 'no_offence' and refusal_code is distinct from 'duplicate'
      order by called_at desc limit ${MAX_REPORTS}
    ), linked as (
      select report_id as id from series_reports where scheme_id = ${schemeId} and series_id in (
        select series_id from series_reports where scheme_id = ${schemeId} and report_id in (select id from recent))
    )
    select r.id, r.category_code, g.label_fr, g.label_en, g.severity, r.commune_code, c.name as commune_name,
      c.latitude, c.longitude, r.place, r.facts, r.called_at, r.occurred_at, r.state, a.id as alert_id,
      a.reference as alert_reference, a.state as alert_state, s.series_id
    from reports r
    join categories g on g.scheme_id = r.scheme_id and g.code = r.category_code
    join communes c on c.code = r.commune_code
    left join series_reports s on s.scheme_id = r.scheme_id and s.report_id = r.id
    left join lateral (
      select id, reference, state from alerts
      where scheme_id = r.scheme_id and report_id = r.id and state <> 'discarded'
      order by created_at desc limit 1
    ) a on true
    where r.scheme_id = ${schemeId} and r.id in (select id from recent union select id from linked)
    order by r.occurred_at, r.id`.execute(tx)
  return rows
}

export interface SeriesRow {
  readonly id: string
  readonly title: string | null
  readonly createdAt: Date
  readonly createdBy: string
}

export async function listSeriesRows(tx: Tx, schemeId: string, ids: readonly string[]): Promise<SeriesRow[]> {
  if (ids.length === 0) return []
  return tx
    .selectFrom('series')
    .select(['id', 'title', 'createdAt', 'createdBy'])
    .where('schemeId', '=', schemeId)
    .where('id', 'in', ids)
    .execute()
}

/** Locks a series until the transaction ends. @returns its reports; undefined if the id is unknown */
export async function lockSeries(tx: Tx, schemeId: string, id: string): Promise<string[] | undefined> {
  const row = await tx
    .selectFrom('series')
    .select('id')
    .where('schemeId', '=', schemeId)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()
  if (row === undefined) return undefined
  const reports = await tx
    .selectFrom('seriesReports')
    .select('reportId')
    .where('schemeId', '=', schemeId)
    .where('seriesId', '=', id)
    .execute()
  return reports.map(({ reportId }) => reportId)
}

export async function insertSeries(tx: Tx, schemeId: string, row: SeriesRow): Promise<void> {
  await tx
    .insertInto('series')
    .values({ schemeId, ...row })
    .execute()
}

export async function updateTitle(tx: Tx, schemeId: string, id: string, title: string | null): Promise<void> {
  await tx
    .updateTable('series')
    .set({ title })
    .where('schemeId', '=', schemeId)
    .where('id', '=', id)
    .execute()
}

export async function deleteSeries(tx: Tx, schemeId: string, id: string): Promise<void> {
  await tx.deleteFrom('series').where('schemeId', '=', schemeId).where('id', '=', id).execute()
}

/** Locks the scheme's reports among those ids, so that none is linked twice, and returns them with their series. */
export async function lockReports(
  tx: Tx,
  schemeId: string,
  ids: readonly string[],
): Promise<{ id: string; seriesId: string | null; exercise: boolean }[]> {
  const reports = await tx
    .selectFrom('reports')
    .select(['id', 'exercise'])
    .where('schemeId', '=', schemeId)
    .where('id', 'in', ids)
    .orderBy('id')
    .forUpdate()
    .execute()
  const links = await tx
    .selectFrom('seriesReports')
    .select(['reportId', 'seriesId'])
    .where('schemeId', '=', schemeId)
    .where('reportId', 'in', ids)
    .execute()
  const seriesOf = new Map(links.map(({ reportId, seriesId }) => [reportId, seriesId]))
  return reports.map(({ id, exercise }) => ({ id, exercise, seriesId: seriesOf.get(id) ?? null }))
}

export async function linkReports(
  tx: Tx,
  schemeId: string,
  seriesId: string,
  reportIds: readonly string[],
  added: { readonly at: Date; readonly by: string },
): Promise<void> {
  await tx
    .insertInto('seriesReports')
    .values(
      reportIds.map((reportId) => ({ schemeId, reportId, seriesId, addedAt: added.at, addedBy: added.by })),
    )
    .execute()
}

export async function unlinkReports(
  tx: Tx,
  schemeId: string,
  seriesId: string,
  reportIds: readonly string[],
): Promise<void> {
  await tx
    .deleteFrom('seriesReports')
    .where('schemeId', '=', schemeId)
    .where('seriesId', '=', seriesId)
    .where('reportId', 'in', reportIds)
    .execute()
}

export interface ApartRow {
  readonly pair: Pair
  readonly saidAt: Date
  readonly saidBy: string
}

/** Lists the separated pairs among these reports, latest first. */
export async function listApart(tx: Tx, schemeId: string, ids: readonly string[]): Promise<ApartRow[]> {
  if (ids.length === 0) return []
  const { rows } = await sql<{ reportId: string; otherId: string; saidAt: Date; saidBy: string }>`
    select report_id, other_id, said_at, said_by from series_apart
    where scheme_id = ${schemeId} and report_id = any (${[...ids]}::uuid[]) and other_id = any (${[...ids]}::uuid[])
    order by said_at desc, said_by, report_id, other_id`.execute(tx)
  return rows.map(({ reportId, otherId, ...said }) => ({ ...said, pair: [reportId, otherId] }))
}

/** Orders the ids of each pair as the table does. */
function pairColumns(pairs: readonly Pair[]) {
  const sorted = pairs.map(([a, b]) => (a < b ? [a, b] : [b, a]))
  return sql`unnest(${sorted.map(([a]) => a)}::uuid[], ${sorted.map(([, b]) => b)}::uuid[]) as p (report_id, other_id)`
}

export async function insertReportsApart(
  tx: Tx,
  schemeId: string,
  pairs: readonly Pair[],
  said: { readonly at: Date; readonly by: string },
): Promise<void> {
  await sql`
    insert into series_apart (scheme_id, report_id, other_id, said_at, said_by)
    select ${schemeId}, p.report_id, p.other_id, ${said.at}, ${said.by} from ${pairColumns(pairs)}
    on conflict do nothing`.execute(tx)
}

/** @returns the pairs that were set apart and are no longer */
export async function deleteReportsApart(tx: Tx, schemeId: string, pairs: readonly Pair[]): Promise<Pair[]> {
  const { rows } = await sql<{ reportId: string; otherId: string }>`
    delete from series_apart s using ${pairColumns(pairs)}
    where s.scheme_id = ${schemeId} and s.report_id = p.report_id and s.other_id = p.other_id
    returning s.report_id, s.other_id`.execute(tx)
  return rows.map(({ reportId, otherId }): Pair => [reportId, otherId])
}
