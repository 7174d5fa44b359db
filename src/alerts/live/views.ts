import type { BroadcastProgress } from '../../deliveries/store.ts'
import { DoctrineSettings } from '../../schemes/doctrine.ts'
import type { ApprovalView, AuthorisationView } from '../approval/contract.ts'
import { contentHash, followUpHash } from '../compose/content.ts'
import { authorisationState, needsApproval } from '../compose/doctrine.ts'
import type { AlertEvent, AlertView } from '../contract.ts'
import { followUpNeedsApproval } from '../follow-up/approval-rules.ts'
import type { FollowUpView } from '../follow-up/contract.ts'
import { followUpContentOf, placeWordsOf, subjectOf } from '../follow-up/follow-ups.ts'
import type { FollowUpRow } from '../follow-up/store.ts'
import type { AlertRow, AuthorisationRow } from '../store.ts'
import { isForForcesAlone } from './masked.ts'

/**
 * The detail that a reader may see: `precise` includes texts not yet approved and those that the prosecutor allows for the forces
 * only; `masked` does not.
 */
export type Eyes = 'precise' | 'masked'

/**
 * Converts an alert to the shape shown to this reader.
 * @param broadcasts of the alert, as `listBroadcasts` returns them
 */
export function alertViewOf(row: AlertRow, broadcasts: readonly BroadcastProgress[], eyes: Eyes): AlertView {
  const view = fullViewOf(row, broadcasts)
  return eyes === 'masked' ? maskedViewOf(view, broadcasts) : view
}

/** Returns the first message of an alert; undefined if it has not been ordered. */
export function firstOf(broadcasts: readonly BroadcastProgress[]): BroadcastProgress | undefined {
  return broadcasts.find(({ kind }) => kind === 'first')
}

/** Returns the messages sent to members, in order, without copies for observers and messages of other kinds. */
function chainOf(broadcasts: readonly BroadcastProgress[]) {
  return broadcasts.flatMap(({ kind, ...one }) =>
    kind === 'copy' ||
    kind === 'answer' ||
    kind === 'digest' ||
    kind === 'code' ||
    kind === 'service' ||
    kind === 'group'
      ? []
      : [{ ...one, kind }],
  )
}

function fullViewOf(row: AlertRow, broadcasts: readonly BroadcastProgress[]): AlertView {
  const broadcast = firstOf(broadcasts)
  const hash = row.orderedAt === null ? contentHash(row) : (broadcast?.contentHash ?? null)
  return {
    id: row.id,
    reference: row.reference,
    version: row.version,
    state: row.state,
    category: {
      code: row.categoryCode,
      labelFr: row.labelFr,
      labelEn: row.labelEn,
      severity: row.severity,
      level: row.categoryLevel,
    },
    commune: { code: row.communeCode, name: row.communeName },
    reportId: row.reportId,
    text: row.text,
    hidden: false,
    sentText: broadcast?.text ?? null,
    parts: broadcast?.parts ?? null,
    sender: broadcast?.sender ?? row.sender,
    area: row.area,
    areaLabel: row.areaLabel,
    placeWords: placeWordsOf(row),
    trades: row.trades,
    simulated: row.simulated,
    exercise: row.exercise,
    traced: row.traced,
    doctrine: row.doctrine,
    authorisation: authorisationOf(row, hash),
    passed: row.passed.map(({ words }) => words),
    approval: approvalOf(row, needsApproval(DoctrineSettings.parse(row.settings), row)),
    submission:
      row.state === 'submitted'
        ? { members: row.submittedMembers, changed: row.submittedHash !== hash }
        : null,
    zone: { inside: !row.outsideZone, agency: row.zoneAgencyName, reason: row.outsideZoneReason },
    contentHash: hash,
    occurredAt: row.occurredAt.toISOString(),
    calledAt: row.calledAt.toISOString(),
    createdAt: row.createdAt.toISOString(),
    createdBy: row.createdBy,
    orderedAt: row.orderedAt?.toISOString() ?? null,
    orderedBy: row.orderedBy,
    expiresAt: row.expiresAt.toISOString(),
    closedAt: row.closedAt?.toISOString() ?? null,
    closedBy: row.closedBy,
    progress: broadcast?.progress ?? null,
    broadcasts: chainOf(broadcasts).map((one) => ({
      id: one.broadcastId,
      kind: one.kind,
      text: one.text,
      parts: one.parts,
      orderedAt: one.progress.orderedAt,
      orderedBy: one.orderedBy,
      progress: one.progress,
    })),
    followUps: row.followUps.flatMap((one) => followUpViewOf(row, one, broadcast)),
    outcome:
      row.outcome === null || row.outcomeAt === null
        ? null
        : {
            outcome: row.outcome,
            note: row.outcomeNote,
            at: row.outcomeAt.toISOString(),
            by: row.outcomeBy ?? '',
          },
  }
}

