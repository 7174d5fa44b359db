import type { SmsMessage } from '../../deliveries/gateway.ts'
import { urgencyOf } from '../../deliveries/lanes.ts'

interface QueuedJob {
  readonly message: Pick<SmsMessage, 'lane'>
}

/** Jobs with recipients to write: most urgent lane first, then oldest. */
export class SubmissionQueue<Job extends QueuedJob> {
  readonly #jobs: Job[] = []

  get size(): number {
    return this.#jobs.length
  }

  get first(): Job | undefined {
    return this.#jobs[0]
  }

  /** Returns a copy, since jobs may be added and removed while it is walked. */
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
