import { type RawBuilder, type Selectable, sql } from 'kysely'
import { METROPOLITAN_ZONE } from '../message/clock.ts'
import { PREPARED } from '../platform/database/client.ts'
import type { InstantCursor } from '../platform/database/cursor.ts'
import { containsInClear } from '../platform/database/sealed.ts'
import { containsTyped } from '../platform/database/search.ts'
import type { Db, Tx } from '../platform/db.ts'
import type { AlertOutcome, AlertState, Decision, ReportState, Review, Schema, Severity } from '../schema.ts'
import { type CategoryLevel, type DoctrineAnswers, DoctrineSettings } from '../schemes/doctrine.ts'
import { sealedText } from '../schemes/texts/sealed-texts.ts'
import type { Area } from '../territory/contract.ts'
import { searchName } from '../territory/places/spelling.ts'
import { findAudienceHashes } from './audience/audience.ts'
import type { AlertContent } from './compose/content.ts'
import type { AlertQuery } from './contract.ts'
import { type FollowUpRow, followUpsOf } from './follow-up/store.ts'
import { UNSENT, WAITING } from './states.ts'

/** Settings of a scheme that an alert uses. */
export interface SchemeFacts {
  readonly name: string
  readonly territory: Area
  readonly referencePrefix: string
  readonly trades: string[]
  readonly sender: string
  /** Ends every message. */
  readonly closingAdvice: string
  readonly timeZone: string
  readonly smsPriceMillicents: number
  readonly alertLifetimeHours: number
  readonly doctrine: DoctrineSettings
}

export async function findSchemeFacts(tx: Tx, schemeId: string): Promise<SchemeFacts | undefined> {
  const scheme = await tx
    .selectFrom('schemes')
    .select([
      'name',
      'territory',
      'referencePrefix',
      'trades',
      'sender',
      'closingAdvice',
      'smsPriceMillicents',
      'alertLifetimeHours',
      'doctrine',
      'timeZone',
    ])
    .where('id', '=', schemeId)
    .executeTakeFirst()
  return (
    scheme && {
      ...scheme,
      timeZone: scheme.timeZone ?? METROPOLITAN_ZONE,
      doctrine: DoctrineSettings.parse(scheme.doctrine),
    }
  )
}

/**
 * Takes the next number of the year, from the series of exercises for an exercise. Concurrent transactions wait for each other,
 * so that no number is used twice; a rolled back transaction releases its number.
 */
export async function takeNumber(
  tx: Tx,
  schemeId: string,
  year: number,
  isExercise: boolean,
): Promise<number> {
  const [real, exercise] = isExercise ? [0, 1] : [1, 0]
  const { rows } = await sql<{ last: number; lastExercise: number }>`
    insert into alert_counters (scheme_id, year, last, last_exercise) values (${schemeId}, ${year}, ${real}, ${exercise})
    on conflict (scheme_id, year) do update
      set last = alert_counters.last + ${real}, last_exercise = alert_counters.last_exercise + ${exercise}
    returning last, last_exercise`.execute(tx)
  return isExercise ? rows[0]!.lastExercise : rows[0]!.last
}

/** Words that a chief allowed in the texts of an alert although they are the name of a member. */
export interface PassedWords {
  readonly words: string
  readonly reason: string
  readonly at: string
  readonly by: string
}

/** The content of an alert and its audience. */
export interface DraftContent {
  readonly text: string
  readonly area: Area
  readonly areaLabel: string
  readonly trades: readonly string[]
  readonly expiresAt: Date
  readonly doctrine: DoctrineAnswers
  readonly outsideZoneReason: string | null
  /** The communes and trades to which the audience resolves when this version is written. */
  readonly audienceHash: string
}

/** The place of an alert relative to the zone of the sending agency. */
export interface Zone {
  readonly agencyId: string | null
  readonly outsideZone: boolean
  readonly zoneAgencyId: string | null
}

export interface NewAlertRow extends DraftContent, Zone {
  readonly schemeId: string
  readonly id: string
  readonly reference: string
  readonly reportId: string
  readonly categoryCode: string
  readonly severity: Severity
  readonly simulated: boolean
  readonly exercise: boolean
  readonly traced: boolean
  readonly createdAt: Date
  readonly createdBy: string
  readonly authorIds: readonly string[]
}

