import { createHash } from 'node:crypto'
import { type RawBuilder, sql } from 'kysely'
import { recordAudit } from '../../audit/record.ts'
import { precedeClaims } from '../../deliveries/claim/precedence.ts'
import { planBroadcast } from '../../deliveries/plan/plan.ts'
import type { FreshBroadcast } from '../../deliveries/store.ts'
import type { Deps } from '../../deps.ts'
import { AppError, type Problem, refusalOf } from '../../errors.ts'
import { formatMessage } from '../../i18n/format.ts'
import { METROPOLITAN_ZONE } from '../../message/clock.ts'
import { EXERCISE } from '../../message/exercise.ts'
import { withReference } from '../../message/reference.ts'
import { type Segmentation, segmentMessage } from '../../message/segment.ts'
import { type Actor, actorName, userIdOf } from '../../permissions.ts'
import { type Db, inScheme, type Tx } from '../../platform/db.ts'
import { isLate } from '../../reports/rules.ts'
import { agencyIdOf, signatureFor } from '../../reports/signature.ts'
import { broadcastDecision } from '../../reports/store.ts'
import { DoctrineSettings } from '../../schemes/doctrine.ts'
import { lacksFacts } from '../../schemes/texts/compose.ts'
import { factsPlaceWords } from '../../schemes/texts/whereabouts.ts'
import { zoneWords } from '../../territory/places/naming.ts'
import { problemsOfArea, type UnknownName, unknownNamesOf } from '../../territory/store/areas.ts'
import { callForReview, endDecisionCalls } from '../approval/calls.ts'
import { recordMandate } from '../approval/steps.ts'
import {
  hashOfResolved,
  isOfFewCommunes,
  type ResolvedAudience,
  recipientsOf,
  resolveWith,
} from '../audience/audience.ts'
import { countAudience } from '../audience/audience-count.ts'
import { type Care, careFor, solicitationSince, withoutLimits } from '../audience/care.ts'
import { holdBack, mayHoldBack } from '../audience/held-back.ts'
import { countSolicitations, hasUncounted } from '../audience/solicitations.ts'
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
import { requireEvent } from '../compose/draft.ts'
import { GUARD_MARK, readRemarks } from '../compose/guard-facts.ts'
import type { AlertRequest } from '../contract.ts'
import { type Candidate, judgeNear, nearCandidates, nearestOf, pointOf } from '../near/actions.ts'
import { copyToObservers, observerKinds } from '../observers/store.ts'
import { draftRefusals, expiryOfOrder, laneOf } from '../rules.ts'
import type { AlertEvent } from '../states.ts'
import {
  type AlertOrder,
  type AlertRow,
  findAlertWith,
  type LockedPair,
  lockWithReport,
  type OrderDecision,
  orderedAlert,
  type SchemeFacts,
} from '../store.ts'
import { recordAlertEvent } from './events.ts'
import { notifyZoneAgency } from './zone-notice.ts'

declare const inTurn: unique symbol
/** A transaction that excludes other orders of its scheme. */
export type OrderTx = Tx & { readonly [inTurn]: true }

/**
 * Runs a decision on whether an alert may leave in a transaction of its scheme. Such decisions are serialised, so that of two
 * alerts about one incident ordered at once, the second must confirm the first.
 */
export function inOrderTurn<T>(db: Db, schemeId: string, work: (tx: OrderTx) => Promise<T>): Promise<T> {
  return precedeClaims(() => inScheme(db, schemeId, (tx) => work(tx as OrderTx), { turn: 'order' }))
}

/** An alert that has not been sent, locked with its report, in the version that the actor read. */
export interface OpenAlert {
  readonly row: AlertRow
  readonly scheme: Pick<SchemeFacts, 'territory' | 'trades' | 'sender' | 'closingAdvice' | 'doctrine'>
  readonly care: Care
  /** Its area as it resolves now, used both for the checks and for the recipients. */
  readonly audience: ResolvedAudience
  /** Names in its area that no longer exist. */
  readonly unknownNames: readonly UnknownName[]
  /** Hash of the current content. */
  readonly hash: string
  /** Ids of near alerts that a user has already confirmed. */
  readonly nearConfirmed: readonly string[]
  readonly more: MoreFacts
  /** Whether quiet hours or budgets can hold back any recipient. */
  readonly mayHoldBack: boolean
}

