/** Receipts of one gateway within the last minutes. */
export interface ReceiptCount {
  readonly received: number
  /** Receipts whose message is not known so far. */
  readonly unknown: number
}

/** Number and length of the intervals counted: ten minutes in all. */
const SPANS = 10
const SPAN_MS = 60_000

/** Counts the receipts of one gateway over the last ten minutes. Instants are of the monotonic clock, in milliseconds. */
export class RecentReceipts {
  readonly #received = new Float64Array(SPANS)
  readonly #unknown = new Float64Array(SPANS)
  #span = 0

  received(count: number, nowMs: number): void {
    const at = this.#indexOf(nowMs)
    this.#received[at] = (this.#received[at] as number) + count
  }

  /** Adds unknown receipts; a negative count removes those whose message was found. */
  unknown(count: number, nowMs: number): void {
    const at = this.#indexOf(nowMs)
    this.#unknown[at] = (this.#unknown[at] as number) + count
  }

  count(nowMs: number): ReceiptCount {
    this.#indexOf(nowMs)
    const sum = (of: Float64Array) => of.reduce((total, one) => total + one, 0)
    return { received: sum(this.#received), unknown: Math.max(0, sum(this.#unknown)) }
  }

  /** Returns the index of the current interval, after emptying those that have passed since the last call. */
  #indexOf(nowMs: number): number {
    const span = Math.floor(nowMs / SPAN_MS)
    for (let past = Math.max(this.#span + 1, span - SPANS + 1); past <= span; past++) {
      this.#received[past % SPANS] = 0
      this.#unknown[past % SPANS] = 0
    }
    this.#span = Math.max(this.#span, span)
    return this.#span % SPANS
  }
}
