import type { SmsMessage, SmsRecipient, SubmitControl, SubmitOutcome } from '../../../deliveries/gateway.ts'

/** A recipient to send to again. */
export interface Again {
  readonly index: number
  /** True: in a request of its own. */
  readonly isAlone: boolean
}

/** One call of `submit` with many recipients, walked by a cursor, so that nothing is allocated for those waiting. */
export interface Job {
  readonly message: SmsMessage
  readonly text: string
  readonly parts: number
  readonly recipients: readonly SmsRecipient[]
  readonly validUntilMs: number
  readonly onOutcome: (outcome: SubmitOutcome) => void
  readonly control: SubmitControl
  readonly done: () => void
  /** Next recipient not tried yet. */
  next: number
  /** Stopped or expired: nothing more is sent. */
  isAbandoned: boolean
  readonly again: Again[]
  /** Start of throttling of each recipient (`performance.now()`), by index. */
  readonly throttledSince: Map<number, number>
  /** Number of repeats caused by the clock. */
  resyncs: number
  /** Recipients without an outcome. */
  pending: number
}

/** Counts the recipients of a job not written yet. */
export function countUnwritten(job: Job): number {
  return job.again.length + job.recipients.length - job.next
}

/**
 * Takes the recipients of the next request by index, at most `most`. Each number occurs once per request:
 * providers answer by number, and some keep only one of two.
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