/** Facts that an order needs besides the alert itself, read in the same statement. */
interface MoreFacts {
  readonly closingAdvice: string
  readonly timeZone: string | null
  readonly schemeTrades: string[]
  /** Point of the commune of the facts. */
  readonly latitude: number | null
  readonly longitude: number | null
  readonly reportedCategory: string
  readonly guardMark: string
  readonly near: readonly Candidate[]
  readonly hasUncounted: boolean
  /** The kinds of the agencies of the observers; null: an observer without an agency. */
  readonly observerKinds: readonly (string | null)[]
  /** Name of the agency that the actor acts for. */
  readonly agencyName: string | null
}

/**
 * Locks an alert to which the event can happen, in the version that was read, and reads all that its order needs. The
 * locks are taken by a separate statement first, so that the read sees the changes they waited for.
 * @throws AppError `not_found`, `alert_not_draft`, `wrong_state`, `already_decided`, `alert_changed`
 */
export async function openAlert(
  tx: Tx,
  actor: Actor,
  schemeId: string,
  id: string,
  { event, version, at }: { readonly event: AlertEvent; readonly version: number; readonly at: Date },
): Promise<OpenAlert> {
  const locked = await lockWithReport(tx, schemeId, id)
  if (locked === undefined) throw new AppError('not_found')
  // Checked before the report: of two orders at once, the second must be refused because the alert left.
  requireEvent(locked, event)
  if (locked.reportState !== 'waiting') throw new AppError('already_decided')
  if (locked.version !== version) throw new AppError('alert_changed')
  const found = await findAlertWith<MoreFacts>(
    tx,
    schemeId,
    id,
    moreFacts(schemeId, locked, agencyIdOf(actor, schemeId), at),
  )
  if (found === undefined) throw new AppError('not_found')
  const scheme = {
    territory: found.territory,
    trades: found.schemeTrades,
    sender: found.sender,
    closingAdvice: found.closingAdvice,
    doctrine: DoctrineSettings.parse(found.settings),
    timeZone: found.timeZone ?? METROPOLITAN_ZONE,
  }
  const care = careFor(scheme.doctrine.care, found.severity, { now: at, timeZone: scheme.timeZone })
  const context = { schemeId, territory: scheme.territory }
  const resolved = await resolveWith<{ mayHoldBack: boolean; unknownNames: UnknownName[] }>(
    tx,
    found,
    context,
    sql`${mayHoldBack(schemeId, care)} as may_hold_back,
      (select coalesce(json_agg(unknown_name), '[]') from (${unknownNamesOf(context, found.area)}) unknown_name) as unknown_names`,
  )
  const { audience, unknownNames } = resolved
  const row = { ...found, audience: hashOfResolved(audience) }
  return {
    row,
    scheme,
    care,
    audience,
    unknownNames,
    hash: contentHash(row),
    nearConfirmed: locked.nearConfirmed,
    more: found,
    // Alerts that are not counted yet may put a number over its budget.
    mayHoldBack: resolved.mayHoldBack || found.hasUncounted,
  }
}

function moreFacts(
  schemeId: string,
  { exercise, reportId }: Pick<LockedPair, 'exercise' | 'reportId'>,
  agencyId: string | null,
  at: Date,
): RawBuilder<unknown> {
  return sql`s.closing_advice, s.trades as scheme_trades, c.latitude, c.longitude,
    r.category_code as reported_category, ${GUARD_MARK} as guard_mark,
    ${nearCandidates(schemeId, { reportId, exercise }, at)} as near,
    ${hasUncounted(schemeId, solicitationSince(at))} as has_uncounted, ${observerKinds(schemeId)} as observer_kinds,
    (select y.name from agencies y where y.scheme_id = ${schemeId} and y.id = ${agencyId}::uuid) as agency_name`
}

/**
 * Refuses an alert whose area now resolves to other communes than those shown: those named by the request, else those that its
 * author saw when this version was written or submitted. An approval must also match the submission. Members who joined or left
 * do not change the audience.
 * @throws AppError `audience_changed`, with the members before and after
 */
export async function requireSeenAudience(
  tx: Tx,
  schemeId: string,
  open: OpenAlert,
  event: AlertEvent,
  named: AlertRequest['audience'],
): Promise<void> {
  const { audience, audienceHash, submittedMembers } = open.row
  const isNow = (hash: string | null) => hash === null || hash === audience
  if (named !== undefined && !isNow(named.hash)) {
    throw await audienceChanged(tx, schemeId, open, named.members)
  }
  if ((named === undefined || event === 'approve') && !isNow(audienceHash)) {
    throw await audienceChanged(tx, schemeId, open, submittedMembers)
  }
}

