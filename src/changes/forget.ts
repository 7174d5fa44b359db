import { sql } from 'kysely'
import type { ErasedPeople } from '../identity/erased.ts'
import { deleteMergeAliases } from '../members/forget.ts'
import type { Tx } from '../platform/db.ts'
import { pairs, type SchemeRow } from '../platform/pairs.ts'

/**
 * Empties merges and changes of what erased members were, as the owner. Undone, such a change leaves out the members that it has
 * no values for any more.
 */
export async function forgetChanges(tx: Tx, { members }: ErasedPeople): Promise<void> {
  const these = pairs(members)
  const { rows: merges } = await sql<SchemeRow>`
    select scheme_id, id from member_merges
    where (scheme_id, kept_member_id) in ${these} or (scheme_id, merged_member_id) in ${these}`.execute(tx)
  await deleteMergeAliases(tx, merges)
  await sql`update member_merges set undo = null where undo is not null and (scheme_id, id) in ${pairs(merges)}`.execute(
    tx,
  )
  await sql`update member_change_rows set before = null, print = null where (scheme_id, member_id) in ${these}`.execute(
    tx,
  )
  // Why something was done to one member alone may name it.
  await sql`update member_changes c set note = null
    where c.created + c.updated = 1 and c.kind not in ('import', 'trade') and exists (
      select from member_change_rows r where r.scheme_id = c.scheme_id and r.change_id = c.id
        and (r.scheme_id, r.member_id) in ${these})`.execute(tx)
}

/**
 * Deletes notes of changes, why or from which file, that name somebody who was erased, as the owner.
 * @param isNamed whether a text names them; `closely`: the text is of a change to one of them
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
        and (r.scheme_id, r.member_id) in ${pairs(members)}) as theirs
    from member_changes c where c.scheme_id = ${schemeId} and c.note is not null and c.kind <> 'trade'`.execute(
    tx,
  )
  const named = rows.filter(({ note, theirs }) => isNamed(note, theirs)).map(({ id }) => id)
  await sql`update member_changes set note = null where scheme_id = ${schemeId} and id = any (${named}::uuid[])`.execute(
    tx,
  )
}
