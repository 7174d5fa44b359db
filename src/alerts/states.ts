import type { AlertState } from '../schema.ts'

/** What can happen to an alert. */
export type AlertEvent =
  /** What would be sent was changed. */
  | 'change'
  /** Put aside without being sent. */
  | 'discard'
  /** The order to broadcast. */
  | 'order'
  /** Nothing remains to submit. */
  | 'sent'
  /** Stopped while it was leaving. */
  | 'stop'
  /** Over, as somebody says. */
  | 'end'
  /** Over, as the clock says. */
  | 'expire'

/** The state each event leads to. What is not written here cannot happen. */
export const transitions: Readonly<Record<AlertState, Readonly<Partial<Record<AlertEvent, AlertState>>>>> = {
  draft: { change: 'draft', discard: 'discarded', order: 'broadcasting' },
  broadcasting: { sent: 'active', stop: 'cancelled', expire: 'expired' },
  active: { end: 'ended', expire: 'expired' },
  ended: {},
  cancelled: {},
  expired: {},
  discarded: {},
}

/** @returns undefined when the event cannot happen in this state. */
export function nextState(state: AlertState, event: AlertEvent): AlertState | undefined {
  return transitions[state][event]
}
