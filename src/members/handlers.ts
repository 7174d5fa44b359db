import type { Deps } from '../deps.ts'
import { asOwner } from '../platform/db.ts'
import { countMembers } from './counts.ts'
import { forgetNumbers } from './numbers/health.ts'
import { askNumbers } from './numbers/reconfirm.ts'

/** Takes the background work on members. Each handler may run twice. */
export async function workMembers(
  deps: Pick<Deps, 'db' | 'now' | 'newId' | 'jobs' | 'config' | 'secret' | 'log'>,
): Promise<void> {
  await deps.jobs.work('number.purge', 1, async () => {
    await asOwner(deps.db, forgetNumbers)
  })
  await deps.jobs.work('member.count', 1, () => asOwner(deps.db, (tx) => countMembers(tx, deps.now())))
  await deps.jobs.work('number.ask', 1, () => askNumbers(deps))
}
