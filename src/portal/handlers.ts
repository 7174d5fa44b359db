import type { Deps } from '../deps.ts'
import { asOwner } from '../platform/db.ts'
import { purgePasskeys } from './passkeys.ts'
import { purgeSessions } from './store.ts'

/** Takes the background work on the sessions of merchants. Each handler may run twice. */
export async function workPortal(deps: Pick<Deps, 'db' | 'now' | 'jobs'>): Promise<void> {
  await deps.jobs.work('portal.purge', 1, () =>
    asOwner(deps.db, async (tx) => {
      await purgeSessions(tx, deps.now())
      await purgePasskeys(tx, deps.now())
    }),
  )
}
