import { DAY_MS } from '../../message/clock.ts'

/** The states of a number, derived from its last messages. */
export const NUMBER_STATES = ['ok', 'doubtful', 'dead'] as const
export type NumberState = (typeof NUMBER_STATES)[number]

/**
 * The outcome of one message, as far as it concerns the number. Outcomes that say nothing about the number (a fault of the
 * provider, a withdrawn message) are not listed.
 * - `delivered`: it reached the phone.
 * - `unknown`: the network does not know the number (3GPP TS 29.002, unknownSubscriber and unidentifiedSubscriber).
 * - `absent`: the phone was off or out of reach (3GPP TS 23.040, "absent subscriber") until the message expired.
 */
export type NumberOutcomeKind = 'delivered' | 'unknown' | 'absent'

export interface NumberOutcome {
  readonly kind: NumberOutcomeKind
  /** Unix time */
  readonly atMs: number
}

/** The outcomes of a number that still count. */
export interface NumberHistory {
  /** The last delivery; null if there was none. */
  readonly deliveredAtMs: number | null
  /** Failures after that delivery, each instant once, in order. */
  readonly unknownAtMs: readonly number[]
  readonly absentAtMs: readonly number[]
}

export const NO_HISTORY: NumberHistory = { deliveredAtMs: null, unknownAtMs: [], absentAtMs: [] }

/** A number of consecutive failures, with a minimum time between the first and the last. */
interface Limit {
  readonly count: number
  readonly days: number
}

/**
 * When a number becomes doubtful or dead, by failures without a delivery in between. Alerts are rare (9 to 40 a year), so the
 * counts are low and elapsed time decides.
 * - Unknown: one failure makes it doubtful. A number that is ported, or whose SIM card is replaced, is unknown for some
 * hours, up to a few days; a week later it is no longer assigned.
 * - Absent: a phone may be off for the night or for a holiday of two weeks; after two months and six messages it is unused,
 * or its number is given up.
 */
export const LIMITS = {
  unknown: { doubtful: { count: 1, days: 0 }, dead: { count: 3, days: 7 } },
  absent: { doubtful: { count: 3, days: 14 }, dead: { count: 6, days: 60 } },
} as const satisfies Record<'unknown' | 'absent', Record<'doubtful' | 'dead', Limit>>

/** Failures kept of each kind: the first and the latest ones; far more than any limit counts. */
const KEPT = 32

/**
 * Adds outcomes to a history, in whatever order they are learnt: a delivery clears all failures up to its instant. Adding the
 * same outcome again changes nothing.
 */
export function addOutcomes(history: NumberHistory, outcomes: readonly NumberOutcome[]): NumberHistory {
  let deliveredAtMs = history.deliveredAtMs
  for (const { kind, atMs } of outcomes) {
    if (kind === 'delivered' && (deliveredAtMs === null || atMs > deliveredAtMs)) deliveredAtMs = atMs
  }
  const after = (known: readonly number[], kind: NumberOutcomeKind) => {
    const added = outcomes.filter((outcome) => outcome.kind === kind).map(({ atMs }) => atMs)
    const standing = [...known, ...added].filter((atMs) => deliveredAtMs === null || atMs > deliveredAtMs)
    const distinct = [...new Set(standing)].sort((a, b) => a - b)
    return distinct.length <= KEPT ? distinct : [distinct[0]!, ...distinct.slice(1 - KEPT)]
  }
  return {
    deliveredAtMs,
    unknownAtMs: after(history.unknownAtMs, 'unknown'),
    absentAtMs: after(history.absentAtMs, 'absent'),
  }
}

/** Derives the state of a number from its history; without any outcome the state stays the same. */
export function numberStateAfter(before: NumberState, history: NumberHistory): NumberState {
  const { deliveredAtMs, unknownAtMs, absentAtMs } = history
  if (deliveredAtMs === null && unknownAtMs.length === 0 && absentAtMs.length === 0) return before
  const reaches = (state: 'doubtful' | 'dead') =>
    isPast(unknownAtMs, LIMITS.unknown[state]) || isPast(absentAtMs, LIMITS.absent[state])
  return reaches('dead') ? 'dead' : reaches('doubtful') ? 'doubtful' : 'ok'
}

function isPast(failuresAtMs: readonly number[], { count, days }: Limit): boolean {
  const [first] = failuresAtMs
  const last = failuresAtMs.at(-1)
  if (first === undefined || last === undefined) return false
  return failuresAtMs.length >= count && last - first >= days * DAY_MS
}
