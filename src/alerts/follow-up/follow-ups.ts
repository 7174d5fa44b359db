import type { Problem } from '../../errors.ts'
import type { Remark } from '../../guard/guard.ts'
import { HOUR_MS, minuteIn } from '../../message/clock.ts'
import { markExercise } from '../../message/exercise.ts'
import type { Segmentation } from '../../message/segment.ts'
import type { AlertState, BroadcastKind, FollowUpKind } from '../../schema.ts'
import type { ContentLevel } from '../../schemes/doctrine.ts'
import { alertPlaceWords } from '../../schemes/texts/whereabouts.ts'
import type { FollowUpContent } from '../compose/content.ts'
import {
  type ApprovalState,
  type AuthorisationState,
  guardRefusals,
  mandateRefusals,
} from '../compose/doctrine.ts'
import { MAX_PARTS } from '../contract.ts'
import { type AlertEvent, nextState } from '../states.ts'
import type { AlertRow, StoredAlert } from '../store.ts'
import type { FollowUpSubject } from './approval-rules.ts'
import type { FollowUpRow } from './store.ts'

/** Returns the effect of a follow-up on the state of its alert. A stopped alert allows an all-clear to the recipients it had reached. */
export function eventOf(kind: FollowUpKind, state: AlertState): AlertEvent {
  return kind === 'all_clear' && state !== 'cancelled' ? 'end' : 'update'
}

/** Returns whether the outcome of an alert may be recorded: it was sent and is closed. */
export function isOver(state: AlertState): boolean {
  return state === 'ended' || state === 'expired' || state === 'cancelled'
}

/** The facts that decide whether a follow-up may leave. */
export interface FollowUpFacts {
  readonly kind: FollowUpKind
  readonly text: string
  readonly segmentation: Segmentation
  readonly level: ContentLevel
  /** Findings of the content guard for the text at its level. */
  readonly remarks: readonly Pick<Remark, 'code' | 'severity' | 'start' | 'end' | 'pass'>[]
  readonly authorisation: AuthorisationState
  readonly approval: ApprovalState
  /** Kinds of the messages already sent for the alert. */
  readonly sent: readonly BroadcastKind[]
}

/** Lists every problem of a follow-up, in the order of the form. */
export function followUpRefusals(facts: FollowUpFacts): Problem[] {
  return [...followUpContentRefusals(facts), ...mandateRefusals(facts)]
}

/** Lists the problems that the author must correct before the prosecutor or a second person is involved. */
export function followUpContentRefusals(facts: Omit<FollowUpFacts, 'authorisation' | 'approval'>): Problem[] {
  const problems: Problem[] = []
  const parts = facts.segmentation.parts.length
  if (facts.text.trim() === '') problems.push({ code: 'text_empty', path: 'text' })
  else if (parts > MAX_PARTS) {
    problems.push({ code: 'text_too_long', path: 'text', values: { parts, limit: MAX_PARTS } })
  }
  problems.push(...guardRefusals(facts))
  if (facts.kind === 'all_clear' && facts.sent.includes('all_clear')) {
    problems.push({ code: 'doctrine.cleared_already', path: 'kind' })
  }
  return problems
}

/** Validity in hours of a message that ends an alert: a phone that was off may receive the alert itself that late. */
const CLOSING_HOURS = 24

/** Returns until when a follow-up may be delivered. An update is valid as long as its alert, and at least an hour. */
export function validityOf(
  kind: BroadcastKind,
  expiresAt: Date,
  { orderedAt, notBefore }: { readonly orderedAt: Date; readonly notBefore: Date },
): Date {
  if (kind !== 'update' && kind !== 'correction') {
    return new Date(notBefore.getTime() + CLOSING_HOURS * HOUR_MS)
  }
  return expiryAfter(kind, expiresAt, orderedAt)
}

/** Returns when an alert expires after a follow-up: an update sent after the expiry is still valid for an hour. */
export function expiryAfter(kind: BroadcastKind, expiresAt: Date, orderedAt: Date): Date {
  if (kind !== 'update' && kind !== 'correction') return expiresAt
  return new Date(Math.max(expiresAt.getTime(), orderedAt.getTime() + HOUR_MS))
}

const DAY_FROM_MINUTES = 7 * 60
const DAY_TO_MINUTES = 22 * 60

/** Returns the instant itself by day, else the next 7 in the morning: recipients are not woken by a closing message. */
export function byDay(at: Date, timeZone: string): Date {
  const minutes = minuteIn(timeZone, at)
  if (minutes >= DAY_FROM_MINUTES && minutes < DAY_TO_MINUTES) return at
  const wait = (DAY_FROM_MINUTES - minutes + 1440) % 1440
  const morning = new Date(Math.floor(at.getTime() / 60_000) * 60_000 + wait * 60_000)
  // The clocks may change in that night.
  return new Date(morning.getTime() + (DAY_FROM_MINUTES - minuteIn(timeZone, morning)) * 60_000)
}

/** Returns the state once the first message is completely submitted: updates may have been ordered meanwhile. */
export function stateOnceSent(state: AlertState, sent: readonly BroadcastKind[]): AlertState | undefined {
  const next = nextState(state, 'sent')
  if (next === undefined) return undefined
  const isUpdated = sent.includes('update') || sent.includes('correction')
  return isUpdated ? nextState(next, 'update') : next
}

/** The facts of an alert used by the texts and rules of its follow-ups. */
export function subjectOf(row: StoredAlert): FollowUpSubject {
  const { categoryCode, severity, doctrine, labelFr, reference, traced } = row
  return {
    categoryCode,
    severity,
    doctrine,
    category: { labelFr },
    placeWords: placeWordsOf(row),
    reference,
    traced,
  }
}

/** Returns the place as named in the texts of an alert. */
export function placeWordsOf(
  row: Pick<AlertRow, 'template' | 'communeName' | 'formerName' | 'areaLabel'>,
): string {
  const { template, communeName, formerName, areaLabel } = row
  return alertPlaceWords(template, { commune: { name: communeName, formerName }, areaLabel })
}

/** Returns the text of a follow-up without its reference, with the mark of an exercise if the alert is one. */
export function markIfExercise({ exercise }: Pick<AlertRow, 'exercise'>, text: string): string {
  return exercise ? markExercise(text) : text.trim()
}

/** Returns the content that an approval or an authorisation of a follow-up covers. It uses the route of the first message. */
export function followUpContentOf(
  row: AlertRow,
  { kind, level, text }: Pick<FollowUpRow, 'kind' | 'level' | 'text'>,
  first: { readonly broadcastId: string; readonly sender: string },
): FollowUpContent {
  const { reference, traced, simulated } = row
  return {
    kind,
    level,
    text: markIfExercise(row, text),
    reference,
    traced,
    simulated,
    firstId: first.broadcastId,
    sender: first.sender,
  }
}
