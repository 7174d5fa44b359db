import { type RawBuilder, sql } from 'kysely'
import { markForSealing } from '../cipher/marked.ts'
import type { InstantCursor } from '../platform/database/cursor.ts'
import { containsInClear, isSealedAs } from '../platform/database/sealed.ts'
import { containsTyped } from '../platform/database/search.ts'
import { timeZoneSql } from '../platform/database/time-zone.ts'
import type { Tx } from '../platform/db.ts'
import type { AgencyKind, AlertState, ReportState, Severity } from '../schema.ts'
import type { CategoryLevel } from '../schemes/doctrine.ts'
import type { Area } from '../territory/contract.ts'
import { searchName } from '../territory/places/spelling.ts'
import { type AreaContext, communeCodesOf } from '../territory/store/areas.ts'
import type { RefusalCode, ReportQuery } from './contract.ts'

/** Tells whether a commune exists and is in the territory. */
export async function locateCommune(
  tx: Tx,
  context: AreaContext,
  code: string,
): Promise<'inside' | 'outside' | 'unknown'> {
  const territory: Area = { kind: 'scheme' }
  const { rows } = await sql<{ inside: boolean }>`
    select code in (${communeCodesOf(territory, context)}) as inside
    from communes where code = ${code}`.execute(tx)
  return rows[0] === undefined ? 'unknown' : rows[0].inside ? 'inside' : 'outside'
}

export async function findCategory(
  tx: Tx,
  schemeId: string,
  code: string,
): Promise<
  | { active: boolean; severity: Severity; level: CategoryLevel; template: string; area: string | null }
  | undefined
> {
  return tx
    .selectFrom('categories')
    .select(['active', 'severity', 'level', 'template', 'area'])
    .where('schemeId', '=', schemeId)
    .where('code', '=', code)
    .executeTakeFirst()
}

export interface Caller {
  readonly memberId: string
  readonly person: string | null
}

export async function findMember(tx: Tx, schemeId: string, memberId: string): Promise<Caller | undefined> {
  const row = await tx
    .selectFrom('members')
    .select('id')
    .where('schemeId', '=', schemeId)
    .where('id', '=', memberId)
    .executeTakeFirst()
  return row && { memberId: row.id, person: null }
}

/** Finds the member that has this number (E.164); of several, first one of the commune, then an active one. */
export async function findCallerByPhone(
  tx: Tx,
  schemeId: string,
  phone: string,
  communeCode: string,
): Promise<Caller | undefined> {
  const { rows } = await sql<Caller>`
    select m.id as member_id, nullif(c.person, '') as person
    from contacts c join members m on m.scheme_id = c.scheme_id and m.id = c.member_id
    where c.scheme_id = ${schemeId} and c.mobile = ${phone} and m.status <> 'left'
    order by m.commune_code = ${communeCode} desc, m.status = 'active' desc, m.id limit 1`.execute(tx)
  return rows[0]
}

export interface NewReportRow {
  readonly schemeId: string
  readonly id: string
  readonly categoryCode: string
  readonly communeCode: string
  /** The name of a former commune, if the caller used it. */
  readonly formerName?: string | null
  readonly place: string | null
  readonly calledAt: Date
  readonly occurredAt: Date
  readonly lateReason: string | null
  readonly callerPhone: string | null
  readonly callerName: string | null
  readonly callerMemberId: string | null
  /** The contact who reported it on the portal; null for a call. */
  readonly callerContactId: string | null
  /** Whether the author of a report from the portal called 17 too; null for a call. */
  readonly called17: boolean | null
  readonly facts: string | null
  readonly agencyId: string | null
  readonly createdAt: Date
  readonly createdBy: string
  readonly exercise: boolean
}

export async function insertReport(tx: Tx, report: NewReportRow): Promise<void> {
  await tx
    .insertInto('reports')
    .values({
      ...report,
      callerName: markForSealing(report.schemeId, 'caller', report.callerName),
      state: 'waiting',
      refusalCode: null,
      refusalNote: null,
      decidedAt: null,
      decidedBy: null,
    })
    .execute()
}

/** Locks a report until the transaction ends. */
export async function lockReport(tx: Tx, schemeId: string, id: string) {
  return tx
    .selectFrom('reports')
    .select([
      'state',
      'categoryCode',
      'communeCode',
      'exercise',
      'calledAt',
      'occurredAt',
      'claimedById',
      'claimedBy',
      'claimedAt',
    ])
    .where('schemeId', '=', schemeId)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()
}

export type LockedReport = NonNullable<Awaited<ReturnType<typeof lockReport>>>

/** Stores who has claimed a report; null for none. */
export async function updateClaim(
  tx: Tx,
  schemeId: string,
  id: string,
  claim: { readonly userId: string; readonly by: string; readonly at: Date } | null,
): Promise<void> {
  await tx
    .updateTable('reports')
    .set({
      claimedById: claim?.userId ?? null,
      claimedBy: claim?.by ?? null,
      claimedAt: claim?.at ?? null,
    })
    .where('schemeId', '=', schemeId)
    .where('id', '=', id)
    .execute()
}

