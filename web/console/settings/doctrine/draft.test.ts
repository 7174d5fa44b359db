import { expect, test } from 'vitest'
import { DoctrineSettings } from '../../../../src/schemes/doctrine.ts'
import {
  changesOf,
  differingSettings,
  settingNames,
  undoOf,
  valueAt,
  withChange,
  withDraft,
} from './draft.ts'

const doctrine = DoctrineSettings.parse({ lateAfterMinutes: 45 })

/** Lists every leaf of the schema except those that cannot be chosen; rules and hours count as one. */
function leaves(value: unknown, path = ''): string[] {
  const isWhole = ['approval', 'care.quiet'].includes(path)
  if (isWhole || typeof value !== 'object' || value === null) return [path]
  return Object.entries(value).flatMap(([name, one]) => leaves(one, path === '' ? name : `${path}.${name}`))
}

test('shows every setting of the schema on the screen', () => {
  // Vital alerts are never held back.
  const chosen = leaves(doctrine).filter((path) => path !== 'care.budgetPerWeek.vital')
  expect(Object.keys(settingNames).toSorted()).toEqual(chosen.toSorted())
})

test('keeps a change until it equals the stored value, and leaves other settings alone', () => {
  const first = withChange({}, doctrine, 'care.budgetPerWeek.alert', null)
  const both = withChange(first, doctrine, 'lateAfterMinutes', 90)
  expect(changesOf(both)).toEqual(['lateAfterMinutes', 'care.budgetPerWeek.alert'])
  const after = withDraft(doctrine, both)
  expect(after).toEqual({
    ...doctrine,
    lateAfterMinutes: 90,
    care: { ...doctrine.care, budgetPerWeek: { ...doctrine.care.budgetPerWeek, alert: null } },
  })
  expect(differingSettings(doctrine, after)).toEqual(changesOf(both))
  expect(withDraft(after, undoOf(both, doctrine))).toEqual(doctrine)
  expect(withChange(both, doctrine, 'lateAfterMinutes', 45)).toEqual(first)
  expect(valueAt(doctrine, 'care.budgetPerWeek.alert')).toBe(7)
})
