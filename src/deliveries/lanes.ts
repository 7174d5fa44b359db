/**
 * Sending order of waiting messages: the most urgent lane first, and within a lane the first ordered. `code` is a
 * one-time code: a single message, for a user who waits for it. `follow_up` is the update or all-clear of an alert: it
 * goes to each recipient after the alert itself.
 */
export const LANES = ['reminder', 'service', 'follow_up', 'alert', 'code', 'vital'] as const
export type Lane = (typeof LANES)[number]

/** Returns the urgency of a lane, 0 (reminder) to 5 (vital). */
export function urgencyOf(lane: Lane): number {
  return LANES.indexOf(lane)
}
