import type { SmsRecipient, SubmitOutcome } from '../../../deliveries/gateway.ts'
import { explainStatus } from './codes.ts'
import type { Job } from './queue.ts'

/** What is known of a recipient whose message has several parts. */
export interface PartTracker {
  /** Ties the parts on the phone. */
  readonly concatenation: number
  readonly messageIds: string[]
  /** Parts with no end yet. */
  remaining: number
  accepted: number
  refused: { readonly code: number; readonly permanent: boolean } | undefined
  unknown: 'timeout' | 'linkLost' | undefined
  notSent: 'stopped' | 'noLink' | undefined
}

/** True when some part has failed: the others would only show a phone nothing. */
export function hasFailed(tracker: PartTracker): boolean {
  return tracker.refused !== undefined || tracker.unknown !== undefined || tracker.notSent !== undefined
}

/** Ends of single parts in, outcomes of recipients out. */
export interface Outcomes {
  accepted(job: Job, recipient: number, part: number, messageId: string): void
  refused(job: Job, recipient: number, code: number): void
  unknown(job: Job, recipient: number, reason: 'timeout' | 'linkLost'): void
  notSent(job: Job, recipient: number, reason: 'stopped' | 'noLink'): void
  /** A part that is left out since another one failed. */
  skipped(job: Job, recipient: number): void
  /** For a recipient of whom no part has been written. */
  untouched(job: Job, recipient: number, reason: 'stopped' | 'noLink'): void
  /** An answer to a part told `unknown`: the recipient's second outcome, once every part is known. */
  late(job: Job, recipient: number, part: number, status: number, messageId: string): void
  tracker(job: Job, recipient: number): PartTracker
}

/**
 * `settle` is called once a recipient; `correct`, at most once for one settled as `unknown` for `timeout`.
 * `firstReference` (0 to 255) begins the references that tie parts.
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

  /** The whole recipient's outcome, from all its parts. */
  function conclude(no: number, parts: PartTracker): SubmitOutcome {
    const known = parts.messageIds.map((id) => (id === '' ? undefined : id))
    if (parts.refused !== undefined) {
      const mayHaveLeft = parts.accepted > 0 || parts.unknown !== undefined
      return { kind: 'refused', no, ...parts.refused, ...(mayHaveLeft ? { messageIds: known } : {}) }
    }
    // Before `unknown`: a part given up may have been answered late while the others were still out.
    if (parts.accepted === parts.messageIds.length)
      return { kind: 'accepted', no, messageIds: parts.messageIds }
    // Some have left and the rest cannot: sending it all again may double what has left.
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
    // A part given up may still be answered.
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
      // Told as a whole when the last part ends, or told as a link lost, which is final.
      if (parts.remaining > 0 || parts.unknown !== 'timeout') return
      const outcome = conclude(no, parts)
      if (outcome.kind !== 'accepted' && outcome.kind !== 'refused') return
      job.trackers.delete(recipient)
      correct(job, { ...outcome, late: true })
    },
  }
}
