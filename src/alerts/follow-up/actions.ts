import { countFollowing } from '../../deliveries/plan/plan.ts'
import type { Deps } from '../../deps.ts'
import { AppError, type Problem } from '../../errors.ts'
import { costCents } from '../../message/price.ts'
import { type Actor, authorize, type Permission } from '../../permissions.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import { signatureOf } from '../../reports/signature.ts'
import { DoctrineSettings } from '../../schemes/doctrine.ts'
import { submitMessage, withLockedMessage } from '../approval/actions.ts'
import { voidAuthorisation } from '../approval/authorisations.ts'
import { type AuthoriseDeps, recordAuthorisation } from '../approval/authorise.ts'
import { endDecisionCalls } from '../approval/calls.ts'
import { readApproverRefusals } from '../approval/second-person.ts'
import { recordStep } from '../approval/steps.ts'
import { unansweredRefusals } from '../approval/unanswered.ts'
import { followUpHash } from '../compose/content.ts'
import { overrideRefusals, withoutPassable } from '../compose/doctrine.ts'
import { authorsWith, getAlertRow, getSchemeFacts } from '../compose/draft.ts'
import type { AlertView, VersionRead, VersionReason } from '../contract.ts'
import { getAlertView } from '../live/read.ts'
import { recordAlertEvent } from '../order/events.ts'
import { refuseProblems } from '../order/order.ts'
import { nextState } from '../states.ts'
import { lockAlert } from '../store.ts'
import type { FollowUpPreview, NewFollowUp, OverridingFollowUp } from './contract.ts'
import { eventOf, followUpContentOf, followUpContentRefusals } from './follow-ups.ts'
import {
  type FollowUpDeps,
  type FollowUpOf,
  findSent,
  isApprovalNeeded,
  judgeFollowUp,
  lockFollowUp,
  type OpenFollowUp,
  readFollowUp,
  sendFollowUp,
  whereRecipientsAreNow,
} from './order.ts'
import { discardWaiting, hasFollowUpKey, insertFollowUp, updateFollowUp } from './store.ts'

/**
 * Orders an update, a correction or the all-clear that needs no second person. It goes to exactly the recipients who got or may
 * have got the first message, except members who left the scheme since, each after their earlier messages. An all-clear closes
 * the alert and withdraws its unsent deliveries. Repeating an order with the same key sends once.
 * @throws AppError `not_found`; `wrong_state`; `alert_changed` when another message left since `after`, or what it
 * replaces is no longer what was read; `no_route`; `empty_audience`; or every problem of the text and of the doctrine.
 */
export function orderFollowUp(
  deps: FollowUpDeps,
  actor: Actor,
  schemeId: string,
  id: string,
  order: NewFollowUp,
): Promise<AlertView> {
  return withWrittenFollowUp(
    deps,
    actor,
    schemeId,
    { id, order, permission: 'alert.follow_up' },
    (tx, open, found, at) =>
      sendFollowUp(tx, deps, actor, schemeId, { open, mandate: { kind: 'own' }, at, found }),
  )
}

/**
 * Orders a follow-up without the second person, as a chief may in an emergency: a review is open until another signs it.
 * Nothing else of the doctrine is waived.
 * @throws AppError as `orderFollowUp`; `doctrine_refused` also where it needs no second person, or the scheme admits no
 * override.
 */
export function overrideFollowUp(
  deps: FollowUpDeps,
  actor: Actor,
  schemeId: string,
  id: string,
  order: OverridingFollowUp,
): Promise<AlertView> {
  return withWrittenFollowUp(
    deps,
    actor,
    schemeId,
    { id, order, permission: 'alert.override' },
    async (tx, open, found, at) => {
      const refused = overrideRefusals(DoctrineSettings.parse(open.alert.settings), isApprovalNeeded(open))
      const mandate = { kind: 'overridden', reason: order.reason } as const
      await sendFollowUp(tx, deps, actor, schemeId, { open, mandate, at, found: [...refused, ...found] })
    },
  )
}

/**
 * Submits the current version of a follow-up to a second person. The prosecutor's authorisation may be added later, and so may a
 * chief's pass for the name of a member that is made of ordinary words. An alert has at most one pending follow-up.
 * @throws AppError as `orderFollowUp`; `follow_up_waiting` when another one waits and `replaces` does not name it.
 */
