import { expect, test } from 'vitest'
import type { ReportView } from '../../../../../src/reports/contract.ts'
import { blankDraft } from '../../text/draft.ts'
import { alikeCalls } from './alike.ts'

const NOW = new Date('2026-03-12T17:30:00Z')
const ago = (minutes: number) => new Date(NOW.getTime() - minutes * 60_000).toISOString()

const call = (over: object = {}) =>
  ({
    id: 'other',
    category: { code: 'robbery' },
    commune: { code: '63040', name: 'Billom' },
    occurredAt: ago(10),
    calledAt: ago(8),
    facts: 'deux hommes en scooter vers Lezoux',
    exercise: false,
    ...over,
  }) as unknown as ReportView

const draft = {
  ...blankDraft(),
  calledAt: NOW.toISOString(),
  categoryCode: 'robbery',
  commune: { code: '63040', name: 'Billom', postalCode: null },
}

test.each([
  ['the same category in the same commune', draft, call(), true],
  ['another category in the same commune, other words', draft, call({ category: { code: 'fraud' } }), false],
  [
    'another category in the same commune, similar words',
    { ...draft, facts: 'deux hommes scooter direction Lezoux' },
    call({ category: { code: 'assault' } }),
    true,
  ],
  ['another commune, other words', draft, call({ commune: { code: '63125', name: 'Courpière' } }), false],
  ['an hour before', draft, call({ occurredAt: ago(70), calledAt: ago(65) }), false],
  ['an exercise beside a real call', draft, call({ exercise: true }), false],
  ['nothing typed yet', blankDraft(), call(), false],
])('a call is alike: %s', (_, own, other, expected) => {
  expect(alikeCalls(own, [other], NOW).length > 0).toBe(expected)
})
