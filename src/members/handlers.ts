import type { Deps } from '../deps.ts'
import { acrossSchemes } from '../platform/db.ts'
import { recordDailyMemberCounts } from './counts.ts'
import { deleteUnusedNumberHealth } from './numbers/health.ts'
import { sendYearlyQuestions } from './numbers/reconfirm.ts'

/** Registers the background jobs of members. Each handler may run twice for the same job. */
export async function registerMemberJobs(
  deps: Pick<Deps, 'db' | 'now' | 'newId' | 'jobs' | 'config' | 'secret' | 'log'>,
): Promise<void> {
  await deps.jobs.work('number.purge', 1, async () => {
    await acrossSchemes(deps.db, deleteUnusedNumberHealth)
  })
  await deps.jobs.work('member.count', 1, () =>
    acrossSchemes(deps.db, (tx) => recordDailyMemberCounts(tx, deps.now())),
  )
  await deps.jobs.work('number.ask', 1, () => sendYearlyQuestions(deps))
}
