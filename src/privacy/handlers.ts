import type { Deps } from '../deps.ts'
import { purgeOld } from './retention/purge.ts'

/** Registers the background job that deletes data past its retention period. Its handler may run twice. */
export async function registerPrivacyJobs(
  deps: Pick<Deps, 'jobs' | 'log'> & Parameters<typeof purgeOld>[0],
): Promise<void> {
  await deps.jobs.work('data.purge', 1, async () => {
    const removed = await purgeOld(deps)
    if (Object.values(removed).some((rows) => rows > 0))
      deps.log.info(removed, 'expired personal data removed')
  })
}
