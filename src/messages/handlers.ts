import type { Deps } from '../deps.ts'
import { writeSomeMails } from './sending.ts'

/** Registers the background jobs of service messages. A job may run twice. */
export async function registerMessageJobs(
  deps: Pick<Deps, 'jobs'> & Parameters<typeof writeSomeMails>[0],
): Promise<void> {
  await deps.jobs.work('message.mails', 1, async ({ schemeId, messageId }, signal) => {
    while (!signal.aborted && (await writeSomeMails(deps, schemeId, messageId)));
  })
}
