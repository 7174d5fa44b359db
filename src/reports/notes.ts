import { markJsonForSealing, readSealedJson } from '../cipher/marked.ts'
import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import { HOUR_MS } from '../message/clock.ts'
import { type Actor, authorize } from '../permissions.ts'
import { inScheme, type Tx } from '../platform/db.ts'
import type { CallNote, CallNoteDraft, CallNoteList } from './contract.ts'
import { ownerIdOf } from './signature.ts'

/** Notes expire after this time: the call is over. */
const KEPT_HOURS = 24
/** Maximum number of notes per user. */
const MAX_NOTES = 20

type NoteDeps = Pick<Deps, 'db' | 'now'>

/** Lists the calls that the actor is entering, latest first. */
export async function listCallNotes(deps: NoteDeps, actor: Actor, schemeId: string): Promise<CallNoteList> {
  authorize(actor, 'report.create', schemeId)
  return inScheme(deps.db, schemeId, async (tx) => {
    const rows = await tx
      .selectFrom('callNotes')
      .select(['id', 'content', 'version', 'savedAt'])
      .where('schemeId', '=', schemeId)
      .where('userId', '=', ownerIdOf(actor))
      .where('savedAt', '>', noteExpiry(deps))
      .orderBy('savedAt', 'desc')
      .limit(MAX_NOTES)
      .execute()
    return { notes: rows.map(toCallNote) }
  })
}

/**
 * Stores a call that is being entered. It is not audited, since nothing is decided and it is deleted within a day.
 * @throws AppError `note_changed` if it was changed elsewhere since that version
 */
export async function saveCallNote(
  deps: NoteDeps,
  actor: Actor,
  schemeId: string,
  id: string,
  draft: CallNoteDraft,
): Promise<CallNote> {
  authorize(actor, 'report.create', schemeId)
  const savedAt = deps.now()
  const content = markJsonForSealing(schemeId, 'note', draft.content)
  return inScheme(deps.db, schemeId, async (tx) => {
    const saved =
      draft.version === 0
        ? await tx
            .insertInto('callNotes')
            .values({ schemeId, userId: ownerIdOf(actor), id, content, savedAt })
            .onConflict((conflict) => conflict.doNothing())
            .returningAll()
            .executeTakeFirst()
        : await tx
            .updateTable('callNotes')
            .set((row) => ({ content, savedAt, version: row('version', '+', 1) }))
            .where('schemeId', '=', schemeId)
            .where('userId', '=', ownerIdOf(actor))
            .where('id', '=', id)
            .where('version', '=', draft.version)
            .returningAll()
            .executeTakeFirst()
    if (saved === undefined) throw new AppError('note_changed')
    if (draft.version === 0) await deleteExpiredNotes(tx, schemeId, noteExpiry(deps))
    return toCallNote(saved)
  })
}

/** Deletes a note whose call became a report or was abandoned. */
export async function deleteNote(deps: NoteDeps, actor: Actor, schemeId: string, id: string): Promise<void> {
  authorize(actor, 'report.create', schemeId)
  await inScheme(deps.db, schemeId, (tx) =>
    tx
      .deleteFrom('callNotes')
      .where('schemeId', '=', schemeId)
      .where('userId', '=', ownerIdOf(actor))
      .where('id', '=', id)
      .execute(),
  )
}

async function deleteExpiredNotes(tx: Tx, schemeId: string, before: Date): Promise<void> {
  await tx.deleteFrom('callNotes').where('schemeId', '=', schemeId).where('savedAt', '<=', before).execute()
}

function noteExpiry(deps: Pick<Deps, 'now'>): Date {
  return new Date(deps.now().getTime() - KEPT_HOURS * HOUR_MS)
}

function toCallNote(row: {
  id: string
  content: Record<string, unknown> | string
  version: number
  savedAt: Date
}): CallNote {
  return {
    id: row.id,
    content: readSealedJson(row.content) as CallNote['content'],
    version: row.version,
    savedAt: row.savedAt.toISOString(),
  }
}
