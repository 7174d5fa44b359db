import { type RawBuilder, sql } from 'kysely'
import { markForSealing } from '../cipher/marked.ts'
import { findTimeZone } from '../platform/database/time-zone.ts'
import type { Tx } from '../platform/db.ts'
import { listRoleAccounts } from '../settings/store.ts'
import {
  APPROVER_ROLES,
  type CallReason,
  type CallSmsState,
  type CallSubject,
  type OnCallAbsence,
  type OnCallAccount,
  type OnCallHours,
  type OnCallPerson,
  type OnCallRole,
} from './contract.ts'
import type { InLine } from './rules.ts'

/** Lists the people who can be called, by role and name. */
export async function listOnCallPeople(tx: Tx, schemeId: string): Promise<OnCallPerson[]> {
  const { rows } = await sql<OnCallPerson>`
    select id, role, name, service, user_id, agency_id, phone, mail, hours, version from on_call_people
    where scheme_id = ${schemeId} and removed_at is null order by role, name, id`.execute(tx)
  return rows
}

/** Finds a person, also one who was removed from the list. */
export function findPerson(tx: Tx, schemeId: string, id: string) {
  return tx
    .selectFrom('onCallPeople')
    .select(['id', 'role', 'name', 'service', 'userId', 'agencyId', 'phone', 'mail', 'hours', 'removedAt'])
    .where('schemeId', '=', schemeId)
    .where('id', '=', id)
    .executeTakeFirst()
}

export function findAbsence(tx: Tx, schemeId: string, id: string) {
  return tx
    .selectFrom('onCallAbsences')
    .select(['personId', 'substituteId', 'fromAt', 'untilAt'])
    .where('schemeId', '=', schemeId)
    .where('id', '=', id)
    .executeTakeFirst()
}

/** Lists the absences that have not ended. */
export async function listAbsences(tx: Tx, schemeId: string, at: Date): Promise<OnCallAbsence[]> {
  const rows = await tx
    .selectFrom('onCallAbsences')
    .select(['id', 'personId', 'substituteId', 'fromAt', 'untilAt'])
    .where('schemeId', '=', schemeId)
    .where('untilAt', '>', at)
    .orderBy('fromAt')
    .orderBy('id')
    .execute()
  return rows.map(({ id, personId, substituteId, fromAt, untilAt }) => ({
    id,
    personId,
    substituteId,
    from: fromAt.toISOString(),
    until: untilAt.toISOString(),
  }))
}

/** The rota of a scheme, as the rules read it. */
export async function readRota(tx: Tx, schemeId: string, at: Date) {
  const people = await listOnCallPeople(tx, schemeId)
  const absences = people.length === 0 ? [] : await listAbsences(tx, schemeId, at)
  return {
    people,
    absences: absences.map(({ from, until, ...absence }) => ({
      ...absence,
      from: Date.parse(from),
      until: Date.parse(until),
    })),
    timeZone: await findTimeZone(tx, schemeId),
  }
}

/** Lists the active accounts that may approve or authorise in the scheme of the transaction, by name, with their roles. */
export async function listApproverAccounts(tx: Tx): Promise<OnCallAccount[]> {
  const accounts = new Map<string, OnCallAccount>()
  for (const { actor, name, role } of await listRoleAccounts(tx, APPROVER_ROLES)) {
    const id = actor.slice('user:'.length)
    const roles = [...(accounts.get(id)?.roles ?? []), role as (typeof APPROVER_ROLES)[number]]
    accounts.set(id, { id, name, roles })
  }
  return [...accounts.values()]
}

export interface PersonFields {
  readonly role: OnCallRole
  readonly name: string
  readonly service: string | null
  readonly userId: string | null
  readonly agencyId: string | null
  readonly phone: string | null
  readonly mail: string | null
  readonly hours: readonly OnCallHours[]
}

export async function insertPerson(
  tx: Tx,
  schemeId: string,
  id: string,
  at: Date,
  { hours, ...person }: PersonFields,
): Promise<void> {
  await tx
    .insertInto('onCallPeople')
    .values({ schemeId, id, ...person, hours: JSON.stringify(hours), createdAt: at })
    .execute()
}