function authorisationOf(
  { authorisation }: { readonly authorisation: AuthorisationRow | null },
  hash: string | null,
): AuthorisationView | null {
  if (authorisation === null) return null
  const { magistrate, service, scope, recordedBy } = authorisation
  return {
    magistrate,
    service,
    givenAt: instant(authorisation.givenAt),
    scope,
    recordedAt: instant(authorisation.recordedAt),
    recordedBy,
    valid: authorisationState(authorisation, hash) === 'valid',
    confirmation: authorisation.confirmation,
    answeredAt: authorisation.answeredAt === null ? null : instant(authorisation.answeredAt),
  }
}

/** Converts a date, or a date that went through JSON, to ISO format. */
function instant(at: Date | string): string {
  return new Date(at).toISOString()
}

type Instants = 'submittedAt' | 'decidedAt' | 'reviewedAt'
/** The columns about the second person's decision that alerts and follow-ups have in common. */
type ApprovalRow = Pick<
  AlertRow,
  | 'authorIds'
  | 'submittedBy'
  | 'decision'
  | 'decidedBy'
  | 'decidedById'
  | 'decisionReason'
  | 'review'
  | 'reviewedBy'
  | 'reviewNote'
> & { readonly [K in Instants]: Date | string | null }

function approvalOf(row: ApprovalRow, needed: boolean): ApprovalView {
  const at = (moment: Date | string | null) => (moment === null ? null : instant(moment))
  return {
    needed,
    authors: row.authorIds,
    submittedAt: at(row.submittedAt),
    submittedBy: row.submittedBy,
    decision: row.decision,
    decidedAt: at(row.decidedAt),
    decidedBy: row.decidedBy,
    decidedById: row.decidedById,
    reason: row.decisionReason,
    overridden: row.decision === 'overridden',
    review: row.review,
    reviewedAt: at(row.reviewedAt),
    reviewedBy: row.reviewedBy,
    reviewNote: row.reviewNote,
  }
}

function followUpViewOf(
  row: AlertRow,
  followUp: FollowUpRow,
  first: BroadcastProgress | undefined,
): FollowUpView[] {
  const { state } = followUp
  if (first === undefined || state === 'draft') return []
  const hash = followUpHash(followUpContentOf(row, followUp, first))
  return [
    {
      id: followUp.id,
      kind: followUp.kind,
      version: followUp.version,
      state,
      text: followUp.text,
      level: followUp.level,
      after: followUp.afterId,
      createdAt: instant(followUp.createdAt),
      createdBy: followUp.createdBy,
      authorisation: authorisationOf(followUp, hash),
      approval: approvalOf(
        followUp,
        followUpNeedsApproval(DoctrineSettings.parse(row.settings), subjectOf(row), followUp),
      ),
      returned: followUp.returned,
      contentHash: hash,
      broadcastId: followUp.broadcastId,
    },
  ]
}

