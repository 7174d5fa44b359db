import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import { recordAudit } from '../../audit/record.ts'
import { countFollowing, type Following, planBroadcast } from '../../deliveries/plan.ts'
import { type BroadcastProgress, listBroadcasts } from '../../deliveries/store.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { guardText } from '../../guard/guard.ts'
import { markExercise } from '../../message/exercise.ts'
import { withReference } from '../../message/reference.ts'
import { type Segmentation, segmentMessage } from '../../message/segment.ts'
import { type Actor, actorName, authorize, may } from '../../permissions.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import { signatureOf } from '../../reports/signature.ts'
import type { BroadcastKind } from '../../schema.ts'
import { type ContentLevel, DoctrineSettings } from '../../schemes/doctrine.ts'
import type { AlertView } from '../contract.ts'
import { recordAlertEvent } from '../events.ts'
import type { FollowUpPreview, NewFollowUp, NewOutcome } from '../follow-up-contract.ts'
import { followUpText } from '../follow-up-texts.ts'
import { byDay, eventOf, followUpNeedsApproval, followUpRefusals, isOver, validityOf } from '../follow-ups.ts'
import { readGuardFacts } from '../guard-facts.ts'
import { copyToObservers } from '../observers.ts'
import { nextState } from '../states.ts'
import { type AlertRow, lockAlert, updateOutcome, updateState } from '../store.ts'
import { stopSending } from './close.ts'
import { getAlertRow, getSchemeFacts } from './draft.ts'
import { refuse } from './order.ts'
import { getAlertView } from './read.ts'

type FollowUpDeps = Pick<Deps, 'db' | 'now' | 'newId' | 'live' | 'config'>

/** What was sent of an alert that has left: the last one is what a follow-up comes after. */
interface Sent {
  readonly first: BroadcastProgress
  readonly last: BroadcastProgress
  readonly all: readonly BroadcastProgress[]
}

/**
 * Orders an update, a correction or the all-clear: to exactly those who got the first message or may have, minus those
 * who left the scheme since, each after all that it got before. An all-clear ends the alert: what had not left of it
 * is withdrawn. The same order (by its key) given twice is sent once.
 * @throws AppError `not_found`; `wrong_state`; `alert_changed` when another follow-up was ordered since `after`;
 * `no_route`; `empty_audience`; or every problem of the text and of the doctrine at once.
 */
export async function orderFollowUp(
  deps: FollowUpDeps,
  actor: Actor,
  schemeId: string,
  id: string,
  order: NewFollowUp,
): Promise<AlertView> {
  authorize(actor, 'alert.follow_up', schemeId)
  const at = deps.now()
  const isNew = await inScheme(deps.db, schemeId, async (tx) => {
    const alert = await lockAlert(tx, schemeId, id)
    if (alert === undefined) throw new AppError('not_found')
    const sent = await findSent(tx, schemeId, id)
    if (sent.all.some(({ orderKey }) => orderKey === order.key)) return false
    const state = nextState(alert.state, eventOf(order.kind, alert.state))
    if (state === undefined) throw new AppError('wrong_state')
    if (sent.last.broadcastId !== order.after) throw new AppError('alert_changed')
    const row = await getAlertRow(tx, schemeId, id)
    const text = textOf(row, order.text)
    const segmentation = segmented(row, text)
    const { level } = order
    refuse(
      followUpRefusals({
        kind: order.kind,
        text,
        segmentation,
        level,
        remarks: guardText({ text, level, ...(await readGuardFacts(deps.db, tx, schemeId)) }),
        authorised: order.authorisation !== undefined,
        approvalNeeded: followUpNeedsApproval(DoctrineSettings.parse(row.settings), row, level),
        byChief: may(actor, 'alert.follow_up_precise', schemeId),
        sent: sent.all.map(({ kind }) => kind),
      }),
    )
    const by = (await signatureOf(tx, actor, schemeId)).text
    // Before the recipients are taken: those whom it withdraws get nothing of it.
    if (state === 'ended') await stopSending(tx, schemeId, sent.all, at)
    const planned = await send(tx, deps, schemeId, row, sent, {
      kind: order.kind,
      segmentation,
      level,
      orderKey: order.key,
      at,
      notBefore: at,
      actor,
      by,
    })
    if (planned === 0) throw new AppError('empty_audience')
    await updateState(tx, schemeId, id, state, state === 'ended' ? { at, by } : undefined)
    if (order.authorisation !== undefined && level === 'precise') {
      const { magistrate, service, scope, givenAt } = order.authorisation
      const details = { magistrate, service, givenAt: givenAt ?? at.toISOString() }
      await recordAlertEvent(tx, schemeId, id, { at, kind: 'authorised', by, reason: scope, details })
    }
    await recordAlertEvent(tx, schemeId, id, { at, kind: eventKinds[order.kind], by, details: { planned } })
    return true
  })
  if (isNew) deps.live.publish({ type: 'alert', schemeId, alertId: id })
  return getAlertView(deps, actor, schemeId, id)
}

const eventKinds = { update: 'updated', correction: 'corrected', all_clear: 'all_clear' } as const

/**
 * Says whom a follow-up would go to now.
 * @throws AppError `not_found`; `wrong_state` when the alert has not left
 */
