import { type Selectable, sql } from 'kysely'
import type { ErasedPeople } from '../../identity/erased.ts'
import { HOUR_MS } from '../../message/clock.ts'
import { rowKeysSql } from '../../platform/database/pairs.ts'
import type { Tx } from '../../platform/db.ts'
import type { Schema } from '../../schema.ts'
import { UNDO_HOURS } from '../contract.ts'

export type NoteRow = Selectable<Schema['memberNotes']>

/** Lists the notes on a member and on those merged into it, latest first. */
export async function listNoteRows(tx: Tx, schemeId: string, memberId: string): Promise<NoteRow[]> {
  const { rows } = await sql<NoteRow>`
    select n.* from member_notes n join members m on m.scheme_id = n.scheme_id and m.id = n.member_id
    where n.scheme_id = ${schemeId} and coalesce(m.merged_into, m.id) = ${memberId}::uuid and n.removed_at is null
    order by n.written_at desc, n.id desc`.execute(tx)
  return rows
}

/** Finds a note on a member or on one merged into it, and locks it. */
export async function findNoteRow(
  tx: Tx,
  schemeId: string,
  { member, note }: { readonly member: string; readonly note: string },
): Promise<NoteRow | undefined> {
  const { rows } = await sql<NoteRow>`
    select n.* from member_notes n join members m on m.scheme_id = n.scheme_id and m.id = n.member_id
    where n.scheme_id = ${schemeId} and n.id = ${note}::uuid and coalesce(m.merged_into, m.id) = ${member}::uuid
    for update of n`.execute(tx)
  return rows[0]
}

/** Writes the notes of an import; its undo deletes them with `deleteNotesOfChange`. One statement; callers pass a chunk. */
export async function insertNotes(tx: Tx, notes: readonly NoteRow[]): Promise<void> {
  if (notes.length > 0)
    await tx
      .insertInto('memberNotes')
      .values([...notes])
      .execute()
}

/** Deletes the notes that a change wrote on these members. */
export async function deleteNotesOfChange(
  tx: Tx,
  schemeId: string,
  changeId: string,
  memberIds: readonly string[],
): Promise<void> {
  await sql`delete from member_notes where scheme_id = ${schemeId} and change_id = ${changeId}::uuid
    and member_id = any (${memberIds}::uuid[])`.execute(tx)
}

/** Deletes removed notes whose removal can no longer be undone, across schemes. */
export async function deleteRemovedNotes(tx: Tx, now: Date): Promise<void> {
  await sql`delete from member_notes where removed_at < ${new Date(now.getTime() - UNDO_HOURS * HOUR_MS)}`.execute(
    tx,
  )
}

/** Deletes the notes on erased members, across schemes. */
export async function forgetNotes(tx: Tx, { members }: ErasedPeople): Promise<void> {
  await sql`delete from member_notes where (scheme_id, member_id) in ${rowKeysSql(members)}`.execute(tx)
}

/** Deletes the notes on other members that name an erased person, across schemes. */
export async function forgetNotesNaming(
  tx: Tx,
  schemeId: string,
  isNamed: (text: string) => boolean,
): Promise<void> {
  const notes = await tx
    .selectFrom('memberNotes')
    .select(['id', 'text'])
    .where('schemeId', '=', schemeId)
    .execute()
  const named = notes.filter(({ text }) => isNamed(text)).map(({ id }) => id)
  if (named.length > 0)
    await tx.deleteFrom('memberNotes').where('schemeId', '=', schemeId).where('id', 'in', named).execute()
}
