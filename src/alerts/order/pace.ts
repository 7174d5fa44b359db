/** The pace of a route: the latency of the first answers, then a rate in SMS parts a second. */
export interface SendingPace {
  readonly latencySeconds: number
  readonly partsPerSecond: number
}

/** A broadcast that the provider accepted completely. */
export interface PastSending {
  /** SMS parts sent, over all recipients. */
  readonly parts: number
  /** Time from the first submission until the provider had accepted all. */
  readonly seconds: number
}

/** The limits of the routes of a scheme over all links: parts unanswered at once, and parts a second by contract. */
export interface SendingLimits {
  readonly window: number
  readonly partsPerSecond: number | undefined
  /** True for the simulator, which runs beside the program and answers at once. */
  readonly simulated: boolean
}

/** The latency assumed before any broadcast: that of a provider at some distance. */
const USUAL_LATENCY_SECONDS = 0.5
/** Lower bound of the latency, since a provider on the same machine measures unrealistically low values. */
const LEAST_LATENCY_SECONDS = 0.02

/**
 * Estimates the pace from past broadcasts. Only broadcasts larger than one window say how fast a route is: a smaller one leaves at once and
 * takes as long as its answers. If none was larger, the rate is one window each latency, as on a windowed link, and at most the
 * contract's. Medians are used, since a provider that was down stretches a broadcast to hours.
 */
export function paceOf(
  past: readonly PastSending[],
  { window, partsPerSecond, simulated }: SendingLimits,
): SendingPace {
  const large = past.filter(({ parts }) => parts > window)
  const small = past.filter(({ parts }) => parts <= window)
  const measured = median(large.map(({ parts, seconds }) => parts / Math.max(seconds, LEAST_LATENCY_SECONDS)))
  // Time spent within the contract's rate limit is not latency.
  const latency = median(
    small.map(({ parts, seconds }) => seconds - (partsPerSecond === undefined ? 0 : parts / partsPerSecond)),
  )
  const latencySeconds = Math.max(LEAST_LATENCY_SECONDS, latency ?? latencyUnseen())
  const full = window / latencySeconds
  return { latencySeconds, partsPerSecond: measured ?? Math.min(partsPerSecond ?? full, full) }

  function latencyUnseen(): number {
    // A large broadcast takes a round trip for each window, or one and the time of the contract's rate, whichever is
    // longer. The round trip is thus the smaller of the two estimates.
    const roundTrips = large.map(({ parts, seconds }) =>
      Math.min(
        (seconds * window) / parts,
        partsPerSecond === undefined ? Number.POSITIVE_INFINITY : seconds - parts / partsPerSecond,
      ),
    )
    return median(roundTrips) ?? (simulated ? LEAST_LATENCY_SECONDS : USUAL_LATENCY_SECONDS)
  }
}

/** Returns the seconds until the provider has accepted all messages; 0 without recipients. */
export function secondsToSend(parts: number, pace: SendingPace): number {
  return parts === 0 ? 0 : pace.latencySeconds + parts / pace.partsPerSecond
}

function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]
}
