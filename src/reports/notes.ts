import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import { type Actor, authorize } from '../permissions.ts'
import { inScheme, type Tx } from '../platform/db.ts'
import type { CallNote, CallNoteDraft, CallNoteList } from './contract.ts'
import { userIdOf } from './signature.ts'

/** A note older than this is of a call that is over. */
const KEPT_HOURS = 24
/** Calls that one person can have begun at once. */
const MOST_NOTES = 20

type NoteDeps = Pick<Deps, 'db' | 'now'>

/** The calls that the actor was entering, latest first. */
export async function listNotes(deps: NoteDeps, actor: Actor, schemeId: string): Promise<CallNoteList> {
  authorize(actor, 'report.create', schemeId)
  return inScheme(deps.db, schemeId, async (tx) => {
    const rows = await tx
      .selectFrom('callNotes')
      .select(['id', 'content', 'version', 'savedAt'])
      .where('schemeId', '=', schemeId)
      .where('userId', '=', userIdOf(actor))
      .where('savedAt', '>', oldest(deps))
      .orderBy('savedAt', 'desc')
      .limit(MOST_NOTES)
      .execute()
    return { notes: rows.map(viewOf) }
  })
}

/**
 * Keeps what is entered of a call. Not on the audit record: nothing is decided, and it is gone within a day.
 * @throws AppError `note_changed` when it was carried on elsewhere since that version
 */
export async function saveNote(
  deps: NoteDeps,
  actor: Actor,
  schemeId: string,
  id: string,
  draft: CallNoteDraft,
): Promise<CallNote> {
  authorize(actor, 'report.create', schemeId)
  const savedAt = deps.now()
  const content = JSON.stringify(draft.content)
  return inScheme(deps.db, schemeId, async (tx) => {
    const saved =
      draft.version === 0
        ? await tx
            .insertInto('callNotes')
            .values({ schemeId, userId: userIdOf(actor), id, content, savedAt })
            .onConflict((conflict) => conflict.doNothing())
            .returningAll()
            .executeTakeFirst()
        : await tx
            .updateTable('callNotes')
            .set((row) => ({ content, savedAt, version: row('version', '+', 1) }))
            .where('schemeId', '=', schemeId)
            .where('userId', '=', userIdOf(actor))
            .where('id', '=', id)
            .where('version', '=', draft.version)
            .returningAll()
            .executeTakeFirst()
    if (saved === undefined) throw new AppError('note_changed')
    if (draft.version === 0) await forgetOld(tx, schemeId, oldest(deps))
    return viewOf(saved)
  })
}

/** The call became a report, or is given up. */
export async function deleteNote(deps: NoteDeps, actor: Actor, schemeId: string, id: string): Promise<void> {
  authorize(actor, 'report.create', schemeId)
  await inScheme(deps.db, schemeId, (tx) =>
    tx
      .deleteFrom('callNotes')
      .where('schemeId', '=', schemeId)
      .where('userId', '=', userIdOf(actor))
      .where('id', '=', id)
      .execute(),
  )
}

async function forgetOld(tx: Tx, schemeId: string, before: Date): Promise<void> {
  await tx.deleteFrom('callNotes').where('schemeId', '=', schemeId).where('savedAt', '<=', before).execute()
}

function oldest(deps: Pick<Deps, 'now'>): Date {
  return new Date(deps.now().getTime() - KEPT_HOURS * 3_600_000)
}

function viewOf(row: {
  id: string
  content: Record<string, unknown>
  version: number
  savedAt: Date
}): CallNote {
  return {
    id: row.id,
    content: row.content as CallNote['content'],
    version: row.version,
    savedAt: row.savedAt.toISOString(),
  }
}