/** Stores an alert unless its scheme has one with the same id. @returns whether it was stored */
export async function insertAlert(tx: Tx, alert: NewAlertRow): Promise<boolean> {
  const row = await tx
    .insertInto('alerts')
    .values({
      ...alert,
      ...contentColumns(alert.schemeId, alert),
      authorIds: [...alert.authorIds],
      state: 'draft',
    })
    .onConflict((conflict) => conflict.columns(['schemeId', 'id']).doNothing())
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

function contentColumns(schemeId: string, { area, trades, doctrine, text }: DraftContent) {
  return {
    area: JSON.stringify(area),
    trades: [...trades],
    doctrine: JSON.stringify(doctrine),
    text: sealedText(schemeId, doctrine.level, text),
  }
}

/** Writes the content under the next version; the alert becomes a draft again in any case. */
export async function updateDraft(
  tx: Tx,
  schemeId: string,
  id: string,
  content: DraftContent & Zone,
  change: { readonly at: Date; readonly by: string; readonly authorIds: readonly string[] },
): Promise<void> {
  await tx
    .updateTable('alerts')
    .set({
      ...content,
      ...contentColumns(schemeId, content),
      state: 'draft',
      authorIds: [...change.authorIds],
    })
    .set({ submittedAt: null, submittedBy: null, submittedHash: null, submittedMembers: null })
    .set((row) => ({ version: row('version', '+', 1), changedAt: change.at, changedBy: change.by }))
    .where('schemeId', '=', schemeId)
    .where('id', '=', id)
    .execute()
}

/** Stores the audience that the author saw with the submission. */
export async function updateSeenAudience(
  tx: Tx,
  schemeId: string,
  id: string,
  seen: {
    readonly audienceHash: string
    readonly submittedMembers: number
    readonly nearConfirmed: string[]
  },
): Promise<void> {
  await tx.updateTable('alerts').set(seen).where('schemeId', '=', schemeId).where('id', '=', id).execute()
}

/** The decision of a second person; its columns are null when the author alone ordered the alert. */
export type OrderDecision = Pick<
  Selectable<Schema['alerts']>,
  'decision' | 'decidedAt' | 'decidedBy' | 'decidedById' | 'decisionReason' | 'review'
>

/** The columns of an alert that its order sets. */
export type AlertOrder = Pick<AlertRow, 'state' | 'expiresAt'> & {
  readonly orderedAt: Date
  readonly orderedBy: string
} & OrderDecision

/** Writes an order on its alert, which is locked, as a common table of the statement that plans the broadcast. */
export function orderedAlert(
  schemeId: string,
  id: string,
  order: AlertOrder,
  nearConfirmed: readonly string[],
): RawBuilder<unknown> {
  return sql`ordered_alert as (
    update alerts set state = ${order.state}, expires_at = ${order.expiresAt}, ordered_at = ${order.orderedAt},
      ordered_by = ${order.orderedBy}, decision = ${order.decision}, decided_at = ${order.decidedAt},
      decided_by = ${order.decidedBy}, decided_by_id = ${order.decidedById}, decision_reason = ${order.decisionReason},
      review = ${order.review}, near_confirmed = ${[...nearConfirmed]}::uuid[]
    where scheme_id = ${schemeId} and id = ${id}::uuid
  )`
}

export async function updateState(
  tx: Tx,
  schemeId: string,
  id: string,
  state: AlertState,
  closed?: { readonly at: Date; readonly by: string },
): Promise<void> {
  await tx
    .updateTable('alerts')
    .set({ state, ...(closed === undefined ? {} : { closedAt: closed.at, closedBy: closed.by }) })
    .where('schemeId', '=', schemeId)
    .where('id', '=', id)
    .execute()
}

/** Postpones the expiry of an alert, since its last follow-up is valid for longer. */
export async function updateExpiry(tx: Tx, schemeId: string, id: string, expiresAt: Date): Promise<void> {
  await tx
    .updateTable('alerts')
    .set({ expiresAt })
    .where('schemeId', '=', schemeId)
    .where('id', '=', id)
    .execute()
}

export async function updateOutcome(
  tx: Tx,
  schemeId: string,
  id: string,
  { outcome, note, at, by }: { outcome: AlertOutcome; note: string | null; at: Date; by: string },
): Promise<void> {
  await tx
    .updateTable('alerts')
    .set({ outcome, outcomeNote: note, outcomeAt: at, outcomeBy: by })
    .where('schemeId', '=', schemeId)
    .where('id', '=', id)
    .execute()
}

/** Locks an alert until the transaction ends. A transaction that also locks the report must lock the report first. */
export async function lockAlert(tx: Tx, schemeId: string, id: string) {
  return tx
    .selectFrom('alerts')
    .selectAll()
    .where('schemeId', '=', schemeId)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()
}
export type LockedAlert = NonNullable<Awaited<ReturnType<typeof lockAlert>>>

/** Finds the alert of a report that has not left and still could. */
export async function lockDraftOfReport(
  tx: Tx,
  schemeId: string,
  reportId: string,
): Promise<LockedAlert | undefined> {
  return tx
    .selectFrom('alerts')
    .selectAll()
    .where('schemeId', '=', schemeId)
    .where('reportId', '=', reportId)
    .where('state', 'in', UNSENT)
    .forUpdate()
    .executeTakeFirst()
}

/** Locked columns of an alert and its report that decide whether and how the alert may leave. */
export interface LockedPair
  extends Pick<LockedAlert, 'reportId' | 'state' | 'orderedAt' | 'version' | 'exercise' | 'nearConfirmed'> {
  readonly reportState: ReportState
}

/** Locks an alert and its report until the transaction ends, the report first. */
export async function lockWithReport(tx: Tx, schemeId: string, id: string): Promise<LockedPair | undefined> {
  const { rows } = await sql<LockedPair>`${PREPARED}
    select a.report_id, a.state, a.ordered_at, a.version, a.exercise, a.near_confirmed, r.state as report_state
    from alerts a join reports r on r.scheme_id = a.scheme_id and r.id = a.report_id
    where a.scheme_id = ${schemeId} and a.id = ${id}::uuid
    for update of r for update of a`.execute(tx)
  return rows[0]
}

/** Returns whether the answer to the caller of a report is planned or sent. */
export async function isAnswered(tx: Tx, schemeId: string, reportId: string): Promise<boolean> {
  const row = await tx
    .selectFrom('broadcasts')
    .select('id')
    .where('schemeId', '=', schemeId)
    .where('reportId', '=', reportId)
    .executeTakeFirst()
  return row !== undefined
}

/** Lists the expired alerts of all schemes, except those whose expiry a pending follow-up holds. */
export async function listOverdue(
  db: Db | Tx,
  now: Date,
  limit: number,
): Promise<{ schemeId: string; id: string }[]> {
  return db
    .selectFrom('alerts')
    .select(['schemeId', 'id'])
    .where('state', 'in', ['broadcasting', 'active', 'updated'])
    .where('expiresAt', '<=', now)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('followUps')
            .select('followUps.id')
            .whereRef('followUps.schemeId', '=', 'alerts.schemeId')
            .whereRef('followUps.alertId', '=', 'alerts.id')
            .where('followUps.state', 'in', WAITING),
        ),
      ),
    )
    .orderBy('expiresAt')
    .limit(limit)
    .execute()
}

