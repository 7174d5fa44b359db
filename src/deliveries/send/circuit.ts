import type { Circuit } from '../contract.ts'

/** Consecutive refusals that are the provider's fault, after which the circuit opens. */
const FAILURES_TO_OPEN = 5
/** Time for which the circuit stays open at first; doubled each time the trial fails. */
const OPEN_MIN_MS = 250
const OPEN_MAX_MS = 30_000

/**
 * Tracks whether a gateway is worth trying. It opens when the link is down, when the provider does not answer, or after
 * several consecutive refusals that are its own fault. Once the gateway is bound again and some time has passed, a
 * single message is tried (half open): if accepted, the circuit closes; else it opens for twice as long.
 *
 * Instants are milliseconds of a monotonic clock.
 */
export class CircuitBreaker {
  #state: Circuit = 'closed'
  #failures = 0
  #openMs = OPEN_MIN_MS
  #retryAt = 0
  #isTrying = false
  readonly #onOpen: () => void

  /** @param onOpen called each time it opens, so that submissions waiting in the gateway are rerouted. */
  constructor(onOpen: () => void) {
    this.#onOpen = onOpen
  }

  get state(): Circuit {
    return this.#state
  }

  /** True when a message may be sent now. Half open: only by `tryWith`. */
  get isUsable(): boolean {
    return this.#state === 'closed' || (this.#state === 'half_open' && !this.#isTrying)
  }

  get isClosed(): boolean {
    return this.#state === 'closed'
  }

  /**
   * Runs the single trial of a half-open circuit; its outcome is reported by `succeeded` or `failed`, or not at all.
   */
  async tryWith(trial: () => Promise<void>): Promise<void> {
    this.#isTrying = true
    await trial()
    this.#isTrying = false
  }

  /** The provider answered a submission normally: accepted, or refused because of the number. */
  succeeded(): void {
    this.#failures = 0
    if (this.#state !== 'half_open') return
    this.#state = 'closed'
    this.#openMs = OPEN_MIN_MS
  }

  /** A submission failed through the provider's fault. */
  failed(nowMs: number): void {
    this.#failures += 1
    const isEnough = this.#state === 'half_open' || this.#failures >= FAILURES_TO_OPEN
    if (isEnough) this.open(nowMs)
  }

  open(nowMs: number): void {
    if (this.#state === 'open') return
    if (this.#state === 'half_open') this.#openMs = Math.min(OPEN_MAX_MS, this.#openMs * 2)
    this.#state = 'open'
    this.#failures = 0
    this.#retryAt = nowMs + this.#openMs
    this.#onOpen()
  }

  /** Updates the circuit from the state of the gateway; call it often. */
  updateCircuit(nowMs: number, isBound: boolean, isSilent: boolean): void {
    if (this.#state === 'closed') {
      if (!isBound || isSilent) this.open(nowMs)
    } else if (this.#state === 'open') {
      // Submissions made before it opened may still wait for their time-out: silence alone does not keep it open.
      if (isBound && nowMs >= this.#retryAt) this.#state = 'half_open'
    } else if (!isBound || (this.#isTrying && isSilent)) this.open(nowMs)
  }
}
