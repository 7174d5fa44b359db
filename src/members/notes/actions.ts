import { sql } from 'kysely'
import { recordAudit } from '../../audit/record.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { HOUR_MS } from '../../message/clock.ts'
import { type Actor, actorName, authorize, personName } from '../../permissions.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import { recordMemberAccess } from '../accesses.ts'
import { UNDO_HOURS } from '../contract.ts'
import { MAX_NOTE, MAX_NOTES, type MemberNotes, type MemberNoteText } from './contract.ts'
import { findNoteRow, listNoteRows, type NoteRow } from './store.ts'

// Notes on a member are for the chamber alone: the forces and the portal never read them. The audit log names the note,
// and holds no text of it.

type NoteDeps = Pick<Deps, 'db' | 'now'>

interface NoteId {
  readonly member: string
  readonly note: string
}

/** Lists the notes on a member, latest first. @throws AppError `not_found`, also for a chamber of another trade */
export async function listMemberNotes(
  deps: NoteDeps,
  actor: Actor,
  schemeId: string,
  memberId: string,
): Promise<MemberNotes> {
  return inMember(deps, actor, schemeId, memberId, (tx) => readNotes(tx, deps, actor, schemeId, memberId))
}

/**
 * Adds a note under an id that the client chose, or edits one. Sent again, it changes nothing more.
 * @throws AppError `not_found`, also for a removed note; `own_note` when another user wrote it; `invalid_input` if it is empty, too long,
 * or one too many
 */
export async function saveMemberNote(
  deps: NoteDeps,
  actor: Actor,
  schemeId: string,
  id: NoteId,
  { text }: MemberNoteText,
): Promise<MemberNotes> {
  const problem =
    text === ''
      ? { code: 'input.required' as const, path: 'text' }
      : text.length > MAX_NOTE
        ? { code: 'input.too_long' as const, path: 'text', values: { maximum: MAX_NOTE } }
        : undefined
  return inMember(deps, actor, schemeId, id.member, async (tx) => {
    // A member that the actor may not see is answered first.
    if (problem !== undefined) throw new AppError('invalid_input', { problems: [problem] })
    // Notes on a member are saved one at a time, so that each sees what was saved before.
    await sql`select pg_advisory_xact_lock(hashtextextended(${`member-notes:${schemeId}:${id.member}`}, 0))`.execute(
      tx,
    )
    const now = deps.now()
    const known = await findNoteRow(tx, schemeId, id)
    if (known === undefined) {
      await addNote(tx, actor, schemeId, id, { text, at: now })
    } else {
      if (known.removedAt !== null) throw new AppError('not_found')
      if (known.author !== actorName(actor)) throw new AppError('own_note')
      if (known.text !== text) {
        await updateNote(tx, known, { text, editedAt: now })
        await auditNote(tx, actor, 'member.note_edit', known, now)
      }
    }
    return readNotes(tx, deps, actor, schemeId, id.member)
  })
}

async function addNote(
  tx: Tx,
  actor: Actor,
  schemeId: string,
  { member, note }: NoteId,
  { text, at }: { readonly text: string; readonly at: Date },
): Promise<void> {
  if ((await listNoteRows(tx, schemeId, member)).length >= MAX_NOTES)
    throw new AppError('invalid_input', {
      problems: [{ code: 'note.too_many', path: 'text', values: { limit: MAX_NOTES } }],
    })
  const author = { author: actorName(actor), authorName: personName(actor) }
  const row = { schemeId, memberId: member, id: note, text, writtenAt: at, ...author }
  await tx
    .insertInto('memberNotes')
    .values({ ...row, editedAt: null, removedAt: null, changeId: null })
    .execute()
  await auditNote(tx, actor, 'member.note_add', row, at)
}

