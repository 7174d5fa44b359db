import type { AlertView } from '../../../src/alerts/contract.ts'
import type { Current } from '../shell/current.tsx'

/** Whether the person wrote any of it. */
export function isAuthor(current: Current, alert: AlertView): boolean {
  return alert.approval.authors.includes(current.user.id)
}

/** Whether the person may be the one who decides: with the right, and not the author (but of an exercise). */
export function mayDecide(current: Current, alert: AlertView): boolean {
  return current.may('alert.approve') && !isAuthor(current, alert)
}

/** Whether the person may sign the review of an override: with the right, and neither author nor the one who overrode. */
export function maySign(current: Current, alert: AlertView): boolean {
  return current.may('alert.review') && !isAuthor(current, alert)
}
