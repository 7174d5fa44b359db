import { expect, test } from 'vitest'
import { recentPlaces } from './recent.ts'

const now = Date.parse('2026-03-12T18:00:00Z')
const alert = (id: string, code: string, orderedAt: string) => ({
  id,
  reference: id,
  category: {
    code: 'x',
    labelFr: 'x',
    labelEn: 'x',
    severity: 'alert' as const,
    level: 'established' as const,
  },
  commune: { code, name: `Commune ${code}` },
  orderedAt,
})

test('draws one ring for each commune, as old as its latest alert and at most a week', () => {
  const places = recentPlaces(
    [
      alert('old', '63178', '2026-03-09T18:00:00Z'),
      alert('new', '63178', '2026-03-12T17:30:00Z'),
      alert('yesterday', '63300', '2026-03-11T20:00:00Z'),
      alert('week', '63113', '2026-03-06T18:00:01Z'),
      alert('too old', '63003', '2026-03-05T18:00:00Z'),
    ],
    now,
  )
  expect(places.map(({ code, age, alerts }) => [code, age, alerts.map(({ id }) => id)])).toEqual([
    ['63178', 'hour', ['new', 'old']],
    ['63300', 'day', ['yesterday']],
    ['63113', 'week', ['week']],
  ])
})

test('accepts a server clock that is a moment ahead', () => {
  expect(recentPlaces([alert('a', '63178', '2026-03-12T18:00:05Z')], now)[0]?.age).toBe('hour')
})
