import { recordAudit } from '../../audit/record.ts'
import { stopBroadcast } from '../../deliveries/stop.ts'
import { findProgress } from '../../deliveries/store.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { type Actor, actorName, authorize } from '../../permissions.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import { signatureOf } from '../../reports/signature.ts'
import type { AlertView } from '../contract.ts'
import { type AlertEvent, nextState } from '../states.ts'
import { type LockedAlert, listOverdue, lockAlert, updateState } from '../store.ts'
import { getAlertView } from './read.ts'

type CloseDeps = Pick<Deps, 'db' | 'now' | 'live'>

/**
 * Stops an alert that is leaving: what has not left is withdrawn, nothing more is sent within a second.
 * @throws AppError `not_found`; `wrong_state` when it is not leaving (any more)
 */
export async function stopAlert(
  deps: CloseDeps,
  actor: Actor,
  schemeId: string,
  id: string,
): Promise<AlertView> {
  authorize(actor, 'alert.stop', schemeId)
  await close(deps, actor, schemeId, id, 'stop')
  return getAlertView(deps, actor, schemeId, id)
}

/**
 * Says that an alert is over. What is in doubt is not sent again.
 * @throws AppError `not_found`; `wrong_state` when it is not active
 */
export async function endAlert(
  deps: CloseDeps,
  actor: Actor,
  schemeId: string,
  id: string,
): Promise<AlertView> {
  authorize(actor, 'alert.close', schemeId)
  await close(deps, actor, schemeId, id, 'end')
  return getAlertView(deps, actor, schemeId, id)
}

/** Alerts that one run closes at most; the next run takes the others. */
const OVERDUE_AT_ONCE = 500

/**
 * Closes the alerts of all schemes whose time is over.
 * @returns how many
 */
export async function expireAlerts(deps: CloseDeps, actor: Actor): Promise<number> {
  // Over all schemes, so on behalf of nobody.
  if (actor.kind !== 'system') throw new AppError('forbidden', { values: { permission: 'alert.close' } })
  const overdue = await listOverdue(deps.db, deps.now(), OVERDUE_AT_ONCE)
  let expired = 0
  for (const { schemeId, id } of overdue) {
    if (await close(deps, actor, schemeId, id, 'expire', 'ifPossible')) expired += 1
  }
  return expired
}

/** Notes that nothing of an alert remains to submit. Does nothing to one that was stopped or is over meanwhile. */
export async function activateAlert(
  deps: CloseDeps,
  actor: Actor,
  schemeId: string,
  id: string,
): Promise<void> {
  authorize(actor, 'alert.broadcast', schemeId)
  const now = deps.now()
  const activated = await inScheme(deps.db, schemeId, async (tx) => {
    const alert = await lockAlert(tx, schemeId, id)
    const state = alert && nextState(alert.state, 'sent')
    if (state === undefined) return false
    await updateState(tx, schemeId, id, state)
    await recordAudit(tx, schemeId, now, {
      actor: actorName(actor),
      action: 'alert.sent',
      subject: `alert:${id}`,
    })
    return true
  })
  if (activated) deps.live.publish({ type: 'alert', schemeId, alertId: id })
}

type Closing = Extract<AlertEvent, 'stop' | 'end' | 'expire'>

const actionOf: Readonly<Record<Closing, string>> = {
  stop: 'alert.stop',
  end: 'alert.end',
  expire: 'alert.expire',
}

/** @returns whether it was closed: one that cannot be is refused, unless told `ifPossible`. */
async function close(
  deps: CloseDeps,
  actor: Actor,
  schemeId: string,
  id: string,
  event: Closing,
  otherwise: 'refuse' | 'ifPossible' = 'refuse',
): Promise<boolean> {
  const now = deps.now()
  const closed = await inScheme(deps.db, schemeId, async (tx) => {
    const alert = await lockAlert(tx, schemeId, id)
    const state = alert && nextState(alert.state, event)
    if (alert === undefined || state === undefined) {
      if (otherwise === 'ifPossible') return false
      throw new AppError(alert === undefined ? 'not_found' : 'wrong_state')
    }
    const withdrawn = await stopSending(tx, schemeId, alert, now)
    const by = (await signatureOf(tx, actor, schemeId)).text
    await updateState(tx, schemeId, id, state, { at: now, by })
    await recordAudit(tx, schemeId, now, {
      actor: actorName(actor),
      action: actionOf[event],
      subject: `alert:${id}`,
      details: { withdrawn },
    })
    return true
  })
  if (closed) deps.live.publish({ type: 'alert', schemeId, alertId: id })
  return closed
}

/**
 * Stops the broadcast of an alert if something of it could still be sent: waiting, or in doubt and due to be sent
 * again. One that only awaits receipts goes on awaiting them.
 * @returns the deliveries withdrawn at once
 */
async function stopSending(tx: Tx, schemeId: string, alert: LockedAlert, now: Date): Promise<number> {
  const broadcast = (await findProgress(tx, schemeId, [alert.id])).get(alert.id)
  if (broadcast === undefined) return 0
  const { state, waiting, inDoubt } = broadcast.progress
  if (state !== 'running' && waiting + inDoubt === 0) return 0
  return stopBroadcast(tx, schemeId, broadcast.broadcastId, now)
}