async function audienceChanged(
  tx: Tx,
  schemeId: string,
  open: OpenAlert,
  before: number | null,
): Promise<AppError> {
  const { members: after } = await countNow(tx, schemeId, open)
  return new AppError('audience_changed', { values: { before: before ?? 'unknown', after } })
}

/** Counts the members that an alert would reach now, with the reason why it would reach nobody. */
export async function countNow(
  tx: Tx,
  schemeId: string,
  open: OpenAlert,
): Promise<{ readonly members: number; readonly refusals: readonly Problem[] }> {
  const { row, scheme, care, more } = open
  // An area with unknown names is a problem of its own and cannot be counted.
  if (open.unknownNames.length > 0) return { members: 0, refusals: [] }
  if (more.hasUncounted) await countSolicitations(tx, schemeId, care)
  const counts = await countAudience(tx, row, { schemeId, territory: scheme.territory }, care)
  const heldBack = counts.leftOut.quiet + counts.leftOut.fatigue
  return { members: counts.members, refusals: counts.sms > 0 ? [] : [emptyAudience(heldBack)] }
}

function emptyAudience(heldBack: number): Problem {
  return { code: heldBack === 0 ? 'empty_audience' : 'all_held_back', path: 'area' }
}

/** Facts for deciding on an alert: problems of the draft, requirements of the doctrine, and the route. */
export interface Judgement {
  readonly problems: readonly Problem[]
  readonly facts: Omit<DoctrineFacts, 'approval'>
  readonly segmentation: Segmentation
  /** Ids of the confirmed near alerts, with those that the actor confirms now. */
  readonly nearConfirmed: readonly string[]
}

export async function collectOrderFacts(
  tx: OrderTx,
  db: Db,
  schemeId: string,
  open: OpenAlert,
  { at, confirmNear }: { readonly at: Date; readonly confirmNear?: readonly string[] | undefined },
): Promise<Judgement> {
  const { row, scheme, hash, more } = open
  const segmentation = segmentMessage(withReference(row.text, row.reference, row.traced), { fold: true })
  const facts = {
    answers: row.doctrine,
    categoryLevel: row.categoryLevel,
    late: isLate(row.calledAt, row.occurredAt, scheme.doctrine.lateAfterMinutes),
    lateReason: row.lateReason,
    outsideZone: row.outsideZone && scheme.doctrine.outsideZone === 'reason',
    outsideZoneReason: row.outsideZoneReason,
    text: row.text,
    hasNoContent: isWithoutContent(row, scheme),
    remarks: await readRemarks(db, tx, schemeId, { of: 'alert', alert: row, at, mark: more.guardMark }),
    authorisation: authorisationState(row.authorisation, hash),
  }
  const incident = {
    categoryCode: more.reportedCategory,
    communeCode: row.communeCode,
    occurredAt: row.occurredAt,
    words: row.text,
    point: pointOf(more),
  }
  const alerts = nearestOf(more.near, incident, at, [more.closingAdvice, row.communeName])
  const near = judgeNear(alerts, open, confirmNear)
  const problems = [
    // The trades or sectors of the scheme may have changed since the draft was written.
    ...draftRefusals(row, segmentation, scheme.trades),
    ...problemsOfArea(row.area, open.unknownNames),
    ...near.problems,
  ]
  return { problems, facts, segmentation, nearConfirmed: near.nearConfirmed }
}

/** Returns whether the text is the unmodified template of its category, without any warning of its own. */
function isWithoutContent(row: AlertRow, scheme: Pick<SchemeFacts, 'closingAdvice'>): boolean {
  if (row.doctrine.level !== 'prevention') return false
  const text = row.exercise ? row.text.replace(`${EXERCISE} `, '') : row.text
  const commune = { name: row.communeName, formerName: row.formerName }
  return lacksFacts(text, row.template, {
    lieu: factsPlaceWords({ commune, place: row.place }),
    zone: zoneWords(row.areaLabel),
    conseil: scheme.closingAdvice,
  })
}

