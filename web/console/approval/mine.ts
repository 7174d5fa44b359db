import type { AlertView } from '../../../src/alerts/contract.ts'
import type { FollowUpView } from '../../../src/alerts/follow-up/contract.ts'
import type { ReportView } from '../../../src/reports/contract.ts'
import type { Current } from '../shell/current.tsx'

type Who = Pick<Current, 'may'> & { readonly user: { readonly id: string } }
type Decided = {
  readonly exercise: AlertView['exercise']
  readonly approval: Pick<AlertView['approval'], 'authors' | 'decidedById'>
}

/** Whether the person wrote any of it. */
export function isAuthor(current: Who, alert: Decided): boolean {
  return alert.approval.authors.includes(current.user.id)
}

/** Whether the person may be the one who decides: with the right, and not the author (but of an exercise). */
export function mayDecide(current: Who, alert: Decided): boolean {
  return current.may('alert.approve') && (alert.exercise || !isAuthor(current, alert))
}

/** Whether the person may sign the review of an override: with the right, and neither author nor the one who overrode. */
export function maySign(current: Who, alert: Decided): boolean {
  return (
    current.may('alert.review') && !isAuthor(current, alert) && alert.approval.decidedById !== current.user.id
  )
}

/** Whether another person's word on an alert is news to the person: its author, who did not give it. */
export function isNewsToAuthor(current: Who, alert: Decided): boolean {
  return isAuthor(current, alert) && alert.approval.decidedById !== current.user.id
}

/** Of rejected alerts, those whose report still waits for a decision with nothing else before a second person. */
export function stillToDecide<T extends Pick<AlertView, 'id' | 'reportId'>>(
  rejected: readonly T[],
  waiting: readonly Pick<ReportView, 'id' | 'alert'>[],
): T[] {
  const last = new Map(waiting.map((report) => [report.id, report.alert?.id]))
  return rejected.filter((alert) => last.get(alert.reportId) === alert.id)
}

/** Whether a follow-up of an alert waits for this very person: to decide, to correct, or to sign. */
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

/** Whether the expiry of an alert, and with it the closing message, waits until a follow-up of it is decided on. */
export function holdsExpiry(
  { state, expiresAt }: Pick<AlertView, 'state' | 'expiresAt'>,
  followUp: Pick<FollowUpView, 'state'>,
  now: number,
): boolean {
  const isOpen = state === 'broadcasting' || state === 'active' || state === 'updated'
  const isWaiting = followUp.state === 'submitted' || followUp.state === 'returned'
  return isOpen && isWaiting && Date.parse(expiresAt) <= now
}
