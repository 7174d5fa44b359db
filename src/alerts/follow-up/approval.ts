import type { AuditAction } from '../../audit/list.ts'
import { recordAudit } from '../../audit/record.ts'
import { AppError, refusalOf } from '../../errors.ts'
import { type Actor, actorName, authorize, type Permission } from '../../permissions.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import { signatureOf } from '../../reports/signature.ts'
import { updateAnswer, updateReview } from '../approval/approvals.ts'
import { takeDown } from '../approval/authorise.ts'
import { approverRefusals, reviewerRefusals } from '../compose/doctrine.ts'
import { dropWaiting } from '../compose/drop.ts'
import type { AlertReview, AlertView, NewAuthorisation, VersionRead, VersionReason } from '../contract.ts'
import { getAlertView } from '../live/read.ts'
import { recordAlertEvent } from '../order/events.ts'
import { refuseProblems } from '../order/order.ts'
import { nextFollowUpState } from '../states.ts'
import { lockAlert } from '../store.ts'
import { type FollowUpDeps, leave, type OpenFollowUp, readFollowUp } from './order.ts'

/** One follow-up of an alert. */
export interface FollowUpOf {
  readonly alertId: string
  readonly id: string
}

/**
 * Approves a submitted follow-up as the second person and orders it in the same transaction.
 * @throws AppError `not_found`; `wrong_state`; `alert_changed` when it or another message changed meanwhile;
 * `no_route`; `empty_audience`; `doctrine_refused` with every problem, also to its author, and when the content is no
 * longer what was submitted.
 */
export function approveFollowUp(
  deps: FollowUpDeps,
  actor: Actor,
  schemeId: string,
  of: FollowUpOf,
  { version }: VersionRead,
): Promise<AlertView> {
  return answer(
    deps,
    actor,
    schemeId,
    { of, permission: 'alert.approve', event: 'approve', version },
    async (tx, open, at) => {
      refuseProblems(approverRefusals(userOf(actor), { ...open.followUp, exercise: open.alert.exercise }))
      await leave(tx, deps, actor, schemeId, { open, mandate: { kind: 'approved' }, at })
    },
  )
}

/**
 * Returns a follow-up to its author with the changes requested, or rejects it.
 * @throws AppError `not_found`, `wrong_state`, `alert_changed`; `doctrine_refused` to its author
 */
export function refuseFollowUp(
  deps: FollowUpDeps,
  actor: Actor,
  schemeId: string,
  of: FollowUpOf,
  { event, version, reason }: VersionReason & { readonly event: 'return' | 'reject' },
): Promise<AlertView> {
  const decision = event === 'return' ? 'returned' : 'rejected'
  return answer(
    deps,
    actor,
    schemeId,
    { of, permission: 'alert.approve', event, version },
    async (tx, open, at) => {
      const { alert, followUp } = open
      refuseProblems(approverRefusals(userOf(actor), { ...followUp, exercise: alert.exercise }))
      const by = (await signatureOf(tx, actor, schemeId)).text
      const byId = userOf(actor) ?? null
      await updateAnswer(
        tx,
        { table: 'followUps', schemeId, id: followUp.id },
        { decision, at, by, byId, reason },
      )
      const details = { kind: followUp.kind }
      await recordAlertEvent(tx, schemeId, alert.id, {
        at,
        kind: `follow_up_${decision}`,
        by,
        reason,
        details,
      })
      await audit(tx, actor, schemeId, open, { action: `follow_up.${event}`, at })
    },
  )
}

/**
 * Drops a follow-up that has not been sent.
 * @throws AppError `not_found`, `wrong_state`, `alert_changed`
 */
export function discardFollowUp(
  deps: FollowUpDeps,
  actor: Actor,
  schemeId: string,
  of: FollowUpOf,
  { version }: VersionRead,
): Promise<AlertView> {
  return answer(
    deps,
    actor,
    schemeId,
    { of, permission: 'alert.follow_up', event: 'discard', version },
    async (tx, open, at) => {
      const by = (await signatureOf(tx, actor, schemeId)).text
      await dropWaiting(tx, schemeId, of.alertId, { at, by })
      await audit(tx, actor, schemeId, open, { action: 'follow_up.discard', at })
    },
  )
}

/**
 * Records a magistrate's authorisation of the current version of a follow-up.
 * @throws AppError `not_found`, `wrong_state`, `alert_changed`, or every problem at once
 */
