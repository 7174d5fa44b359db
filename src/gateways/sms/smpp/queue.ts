import type { SmsMessage, SmsRecipient, SubmitOutcome } from '../../../deliveries/gateway.ts'
import { urgencyOf } from '../../../deliveries/lanes.ts'
import type { PartTracker } from './outcomes.ts'
import type { SubmissionEncoder } from './submission.ts'

/** One call of `submit`: many recipients, walked by a cursor, so that nothing is allocated for those who wait. */
export interface Job {
  readonly message: SmsMessage
  readonly encoder: SubmissionEncoder
  readonly recipients: readonly SmsRecipient[]
  readonly validUntilMs: number
  readonly onOutcome: (outcome: SubmitOutcome) => void
  readonly done: () => void
  /** Asked before each burst; false: the job is no longer ours to write. */
  readonly isHeld: (() => boolean) | undefined
  /** Next recipient and part to write. */
  next: number
  nextPart: number
  /** Recipients from this one on are not to be written. */
  end: number
  /** Stopped or expired: what the provider throttles is not submitted again. */
  isAbandoned: boolean
  /** Until when the message begun may be finished (`performance.now()`), once abandoned. */
  finishBefore: number
  /** Parts that the provider asked to submit again, the oldest first. */
  readonly retries: { readonly recipient: number; readonly part: number; readonly code: number }[]
  /** Since when each of them has been told so (`performance.now()`), by `throttleKey`. */
  readonly throttledSince: Map<number, number>
  /** Only when the message has several parts. */
  readonly trackers: Map<number, PartTracker>
  /** Recipients with no outcome yet. */
  pending: number
}

/** One number for a recipient and a part; a message has at most 255 parts. */
export function throttleKey(recipient: number, part: number): number {
  return recipient * 256 + part
}

/** Jobs with something to write: the most urgent lane first, then the oldest. */
export class SubmissionQueue {
  readonly #jobs: Job[] = []

  get size(): number {
    return this.#jobs.length
  }

  get first(): Job | undefined {
    return this.#jobs[0]
  }

  /** A copy: jobs may come and go while it is walked. */
  list(): Job[] {
    return [...this.#jobs]
  }

  add(job: Job): void {
    if (this.#jobs.includes(job)) return
    const urgency = urgencyOf(job.message.lane)
    let at = this.#jobs.length
    while (at > 0 && urgencyOf((this.#jobs[at - 1] as Job).message.lane) < urgency) at--
    this.#jobs.splice(at, 0, job)
  }

  remove(job: Job): void {
    const at = this.#jobs.indexOf(job)
    if (at >= 0) this.#jobs.splice(at, 1)
  }
}
