import type { Deps } from '../deps.ts'
import { purgeCodes } from '../identity/codes.ts'
import { asOwner } from '../platform/db.ts'
import { sendDirectMessage } from './direct.ts'
import { readHealth } from './health.ts'
import { writeSomeMails } from './messages/actions.ts'

/** Takes the background work on messages that belong to no alert, and on what came of all. Each handler may run twice. */
export async function workDeliveries(
  deps: Pick<Deps, 'db' | 'now' | 'newId' | 'jobs' | 'log' | 'config' | 'secret' | 'mailer'>,
): Promise<void> {
  await deps.jobs.work('direct.send', 2, ({ schemeId, messageId }) =>
    sendDirectMessage(deps, schemeId, messageId),
  )
  await deps.jobs.work('message.mails', 1, async ({ schemeId, messageId }, signal) => {
    while (!signal.aborted && (await writeSomeMails(deps, schemeId, messageId)));
  })
  await deps.jobs.work('number.health', 1, (_, signal) => readHealth(deps, signal))
  await deps.jobs.work('code.purge', 1, () => asOwner(deps.db, (tx) => purgeCodes(tx, deps.now())))
}
