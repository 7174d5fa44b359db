import type { SettingChange, SettingChanges } from '../../settings/actions.ts'
import type { SettingPart } from '../../settings/rules.ts'
import { type SettingChangeList, type SettingChangeView, SettingPartView } from './contract.ts'

/** Describes changes of settings with the values of each setting in its own type. */
export function describeChanges({ waiting, past, ...list }: SettingChanges): SettingChangeList {
  return { ...list, waiting: waiting.map(describeChange), past: past.map(describeChange) }
}

function describeChange({ parts, ...facts }: SettingChange): SettingChangeView {
  return { ...facts, parts: parts.map(describePart) }
}

/** A change keeps its values as they were stored, maybe by a version in which the setting had others. */
function describePart({ setting, before = null, after = null }: SettingPart): SettingPartView {
  const { data } = SettingPartView.safeParse({ setting, before, after })
  return data ?? SettingPartView.parse({ setting, before: null, after: null, unreadable: true })
}
