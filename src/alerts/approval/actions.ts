import { recordAudit } from '../../audit/record.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { type Actor, actorName, authorize } from '../../permissions.ts'
import { inScheme } from '../../platform/db.ts'
import { signatureFor, signatureOf } from '../../reports/signature.ts'
import { approverRefusals, contentRefusals, reviewerRefusals } from '../compose/doctrine.ts'
import type { AlertRequest, AlertReview, AlertView, VersionReason } from '../contract.ts'
import { getAlertView } from '../live/read.ts'
import { recordAlertEvent } from '../order/events.ts'
import {
  countMembers,
  inOrderTurn,
  judge,
  openAlert,
  refuseProblems,
  requireSeenAudience,
} from '../order/order.ts'
import { lockAlert, updateSeenAudience } from '../store.ts'
import { updateAnswer, updateReview, updateSubmission } from './approvals.ts'

type ApprovalDeps = Pick<Deps, 'db' | 'now' | 'live'>

/**
 * Submits the current version of an alert to a second person; changing it withdraws the submission. The prosecutor's
 * authorisation may be added later.
 * @throws AppError `not_found`, `alert_not_draft`, `wrong_state`, `alert_changed`, `audience_changed`,
 * `already_decided`, `doctrine_refused` or every problem of the draft.
 */
export async function submitAlert(
  deps: ApprovalDeps,
  actor: Actor,
  schemeId: string,
  id: string,
  read: AlertRequest,
): Promise<AlertView> {
  authorize(actor, 'alert.submit', schemeId)
  const at = deps.now()
  await inOrderTurn(deps.db, schemeId, async (tx) => {
    const open = await openAlert(tx, actor, schemeId, id, { event: 'submit', version: read.version, at })
    await requireSeenAudience(tx, schemeId, open, 'submit', read.audience)
    const { problems, facts, nearConfirmed } = await judge(tx, deps.db, schemeId, open, { at, ...read })
    refuseProblems([...problems, ...contentRefusals(facts)])
    const by = signatureFor(actor, schemeId, open.more.agencyName).text
    const { authorIds } = open.row
    await updateSubmission(
      tx,
      { table: 'alerts', schemeId, id },
      {
        at,
        by,
        hash: open.hash,
        authorIds: actor.kind === 'user' ? [...new Set([...authorIds, actor.userId])] : authorIds,
      },
    )
    await updateSeenAudience(tx, schemeId, id, {
      audienceHash: open.row.audience,
      submittedMembers: await countMembers(tx, schemeId, open),
      nearConfirmed: [...nearConfirmed],
    })
    await recordAlertEvent(tx, schemeId, id, { at, kind: 'submitted', by })
    await recordAudit(tx, schemeId, at, {
      actor: actorName(actor),
      action: 'alert.submit',
      subject: `alert:${id}`,
      details: { version: read.version, contentHash: open.hash },
    })
  })
  deps.live.publish({ type: 'alert', schemeId, alertId: id })
  return getAlertView(deps, actor, schemeId, id)
}

/**
 * Returns an alert to its author with the changes requested.
 * @throws AppError `not_found`, `wrong_state`, `alert_changed`, `already_decided`
 */
export function returnAlert(
  deps: ApprovalDeps,
  actor: Actor,
  schemeId: string,
  id: string,
  answer: VersionReason,
): Promise<AlertView> {
  return refuseSubmission(deps, actor, schemeId, id, { event: 'return', ...answer })
}

/**
 * Rejects an alert: its report becomes pending again.
 * @throws AppError as `returnAlert`
 */
export function rejectAlert(
  deps: ApprovalDeps,
  actor: Actor,
  schemeId: string,
  id: string,
  answer: VersionReason,
): Promise<AlertView> {
  return refuseSubmission(deps, actor, schemeId, id, { event: 'reject', ...answer })
}

async function refuseSubmission(
  deps: ApprovalDeps,
  actor: Actor,
  schemeId: string,
  id: string,
  { event, version, reason }: VersionReason & { readonly event: 'return' | 'reject' },
): Promise<AlertView> {
  authorize(actor, 'alert.approve', schemeId)
  const at = deps.now()
  const decision = event === 'return' ? 'returned' : 'rejected'
  const reportId = await inScheme(deps.db, schemeId, async (tx) => {
    const { row, more } = await openAlert(tx, actor, schemeId, id, { event, version, at })
    refuseProblems(approverRefusals(actor.kind === 'user' ? actor.userId : undefined, row))
    const by = signatureFor(actor, schemeId, more.agencyName).text
    const byId = actor.kind === 'user' ? actor.userId : null
    await updateAnswer(tx, { table: 'alerts', schemeId, id }, { decision, at, by, byId, reason })
    await recordAlertEvent(tx, schemeId, id, { at, kind: decision, by, reason })
    await recordAudit(tx, schemeId, at, {
      actor: actorName(actor),
      action: `alert.${event}`,
      subject: `alert:${id}`,
      details: { version },
    })
    return row.reportId
  })
  deps.live.publish({ type: 'alert', schemeId, alertId: id })
  deps.live.publish({ type: 'report', schemeId, reportId })
  return getAlertView(deps, actor, schemeId, id)
}

/**
 * Signs the review of an override, once, by a user who neither ordered nor wrote the alert.
 * @throws AppError `not_found`; `wrong_state` when no review is open; `doctrine_refused`
 */
export async function reviewAlert(
  deps: ApprovalDeps,
  actor: Actor,
  schemeId: string,
  id: string,
  { verdict, note }: AlertReview,
): Promise<AlertView> {
  authorize(actor, 'alert.review', schemeId)
  const at = deps.now()
  await inScheme(deps.db, schemeId, async (tx) => {
    const alert = await lockAlert(tx, schemeId, id)
    if (alert === undefined) throw new AppError('not_found')
    if (alert.review !== 'open') throw new AppError('wrong_state')
    refuseProblems(reviewerRefusals(actor.kind === 'user' ? actor.userId : undefined, alert))
    const by = (await signatureOf(tx, actor, schemeId)).text
    await updateReview(tx, { table: 'alerts', schemeId, id }, { verdict, note, at, by })
    await recordAlertEvent(tx, schemeId, id, { at, kind: 'reviewed', by, reason: note, details: { verdict } })
    await recordAudit(tx, schemeId, at, {
      actor: actorName(actor),
      action: 'alert.review',
      subject: `alert:${id}`,
      details: { verdict },
    })
  })
  deps.live.publish({ type: 'alert', schemeId, alertId: id })
  return getAlertView(deps, actor, schemeId, id)
}
