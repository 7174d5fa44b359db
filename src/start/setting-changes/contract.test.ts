import { expect, test } from 'vitest'
import type { SettingChange } from '../../settings/actions.ts'
import { SETTING_NAMES, type SettingPart } from '../../settings/rules.ts'
import { SettingPartView } from './contract.ts'
import { describeChanges } from './parts.ts'

const changeWith = (parts: readonly SettingPart[]): SettingChange => ({
  id: '00000000-0000-7000-8000-000000000001',
  subject: 'doctrine',
  parts,
  accounts: {},
  reason: 'essai',
  alone: false,
  proposedBy: 'Marc Vidal',
  proposedAt: '2026-03-12T17:30:00.000Z',
  readyAt: null,
  expiresAt: '2026-03-26T17:30:00.000Z',
  state: 'proposed',
  decidedBy: null,
  decidedAt: null,
  decisionReason: null,
  waitsFor: [],
  may: { putInForce: false, cooling: false, reject: false, withdraw: false },
})

const partsOf = (parts: readonly SettingPart[]) =>
  describeChanges({ waiting: [changeWith(parts)], past: [], rules: [], coolingHours: 24 }).waiting[0]?.parts

test('the contract has the type of each setting, once', () => {
  const named = SettingPartView.options.flatMap((option) => option.shape.setting.options)
  expect(named.sort()).toEqual(SETTING_NAMES.toSorted())
})

test('shows each value in the type of its setting, and an absent one as null', () => {
  expect(
    partsOf([
      { setting: 'scheme.chamber', before: undefined, after: 'CCI du Jura' },
      { setting: 'dues.rule', before: 'none', after: 'suspend' },
      {
        setting: 'observers.remove',
        before: { name: 'A', phone: '+33639980001', agency: null },
        after: null,
      },
    ]),
  ).toEqual([
    { setting: 'scheme.chamber', before: null, after: 'CCI du Jura' },
    { setting: 'dues.rule', before: 'none', after: 'suspend' },
    { setting: 'observers.remove', before: { name: 'A', phone: '+33639980001', agency: null }, after: null },
  ])
})

test('lists a change whose values an earlier version stored in another type, and says that they cannot be shown', () => {
  expect(partsOf([{ setting: 'dues.rule', before: 'none', after: { warnAfter: 3 } }])).toEqual([
    { setting: 'dues.rule', before: null, after: null, unreadable: true },
  ])
})
