import type { Deps } from '../../deps.ts'
import { AppError, refusalOf } from '../../errors.ts'
import { endCallOuts } from '../../on-call/call-outs.ts'
import { type Actor, authorize, type Permission, userIdOf } from '../../permissions.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import { signatureFor, signatureOf } from '../../reports/signature.ts'
import { contentRefusals, withoutPassable } from '../compose/doctrine.ts'
import type { AlertRequest, AlertReview, AlertView, NewAuthorisation, VersionReason } from '../contract.ts'
import { getAlertView } from '../live/read.ts'
import {
  collectOrderFacts,
  countNow,
  inOrderTurn,
  openAlert,
  refuseProblems,
  requireSeenAudience,
} from '../order/order.ts'
import { updateSeenAudience } from '../store.ts'
import { findReturned, keepReturned, updateAnswer, updateReview, updateSubmission } from './approvals.ts'
import { type AuthoriseDeps, recordAuthorisation } from './authorise.ts'
import { callForDecision, endDecisionCalls } from './calls.ts'
import type { ReturnedVersion } from './contract.ts'
import {
  type LockedMessage,
  lockMessage,
  type MessageOf,
  type MessageVersion,
  type VersionDecision,
} from './messages.ts'
import { readApproverRefusals, readReviewerRefusals } from './second-person.ts'
import { recordStep } from './steps.ts'

type ApprovalDeps = Pick<Deps, 'db' | 'now' | 'live' | 'config'>
type SubmitDeps = ApprovalDeps & Pick<Deps, 'newId' | 'jobs'>

/**
 * Submits the current version of an alert to a second person; changing it withdraws the submission. The prosecutor's
 * authorisation may be added later, and so may a chief's pass for the name of a member that is made of ordinary words.
 * @throws AppError `not_found`, `alert_not_draft`, `wrong_state`, `alert_changed`, `audience_changed`,
 * `already_decided`, `doctrine_refused` or every problem of the draft.
 */
export async function submitAlert(
  deps: SubmitDeps,
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
    const { problems, facts, nearConfirmed } = await collectOrderFacts(tx, deps.db, schemeId, open, {
      at,
      ...read,
    })
    const { members, refusals } = await countNow(tx, schemeId, open)
    const remarks = withoutPassable(facts.remarks)
    refuseProblems([...problems, ...contentRefusals({ ...facts, remarks }), ...refusals])
    const { authorIds } = open.row
    const message = { schemeId, alertId: id, followUpId: null, kind: null, version: read.version }
    await submitMessage(tx, deps, actor, message, {
      submission: {
        at,
        by: signatureFor(actor, schemeId, open.more.agencyName).text,
        hash: open.hash,
        authorIds: actor.kind === 'user' ? [...new Set([...authorIds, actor.userId])] : authorIds,
      },
      alert: open.row,
      needsMagistrate: open.row.doctrine.level === 'precise' && facts.authorisation !== 'valid',
    })
    await updateSeenAudience(tx, schemeId, id, {
      audienceHash: open.row.audience,
      submittedMembers: members,
      nearConfirmed: [...nearConfirmed],
    })
  })
  deps.live.publish({ type: 'alert', schemeId, alertId: id })
  return getAlertView(deps, actor, schemeId, id)
}

/**
 * Submits a message to a second person, in the caller's transaction, which has checked and locked it, and calls the people on
 * call.
 */
export async function submitMessage(
  tx: Tx,
  deps: Pick<Deps, 'newId' | 'jobs' | 'config'>,
  actor: Actor,
  message: MessageVersion,
  {
    submission,
    ...call
  }: {
    readonly submission: Parameters<typeof updateSubmission>[2]
    readonly alert: Parameters<typeof callForDecision>[3]['alert']
    readonly needsMagistrate: boolean
  },
): Promise<void> {
  const { at, by, hash, authorIds } = submission
  await updateSubmission(tx, message, submission)
  await callForDecision(tx, deps, message, { ...call, authorIds, at })
  const audited = { version: message.version, contentHash: hash }
  await recordStep(tx, actor, message, { step: 'submitted', at, by, audited })
}

/**
 * Returns a message to its author with the changes requested.
 * @throws AppError `not_found`, `alert_not_draft`, `wrong_state`, `alert_changed`; `already_decided` for the first message;
 * `doctrine_refused` to its author, and to accounts that gave each other access within the cooling time
 */
export function returnMessage(
  deps: ApprovalDeps,
  actor: Actor,
  schemeId: string,
  of: MessageOf,
  answer: VersionReason,
): Promise<AlertView> {
  return refuseSubmission(deps, actor, schemeId, { of, event: 'return', ...answer })
}

/**
 * Rejects a message for good. When it is the first one, the report of its alert waits again.
 * @throws AppError as `returnMessage`
 */
