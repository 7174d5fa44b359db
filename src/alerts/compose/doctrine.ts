import type { Problem } from '../../errors.ts'
import type { Remark } from '../../guard/guard.ts'
import type { Severity } from '../../schema.ts'
import type {
  CategoryLevel,
  ContentLevel,
  DoctrineAnswers,
  DoctrineSettings,
} from '../../schemes/doctrine.ts'

/** What the doctrine must know of an alert to let it leave. */
export interface DoctrineFacts {
  readonly answers: DoctrineAnswers
  /** That of its category. */
  readonly categoryLevel: CategoryLevel
  /** Whether the call came so long after the offence that a reason must be written. */
  readonly late: boolean
  readonly lateReason: string | null
  /** Whether the place is outside the agency's zone, in a scheme that wants a reason then. */
  readonly outsideZone: boolean
  readonly outsideZoneReason: string | null
  /** What the content guard says of the text at its level. */
  readonly remarks: readonly Pick<Remark, 'code' | 'severity' | 'start' | 'end'>[]
  readonly text: string
  /** A prevention message with the advice of the scheme alone. */
  readonly saysNothing: boolean
  readonly authorisation: AuthorisationState
  readonly approval: ApprovalState
}

/** `void`: it was given for another content. */
export type AuthorisationState = 'missing' | 'void' | 'valid'
/** `settled`: not needed, given or waived; `changed`: the content is no longer what was laid before the second person. */
export type ApprovalState = 'settled' | 'needed' | 'changed'

/**
 * Whether an alert is a prevention message, which tells of no offence and no place: by its category, since a level alone
 * is the author's to choose, and at the level of prevention, since a text that tells facts answers for them.
 */
export function isPrevention(alert: {
  readonly categoryLevel: CategoryLevel
  readonly level: ContentLevel
}): boolean {
  return alert.categoryLevel === 'prevention' && alert.level === 'prevention'
}

/** Everything that the doctrine has against an alert that leaves now, in the order of the form. */
export function doctrineRefusals(facts: DoctrineFacts): Problem[] {
  return [...contentRefusals(facts), ...mandateRefusals({ ...facts, level: facts.answers.level })]
}

/**
 * What its author must set right, before the prosecutor or a second person is asked: also all that forbids to lay it
 * before them. Of a prevention message only the text is judged; at any level an alert of another category answers
 * whether there is an offence and whether the suspects are arrested.
 */
export function contentRefusals(facts: Omit<DoctrineFacts, 'authorisation' | 'approval'>): Problem[] {
  const problems: Problem[] = []
  const { offence, arrested, level } = facts.answers
  if (!isPrevention({ categoryLevel: facts.categoryLevel, level })) {
    if (facts.late && !facts.lateReason?.trim()) {
      problems.push({ code: 'late_reason_missing', path: 'lateReason' })
    }
    if (offence === null) problems.push({ code: 'doctrine.offence_unanswered', path: 'doctrine.offence' })
    if (offence === false) problems.push({ code: 'doctrine.no_offence', path: 'doctrine.offence' })
    if (arrested === null) {
      problems.push({ code: 'doctrine.arrested_unanswered', path: 'doctrine.arrested' })
    }
    if (arrested === true) problems.push({ code: 'doctrine.arrested', path: 'doctrine.arrested' })
    if (facts.outsideZone && !facts.outsideZoneReason?.trim()) {
      problems.push({ code: 'doctrine.outside_zone', path: 'outsideZoneReason' })
    }
  }
  if (level === 'prevention' && facts.saysNothing) {
    problems.push({ code: 'doctrine.nothing_said', path: 'text' })
  }
  problems.push(...guardRefusals(facts))
  return problems
}

/** What the content guard forbids. */
export function guardRefusals({ text, remarks }: Pick<DoctrineFacts, 'text' | 'remarks'>): Problem[] {
  // How long a text may be is said by the count of its parts.
  return remarks
    .filter(({ severity, code }) => severity === 'block' && code !== 'too_long')
    .map(({ code, start, end }) =>
      code === 'missing_commune'
        ? { code: 'doctrine.commune_not_named', path: 'text' }
        : { code: 'guard.blocked', path: 'text', values: { code, words: text.slice(start, end) } },
    )
}

