import type { Deps } from '../deps.ts'
import { UNDO_HOURS } from '../members/contract.ts'
import { asOwner } from '../platform/db.ts'
import { forgetUndo } from './merge/store.ts'
import { forgetBefore } from './store.ts'
import { tellDue } from './tell.ts'
import { resumeUndoings } from './undo.ts'

/** Takes the background work on what was changed in many members. Each handler may run twice. */
export async function workChanges(
  deps: Pick<Deps, 'db' | 'now' | 'newId' | 'jobs' | 'config' | 'log' | 'mailer'>,
): Promise<void> {
  await deps.jobs.work('member.purge', 1, async () => {
    const now = deps.now()
    // In parts: nobody else writes the rows of a great import meanwhile, but its locks and its log are kept small.
    while ((await asOwner(deps.db, (tx) => forgetBefore(tx, now))) > 0);
  })
  await deps.jobs.work('merge.purge', 1, () =>
    asOwner(deps.db, (tx) => forgetUndo(tx, new Date(deps.now().getTime() - UNDO_HOURS * 3_600_000))),
  )
  await deps.jobs.work('member.tell', 1, async () => {
    await resumeUndoings(deps)
    await tellDue(deps)
  })
}