export async function updateDecision(
  tx: Tx,
  schemeId: string,
  id: string,
  decision: {
    readonly state: 'refused'
    readonly refusalCode: RefusalCode
    readonly refusalNote: string | null
    readonly answerText: string | null
    readonly decidedAt: Date
    readonly decidedBy: string
  },
): Promise<void> {
  await tx
    .updateTable('reports')
    .set(decision)
    .where('schemeId', '=', schemeId)
    .where('id', '=', id)
    .execute()
}

/**
 * Records the decision to broadcast a waiting, locked report, as a common table expression of the statement that plans the
 * broadcast. The caller writes the audit record.
 * @param lateReason why others are still alerted, in addition to the reason given for a late call
 */
export function broadcastDecision(
  schemeId: string,
  id: string,
  { at, by, lateReason }: { readonly at: Date; readonly by: string; readonly lateReason: string | undefined },
): RawBuilder<unknown> {
  const moreReason =
    lateReason === undefined ? sql`` : sql`, late_reason = concat_ws(' · ', late_reason, ${lateReason}::text)`
  return sql`decided_report as (
    update reports set state = 'broadcast', refusal_code = null, refusal_note = null, answer_text = null, decided_at = ${at},
      decided_by = ${by}${moreReason}
    where scheme_id = ${schemeId} and id = ${id}::uuid
  )`
}

/** A report with the names of the rows that it refers to. The phone number is complete: mask it before returning it. */
export interface ReportRow {
  readonly id: string
  readonly categoryCode: string
  readonly labelFr: string
  readonly labelEn: string
  readonly severity: Severity
  readonly communeCode: string
  readonly communeName: string
  readonly formerName: string | null
  readonly place: string | null
  readonly calledAt: Date
  readonly occurredAt: Date
  readonly lateReason: string | null
  readonly callerPhone: string | null
  readonly callerName: string | null
  readonly callerMemberId: string | null
  readonly callerMemberName: string | null
  readonly callerContactId: string | null
  readonly called17: boolean | null
  /** The first SMS number of the calling member. */
  readonly memberMobile: string | null
  readonly facts: string | null
  readonly agencyName: string | null
  readonly agencyKind: AgencyKind | null
  readonly state: ReportState
  readonly refusalCode: string | null
  readonly refusalNote: string | null
  readonly answerText: string | null
  readonly answerState: 'waiting' | 'sent' | 'delivered' | 'failed' | null
  readonly answerAt: Date | null
  readonly decidedAt: Date | null
  readonly decidedBy: string | null
  readonly createdBy: string
  readonly exercise: boolean
  readonly claimedById: string | null
  readonly claimedBy: string | null
  readonly claimedAt: Date | null
  readonly relayScheme: string | null
  readonly relayReference: string | null
  readonly relayNote: string | null
  readonly alertId: string | null
  readonly alertReference: string | null
  readonly alertState: AlertState | null
  readonly alertOrderedAt: Date | null
  readonly rejectedId: string | null
  readonly rejectedReference: string | null
  readonly rejectedText: string | null
  readonly rejectedReason: string | null
  readonly rejectedBy: string | null
  readonly rejectedAt: Date | null
  readonly alertAnsweredAt: Date | null
  readonly alertAnsweredBy: string | null
  readonly alertAnswer: string | null
}

// The alert of a report and the answer to its caller are written by other rooms; they are read here because the list shows
// them.
const selectReports = (reports: RawBuilder<unknown>) => sql`
  select r.id, r.category_code, g.label_fr, g.label_en, g.severity, r.commune_code, c.name as commune_name, r.former_name, r.place,
    r.called_at, r.occurred_at, r.late_reason, r.caller_phone, r.caller_name, r.caller_member_id,
    r.caller_contact_id, r.called17, m.name as caller_member_name, p.mobile as member_mobile, r.facts, o.name as agency_name, o.kind as agency_kind,
    r.state, r.refusal_code, r.refusal_note, r.answer_text, w.state as answer_state, w.at as answer_at, r.decided_at,
    r.decided_by, r.created_by, r.exercise, f.from_name as relay_scheme, f.reference as relay_reference,
    f.note as relay_note, r.claimed_by_id, r.claimed_by, r.claimed_at, a.id as alert_id, a.reference as alert_reference,
    a.state as alert_state, a.ordered_at as alert_ordered_at,
    case when a.state in ('returned', 'rejected') then a.decided_at end as alert_answered_at,
    case when a.state in ('returned', 'rejected') then a.decided_by end as alert_answered_by,
    case when a.state in ('returned', 'rejected') then a.decision_reason end as alert_answer,
    j.id as rejected_id, j.reference as rejected_reference, j.text as rejected_text,
    j.decision_reason as rejected_reason, j.decided_by as rejected_by, j.decided_at as rejected_at
  from ${reports} r
  join categories g on g.scheme_id = r.scheme_id and g.code = r.category_code
  join communes c on c.code = r.commune_code
  left join members m on m.scheme_id = r.scheme_id and m.id = r.caller_member_id
  left join lateral (
    select mobile from contacts
    where scheme_id = r.scheme_id and member_id = r.caller_member_id and sms order by position, id limit 1
  ) p on true
  left join lateral (
    -- Each answer has one delivery; the limits keep the planner from joining the answers of all reports with all deliveries.
    select case d.state when 'planned' then 'waiting' when 'delivered' then 'delivered'
        when 'accepted' then 'sent' when 'in_doubt' then 'sent' else 'failed' end as state,
      coalesce(d.settled_at, d.accepted_at, d.in_doubt_at) as at
    from (select scheme_id, id from broadcasts
        where scheme_id = r.scheme_id and report_id = r.id and r.answer_text is not null limit 1) b
      cross join lateral (select * from deliveries where scheme_id = b.scheme_id and broadcast_id = b.id order by no limit 1) d
  ) w on true
  left join relays f on f.to_scheme_id = r.scheme_id and f.to_report_id = r.id
  left join agencies o on o.scheme_id = r.scheme_id and o.id = r.agency_id
  left join lateral (
    select id, reference, state, ordered_at, decided_at, decided_by, decision_reason from alerts
    where scheme_id = r.scheme_id and report_id = r.id and state <> 'discarded'
    order by created_at desc, state = 'rejected' limit 1
  ) a on true
  left join lateral (
    select id, reference, text, decision_reason, decided_by, decided_at from alerts
    where scheme_id = r.scheme_id and report_id = r.id and state = 'rejected'
    order by decided_at desc limit 1
  ) j on true`

