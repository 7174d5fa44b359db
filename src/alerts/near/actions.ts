import { type RawBuilder, sql } from 'kysely'
import type { Deps } from '../../deps.ts'
import { AppError, type Problem, refusalOf } from '../../errors.ts'
import { HOUR_MS } from '../../message/clock.ts'
import { type Actor, authorize } from '../../permissions.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import { locateCommune } from '../../reports/store.ts'
import type { AlertState, Severity } from '../../schema.ts'
import type { Point } from '../../territory/contract.ts'
import { getAreaContext } from '../../territory/store/areas.ts'
import type { NearAlert, NearList, NearQuery } from '../contract.ts'
import { findNearness, type Incident } from './rules.ts'

/** Alerts older than this are about other incidents. */
const MAX_AGE_HOURS = 24
const MAX_CANDIDATES = 200

/** States of an alert that is still being written: it is shown, but needs no confirmation. */
const unsent: readonly string[] = ['draft', 'returned']
/** States of an alert that has reached no recipient and never will. */
const never: readonly string[] = ['discarded', 'rejected']

/**
 * Lists the alerts that may be about the incident of a report, or of a call being entered, nearest in time first.
 * @throws AppError `not_found` for an unknown report, `unknown_commune`
 */
export async function listNear(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  schemeId: string,
  query: NearQuery,
): Promise<NearList> {
  authorize(actor, 'audience.preview', schemeId)
  const now = deps.now()
  return inScheme(deps.db, schemeId, async (tx) => {
    const incident = await incidentOf(tx, schemeId, query, now)
    return { alerts: await findNear(tx, schemeId, incident, now) }
  })
}

async function incidentOf(tx: Tx, schemeId: string, query: NearQuery, now: Date): Promise<OwnIncident> {
  if ('reportId' in query) {
    // Selects only the columns of the alert itself: an order waits for this query.
    const report = await tx
      .selectFrom('reports')
      .select(['categoryCode', 'communeCode', 'occurredAt', 'facts', 'exercise'])
      .where('schemeId', '=', schemeId)
      .where('id', '=', query.reportId)
      .executeTakeFirst()
    if (report === undefined) throw new AppError('not_found')
    const { facts, ...incident } = report
    return { ...incident, reportId: query.reportId, words: query.words ?? facts ?? '' }
  }
  const place = await locateCommune(tx, await getAreaContext(tx, schemeId), query.communeCode)
  if (place === 'unknown') {
    throw refusalOf([{ code: 'unknown_commune', path: 'communeCode', values: { code: query.communeCode } }])
  }
  return {
    reportId: null,
    categoryCode: query.categoryCode,
    communeCode: query.communeCode,
    occurredAt: query.occurredAt === undefined ? now : new Date(query.occurredAt),
    words: query.words ?? '',
    exercise: query.exercise ?? false,
  }
}

interface OwnIncident extends Omit<Incident, 'point'> {
  /** Alerts of this report are excluded; null: not a report yet. */
  readonly reportId: string | null
  /** An exercise is compared with other exercises only. */
  readonly exercise: boolean
}

export interface Candidate {
  readonly id: string
  readonly reference: string
  readonly state: AlertState
  readonly categoryCode: string
  readonly labelFr: string
  readonly labelEn: string
  readonly severity: Severity
  readonly communeCode: string
  readonly communeName: string
  readonly latitude: number | null
  readonly longitude: number | null
  /** Instants are JSON strings. */
  readonly occurredAt: string
  readonly leftAt: string
  readonly areaLabel: string
  readonly text: string
  readonly by: string
}

async function findNear(tx: Tx, schemeId: string, own: OwnIncident, now: Date): Promise<NearAlert[]> {
  const { rows } = await sql<{ candidates: readonly Candidate[] }>`
    select ${nearCandidates(schemeId, own, now)} as candidates`.execute(tx)
  const candidates = rows[0]?.candidates ?? []
  if (candidates.length === 0) return []
  const commune = await tx
    .selectFrom('communes')
    .select(['name', 'latitude', 'longitude'])
    .where('code', '=', own.communeCode)
    .executeTakeFirst()
  const scheme = await tx
    .selectFrom('schemes')
    .select('closingAdvice')
    .where('id', '=', schemeId)
    .executeTakeFirst()
  const incident = { ...own, point: pointOf(commune ?? { latitude: null, longitude: null }) }
  return nearestOf(candidates, incident, now, [scheme?.closingAdvice ?? '', commune?.name ?? ''])
}