/** Lists the alerts of all schemes, that are shown as being sent though their first message is submitted. */
export async function listSentBroadcasting(
  db: Db | Tx,
  limit: number,
): Promise<{ schemeId: string; id: string }[]> {
  return db
    .selectFrom('alerts')
    .innerJoin('broadcasts', (join) =>
      join
        .onRef('broadcasts.schemeId', '=', 'alerts.schemeId')
        .onRef('broadcasts.alertId', '=', 'alerts.id')
        .on('broadcasts.kind', '=', 'first'),
    )
    .select(['alerts.schemeId', 'alerts.id'])
    .where('alerts.state', '=', 'broadcasting')
    .where('broadcasts.state', 'in', ['settling', 'done'])
    .limit(limit)
    .execute()
}

/** An alert with the names of the rows it refers to and the current settings of its scheme. */
export interface AlertRow extends AlertContent {
  readonly id: string
  readonly reference: string
  readonly version: number
  readonly state: AlertState
  readonly labelFr: string
  readonly labelEn: string
  readonly categoryLevel: CategoryLevel
  readonly communeCode: string
  readonly communeName: string
  /** The name that the caller used for a former commune. */
  readonly formerName: string | null
  /** The place within the commune, from the report. */
  readonly place: string | null
  /** The current template text of its category. */
  readonly template: string
  readonly reportId: string
  readonly areaLabel: string
  readonly trades: string[]
  readonly exercise: boolean
  readonly traced: boolean
  readonly doctrine: DoctrineAnswers
  readonly authorIds: string[]
  readonly outsideZone: boolean
  readonly outsideZoneReason: string | null
  readonly zoneAgencyName: string | null
  readonly submittedAt: Date | null
  readonly submittedBy: string | null
  readonly submittedHash: string | null
  /** Members counted when it was submitted. */
  readonly submittedMembers: number | null
  /** The audience that its author saw when this version was written or submitted. */
  readonly audienceHash: string
  readonly decision: Decision | null
  readonly decidedAt: Date | null
  readonly decidedBy: string | null
  readonly decidedById: string | null
  readonly decisionReason: string | null
  readonly review: Review | null
  readonly reviewedAt: Date | null
  readonly reviewedBy: string | null
  readonly reviewNote: string | null
  /** The last one recorded. */
  readonly authorisation: AuthorisationRow | null
  /** Excludes dropped follow-ups; oldest first. */
  /** Words that a chief allowed, although they are the name of a member. */
  readonly passed: readonly PassedWords[]
  readonly followUps: readonly FollowUpRow[]
  readonly calledAt: Date
  readonly occurredAt: Date
  readonly lateReason: string | null
  readonly reportedAt: Date
  readonly reportedBy: string
  readonly createdAt: Date
  readonly createdBy: string
  readonly changedAt: Date | null
  readonly changedBy: string | null
  readonly orderedAt: Date | null
  readonly orderedBy: string | null
  readonly expiresAt: Date
  readonly closedAt: Date | null
  readonly closedBy: string | null
  readonly outcome: AlertOutcome | null
  readonly outcomeNote: string | null
  readonly outcomeAt: Date | null
  readonly outcomeBy: string | null
  readonly schemeName: string
  readonly settings: Partial<DoctrineSettings>
}

