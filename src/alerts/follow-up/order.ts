import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import { recordAudit } from '../../audit/record.ts'
import { countFollowing, type Following, planBroadcast } from '../../deliveries/plan/plan.ts'
import { type BroadcastProgress, listBroadcasts } from '../../deliveries/store.ts'
import type { Deps } from '../../deps.ts'
import { AppError, type Problem } from '../../errors.ts'
import { withReference } from '../../message/reference.ts'
import { type Segmentation, segmentMessage } from '../../message/segment.ts'
import { type Actor, actorName } from '../../permissions.ts'
import { findTimeZone } from '../../platform/database/time-zone.ts'
import type { Db, Tx } from '../../platform/db.ts'
import { signatureOf } from '../../reports/signature.ts'
import type { BroadcastKind } from '../../schema.ts'
import { type ContentLevel, DoctrineSettings } from '../../schemes/doctrine.ts'
import { callForReview, endDecisionCalls } from '../approval/calls.ts'
import { recordMandate } from '../approval/steps.ts'
import { followUpHash } from '../compose/content.ts'
import { approvalState, authorisationState, type Mandate } from '../compose/doctrine.ts'
import { getAlertRow } from '../compose/draft.ts'
import { dropWaiting } from '../compose/drop.ts'
import { readRemarks } from '../compose/guard-facts.ts'
import { copyToObservers } from '../observers/store.ts'
import { stopSending } from '../order/close.ts'
import { recordAlertEvent } from '../order/events.ts'
import { decisionOf, refuseProblems, routeRefusals } from '../order/order.ts'
import { type FollowUpEvent, nextFollowUpState, nextState } from '../states.ts'
import { type AlertRow, lockAlert, updateExpiry, updateState } from '../store.ts'
import { followUpNeedsApproval } from './approval-rules.ts'
import type { NewOutcome } from './contract.ts'
import {
  byDay,
  eventOf,
  expiryAfter,
  type FollowUpFacts,
  followUpContentOf,
  followUpRefusals,
  markIfExercise,
  subjectOf,
  validityOf,
} from './follow-ups.ts'
import { type FollowUpRow, updateOrderedFollowUp } from './store.ts'
import { followUpText } from './texts.ts'

export type FollowUpDeps = Pick<Deps, 'db' | 'now' | 'newId' | 'live' | 'config' | 'jobs' | 'mailer'>

/** The messages of an alert that has left; a follow-up comes after the last one. */
export interface Sent {
  readonly first: BroadcastProgress
  readonly last: BroadcastProgress
  readonly all: readonly BroadcastProgress[]
}

/** A follow-up that has not been sent; its alert is locked. */
export interface OpenFollowUp {
  readonly alert: AlertRow
  readonly sent: Sent
  readonly followUp: FollowUpRow
  /** Hash of the current content. */
  readonly hash: string
}

/** One follow-up of an alert. */
export interface FollowUpOf {
  readonly alertId: string
  readonly followUpId: string
}

/**
 * Locks the alert of a follow-up, as every change of a follow-up does, and reads it. An event must be possible for the
 * version that was read.
 * @throws AppError `not_found`, `wrong_state`, `alert_changed`
 */
export async function lockFollowUp(
  tx: Tx,
  schemeId: string,
  { alertId, followUpId }: FollowUpOf,
  expected?: { readonly event: FollowUpEvent; readonly version: number },
): Promise<OpenFollowUp> {
  if ((await lockAlert(tx, schemeId, alertId)) === undefined) throw new AppError('not_found')
  const open = await readFollowUp(tx, schemeId, alertId, followUpId)
  if (expected !== undefined) {
    const { state, version } = open.followUp
    if (nextFollowUpState(state, expected.event) === undefined) throw new AppError('wrong_state')
    if (version !== expected.version) throw new AppError('alert_changed')
  }
  return open
}

/**
 * Reads the current version of a follow-up.
 * @throws AppError `not_found`; `wrong_state` when nothing was sent of the alert yet
 */
