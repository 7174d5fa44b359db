import type { AlertState, FollowUpState } from '../schema.ts'

/** What can happen to an alert. */
export type AlertEvent =
  /** What would be sent was changed. */
  | 'change'
  /** Put aside without being sent. */
  | 'discard'
  /** Laid before a second person. */
  | 'submit'
  /** Given back to its author by the second person. */
  | 'return'
  /** Refused for good by the second person. */
  | 'reject'
  /** Approved by the second person: the order follows at once. */
  | 'approve'
  /** The order to broadcast. */
  | 'order'
  /** The order of a chief who goes without the second person. */
  | 'override'
  /** Nothing remains to submit. */
  | 'sent'
  /** An update or a correction was ordered. */
  | 'update'
  /** Stopped while it was leaving. */
  | 'stop'
  /** Over, as somebody says. */
  | 'end'
  /** Over, as the clock says. */
  | 'expire'

/** The state each event leads to. What is not written here cannot happen. */
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
  },
  returned: { change: 'draft', discard: 'discarded', submit: 'submitted', override: 'broadcasting' },
  approved: { return: 'returned', order: 'broadcasting' },
  rejected: {},
  broadcasting: { update: 'broadcasting', sent: 'active', stop: 'cancelled', expire: 'expired' },
  active: { update: 'updated', end: 'ended', expire: 'expired' },
  updated: { update: 'updated', end: 'ended', expire: 'expired' },
  ended: {},
  // Those whom it had reached are told so.
  cancelled: { update: 'cancelled' },
  expired: {},
  discarded: {},
}

/** @returns undefined when the event cannot happen in this state. */
export function nextState(state: AlertState, event: AlertEvent): AlertState | undefined {
  return transitions[state][event]
}

/** Those of an alert that has not left and still could; a report has one at most. */
export const UNSENT = ['draft', 'submitted', 'returned', 'approved'] as const satisfies AlertState[]

/** Those of a follow-up that waits for a person: for the second one, or for its author to correct it. */
export const WAITING = ['submitted', 'returned'] as const satisfies FollowUpState[]

/**
 * The same of a follow-up: until it leaves, what can happen to an alert can happen to it.
 * @returns undefined when the event cannot happen in this state.
 */
export function nextFollowUpState(
  state: FollowUpState,
  event: 'submit' | 'order' | 'override' | 'return' | 'reject' | 'approve' | 'discard',
): FollowUpState | undefined {
  if (state === 'ordered') return undefined
  const next = nextState(state, event)
  if (next === 'approved' || next === 'broadcasting') return 'ordered'
  return next === 'submitted' || next === 'returned' || next === 'rejected' || next === 'discarded'
    ? next
    : undefined
}
