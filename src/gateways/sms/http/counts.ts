/** Counters of an HTTP gateway since it was created; messages are counted in parts. */
export class HttpCounts {
  readonly totals = {
    submitted: 0,
    accepted: 0,
    refused: 0,
    throttled: 0,
    unanswered: 0,
    receipts: 0,
    linksLost: 0,
    answerMs: 0,
  }
  /** Refused parts by code. */
  readonly refusals: Record<number, number> = {}

  countRefusal(parts: number, code: number): void {
    this.totals.refused += parts
    this.refusals[code] = (this.refusals[code] ?? 0) + parts
  }
}
