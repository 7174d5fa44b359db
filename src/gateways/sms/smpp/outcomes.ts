import type { SmsRecipient, SubmitOutcome } from '../../../deliveries/gateway.ts'
import { explainStatus } from './pdu/codes.ts'
import type { Job } from './queue.ts'

/** State of a recipient of a message with several parts. */
export interface PartTracker {
  /** Reference that links the parts on the phone. */
  readonly concatenation: number
  readonly messageIds: string[]
  /** Parts without an end. */
  remaining: number
  accepted: number
  refused: { readonly code: number; readonly permanent: boolean } | undefined
  unknown: 'timeout' | 'linkLost' | undefined
  notSent: 'stopped' | 'noLink' | undefined
}

/** Returns true when a part has failed: a phone would show nothing of the others. */
export function hasFailed(tracker: PartTracker): boolean {
  return tracker.refused !== undefined || tracker.unknown !== undefined || tracker.notSent !== undefined
}

/** Combines the ends of single parts into outcomes of recipients. */
export interface Outcomes {
  accepted(job: Job, recipient: number, part: number, messageId: string): void
  refused(job: Job, recipient: number, code: number): void
  unknown(job: Job, recipient: number, reason: 'timeout' | 'linkLost'): void
  notSent(job: Job, recipient: number, reason: 'stopped' | 'noLink'): void
  /** Ends a part that is skipped since another one failed. */
  skipped(job: Job, recipient: number): void
  /** Ends a recipient without any part written. */
  untouched(job: Job, recipient: number, reason: 'stopped' | 'noLink'): void
  /** Handles the response to a part reported `unknown`: the recipient's second outcome once every part is known. */
  late(job: Job, recipient: number, part: number, status: number, messageId: string): void
  tracker(job: Job, recipient: number): PartTracker
}

/**
 * Makes the outcomes of a client. `settle` is called once per recipient; `correct` at most once for one settled as
 * `unknown` for `timeout`. `firstReference` (0 to 255) is the first reference that links parts.
 */
export function createOutcomes(
  settle: (job: Job, outcome: SubmitOutcome) => void,
  correct: (job: Job, outcome: SubmitOutcome) => void,
  firstReference: number,
): Outcomes {
  let reference = firstReference

  function noOf(job: Job, recipient: number): number {
    return (job.recipients[recipient] as SmsRecipient).no
  }

  function tracker(job: Job, recipient: number): PartTracker {
    const known = job.trackers.get(recipient)
    if (known !== undefined) return known
    reference = (reference + 1) & 0xff
    const created: PartTracker = {
      concatenation: reference,
      messageIds: new Array(job.encoder.partCount).fill(''),
      remaining: job.encoder.partCount,
      accepted: 0,
      refused: undefined,
      unknown: undefined,
      notSent: undefined,
    }
    job.trackers.set(recipient, created)
    return created
  }

  /** Computes the recipient's outcome from all its parts. */
  function conclude(no: number, parts: PartTracker): SubmitOutcome {
    const known = parts.messageIds.map((id) => (id === '' ? undefined : id))
    if (parts.refused !== undefined) {
      const mayHaveLeft = parts.accepted > 0 || parts.unknown !== undefined
      return { kind: 'refused', no, ...parts.refused, ...(mayHaveLeft ? { messageIds: known } : {}) }
    }
    // Checked before `unknown`: a part that timed out may have been answered while others were pending.
    if (parts.accepted === parts.messageIds.length)
      return { kind: 'accepted', no, messageIds: parts.messageIds }
    // Some parts were sent and the rest cannot be: sending all again may duplicate the sent ones.
    const reason = parts.unknown ?? (parts.accepted > 0 ? 'linkLost' : undefined)
    if (reason !== undefined) {
      return known.every((id) => id === undefined)
        ? { kind: 'unknown', no, reason }
        : { kind: 'unknown', no, reason, messageIds: known }
    }
    return { kind: 'notSent', no, reason: parts.notSent ?? 'stopped' }
  }

  function ended(job: Job, recipient: number, parts: PartTracker): void {
    if (--parts.remaining > 0) return
    const outcome = conclude(noOf(job, recipient), parts)
    // A part that timed out may still be answered.
    if (outcome.kind !== 'unknown') job.trackers.delete(recipient)
    settle(job, outcome)
  }

  return {
    tracker,
    accepted(job, recipient, part, messageId) {
      if (job.encoder.partCount === 1) {
        settle(job, { kind: 'accepted', no: noOf(job, recipient), messageIds: [messageId] })
        return
      }
      const parts = tracker(job, recipient)
      parts.messageIds[part] = messageId
      parts.accepted++
      ended(job, recipient, parts)
    },
    refused(job, recipient, code) {
      const { permanent } = explainStatus(code)
      if (job.encoder.partCount === 1) {
        settle(job, { kind: 'refused', no: noOf(job, recipient), code, permanent })
        return
      }
      const parts = tracker(job, recipient)
      parts.refused ??= { code, permanent }
      ended(job, recipient, parts)
    },
    unknown(job, recipient, reason) {
      if (job.encoder.partCount === 1) {
        settle(job, { kind: 'unknown', no: noOf(job, recipient), reason })
        return
      }
      const parts = tracker(job, recipient)
      parts.unknown ??= reason
      ended(job, recipient, parts)
    },
    notSent(job, recipient, reason) {
      if (job.encoder.partCount === 1) {
        settle(job, { kind: 'notSent', no: noOf(job, recipient), reason })
        return
      }
      const parts = tracker(job, recipient)
      parts.notSent ??= reason
      ended(job, recipient, parts)
    },
    skipped(job, recipient) {
      ended(job, recipient, tracker(job, recipient))
    },
    untouched(job, recipient, reason) {
      settle(job, { kind: 'notSent', no: noOf(job, recipient), reason })
    },
    late(job, recipient, part, status, messageId) {
      const no = noOf(job, recipient)
      const { permanent } = explainStatus(status)
      if (job.encoder.partCount === 1) {
        correct(
          job,
          status === 0
            ? { kind: 'accepted', no, messageIds: [messageId], late: true }
            : { kind: 'refused', no, code: status, permanent, late: true },
        )
        return
      }
      const parts = job.trackers.get(recipient)
      if (parts === undefined) return
      parts.messageIds[part] = messageId
      if (status === 0) parts.accepted++
      else parts.refused ??= { code: status, permanent }
      // Reported as a whole when the last part ends, or already final as a lost link.
      if (parts.remaining > 0 || parts.unknown !== 'timeout') return
      const outcome = conclude(no, parts)
      if (outcome.kind !== 'accepted' && outcome.kind !== 'refused') return
      job.trackers.delete(recipient)
      correct(job, { ...outcome, late: true })
    },
  }
}
