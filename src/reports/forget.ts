import { sql } from 'kysely'
import { markForSealing } from '../cipher/marked.ts'
import { type ErasedPeople, unsharedNumbers } from '../identity/erased.ts'
import { rowKeysSql, type SchemeRow } from '../platform/database/pairs.ts'
import type { Tx } from '../platform/db.ts'

/**
 * Copies the caller's name, shop and number to the reports of members that are about to be emptied. A call to 17, decided or not,
 * is a record of the forces under directive (EU) 2016/680: its caller and its place are kept until the purge of reports
 * (`REPORTS_KEPT_DAYS`), an operator can still call back, and the chamber reads no report. Drills are no such record.
 */
export async function keepCallers(tx: Tx, members: readonly SchemeRow[]): Promise<void> {
  const { rows } = await sql<{ schemeId: string; id: string; name: string; phone: string | null }>`
    select w.scheme_id, w.id, concat_ws(', ', coalesce(w.caller_name, k.person), m.name) as name,
      coalesce(w.caller_phone, k.mobile) as phone
    from reports w
    join members m on m.scheme_id = w.scheme_id and m.id = w.caller_member_id
    left join lateral (
      select person, mobile from contacts where scheme_id = m.scheme_id and member_id = m.id
      order by id = w.caller_contact_id desc, position, id limit 1) k on true
    where not w.exercise and (m.scheme_id, m.id) in ${rowKeysSql(members)} for update of w`.execute(tx)
  for (const { schemeId, id, name, phone } of rows) {
    await tx
      .updateTable('reports')
      .set({ callerMemberId: null, callerContactId: null, callerPhone: phone })
      .set({ callerName: markForSealing(schemeId, 'caller', name.slice(0, 120)) })
      .where('schemeId', '=', schemeId)
      .where('id', '=', id)
      .execute()
  }
}

/**
 * Copies the name and number of contacts that are about to be deleted, while their members stay, to the reports that they made, or
 * that show the number of their shop: as in `keepCallers`, no such report loses its caller.
 */
export async function keepContactCallers(
  tx: Tx,
  schemeId: string,
  contactIds: readonly string[],
): Promise<void> {
  const { rows } = await sql<{ id: string; name: string; phone: string | null }>`
    select w.id, coalesce(w.caller_name, k.person) as name, coalesce(w.caller_phone, k.mobile) as phone
    from reports w
    cross join lateral (
      select id, person, mobile from contacts where scheme_id = w.scheme_id and member_id = w.caller_member_id
      order by id = w.caller_contact_id desc, position, id limit 1) k
    where w.scheme_id = ${schemeId} and not w.exercise and k.id = any (${contactIds}::uuid[])
      and (w.caller_name is null or w.caller_phone is null) for update of w`.execute(tx)
  for (const { id, name, phone } of rows) {
    await tx
      .updateTable('reports')
      .set({ callerPhone: phone, callerName: markForSealing(schemeId, 'caller', name.slice(0, 120)) })
      .where('schemeId', '=', schemeId)
      .where('id', '=', id)
      .execute()
  }
}

/** Clears erased callers from drills, which are no record of an offence, across schemes. */
export async function forgetDrillCallers(tx: Tx, people: ErasedPeople): Promise<void> {
  await sql`update reports set caller_member_id = null, caller_contact_id = null, caller_name = null, caller_phone = null
    where exercise and ((scheme_id, caller_member_id) in ${rowKeysSql(people.members)}
      or (caller_member_id is null and (scheme_id, caller_phone) in ${unsharedNumbers(people)}))`.execute(tx)
  await sql`update reports set caller_contact_id = null, caller_name = null, caller_phone = null
    where exercise and ((scheme_id, caller_contact_id) in ${rowKeysSql(people.contacts)}
      or (scheme_id, caller_phone) in ${unsharedNumbers(people)})`.execute(tx)
}

/** Deletes reports that nothing refers to any more and series left without reports, across schemes. */
export async function deleteReports(tx: Tx, reports: readonly SchemeRow[]): Promise<void> {
  const these = rowKeysSql(reports)
  await sql`delete from series_apart where (scheme_id, report_id) in ${these} or (scheme_id, other_id) in ${these}`.execute(
    tx,
  )
  await sql`delete from series_reports where (scheme_id, report_id) in ${these}`.execute(tx)
  await sql`delete from reports where (scheme_id, id) in ${these}`.execute(tx)
  await sql`delete from series s where not exists (
    select from series_reports r where r.scheme_id = s.scheme_id and r.series_id = s.id)`.execute(tx)
}