export async function readFollowUp(
  tx: Tx,
  schemeId: string,
  alertId: string,
  id: string,
): Promise<OpenFollowUp> {
  const alert = await getAlertRow(tx, schemeId, alertId)
  const followUp = alert.followUps.find((one) => one.id === id)
  if (followUp === undefined) throw new AppError('not_found')
  const sent = await findSent(tx, schemeId, alertId)
  return { alert, sent, followUp, hash: followUpHash(followUpContentOf(alert, followUp, sent.first)) }
}

/** The facts for deciding on a follow-up, except the mandate under which it would leave. */
export async function judgeFollowUp(
  tx: Tx,
  db: Db,
  schemeId: string,
  { alert, sent, followUp, hash }: OpenFollowUp,
): Promise<Omit<FollowUpFacts, 'approval'>> {
  const { kind, level } = followUp
  const text = markIfExercise(alert, followUp.text)
  return {
    kind,
    text,
    level,
    segmentation: segmented(alert, text),
    remarks: await readRemarks(db, tx, schemeId, {
      of: 'follow_up',
      alert: { ...alert, text, doctrine: { level } },
    }),
    authorisation: authorisationState(followUp.authorisation, hash),
    sent: sent.all.map((one) => one.kind),
  }
}

/** Returns whether the doctrine of the scheme requires a second person for it. */
export function isApprovalNeeded({ alert, followUp }: Pick<OpenFollowUp, 'alert' | 'followUp'>): boolean {
  return followUpNeedsApproval(DoctrineSettings.parse(alert.settings), subjectOf(alert), followUp)
}

/**
 * Orders a follow-up in the caller's transaction. The content sent is the one submitted to the second person, if there
 * is one. An all-clear ends the alert, withdraws its unsent deliveries and drops its pending follow-up.
 * @param found further problems to report
 * @throws AppError `wrong_state`; `alert_changed` when another message left since; `no_route`; `empty_audience`; or
 * every problem of the text and of the doctrine at once.
 */
export async function sendFollowUp(
  tx: Tx,
  deps: Pick<Deps, 'db' | 'newId' | 'config' | 'jobs'>,
  actor: Actor,
  schemeId: string,
  {
    open,
    mandate,
    at,
    found = [],
  }: {
    readonly open: OpenFollowUp
    readonly mandate: Mandate
    readonly at: Date
    readonly found?: readonly Problem[]
  },
): Promise<void> {
  const { alert, sent, followUp, hash } = open
  const { id, kind, level, orderKey } = followUp
  const state = nextState(alert.state, eventOf(kind, alert.state))
  if (state === undefined) throw new AppError('wrong_state')
  if (sent.last.broadcastId !== followUp.afterId) throw new AppError('alert_changed')
  const facts = await judgeFollowUp(tx, deps.db, schemeId, open)
  const approval = approvalState(mandate, {
    needed: isApprovalNeeded(open),
    submittedHash: followUp.submittedHash,
    hash,
  })
  const refusals = [
    ...followUpRefusals({ ...facts, approval }),
    ...found,
    ...routeRefusals(deps.config.gateways, alert.simulated),
  ]
  // The plan counts the recipients of an order that is not refused, so they are counted here for a refused one only.
  if (refusals.length > 0) {
    const following = { first: sent.first.broadcastId, ...whereRecipientsAreNow() }
    const { recipients } = await countFollowing(tx, schemeId, following)
    refuseProblems(recipients > 0 ? refusals : [...refusals, { code: 'empty_audience' }])
  }
  const by = (await signatureOf(tx, actor, schemeId)).text
  const isUnanswered = mandate.kind === 'overridden' && mandate.unanswered === true
  // Runs before the recipients are read: recipients of withdrawn deliveries get no follow-up.
  if (state === 'ended') await stopSending(tx, schemeId, sent.all, at)
  const message = { schemeId, alertId: alert.id, followUpId: id }
  // An all-clear drops what waits for a decision.
  if (state === 'ended')
    await endDecisionCalls(tx, { ...message, followUpId: 'any' }, { at, why: 'discarded' })
  else if (mandate.kind !== 'own') await endDecisionCalls(tx, message, { at, why: mandate.kind })
  if (mandate.kind === 'overridden')
    await callForReview(tx, deps, message, {
      alert,
      actor,
      authorIds: followUp.authorIds,
      at,
    })
  const { broadcastId, planned } = await planMessage(tx, deps, schemeId, {
    row: alert,
    sent,
    message: {
      kind,
      segmentation: facts.segmentation,
      level,
      orderKey,
      contentHash: hash,
      at,
      notBefore: at,
      actor,
      by,
      details: { followUp: id, mandate: isUnanswered ? 'unanswered' : mandate.kind },
    },
  })
  if (planned === 0) throw new AppError('empty_audience')
  await updateState(tx, schemeId, alert.id, state, state === 'ended' ? { at, by } : undefined)
  // The closing message waits until the last follow-up has expired.
  const expiresAt = expiryAfter(kind, alert.expiresAt, at)
  if (state !== 'cancelled' && expiresAt > alert.expiresAt)
    await updateExpiry(tx, schemeId, alert.id, expiresAt)
  await updateOrderedFollowUp(tx, schemeId, id, { broadcastId, ...decisionOf(mandate, actor, by, at) })
  await recordMandate(tx, { schemeId, alertId: alert.id, kind }, mandate, { at, by })
  await recordAlertEvent(tx, schemeId, alert.id, { at, kind: eventKinds[kind], by, details: { planned } })
  if (state === 'ended') await dropWaiting(tx, schemeId, alert.id, { at, by })
}