export function submitFollowUp(
  deps: FollowUpDeps,
  actor: Actor,
  schemeId: string,
  id: string,
  order: NewFollowUp,
): Promise<AlertView> {
  return withWrittenFollowUp(
    deps,
    actor,
    schemeId,
    { id, order, permission: 'alert.follow_up' },
    async (tx, open, found, at) => {
      const { alert, followUp, hash } = open
      const { kind, version, authorIds } = followUp
      const facts = await judgeFollowUp(tx, deps.db, schemeId, open)
      const remarks = withoutPassable(facts.remarks)
      refuseProblems([...followUpContentRefusals({ ...facts, remarks }), ...found])
      const others = alert.followUps.some(
        (one) => one.id !== followUp.id && (one.state === 'submitted' || one.state === 'returned'),
      )
      if (others) throw new AppError('follow_up_waiting')
      const by = (await signatureOf(tx, actor, schemeId)).text
      const message = { schemeId, alertId: id, followUpId: followUp.id, kind, version }
      await submitMessage(tx, deps, actor, message, {
        submission: { at, by, hash, authorIds },
        alert,
        needsMagistrate: followUp.level === 'precise' && facts.authorisation !== 'valid',
      })
    },
  )
}

/**
 * Approves a submitted follow-up as the second person and orders it in the same transaction.
 * @throws AppError `not_found`; `wrong_state`; `alert_changed` when it or another message changed meanwhile;
 * `no_route`; `empty_audience`; `doctrine_refused` with every problem, also to its author and to accounts that gave each
 * other access within the cooling time, and when the content is no
 * longer what was submitted.
 */
export async function approveFollowUp(
  deps: FollowUpDeps,
  actor: Actor,
  schemeId: string,
  of: FollowUpOf,
  { version }: VersionRead,
): Promise<AlertView> {
  authorize(actor, 'alert.approve', schemeId)
  const at = deps.now()
  await inScheme(deps.db, schemeId, async (tx) => {
    const open = await lockFollowUp(tx, schemeId, of, { event: 'approve', version })
    const message = { ...open.followUp, exercise: open.alert.exercise }
    const found = await readApproverRefusals(tx, deps, actor, schemeId, message)
    await sendFollowUp(tx, deps, actor, schemeId, { open, mandate: { kind: 'approved' }, at, found })
  })
  deps.live.publish({ type: 'alert', schemeId, alertId: of.alertId })
  return getAlertView(deps, actor, schemeId, of.alertId)
}

/**
 * Orders a submitted follow-up because nobody on call answered within the limit of its severity: a review is open until another
 * person signs it. Nothing else of the doctrine is waived.
 * @throws AppError as `approveFollowUp`; `doctrine_refused` also before the limit, and where the scheme sets none.
 */
export async function sendUnansweredFollowUp(
  deps: FollowUpDeps,
  actor: Actor,
  schemeId: string,
  of: FollowUpOf,
  { version, reason }: VersionReason,
): Promise<AlertView> {
  authorize(actor, 'alert.follow_up', schemeId)
  const at = deps.now()
  await inScheme(deps.db, schemeId, async (tx) => {
    const open = await lockFollowUp(tx, schemeId, of, { event: 'unanswered', version })
    const { alert, followUp, hash } = open
    const { submittedAt, submittedHash } = followUp
    const facts = {
      severity: alert.severity,
      submittedAt: submittedAt === null ? null : Date.parse(submittedAt),
      same: submittedHash === hash,
    }
    refuseProblems(unansweredRefusals(DoctrineSettings.parse(alert.settings), facts, at.getTime()))
    const mandate = { kind: 'overridden', reason, unanswered: true } as const
    await sendFollowUp(tx, deps, actor, schemeId, { open, mandate, at })
  })
  deps.live.publish({ type: 'alert', schemeId, alertId: of.alertId })
  return getAlertView(deps, actor, schemeId, of.alertId)
}

/**
 * Discards a follow-up that has not been sent.
 * @throws AppError `not_found`, `wrong_state`, `alert_changed`
 */
export function discardFollowUp(
  deps: FollowUpDeps,
  actor: Actor,
  schemeId: string,
  of: FollowUpOf,
  { version }: VersionRead,
): Promise<AlertView> {
  const act = { of, permission: 'alert.follow_up', decision: { event: 'discard', version } } as const
  return withLockedMessage(deps, actor, schemeId, act, async (tx, message, at) => {
    const by = (await signatureOf(tx, actor, schemeId)).text
    await discardWaiting(tx, schemeId, of.alertId)
    await endDecisionCalls(tx, message, { at, why: 'discarded' })
    await recordStep(tx, actor, message, { step: 'discarded', at, by, audited: { version } })
  })
}

/** Writes a follow-up, with the prosecutor's authorisation if given, and runs the requested action on it. */
async function withWrittenFollowUp(
  deps: FollowUpDeps,
  actor: Actor,
  schemeId: string,
  {
    id,
    order,
    permission,
  }: { readonly id: string; readonly order: NewFollowUp; readonly permission: Permission },
  act: (tx: Tx, open: OpenFollowUp, found: Problem[], at: Date) => Promise<void>,
): Promise<AlertView> {
  authorize(actor, permission, schemeId)
  const at = deps.now()
  const isNew = await inScheme(deps.db, schemeId, async (tx) => {
    const draft = await draftFollowUp(tx, deps, actor, schemeId, { alertId: id, order, at })
    if (draft === undefined) return false
    await act(tx, draft.open, draft.found, at)
    return true
  })
  if (isNew) deps.live.publish({ type: 'alert', schemeId, alertId: id })
  return getAlertView(deps, actor, schemeId, id)
}

