import type { Circuit } from '../contract.ts'

/** Refusals in a row that are the provider's fault, after which it is left alone. */
const FAILURES_TO_OPEN = 5
/** How long it is left alone at first; doubled each time the trial fails. */
const OPEN_MIN_MS = 250
const OPEN_MAX_MS = 30_000

/**
 * Whether a gateway is worth trying. It opens when the link is down, when the provider says nothing, or after several
 * refusals in a row that are its own fault. Once it is bound again and some time has passed, a single message is tried
 * (half open): accepted, the circuit closes; else it opens for twice as long.
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

  /** @param onOpen called each time it opens: what waits in the gateway should go another way. */
  constructor(onOpen: () => void) {
    this.#onOpen = onOpen
  }

  get state(): Circuit {
    return this.#state
  }

  /** Whether something may be sent now. Half open: only by `tryWith`. */
  get isUsable(): boolean {
    return this.#state === 'closed' || (this.#state === 'half_open' && !this.#isTrying)
  }

  get isClosed(): boolean {
    return this.#state === 'closed'
  }

  /** Makes the only trial of a half-open circuit at a time; its outcome comes by `succeeded` or `failed`, or not at all. */
  async tryWith(trial: () => Promise<void>): Promise<void> {
    this.#isTrying = true
    await trial()
    this.#isTrying = false
  }

  /** The provider answered a submission as one in order does: accepted, or refused for the number's sake. */
  succeeded(): void {
    this.#failures = 0
    if (this.#state !== 'half_open') return
    this.#state = 'closed'
    this.#openMs = OPEN_MIN_MS
  }

  /** A submission failed by the provider's fault. */
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

  /** To be called often with what the gateway says of itself. */
  look(nowMs: number, isBound: boolean, isSilent: boolean): void {
    if (this.#state === 'closed') {
      if (!isBound || isSilent) this.open(nowMs)
    } else if (this.#state === 'open') {
      // What was submitted before it opened may still wait for its time-out: silence alone does not keep it open.
      if (isBound && nowMs >= this.#retryAt) this.#state = 'half_open'
    } else if (!isBound || (this.#isTrying && isSilent)) this.open(nowMs)
  }
}
