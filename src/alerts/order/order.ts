import { createHash } from 'node:crypto'
import { recordAudit } from '../../audit/record.ts'
import { planBroadcast } from '../../deliveries/plan.ts'
import type { Deps } from '../../deps.ts'
import { AppError, type Problem, refusalOf } from '../../errors.ts'
import { EXERCISE } from '../../message/exercise.ts'
import { withReference } from '../../message/reference.ts'
import { type Segmentation, segmentMessage } from '../../message/segment.ts'
import { type Actor, actorName } from '../../permissions.ts'
import type { Db, Tx } from '../../platform/db.ts'
import { decideBroadcast } from '../../reports/actions.ts'
import { isLate } from '../../reports/rules.ts'
import { signatureOf } from '../../reports/signature.ts'
import { lockReport } from '../../reports/store.ts'
import { saysNothing } from '../../schemes/compose.ts'
import { factsPlaceWords } from '../../schemes/whereabouts.ts'
import { zoneWords } from '../../territory/naming.ts'
import { hashOfResolved, recipientsOf, resolveCodes } from '../audience/audience.ts'
import { countAudience } from '../audience/audience-count.ts'
import { careFor } from '../audience/care.ts'
import { holdBack } from '../audience/held-back.ts'
import { countSolicitations } from '../audience/solicitations.ts'
import { ageRefusals, grownOldFrom } from '../compose/age.ts'
import { contentHash } from '../compose/content.ts'
import {
  approvalState,
  authorisationState,
  type DoctrineFacts,
  doctrineRefusals,
  isPrevention,
  type Mandate,
  needsApproval,
} from '../compose/doctrine.ts'
import { draftProblems, getAlertRow, getDraft, getSchemeFacts } from '../compose/draft.ts'
import { readRemarks } from '../compose/guard-facts.ts'
import type { AlertRequest } from '../contract.ts'
import { nearProblems } from '../near/actions.ts'
import { copyToObservers } from '../observers/store.ts'
import { expiryOfOrder, laneOf } from '../rules.ts'
import type { AlertEvent } from '../states.ts'
import { type AlertRow, findReportOf, type OrderDecision, type SchemeFacts, updateOrdered } from '../store.ts'
import { recordAlertEvent } from './events.ts'

/** An alert that has not left, locked with its report, as somebody read it. */
export interface OpenAlert {
  readonly row: AlertRow
  readonly scheme: SchemeFacts
  /** Of the content as it is now. */
  readonly hash: string
  /** Alerts of which somebody said already that this one leaves all the same. */
  readonly nearConfirmed: readonly string[]
}

/**
 * Locks an alert to which the event can happen, in the version that was read.
 * @throws AppError `not_found`, `alert_not_draft`, `wrong_state`, `already_decided`, `alert_changed`
 */
export async function openAlert(
  tx: Tx,
  schemeId: string,
  id: string,
  event: AlertEvent,
  version: number,
): Promise<OpenAlert> {
  const reportId = await findReportOf(tx, schemeId, id)
  if (reportId === undefined) throw new AppError('not_found')
  const report = await lockReport(tx, schemeId, reportId)
  // Before the report: of two orders at once, the second has to be told that the alert left.
  const { nearConfirmed } = await getDraft(tx, schemeId, id, event)
  if (report?.state !== 'waiting') throw new AppError('already_decided')
  const row = await getAlertRow(tx, schemeId, id)
  if (row.version !== version) throw new AppError('alert_changed')
  const scheme = await getSchemeFacts(tx, schemeId)
  return { row, scheme, hash: contentHash(row), nearConfirmed }
}

/**
 * Refuses to go on with an alert whose area means other communes than those that were looked at: those that the request
 * names, else those that its author saw when this version was written or submitted. What a second person approves must
 * be what was submitted as well. Members who joined or left do not make it another audience.
 * @throws AppError `audience_changed`, with the members before and after
 */
export async function requireSeenAudience(
  tx: Tx,
  schemeId: string,
  open: OpenAlert,
  event: AlertEvent,
  named: AlertRequest['audience'],
  at: Date,
): Promise<void> {
  const { audience, audienceHash, submittedMembers } = open.row
  const isNow = (hash: string | null) => hash === null || hash === audience
  if (named !== undefined && !isNow(named.hash)) {
    throw await audienceChanged(tx, schemeId, open, named.members, at)
  }
  if ((named === undefined || event === 'approve') && !isNow(audienceHash)) {
    throw await audienceChanged(tx, schemeId, open, submittedMembers, at)
  }
}