/** Refuses an alert with problems. @throws AppError of the draft's own rules, or `doctrine_refused` */
export function refuseProblems(problems: readonly Problem[]): void {
  if (problems.length === 0) return
  const isDoctrine = problems.some(
    ({ code }) => /^(doctrine|guard)\./.test(code) || code === 'late_reason_missing',
  )
  throw isDoctrine ? new AppError('doctrine_refused', { problems }) : refusalOf(problems)
}

/** An ordered alert with its broadcast. */
export interface OrderedAlert {
  readonly row: AlertRow
  readonly broadcast: FreshBroadcast
}

/**
 * Orders to send, in the caller's transaction: the text, the recipients, one delivery each and the decision on the
 * report, all of it or nothing. The content sent is the one submitted to the second person, if there is one.
 * @throws AppError `no_route` when no gateway of the kind is set up at all, `empty_audience`, `all_held_back`, or every
 * problem.
 */
export async function orderAlert(
  tx: OrderTx,
  deps: Pick<Deps, 'db' | 'newId' | 'config' | 'jobs' | 'mailer' | 'planned'>,
  actor: Actor,
  schemeId: string,
  {
    open,
    order,
  }: {
    readonly open: OpenAlert
    readonly order: {
      readonly mandate: Mandate
      readonly at: Date
      readonly confirmNear?: readonly string[] | undefined
      /** Further problems to report, such as those of the mandate. */
      readonly found?: readonly Problem[]
    }
  },
): Promise<OrderedAlert> {
  const { row, scheme, care, audience, more } = open
  const { mandate, at: orderedAt, found = [] } = order
  const judgement = await collectOrderFacts(tx, deps.db, schemeId, open, order)
  const { segmentation } = judgement
  const grownOld = grownOldOf(open)
  const refusals = [
    ...found,
    ...judgement.problems,
    ...refusalsOfMandate(open, judgement, { mandate, orderedAt, grownOld }),
    ...routeRefusals(deps.config.gateways, row.simulated),
  ]
  // The plan counts the recipients of an order that is not refused, so they are counted here for a refused one only.
  if (refusals.length > 0) refuseProblems([...refusals, ...(await countNow(tx, schemeId, open)).refusals])
  const by = signatureFor(actor, schemeId, more.agencyName).text
  if (more.hasUncounted) await countSolicitations(tx, schemeId, care)
  const heldBack = open.mayHoldBack
    ? await holdBack(tx, schemeId, row.id, { audience, care, now: orderedAt })
    : 0
  const isOld = orderedAt.getTime() > grownOld
  const changes: AlertOrder = {
    state: 'broadcasting',
    expiresAt: expiryOfOrder(row, orderedAt),
    orderedAt,
    orderedBy: by,
    ...decisionOf(mandate, actor, by, orderedAt),
  }
  const planDeps = { ...deps, now: () => orderedAt }
  const message = {
    schemeId,
    alertId: row.id,
    segmentation,
    sender: scheme.sender,
    simulated: row.simulated,
    validUntil: changes.expiresAt,
    orderedBy: by,
    contentHash: open.hash,
    isPrecise: row.doctrine.level === 'precise',
  }
  const { broadcastId, planned, broadcast, running } = await planBroadcast(tx, planDeps, {
    ...message,
    kind: 'first',
    lane: laneOf[row.severity],
    recipients: recipientsOf(audience, row.communeCode, open.mayHoldBack ? care : withoutLimits(care)),
    keepsPlan: isOfFewCommunes(audience),
    alongside: [
      orderedAlert(schemeId, row.id, changes, judgement.nearConfirmed),
      broadcastDecision(schemeId, row.reportId, {
        at: orderedAt,
        by,
        // The second person's reason is stored with their decision.
        lateReason: isOld && mandate.kind === 'own' ? mandate.reason?.trim() : undefined,
      }),
    ],
  })
  if (planned === 0) refuseProblems([emptyAudience(heldBack)])
  if (running !== undefined) deps.planned.addBroadcast(running)
  const copies =
    more.observerKinds.length === 0
      ? 0
      : await copyToObservers(tx, planDeps, message, {
          communeCode: row.communeCode,
          level: row.doctrine.level,
        })
  const first = { schemeId, alertId: row.id, followUpId: null }
  if (mandate.kind !== 'own') await endDecisionCalls(tx, first, { at: orderedAt, why: mandate.kind })
  if (mandate.kind === 'overridden') {
    await callForReview(tx, deps, first, { alert: row, actor, authorIds: row.authorIds, at: orderedAt })
  }
  await recordMandate(tx, { schemeId, alertId: row.id, kind: null }, mandate, { at: orderedAt, by })
  await notifyZone(tx, deps, schemeId, { row, by, at: orderedAt })
  const figures = { broadcast: broadcastId, grownOld: isOld, planned, heldBack, copies }
  await recordOrder(tx, actor, schemeId, { open, mandate, segmentation, at: orderedAt, figures })
  return { row: { ...row, ...changes }, broadcast }
}

