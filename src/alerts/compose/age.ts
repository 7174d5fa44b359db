import type { Problem } from '../../errors.ts'
import type { Mandate } from './doctrine.ts'

const MINUTE_MS = 60_000

/**
 * From when on an alert is too old to leave without a written reason: the measure of a late call, since the offence.
 * The reason that was written for a late call holds for as long, since the call or since its author submitted it. A
 * prevention message does not grow old. All in milliseconds.
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

/** Why it cannot leave without a word: it grew old while it waited, and nobody says why it leaves. */
export function ageRefusals(
  mandate: Mandate,
  at: number,
  grownOld: number,
  lateAfterMinutes: number,
): Problem[] {
  if (at <= grownOld || mandate.reason?.trim()) return []
  return [{ code: 'doctrine.grown_old', path: 'reason', values: { minutes: lateAfterMinutes } }]
}
