import type { AlertView } from '../../../../src/alerts/contract.ts'
import type { FollowUpView } from '../../../../src/alerts/follow-up/contract.ts'
import { isInProgress } from '../../../../src/alerts/states.ts'
import type { ReportView } from '../../../../src/reports/contract.ts'
import type { Current } from '../../shell/current.tsx'

type Who = Pick<Current, 'may'> & { readonly user: { readonly id: string } }
type Decided = {
  readonly exercise: AlertView['exercise']
  readonly approval: Pick<AlertView['approval'], 'authors' | 'decidedById'>
}

/** Returns whether the user wrote any of it. */
export function isAuthor(current: Who, alert: Decided): boolean {
  return alert.approval.authors.includes(current.user.id)
}

/**
 * Returns whether the user may decide on it: they have the permission, and did not write it (except in an exercise).
 */
export function mayDecide(current: Who, alert: Decided): boolean {
  return current.may('alert.approve') && (alert.exercise || !isAuthor(current, alert))
}

/**
 * Returns whether the user may sign the review of an override: they have the permission, and neither wrote nor ordered
 * it.
 */
export function maySign(current: Who, alert: Decided): boolean {
  return (
    current.may('alert.review') && !isAuthor(current, alert) && alert.approval.decidedById !== current.user.id
  )
}

/** Returns whether a decision on an alert is news to the user: they wrote it, and another person decided. */
export function isNewsToAuthor(current: Who, alert: Decided): boolean {
  return isAuthor(current, alert) && alert.approval.decidedById !== current.user.id
}

/** Returns whether an alert that another agency sent in the zone of the user's agency is news to them: they neither wrote nor sent it. */
export function isNewsInZone(current: Who, alert: Decided): boolean {
  return !isAuthor(current, alert) && alert.approval.decidedById !== current.user.id
}

/** Returns the rejected alerts whose report still waits for a decision, with no other alert submitted. */
export function stillToDecide<T extends Pick<AlertView, 'id' | 'reportId'>>(
  rejected: readonly T[],
  waiting: readonly Pick<ReportView, 'id' | 'alert'>[],
): T[] {
  const last = new Map(waiting.map((report) => [report.id, report.alert?.id]))
  return rejected.filter((alert) => last.get(alert.reportId) === alert.id)
}

/** Returns whether a follow-up requires an action of this user: to decide, to correct, or to review. */
export function waitsFor(
  current: Who,
  { exercise }: Pick<AlertView, 'exercise'>,
  followUp: FollowUpView,
): boolean {
  const { state, approval } = followUp
  const decided = { exercise, approval }
  if (state === 'submitted') return mayDecide(current, decided)
  if (state === 'returned') return current.may('alert.follow_up') && isAuthor(current, decided)
  return approval.review === 'open' && maySign(current, decided)
}

/** Returns whether the expiry of an alert, and its closing message, wait for the decision on a follow-up. */
export function holdsExpiry(
  { state, expiresAt }: Pick<AlertView, 'state' | 'expiresAt'>,
  followUp: Pick<FollowUpView, 'state'>,
  now: number,
): boolean {
  const isWaiting = followUp.state === 'submitted' || followUp.state === 'returned'
  return isInProgress(state) && isWaiting && Date.parse(expiresAt) <= now
}