/** Removes all free text from an alert that is for the forces only or has not been approved yet. */
function maskedViewOf(view: AlertView, rows: readonly BroadcastProgress[]): AlertView {
  const isMasked = ({ id, text }: (typeof view.broadcasts)[number]) =>
    isForForcesAlone(rows.find(({ broadcastId }) => broadcastId === id)?.level ?? null, text)
  const hidden = isHidden(view)
  const broadcasts = view.broadcasts.map((one) => (hidden || isMasked(one) ? { ...one, text: '' } : one))
  const followUps = view.followUps.map((one) => {
    const masked = hidden || one.state !== 'ordered' || isForForcesAlone(one.level, one.text)
    return {
      ...one,
      ...withoutWords(one),
      returned: null,
      ...(masked ? { text: '', contentHash: null } : {}),
    }
  })
  if (!hidden) return { ...view, ...withoutNotes(view), broadcasts, followUps }
  return {
    ...view,
    ...withoutNotes(view),
    broadcasts,
    followUps,
    text: '',
    contentHash: null,
    sentText: view.sentText === null ? null : '',
    hidden: true,
  }
}

function isHidden(view: Pick<AlertView, 'doctrine' | 'orderedAt' | 'text'>): boolean {
  return view.orderedAt === null || isForForcesAlone(view.doctrine.level, view.text)
}

/** Removes the notes of an alert, since reasons and scopes may describe persons. */
function withoutNotes({ authorisation, approval, zone, outcome }: AlertView) {
  return {
    outcome: outcome && { ...outcome, note: null },
    ...withoutWords({ authorisation, approval }),
    zone: { ...zone, reason: null },
  }
}

function withoutWords({ authorisation, approval }: Pick<AlertView, 'authorisation' | 'approval'>) {
  return {
    authorisation: authorisation && { ...authorisation, scope: '' },
    approval: { ...approval, reason: null, reviewNote: null },
  }
}

const closings = { discarded: 'discarded', cancelled: 'stopped', ended: 'ended', expired: 'expired' } as const

/** Returns the timeline of an alert in order: from its own columns and from its recorded steps. */
export function eventsOf(
  row: AlertRow,
  broadcast: BroadcastProgress | undefined,
  recorded: readonly AlertEvent[],
  eyes: Eyes,
): AlertEvent[] {
  const events: AlertEvent[] = []
  const add = (
    kind: AlertEvent['kind'],
    at: Date | null,
    by: string | null,
    reason: string | null = null,
  ) => {
    if (at !== null) events.push({ at: at.toISOString(), kind, by, reason, values: {} })
  }
  // The reason of a late call or departure goes with the order that it explains, once there is one.
  const lateReason = row.lateReason?.trim() || null
  add('called', row.calledAt, null)
  add('reported', row.reportedAt, row.reportedBy, row.orderedAt === null ? lateReason : null)
  add('drafted', row.createdAt, row.createdBy)
  add('changed', row.changedAt, row.changedBy)
  events.push(...recorded)
  add('ordered', row.orderedAt, row.orderedBy, lateReason)
  if (broadcast !== undefined) {
    const { progress } = broadcast
    const after = (ms: number | null) => (ms === null ? null : new Date(Date.parse(progress.orderedAt) + ms))
    add('first_submit', after(progress.firstSubmitMs), null)
    add('all_accepted', after(progress.allAcceptedMs), null)
    add('done', after(progress.doneMs), null)
    if (broadcast.resentAt !== null)
      events.push({
        at: broadcast.resentAt.toISOString(),
        kind: 'resent',
        by: null,
        reason: null,
        values: { count: progress.resent },
      })
  }
  if (row.state in closings) add(closings[row.state as keyof typeof closings], row.closedAt, row.closedBy)
  // The sort is stable, so events of the same instant keep the order above.
  events.sort((a, b) => Date.parse(a.at) - Date.parse(b.at))
  return eyes === 'masked' ? events.map((event) => ({ ...event, reason: null })) : events
}
