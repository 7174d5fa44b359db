const DAY_MS = 86_400_000

/** What the last messages say of a number. */
export const NUMBER_STATES = ['ok', 'doubtful', 'dead'] as const
export type NumberState = (typeof NUMBER_STATES)[number]

/**
 * What the end of one message says of its number; what says nothing of it (the provider's own fault, a message withdrawn)
 * is no outcome.
 * - `delivered`: it reached the phone.
 * - `unknown`: the network does not know the number (3GPP TS 29.002, unknownSubscriber and unidentifiedSubscriber).
 * - `absent`: the phone was off or out of reach (3GPP TS 23.040, "absent subscriber") until the message was given up.
 */
export type NumberOutcomeKind = 'delivered' | 'unknown' | 'absent'

export interface NumberOutcome {
  readonly kind: NumberOutcomeKind
  /** Unix time */
  readonly atMs: number
}

/** All that counts of what came of the messages to a number. */
export interface NumberHistory {
  /** The last one that reached it; null: none did. */
  readonly deliveredAtMs: number | null
  /** Failures after that one, each instant once, in their order. */
  readonly unknownAtMs: readonly number[]
  readonly absentAtMs: readonly number[]
}

export const NO_HISTORY: NumberHistory = { deliveredAtMs: null, unknownAtMs: [], absentAtMs: [] }

/** So many failures in a row, the first and the last of them so far apart. */
interface Limit {
  readonly count: number
  readonly days: number
}

/**
 * From when on a number is what, by failures without one message delivered in between. Alerts are rare (9 to 40 a year),
 * so counts are low, and time decides.
 * - Unknown: one is worth a look at once. A number that is ported, or whose SIM card is replaced, is unknown for some hours,
 *   up to a few days: a week later it is nobody's any more.
 * - Absent: a phone may be off for the night or for a holiday of two weeks; after two months and six messages it lies in a
 *   drawer, or its number is given up.
 */
export const LIMITS = {
  unknown: { doubtful: { count: 1, days: 0 }, dead: { count: 3, days: 7 } },
  absent: { doubtful: { count: 3, days: 14 }, dead: { count: 6, days: 60 } },
} as const satisfies Record<'unknown' | 'absent', Record<'doubtful' | 'dead', Limit>>

/** Failures kept of each kind: the first, and the last ones; many more than any limit counts. */
const KEPT = 32

/**
 * What is known of a number after more outcomes, in whatever order they are learnt: one delivered makes all failures up to
 * its instant count for nothing. The same outcome told again changes nothing.
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

/** What a number is by its history; without any message it stays what it was. */
export function healthOf(before: NumberState, history: NumberHistory): NumberState {
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
