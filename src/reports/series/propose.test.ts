import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ALIKE, describeCommon, type Incident, similarityOf } from './likeness.ts'
import { type Pair, proposeSeries } from './propose.ts'

const ISSOIRE = {
  communeCode: '63178',
  communeName: 'Issoire',
  point: { latitude: 45.5443, longitude: 3.249 },
}
const PERRIER = {
  communeCode: '63287',
  communeName: 'Perrier',
  point: { latitude: 45.5469, longitude: 3.2117 },
}
const BRIOUDE = {
  communeCode: '43040',
  communeName: 'Brioude',
  point: { latitude: 45.2942, longitude: 3.3847 },
}
const CLERMONT = {
  communeCode: '63113',
  communeName: 'Clermont-Ferrand',
  point: { latitude: 45.7797, longitude: 3.0868 },
}
const NOWHERE = { communeCode: '63321', communeName: 'Saint-Babel', point: null }

const start = Date.parse('2026-03-12T09:00:00Z')
const hours = (n: number) => new Date(start + n * 3_600_000)
let count = 0
function incident(over: Partial<Incident> = {}): Incident {
  count += 1
  return {
    id: `00000000-0000-4000-8000-${String(count).padStart(12, '0')}`,
    categoryCode: 'counterfeit-notes',
    ...ISSOIRE,
    occurredAt: hours(0),
    words: '',
    ...over,
  }
}

describe('likeness', () => {
  const own = incident()
  const told = incident({ words: 'Billets de 50 euros, deux femmes en berline noire' })
  test.each<[string, Incident, Incident, boolean]>([
    ['the same again', own, incident(), true],
    ['the next commune, an hour later', own, incident({ ...PERRIER, occurredAt: hours(1) }), true],
    ['28 km away, the next day', own, incident({ ...CLERMONT, occurredAt: hours(24) }), true],
    ['28 km away, ten days later', own, incident({ ...CLERMONT, occurredAt: hours(240) }), false],
    ['the same commune, ten days later', own, incident({ occurredAt: hours(240) }), true],
    ['another category in the same commune, at once', own, incident({ categoryCode: 'burglary' }), false],
    ['a commune of unknown place, the same day', own, incident({ ...NOWHERE, occurredAt: hours(5) }), true],
    [
      'another category in the same words, at once',
      told,
      incident({
        categoryCode: 'trick-theft',
        ...PERRIER,
        words: 'deux femmes, berline noire, billets de 50 euros',
      }),
      true,
    ],
    [
      'ten days later 28 km away, in other words',
      told,
      incident({ ...CLERMONT, occurredAt: hours(240), words: 'Pièces de deux euros rendues par un client' }),
      false,
    ],
    [
      'ten days later 28 km away, in the same words',
      told,
      incident({ ...CLERMONT, occurredAt: hours(240), words: told.words }),
      true,
    ],
  ])('%s', (_name, a, b, alike) => {
    expect(similarityOf(a, b) > ALIKE).toBe(alike)
  })

  const any = fc.record({
    place: fc.constantFrom(ISSOIRE, PERRIER, BRIOUDE, CLERMONT, NOWHERE),
    categoryCode: fc.constantFrom('counterfeit-notes', 'burglary'),
    hour: fc.integer({ min: -700, max: 0 }),
    words: fc.constantFrom(
      '',
      'berline noire, deux femmes',
      'vitrine brisée à la masse',
      'camionnette blanche',
    ),
  })
  const make = ({ place, categoryCode, hour, words }: typeof any extends fc.Arbitrary<infer T> ? T : never) =>
    incident({ ...place, categoryCode, occurredAt: hours(hour), words })

  test('is between 0 and 1, symmetric, and fades with time', () => {
    fc.assert(
      fc.property(any, any, fc.integer({ min: 1, max: 500 }), (a, b, later) => {
        const [one, other] = [make(a), make(b)]
        const score = similarityOf(one, other)
        expect(score).toBeGreaterThanOrEqual(0)
        expect(score).toBeLessThanOrEqual(1 + 1e-9)
        expect(similarityOf(other, one)).toBeCloseTo(score, 12)
        const far = incident({ ...other, occurredAt: new Date(one.occurredAt.getTime() + later * 3_600_000) })
        const farther = incident({
          ...other,
          occurredAt: new Date(one.occurredAt.getTime() + 2 * later * 3_600_000),
        })
        expect(similarityOf(one, farther)).toBeLessThan(similarityOf(one, far))
      }),
    )
  })

  test('proposals contain each incident once, never two that were set apart, and always enough', () => {
    fc.assert(
      fc.property(fc.array(any, { maxLength: 14 }), fc.nat(5), fc.nat(), (facts, linked, seed) => {
        const all = facts.map(make)
        const series = new Map(
          linked === 0
            ? []
            : ([['s', all.slice(0, linked)]].filter(([, l]) => l!.length > 0) as [string, Incident[]][]),
        )
        const loose = all.slice(linked)
        const apart = loose.flatMap((one, i): Pair[] =>
          i > 0 && (seed >> (i % 20)) & 1 ? [[one.id, loose[i - 1]!.id]] : [],
        )
        const proposals = proposeSeries(series, loose, apart)
        const ids = proposals.flatMap(({ incidents }) => incidents.map(({ id }) => id))
        expect(new Set(ids).size).toBe(ids.length)
        for (const { seriesId, incidents, score } of proposals) {
          expect(incidents.length).toBeGreaterThanOrEqual(seriesId === null ? 2 : 1)
          expect(score).toBeGreaterThan(ALIKE)
          const group = new Set(incidents.map(({ id }) => id))
          for (const [a, b] of apart) expect(group.has(a) && group.has(b)).toBe(false)
        }
      }),
    )
  })
})

test('incidents of one valley in two days are one proposal, without a burglary elsewhere', () => {
  const notes = [
    incident({ words: 'billets de 50' }),
    incident({ ...PERRIER, occurredAt: hours(2), words: 'billets de 50, berline noire' }),
    incident({ ...BRIOUDE, occurredAt: hours(26), words: 'billets de 50, berline noire' }),
  ]
  const other = incident({ ...CLERMONT, categoryCode: 'burglary', occurredAt: hours(3) })
  const [proposal, ...more] = proposeSeries(new Map(), [other, ...notes], [])
  expect(more).toEqual([])
  expect(proposal?.incidents).toEqual(notes)
  expect(describeCommon(notes)).toEqual({
    sameCategory: true,
    kilometres: 31,
    hours: 26,
    words: ['billets', 'berline', 'noire'],
  })
})

test('an incident is proposed for a similar series, until it is set apart', () => {
  const series = new Map([['s', [incident(), incident({ ...PERRIER, occurredAt: hours(1) })]]])
  const next = incident({ ...PERRIER, occurredAt: hours(4) })
  expect(proposeSeries(series, [next], [])).toMatchObject([{ seriesId: 's', incidents: [next] }])
  expect(proposeSeries(series, [next], [[next.id, series.get('s')![0]!.id]])).toEqual([])
})
