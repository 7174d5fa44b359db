/** How a whole gateway slows down when its provider asks it to. */
export interface Pacer {
  /** How many more submissions may be written now. `nowMs` is `performance.now()`, here and below. */
  room(inFlight: number, nowMs: number): number
  accepted(): void
  throttled(inFlight: number, nowMs: number): void
  /** For how long the provider has throttled without accepting anything; 0 when it accepts. */
  stalledMs(nowMs: number): number
  /** Forgets how long the provider has been stalled: those who come now have their own time to wait. */
  forgetStall(): void
  /** True while fewer submissions are allowed than all the windows together. */
  readonly isSlowed: boolean
  stop(): void
}

const PAUSE_MIN_MS = 100
const PAUSE_MAX_MS = 2000
/** How much each accepted submission gives back of what throttling took. */
const GAIN = 0.1

/**
 * Each time the provider throttles, everything pauses (100 ms, doubling to 2 s while nothing is accepted), then
 * goes on with half as many in flight, growing back as submissions are accepted: close to the provider's rate,
 * whatever it is, with few refusals. `resume` is called when a pause ends.
 */
export function createPacer(fullWindow: number, resume: () => void): Pacer {
  let allowance = fullWindow
  let pauseMs = PAUSE_MIN_MS
  let pausedUntil = 0
  let stalledSince = 0
  let timer: NodeJS.Timeout | undefined

  return {
    get isSlowed() {
      return allowance < fullWindow
    },
    room(inFlight, nowMs) {
      return nowMs < pausedUntil ? 0 : Math.floor(allowance) - inFlight
    },
    accepted() {
      if (allowance < fullWindow) allowance = Math.min(fullWindow, allowance + GAIN)
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
      allowance = Math.max(1, Math.min(allowance, inFlight + 1) / 2)
      clearTimeout(timer)
      timer = setTimeout(resume, pauseMs + 1)
      pauseMs = Math.min(pauseMs * 2, PAUSE_MAX_MS)
    },
    stop() {
      clearTimeout(timer)
    },
  }
}
