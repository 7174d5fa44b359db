/** Faults of a provider, each switched on separately; all off by default. */
export interface SmscFaults {
  /** Delay of each submit response, in milliseconds. */
  latencyMs: number
  /** Submissions accepted per second; more get ESME_RTHROTTLED. 0: no limit. */
  throttlePerSecond: number
  /** Probability that a submission gets ESME_RTHROTTLED, whatever the rate. */
  throttleRandomly: number
  /** Refuses every submission with ESME_RMSGQFUL. */
  queueFull: boolean
  /** Resets the connection at each Nth submission, accepted but not answered. 0: never. */
  cutEvery: number
  /** Probability that an accepted submission is not answered. */
  dropResponses: number
  /** Accepts connections and reads, but never answers, like a half-open link. */
  silent: boolean
  /** Probability per submission of a well-framed PDU that cannot be decoded. */
  garbagePdus: number
  /** Probability per submission of octets that are not a PDU. */
  garbageBytes: number
  /** Probability per submission of an additional response with an unused sequence number. */
  wrongSequence: number
  /** Probability that a response has an unused sequence number in place of its own. */
  misnumbered: number
  /** Delays each response and receipt by a random time up to this, in milliseconds, which changes their order. */
  reorderMs: number
  /** Sends the receipt before the response. */
  receiptBeforeResponse: boolean
  /** Sends each receipt twice. */
  doubleReceipts: boolean
  /** Sends, with each receipt, one for an unknown id. */
  unknownReceipts: boolean
  /** Sends, before each receipt, one with ACCEPTD and one with ENROUTE. */
  intermediateReceipts: boolean
  /** Sends no receipts. */
  noReceipts: boolean
  /** Numbers with one of these prefixes are refused with ESME_RINVDSTADR. Digits, no plus sign. */
  failingPrefixes: readonly string[]
}

export const NO_FAULTS: SmscFaults = {
  latencyMs: 0,
  throttlePerSecond: 0,
  throttleRandomly: 0,
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

/** Applies an untrusted object to the faults; returns the new ones or the error. */
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

/** Makes a generator of numbers in [0, 1) from a seed, so that a run can be repeated (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