export function authoriseFollowUp(
  deps: FollowUpDeps,
  actor: Actor,
  schemeId: string,
  of: FollowUpOf,
  { version, ...word }: NewAuthorisation,
): Promise<AlertView> {
  // A follow-up can be authorised as long as it can be returned.
  return answer(
    deps,
    actor,
    schemeId,
    { of, permission: 'authorisation.record', event: 'discard', version },
    async (tx, open, at) => {
      const { level } = open.followUp
      const content = { schemeId, alertId: of.alertId, followUpId: of.id, version, level, hash: open.hash }
      const problems = await takeDown(tx, deps, actor, { of: content, word, now: at })
      if (problems.length > 0) throw refusalOf(problems)
    },
  )
}

/**
 * Signs the review of a follow-up that a chief sent alone, once, by a user who neither ordered nor wrote it.
 * @throws AppError `not_found`; `wrong_state` when no review is open; `doctrine_refused`
 */
export async function reviewFollowUp(
  deps: FollowUpDeps,
  actor: Actor,
  schemeId: string,
  of: FollowUpOf,
  { verdict, note }: AlertReview,
): Promise<AlertView> {
  authorize(actor, 'alert.review', schemeId)
  const at = deps.now()
  await inScheme(deps.db, schemeId, async (tx) => {
    const open = await lockFollowUp(tx, schemeId, of)
    if (open.followUp.review !== 'open') throw new AppError('wrong_state')
    refuseProblems(reviewerRefusals(userOf(actor), open.followUp))
    const by = (await signatureOf(tx, actor, schemeId)).text
    await updateReview(tx, { table: 'followUps', schemeId, id: of.id }, { verdict, note, at, by })
    await recordAlertEvent(tx, schemeId, of.alertId, {
      at,
      kind: 'follow_up_reviewed',
      by,
      reason: note,
      details: { kind: open.followUp.kind, verdict },
    })
    await audit(tx, actor, schemeId, open, { action: 'follow_up.review', at, details: { verdict } })
  })
  deps.live.publish({ type: 'alert', schemeId, alertId: of.alertId })
  return getAlertView(deps, actor, schemeId, of.alertId)
}

/** Decides on a pending follow-up in the version that was read. */
async function answer(
  deps: FollowUpDeps,
  actor: Actor,
  schemeId: string,
  {
    of,
    permission,
    event,
    version,
  }: {
    readonly of: FollowUpOf
    readonly permission: Permission
    readonly event: 'approve' | 'return' | 'reject' | 'discard'
    readonly version: number
  },
  act: (tx: Tx, open: OpenFollowUp, at: Date) => Promise<void>,
): Promise<AlertView> {
  authorize(actor, permission, schemeId)
  const at = deps.now()
  await inScheme(deps.db, schemeId, async (tx) => {
    const open = await lockFollowUp(tx, schemeId, of)
    if (nextFollowUpState(open.followUp.state, event) === undefined) throw new AppError('wrong_state')
    if (open.followUp.version !== version) throw new AppError('alert_changed')
    await act(tx, open, at)
  })
  deps.live.publish({ type: 'alert', schemeId, alertId: of.alertId })
  return getAlertView(deps, actor, schemeId, of.alertId)
}

/** Locks the alert of a follow-up: every change of a follow-up takes this lock. */
async function lockFollowUp(tx: Tx, schemeId: string, { alertId, id }: FollowUpOf): Promise<OpenFollowUp> {
  if ((await lockAlert(tx, schemeId, alertId)) === undefined) throw new AppError('not_found')
  return readFollowUp(tx, schemeId, alertId, id)
}

function userOf(actor: Actor): string | undefined {
  return actor.kind === 'user' ? actor.userId : undefined
}

function audit(
  tx: Tx,
  actor: Actor,
  schemeId: string,
  { alert, followUp }: OpenFollowUp,
  {
    action,
    at,
    details = {},
  }: {
    readonly action: AuditAction
    readonly at: Date
    readonly details?: Readonly<Record<string, string>> | undefined
  },
): Promise<unknown> {
  return recordAudit(tx, schemeId, at, {
    actor: actorName(actor),
    action,
    subject: `alert:${alert.id}`,
    details: { followUp: followUp.id, kind: followUp.kind, version: followUp.version, ...details },
  })
}