/** The words of others that are lacking: the prosecutor's for precise elements, the second person's. */
export function mandateRefusals({
  level,
  authorisation,
  approval,
}: Pick<DoctrineFacts, 'authorisation' | 'approval'> & { readonly level: ContentLevel }): Problem[] {
  const problems: Problem[] = []
  if (level === 'precise') {
    if (authorisation === 'missing') {
      problems.push({ code: 'doctrine.authorisation_missing', path: 'authorisation' })
    }
    if (authorisation === 'void')
      problems.push({ code: 'doctrine.authorisation_void', path: 'authorisation' })
  }
  if (approval === 'needed') problems.push({ code: 'doctrine.approval_needed', path: 'approval' })
  if (approval === 'changed') problems.push({ code: 'doctrine.changed_since_approval', path: 'approval' })
  return problems
}

/** By what right a message leaves: its author's word, the second person's, or a chief's who goes without. */
export type Mandate =
  /** Both with why it still leaves, where the facts grew old meanwhile. */
  | { readonly kind: 'own'; readonly reason?: string | undefined }
  | { readonly kind: 'approved'; readonly reason?: string | undefined }
  | { readonly kind: 'overridden'; readonly reason: string }

/** What a mandate is worth for a content, of which the hash is given: what was submitted is what may be approved. */
export function approvalState(
  { kind }: Mandate,
  content: { readonly needed: boolean; readonly submittedHash: string | null; readonly hash: string },
): ApprovalState {
  if (kind === 'own') return content.needed ? 'needed' : 'settled'
  return kind === 'approved' && content.submittedHash !== content.hash ? 'changed' : 'settled'
}

/** Whether the prosecutor's authorisation, if there is one, is for the content of this hash. */
export function authorisationState(
  authorisation: { readonly contentHash: string; readonly voidAt: string | null } | null,
  hash: string | null,
): AuthorisationState {
  if (authorisation === null) return 'missing'
  return authorisation.voidAt === null && authorisation.contentHash === hash ? 'valid' : 'void'
}

/** Whether an alert needs a second person to leave. */
export function needsApproval(
  settings: Pick<DoctrineSettings, 'approval'>,
  alert: {
    readonly categoryCode: string
    readonly severity: Severity
    readonly doctrine: Pick<DoctrineAnswers, 'level'>
  },
): boolean {
  return settings.approval.some(
    ({ categories, severities, level }) =>
      (categories === 'all' || categories.includes(alert.categoryCode)) &&
      (severities === 'all' || severities.includes(alert.severity)) &&
      (level === undefined || level === alert.doctrine.level),
  )
}

/** Why somebody cannot be the second person: they wrote it. In an exercise anyone may. */
export function approverRefusals(
  userId: string | undefined,
  alert: { readonly authorIds: readonly string[]; readonly exercise: boolean },
): Problem[] {
  const isAuthor = userId !== undefined && alert.authorIds.includes(userId)
  return isAuthor && !alert.exercise ? [{ code: 'doctrine.own_alert' }] : []
}

/** Why a chief cannot go without the second person. */
export function overrideRefusals(
  settings: Pick<DoctrineSettings, 'emergencyOverride'>,
  needed: boolean,
): Problem[] {
  if (!needed) return [{ code: 'doctrine.approval_not_needed' }]
  return settings.emergencyOverride ? [] : [{ code: 'doctrine.override_off' }]
}

/** Why somebody cannot sign the review of an override: they ordered it, or wrote what was ordered. */
export function reviewerRefusals(
  userId: string | undefined,
  alert: { readonly authorIds: readonly string[]; readonly decidedById: string | null },
): Problem[] {
  const isTheirs = userId !== undefined && (alert.decidedById === userId || alert.authorIds.includes(userId))
  return isTheirs ? [{ code: 'doctrine.own_override' }] : []
}
