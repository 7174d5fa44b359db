import { AppError } from '../../errors.ts'
import type { Tx } from '../../platform/db.ts'
import type { FollowUpKind, Review } from '../../schema.ts'
import type { ContentLevel } from '../../schemes/doctrine.ts'
import { contentHash } from '../compose/content.ts'
import { getAlertRow, requireEvent } from '../compose/draft.ts'
import { lockFollowUp } from '../follow-up/order.ts'
import { lockWithReport } from '../store.ts'

/** A message of an alert: the first one, or a follow-up. */
export interface MessageOf {
  readonly alertId: string
  /** Null: the first message. */
  readonly followUpId: string | null
}

/** Names the first message of an alert. */
export function firstMessageOf(alertId: string): MessageOf {
  return { alertId, followUpId: null }
}

/** The current version of a message, as the timeline and the audit log name it. */
export interface MessageVersion extends MessageOf {
  readonly schemeId: string
  /** Null: the first message. */
  readonly kind: FollowUpKind | null
  readonly version: number
}

/** A locked message, with the facts that decide who may decide on it. */
export interface LockedMessage extends MessageVersion {
  readonly level: ContentLevel
  readonly exercise: boolean
  readonly authorIds: readonly string[]
  readonly decidedById: string | null
  readonly review: Review | null
  /** Hash of the current content. */
  readonly hash: string
  readonly reportId: string
}

/** A decision on a message in the version that was read. A message can be authorised as long as it can be discarded. */
export interface VersionDecision {
  readonly event: 'return' | 'reject' | 'discard'
  readonly version: number
}

/**
 * Locks a message until the transaction ends. With a decision, it must be possible for the current version.
 * @throws AppError `not_found`, `alert_not_draft`, `wrong_state`, `already_decided`, `alert_changed`
 */
export async function lockMessage(
  tx: Tx,
  schemeId: string,
  { alertId, followUpId }: MessageOf,
  decision?: VersionDecision,
): Promise<LockedMessage> {
  if (followUpId === null) return lockFirstMessage(tx, schemeId, alertId, decision)
  const { alert, followUp, hash } = await lockFollowUp(tx, schemeId, { alertId, followUpId }, decision)
  const { kind, version, level, authorIds, decidedById, review } = followUp
  const message = {
    schemeId,
    alertId,
    followUpId,
    kind,
    version,
    level,
    authorIds,
    decidedById,
    review,
    hash,
  }
  return { ...message, exercise: alert.exercise, reportId: alert.reportId }
}

async function lockFirstMessage(
  tx: Tx,
  schemeId: string,
  alertId: string,
  decision: VersionDecision | undefined,
): Promise<LockedMessage> {
  const locked = await lockWithReport(tx, schemeId, alertId)
  if (locked === undefined) throw new AppError('not_found')
  if (decision !== undefined) {
    requireEvent(locked, decision.event)
    // An authorisation decides nothing about the report.
    if (decision.event !== 'discard' && locked.reportState !== 'waiting')
      throw new AppError('already_decided')
    if (locked.version !== decision.version) throw new AppError('alert_changed')
  }
  const row = await getAlertRow(tx, schemeId, alertId)
  const { version, doctrine, exercise, authorIds, decidedById, review, reportId } = row
  const message = {
    schemeId,
    alertId,
    followUpId: null,
    kind: null,
    version,
    level: doctrine.level,
    exercise,
  }
  return { ...message, authorIds, decidedById, review, reportId, hash: contentHash(row) }
}
