import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import type { Actor } from '../../permissions.ts'
import { DoctrineSettings } from '../../schemes/doctrine.ts'
import { getAlertRow } from '../compose/draft.ts'
import { sendAutoMessage } from '../follow-up/order.ts'
import { listOverdue } from '../store.ts'
import { closeAlert } from './close.ts'

/** Maximum number of alerts closed in one run; the next run closes the others. */
const OVERDUE_AT_ONCE = 500

/**
 * Closes the expired alerts of all schemes and sends the closing message if the scheme enables it. A pending follow-up
 * holds both until it is decided on, without a time limit: an alert must not be closed while a correction of it is pending.
 * @returns how many
 */
export async function expireAlerts(
  deps: Pick<Deps, 'db' | 'now' | 'newId' | 'live' | 'config'>,
  actor: Actor,
): Promise<number> {
  // Runs over all schemes, so without an actor.
  if (actor.kind !== 'system') throw new AppError('forbidden', { values: { permission: 'alert.close' } })
  const overdue = await listOverdue(deps.db, deps.now(), OVERDUE_AT_ONCE)
  let expired = 0
  for (const { schemeId, id } of overdue) {
    const isClosed = await closeAlert(deps, actor, schemeId, id, {
      event: 'expire',
      otherwise: 'ifPossible',
      async also(tx, closed) {
        const { settings } = await getAlertRow(tx, schemeId, id)
        if (!DoctrineSettings.parse(settings).closingMessage) return
        await sendAutoMessage(tx, deps, schemeId, id, {
          kind: 'closing',
          text: 'closing',
          ...closed,
          actor,
        })
      },
    })
    if (isClosed) expired += 1
  }
  return expired
}
