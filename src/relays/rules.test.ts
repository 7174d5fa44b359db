import { describe, expect, test } from 'vitest'
import type { RelayState } from '../schema.ts'
import { withoutReference } from './actions.ts'
import { type RelayFacts, relayRefusals, relayTransitions } from './rules.ts'

const good: RelayFacts = {
  alertState: 'active',
  orderedAt: new Date('2026-03-12T17:30:00Z'),
  schemeIds: ['ab03'],
  ownId: 'ac63',
  known: ['ab03'],
  open: [],
  cameFrom: null,
}

test.each<[string, Partial<RelayFacts>, string[]]>([
  ['accepts a sent alert', {}, []],
  ['accepts an ended alert, which neighbours may still need', { alertState: 'ended' }, []],
  ['refuses an alert that was not sent', { alertState: 'draft', orderedAt: null }, ['relay.not_sent']],
  ['refuses its own scheme', { schemeIds: ['ac63'], known: ['ac63'] }, ['relay.own_scheme schemeIds.0']],
  ['refuses an unknown scheme', { known: [] }, ['relay.unknown_scheme schemeIds.0']],
  ['refuses the scheme that it came from', { cameFrom: 'ab03' }, ['relay.came_from schemeIds.0']],
  [
    'refuses a scheme with an open relay of the alert',
    { open: ['ab03'] },
    ['relay.open_already schemeIds.0'],
  ],
  [
    'reports every problem at once',
    { orderedAt: null, schemeIds: ['ac63', 'zz', 'ab03'], open: ['ab03'] },
    [
      'relay.not_sent',
      'relay.own_scheme schemeIds.0',
      'relay.unknown_scheme schemeIds.1',
      'relay.open_already schemeIds.2',
    ],
  ],
])('%s', (_name, over, expected) => {
  const problems = relayRefusals({ ...good, ...over })
  expect(problems.map(({ code, path }) => [code, path].filter(Boolean).join(' '))).toEqual(expected)
})

describe('states', () => {
  const matrix: Record<RelayState, string> = {
    proposed: 'accepted declined withdrawn',
    accepted: '- - -',
    declined: '- - -',
    withdrawn: '- - -',
  }
  test.each(Object.entries(matrix))('%s: accept, decline, withdraw lead to %s', (state, expected) => {
    const row = relayTransitions[state as RelayState]
    expect((['accept', 'decline', 'withdraw'] as const).map((act) => row[act] ?? '-').join(' ')).toBe(
      expected,
    )
  })
})

test('removes the reference of the other scheme from the text', () => {
  expect(withoutReference('Faux billets Issoire. Réf. 63-26-0142', '63-26-0142')).toBe(
    'Faux billets Issoire.',
  )
  expect(withoutReference('63-26-0142 : faux billets', '63-26-0142')).toBe(': faux billets')
  expect(withoutReference('Faux billets.', '63-26-0142')).toBe('Faux billets.')
})
