import type { SmsMessage, SmsRecipient, SubmitControl, SubmitOutcome } from '../../../deliveries/gateway.ts'
import { urgencyOf } from '../../../deliveries/lanes.ts'

/** A recipient to be sent to again. */
export interface Again {
  readonly index: number
  /** In a request of its own. */
  readonly isAlone: boolean
}

/** One call of `submit`: many recipients, walked by a cursor, so that nothing is allocated for those who wait. */
export interface Job {
  readonly message: SmsMessage
  readonly text: string
  readonly parts: number
  readonly recipients: readonly SmsRecipient[]
  readonly validUntilMs: number
  readonly onOutcome: (outcome: SubmitOutcome) => void
  readonly control: SubmitControl
  readonly done: () => void
  /** Next recipient never tried. */
  next: number
  /** Stopped or expired: nothing more is written. */
  isAbandoned: boolean
  readonly again: Again[]
  /** Since when the provider has told each of them to wait (`performance.now()`), by index. */
  readonly throttledSince: Map<number, number>
  /** How many times it had to be sent again for the clock. */
  resyncs: number
  /** Recipients with no outcome yet. */
  pending: number
}

/** Recipients of a job that are still to be written. */
export function waiting(job: Job): number {
  return job.again.length + job.recipients.length - job.next
}

/**
 * The recipients of the next request, by index, `most` at most. No number twice in one: providers answer by number,
 * and some of them keep only one of two.
 */
export function takeBatch(job: Job, most: number): number[] {
  const batch: number[] = []
  const phones = new Set<string>()
  const add = (index: number): boolean => {
    const { phone } = job.recipients[index] as SmsRecipient
    if (phones.has(phone)) return false
    phones.add(phone)
    batch.push(index)
    return true
  }
  while (batch.length < most) {
    const again = job.again[0]
    if (again === undefined) break
    if ((again.isAlone && batch.length > 0) || !add(again.index)) return batch
    job.again.shift()
    if (again.isAlone) return batch
  }
  while (batch.length < most && job.next < job.recipients.length) {
    if (!add(job.next)) break
    job.next++
  }
  return batch
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
