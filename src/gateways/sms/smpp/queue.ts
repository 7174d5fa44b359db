import type { SmsMessage, SmsRecipient, SubmitOutcome } from '../../../deliveries/gateway.ts'
import type { PartTracker } from './outcomes.ts'
import type { SubmissionEncoder } from './submission.ts'

/** One call of `submit` with many recipients, walked by a cursor, so that nothing is allocated for those waiting. */
export interface Job {
  readonly message: SmsMessage
  readonly encoder: SubmissionEncoder
  readonly recipients: readonly SmsRecipient[]
  readonly validUntilMs: number
  readonly onOutcome: (outcome: SubmitOutcome) => void
  readonly done: () => void
  /** Called before each burst; false: this process no longer holds the job. */
  readonly isHeld: (() => boolean) | undefined
  /** Next recipient and part to write. */
  next: number
  nextPart: number
  /** Recipients from this index on must not be written. */
  end: number
  /** Stopped or expired: throttled parts are not submitted again. */
  isAbandoned: boolean
  /** Deadline for finishing a partly sent message once abandoned (`performance.now()`). */
  finishBefore: number
  /** Throttled parts to submit again, oldest first. */
  readonly retries: { readonly recipient: number; readonly part: number; readonly code: number }[]
  /** Start of throttling of each part (`performance.now()`), by `throttleKey`. */
  readonly throttledSince: Map<number, number>
  /** Used only for messages with several parts. */
  readonly trackers: Map<number, PartTracker>
  /** Recipients without an outcome. */
  pending: number
}

/** Combines recipient and part in one number; a message has at most 255 parts. */
export function throttleKey(recipient: number, part: number): number {
  return recipient * 256 + part
}
