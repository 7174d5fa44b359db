import { sql } from 'kysely'
import type { ErasedPeople } from '../identity/erased.ts'
import { deleteMergeAliases } from '../members/forget.ts'
import { rowKeysSql, type SchemeRow } from '../platform/database/pairs.ts'
import type { Tx } from '../platform/db.ts'

/**
 * Clears the values of erased members from merges and changes, across schemes. Undoing such a change skips the members whose
 * values are gone.
 */
export async function forgetChanges(tx: Tx, { members }: ErasedPeople): Promise<void> {
  const these = rowKeysSql(members)
  const { rows: merges } = await sql<SchemeRow>`
    select scheme_id, id from member_merges
    where (scheme_id, kept_member_id) in ${these} or (scheme_id, merged_member_id) in ${these}`.execute(tx)
  await deleteMergeAliases(tx, merges)
  await sql`update member_merges set undo = null where undo is not null and (scheme_id, id) in ${rowKeysSql(merges)}`.execute(
    tx,
  )
  await sql`update member_change_rows set before = null, after = null, correction = null, print = null where (scheme_id, member_id) in ${these}`.execute(
    tx,
  )
  // The reason of a change to a single member may name it.
  await sql`update member_changes c set note = null
    where c.created + c.updated = 1 and c.kind not in ('import', 'trade') and exists (
      select from member_change_rows r where r.scheme_id = c.scheme_id and r.change_id = c.id
        and (r.scheme_id, r.member_id) in ${these})`.execute(tx)
}

/**
 * Clears the values of members that stay from merges and changes, across schemes: they hold the contacts of the member, and would
 * restore an erased one. Undoing such a change skips these members.
 */
export async function forgetChangedContacts(tx: Tx, members: readonly SchemeRow[]): Promise<void> {
  const these = rowKeysSql(members)
  await sql`update member_merges set undo = null
    where undo is not null and ((scheme_id, kept_member_id) in ${these} or (scheme_id, merged_member_id) in ${these})`.execute(
    tx,
  )
  await sql`update member_change_rows set before = null, after = null, correction = null, print = null where (scheme_id, member_id) in ${these}`.execute(
    tx,
  )
}

/** Deletes the notices to members, pending and sent. */
export async function forgetMemberNotices(tx: Tx, { members }: Pick<ErasedPeople, 'members'>): Promise<void> {
  await sql`delete from member_notices where (scheme_id, member_id) in ${rowKeysSql(members)}`.execute(tx)
}

/**
 * Deletes notes of changes (reason or file name) that name an erased person, across schemes.
 * @param isNamed returns whether a text names the person; `closely`: the text belongs to a change of one of the erased members
 */
export async function forgetChangeNotes(
  tx: Tx,
  schemeId: string,
  { members }: Pick<ErasedPeople, 'members'>,
  isNamed: (text: string, closely: boolean) => boolean,
): Promise<void> {
  const { rows } = await sql<{ id: string; note: string; theirs: boolean }>`
    select c.id, c.note, exists (
      select from member_change_rows r where r.scheme_id = c.scheme_id and r.change_id = c.id
        and (r.scheme_id, r.member_id) in ${rowKeysSql(members)}) as theirs
    from member_changes c where c.scheme_id = ${schemeId} and c.note is not null and c.kind <> 'trade'`.execute(
    tx,
  )
  const named = rows.filter(({ note, theirs }) => isNamed(note, theirs)).map(({ id }) => id)
  await sql`update member_changes set note = null where scheme_id = ${schemeId} and id = any (${named}::uuid[])`.execute(
    tx,
  )
}
