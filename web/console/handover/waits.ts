import type { AlertView } from '../../../src/alerts/contract.ts'
import { isInProgress } from '../../../src/alerts/states.ts'
import { isAuthorisationDenied } from '../approval/authorisation/denied.ts'

/** A decision or action that an alert waits for at the end of a shift. */
export type Wait =
  | 'submitted'
  | 'returned'
  | 'rejected'
  | 'review'
  | 'denied'
  | 'followUpSubmitted'
  | 'followUpReturned'
  | 'followUpReview'

type Waiting = Pick<AlertView, 'state' | 'authorisation'> & {
  readonly approval: Pick<AlertView['approval'], 'review'>
  readonly followUps: readonly (Pick<AlertView['followUps'][number], 'state' | 'authorisation'> & {
    readonly approval: Pick<AlertView['approval'], 'review'>
  })[]
}

/** Lists everything that an alert waits for: the next shift has to know all of it. */
export function waitsOf({ state, approval, authorisation, followUps }: Waiting): Wait[] {
  const waits: Wait[] = []
  if (state === 'submitted' || state === 'returned' || state === 'rejected') waits.push(state)
  if (approval.review === 'open') waits.push('review')
  for (const one of followUps) {
    if (one.state === 'submitted') waits.push('followUpSubmitted')
    if (one.state === 'returned') waits.push('followUpReturned')
    if (one.approval.review === 'open') waits.push('followUpReview')
  }
  const isOpen = isInProgress(state) || state === 'submitted' || state === 'returned'
  if (isOpen && isAuthorisationDenied({ authorisation, followUps })) waits.push('denied')
  return [...new Set(waits)]
}