/** Returns the instant from which the facts of an alert are too old to be sent without a reason. */
function grownOldOf({ row, scheme }: OpenAlert): number {
  return grownOldFrom(
    {
      isPrevention: isPrevention({ categoryLevel: row.categoryLevel, level: row.doctrine.level }),
      occurredAt: row.occurredAt.getTime(),
      calledAt: row.calledAt.getTime(),
      submittedAt: row.submittedAt?.getTime() ?? null,
    },
    scheme.doctrine.lateAfterMinutes,
  )
}

/** Lists why the doctrine refuses an order under this mandate. */
function refusalsOfMandate(
  { row, scheme, hash }: OpenAlert,
  { facts }: Judgement,
  {
    mandate,
    orderedAt,
    grownOld,
  }: { readonly mandate: Mandate; readonly orderedAt: Date; readonly grownOld: number },
): Problem[] {
  const needed = needsApproval(scheme.doctrine, row)
  const approval = approvalState(mandate, { needed, submittedHash: row.submittedHash, hash })
  return [
    ...doctrineRefusals({ ...facts, approval }),
    ...ageRefusals(mandate, orderedAt.getTime(), grownOld, scheme.doctrine.lateAfterMinutes),
  ]
}

/** Notifies the agency of the zone in which an alert of another agency is sent. */
async function notifyZone(
  tx: OrderTx,
  deps: Parameters<typeof notifyZoneAgency>[1],
  schemeId: string,
  { row, by, at }: { readonly row: AlertRow; readonly by: string; readonly at: Date },
): Promise<void> {
  if (row.zoneAgencyName === null) return
  const channels = await notifyZoneAgency(tx, deps, schemeId, { row, by, at })
  const how = channels.map((channel) => formatMessage('fr', `zone.channel.${channel}`)).join(', ')
  const details = { agency: how === '' ? row.zoneAgencyName : `${row.zoneAgencyName} (${how})` }
  await recordAlertEvent(tx, schemeId, row.id, { at, kind: 'zone_told', by: null, details })
}

/** Records an order in the audit log, with the content that was sent and how many recipients it has. */
function recordOrder(
  tx: OrderTx,
  actor: Actor,
  schemeId: string,
  of: {
    readonly open: OpenAlert
    readonly mandate: Mandate
    readonly segmentation: Segmentation
    readonly at: Date
    readonly figures: Readonly<Record<string, unknown>>
  },
): Promise<void> {
  const { mandate, segmentation } = of
  const { row, hash } = of.open
  const isUnanswered = mandate.kind === 'overridden' && mandate.unanswered === true
  return recordAudit(tx, schemeId, of.at, {
    actor: actorName(actor),
    action: isUnanswered ? 'alert.unanswered' : actionOf[mandate.kind],
    subject: `alert:${row.id}`,
    details: {
      reference: row.reference,
      version: row.version,
      contentHash: hash,
      textSha256: createHash('sha256').update(segmentation.parts.join('')).digest('hex'),
      parts: segmentation.parts.length,
      area: row.area,
      trades: row.trades,
      doctrine: row.doctrine,
      outsideZone: row.outsideZone,
      simulated: row.simulated,
      ...of.figures,
    },
  })
}

/** Returns the problem of a message for which no gateway of its kind is set up at all. */
export function routeRefusals(
  gateways: readonly { readonly simulated: boolean }[],
  simulated: boolean,
): Problem[] {
  return gateways.some((gateway) => gateway.simulated === simulated) ? [] : [{ code: 'no_route' }]
}

const actionOf = {
  own: 'alert.broadcast',
  approved: 'alert.approve',
  overridden: 'alert.override',
} as const satisfies Record<Mandate['kind'], string>

/** Returns the columns of an alert or a follow-up that store the mandate. */
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
    decidedById: userIdOf(actor) ?? null,
    decisionReason: mandate.reason?.trim() || null,
    review: mandate.kind === 'overridden' ? 'open' : null,
  }
}
