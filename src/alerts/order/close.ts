import type { AuditAction } from '../../audit/list.ts'
import { recordAudit } from '../../audit/record.ts'
import { stopBroadcast } from '../../deliveries/claim/stop.ts'
import { type BroadcastProgress, listBroadcasts } from '../../deliveries/store.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { type Actor, actorName, authorize } from '../../permissions.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import { signatureOf } from '../../reports/signature.ts'
import { dropWaiting } from '../compose/drop.ts'
import type { AlertView } from '../contract.ts'
import { stateOnceSent } from '../follow-up/follow-ups.ts'
import { isFollowUpWaiting } from '../follow-up/store.ts'
import { getAlertView } from '../live/read.ts'
import { type AlertEvent, nextState } from '../states.ts'
import { type LockedAlert, listSentBroadcasting, lockAlert, updateState } from '../store.ts'

export type CloseDeps = Pick<Deps, 'db' | 'now' | 'live'>

/**
 * Stops an alert that is being sent: unsent deliveries are withdrawn, and sending ends within a second.
 * @throws AppError `not_found`; `wrong_state` when it is not (or no longer) being sent
 */
export async function stopAlert(
  deps: CloseDeps,
  actor: Actor,
  schemeId: string,
  id: string,
): Promise<AlertView> {
  authorize(actor, 'alert.stop', schemeId)
  await closeAlert(deps, actor, schemeId, id, { event: 'stop' })
  return getAlertView(deps, actor, schemeId, id)
}

/**
 * Closes an alert on behalf of a user. Deliveries in doubt are not sent again.
 * @throws AppError `not_found`; `wrong_state` when it is not active
 */
export async function endAlert(
  deps: CloseDeps,
  actor: Actor,
  schemeId: string,
  id: string,
): Promise<AlertView> {
  authorize(actor, 'alert.close', schemeId)
  await closeAlert(deps, actor, schemeId, id, { event: 'end' })
  return getAlertView(deps, actor, schemeId, id)
}

/** Maximum number of alerts activated in one run; the next run activates the others. */
const SENT_AT_ONCE = 100

/**
 * Marks the alerts of all schemes that are completely submitted as such: those whose job was interrupted by a crash, which
 * the queue repeats only after two minutes.
 */
export async function activateSentAlerts(deps: CloseDeps, actor: Actor): Promise<void> {
  // Runs over all schemes, so without an actor.
  if (actor.kind !== 'system') throw new AppError('forbidden', { values: { permission: 'alert.broadcast' } })
  for (const { schemeId, id } of await listSentBroadcasting(deps.db, SENT_AT_ONCE)) {
    await activateAlert(deps, actor, schemeId, id)
  }
}

/** Marks an alert as completely submitted. Does nothing if it was stopped or closed meanwhile. */
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
    const broadcasts = (await listBroadcasts(tx, schemeId, [id])).get(id) ?? []
    // A follow-up may be completely submitted before the first message is.
    if (broadcasts.length > 1 && broadcasts[0]?.progress.state === 'running') return false
    const state =
      alert &&
      stateOnceSent(
        alert.state,
        broadcasts.map(({ kind }) => kind),
      )
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

const actionOf: Readonly<Record<Closing, AuditAction>> = {
  stop: 'alert.stop',
  end: 'alert.end',
  expire: 'alert.expire',
}

/**
 * Closes an alert and withdraws its unsent deliveries.
 * @param also runs in the same transaction, after all writes
 * @returns whether it was closed. An alert that cannot be closed is refused, unless `ifPossible` is set; one whose expiry is held
 * stays as it is.
 */
export async function closeAlert(
  deps: CloseDeps,
  actor: Actor,
  schemeId: string,
  id: string,
  {
    event,
    otherwise = 'refuse',
    also,
  }: {
    readonly event: Closing

    readonly otherwise?: 'refuse' | 'ifPossible'
    readonly also?: (tx: Tx, closed: { readonly at: Date; readonly by: string }) => Promise<unknown>
  },
): Promise<boolean> {
  const now = deps.now()
  const closed = await inScheme(deps.db, schemeId, async (tx) => {
    const alert = await lockAlert(tx, schemeId, id)
    const state = alert && nextState(alert.state, event)
    if (alert === undefined || state === undefined) {
      if (otherwise === 'ifPossible') return false
      throw new AppError(alert === undefined ? 'not_found' : 'wrong_state')
    }
    if (event === 'expire' && !(await isExpiryDue(tx, alert, now))) return false
    const broadcasts = (await listBroadcasts(tx, schemeId, [id])).get(id) ?? []
    const withdrawn = await stopSending(tx, schemeId, broadcasts, now)
    const by = (await signatureOf(tx, actor, schemeId)).text
    await updateState(tx, schemeId, id, state, { at: now, by })
    // The recipients that a stopped alert had reached may still be notified.
    if (state !== 'cancelled') await dropWaiting(tx, schemeId, id, { at: now, by })
    await recordAudit(tx, schemeId, now, {
      actor: actorName(actor),
      action: actionOf[event],
      subject: `alert:${id}`,
      details: { withdrawn },
    })
    await also?.(tx, { at: now, by })
    return true
  })
  if (closed) deps.live.publish({ type: 'alert', schemeId, alertId: id })
  return closed
}

/**
 * Returns whether an alert found expired still is, now that it is locked: a pending follow-up holds its expiry until it is
 * decided on, and a follow-up sent since may have postponed it.
 */
async function isExpiryDue(tx: Tx, alert: LockedAlert, now: Date): Promise<boolean> {
  return alert.expiresAt <= now && !(await isFollowUpWaiting(tx, alert.schemeId, alert.id))
}

/**
 * Stops the deliveries of these broadcasts that could still be sent: waiting, or in doubt and due for another attempt. A
 * broadcast that only awaits receipts continues to await them.
 * @returns the deliveries withdrawn at once
 */
export async function stopSending(
  tx: Tx,
  schemeId: string,
  broadcasts: readonly BroadcastProgress[],
  now: Date,
): Promise<number> {
  let withdrawn = 0
  for (const { broadcastId, progress } of broadcasts) {
    const { state, waiting, inDoubt } = progress
    if (state !== 'running' && waiting + inDoubt === 0) continue
    withdrawn += await stopBroadcast(tx, schemeId, broadcastId, now)
  }
  return withdrawn
}
