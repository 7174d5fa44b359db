import type { Lane } from '../deliveries/lanes.ts'
import type { Problem } from '../errors.ts'
import { HOUR_MS } from '../message/clock.ts'
import type { Segmentation } from '../message/segment.ts'
import type { Severity } from '../schema.ts'
import { MAX_PARTS } from './contract.ts'

/** Lists every problem of a draft except those of its area, which only the territory can check. */
export function draftRefusals(
  draft: { readonly text: string; readonly trades: readonly string[] },
  segmentation: Segmentation,
  admittedTrades: readonly string[],
): Problem[] {
  const problems: Problem[] = []
  const parts = segmentation.parts.length
  if (draft.text.trim() === '') problems.push({ code: 'text_empty', path: 'text' })
  else if (parts > MAX_PARTS) {
    problems.push({ code: 'text_too_long', path: 'text', values: { parts, limit: MAX_PARTS } })
  }
  return [...problems, ...tradeRefusals(draft.trades, admittedTrades)]
}

/** Lists the trades that the scheme does not admit. */
export function tradeRefusals(trades: readonly string[], admitted: readonly string[]): Problem[] {
  return trades.flatMap((code, index): Problem[] =>
    admitted.includes(code) ? [] : [{ code: 'unknown_trade', path: `trades.${index}`, values: { code } }],
  )
}

/** Returns the delivery lane of a severity. */
export const laneOf: Readonly<Record<Severity, Lane>> = { vital: 'vital', alert: 'alert', notice: 'service' }

/**
 * "63-26-0142": prefix of the scheme, year, number in the year. Exercises have a series of their own, "63-26-X014": it is as
 * long, and the letter is heard on the phone and seen in a list.
 */
export function formatReference(prefix: string, year: number, number: number, isExercise = false): string {
  const written = isExercise ? `X${String(number).padStart(3, '0')}` : String(number).padStart(4, '0')
  return `${prefix}-${String(year % 100).padStart(2, '0')}-${written}`
}

export function expiryOf(from: Date, lifetimeHours: number): Date {
  return new Date(from.getTime() + lifetimeHours * HOUR_MS)
}

/** Returns when a draft expires if ordered now: its lifetime counts from the order, not from its creation. */
export function expiryOfOrder(
  draft: { readonly createdAt: Date; readonly expiresAt: Date },
  orderedAt: Date,
): Date {
  return new Date(orderedAt.getTime() + draft.expiresAt.getTime() - draft.createdAt.getTime())
}
