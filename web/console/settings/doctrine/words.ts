import { useQuery } from '@tanstack/react-query'
import type { DoctrineSettings } from '../../../../src/schemes/doctrine.ts'
import { schemeQuery } from '../../../api/queries.ts'
import { hourOf } from '../../../ui/fields/hours.ts'
import { type TextKey, useText } from '../../../ui/format/text.ts'
import { useCurrent } from '../../shell/current.tsx'
import { useRuleInWords } from './ApprovalRules.tsx'
import { type SettingPath, settingNames } from './draft.ts'

/** Texts for the named values of a setting. */
const named: Partial<Record<SettingPath, Readonly<Record<string, TextKey>>>> = {
  descriptionLevel: {
    precise: 'settings.descriptions.precise',
    established: 'settings.descriptions.established',
  },
  outsideZone: { reason: 'settings.outside.reason', free: 'settings.outside.free' },
  'care.quietOverriddenBy': { vital: 'settings.quiet.over.vital', alert: 'settings.quiet.over.alert' },
}

/** Returns the value of a setting as the screen shows it; typed values as typed. */
export function useSettingWords(): (path: SettingPath, value: unknown) => string {
  const { t, lang } = useText()
  const scheme = useQuery(schemeQuery(useCurrent().scheme.id)).data
  const rule = useRuleInWords(scheme ?? { categories: [] })
  const wordsOfRules = (approval: DoctrineSettings['approval']) =>
    approval.length === 0 ? t('settings.rules.none') : new Intl.ListFormat(lang).format(approval.map(rule))
  return (path, value) => {
    const word = named[path]?.[String(value)]
    if (word !== undefined) return t(word)
    if (typeof value === 'boolean') return t(value ? 'settings.on' : 'settings.off')
    if (typeof value === 'number') return wordsOfNumber(t, path, value)
    if (value === null) return t(keyOfNull(path))
    if (path === 'care.quiet' && typeof value === 'object') {
      const { from, to } = value as { from: number; to: number }
      return t('settings.quiet.fromTo', { from: hourOf(from), to: hourOf(to) })
    }
    return Array.isArray(value) ? wordsOfRules(value as DoctrineSettings['approval']) : String(value)
  }
}

/** Returns the text for a setting that has no value: never, none. */
function keyOfNull(path: SettingPath): TextKey {
  if (path.startsWith('unansweredMinutes.')) return 'settings.unanswered.never'
  return path === 'care.quiet' ? 'settings.quiet.none' : 'settings.budget.none'
}

/** Returns a number with the unit that the name of its setting says. */
function wordsOfNumber(t: ReturnType<typeof useText>['t'], path: SettingPath, value: number): string {
  if (path === 'care.digestAt') return hourOf(value)
  if (/Seconds$/.test(path)) return t('settings.value.seconds', { count: value })
  if (/Minutes(\.|$)/.test(path)) return t('settings.value.minutes', { count: value })
  return String(value)
}

/** Lists settings by the names that the screen gives them. */
export function useSettingNames(): (paths: readonly (keyof typeof settingNames)[]) => string {
  const { t, lang } = useText()
  return (paths) =>
    new Intl.ListFormat(lang, { type: 'conjunction' }).format(paths.map((path) => t(settingNames[path])))
}
