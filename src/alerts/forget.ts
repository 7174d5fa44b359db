import { sql } from 'kysely'
import { deleteBroadcasts, deleteDeliveries } from '../deliveries/forget.ts'
import { type ErasedPeople, unsharedNumbers } from '../identity/erased.ts'
import { deleteCallOuts, forgetPeople, type RemovedPerson } from '../on-call/forget.ts'
import { rowKeysSql, type SchemeRow } from '../platform/database/pairs.ts'
import type { Tx } from '../platform/db.ts'

/** Removes the numbers of erased members from skipped recipients and from the counts of recent alerts, across schemes. */
export async function forgetSolicitations(tx: Tx, people: ErasedPeople): Promise<void> {
  // The count of skipped recipients stays: the id of the deleted contact replaces the number. No digest is sent to it.
  await sql`update held_back set phone = contact_id::text, notified_at = coalesce(notified_at, statement_timestamp())
    where (scheme_id, member_id) in ${rowKeysSql(people.members)} or (scheme_id, phone) in ${unsharedNumbers(people)}`.execute(
    tx,
  )
  await sql`delete from solicitations where (scheme_id, phone) in ${unsharedNumbers(people)}`.execute(tx)
}

/** Deletes ended broadcasts and all rows that depend on them, across schemes. */
export async function deleteBroadcastsWhole(tx: Tx, broadcasts: readonly SchemeRow[]): Promise<void> {
  await sql`delete from solicited_broadcasts where (scheme_id, broadcast_id) in ${rowKeysSql(broadcasts)}`.execute(
    tx,
  )
  await deleteDeliveries(tx, broadcasts)
  await deleteBroadcasts(tx, broadcasts)
}

/** Deletes ended alerts and all rows that depend on them, across schemes. @param broadcasts the broadcasts of the alerts and their reports */
export async function deleteAlerts(
  tx: Tx,
  alerts: readonly SchemeRow[],
  broadcasts: readonly SchemeRow[],
): Promise<void> {
  const these = rowKeysSql(alerts)
  await deleteCallOuts(tx, alerts)
  await sql`delete from alert_reads where (scheme_id, alert_id) in ${these}`.execute(tx)
  await sql`delete from held_back where (scheme_id, alert_id) in ${these}`.execute(tx)
  await sql`delete from authorisations where (scheme_id, alert_id) in ${these}`.execute(tx)
  await sql`delete from follow_ups where (scheme_id, alert_id) in ${these}`.execute(tx)
  await sql`delete from alert_events where (scheme_id, alert_id) in ${these}`.execute(tx)
  await deleteBroadcastsWhole(tx, broadcasts)
  await sql`delete from alerts where (scheme_id, id) in ${these}`.execute(tx)
}

/**
 * Erases the number and the address of people who were removed from the on-call list, across schemes. A magistrate keeps both as
 * long as an alert that is not over has an authorisation under their name, and the name as long as any authorisation has it.
 */
export async function purgeRemovedPeople(tx: Tx, before: Date, limit: number): Promise<SchemeRow[]> {
  const ofPerson = sql`u.scheme_id = p.scheme_id and u.magistrate_id = p.id::text`
  const { rows } = await sql<RemovedPerson>`
    select p.scheme_id, p.id, n.is_named from on_call_people p
    cross join lateral (select exists (select from authorisations u where ${ofPerson}) as is_named) n
    where p.removed_at < ${before} and (p.phone is not null or p.mail is not null or not n.is_named)
      and not exists (
        select from authorisations u join alerts a on a.scheme_id = u.scheme_id and a.id = u.alert_id
        where ${ofPerson} and a.state in ('draft', 'submitted', 'returned', 'approved', 'broadcasting', 'active', 'updated'))
    order by p.scheme_id, p.id limit ${limit}`.execute(tx)
  await forgetPeople(tx, rows)
  return rows
}
