import type { DuesSettings } from '../../../../src/schemes/contract.ts'
import { changedPaths, copyAt } from '../typed.ts'

/** As typed, including incomplete numbers; fees have a form of their own. */
export interface DuesDraft extends Omit<DuesSettings, 'remindAfterDays' | 'ruleAfterDays' | 'fees'> {
  remindAfterDays: string
  ruleAfterDays: string
}

export const draftOf = ({ remindAfterDays, ruleAfterDays, fees: _, ...rest }: DuesSettings): DuesDraft => ({
  ...rest,
  remindAfterDays: remindAfterDays.join(', '),
  ruleAfterDays: String(ruleAfterDays),
})

/** Returns what the user changed, and nothing else, as it is sent. Invalid numbers are sent too, so that the server says what is wrong. */
export function changesOf(base: DuesDraft, draft: DuesDraft): object {
  const settings = {
    ...draft,
    remindAfterDays: draft.remindAfterDays
      .split(/[\s,;]+/)
      .filter(Boolean)
      .map(Number),
    ruleAfterDays: Number(draft.ruleAfterDays),
  }
  const changes: Record<string, unknown> = {}
  for (const path of changedPaths(base, draft)) copyAt(path.split('.'), settings, changes)
  return changes
}