/** Removes a note of any author. The removal can be undone for a day. @throws AppError `not_found` */
export async function removeNote(
  deps: NoteDeps,
  actor: Actor,
  schemeId: string,
  id: NoteId,
): Promise<MemberNotes> {
  return inMember(deps, actor, schemeId, id.member, async (tx) => {
    const now = deps.now()
    const known = await findNoteRow(tx, schemeId, id)
    if (known === undefined) throw new AppError('not_found')
    if (known.removedAt === null) {
      await updateNote(tx, known, { removedAt: now })
      await auditNote(tx, actor, 'member.note_remove', known, now)
    }
    return readNotes(tx, deps, actor, schemeId, id.member)
  })
}

/** Undoes the removal of a note. @throws AppError `not_found`; `undo_over` after a day */
export async function restoreNote(
  deps: NoteDeps,
  actor: Actor,
  schemeId: string,
  id: NoteId,
): Promise<MemberNotes> {
  return inMember(deps, actor, schemeId, id.member, async (tx) => {
    const now = deps.now()
    const known = await findNoteRow(tx, schemeId, id)
    if (known === undefined) throw new AppError('not_found')
    if (known.removedAt !== null) {
      if (now.getTime() - known.removedAt.getTime() >= UNDO_HOURS * HOUR_MS) throw new AppError('undo_over')
      await updateNote(tx, known, { removedAt: null })
      await auditNote(tx, actor, 'member.note_restore', known, now)
    }
    return readNotes(tx, deps, actor, schemeId, id.member)
  })
}

/** Runs work on a member whose notes the actor may keep. @throws AppError `not_found` for another, a merged or an erased one */
function inMember<T>(
  deps: NoteDeps,
  actor: Actor,
  schemeId: string,
  memberId: string,
  work: (tx: Tx) => Promise<T>,
): Promise<T> {
  const reach = authorize(actor, 'member.notes', schemeId)
  return inScheme(deps.db, schemeId, async (tx) => {
    const member = await tx
      .selectFrom('members')
      .select('trade')
      .where('schemeId', '=', schemeId)
      .where('id', '=', memberId)
      .where('mergedInto', 'is', null)
      .where('erasedAt', 'is', null)
      .executeTakeFirst()
    if (member === undefined || (reach.scope === 'trades' && !reach.trades.includes(member.trade)))
      throw new AppError('not_found')
    return work(tx)
  })
}

async function readNotes(
  tx: Tx,
  deps: NoteDeps,
  actor: Actor,
  schemeId: string,
  memberId: string,
): Promise<MemberNotes> {
  await recordMemberAccess(tx, actor, schemeId, { what: 'file', memberIds: [memberId], now: deps.now() })
  const rows = await listNoteRows(tx, schemeId, memberId)
  return {
    notes: rows.map(({ id, text, writtenAt, author, authorName, editedAt }) => ({
      id,
      text,
      at: writtenAt.toISOString(),
      author: authorName,
      own: author === actorName(actor),
      editedAt: editedAt?.toISOString() ?? null,
    })),
  }
}

async function updateNote(
  tx: Tx,
  { schemeId, memberId, id }: Pick<NoteRow, 'schemeId' | 'memberId' | 'id'>,
  set: Partial<Pick<NoteRow, 'text' | 'editedAt' | 'removedAt'>>,
): Promise<void> {
  await tx
    .updateTable('memberNotes')
    .set(set)
    .where('schemeId', '=', schemeId)
    .where('memberId', '=', memberId)
    .where('id', '=', id)
    .execute()
}

async function auditNote(
  tx: Tx,
  actor: Actor,
  action: 'member.note_add' | 'member.note_edit' | 'member.note_remove' | 'member.note_restore',
  { schemeId, memberId, id }: Pick<NoteRow, 'schemeId' | 'memberId' | 'id'>,
  at: Date,
): Promise<void> {
  await recordAudit(tx, schemeId, at, {
    actor: actorName(actor),
    action,
    subject: `member:${memberId}`,
    details: { note: id },
  })
}