const eventKinds = { update: 'updated', correction: 'corrected', all_clear: 'all_clear' } as const

/**
 * Sends an automatic message, once per alert and not by night: the closing message, or thanks with the outcome. Without
 * recipients or a gateway nothing is sent, and no error is raised.
 * @returns the number of recipients
 */
export async function sendAutoMessage(
  tx: Tx,
  deps: Pick<Deps, 'newId' | 'config'>,
  schemeId: string,
  id: string,
  message: {
    readonly kind: 'closing' | 'thanks'
    readonly text: 'closing' | NewOutcome['outcome']
    readonly at: Date
    readonly actor: Actor
    readonly by: string
  },
): Promise<number> {
  const row = await getAlertRow(tx, schemeId, id)
  if (routeRefusals(deps.config.gateways, row.simulated).length > 0) return 0
  const sent = await findSent(tx, schemeId, id)
  if (sent.all.some(({ kind }) => kind === message.kind)) return 0
  const { recipients } = await countFollowing(tx, schemeId, {
    first: sent.first.broadcastId,
    ...whereRecipientsAreNow(),
  })
  if (recipients === 0) return 0
  const { kind, at, actor, by } = message
  const { planned } = await planMessage(tx, deps, schemeId, {
    row,
    sent,
    message: {
      kind,
      segmentation: segmented(row, markIfExercise(row, followUpText(message.text, subjectOf(row)))),
      at,
      notBefore: byDay(at, await findTimeZone(tx, schemeId)),
      actor,
      by,
    },
  })
  await recordAlertEvent(tx, schemeId, id, {
    at,
    kind: kind === 'closing' ? 'closing_message' : 'thanked',
    by: kind === 'closing' ? null : by,
    details: { planned },
  })
  return planned
}