export async function findReport(tx: Tx, schemeId: string, id: string): Promise<ReportRow | undefined> {
  const { rows } = await sql<ReportRow>`${selectReports(sql`reports`)}
    where r.scheme_id = ${schemeId} and r.id = ${id}::uuid`.execute(tx)
  return rows[0]
}

type Filter = Omit<ReportQuery, 'state' | 'before' | 'limit'>

function reportFilters(
  schemeId: string,
  { categoryCode, agencyId, refusalCode, from, to, q, exercise }: Filter,
) {
  const conditions = [sql`r.scheme_id = ${schemeId}`]
  if (categoryCode !== undefined) conditions.push(sql`r.category_code = ${categoryCode}`)
  if (agencyId !== undefined) conditions.push(sql`r.agency_id = ${agencyId}::uuid`)
  if (refusalCode !== undefined) conditions.push(sql`r.refusal_code = ${refusalCode}`)
  if (from !== undefined) {
    conditions.push(sql`r.called_at >= (${from}::date)::timestamp at time zone ${timeZoneSql(schemeId)}`)
  }
  if (to !== undefined) {
    conditions.push(sql`r.called_at < (${to}::date + 1)::timestamp at time zone ${timeZoneSql(schemeId)}`)
  }
  if (exercise !== undefined) conditions.push(sql`r.exercise = ${exercise}`)
  if (q) {
    const anywhere = `%${q.replace(/[\\%_]/g, '\\$&')}%`
    const name = searchName(q)
    const inNames = name === '' ? sql`false` : sql`c.search_name like ${`${name}%`}`
    conditions.push(sql`(${inNames} or ${containsTyped(sql`r.place`, q)} or ${containsTyped(sql`r.facts`, q)}
      or ${containsInClear(sql`r.caller_name`, q)} or ${isSealedAs(sql`r.caller_name`, schemeId, 'caller', q)} or exists (
        select from members m where m.scheme_id = r.scheme_id and m.id = r.caller_member_id
          and m.search_name like ${`%${name}%`} and ${name !== ''})
      or exists (select from alerts a
        where a.scheme_id = r.scheme_id and a.report_id = r.id and a.reference like ${`${anywhere}`}))`)
  }
  return sql.join(conditions, sql` and `)
}

/** Lists reports, latest call first. */
export async function listReports(
  tx: Tx,
  schemeId: string,
  query: Omit<ReportQuery, 'before'>,
  before: InstantCursor | undefined,
): Promise<ReportRow[]> {
  const conditions = [reportFilters(schemeId, query)]
  if (query.state !== undefined) conditions.push(sql`r.state = ${query.state}`)
  if (before !== undefined) {
    conditions.push(sql`(r.called_at, r.id) < (${before.at}::timestamptz, ${before.id}::uuid)`)
  }
  // Selects the page first, so that nothing is looked up for other reports.
  const page = sql`(select r.* from reports r join communes c on c.code = r.commune_code
    where ${sql.join(conditions, sql` and `)}
    order by r.called_at desc, r.id desc limit ${query.limit})`
  const { rows } = await sql<ReportRow>`${selectReports(page)} order by r.called_at desc, r.id desc`.execute(
    tx,
  )
  return rows
}

export async function countReports(
  tx: Tx,
  schemeId: string,
  filter: Filter,
): Promise<Record<ReportState, number>> {
  const { rows } = await sql<{ state: ReportState; count: number }>`
    select r.state, count(*)::integer as count from reports r join communes c on c.code = r.commune_code
    where ${reportFilters(schemeId, filter)} group by r.state`.execute(tx)
  const counts = { waiting: 0, broadcast: 0, refused: 0 }
  for (const { state, count } of rows) counts[state] = count
  return counts
}
