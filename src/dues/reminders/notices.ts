import type { DuesSettings } from '../../schemes/contract.ts'
import { WARNING_DAYS } from '../../schemes/dues.ts'
import { addDays, daysBetween } from '../rules.ts'

/** How a member that owes something stands. */
export interface Owing {
  readonly dueOn: string
  /** A member that is suspended already, by the rule or by the chamber, is told of new fees and of nothing else. */
  readonly suspended: boolean
  /** What it was told of this year's fee. */
  readonly called: boolean
  /** Steps of its reminders. */
  readonly reminded: readonly number[]
  /** A warning went out since it was last suspended, whether it reached anybody or not. */
  readonly warned: boolean
  /** The last of those that did reach somebody, or that the chamber told in person; null: none did. */
  readonly warnedOn: string | null
  /** It was told something today. */
  readonly toldToday: boolean
}

export type NextStep =
  | { readonly do: 'call' }
  | { readonly do: 'reminder'; readonly step: number }
  | { readonly do: 'warning' }
  | { readonly do: 'suspend' }

type Rule = Pick<DuesSettings, 'rule' | 'ruleAfterDays'> & { readonly remindAfterDays: readonly number[] }

/** Days after the due date from which on the rule warns. */
export function warnAfterDays({ rule, ruleAfterDays }: Rule): number {
  return rule === 'suspend' ? ruleAfterDays - WARNING_DAYS : ruleAfterDays
}

/**
 * What comes next for a member that owes something; undefined: nothing today. One thing a day. Nobody is suspended before
 * WARNING_DAYS have passed since a warning that reached them: whoever cannot be told stays, until the chamber tells them.
 */
export function nextStep(settings: Rule, owing: Owing, today: string): NextStep | undefined {
  if (owing.toldToday) return undefined
  if (!owing.called) return { do: 'call' }
  if (owing.suspended) return undefined
  const late = daysBetween(owing.dueOn, today)
  if (settings.rule !== 'none' && late >= warnAfterDays(settings)) {
    if (!owing.warned) return { do: 'warning' }
    const isTold = owing.warnedOn !== null && daysBetween(owing.warnedOn, today) >= WARNING_DAYS
    return settings.rule === 'suspend' && late >= settings.ruleAfterDays && isTold
      ? { do: 'suspend' }
      : undefined
  }
  const step = settings.remindAfterDays.filter((days) => late >= days).at(-1)
  // One that was missed is not made up for: the later one says it all.
  return step === undefined || owing.reminded.some((one) => one >= step)
    ? undefined
    : { do: 'reminder', step }
}

/** The day from which on a member that is warned today may be suspended. */
export function suspendedFrom({ ruleAfterDays }: Rule, dueOn: string, today: string): string {
  return [addDays(dueOn, ruleAfterDays), addDays(today, WARNING_DAYS)].sort()[1]!
}
