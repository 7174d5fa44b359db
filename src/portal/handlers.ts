import type { Deps } from '../deps.ts'
import { acrossSchemes } from '../platform/db.ts'
import { purgePasskeys } from './session/passkeys.ts'
import { purgeSessions } from './store.ts'

/** Registers the background jobs of the portal. Each handler may run twice for the same job. */
export async function registerPortalJobs(deps: Pick<Deps, 'db' | 'now' | 'jobs'>): Promise<void> {
  await deps.jobs.work('portal.purge', 1, () =>
    acrossSchemes(deps.db, async (tx) => {
      await purgeSessions(tx, deps.now())
      await purgePasskeys(tx)
    }),
  )
}
