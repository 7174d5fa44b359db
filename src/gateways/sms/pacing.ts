import type { GatewayLimits } from '../../deliveries/gateway.ts'

/** Keeps a whole gateway to its contract, and slows it down further when its provider asks for it. */
export interface Pacer {
  /**
   * Returns how many messages of `parts` parts may be written now, at most `wanted`. After 0, `resume` is called when there
   * may be room again. `nowMs` is `performance.now()`, here and below.
   */
  room(wanted: number, parts: number, inFlight: number, nowMs: number): number
  /** Counts parts that have been written. */
  wrote(parts: number): void
  /** Counts messages that the provider accepted. */
  accepted(messages: number): void
  /**
   * Slows down: pauses everything, unless the provider throttles a small random share of what it accepts.
   * @param retryAfterMs what the provider said, if it did
   */
  throttled(inFlight: number, nowMs: number, retryAfterMs?: number): void
  /** Returns for how long the provider has throttled without accepting anything; 0 when it accepts. */
  stalledMs(nowMs: number): number
  /** Forgets how long the provider has been stalled: later messages have a time of their own to wait. */
  forgetStall(): void
  /** Sets limits below the contract, or equal to it. A window of 0 lets nothing leave. */
  limit(limits: GatewayLimits): void
  /** The limits in force, throttling aside. */
  readonly limits: GatewayLimits
  /** True when links share a limit lower than the sum of their windows. */
  readonly isShared: boolean
  stop(): void
}

/** Controls how many messages are written at a time. */
export interface Bunching {
  /** Silence that may be made up for at once, in milliseconds of the rate; at least one message. */
  readonly burstMs: number
  /**
   * Amount written at a time, in milliseconds of the rate: a timer per part would cost more than the part, and a
   * request may contain many.
   */
  readonly lotMs: number
  /**
   * Share of throttled answers up to which single ones are only sent again; 0: each one slows everything down.
   */
  readonly sporadicShare: number
}

const PAUSE_MIN_MS = 100
const PAUSE_MAX_MS = 2000
/** Throttled answers without an accepted one between them that show a limit, whatever their share. */
const LIMIT_ROW = 3
/** Number of answers beyond which older ones lose half of their weight in the share. */
const SHARE_MEMORY = 1000
/** Fraction of the throttled window that each accepted message restores. */
const GAIN = 0.1
const MAX_TIMER_MS = 2_147_483_647

/**
 * Creates a pacer with a window and a rate: a token bucket, so that any second has at most the rate and one bucket
 * of parts. Each time the provider throttles, everything pauses for the time requested or else 100 ms, doubling to
 * 2 s while nothing is accepted. Then half as many messages are in flight, growing as they are accepted: close to
 * the provider's rate, whatever it is, with few refusals. A small share of throttled answers, each between accepted ones,
 * is no limit: it costs its own repetitions only.
 */
export function createPacer(
  contract: GatewayLimits,
  { burstMs, lotMs, sporadicShare }: Bunching,
  resume: () => void,
): Pacer {
  const contractRate = contract.partsPerSecond ?? Number.POSITIVE_INFINITY
  let { window } = contract
  let rate = contractRate
  let allowance = window
  let pauseMs = PAUSE_MIN_MS
  let pausedUntil = 0
  let stalledSince = 0
  let throttledRow = 0
  let throttledCount = 0
  let answerCount = 0
  let pauseTimer: NodeJS.Timeout | undefined
  let tokens = Number.POSITIVE_INFINITY
  let filledAt = 0
  let tokenTimer: NodeJS.Timeout | undefined

  function wakeIn(waitMs: number): void {
    tokenTimer ??= setTimeout(
      () => {
        tokenTimer = undefined
        resume()
      },
      Math.min(MAX_TIMER_MS, Math.ceil(waitMs)),
    )
  }

  function countAnswers(answers: number, throttled: number): void {
    answerCount += answers
    throttledCount += throttled
    if (answerCount < SHARE_MEMORY) return
    answerCount /= 2
    throttledCount /= 2
  }

  return {
    get isShared() {
      return allowance < contract.window || rate < Number.POSITIVE_INFINITY
    },
    get limits() {
      return { window, partsPerSecond: rate === Number.POSITIVE_INFINITY ? undefined : rate }
    },
    room(wanted, parts, inFlight, nowMs) {
      if (nowMs < pausedUntil) return 0
      const room = Math.min(wanted, Math.floor(allowance) - inFlight)
      if (room <= 0) return 0
      if (rate === Number.POSITIVE_INFINITY) return room
      if (rate === 0) return 0
      const bucket = Math.max(parts, (rate * burstMs) / 1000)
      tokens = Math.min(bucket, tokens + ((nowMs - filledAt) * rate) / 1000)
      filledAt = nowMs
      const lot = Math.min(room, Math.max(1, Math.floor((rate * lotMs) / 1000 / parts))) * parts
      // Tolerance for floating-point errors.
      if (tokens + 1e-6 < lot) {
        wakeIn(((lot - tokens) * 1000) / rate)
        return 0
      }
      return Math.min(room, Math.floor((tokens + 1e-6) / parts))
    },
    wrote(parts) {
      if (rate !== Number.POSITIVE_INFINITY) tokens -= parts
    },
    accepted(messages) {
      if (allowance < window) allowance = Math.min(window, allowance + GAIN * messages)
      pauseMs = PAUSE_MIN_MS
      stalledSince = 0
      throttledRow = 0
      countAnswers(messages, 0)
    },
    throttled(inFlight, nowMs, retryAfterMs) {
      throttledRow++
      countAnswers(1, 1)
      const isSporadic = throttledRow < LIMIT_ROW && throttledCount <= answerCount * sporadicShare
      if (isSporadic && retryAfterMs === undefined) return
      if (stalledSince === 0) stalledSince = nowMs
      const until = nowMs + (retryAfterMs ?? pauseMs)
      // Once per pause: the rest of the window was written before the provider could respond.
      const isNew = nowMs >= pausedUntil
      if (!isNew && until <= pausedUntil) return
      pausedUntil = until
      clearTimeout(pauseTimer)
      pauseTimer = setTimeout(resume, until - nowMs + 1)
      if (!isNew) return
      allowance = Math.min(window, Math.max(1, Math.min(allowance, inFlight + 1) / 2))
      pauseMs = Math.min(pauseMs * 2, PAUSE_MAX_MS)
    },
    stalledMs(nowMs) {
      return stalledSince === 0 ? 0 : nowMs - stalledSince
    },
    forgetStall() {
      stalledSince = 0
    },
    limit(limits) {
      const wantedWindow = Math.min(contract.window, Math.floor(limits.window))
      const wantedRate = Math.min(contractRate, limits.partsPerSecond ?? Number.POSITIVE_INFINITY)
      if (wantedWindow === window && wantedRate === rate) return
      allowance = allowance >= window ? wantedWindow : Math.min(allowance, wantedWindow)
      window = wantedWindow
      rate = wantedRate
      clearTimeout(tokenTimer)
      tokenTimer = undefined
      resume()
    },
    stop() {
      clearTimeout(pauseTimer)
      clearTimeout(tokenTimer)
    },
  }
}
