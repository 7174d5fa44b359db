import type { Problem } from '../errors.ts'
import { linksIn } from '../guard/contacts.ts'
import { destinationOf } from '../identity/codes/destinations.ts'
import { MINUTE_MS } from '../message/clock.ts'
import { CLAIM_MINUTES, MAX_ANSWER_PARTS, type RefusalCode } from './contract.ts'

/** Minutes by which the clock of a user's screen may be ahead of the server's. */
const CLOCK_TOLERANCE_MINUTES = 2
/** A call older than this cannot become an alert. */
const OLDEST_CALL_HOURS = 24

/** The data needed to check a new report. */
export interface ReportFacts {
  readonly now: Date
  readonly categoryCode: string
  readonly category: { readonly active: boolean } | undefined
  readonly communeCode: string
  /** `outside`: it exists but is not in the scheme's territory. */
  readonly commune: 'inside' | 'outside' | 'unknown'
  /** The former commune that was given; null if the commune has none of that name; absent if none was given. */
  readonly formerName?: string | null | undefined
  readonly calledAt: Date
  readonly occurredAt: Date
  readonly lateReason: string | undefined
  /** Minutes between the offence and the call beyond which a reason is required. */
  readonly lateAfterMinutes: number
  /** The problem of the given number; undefined if it is valid or absent. */
  readonly phoneProblem: Problem['code'] | undefined
  /** Whether the calling member belongs to the scheme; undefined if none is given. */
  readonly callerIsMember: boolean | undefined
  readonly exercise: boolean
  /** Whether a simulated gateway is configured: the only kind that an exercise may use. */
  readonly hasSimulator: boolean
}

/** Lists every problem of a report, in the order of the form. */
export function reportRefusals(facts: ReportFacts): Problem[] {
  const problems: Problem[] = []
  const { now, calledAt, occurredAt } = facts
  const latest = now.getTime() + CLOCK_TOLERANCE_MINUTES * MINUTE_MS
  if (facts.category?.active !== true) {
    problems.push({ code: 'unknown_category', path: 'categoryCode', values: { code: facts.categoryCode } })
  }
  if (facts.commune === 'unknown') {
    problems.push({ code: 'unknown_commune', path: 'communeCode', values: { code: facts.communeCode } })
  } else if (facts.commune === 'outside') {
    problems.push({ code: 'report.commune_outside', path: 'communeCode' })
  }
  if (facts.formerName === null && facts.commune !== 'unknown')
    problems.push({ code: 'report.former_name_unknown', path: 'formerName' })
  if (calledAt.getTime() > latest) problems.push({ code: 'report.call_in_future', path: 'calledAt' })
  if (now.getTime() - calledAt.getTime() > OLDEST_CALL_HOURS * 60 * MINUTE_MS) {
    problems.push({ code: 'report.call_too_old', path: 'calledAt', values: { hours: OLDEST_CALL_HOURS } })
  }
  if (occurredAt.getTime() > latest) {
    problems.push({ code: 'report.offence_in_future', path: 'occurredAt' })
  } else if (occurredAt > calledAt) {
    problems.push({ code: 'report.offence_after_call', path: 'occurredAt' })
  }
  if (isLate(calledAt, occurredAt, facts.lateAfterMinutes) && !facts.lateReason?.trim()) {
    problems.push({ code: 'late_reason_missing', path: 'lateReason' })
  }
  if (facts.phoneProblem !== undefined) problems.push({ code: facts.phoneProblem, path: 'callerPhone' })
  if (facts.callerIsMember === false) {
    problems.push({ code: 'report.caller_unknown', path: 'callerMemberId' })
  }
  if (facts.exercise && !facts.hasSimulator) {
    problems.push({ code: 'exercise.no_simulator', path: 'exercise' })
  }
  return problems
}

/** Tells whether the call came so long after the offence that a reason is required. */
export function isLate(calledAt: Date, occurredAt: Date, lateAfterMinutes: number): boolean {
  return calledAt.getTime() - occurredAt.getTime() > lateAfterMinutes * MINUTE_MS
}

/**
 * Finds the number for an answer to the caller: the one that they left, if it is a mobile of the scheme's country (a caller
 * may leave any number), otherwise their business's, which the chamber entered. Undefined if there is none.
 */
export function findAnswerPhone(caller: {
  readonly callerPhone: string | null
  readonly memberMobile: string | null
}): string | undefined {
  const { callerPhone, memberMobile } = caller
  if (callerPhone !== null && destinationOf(callerPhone) === 'home') return callerPhone
  return memberMobile !== null && destinationOf(memberMobile) !== 'none' ? memberMobile : undefined
}

/** The data needed to check a refusal with an answer to the caller. */
export interface AnswerFacts {
  readonly text: string
  /** Number of SMS parts of the text. */
  readonly parts: number
  /** The mobile to send it to; undefined if none is known. */
  readonly phone: string | undefined
  /** Whether a gateway of the required kind is configured. */
  readonly hasRoute: boolean
}

/** Lists the problems of a refusal: "other" needs a note; an answer needs a text and a mobile. */
export function refusalRefusals(
  reason: RefusalCode,
  note: string | undefined,
  answer?: AnswerFacts,
): Problem[] {
  const problems: Problem[] = []
  if (reason === 'other' && !note?.trim()) problems.push({ code: 'report.note_missing', path: 'note' })
  if (answer === undefined) return problems
  const path = 'answer'
  const { parts } = answer
  if (answer.text.trim() === '') problems.push({ code: 'text_empty', path })
  else if (parts > MAX_ANSWER_PARTS) {
    problems.push({ code: 'text_too_long', path, values: { parts, limit: MAX_ANSWER_PARTS } })
  }
  // Members are taught that SMS of the scheme contain no links.
  const [link] = linksIn(answer.text)
  if (link !== undefined) problems.push({ code: 'message.link', path, values: { link: link.link } })
  if (answer.phone === undefined) problems.push({ code: 'report.no_mobile', path })
  if (!answer.hasRoute) problems.push({ code: 'no_route', path })
  return problems
}

/** The last claim of a report, as stored. */
export interface ClaimFacts {
  readonly claimedById: string | null
  readonly claimedBy: string | null
  readonly claimedAt: Date | null
}

/** Returns the claim that is valid at `now`; null if there is none. */
export function validClaimAt(
  facts: ClaimFacts,
  now: Date,
): { readonly userId: string; readonly by: string; readonly at: Date; readonly until: Date } | null {
  const { claimedById, claimedBy, claimedAt } = facts
  if (claimedById === null || claimedAt === null) return null
  const until = new Date(claimedAt.getTime() + CLAIM_MINUTES * MINUTE_MS)
  return until > now ? { userId: claimedById, by: claimedBy ?? '', at: claimedAt, until } : null
}
