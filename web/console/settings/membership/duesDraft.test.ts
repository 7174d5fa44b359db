import { expect, test } from 'vitest'
import { DuesSettings } from '../../../../src/schemes/contract.ts'
import { keepTyped } from '../typed.ts'
import { changesOf, draftOf } from './duesDraft.ts'

const settings = DuesSettings.parse({ creditor: { name: 'CCI', iban: 'FR7630006000011234567890189' } })
const base = draftOf(settings)

test('sends only what the user changed', () => {
  expect(changesOf(base, structuredClone(base))).toEqual({})
  expect(changesOf(base, { ...base, creditor: { ...base.creditor, name: 'Une autre' } })).toEqual({
    creditor: { name: 'Une autre' },
  })
  expect(changesOf(base, { ...base, remindAfterDays: '15; 40', ruleAfterDays: 'x', sms: !base.sms })).toEqual(
    {
      remindAfterDays: [15, 40],
      ruleAfterDays: Number.NaN,
      sms: !base.sms,
    },
  )
})

test('keeps what was typed, and takes the rest as another user has put it in force meanwhile', () => {
  const typed = { ...base, creditor: { ...base.creditor, siret: '123' } }
  const inForce = { ...base, rule: 'warn' as const, creditor: { ...base.creditor, iban: '' } }
  const draft = keepTyped(inForce, base, typed)
  expect(draft).toEqual({ ...inForce, creditor: { ...inForce.creditor, siret: '123' } })
  // Without this the change of the other user would be proposed back.
  expect(changesOf(inForce, draft)).toEqual({ creditor: { siret: '123' } })
})