/** Instants as JSON has them. */
export interface AuthorisationRow {
  readonly magistrate: string
  readonly service: string
  readonly givenAt: string
  readonly scope: string
  readonly contentHash: string
  readonly recordedAt: string
  readonly recordedBy: string
  readonly voidAt: string | null
  readonly confirmation: 'pending' | 'confirmed' | 'denied' | null
  readonly answeredAt: string | null
}

const ALERT_COLUMNS = sql`a.id, a.reference, a.version, a.state, a.category_code, g.label_fr, g.label_en, g.template,
    g.level as category_level, a.severity, r.commune_code, c.name as commune_name, r.former_name, r.place,
    a.report_id, a.text, a.area, a.area_label, a.trades, a.simulated, a.exercise, a.traced, r.called_at,
    r.created_at as reported_at, r.created_by as reported_by, a.created_at, a.created_by, a.changed_at, a.changed_by,
    a.ordered_at, a.ordered_by, a.expires_at, a.closed_at, a.closed_by, a.outcome,
    a.outcome_note, a.outcome_at, a.outcome_by, s.sender, s.name as scheme_name, r.occurred_at,
    r.late_reason, a.doctrine, a.author_ids, a.outside_zone, a.outside_zone_reason, z.name as zone_agency_name,
    a.submitted_at, a.submitted_by, a.submitted_hash, a.submitted_members, a.audience_hash, a.decision, a.decided_at, a.decided_by, a.decided_by_id,
    a.decision_reason, a.passed, a.review, a.reviewed_at, a.reviewed_by, a.review_note, s.doctrine as settings, s.territory,
    (select jsonb_build_object('magistrate', u.magistrate, 'service', u.service, 'givenAt', u.given_at, 'scope', u.scope,
        'contentHash', u.content_hash, 'recordedAt', u.recorded_at, 'recordedBy', u.recorded_by, 'voidAt', u.void_at,
        'confirmation', u.confirmation, 'answeredAt', u.answered_at)
      from authorisations u where u.scheme_id = a.scheme_id and u.alert_id = a.id and u.follow_up_id is null
      order by u.void_at is not null, u.recorded_at desc limit 1) as authorisation,
    ${followUpsOf(sql`a.scheme_id`, sql`a.id`)} as follow_ups`
