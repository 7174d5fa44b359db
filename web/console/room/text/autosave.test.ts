import { describe, expect, test } from 'vitest'
import type { AlertView } from '../../../../src/alerts/contract.ts'
import { heldByOther } from '../call/claims.ts'
import { holdsTheSame, noteOf } from './autosave.ts'
import { blankDraft, type Draft } from './draft.ts'

const area = { kind: 'commune', code: '63178' } as const
const draft: Draft = {
  ...blankDraft(),
  calledAt: '2026-03-12T21:14:00.000Z',
  area: { area, name: 'Issoire', words: 'commune d’Issoire', communes: 1, withoutPoint: [] },
  trades: ['bakeries', 'jewellers'],
  doctrine: { offence: true, arrested: false, level: 'established' },
}
const alert = {
  text: 'Faux billets.',
  area: { code: '63178', kind: 'commune' },
  trades: ['jewellers', 'bakeries'],
  doctrine: { level: 'established', arrested: false, offence: true },
  zone: { inside: true, agency: null, reason: null },
} as unknown as AlertView

describe('recognises an alert of the server that has the content of the draft', () => {
  test.each<[string, boolean, Partial<Draft>, string]>([
    ['accepts any order of trades and keys', true, {}, 'Faux billets.'],
    ['ignores spaces around the text', true, {}, '  Faux billets. '],
    ['refuses another text', false, {}, 'Faux billets !'],
    ['refuses other trades', false, { trades: ['bakeries'] }, 'Faux billets.'],
    ['refuses another area', false, { area: null }, 'Faux billets.'],
    [
      'refuses another answer',
      false,
      { doctrine: { offence: true, arrested: true, level: 'established' } },
      'Faux billets.',
    ],
    ['refuses another reason', false, { outsideZoneReason: 'renfort' }, 'Faux billets.'],
  ])('%s', (_name, same, over, text) => {
    expect(holdsTheSame({ ...draft, ...over }, text, alert)).toBe(same)
  })

  test('marks an exercise on both sides', () => {
    const exercise = { ...alert, text: 'EXERCICE Faux billets.' }
    expect(holdsTheSame({ ...draft, exercise: true }, 'Faux billets.', exercise)).toBe(true)
    expect(holdsTheSame(draft, 'Faux billets.', exercise)).toBe(false)
  })
})

test('stores in a note all that was entered, and nothing that the server keeps elsewhere', () => {
  const note = noteOf({ ...draft, note: { id: 'n', version: 3, content: 'x' }, touched: true })
  expect(note).toMatchObject({ calledAt: draft.calledAt, trades: draft.trades, text: null })
  for (const key of ['note', 'report', 'alert', 'touched']) expect(note).not.toHaveProperty(key)
  // Saving it again must not look like a change.
  expect(noteOf({ ...blankDraft(), ...(note as unknown as Draft) })).toEqual(note)
})

test('shows another user on a report until their claim expires', () => {
  const now = Date.parse('2026-03-12T21:20:00.000Z')
  const claim = (userId: string, until: string) =>
    ({ claim: { userId, by: 'Karim', at: until, until } }) as Parameters<typeof heldByOther>[0]
  expect(heldByOther(claim('b', '2026-03-12T21:24:00.000Z'), 'a', now)?.by).toBe('Karim')
  expect(heldByOther(claim('a', '2026-03-12T21:24:00.000Z'), 'a', now)).toBeNull()
  expect(heldByOther(claim('b', '2026-03-12T21:20:00.000Z'), 'a', now)).toBeNull()
  expect(heldByOther({ claim: null } as Parameters<typeof heldByOther>[0], 'a', now)).toBeNull()
})
