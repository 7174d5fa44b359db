import type { DoctrineSettings } from '../../../../src/schemes/doctrine.ts'
import type { TextKey } from '../../../ui/format/text.ts'

/** The doctrine settings by path, in the order of the screen, with the name of each. */
export const settingNames = {
  approval: 'settings.approval',
  nextCallSeconds: 'settings.nextCall',
  'unansweredMinutes.vital': 'settings.unanswered.vital',
  'unansweredMinutes.alert': 'settings.unanswered.alert',
  'unansweredMinutes.notice': 'settings.unanswered.notice',
  emergencyOverride: 'settings.override',
  lateAfterMinutes: 'settings.late',
  descriptionLevel: 'settings.descriptions',
  outsideZone: 'settings.outside',
  closingMessage: 'settings.closing',
  cancelWindowSeconds: 'settings.cancel',
  'care.budgetPerWeek.alert': 'settings.budget.alert',
  'care.budgetPerWeek.notice': 'settings.budget.notice',
  'care.quiet': 'settings.quiet',
  'care.quietOverriddenBy': 'settings.quiet.over',
  'care.digestAt': 'settings.digest',
  'care.answers.no_offence': 'refusal.no_offence',
  'care.answers.doubt': 'refusal.doubt',
  'care.answers.arrested': 'refusal.arrested',
  'care.answers.too_late': 'refusal.too_late',
  'care.answers.out_of_zone': 'refusal.out_of_zone',
  'care.answers.duplicate': 'refusal.duplicate',
  'care.answers.other': 'refusal.other',
  leakTracing: 'settings.tracing',
} as const satisfies Record<string, TextKey>

export type SettingPath = keyof typeof settingNames

type At<T, Path extends string> = Path extends `${infer Head}.${infer Rest}`
  ? Head extends keyof T
    ? At<T[Head], Rest>
    : never
  : Path extends keyof T
    ? T[Path]
    : never
export type SettingValue<Path extends SettingPath> = At<DoctrineSettings, Path>

/** Unsaved changes by path. A number still being typed is a string. */
export type Draft = { readonly [Path in SettingPath]?: SettingValue<Path> | string }

export function valueAt<Path extends SettingPath>(
  doctrine: DoctrineSettings,
  path: Path,
): SettingValue<Path> {
  let value: unknown = doctrine
  for (const name of path.split('.')) value = (value as Record<string, unknown>)[name]
  return value as SettingValue<Path>
}

const isSame = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)

/** Adds a change to a draft, or removes it when it equals the stored value. */
export function withChange<Path extends SettingPath>(
  draft: Draft,
  doctrine: DoctrineSettings,
  path: Path,
  value: SettingValue<Path> | string,
): Draft {
  const { [path]: _, ...others } = draft
  return isSame(value, valueAt(doctrine, path)) ? others : { ...others, [path]: value }
}

/** Returns the doctrine with the changes of a draft. */
export function withDraft(doctrine: DoctrineSettings, draft: Draft): DoctrineSettings {
  const copy = structuredClone(doctrine) as unknown as Record<string, unknown>
  for (const [path, value] of Object.entries(draft)) {
    const names = path.split('.')
    const last = names.pop() ?? ''
    let holder = copy
    for (const name of names) holder = holder[name] as Record<string, unknown>
    holder[last] = value
  }
  return copy as unknown as DoctrineSettings
}

/** Converts a draft to the request: unchanged settings are absent. */
export function bodyOf(draft: Draft): object {
  const body: Record<string, unknown> = {}
  for (const [path, value] of Object.entries(draft)) {
    const names = path.split('.')
    const last = names.pop() ?? ''
    let holder = body
    for (const name of names) {
      holder[name] ??= {}
      holder = holder[name] as Record<string, unknown>
    }
    holder[last] = value
  }
  return body
}

/** Returns the settings in which two doctrines differ. */
export function differingSettings(before: DoctrineSettings, after: DoctrineSettings): SettingPath[] {
  return pathsOf(settingNames).filter((path) => !isSame(valueAt(before, path), valueAt(after, path)))
}

/** Returns the settings that a draft changes, in the order of the screen. */
export function changesOf(draft: Draft): SettingPath[] {
  return pathsOf(settingNames).filter((path) => path in draft)
}

/** Returns the draft that restores the values before the given one. */
export function undoOf(draft: Draft, before: DoctrineSettings): Draft {
  return Object.fromEntries(changesOf(draft).map((path) => [path, valueAt(before, path)]))
}

/** Returns the paths of settings in the order of the screen. */
export function pathsOf(names: typeof settingNames): SettingPath[] {
  return Object.keys(names) as SettingPath[]
}
