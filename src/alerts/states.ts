import type { AlertState, FollowUpState } from '../schema.ts'

/** Tells whether an alert is being sent or still valid, so that follow-ups can be sent to its recipients. */
export function isInProgress(state: AlertState): boolean {
  return state === 'broadcasting' || state === 'active' || state === 'updated'
}

/** An event in the life of an alert. */
export type AlertEvent =
  /** The content or audience was changed. */
  | 'change'
  /** Discarded without being sent. */
  | 'discard'
  /** Submitted to a second person. */
  | 'submit'
  /** Returned to its author by the second person. */
  | 'return'
  /** Rejected by the second person. */
  | 'reject'
  /** Approved by the second person: the order follows at once. */
  | 'approve'
  /** The order to broadcast. */
  | 'order'
  /** Ordered by a chief without the second person. */
  | 'override'
  /** Ordered by its author because the second person did not answer in time. */
  | 'unanswered'
  /** Nothing remains to submit. */
  | 'sent'
  /** An update or a correction was ordered. */
  | 'update'
  /** Stopped while it was being sent. */
  | 'stop'
  /** Closed by a user. */
  | 'end'
  /** Expired. */
  | 'expire'

/** The state each event leads to. Transitions not listed are impossible. */
export const transitions: Readonly<Record<AlertState, Readonly<Partial<Record<AlertEvent, AlertState>>>>> = {
  draft: {
    change: 'draft',
    discard: 'discarded',
    submit: 'submitted',
    order: 'broadcasting',
    override: 'broadcasting',
  },
  submitted: {
    change: 'draft',
    discard: 'discarded',
    return: 'returned',
    reject: 'rejected',
    approve: 'approved',
    override: 'broadcasting',
    unanswered: 'broadcasting',
  },
  returned: { change: 'draft', discard: 'discarded', submit: 'submitted', override: 'broadcasting' },
  approved: { return: 'returned', order: 'broadcasting' },
  rejected: {},
  broadcasting: { update: 'broadcasting', sent: 'active', stop: 'cancelled', expire: 'expired' },
  active: { update: 'updated', end: 'ended', expire: 'expired' },
  updated: { update: 'updated', end: 'ended', expire: 'expired' },
  ended: {},
  // A follow-up may notify the recipients reached before the stop.
  cancelled: { update: 'cancelled' },
  expired: {},
  discarded: {},
}

/** @returns undefined when the event cannot happen in this state. */
export function nextState(state: AlertState, event: AlertEvent): AlertState | undefined {
  return transitions[state][event]
}

/** States of an alert that has not left and still could; a report has at most one such alert. */
export const UNSENT = ['draft', 'submitted', 'returned', 'approved'] as const satisfies AlertState[]

/** States of a follow-up that waits for the second person, or for its author to correct it. */
export const WAITING = ['submitted', 'returned'] as const satisfies FollowUpState[]

export type FollowUpEvent = Extract<
  AlertEvent,
  'submit' | 'order' | 'override' | 'unanswered' | 'return' | 'reject' | 'approve' | 'discard'
>

/**
 * Returns the next state of a follow-up, which has the transitions of an alert until it is sent.
 * @returns undefined when the event cannot happen in this state
 */
export function nextFollowUpState(state: FollowUpState, event: FollowUpEvent): FollowUpState | undefined {
  if (state === 'ordered') return undefined
  const next = nextState(state, event)
  if (next === 'approved' || next === 'broadcasting') return 'ordered'
  return next === 'submitted' || next === 'returned' || next === 'rejected' || next === 'discarded'
    ? next
    : undefined
}
