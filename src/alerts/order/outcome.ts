import { recordAudit } from '../../audit/record.ts'
import { AppError } from '../../errors.ts'
import { type Actor, actorName, authorize } from '../../permissions.ts'
import { inScheme } from '../../platform/db.ts'
import { signatureOf } from '../../reports/signature.ts'
import type { AlertView } from '../contract.ts'
import type { NewOutcome } from '../follow-up/contract.ts'
import { isOver } from '../follow-up/follow-ups.ts'
import { type FollowUpDeps, sendAutoMessage } from '../follow-up/order.ts'
import { getAlertView } from '../live/read.ts'
import { lockAlert, updateOutcome } from '../store.ts'
import { recordAlertEvent } from './events.ts'

/**
 * Records the outcome of a closed alert and notifies its recipients once. Recording it again corrects it.
 * @throws AppError `not_found`; `wrong_state` when the alert has not left or is not over
 */
export async function recordOutcome(
  deps: FollowUpDeps,
  actor: Actor,
  schemeId: string,
  id: string,
  input: NewOutcome,
): Promise<AlertView> {
  authorize(actor, 'alert.follow_up', schemeId)
  const at = deps.now()
  await inScheme(deps.db, schemeId, async (tx) => {
    const alert = await lockAlert(tx, schemeId, id)
    if (alert === undefined) throw new AppError('not_found')
    if (!isOver(alert.state)) throw new AppError('wrong_state')
    const { outcome, note } = input
    const by = (await signatureOf(tx, actor, schemeId)).text
    await updateOutcome(tx, schemeId, id, { outcome, note: note || null, at, by })
    await recordAlertEvent(tx, schemeId, id, {
      at,
      kind: 'outcome',
      by,
      details: { outcome },
      ...(note ? { reason: note } : {}),
    })
    await recordAudit(tx, schemeId, at, {
      actor: actorName(actor),
      action: 'alert.outcome',
      subject: `alert:${id}`,
      details: { outcome },
    })
    if (input.thank) {
      await sendAutoMessage(tx, deps, schemeId, id, { kind: 'thanks', text: outcome, at, actor, by })
    }
  })
  deps.live.publish({ type: 'alert', schemeId, alertId: id })
  return getAlertView(deps, actor, schemeId, id)
}