const ALERT_TABLES = sql`from alerts a
  join schemes s on s.id = a.scheme_id
  join reports r on r.scheme_id = a.scheme_id and r.id = a.report_id
  join categories g on g.scheme_id = a.scheme_id and g.code = a.category_code
  join communes c on c.code = r.commune_code
  left join agencies z on z.scheme_id = a.scheme_id and z.id = a.zone_agency_id`
const ALERTS = sql`select ${ALERT_COLUMNS} ${ALERT_TABLES}`

export async function findAlert(tx: Tx, schemeId: string, id: string): Promise<AlertRow | undefined> {
  const { rows } = await sql<StoredAlert>`${PREPARED}${ALERTS}
    where a.scheme_id = ${schemeId} and a.id = ${id}::uuid`.execute(tx)
  return (await withAudiences(tx, schemeId, rows))[0]
}

export type StoredAlert = Omit<AlertRow, 'audience'>

/**
 * Reads an alert with more expressions over its scheme `s`, its report `r` and the commune `c` of the facts, in one
 * statement.
 */
export async function findAlertWith<More>(
  tx: Tx,
  schemeId: string,
  id: string,
  more: RawBuilder<unknown>,
): Promise<(StoredAlert & More) | undefined> {
  const { rows } = await sql<StoredAlert & More>`${PREPARED}
    select ${ALERT_COLUMNS}, ${more} ${ALERT_TABLES}
    where a.scheme_id = ${schemeId} and a.id = ${id}::uuid`.execute(tx)
  return rows[0]
}

/**
 * Adds the current audience hashes to alerts that have not left. An alert that has left keeps the hash of its content with its
 * first message, even if its area has changed since.
 */
async function withAudiences<Row extends StoredAlert>(
  tx: Tx,
  schemeId: string,
  rows: readonly Row[],
): Promise<(Row & Pick<AlertRow, 'audience'>)[]> {
  const open = rows.filter(({ orderedAt }) => orderedAt === null)
  const hashes = await findAudienceHashes(
    tx,
    open.map((row) => ({ audience: row, context: { schemeId, territory: row.territory } })),
  )
  const hashOf = new Map(open.map(({ id }, no) => [id, hashes[no]]))
  return rows.map((row) => ({ ...row, audience: hashOf.get(row.id) ?? '' }))
}

function matchingWords(q: string, inTexts: boolean) {
  const anywhere = `%${q.replace(/[\\%_]/g, '\\$&')}%`
  const name = searchName(q)
  const inNames = name === '' ? sql`false` : sql`c.search_name like ${`${name}%`}`
  const inText = inTexts ? sql`or ${containsInClear(sql`a.text`, q)}` : sql``
  return sql`(${inNames} or a.reference ilike ${anywhere} or ${containsTyped(sql`a.area_label`, q)}
    or ${containsTyped(sql`g.label_fr`, q)} or ${containsTyped(sql`g.label_en`, q)} ${inText})`
}

/** Lists the alerts that meet a condition on a row `a`, latest first. */
export async function listAlertsWhere(
  tx: Tx,
  schemeId: string,
  condition: RawBuilder<unknown>,
  limit: number,
): Promise<StoredAlert[]> {
  const { rows } = await sql<StoredAlert>`${ALERTS} where a.scheme_id = ${schemeId} and (${condition})
    order by a.created_at desc, a.id desc limit ${limit}`.execute(tx)
  return rows
}

