import type { Deps } from '../deps.ts'
import { UNDO_HOURS } from '../members/contract.ts'
import { HOUR_MS } from '../message/clock.ts'
import { acrossSchemes } from '../platform/db.ts'
import { deleteExpiredMergeUndo } from './merge/store.ts'
import { sendDueNotices } from './notices.ts'
import { deleteExpiredStates } from './store.ts'
import { resumeUndoings } from './undo.ts'

/** Registers the background jobs of bulk changes. Each handler may run twice for the same job. */
export async function registerChangeJobs(
  deps: Pick<Deps, 'db' | 'now' | 'newId' | 'jobs' | 'config' | 'log' | 'mailer'>,
): Promise<void> {
  await deps.jobs.work('member.purge', 1, async () => {
    const now = deps.now()
    // Deletes in parts, so that locks and log stay small: no other writer uses the rows of a large import meanwhile.
    while ((await acrossSchemes(deps.db, (tx) => deleteExpiredStates(tx, now))) > 0);
  })
  await deps.jobs.work('merge.purge', 1, () =>
    acrossSchemes(deps.db, (tx) =>
      deleteExpiredMergeUndo(tx, new Date(deps.now().getTime() - UNDO_HOURS * HOUR_MS)),
    ),
  )
  await deps.jobs.work('member.notify', 1, async () => {
    await resumeUndoings(deps)
    await sendDueNotices(deps)
  })
}