async function audienceChanged(
  tx: Tx,
  schemeId: string,
  open: OpenAlert,
  before: number | null,
  at: Date,
): Promise<AppError> {
  const after = await countMembers(tx, schemeId, open, at)
  return new AppError('audience_changed', { values: { before: before ?? 'unknown', after } })
}

/** How many members an alert would reach now. */
export async function countMembers(
  tx: Tx,
  schemeId: string,
  { row, scheme }: OpenAlert,
  at: Date,
): Promise<number> {
  const care = careFor(scheme.doctrine.care, row.severity, at)
  await countSolicitations(tx, schemeId, care)
  return (await countAudience(tx, row, { schemeId, territory: scheme.territory }, care)).members
}

/** What is known of an alert to be judged: what the draft's own rules have against it, what the doctrine asks, how it would be sent. */
export interface Judgement {
  readonly problems: readonly Problem[]
  readonly facts: Omit<DoctrineFacts, 'approval'>
  readonly segmentation: Segmentation
}

export async function judge(
  tx: Tx,
  db: Db,
  schemeId: string,
  { row, scheme, hash, nearConfirmed }: OpenAlert,
  { at, confirmNear }: { readonly at: Date; readonly confirmNear?: readonly string[] | undefined },
): Promise<Judgement> {
  const segmentation = segmentMessage(withReference(row.text, row.reference, row.traced), { fold: true })
  const facts = {
    answers: row.doctrine,
    categoryLevel: row.categoryLevel,
    late: isLate(row.calledAt, row.occurredAt, scheme.doctrine.lateAfterMinutes),
    lateReason: row.lateReason,
    outsideZone: row.outsideZone && scheme.doctrine.outsideZone === 'reason',
    outsideZoneReason: row.outsideZoneReason,
    text: row.text,
    saysNothing: isWithoutContent(row, scheme),
    remarks: await readRemarks(db, tx, schemeId, 'alert', row),
    authorisation: authorisationState(row.authorisation, hash),
  }
  // The trades or sectors of the scheme may have changed since the draft was written.
  const context = { schemeId, territory: scheme.territory }
  const problems = await draftProblems(tx, context, scheme, row, segmentation)
  problems.push(...(await nearProblems(tx, schemeId, { ...row, nearConfirmed }, at, confirmNear)))
  return { problems, facts, segmentation }
}

/** Whether the text is what its category proposes when nothing is told of what to beware of. */
function isWithoutContent(row: AlertRow, scheme: SchemeFacts): boolean {
  if (row.doctrine.level !== 'prevention') return false
  const text = row.exercise ? row.text.replace(`${EXERCISE} `, '') : row.text
  const commune = { name: row.communeName, formerName: row.formerName }
  return saysNothing(text, row.template, {
    lieu: factsPlaceWords({ commune, place: row.place }),
    zone: zoneWords(row.areaLabel),
    conseil: scheme.closingAdvice,
  })
}

/** @throws AppError when there is a problem: as the draft's own rules refuse it, or as the doctrine does. */
export function refuse(problems: readonly Problem[]): void {
  if (problems.length === 0) return
  const isDoctrine = problems.some(
    ({ code }) => /^(doctrine|guard)\./.test(code) || code === 'late_reason_missing',
  )
  throw isDoctrine ? new AppError('doctrine_refused', { problems }) : refusalOf(problems)
}

/**
 * Orders to send, in the caller's transaction: the text, the recipients, one delivery each and the decision on the
 * report, all of it or nothing. What leaves is what was laid before the second person, if there is one.
 * @throws AppError `audience_changed`; `no_route` when no gateway of the kind is set up at all, `empty_audience`,
 * `all_held_back`, or every problem.
 */
