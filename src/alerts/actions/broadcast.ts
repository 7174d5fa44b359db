import { createHash } from 'node:crypto'
import { recordAudit } from '../../audit/record.ts'
import { planBroadcast } from '../../deliveries/plan.ts'
import type { Deps } from '../../deps.ts'
import { AppError, refusalOf } from '../../errors.ts'
import { type Actor, actorName, authorize } from '../../permissions.ts'
import { inScheme } from '../../platform/db.ts'
import { decideBroadcast } from '../../reports/actions.ts'
import { signatureOf } from '../../reports/signature.ts'
import { lockReport } from '../../reports/store.ts'
import { recipientsOf, resolveAudience } from '../audience.ts'
import { careFor } from '../care.ts'
import type { AlertView, BroadcastOrder } from '../contract.ts'
import { holdBack } from '../held-back.ts'
import { expiryOfOrder, laneOf } from '../rules.ts'
import { countSolicitations } from '../solicitations.ts'
import { findReportOf, updateOrdered } from '../store.ts'
import { checkDraft, getDraft, getSchemeFacts } from './draft.ts'
import { nearProblems } from './near.ts'
import { getAlertView } from './read.ts'

/**
 * Gives the order to send. One transaction writes the approved text, the recipients, one delivery each and the job,
 * and decides the report: all of it is there, or nothing. The same order given twice sends once.
 *
 * A gateway that is down does not hinder the order: what is planned waits for it.
 * @throws AppError `not_found`, `alert_not_draft`, `wrong_state`, `alert_changed`, `already_decided`, `no_route` when
 * no gateway of the kind is set up at all, `empty_audience`, `all_held_back`, every problem of the draft, or
 * `doctrine.near_duplicate` when another may be about the same incident and nobody looked at it.
 */
export async function broadcastAlert(
  deps: Pick<Deps, 'db' | 'now' | 'newId' | 'live' | 'config'>,
  actor: Actor,
  schemeId: string,
  id: string,
  order: BroadcastOrder,
): Promise<AlertView> {
  authorize(actor, 'alert.broadcast', schemeId)
  // The clock of the broadcast starts here: what this transaction takes is part of the time that people wait.
  const orderedAt = deps.now()
  const reportId = await inScheme(deps.db, schemeId, async (tx) => {
    const reportId = await findReportOf(tx, schemeId, id)
    if (reportId === undefined) throw new AppError('not_found')
    const report = await lockReport(tx, schemeId, reportId)
    // Before the report: of two orders at once, the second has to be told that the alert left.
    const alert = await getDraft(tx, schemeId, id, 'order')
    if (report?.state !== 'waiting') throw new AppError('already_decided')
    if (alert.version !== order.version) throw new AppError('alert_changed')
    if (!deps.config.gateways.some((gateway) => gateway.simulated === alert.simulated)) {
      throw new AppError('no_route')
    }
    const scheme = await getSchemeFacts(tx, schemeId)
    const context = { schemeId, territory: scheme.territory }
    const near = await nearProblems(tx, schemeId, alert, orderedAt, order.confirmNear)
    if (near.length > 0) throw refusalOf(near)
    // The trades or sectors of the scheme may have changed since the draft was written.
    const segmentation = await checkDraft(tx, context, scheme, alert)
    const by = (await signatureOf(tx, actor, schemeId)).text
    const expiresAt = expiryOfOrder(alert, orderedAt)
    const care = careFor(scheme.doctrine.care, alert.severity, orderedAt)
    await countSolicitations(tx, schemeId, care)
    const audience = await resolveAudience(tx, alert, context)
    const heldBack = await holdBack(tx, schemeId, id, audience, care, orderedAt)
    const { broadcastId, planned } = await planBroadcast(
      tx,
      { ...deps, now: () => orderedAt },
      {
        schemeId,
        alertId: id,
        kind: 'first',
        segmentation,
        sender: scheme.sender,
        lane: laneOf[alert.severity],
        simulated: alert.simulated,
        validUntil: expiresAt,
        orderedBy: by,
        recipients: recipientsOf(audience, report.communeCode, care),
      },
    )
    if (planned === 0) throw new AppError(heldBack === 0 ? 'empty_audience' : 'all_held_back')
    await updateOrdered(tx, schemeId, id, { state: 'broadcasting', expiresAt, orderedAt, orderedBy: by })
    await decideBroadcast(tx, schemeId, reportId, { at: orderedAt, by })
    await recordAudit(tx, schemeId, orderedAt, {
      actor: actorName(actor),
      action: 'alert.broadcast',
      subject: `alert:${id}`,
      details: {
        reference: alert.reference,
        version: alert.version,
        broadcast: broadcastId,
        textSha256: createHash('sha256').update(segmentation.parts.join('')).digest('hex'),
        parts: segmentation.parts.length,
        area: alert.area,
        trades: alert.trades,
        planned,
        heldBack,
        simulated: alert.simulated,
      },
    })
    return reportId
  })
  deps.live.publish({ type: 'alert', schemeId, alertId: id })
  deps.live.publish({ type: 'report', schemeId, reportId })
  return getAlertView(deps, actor, schemeId, id)
}
