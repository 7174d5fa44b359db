import type { GatewayLimits } from '../../../deliveries/gateway.ts'

/** How a whole gateway keeps to its contract, and slows down further when its provider asks it to. */
export interface Pacer {
  /** How many more submissions may be written now. `nowMs` is `performance.now()`, here and below. */
  room(inFlight: number, nowMs: number): number
  /** A submission has been written. */
  wrote(): void
  accepted(): void
  throttled(inFlight: number, nowMs: number): void
  /** For how long the provider has throttled without accepting anything; 0 when it accepts. */
  stalledMs(nowMs: number): number
  /** Forgets how long the provider has been stalled: those who come now have their own time to wait. */
  forgetStall(): void
  /** Less than the contract, or as much: never more. A window of 0: nothing leaves. */
  limit(limits: GatewayLimits): void
  /** What holds now, the provider's throttling aside. */
  readonly limits: GatewayLimits
  /** True when links share something scarcer than their own windows. */
  readonly isShared: boolean
  stop(): void
}

const PAUSE_MIN_MS = 100
const PAUSE_MAX_MS = 2000
/** How much each accepted submission gives back of what throttling took. */
const GAIN = 0.1
/** How much of a silence may be made up for at once. */
const BURST_MS = 50
/** Fast rates are served by small lots: a timer a part would cost more than the part. */
const LOT_MS = 5
const MAX_TIMER_MS = 2_147_483_647

/**
 * A window and a rate (a bucket of tokens that holds 50 ms of them, one at least: so in any second no more than the
 * rate and one bucket). Besides, each time the provider throttles, everything pauses (100 ms, doubling to 2 s while
 * nothing is accepted), then goes on with half as many in flight, growing back as submissions are accepted: close to
 * the provider's rate, whatever it is, with few refusals. `resume` is called when there may be room again.
 */
export function createPacer(contract: GatewayLimits, resume: () => void): Pacer {
  const contractRate = contract.partsPerSecond ?? Number.POSITIVE_INFINITY
  let window = contract.window
  let allowance = window
  let pauseMs = PAUSE_MIN_MS
  let pausedUntil = 0
  let stalledSince = 0
  let pauseTimer: NodeJS.Timeout | undefined

  let rate = contractRate
  let bucket = bucketOf(rate)
  let tokens = bucket
  let filledAt = 0
  let tokenTimer: NodeJS.Timeout | undefined

  function planTokens(): void {
    if (tokenTimer !== undefined || !(rate > 0)) return
    const wanted = Math.max(1, Math.min(bucket / 2, (rate * LOT_MS) / 1000))
    const waitMs = Math.min(MAX_TIMER_MS, Math.ceil(((wanted - tokens) * 1000) / rate))
    tokenTimer = setTimeout(() => {
      tokenTimer = undefined
      resume()
    }, waitMs)
  }

  return {
    get isShared() {
      return allowance < contract.window || rate < Number.POSITIVE_INFINITY
    },
    get limits() {
      return { window, partsPerSecond: rate === Number.POSITIVE_INFINITY ? undefined : rate }
    },
    room(inFlight, nowMs) {
      if (nowMs < pausedUntil) return 0
      const room = Math.floor(allowance) - inFlight
      if (rate === Number.POSITIVE_INFINITY || room <= 0) return room
      if (nowMs > filledAt) {
        tokens = Math.min(bucket, tokens + ((nowMs - filledAt) * rate) / 1000)
        filledAt = nowMs
      }
      if (tokens < 1) planTokens()
      return Math.min(room, Math.floor(tokens))
    },
    wrote() {
      if (rate !== Number.POSITIVE_INFINITY) tokens--
    },
    accepted() {
      if (allowance < window) allowance = Math.min(window, allowance + GAIN)
      pauseMs = PAUSE_MIN_MS
      stalledSince = 0
    },
    stalledMs(nowMs) {
      return stalledSince === 0 ? 0 : nowMs - stalledSince
    },
    forgetStall() {
      stalledSince = 0
    },
    throttled(inFlight, nowMs) {
      if (stalledSince === 0) stalledSince = nowMs
      // Once a pause: the rest of the window was written before the provider could say anything.
      if (nowMs < pausedUntil) return
      pausedUntil = nowMs + pauseMs
      allowance = Math.min(window, Math.max(1, Math.min(allowance, inFlight + 1) / 2))
      clearTimeout(pauseTimer)
      pauseTimer = setTimeout(resume, pauseMs + 1)
      pauseMs = Math.min(pauseMs * 2, PAUSE_MAX_MS)
    },
    limit(limits) {
      const wantedWindow = Math.min(contract.window, Math.floor(limits.window))
      const wantedRate = Math.min(contractRate, limits.partsPerSecond ?? Number.POSITIVE_INFINITY)
      if (wantedWindow === window && wantedRate === rate) return
      allowance = allowance >= window ? wantedWindow : Math.min(allowance, wantedWindow)
      window = wantedWindow
      rate = wantedRate
      bucket = bucketOf(rate)
      tokens = Math.min(tokens, bucket)
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

function bucketOf(rate: number): number {
  return rate > 0 ? Math.max(1, (rate * BURST_MS) / 1000) : 0
}
