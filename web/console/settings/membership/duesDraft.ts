import type { DuesSettings } from '../../../../src/schemes/contract.ts'

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

/** Returns the paths of the values that differ. */
export function changedPaths(before: object, after: object, path = ''): string[] {
  return Object.entries(before).flatMap(([key, was]) => {
    const is = (after as Record<string, unknown>)[key]
    if (typeof was === 'object' && typeof is === 'object')
      return changedPaths(was, is as object, `${path}${key}.`)
    return was === is ? [] : [`${path}${key}`]
  })
}

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

/** Returns the settings in force with what the user changed since they were shown. */
export function keepTyped(inForce: DuesDraft, base: DuesDraft, draft: DuesDraft): DuesDraft {
  const kept = structuredClone(inForce) as unknown as Record<string, unknown>
  for (const path of changedPaths(base, draft)) copyAt(path.split('.'), draft, kept)
  return kept as unknown as DuesDraft
}

/** Copies the value at a path from one object into another. */
function copyAt(path: readonly string[], from: object, into: Record<string, unknown>): void {
  const [key = '', ...rest] = path
  const value = (from as Record<string, unknown>)[key]
  if (rest.length === 0) {
    into[key] = value
    return
  }
  const inner = (into[key] ?? {}) as Record<string, unknown>
  into[key] = inner
  copyAt(rest, value as object, inner)
}
