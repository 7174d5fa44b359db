import { sql } from 'kysely'
import { ERASED_NAME, type ErasedContact, type ErasedPeople, unsharedNumbers } from '../identity/erased.ts'
import { rowKeysSql, type SchemeRow } from '../platform/database/pairs.ts'
import type { Tx } from '../platform/db.ts'

/**
 * Deletes the contacts of members that are erased, across schemes like all of this file.
 * @returns the contacts, and which of their numbers and addresses no other contact of the scheme has
 */
export async function deleteContactsOf(
  tx: Tx,
  members: readonly SchemeRow[],
): Promise<Pick<ErasedPeople, 'contacts' | 'unshared'>> {
  const { rows: contacts } = await sql<ErasedContact>`
    delete from contacts where (scheme_id, member_id) in ${rowKeysSql(members)}
    returning scheme_id, id, person, mobile, lower(mail) as mail`.execute(tx)
  return { contacts, unshared: await listUnshared(tx, contacts) }
}

/** Deletes contacts of a scheme whose members stay, and the reasons noted with their choices about SMS. @returns the contacts */
export async function deleteContactsById(
  tx: Tx,
  schemeId: string,
  ids: readonly string[],
): Promise<readonly ErasedContact[]> {
  const { rows } = await sql<ErasedContact>`
    delete from contacts where scheme_id = ${schemeId} and id = any (${ids}::uuid[])
    returning scheme_id, id, person, mobile, lower(mail) as mail`.execute(tx)
  await sql`
    update opt_outs set reason = null
    where reason is not null and scheme_id = ${schemeId} and contact_id = any (${ids}::uuid[])`.execute(tx)
  return rows
}

/** Returns numbers and addresses, each null where a contact of its scheme has it. */
export async function listUnshared(
  tx: Tx,
  contacts: ErasedPeople['unshared'],
): Promise<ErasedPeople['unshared']> {
  const { rows } = await sql<ErasedPeople['unshared'][number]>`
    select p.scheme_id,
      case when not exists (select from contacts c where c.scheme_id = p.scheme_id and c.mobile = p.mobile) then p.mobile end as mobile,
      case when not exists (select from contacts c where c.scheme_id = p.scheme_id and lower(c.mail) = p.mail) then p.mail end as mail
    from unnest(${contacts.map(({ schemeId }) => schemeId)}::text[], ${contacts.map(({ mobile }) => mobile)}::text[],
      ${contacts.map(({ mail }) => mail)}::text[]) as p (scheme_id, mobile, mail)`.execute(tx)
  return rows
}

/** Marks erased members as having left at an instant. */
export async function markErasedMembersLeft(
  tx: Tx,
  members: readonly SchemeRow[],
  leftAt: Date,
): Promise<void> {
  await sql`update members set status = 'left', updated_at = ${leftAt} where (scheme_id, id) in ${rowKeysSql(members)}`.execute(
    tx,
  )
}

/** Empties members. An opt-out is kept without its reason. The rows are kept: counts, dues and opt-outs refer to them. */
export async function emptyErasedMembers(tx: Tx, { members }: ErasedPeople): Promise<void> {
  const these = rowKeysSql(members)
  await sql`update opt_outs set reason = null where reason is not null and (scheme_id, member_id) in ${these}`.execute(
    tx,
  )
  await sql`
    update members set name = ${ERASED_NAME}, search_name = 'adherent efface', siret = null, naf = null,
      naf2025 = null, address = null, postal_code = null, joined_on = null, charter_on = null, latitude = null, longitude = null, quiet_from = null, quiet_to = null, tags = '{}', erased_at = statement_timestamp()
    where (scheme_id, id) in ${these}`.execute(tx)
}

/** Deletes the corrections that members asked for, and the health of numbers that only they have. */
export async function forgetCorrectionsAndNumbers(tx: Tx, people: ErasedPeople): Promise<void> {
  await sql`delete from member_corrections where (scheme_id, member_id) in ${rowKeysSql(people.members)}`.execute(
    tx,
  )
  await sql`delete from number_health where (scheme_id, phone) in ${unsharedNumbers(people)}`.execute(tx)
}

/** Deletes the aliases by which lists may still name the members of these merges. */
export async function deleteMergeAliases(tx: Tx, merges: readonly SchemeRow[]): Promise<void> {
  await sql`delete from member_aliases where (scheme_id, merge_id) in ${rowKeysSql(merges)}`.execute(tx)
}

/** Takes erased members out of the groups that they are in, across schemes. */
export async function forgetGroupMembers(tx: Tx, { members }: ErasedPeople): Promise<void> {
  for (const [schemeId, of] of Map.groupBy(members, (member) => member.schemeId)) {
    const ids = of.map(({ id }) => id)
    await sql`
      update member_views set member_ids = array(select i from unnest(member_ids) i where i <> all (${ids}::uuid[]))
      where scheme_id = ${schemeId} and member_ids && ${ids}::uuid[]`.execute(tx)
  }
}

/** Deletes saved filters. */
export async function deleteViews(tx: Tx, schemeId: string, ids: readonly string[]): Promise<void> {
  await sql`delete from member_views where scheme_id = ${schemeId} and id = any (${ids}::uuid[])`.execute(tx)
}

/** Deletes the records of accesses to members that are older than `before`. @returns the scheme of each row */
export async function purgeMemberAccesses(
  tx: Tx,
  before: Date,
  limit: number,
): Promise<{ schemeId: string }[]> {
  const { rows } = await sql<{ schemeId: string }>`
    delete from member_accesses l using (
      select scheme_id, member_id, at, user_id, what from member_accesses where at < ${before} limit ${limit}
    ) o
    where l.scheme_id = o.scheme_id and l.member_id = o.member_id and l.at = o.at and l.user_id = o.user_id and l.what = o.what
    returning l.scheme_id`.execute(tx)
  return rows
}
