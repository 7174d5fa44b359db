import type { Deps } from '../deps.ts'
import { runDailyDues } from './reminders/work.ts'

/** Registers the background job of dues. Its handler may run twice for the same job. */
export async function registerDuesJobs(
  deps: Pick<Deps, 'jobs'> & Parameters<typeof runDailyDues>[0],
): Promise<void> {
  await deps.jobs.work('dues.work', 1, () => runDailyDues(deps))
}
