import { randomFillSync } from 'node:crypto'
import { createIds } from '../platform/ids.ts'

/**
 * Milliseconds that the demo's SMS centre takes per message, so that the finish time announced from this past is
 * realistic.
 */
export const TAKEN_MS = 0.3

/** Makes ids with the timestamp of this instant, so that they sort as if created then. */
export function makeIdsAt(at: Date): () => string {
  return createIds(() => at, randomFillSync)
}

/** Returns the instant this many milliseconds later, rounded. */
export function addMilliseconds(at: Date, milliseconds: number): Date {
  return new Date(at.getTime() + Math.round(milliseconds))
}
