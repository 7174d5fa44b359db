import { explainStatus } from './pdu/codes.ts'

/** Counts of abnormal events since the gateway was created. */
export interface SmppCounters {
  /** PDUs whose body could not be decoded. */
  malformed: number
  /** Links cut because the byte stream could not be framed. */
  framingErrors: number
  /** Responses to unknown requests. */
  unknownSequence: number
  /** Responses that arrived after the submission timed out. */
  lateAnswers: number
  /** Receipts that name no message. */
  unreadableReceipts: number
  /** Receipts and messages that the provider was asked to send again, since a listener failed. */
  handedBack: number
  /** Throttled submissions. */
  throttled: number
  /** Links lost. */
  linksLost: number
}

/** Everything that a gateway counts since it was created. */
export class SmppCounts {
  readonly counters: SmppCounters = {
    malformed: 0,
    framingErrors: 0,
    unknownSequence: 0,
    lateAnswers: 0,
    unreadableReceipts: 0,
    handedBack: 0,
    throttled: 0,
    linksLost: 0,
  }
  readonly totals = { submitted: 0, accepted: 0, refused: 0, throttled: 0, unanswered: 0, receipts: 0 }
  /** Number of refusals by status. */
  readonly refusals = new Map<number, number>()

  countAnswer(status: number): void {
    const { totals, counters, refusals } = this
    if (status === 0) totals.accepted++
    else if (explainStatus(status).throttle) {
      totals.throttled++
      counters.throttled++
    } else {
      totals.refused++
      refusals.set(status, (refusals.get(status) ?? 0) + 1)
    }
  }
}
