import { expect, test } from 'vitest'
import { readyMade } from '../ready-made.ts'
import { proposeText } from './proposal.ts'

const scheme = {
  categories: (readyMade.find(({ id }) => id === 'ac63')?.categories ?? []).map((one, position) => ({
    ...one,
    level: one.level ?? ('established' as const),
    area: one.area ?? null,
    position,
  })),
  trades: [],
  timeZone: 'Europe/Paris',
  closingAdvice: '',
}
/** 17:00 and 22:00 in Paris, the call on the day after. */
const AFTERNOON = Date.parse('2026-11-28T16:00:00Z')
const EVENING = Date.parse('2026-11-27T21:00:00Z')

test.each([
  ['armed-robbery', AFTERNOON, 'entre deux voitures', 'vers 17h : entre deux voitures'],
  ['armed-robbery', AFTERNOON, 'entre 17h et 18h', ' : entre 17h et 18h'],
  ['armed-robbery', EVENING, 'entre hier soir et ce matin', ' : entre hier soir et ce matin'],
  ['burglary', EVENING, 'coffre', 'hier : coffre'],
  ['burglary', EVENING, 'entre 22h et 5h ce matin', ' : entre 22h et 5h ce matin'],
])(
  'of %s, neither the hour nor the day is said beside facts that say it: "%s" %s',
  (categoryCode, occurredAt, facts, end) => {
    const text = proposeText(scheme, {
      categoryCode,
      commune: { name: 'Thiers', formerName: null },
      place: '',
      areaWords: null,
      occurredAt,
      now: Date.parse('2026-11-28T17:00:00Z'),
      trades: [],
      facts,
    })
    expect(text.split('.')[0]?.split('Thiers')[1]?.trim()).toBe(end.trim())
  },
)
