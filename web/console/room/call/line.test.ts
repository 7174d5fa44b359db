import { describe, expect, test } from 'vitest'
import type { SchemeView } from '../../../../src/schemes/contract.ts'
import type { UnderstoodLine } from '../../../../src/schemes/line/parse.ts'
import { blankDraft } from '../text/draft.ts'
import { keyAndPlace, understoodPatch } from './line.ts'

const scheme = {
  categories: [
    { code: 'armed-robbery', position: 1 },
    { code: 'counterfeit-notes', position: 2 },
  ],
} as SchemeView

const billom = { code: '63040', name: 'Billom', formerName: null, postalCode: '63160' }
const understood: UnderstoodLine = {
  categoryCode: 'armed-robbery',
  commune: { ...billom, population: 4800 },
  place: 'tabac',
  when: { at: Date.parse('2026-11-28T01:05:00Z'), ago: 5, isAbout: false },
  facts: 'deux hommes',
  directions: [],
  unknown: [],
  spans: [],
}

describe('a line', () => {
  const patchOf = (
    draft: Partial<ReturnType<typeof blankDraft>>,
    line = 'vma…',
    of: UnderstoodLine | null = understood,
  ) => understoodPatch({ draft: { ...blankDraft(), ...draft }, scheme, understood: of, line })

  test('fills every field', () => {
    expect(patchOf({})).toEqual({
      categoryCode: 'armed-robbery',
      commune: billom,
      area: null,
      place: 'tabac',
      when: { kind: 'ago', minutes: 5 },
      facts: 'deux hommes',
    })
  })

  test('leaves what was changed by hand, and an area while its commune stays', () => {
    expect(patchOf({ byHand: ['place', 'facts'], place: 'bar', commune: billom })).toEqual({
      categoryCode: 'armed-robbery',
      when: { kind: 'ago', minutes: 5 },
    })
  })

  test('empties what its words no longer say, and nothing before it is understood', () => {
    const filled = { ...patchOf({}), line: 'vma…' }
    expect(patchOf(filled, '', null)).toEqual({
      categoryCode: null,
      commune: null,
      area: null,
      place: '',
      when: { kind: 'ago', minutes: 0 },
      facts: '',
    })
    expect(patchOf({}, 'vma', null)).toEqual({})
  })

  test('takes a lone digit as the key of a category', () => {
    const none = { ...understood, categoryCode: null, commune: null, place: '', when: null, facts: '2' }
    expect(patchOf({}, '2', none)).toEqual({ categoryCode: 'counterfeit-notes' })
    expect(patchOf({}, '2 hommes', { ...none, facts: '2 hommes' })).toEqual({ facts: '2 hommes' })
  })
})

test.each([
  ['2i', { position: 2, letters: 'i' }],
  ['2mo', { position: 2, letters: 'mo' }],
  ['2her', { position: 2, letters: 'her' }],
  ['2h', undefined],
  ['2heures', undefined],
  ['5min', undefined],
  ['5mn', undefined],
  ['2 i', undefined],
  ['17h', undefined],
  ['vma', undefined],
])('finds the key and the place of "%s"', (line, expected) => expect(keyAndPlace(line)).toEqual(expected))
