/**
 * In which order what waits is sent: the most urgent lane first, and within a lane the first ordered.
 * `code` is a one-time code: a single message, that somebody waits for with a phone in hand.
 * `follow_up` is the update or all-clear of an alert: it goes to each recipient after the alert itself.
 */
export const LANES = ['reminder', 'service', 'follow_up', 'alert', 'code', 'vital'] as const
export type Lane = (typeof LANES)[number]

/** 0 (reminder) to 5 (vital). */
export function urgencyOf(lane: Lane): number {
  return LANES.indexOf(lane)
}
