import {
  needOf,
  SETTING_NAMES,
  type SettingName,
  type SettingSubject,
} from '../../../../src/settings/rules.ts'

/** Returns the settings of the table to which these paths of a subject belong, without duplicates. */
export function settingsAt(subject: SettingSubject, paths: readonly string[]): SettingName[] {
  const at = paths.map((path) => `${subject}.${path}`)
  return SETTING_NAMES.filter((name) => at.some((path) => path === name || path.startsWith(`${name}.`)))
}

/** Returns those that another person puts in force. */
export function governedOf(settings: readonly SettingName[]): SettingName[] {
  return settings.filter((setting) => needOf({ setting }) !== 'direct')
}

export const isCooled = (setting: SettingName): boolean => needOf({ setting }) === 'cooled'
