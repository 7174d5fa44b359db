import type { Problem } from '../../errors.ts'
import { guardLevels } from '../../guard/finding.ts'
import type { Remark } from '../../guard/guard.ts'
import type { Severity } from '../../schema.ts'
import type {
  CategoryLevel,
  ContentLevel,
  DoctrineAnswers,
  DoctrineSettings,
} from '../../schemes/doctrine.ts'

/** The facts by which the doctrine decides whether an alert may leave. */
export interface DoctrineFacts {
  readonly answers: DoctrineAnswers
  /** Content level of its category. */
  readonly categoryLevel: CategoryLevel
  /** Whether the call came so long after the offence that a reason must be written. */
  readonly late: boolean
  readonly lateReason: string | null
  /** Whether the place is outside the agency's zone, in a scheme that then requires a reason. */
  readonly outsideZone: boolean
  readonly outsideZoneReason: string | null
  /** Findings of the content guard for the text at its level. */
  readonly remarks: readonly Pick<Remark, 'code' | 'severity' | 'start' | 'end' | 'pass'>[]
  readonly text: string
  /** Whether it is a prevention message that contains only the scheme's advice. */
  readonly hasNoContent: boolean
  readonly authorisation: AuthorisationState
  readonly approval: ApprovalState
}

/** `void`: it covers another content. */
export type AuthorisationState = 'missing' | 'void' | 'valid'
/** `settled`: not needed, given or waived; `changed`: the content has changed since it was submitted to the second person. */
export type ApprovalState = 'settled' | 'needed' | 'changed'

/**
 * Returns whether an alert is a prevention message, which mentions no offence and no place. Its category must say so, since the
 * author can choose any level, and its level must be prevention, since a text with facts has to meet the rules for facts.
 */
export function isPrevention(alert: {
  readonly categoryLevel: CategoryLevel
  readonly level: ContentLevel
}): boolean {
  return alert.categoryLevel === 'prevention' && alert.level === 'prevention'
}

/** Lists every objection of the doctrine to sending an alert now, in the order of the form. */
export function doctrineRefusals(facts: DoctrineFacts): Problem[] {
  return [...contentRefusals(facts), ...mandateRefusals({ ...facts, level: facts.answers.level })]
}

/**
 * Lists the problems that the author must correct before the prosecutor or a second person is involved; they also forbid a
 * submission. For a prevention message only the text is checked; an alert of any other category must state at every level whether
 * there is an offence and whether the suspects are arrested.
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
  if (level === 'prevention' && facts.hasNoContent) {
    problems.push({ code: 'doctrine.nothing_said', path: 'text' })
  }
  problems.push(...guardRefusals(facts))
  return problems
}

/**
 * Leaves out the remarks that a chief may pass: the second person reads them and decides, so they forbid no submission, only the
 * order.
 */
export function withoutPassable<T extends Pick<Remark, 'pass'>>(remarks: readonly T[]): T[] {
  return remarks.filter(({ pass }) => pass !== 'possible')
}

/** Lists the findings of the content guard that block an alert. */
export function guardRefusals({ text, remarks }: Pick<DoctrineFacts, 'text' | 'remarks'>): Problem[] {
  // The number of SMS parts limits the length of a text.
  return remarks
    .filter(({ severity, code }) => severity === 'block' && code !== 'too_long')
    .map(({ code, start, end }): Problem => {
      const missing = MISSING[code]
      if (missing !== undefined) return { code: missing, path: 'text' }
      return { code: 'guard.blocked', path: 'text', values: { code, words: text.slice(start, end) } }
    })
}

/** The refusals of a text that lacks something, which have no words to show. */
const MISSING: Partial<Record<Remark['code'], Problem['code']>> = {
  missing_commune: 'doctrine.commune_not_named',
  missing_place: 'doctrine.place_not_named',
  missing_advice: 'doctrine.advice_missing',
}

/** Lists the missing approvals: the prosecutor's for precise elements, the second person's. */
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

/** The mandate under which a message leaves: its author's order, the second person's approval, or a chief's override. */
export type Mandate =
  /** Both contain the reason to send it although its facts are old by now, if any. */
  | { readonly kind: 'own'; readonly reason?: string | undefined }
  | { readonly kind: 'approved'; readonly reason?: string | undefined }
  /** `unanswered`: by its author, because nobody on call answered in time. */
  | { readonly kind: 'overridden'; readonly reason: string; readonly unanswered?: boolean }

/** Returns the validity of a mandate for the content with this hash: only the submitted content can be approved. */
export function approvalState(
  { kind }: Mandate,
  content: { readonly needed: boolean; readonly submittedHash: string | null; readonly hash: string },
): ApprovalState {
  if (kind === 'own') return content.needed ? 'needed' : 'settled'
  return kind === 'approved' && content.submittedHash !== content.hash ? 'changed' : 'settled'
}

/** Returns whether the prosecutor's authorisation, if any, covers the content with this hash. */
export function authorisationState(
  authorisation: { readonly contentHash: string; readonly voidAt: string | null } | null,
  hash: string | null,
): AuthorisationState {
  if (authorisation === null) return 'missing'
  return authorisation.voidAt === null && authorisation.contentHash === hash ? 'valid' : 'void'
}

/** Returns whether an alert needs a second person. */
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
      (level === undefined || guardLevels.indexOf(alert.doctrine.level) >= guardLevels.indexOf(level)),
  )
}

/**
 * Returns why a user cannot be the second person: they wrote it, or may be one person with an author. In an exercise anyone may.
 * @param dependent accounts that gave access to an author within the cooling time, or got it from one
 */
export function approverRefusals(
  userId: string | undefined,
  alert: { readonly authorIds: readonly string[]; readonly exercise: boolean },
  dependent: readonly string[] = [],
): Problem[] {
  if (userId === undefined || alert.exercise) return []
  if (alert.authorIds.includes(userId)) return [{ code: 'doctrine.own_alert' }]
  return dependent.includes(userId) ? [{ code: 'doctrine.access_given' }] : []
}

/** Returns why a chief cannot order without the second person. */
export function overrideRefusals(
  settings: Pick<DoctrineSettings, 'emergencyOverride'>,
  needed: boolean,
): Problem[] {
  if (!needed) return [{ code: 'doctrine.approval_not_needed' }]
  return settings.emergencyOverride ? [] : [{ code: 'doctrine.override_off' }]
}

/**
 * Returns why a user cannot sign the review of an override: they ordered or wrote it, or may be one person with who did.
 * @param dependent as in `approverRefusals`, also of the user who ordered it
 */
export function reviewerRefusals(
  userId: string | undefined,
  alert: {
    readonly authorIds: readonly string[]
    readonly decidedById: string | null
    readonly exercise: boolean
  },
  dependent: readonly string[] = [],
): Problem[] {
  if (userId === undefined) return []
  if (alert.decidedById === userId || alert.authorIds.includes(userId))
    return [{ code: 'doctrine.own_override' }]
  return dependent.includes(userId) && !alert.exercise ? [{ code: 'doctrine.access_given' }] : []
}
