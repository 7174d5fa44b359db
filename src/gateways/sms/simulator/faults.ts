/** What may go wrong with a provider, each on its own; everything off by default. */
export interface SmscFaults {
  /** Wait before each submit response, in milliseconds. */
  latencyMs: number
  /** Submissions accepted a second; beyond, ESME_RTHROTTLED. 0: no limit. */
  throttlePerSecond: number
  /** Refuses every submission with ESME_RMSGQFUL. */
  queueFull: boolean
  /** Resets the connection at each Nth submission, accepted but not answered. 0: never. */
  cutEvery: number
  /** Probability that an accepted submission is not answered. */
  dropResponses: number
  /** Takes connections, reads everything and answers nothing, as a link whose other end is gone. */
  silent: boolean
  /** Probability, a submission, of a well framed PDU that cannot be read. */
  garbagePdus: number
  /** Probability, a submission, of octets that are no PDU. */
  garbageBytes: number
  /** Probability, a submission, of one more response, to a sequence number never used. */
  wrongSequence: number
  /** Probability that a response has, in place of its own, a sequence number never used. */
  misnumbered: number
  /** Responses and receipts wait up to so many milliseconds, each on its own: they leave in any order. */
  reorderMs: number
  /** Sends the receipt before the response. */
  receiptBeforeResponse: boolean
  /** Sends each receipt twice. */
  doubleReceipts: boolean
  /** Sends, with each receipt, one for an id that was never given. */
  unknownReceipts: boolean
  /** Sends, before each receipt, one that says ACCEPTD and one that says ENROUTE. */
  intermediateReceipts: boolean
  /** Sends no receipt. */
  noReceipts: boolean
  /** Numbers that begin so are refused with ESME_RINVDSTADR. Digits, no plus sign. */
  failingPrefixes: readonly string[]
}

export const NO_FAULTS: SmscFaults = {
  latencyMs: 0,
  throttlePerSecond: 0,
  queueFull: false,
  cutEvery: 0,
  dropResponses: 0,
  silent: false,
  garbagePdus: 0,
  garbageBytes: 0,
  wrongSequence: 0,
  misnumbered: 0,
  reorderMs: 0,
  receiptBeforeResponse: false,
  doubleReceipts: false,
  unknownReceipts: false,
  intermediateReceipts: false,
  noReceipts: false,
  failingPrefixes: [],
}

/** The faults changed by an untrusted object, or what is wrong with it. */
export function changeFaults(
  current: SmscFaults,
  change: unknown,
): SmscFaults | { readonly problem: string } {
  if (typeof change !== 'object' || change === null || Array.isArray(change)) {
    return { problem: 'an object is expected' }
  }
  const changed: Record<string, unknown> = { ...current }
  for (const [key, value] of Object.entries(change)) {
    if (!Object.hasOwn(NO_FAULTS, key)) return { problem: `unknown fault: ${key}` }
    const model = NO_FAULTS[key as keyof SmscFaults]
    const isRight = Array.isArray(model)
      ? Array.isArray(value) && value.every((item) => typeof item === 'string')
      : typeof value === typeof model && (typeof value !== 'number' || (Number.isFinite(value) && value >= 0))
    if (!isRight) return { problem: `wrong value for ${key}` }
    changed[key] = value
  }
  return changed as unknown as SmscFaults
}

/** Numbers in [0, 1) from a seed: the same run twice (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