/** Updates a person in the version that was read. @returns whether there is one */
export async function updatePerson(
  tx: Tx,
  schemeId: string,
  id: string,
  version: number,
  { hours, ...person }: PersonFields,
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('onCallPeople')
    .set({ ...person, hours: JSON.stringify(hours) })
    .set((row) => ({ version: row('version', '+', 1) }))
    .where('schemeId', '=', schemeId)
    .where('id', '=', id)
    .where('version', '=', version)
    .where('removedAt', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/**
 * Removes a person from the rota with their number and address; calls that were made keep the name. A magistrate keeps both for a
 * time, by which they answer for what was recorded under their name.
 */
export async function removePersonRow(tx: Tx, schemeId: string, id: string, at: Date): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('onCallPeople')
    .set({ removedAt: at, hours: '[]' })
    .set((row) => {
      const unlessMagistrate = (column: 'phone' | 'mail') =>
        row.case().when('role', '=', 'magistrate').then(row.ref(column)).else(null).end()
      return { phone: unlessMagistrate('phone'), mail: unlessMagistrate('mail') }
    })
    .where('schemeId', '=', schemeId)
    .where('id', '=', id)
    .where('removedAt', 'is', null)
    .executeTakeFirst()
  await tx
    .deleteFrom('onCallAbsences')
    .where('schemeId', '=', schemeId)
    .where((row) => row.or([row('personId', '=', id), row('substituteId', '=', id)]))
    .execute()
  return numUpdatedRows > 0n
}

/** The message of an alert that people are called about. */
export interface CalledMessage {
  readonly schemeId: string
  readonly alertId: string
  readonly followUpId: string | null
}

/** The messages whose calls end: one, or with its alert every follow-up of it. */
export type EndedMessage = Omit<CalledMessage, 'followUpId'> & { readonly followUpId: string | null | 'any' }

export interface CallOutRow {
  readonly id: string
  readonly alertId: string
  readonly followUpId: string | null
  readonly subject: CallSubject
  readonly role: OnCallRole
  readonly about: string
  readonly exercise: boolean
  readonly waitSeconds: number
  readonly line: readonly InLine[]
  readonly startedAt: Date
  readonly dueAt: Date | null
  readonly endedAt: Date | null
  readonly endedWhy: string | null
  readonly endedBy: string | null
  readonly endedNote: string | null
  readonly scope: string | null
  readonly askedBy: string | null
}

export interface CallRow {
  /** Part of the link that a person without an account opens. */
  readonly id: string
  readonly no: number
  readonly personId: string
  readonly name: string
  readonly at: Date
  readonly why: CallReason
  readonly again: boolean
  readonly smsId: string | null
  readonly mailId: string | null
  readonly smsState: CallSmsState | null
  readonly smsAt: Date | null
  readonly openedAt: Date | null
}

export async function insertCallOut(tx: Tx, schemeId: string, row: CallOutRow): Promise<void> {
  await tx
    .insertInto('callOuts')
    .values({
      schemeId,
      ...row,
      scope: markForSealing(schemeId, 'authorisation', row.scope),
      line: JSON.stringify(row.line),
    })
    .execute()
}

const columns = sql`o.id, o.alert_id, o.follow_up_id, o.subject, o.role, o.about, o.exercise, o.wait_seconds, o.line, o.started_at,
  o.due_at, o.ended_at, o.ended_why, o.ended_by, o.ended_note, o.scope, o.asked_by`

/** Locks an open call-out until the transaction ends; undefined when it has ended. */
export async function lockCallOut(tx: Tx, schemeId: string, id: string): Promise<CallOutRow | undefined> {
  const { rows } = await sql<CallOutRow>`
    select ${columns} from call_outs o where o.scheme_id = ${schemeId} and o.id = ${id} and o.ended_at is null
    for update`.execute(tx)
  return rows[0]
}

/** Lists call-outs by start: of some alerts, or all that are open. */
export async function listCallOutRows(
  tx: Tx,
  schemeId: string,
  of: { readonly alertId: string } | 'open',
): Promise<CallOutRow[]> {
  const which = of === 'open' ? sql`o.ended_at is null` : sql`o.alert_id = ${of.alertId}::uuid`
  const { rows } = await sql<CallOutRow>`
    select ${columns} from call_outs o where o.scheme_id = ${schemeId} and ${which} order by o.started_at, o.ended_at nulls last, o.id`.execute(
    tx,
  )
  return rows
}

/**
 * The state of the SMS of a call `c` as the outbox and the engine know it now; null: what was last read stays. An SMS that left
 * the outbox without being planned was dropped.
 */
const smsNow: RawBuilder<unknown> = sql`(
    select case
        when d.state = 'delivered' then 'delivered'
        when d.state in ('failed', 'expired', 'withdrawn') then 'failed'
        when d.state = 'accepted' then 'sent'
        when d.state is not null then 'waiting'
        when m.withdrawn_at is not null or m.sent_at is not null then 'failed'
        when m.id is not null then 'waiting'
      end as state, coalesce(d.settled_at, d.accepted_at) as at
    from (select 1) one
    left join outbox m on m.scheme_id = c.scheme_id and m.id = c.sms_id
    left join broadcasts b on b.scheme_id = c.scheme_id and b.order_key = c.sms_id
    left join deliveries d on d.scheme_id = b.scheme_id and d.broadcast_id = b.id and d.no = 1)`

/** Lists the calls of call-outs in order, with the state of their SMS as it is now. */
export async function listCallRows(
  tx: Tx,
  schemeId: string,
  callOutIds: readonly string[],
): Promise<Map<string, CallRow[]>> {
  if (callOutIds.length === 0) return new Map()
  const { rows } = await sql<CallRow & { callOutId: string }>`
    select c.call_out_id, c.id, c.no, c.person_id, c.name, c.at, c.why, c.again, c.sms_id, c.mail_id, c.opened_at,
      case when c.sms_id is null or c.sms_state in ('delivered', 'failed') then c.sms_state
        else coalesce(now_.state, c.sms_state) end as sms_state,
      case when c.sms_state in ('delivered', 'failed') then c.sms_at else coalesce(now_.at, c.sms_at) end as sms_at
    from call_out_calls c left join lateral ${smsNow} now_ on c.sms_id is not null
    where c.scheme_id = ${schemeId} and c.call_out_id = any (${callOutIds}::uuid[])
    order by c.call_out_id, c.no`.execute(tx)
  return Map.groupBy(rows, ({ callOutId }) => callOutId)
}

/** Stores what was read of the SMS of calls. */
export async function updateSmsStates(
  tx: Tx,
  schemeId: string,
  callOutId: string,
  calls: readonly Pick<CallRow, 'no' | 'smsState' | 'smsAt'>[],
): Promise<boolean> {
  const known = calls.filter(({ smsState }) => smsState !== null)
  if (known.length === 0) return false
  const { numAffectedRows } = await sql`
    update call_out_calls c set sms_state = s.state, sms_at = s.at
    from unnest(${known.map(({ no }) => no)}::smallint[], ${known.map(({ smsState }) => smsState)}::text[],
      ${known.map(({ smsAt }) => smsAt)}::timestamptz[]) as s (no, state, at)
    where c.scheme_id = ${schemeId} and c.call_out_id = ${callOutId} and c.no = s.no and c.sms_state is distinct from s.state`.execute(
    tx,
  )
  return (numAffectedRows ?? 0n) > 0n
}

/** Records that the person of a call opened the page. */
export async function markCallOpened(tx: Tx, schemeId: string, callId: string, at: Date): Promise<void> {
  await tx
    .updateTable('callOutCalls')
    .set({ openedAt: at })
    .where('schemeId', '=', schemeId)
    .where('id', '=', callId)
    .where('openedAt', 'is', null)
    .execute()
}

export async function insertCalls(
  tx: Tx,
  schemeId: string,
  callOutId: string,
  calls: readonly CallRow[],
): Promise<void> {
  await tx
    .insertInto('callOutCalls')
    .values(calls.map((call) => ({ schemeId, callOutId, ...call })))
    .execute()
}

export async function updateDue(tx: Tx, schemeId: string, id: string, dueAt: Date | null): Promise<void> {
  await tx
    .updateTable('callOuts')
    .set({ dueAt })
    .where('schemeId', '=', schemeId)
    .where('id', '=', id)
    .execute()
}

/** The end of a call-out; `by` and `note` of an answer that is stored nowhere else. */
export interface CallOutEnd {
  readonly at: Date
  readonly why: string
  readonly by?: string | null
  readonly note?: string | null
}

/** Returns whether people are being called about a message for this. */
export async function isBeingCalled(
  tx: Tx,
  { schemeId, alertId, followUpId }: CalledMessage,
  subject: CallSubject,
): Promise<boolean> {
  const row = await tx
    .selectFrom('callOuts')
    .select('id')
    .where('schemeId', '=', schemeId)
    .where('alertId', '=', alertId)
    .where('followUpId', followUpId === null ? 'is' : '=', followUpId)
    .where('subject', '=', subject)
    .where('endedAt', 'is', null)
    .executeTakeFirst()
  return row !== undefined
}

/** Ends open call-outs of a message. @returns their ids */
export async function endCallOutRows(
  tx: Tx,
  { schemeId, alertId, followUpId }: EndedMessage,
  subjects: readonly CallSubject[],
  { at, why, by = null, note = null }: CallOutEnd,
): Promise<string[]> {
  const which =
    followUpId === 'any' ? sql`true` : sql`o.follow_up_id is not distinct from ${followUpId}::uuid`
  const { rows } = await sql<{ id: string }>`
    update call_outs o set ended_at = ${at}, ended_why = ${why}, ended_by = ${by}, ended_note = ${markForSealing(schemeId, 'authorisation', note)}, due_at = null
    where o.scheme_id = ${schemeId} and o.alert_id = ${alertId}::uuid and o.ended_at is null
      and ${which} and o.subject = any (${subjects}::text[])
    returning o.id`.execute(tx)
  return rows.map(({ id }) => id)
}

/** Lists the call-outs of all schemes that are due, and returns when the next one is. */
export async function listDue(tx: Tx, at: Date, limit: number): Promise<{ schemeId: string; id: string }[]> {
  const { rows } = await sql<{ schemeId: string; id: string }>`
    select scheme_id, id from call_outs where ended_at is null and due_at <= ${at} order by due_at limit ${limit}`.execute(
    tx,
  )
  return rows
}

export async function findNextDue(tx: Tx): Promise<Date | null> {
  const { rows } = await sql<{ at: Date | null }>`
    select min(due_at) as at from call_outs where ended_at is null and due_at is not null`.execute(tx)
  return rows[0]?.at ?? null
}