/** Returns an expression: the alerts of a scheme that may be about an incident, as an array of `Candidate`, latest first. */
export function nearCandidates(
  schemeId: string,
  own: Pick<OwnIncident, 'reportId' | 'exercise'>,
  now: Date,
): RawBuilder<readonly Candidate[]> {
  const since = new Date(now.getTime() - MAX_AGE_HOURS * HOUR_MS)
  return sql`(select coalesce(json_agg(near_alert), '[]') from (
    select a.id, a.reference, a.state, a.category_code as "categoryCode", g.label_fr as "labelFr", g.label_en as "labelEn",
      a.severity, r.commune_code as "communeCode", c.name as "communeName", c.latitude, c.longitude,
      r.occurred_at as "occurredAt", coalesce(a.ordered_at, a.created_at) as "leftAt", a.area_label as "areaLabel", a.text,
      coalesce(a.ordered_by, a.changed_by, a.created_by) as by
    from alerts a
    join reports r on r.scheme_id = a.scheme_id and r.id = a.report_id
    join categories g on g.scheme_id = a.scheme_id and g.code = a.category_code
    join communes c on c.code = r.commune_code
    where a.scheme_id = ${schemeId} and a.exercise = ${own.exercise} and a.created_at > ${since} and a.state <> all(${[...never]}::text[])
      and a.report_id is distinct from ${own.reportId}::uuid
    order by a.created_at desc limit ${sql.lit(MAX_CANDIDATES)}) near_alert)`
}

/**
 * Filters the candidates that may be about the same incident, nearest in time first.
 * @param everywhere words that every message contains: the closing advice, the name of the commune
 */
export function nearestOf(
  candidates: readonly Candidate[],
  incident: Incident,
  now: Date,
  everywhere: readonly string[],
): NearAlert[] {
  return candidates
    .flatMap((row): NearAlert[] => {
      const [occurredAt, leftAt] = [new Date(row.occurredAt), new Date(row.leftAt)]
      const other = { ...row, occurredAt, leftAt, point: pointOf(row), words: row.text }
      const near = findNearness(incident, other, now, [...everywhere, row.communeName, row.areaLabel])
      return near === undefined ? [] : [{ ...nearAlertViewOf(row), ...near }]
    })
    .sort((a, b) => a.minutes - b.minutes)
}

export function pointOf({
  latitude,
  longitude,
}: {
  latitude: number | null
  longitude: number | null
}): Point | null {
  return latitude === null || longitude === null ? null : { latitude, longitude }
}

function nearAlertViewOf(row: Candidate): Omit<NearAlert, 'minutes' | 'kilometres' | 'like'> {
  return {
    id: row.id,
    reference: row.reference,
    state: row.state,
    category: {
      code: row.categoryCode,
      labelFr: row.labelFr,
      labelEn: row.labelEn,
      severity: row.severity,
    },
    commune: { code: row.communeCode, name: row.communeName },
    areaLabel: row.areaLabel,
    at: new Date(row.leftAt).toISOString(),
    by: row.by,
    mustConfirm: !unsent.includes(row.state),
  }
}

/**
 * Reports the alerts that may be about the same incident and that no user has confirmed yet, as one problem. Confirmed ones
 * are stored with the alert, so that the next person to decide sees them.
 * @param near the alerts that may be about the same incident
 * @param confirmed ids of near alerts that the actor has seen and confirmed
 * @returns the problem, if there is one, and the ids confirmed so far
 */
export function judgeNear(
  near: readonly NearAlert[],
  { nearConfirmed }: { readonly nearConfirmed: readonly string[] },
  confirmed: readonly string[] = [],
): { readonly problems: Problem[]; readonly nearConfirmed: readonly string[] } {
  const unconfirmed = near.filter((one) => one.mustConfirm && !nearConfirmed.includes(one.id))
  const left = unconfirmed.filter((one) => !confirmed.includes(one.id))
  if (left.length > 0) {
    const references = left.map((one) => one.reference).join(', ')
    const problem: Problem = { code: 'doctrine.near_duplicate', path: 'confirmNear', values: { references } }
    return { problems: [problem], nearConfirmed }
  }
  return { problems: [], nearConfirmed: [...nearConfirmed, ...unconfirmed.map((one) => one.id)] }
}
