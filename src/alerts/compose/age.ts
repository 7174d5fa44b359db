import type { Problem } from '../../errors.ts'
import { MINUTE_MS } from '../../message/clock.ts'
import type { Mandate } from './doctrine.ts'

/**
 * Returns from when on an alert needs a written reason because it is old: the scheme's limit for late calls, counted from the
 * offence. A reason written for a late call is valid for the same time, counted from the call or the submission. Prevention
 * messages do not age. Times are in milliseconds.
 */
export function grownOldFrom(
  alert: {
    readonly isPrevention: boolean
    readonly occurredAt: number
    readonly calledAt: number
    /** Null: it needs no second person. */
    readonly submittedAt: number | null
  },
  lateAfterMinutes: number,
): number {
  if (alert.isPrevention) return Number.POSITIVE_INFINITY
  const limit = lateAfterMinutes * MINUTE_MS
  const isLate = alert.calledAt - alert.occurredAt > limit
  return (isLate ? (alert.submittedAt ?? alert.calledAt) : alert.occurredAt) + limit
}

/** Returns the problem of an alert that became old while it waited and has no reason to be sent. */
export function ageRefusals(
  mandate: Mandate,
  at: number,
  grownOld: number,
  lateAfterMinutes: number,
): Problem[] {
  if (at <= grownOld || mandate.reason?.trim()) return []
  return [{ code: 'doctrine.grown_old', path: 'reason', values: { minutes: lateAfterMinutes } }]
}
