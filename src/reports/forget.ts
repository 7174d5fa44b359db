import { sql } from 'kysely'
import { readSealedJson, sealed } from '../cipher/marked.ts'
import { ERASED_NAME, type ErasedPeople, unsharedNumbers } from '../identity/erased.ts'
import type { Tx } from '../platform/db.ts'
import { pairs, type SchemeRow } from '../platform/pairs.ts'

/**
 * Copies the caller's name, shop and number to pending reports, since the member and the contact are about to be emptied, as the
 * owner. An undecided call to 17 is a police record under directive 2016/680: the operator must be able to call back. The chamber
 * reads no report.
 */
export async function keepPendingCallers(tx: Tx, members: readonly SchemeRow[]): Promise<void> {
  const { rows } = await sql<{ schemeId: string; id: string; name: string; phone: string | null }>`
    select w.scheme_id, w.id, concat_ws(', ', coalesce(w.caller_name, k.person), m.name) as name,
      coalesce(w.caller_phone, k.mobile) as phone
    from reports w
    join members m on m.scheme_id = w.scheme_id and m.id = w.caller_member_id
    left join lateral (
      select person, mobile from contacts where scheme_id = m.scheme_id and member_id = m.id
      order by id = w.caller_contact_id desc, position, id limit 1) k on true
    where w.state = 'waiting' and (m.scheme_id, m.id) in ${pairs(members)} for update of w`.execute(tx)
  for (const { schemeId, id, name, phone } of rows) {
    await tx
      .updateTable('reports')
      .set({ callerMemberId: null, callerContactId: null, callerPhone: phone })
      .set({ callerName: sealed(schemeId, 'caller', name.slice(0, 120)) })
      .where('schemeId', '=', schemeId)
      .where('id', '=', id)
      .execute()
  }
}

/** Clears erased callers from decided reports and deletes call notes that hold their numbers, across schemes. */
export async function forgetCallers(tx: Tx, people: ErasedPeople): Promise<void> {
  const { members } = people
  const these = pairs(members)
  const numbers = unsharedNumbers(people)
  const known = people.unshared.flatMap(({ schemeId, mobile }) =>
    mobile === null ? [] : [{ schemeId, mobile }],
  )
  // A report from the portal is signed with the name, and its place defaults to the shop.
  await sql`update reports r set caller_member_id = null, caller_contact_id = null, caller_name = null, caller_phone = null,
      created_by = case when caller_contact_id is null then created_by else ${ERASED_NAME} end,
      place = case when caller_contact_id is null and not exists (
        select from unnest(${members.flatMap(({ name, address }) => (address === null ? [name] : [name, address]))}::text[]) word
        where word <> '' and strpos(lower(r.place), lower(word)) > 0) then place end
    where (scheme_id, caller_member_id) in ${these} and state <> 'waiting'`.execute(tx)
  await sql`update reports set caller_name = null, caller_phone = null
    where caller_member_id is null and state <> 'waiting' and (scheme_id, caller_phone) in ${numbers}`.execute(
    tx,
  )
  await deleteNotesAbout(tx, [
    ...known.map(({ schemeId, mobile }) => ({ schemeId, digits: mobile.slice(-9) })),
    ...members.map(({ schemeId, id }) => ({ schemeId, id })),
  ])
}

/** Deletes call notes that hold the last nine digits of a number, however it is written, or the id of a member. */
async function deleteNotesAbout(
  tx: Tx,
  people: readonly { readonly schemeId: string; readonly digits?: string; readonly id?: string }[],
): Promise<void> {
  if (people.length === 0) return
  const notes = await tx
    .selectFrom('callNotes')
    .select(['schemeId', 'userId', 'id', 'content'])
    .where('schemeId', 'in', [...new Set(people.map(({ schemeId }) => schemeId))])
    .execute()
  for (const { schemeId, userId, id, content } of notes) {
    const text = JSON.stringify(readSealedJson(content))
    const digits = text.replace(/\D/g, '')
    const isAbout = people.some(
      (person) =>
        person.schemeId === schemeId &&
        ((person.digits !== undefined && digits.includes(person.digits)) ||
          (person.id !== undefined && text.includes(person.id))),
    )
    if (isAbout)
      await tx
        .deleteFrom('callNotes')
        .where('schemeId', '=', schemeId)
        .where('userId', '=', userId)
        .where('id', '=', id)
        .execute()
  }
}

/** Deletes reports that nothing refers to any more and series left without reports, across schemes. */
export async function deleteReports(tx: Tx, reports: readonly SchemeRow[]): Promise<void> {
  const these = pairs(reports)
  await sql`delete from series_apart where (scheme_id, report_id) in ${these} or (scheme_id, other_id) in ${these}`.execute(
    tx,
  )
  await sql`delete from series_reports where (scheme_id, report_id) in ${these}`.execute(tx)
  await sql`delete from reports where (scheme_id, id) in ${these}`.execute(tx)
  await sql`delete from series s where not exists (
    select from series_reports r where r.scheme_id = s.scheme_id and r.series_id = s.id)`.execute(tx)
}
