import { expect, test } from 'vitest'
import en from '../../messages/en.json' with { type: 'json' }
import fr from '../../messages/fr.json' with { type: 'json' }
import { splitCalls } from './Call17.tsx'

const calledIn = (text: string) => splitCalls(text).filter((_, index) => index % 2 === 1)

/** Texts of public and portal screens that mention 17 without saying to call it, or as a link of their own. */
const OTHER = new Set([
  'join.call',
  'join.is.decided',
  'portal.call',
  'portal.call.why',
  'portal.report.called',
  'portal.report.wasCalled',
  'portal.report.first',
])

const told = Object.keys(fr).filter(
  (key) => /^(join|portal|verify|number)\./.test(key) && /\b17\b/.test(fr[key as keyof typeof fr]),
)

test('returns a text without a call as one part', () => {
  expect(splitCalls('Le 17 mars, à 17 h.')).toEqual(['Le 17 mars, à 17 h.'])
  expect(splitCalls('À la CCI : 04\u00a073\u00a000\u00a000\u00a000, le matin.')).toEqual([
    'À la CCI : ',
    '04\u00a073\u00a000\u00a000\u00a000',
    ', le matin.',
  ])
  expect(splitCalls('Appelez le 17 maintenant.')).toEqual(['', 'Appelez le 17', ' maintenant.'])
})

test.each(told.filter((key) => !OTHER.has(key)))('finds one call in %s, in both languages', (key) => {
  for (const texts of [fr, en] as Record<string, string>[]) {
    expect(calledIn(texts[key] ?? '')).toHaveLength(1)
    expect(splitCalls(texts[key] ?? '').join('')).toBe(texts[key])
  }
})