export async function previewFollowUp(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  schemeId: string,
  id: string,
): Promise<FollowUpPreview> {
  authorize(actor, 'alert.follow_up', schemeId)
  return inScheme(deps.db, schemeId, async (tx) => {
    await getAlertRow(tx, schemeId, id)
    const { first } = await findSent(tx, schemeId, id)
    const counts = await countFollowing(tx, schemeId, { first: first.broadcastId, staying: staying() })
    const { smsPriceMillicents } = await getSchemeFacts(tx, schemeId)
    return { ...counts, costCents: Math.ceil((counts.recipients * smsPriceMillicents) / 1000) }
  })
}

/**
 * Records what came of an alert that is over, and tells those who got it, once. Recorded again, it is set right.
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
      await sendByItself(tx, deps, schemeId, id, { kind: 'thanks', text: outcome, at, actor, by })
    }
  })
  deps.live.publish({ type: 'alert', schemeId, alertId: id })
  return getAlertView(deps, actor, schemeId, id)
}

/**
 * Sends what the product writes by itself, once an alert: the closing message, or thanks with the outcome. Not by
 * night. Where nobody got the alert, or no gateway is there, nothing is sent and nothing refused.
 * @returns how many it goes to
 */
export async function sendByItself(
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
  if (!deps.config.gateways.some((gateway) => gateway.simulated === row.simulated)) return 0
  const sent = await findSent(tx, schemeId, id)
  if (sent.all.some(({ kind }) => kind === message.kind)) return 0
  const { recipients } = await countFollowing(tx, schemeId, {
    first: sent.first.broadcastId,
    staying: staying(),
  })
  if (recipients === 0) return 0
  const { areaLabel, reference, traced } = row
  const subject = { category: { labelFr: row.labelFr }, areaLabel, reference, traced }
  const { kind, at, actor, by } = message
  const planned = await send(tx, deps, schemeId, row, sent, {
    kind,
    segmentation: segmented(row, textOf(row, followUpText(message.text, subject))),
    at,
    notBefore: byDay(at),
    actor,
    by,
  })
  await recordAlertEvent(tx, schemeId, id, {
    at,
    kind: kind === 'closing' ? 'closing_message' : 'thanked',
    by: kind === 'closing' ? null : by,
    details: { planned },
  })
  return planned
}

/** Plans one message after all others of its alert, and puts it on the audit record. @returns its recipients */
async function send(
  tx: Tx,
  deps: Pick<Deps, 'newId' | 'config'>,
  schemeId: string,
  row: AlertRow,
  sent: Sent,
  message: {
    readonly kind: BroadcastKind
    readonly segmentation: Segmentation
    readonly level?: ContentLevel
    readonly orderKey?: string
    readonly at: Date
    readonly notBefore: Date
    readonly actor: Actor
    readonly by: string
  },
): Promise<number> {
  const { kind, segmentation, level, orderKey, at, notBefore, actor, by } = message
  if (!deps.config.gateways.some((gateway) => gateway.simulated === row.simulated)) {
    throw new AppError('no_route')
  }
  const recipients: Following = {
    first: sent.first.broadcastId,
    after: sent.last.broadcastId,
    staying: staying(),
  }
  const planDeps = { ...deps, now: () => at }
  const plan = {
    schemeId,
    alertId: row.id,
    segmentation,
    // As the first message, so that a phone shows them together.
    sender: sent.first.sender,
    simulated: row.simulated,
    validUntil: validityOf(kind, row.expiresAt, { orderedAt: at, notBefore }),
    orderedBy: by,
    ...(level === undefined ? {} : { level }),
    ...(notBefore > at ? { notBefore } : {}),
  }
  const { broadcastId, planned } = await planBroadcast(tx, planDeps, {
    ...plan,
    kind,
    lane: kind === 'thanks' ? 'service' : 'follow_up',
    recipients,
    ...(orderKey === undefined ? {} : { orderKey }),
  })
  // Thanks are for those who were warned.
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
      planned,
      simulated: row.simulated,
    },
  })
  return planned
}

/** @throws AppError `wrong_state` when nothing was sent of the alert yet */
async function findSent(tx: Tx, schemeId: string, id: string): Promise<Sent> {
  const all = (await listBroadcasts(tx, schemeId, [id])).get(id) ?? []
  const chain = all.filter(({ kind }) => kind !== 'copy')
  const [first] = chain
  const last = chain.at(-1)
  if (first === undefined || last === undefined) throw new AppError('wrong_state')
  return { first, last, all }
}

function textOf(row: AlertRow, text: string): string {
  return row.exercise ? markExercise(text) : text.trim()
}

function segmented(row: AlertRow, text: string): Segmentation {
  return segmentMessage(withReference(text, row.reference, row.traced), { fold: true })
}

/**
 * Whether the recipient of a delivery `d` is still in the scheme: somebody there has its number and takes messages on
 * it. Not the contact itself: of two shops with one phone, one may have left.
 */
function staying() {
  return sql<boolean>`exists (
    select from contacts c join members m on m.scheme_id = c.scheme_id and m.id = c.member_id
    where c.scheme_id = d.scheme_id and c.mobile = d.phone and c.sms and m.status in ('active', 'suspended'))`
}