/** Plans a message after all others of its alert and records it in the audit log. @returns the message with its number of recipients */
async function planMessage(
  tx: Tx,
  deps: Pick<Deps, 'newId' | 'config'>,
  schemeId: string,
  {
    row,
    sent,
    message,
  }: {
    readonly row: AlertRow
    readonly sent: Sent
    readonly message: {
      readonly kind: Extract<BroadcastKind, 'update' | 'correction' | 'all_clear' | 'closing' | 'thanks'>
      readonly segmentation: Segmentation
      readonly level?: ContentLevel
      readonly orderKey?: string
      readonly contentHash?: string
      readonly at: Date
      readonly notBefore: Date
      readonly actor: Actor
      readonly by: string
      /** Further details for the audit record. */
      readonly details?: Readonly<Record<string, string>>
    }
  },
): Promise<{ broadcastId: string; planned: number }> {
  const { kind, segmentation, level, orderKey, contentHash, at, notBefore, actor, by } = message
  const recipients: Following = {
    first: sent.first.broadcastId,
    after: sent.last.broadcastId,
    ...whereRecipientsAreNow(),
  }
  const planDeps = { ...deps, now: () => at }
  const plan = {
    schemeId,
    alertId: row.id,
    segmentation,
    // Uses the sender of the first message, so that phones show them together.
    sender: sent.first.sender,
    simulated: row.simulated,
    validUntil: validityOf(kind, row.expiresAt, { orderedAt: at, notBefore }),
    orderedBy: by,
    isPrecise: (level ?? row.doctrine.level) === 'precise',
    ...(level === undefined ? {} : { level }),
    ...(contentHash === undefined ? {} : { contentHash }),
    ...(notBefore > at ? { notBefore } : {}),
  }
  const { broadcastId, planned } = await planBroadcast(tx, planDeps, {
    ...plan,
    kind,
    lane: kind === 'thanks' ? 'service' : 'follow_up',
    recipients,
    ...(orderKey === undefined ? {} : { orderKey }),
  })
  // Thanks go to members only.
  if (planned > 0 && kind !== 'thanks') {
    await copyToObservers(tx, planDeps, plan, {
      communeCode: row.communeCode,
      level: level ?? row.doctrine.level,
    })
  }
  await recordAudit(tx, schemeId, at, {
    actor: actorName(actor),
    action: `alert.${kind}`,
    subject: `alert:${row.id}`,
    details: {
      reference: row.reference,
      broadcast: broadcastId,
      after: sent.last.broadcastId,
      textSha256: createHash('sha256').update(segmentation.parts.join('')).digest('hex'),
      parts: segmentation.parts.length,
      ...(level === undefined ? {} : { level }),
      ...(contentHash === undefined ? {} : { contentHash }),
      ...message.details,
      planned,
      simulated: row.simulated,
    },
  })
  return { broadcastId, planned }
}

/** @throws AppError `wrong_state` when nothing was sent of the alert yet */
export async function findSent(tx: Tx, schemeId: string, id: string): Promise<Sent> {
  const all = (await listBroadcasts(tx, schemeId, [id])).get(id) ?? []
  const chain = all.filter(({ kind }) => kind !== 'copy')
  const [first] = chain
  const last = chain.at(-1)
  if (first === undefined || last === undefined) throw new AppError('wrong_state')
  return { first, last, all }
}

function segmented(row: AlertRow, text: string): Segmentation {
  return segmentMessage(withReference(text, row.reference, row.traced), { fold: true })
}

/**
 * Finds the current number of the recipient of a delivery `d`: the same number as long as any contact of the scheme uses it, since
 * one of two shops that share a phone may have left; another one if the contact's number was corrected.
 */
export function whereRecipientsAreNow(): Pick<Following, 'isStillRecipient' | 'movedTo'> {
  const takesMessages = sql`c.sms and m.status in ('active', 'suspended')`
  return {
    isStillRecipient: sql<boolean>`exists (
      select from contacts c join members m on m.scheme_id = c.scheme_id and m.id = c.member_id
      where c.scheme_id = d.scheme_id and c.mobile = d.phone and ${takesMessages})`,
    movedTo: sql<string | null>`(
      select c.mobile from contacts c join members m on m.scheme_id = c.scheme_id and m.id = c.member_id
      where c.scheme_id = d.scheme_id and c.id = d.contact_id and c.mobile <> d.phone and ${takesMessages})`,
  }
}
