/** Steps of the scale for each doubling of a time: a reading is at most 19 % too long. */
const STEPS = 4
const BUCKETS = 80
/** Number of answers beyond which older ones lose half of their weight. */
const MEMORY = 10_000
/** Fewest answers that say how fast a provider is. */
const ENOUGH = 20

/** Keeps the distribution of a provider's response times: a histogram with logarithmic steps, cheap to add to. */
export class AnswerTimes {
  readonly #counts = new Float64Array(BUCKETS)
  #total = 0

  add(ms: number): void {
    const bucket = ms <= 1 ? 0 : Math.min(BUCKETS - 1, Math.ceil(Math.log2(ms) * STEPS))
    this.#counts[bucket] = (this.#counts[bucket] as number) + 1
    if (++this.#total < MEMORY) return
    this.#total = 0
    for (let i = 0; i < BUCKETS; i++) {
      this.#counts[i] = (this.#counts[i] as number) / 2
      this.#total += this.#counts[i] as number
    }
  }

  /** Returns the time within which 99 % of the answers came; undefined: too few came. */
  p99(): number | undefined {
    if (this.#total < ENOUGH) return undefined
    let above = this.#total * 0.01
    for (let bucket = BUCKETS - 1; bucket > 0; bucket--) {
      above -= this.#counts[bucket] as number
      if (above < 0) return 2 ** (bucket / STEPS)
    }
    return 1
  }
}