/**
 * Writes a follow-up, or the replacement of a pending one. Locks its alert.
 * @returns the follow-up, and why the authorisation could not be recorded; undefined when the key was used already
 * @throws AppError `not_found`, `wrong_state`, `alert_changed`
 */
async function draftFollowUp(
  tx: Tx,
  deps: AuthoriseDeps,
  actor: Actor,
  schemeId: string,
  { alertId, order, at }: { readonly alertId: string; readonly order: NewFollowUp; readonly at: Date },
): Promise<{ open: OpenFollowUp; found: Problem[] } | undefined> {
  const { kind, text, level, key, after, replaces } = order
  const locked = await lockAlert(tx, schemeId, alertId)
  if (locked === undefined) throw new AppError('not_found')
  const { first, last, all } = await findSent(tx, schemeId, alertId)
  if (all.some(({ orderKey }) => orderKey === key)) return undefined
  if (await hasFollowUpKey(tx, schemeId, alertId, key)) return undefined
  if (nextState(locked.state, eventOf(kind, locked.state)) === undefined) throw new AppError('wrong_state')
  if (last.broadcastId !== after) throw new AppError('alert_changed')
  const alert = await getAlertRow(tx, schemeId, alertId)
  const before = replaces && getReplacedFollowUp(alert, replaces)
  const id = before?.id ?? deps.newId()
  const content = {
    kind,
    text: text.trim(),
    level,
    afterId: after,
    orderKey: key,
    authorIds: authorsWith(before?.authorIds ?? [], actor),
  }
  const hash = followUpHash(followUpContentOf(alert, content, first))
  if (before === undefined) {
    const createdBy = (await signatureOf(tx, actor, schemeId)).text
    await insertFollowUp(tx, { ...content, schemeId, id, alertId, createdAt: at, createdBy })
  } else {
    await updateFollowUp(tx, schemeId, id, content)
    if (before.authorisation !== null && before.authorisation.contentHash !== hash)
      await voidChangedAuthorisation(tx, schemeId, { alertId, followUpId: id }, at)
  }
  const of = { schemeId, alertId, followUpId: id, version: (before?.version ?? 0) + 1, level, hash }
  const found =
    order.authorisation === undefined
      ? []
      : await recordAuthorisation(tx, deps, actor, { of, word: order.authorisation, now: at })
  return { open: await readFollowUp(tx, schemeId, alertId, id), found }
}

/**
 * Returns the pending follow-up that an order replaces.
 * @throws AppError `alert_changed` when it is no longer what was read
 */
function getReplacedFollowUp(
  { followUps }: Pick<OpenFollowUp['alert'], 'followUps'>,
  { id, version }: NonNullable<NewFollowUp['replaces']>,
): OpenFollowUp['followUp'] {
  const replaced = followUps.find((one) => one.id === id)
  const isPending = replaced?.state === 'submitted' || replaced?.state === 'returned'
  if (!isPending || replaced.version !== version) throw new AppError('alert_changed')
  return replaced
}

/** Ends the authorisation of a follow-up whose content changed, and records it in the alert's events. */
async function voidChangedAuthorisation(
  tx: Tx,
  schemeId: string,
  of: { readonly alertId: string; readonly followUpId: string },
  at: Date,
): Promise<void> {
  const isVoid = await voidAuthorisation(tx, schemeId, of, { at, why: 'changed' })
  if (isVoid) await recordAlertEvent(tx, schemeId, of.alertId, { at, kind: 'authorisation_void', by: null })
}

/**
 * Previews the recipients of a follow-up sent now.
 * @throws AppError `not_found`; `wrong_state` when the alert has not left
 */
export async function previewFollowUp(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  schemeId: string,
  id: string,
): Promise<FollowUpPreview> {
  authorize(actor, 'audience.preview', schemeId)
  return inScheme(deps.db, schemeId, async (tx) => {
    const { exercise } = await getAlertRow(tx, schemeId, id)
    const { first } = await findSent(tx, schemeId, id)
    const counts = await countFollowing(tx, schemeId, {
      first: first.broadcastId,
      ...whereRecipientsAreNow(),
    })
    const { smsPriceMillicents } = await getSchemeFacts(tx, schemeId)
    return { ...counts, costCents: costCents(counts.recipients, exercise ? 0 : smsPriceMillicents) }
  })
}
