import type { Deps } from '../deps.ts'
import { workDues } from './reminders/work.ts'

/** Takes the background work on dues. Its handler may run twice. */
export async function handleDues(deps: Pick<Deps, 'jobs'> & Parameters<typeof workDues>[0]): Promise<void> {
  await deps.jobs.work('dues.work', 1, () => workDues(deps))
}
