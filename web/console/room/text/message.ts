import { grownOldFrom } from '../../../../src/alerts/compose/age.ts'
import { yearIn } from '../../../../src/message/clock.ts'
import { markExercise } from '../../../../src/message/exercise.ts'
import { unknownReference, withReference } from '../../../../src/message/reference.ts'
import { type Segmentation, segmentMessage } from '../../../../src/message/segment.ts'
import type { SchemeView } from '../../../../src/schemes/contract.ts'
import { variablesOf } from '../../../../src/schemes/texts/compose.ts'
import { proposeText } from '../../../../src/schemes/texts/proposal.ts'
import { serverNow } from '../../../api/clock.ts'
import { type DoctrineGap, isPreventionDraft } from '../doctrine/doctrine.ts'
import type { Draft } from './draft.ts'
import { MAX_PARTS } from './limits.ts'

/** Time of the facts, in milliseconds since the epoch. */
export function occurredAt(draft: Draft): number {
  if (draft.when.kind === 'at') return Date.parse(draft.when.at)
  const called = draft.calledAt === null ? serverNow() : Date.parse(draft.calledAt)
  return called - draft.when.minutes * 60_000
}

/** Whether the call came so late that a written reason is required. */
export function isLate(draft: Draft, scheme: SchemeView): boolean {
  const called = draft.calledAt === null ? serverNow() : Date.parse(draft.calledAt)
  return called - occurredAt(draft) > scheme.doctrine.lateAfterMinutes * 60_000
}

/** Tells whether the facts are so old at an instant that a written reason is required. */
export function isOld(draft: Draft, scheme: SchemeView, now: number): boolean {
  const alert = {
    isPrevention: isPreventionDraft(draft, scheme),
    occurredAt: occurredAt(draft),
    calledAt: draft.calledAt === null ? now : Date.parse(draft.calledAt),
    submittedAt: null,
  }
  return now > grownOldFrom(alert, scheme.doctrine.lateAfterMinutes)
}

/** Returns the message that the category's template proposes from what is known so far. */
export function proposedText(draft: Draft, scheme: SchemeView): string {
  const { categoryCode, commune, place, area, trades, facts } = draft
  return proposeText(scheme, {
    categoryCode,
    commune,
    place,
    areaWords: area?.words ?? null,
    occurredAt: occurredAt(draft),
    now: serverNow(),
    trades,
    facts,
  })
}

export interface Message {
  /** The content of the field. */
  text: string
  byHand: boolean
  segments: Segmentation
  /** The message as phones will show it, with its reference at the end. */
  sent: string
}

export function messageOf(draft: Draft, scheme: SchemeView): Message {
  const proposed = proposedText(draft, scheme)
  const text = draft.text ?? (draft.exercise ? markExercise(proposed) : proposed)
  // Until its alert is created, its number is not known.
  const reference =
    draft.alert?.reference ??
    unknownReference(scheme.referencePrefix, yearIn(scheme.timeZone, serverNow()), draft.exercise)
  // A text typed by hand is not changed; the word that marks an exercise is added when it is sent.
  const sentText = draft.exercise ? markExercise(text) : text
  const segments = segmentMessage(withReference(sentText, reference, scheme.doctrine.leakTracing), {
    fold: true,
  })
  return { text, byHand: draft.text !== null, segments, sent: segments.parts.join('') }
}

export type Missing =
  | DoctrineGap
  | 'category'
  | 'commune'
  | 'when'
  | 'lateReason'
  | 'text'
  | 'facts'
  | 'tooLong'
  | 'guarded'
  | 'claim'
  | 'clash'
  | 'area'
  | 'audience'

/** Lists what is missing before the report can be recorded. */
export function missingForReport(draft: Draft, scheme: SchemeView): Missing[] {
  if (draft.report !== null) return []
  const missing: Missing[] = []
  if (draft.categoryCode === null) missing.push('category')
  if (draft.commune === null) missing.push('commune')
  if (draft.when.kind === 'at' && draft.when.unread === true) missing.push('when')
  if (isLate(draft, scheme) && draft.lateReason.trim() === '') missing.push('lateReason')
  return missing
}

/** Whether it is a proposed prevention message that gives no advice yet. */
export function saysNothingYet(draft: Draft, scheme: SchemeView): boolean {
  const template = scheme.categories.find((one) => one.code === draft.categoryCode)?.template ?? ''
  const lacksFacts = variablesOf(template).includes('faits') && draft.facts.trim() === ''
  return draft.text === null && draft.doctrine.level === 'prevention' && lacksFacts
}

/**
 * Lists what is missing before the alert can be sent. `reached`: null until it is known; `blocked`: whether the guard
 * refuses the text.
 */
export function missingForAlert(
  draft: Draft,
  scheme: SchemeView,
  message: Message,
  reached: number | null,
  blocked = false,
): Missing[] {
  const missing = missingForReport(draft, scheme)
  if (message.text.trim() === '') missing.push('text')
  else if (saysNothingYet(draft, scheme)) missing.push('facts')
  if (message.segments.parts.length > MAX_PARTS) missing.push('tooLong')
  else if (blocked) missing.push('guarded')
  if (draft.area === null) missing.push('area')
  if (reached === 0) missing.push('audience')
  return missing
}