/** Lists alerts, latest first. */
export async function listAlerts(
  tx: Tx,
  schemeId: string,
  query: Omit<AlertQuery, 'before'>,
  options: {
    readonly before: InstantCursor | undefined
    /** Whether the reader may read every text; otherwise texts are not searched, since a match would reveal their words. */
    readonly inTexts: boolean
  },
): Promise<AlertRow[]> {
  const conditions = [sql`a.scheme_id = ${schemeId}`]
  if (query.state !== undefined) conditions.push(sql`a.state = ${query.state}`)
  if (query.open === true) conditions.push(sql`a.state in ('broadcasting', 'active', 'updated')`)
  if (query.open === false) conditions.push(sql`a.state not in ('broadcasting', 'active', 'updated')`)
  if (query.ordered === true) conditions.push(sql`a.ordered_at is not null`)
  if (query.ordered === false) conditions.push(sql`a.ordered_at is null and a.state <> 'discarded'`)
  if (query.exercise !== undefined) conditions.push(sql`a.exercise = ${query.exercise}`)
  if (query.q) conditions.push(matchingWords(query.q, options.inTexts))
  const { before } = options
  if (before !== undefined) {
    conditions.push(sql`(a.created_at, a.id) < (${before.at}::timestamptz, ${before.id}::uuid)`)
  }
  const { rows } = await sql<StoredAlert>`${ALERTS}
    where ${sql.join(conditions, sql` and `)}
    order by a.created_at desc, a.id desc limit ${query.limit}`.execute(tx)
  return withAudiences(tx, schemeId, rows)
}

/** Maximum number of alerts in each part of the current ones that nobody has to work off, so that none fills the list. */
const PART_MAX = 100

/**
 * Lists the alerts that are being sent or active, that a person has to decide on, correct or review, themselves or by a
 * follow-up, that were rejected while their report waits, or that were sent since an instant about the zone of the given
 * agencies. Latest first; of rejected ones, open reviews and the zone, the latest PART_MAX each.
 */
export async function listCurrentAlerts(
  tx: Tx,
  schemeId: string,
  zone: { readonly ids: readonly string[]; readonly since: Date },
): Promise<(AlertRow & { readonly inZone: boolean })[]> {
  // A user of two agencies is not notified of an alert of one of them by the other.
  const inZone = sql`ordered_at > ${zone.since} and zone_agency_id = any (${[...zone.ids]}::uuid[])
    and (agency_id is null or agency_id <> all (${[...zone.ids]}::uuid[]))`
  // A union, so that each part reads its own partial index.
  const { rows } = await sql<StoredAlert & { readonly inZone: boolean }>`${PREPARED}
    with current as (
      select id, false as in_zone from alerts
        where scheme_id = ${schemeId} and state in ('broadcasting', 'active', 'updated')
      union all select id, false from alerts where scheme_id = ${schemeId} and state in ('submitted', 'returned')
      union all (select x.id, false from reports w
        join alerts x on x.scheme_id = w.scheme_id and x.report_id = w.id and x.state = 'rejected'
        where w.scheme_id = ${schemeId} and w.state = 'waiting' order by x.created_at desc limit ${PART_MAX})
      union all (select id, false from alerts where scheme_id = ${schemeId} and review = 'open'
        order by ordered_at desc limit ${PART_MAX})
      union all select alert_id, false from follow_ups
        where scheme_id = ${schemeId} and state in ('submitted', 'returned')
      union all (select alert_id, false from follow_ups where scheme_id = ${schemeId} and review = 'open'
        order by created_at desc limit ${PART_MAX})
      union all (select id, true from alerts where scheme_id = ${schemeId} and ordered_at is not null and ${inZone}
        order by ordered_at desc, id desc limit ${PART_MAX})
    )
    select ${ALERT_COLUMNS}, o.in_zone ${ALERT_TABLES}
    join (select id, bool_or(in_zone) as in_zone from current group by id) o on o.id = a.id
    where a.scheme_id = ${schemeId}
    order by a.created_at desc, a.id desc`.execute(tx)
  return withAudiences(tx, schemeId, rows)
}

/** Lists the contacts of members to whom the alert was sent (see message_receivers in the migrations). */
export async function listReceivers(
  tx: Tx,
  schemeId: string,
  alertId: string,
  memberIds: readonly string[],
): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select r.id from broadcasts b cross join lateral message_receivers(b.id, ${[...memberIds]}::uuid[]) as r (id)
    where b.scheme_id = ${schemeId} and b.alert_id = ${alertId}::uuid and b.kind = 'first'`.execute(tx)
  return rows.map((row) => row.id)
}
