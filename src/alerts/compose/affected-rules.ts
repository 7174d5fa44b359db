import { isDeepStrictEqual } from 'node:util'
import type { AlertState, FollowUpKind, Severity } from '../../schema.ts'
import type { ContentLevel, DoctrineSettings } from '../../schemes/doctrine.ts'
import type { AffectedAlert } from '../contract.ts'
import { type FollowUpSubject, followUpNeedsApproval } from '../follow-up/approval-rules.ts'
import { grownOldFrom } from './age.ts'
import { isPrevention, needsApproval } from './doctrine.ts'

/** The facts of an alert that the settings of a doctrine bear on. */
export interface AffectedFacts {
  readonly state: AlertState
  readonly subject: FollowUpSubject
  readonly severity: Severity
  readonly categoryLevel: Parameters<typeof isPrevention>[0]['categoryLevel']
  readonly occurredAt: Date
  readonly calledAt: Date
  readonly submittedAt: Date | null
  readonly outsideZone: boolean
  readonly outsideZoneReason: string | null
  /** The follow-up that waits for a decision or a correction. */
  readonly followUp:
    | { readonly kind: FollowUpKind; readonly text: string; readonly level: ContentLevel }
    | undefined
}

type DoctrineEffect = AffectedAlert['effects'][number]

/** Lists what changes for an alert when its scheme's doctrine changes; empty: nothing. */
export function doctrineEffectsOn(
  alert: AffectedFacts,
  {
    before,
    after,
    now,
  }: { readonly before: DoctrineSettings; readonly after: DoctrineSettings; readonly now: number },
): DoctrineEffect[] {
  const effects: DoctrineEffect[] = []
  const { followUp, subject, severity } = alert
  /** Adds one of two effects when a condition holds under one of the doctrines only. */
  const compare = (
    holds: (doctrine: DoctrineSettings) => boolean,
    on: DoctrineEffect,
    off: DoctrineEffect,
  ) => {
    const isAfter = holds(after)
    if (isAfter !== holds(before)) effects.push(isAfter ? on : off)
  }
  const needsSecond = (doctrine: DoctrineSettings) =>
    followUp === undefined
      ? needsApproval(doctrine, subject)
      : followUpNeedsApproval(doctrine, subject, followUp)
  const level = followUp?.level ?? subject.doctrine.level
  const isWaiting = alert.state === 'submitted' || followUp !== undefined
  compare(needsSecond, 'approval_needed', 'approval_dropped')
  if (level === 'established') {
    compare(
      ({ descriptionLevel }) => descriptionLevel === 'precise',
      'descriptions_refused',
      'descriptions_allowed',
    )
  }
  if (followUp === undefined) {
    const facts = ageFactsOf(alert, level)
    compare(
      ({ lateAfterMinutes }) => now > grownOldFrom(facts, lateAfterMinutes),
      'reason_needed',
      'reason_dropped',
    )
    if (alert.outsideZone && !alert.outsideZoneReason) {
      compare(({ outsideZone }) => outsideZone === 'reason', 'zone_reason_needed', 'zone_reason_dropped')
    }
    if (!isDeepStrictEqual(before.care, after.care) && severity !== 'vital') effects.push('audience')
  }
  if (isWaiting || needsSecond(after)) {
    compare(({ emergencyOverride }) => emergencyOverride, 'override_allowed', 'override_refused')
  }
  if (isWaiting) {
    if (followUp === undefined && before.unansweredMinutes[severity] !== after.unansweredMinutes[severity]) {
      effects.push('unanswered')
    }
    if (before.nextCallSeconds !== after.nextCallSeconds) effects.push('calls')
  }
  return effects
}

const ageFactsOf = (
  { categoryLevel, occurredAt, calledAt, submittedAt }: AffectedFacts,
  level: ContentLevel,
) => ({
  isPrevention: isPrevention({ categoryLevel, level }),
  occurredAt: occurredAt.getTime(),
  calledAt: calledAt.getTime(),
  submittedAt: submittedAt?.getTime() ?? null,
})