export function rejectMessage(
  deps: ApprovalDeps,
  actor: Actor,
  schemeId: string,
  of: MessageOf,
  answer: VersionReason,
): Promise<AlertView> {
  return refuseSubmission(deps, actor, schemeId, { of, event: 'reject', ...answer })
}

/**
 * Reads why an alert was last returned, and its content as it was then.
 * @throws AppError `not_found`
 */
export async function getReturnedVersion(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  schemeId: string,
  id: string,
): Promise<{ returned: ReturnedVersion | null }> {
  authorize(actor, 'alert.read_precise', schemeId)
  const found = await inScheme(deps.db, schemeId, (tx) => findReturned(tx, schemeId, id))
  if (found === undefined) throw new AppError('not_found')
  return found
}

async function refuseSubmission(
  deps: ApprovalDeps,
  actor: Actor,
  schemeId: string,
  {
    of,
    event,
    version,
    reason,
  }: VersionReason & { readonly of: MessageOf; readonly event: 'return' | 'reject' },
): Promise<AlertView> {
  const step = event === 'return' ? 'returned' : 'rejected'
  const act = { of, permission: 'alert.approve', decision: { event, version } } as const
  return withLockedMessage(deps, actor, schemeId, act, async (tx, message, at) => {
    refuseProblems(await readApproverRefusals(tx, deps, actor, schemeId, message))
    const by = (await signatureOf(tx, actor, schemeId)).text
    const byId = userIdOf(actor) ?? null
    if (event === 'return') await keepReturned(tx, message, { at, by, reason })
    await updateAnswer(tx, message, { decision: step, at, by, byId, reason })
    await endDecisionCalls(tx, message, { at, why: step })
    await recordStep(tx, actor, message, { step, at, by, reason, audited: { version } })
  })
}

/**
 * Signs the review of a message that a chief ordered without the second person: once, and by a user who neither ordered nor
 * wrote it.
 * @throws AppError `not_found`; `wrong_state` when no review is open; `doctrine_refused`
 */
export function reviewMessage(
  deps: ApprovalDeps,
  actor: Actor,
  schemeId: string,
  of: MessageOf,
  { verdict, note }: AlertReview,
): Promise<AlertView> {
  const act = { of, permission: 'alert.review' } as const
  return withLockedMessage(deps, actor, schemeId, act, async (tx, message, at) => {
    if (message.review !== 'open') throw new AppError('wrong_state')
    refuseProblems(await readReviewerRefusals(tx, deps, actor, schemeId, message))
    const by = (await signatureOf(tx, actor, schemeId)).text
    await updateReview(tx, message, { verdict, note, at, by })
    await endCallOuts(tx, message, ['review'], { at, why: 'reviewed' })
    const details = { verdict }
    await recordStep(tx, actor, message, {
      step: 'reviewed',
      at,
      by,
      reason: note,
      shown: details,
      audited: details,
    })
  })
}

/**
 * Records a magistrate's authorisation of the current content of a message; changing the content makes it void. A new
 * authorisation replaces the previous one.
 * @throws AppError `not_found`, `alert_not_draft`, `wrong_state`, `alert_changed`, or every problem at once.
 */
export function authoriseMessage(
  deps: ApprovalDeps & AuthoriseDeps,
  actor: Actor,
  schemeId: string,
  of: MessageOf,
  { version, ...word }: NewAuthorisation,
): Promise<AlertView> {
  const act = { of, permission: 'authorisation.record', decision: { event: 'discard', version } } as const
  return withLockedMessage(deps, actor, schemeId, act, async (tx, message, now) => {
    const problems = await recordAuthorisation(tx, deps, actor, { of: message, word, now })
    if (problems.length > 0) throw refusalOf(problems)
  })
}

/** Runs a decision on a locked message and notifies the screens. */
export async function withLockedMessage(
  deps: ApprovalDeps,
  actor: Actor,
  schemeId: string,
  {
    of,
    permission,
    decision,
  }: { readonly of: MessageOf; readonly permission: Permission; readonly decision?: VersionDecision },
  decide: (tx: Tx, message: LockedMessage, at: Date) => Promise<void>,
): Promise<AlertView> {
  authorize(actor, permission, schemeId)
  const at = deps.now()
  const { reportId } = await inScheme(deps.db, schemeId, async (tx) => {
    const message = await lockMessage(tx, schemeId, of, decision)
    await decide(tx, message, at)
    return message
  })
  deps.live.publish({ type: 'alert', schemeId, alertId: of.alertId })
  const isRefusal = decision !== undefined && decision.event !== 'discard'
  if (of.followUpId === null && isRefusal) deps.live.publish({ type: 'report', schemeId, reportId })
  return getAlertView(deps, actor, schemeId, of.alertId)
}
