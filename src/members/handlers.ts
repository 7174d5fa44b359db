import type { Deps } from '../deps.ts'
import { acrossSchemes } from '../platform/db.ts'
import { recordDailyMemberCounts } from './counts.ts'
import { deleteRemovedNotes } from './notes/store.ts'
import { deleteUnusedNumberHealth } from './numbers/health.ts'
import { sendYearlyQuestions } from './numbers/reconfirm.ts'
import { deleteRemovedTags } from './tags/store.ts'

/** Registers the background jobs of members. Each handler may run twice for the same job. */
export async function registerMemberJobs(
  deps: Pick<Deps, 'db' | 'now' | 'newId' | 'jobs' | 'config' | 'secret' | 'log'>,
): Promise<void> {
  await deps.jobs.work('number.purge', 1, async () => {
    await acrossSchemes(deps.db, deleteUnusedNumberHealth)
    await acrossSchemes(deps.db, (tx) => deleteRemovedNotes(tx, deps.now()))
    await acrossSchemes(deps.db, (tx) => deleteRemovedTags(tx, deps.now()))
  })
  await deps.jobs.work('member.count', 1, () =>
    acrossSchemes(deps.db, (tx) => recordDailyMemberCounts(tx, deps.now())),
  )
  await deps.jobs.work('number.ask', 1, () => sendYearlyQuestions(deps))
}
