import type { DuesSettings } from '../../schemes/contract.ts'
import { WARNING_DAYS } from '../../schemes/settings/dues.ts'
import { addDays, daysBetween } from '../rules.ts'

/** The dues state of a member that owes something. */
export interface OwingMember {
  readonly dueOn: string
  /** Whether it is suspended already, by the rule or the chamber; it is then notified of new fees only. */
  readonly suspended: boolean
  /** Whether it was notified of this year's fee. */
  readonly called: boolean
  /** The reminder steps already sent. */
  readonly reminded: readonly number[]
  /** Whether a warning was sent since it was last suspended, even if it reached no contact. */
  readonly warned: boolean
  /** The last of those warnings that reached a contact, or that the chamber gave in person; null if none did. */
  readonly warnedOn: string | null
  /** Whether it received a notice today. */
  readonly notifiedToday: boolean
}

export type NextStep =
  | { readonly do: 'call' }
  | { readonly do: 'reminder'; readonly step: number }
  | { readonly do: 'warning' }
  | { readonly do: 'suspend' }

type Rule = Pick<DuesSettings, 'rule' | 'ruleAfterDays'> & { readonly remindAfterDays: readonly number[] }

/** Returns the number of days after the due day from which the rule sends a warning. */
export function warnAfterDays({ rule, ruleAfterDays }: Rule): number {
  return rule === 'suspend' ? ruleAfterDays - WARNING_DAYS : ruleAfterDays
}

/**
 * Decides the next step for a member that owes something, at most one per day; undefined if none today. A member is suspended
 * only when WARNING_DAYS have passed since a warning that reached it; one that cannot be reached stays active until the
 * chamber notifies it in person.
 */
export function nextStep(settings: Rule, owing: OwingMember, today: string): NextStep | undefined {
  if (owing.notifiedToday) return undefined
  if (!owing.called) return { do: 'call' }
  if (owing.suspended) return undefined
  const late = daysBetween(owing.dueOn, today)
  if (settings.rule !== 'none' && late >= warnAfterDays(settings)) {
    if (!owing.warned) return { do: 'warning' }
    const isWarnedInTime = owing.warnedOn !== null && daysBetween(owing.warnedOn, today) >= WARNING_DAYS
    return settings.rule === 'suspend' && late >= settings.ruleAfterDays && isWarnedInTime
      ? { do: 'suspend' }
      : undefined
  }
  const step = settings.remindAfterDays.filter((days) => late >= days).at(-1)
  // A missed reminder is not sent later: the next one says the same.
  return step === undefined || owing.reminded.some((one) => one >= step)
    ? undefined
    : { do: 'reminder', step }
}

/** Returns the day from which a member that is warned today may be suspended. */
export function suspendedFrom({ ruleAfterDays }: Rule, dueOn: string, today: string): string {
  return [addDays(dueOn, ruleAfterDays), addDays(today, WARNING_DAYS)].sort()[1]!
}