export async function orderAlert(
  tx: Tx,
  deps: Pick<Deps, 'db' | 'newId' | 'config'>,
  actor: Actor,
  schemeId: string,
  open: OpenAlert,
  order: {
    readonly mandate: Mandate
    readonly at: Date
    readonly confirmNear?: readonly string[] | undefined
  },
): Promise<void> {
  const { row, scheme } = open
  const { mandate, at: orderedAt } = order
  if (!deps.config.gateways.some((gateway) => gateway.simulated === row.simulated))
    throw new AppError('no_route')
  const { problems, segmentation, facts } = await judge(tx, deps.db, schemeId, open, order)
  const approval = approvalState(mandate, {
    needed: needsApproval(scheme.doctrine, row),
    submittedHash: row.submittedHash,
    hash: open.hash,
  })
  const { lateAfterMinutes } = scheme.doctrine
  const grownOld = grownOldFrom(
    {
      isPrevention: isPrevention({ categoryLevel: row.categoryLevel, level: row.doctrine.level }),
      occurredAt: row.occurredAt.getTime(),
      calledAt: row.calledAt.getTime(),
      submittedAt: row.submittedAt?.getTime() ?? null,
    },
    lateAfterMinutes,
  )
  refuse([
    ...problems,
    ...doctrineRefusals({ ...facts, approval }),
    ...ageRefusals(mandate, orderedAt.getTime(), grownOld, lateAfterMinutes),
  ])
  const by = (await signatureOf(tx, actor, schemeId)).text
  const expiresAt = expiryOfOrder(row, orderedAt)
  const context = { schemeId, territory: scheme.territory }
  const care = careFor(scheme.doctrine.care, row.severity, orderedAt)
  await countSolicitations(tx, schemeId, care)
  // The area was checked with the draft. Redrawn within this transaction, it would send to others than were judged.
  const audience = await resolveCodes(tx, row, context)
  if (hashOfResolved(audience) !== row.audience) {
    throw await audienceChanged(tx, schemeId, open, null, orderedAt)
  }
  const heldBack = await holdBack(tx, schemeId, row.id, audience, care, orderedAt)
  const planDeps = { ...deps, now: () => orderedAt }
  const message = {
    schemeId,
    alertId: row.id,
    segmentation,
    sender: scheme.sender,
    simulated: row.simulated,
    validUntil: expiresAt,
    orderedBy: by,
    contentHash: open.hash,
  }
  const { broadcastId, planned } = await planBroadcast(tx, planDeps, {
    ...message,
    kind: 'first',
    lane: laneOf[row.severity],
    recipients: recipientsOf(audience, row.communeCode, care),
  })
  if (planned === 0) throw new AppError(heldBack === 0 ? 'empty_audience' : 'all_held_back')
  const copies = await copyToObservers(tx, planDeps, message, {
    communeCode: row.communeCode,
    level: row.doctrine.level,
  })
  const decision = decisionOf(mandate, actor, by, orderedAt)
  await updateOrdered(tx, schemeId, row.id, {
    state: 'broadcasting',
    expiresAt,
    orderedAt,
    orderedBy: by,
    ...decision,
  })
  const isOld = orderedAt.getTime() > grownOld
  await decideBroadcast(tx, schemeId, row.reportId, {
    at: orderedAt,
    by,
    // The second person's reason stands with their decision.
    lateReason: isOld && mandate.kind === 'own' ? mandate.reason?.trim() : undefined,
  })
  await recordSteps(tx, schemeId, row, mandate, { at: orderedAt, by })
  await recordAudit(tx, schemeId, orderedAt, {
    actor: actorName(actor),
    action: actionOf[mandate.kind],
    subject: `alert:${row.id}`,
    details: {
      reference: row.reference,
      version: row.version,
      broadcast: broadcastId,
      contentHash: open.hash,
      textSha256: createHash('sha256').update(segmentation.parts.join('')).digest('hex'),
      parts: segmentation.parts.length,
      area: row.area,
      trades: row.trades,
      doctrine: row.doctrine,
      outsideZone: row.outsideZone,
      grownOld: isOld,
      planned,
      heldBack,
      copies,
      simulated: row.simulated,
    },
  })
}

const actionOf = {
  own: 'alert.broadcast',
  approved: 'alert.approve',
  overridden: 'alert.override',
} as const satisfies Record<Mandate['kind'], string>

/** What the alert, or the follow-up, keeps of the mandate. */
export function decisionOf(mandate: Mandate, actor: Actor, by: string, at: Date): OrderDecision {
  if (mandate.kind === 'own') {
    return {
      decision: null,
      decidedAt: null,
      decidedBy: null,
      decidedById: null,
      decisionReason: null,
      review: null,
    }
  }
  return {
    decision: mandate.kind,
    decidedAt: at,
    decidedBy: by,
    decidedById: actor.kind === 'user' ? actor.userId : null,
    decisionReason: mandate.reason?.trim() || null,
    review: mandate.kind === 'overridden' ? 'open' : null,
  }
}

async function recordSteps(
  tx: Tx,
  schemeId: string,
  row: AlertRow,
  mandate: Mandate,
  { at, by }: { readonly at: Date; readonly by: string },
): Promise<void> {
  if (mandate.kind === 'approved') {
    const reason = mandate.reason?.trim()
    await recordAlertEvent(tx, schemeId, row.id, { at, kind: 'approved', by, ...(reason && { reason }) })
  }
  if (mandate.kind === 'overridden') {
    await recordAlertEvent(tx, schemeId, row.id, { at, kind: 'overridden', by, reason: mandate.reason })
  }
  if (row.zoneAgencyName !== null) {
    const details = { agency: row.zoneAgencyName }
    await recordAlertEvent(tx, schemeId, row.id, { at, kind: 'zone_told', by: null, details })
  }
}
