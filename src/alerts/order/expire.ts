import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import type { Actor } from '../../permissions.ts'
import { DoctrineSettings } from '../../schemes/doctrine.ts'
import { getAlertRow } from '../compose/draft.ts'
import { sendByItself } from '../follow-up/order.ts'
import { listOverdue } from '../store.ts'
import { close } from './close.ts'

/** Alerts that one run closes at most; the next run takes the others. */
const OVERDUE_AT_ONCE = 500

/**
 * Closes the alerts of all schemes that have expired, and sends the closing message where the scheme wants it. A
 * follow-up that waits for a person holds both, with no limit but a decision on it: what it corrects must not be closed
 * as if nothing were to add.
 * @returns how many
 */
export async function expireAlerts(
  deps: Pick<Deps, 'db' | 'now' | 'newId' | 'live' | 'config'>,
  actor: Actor,
): Promise<number> {
  // Over all schemes, so on behalf of nobody.
  if (actor.kind !== 'system') throw new AppError('forbidden', { values: { permission: 'alert.close' } })
  const overdue = await listOverdue(deps.db, deps.now(), OVERDUE_AT_ONCE)
  let expired = 0
  for (const { schemeId, id } of overdue) {
    const isClosed = await close(deps, actor, schemeId, id, {
      event: 'expire',
      otherwise: 'ifPossible',
      async also(tx, closed) {
        const { settings } = await getAlertRow(tx, schemeId, id)
        if (!DoctrineSettings.parse(settings).closingMessage) return
        await sendByItself(tx, deps, schemeId, id, { kind: 'closing', text: 'closing', ...closed, actor })
      },
    })
    if (isClosed) expired += 1
  }
  return expired
}
