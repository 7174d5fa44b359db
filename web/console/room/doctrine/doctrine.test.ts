import { describe, expect, test } from 'vitest'
import {
  type Doctrine,
  doctrineGaps,
  fieldOf,
  isPreventionDraft,
  levels,
  needsApproval,
  type Offence,
  offenceOf,
  sealOf,
  withOffence,
} from './doctrine.ts'

const unanswered: Doctrine = { offence: null, arrested: null, level: 'established' }

test.each<[boolean | null, boolean | null, Offence | null]>([
  [null, null, null],
  [null, false, null],
  [null, true, 'arrested'],
  [false, null, 'no'],
  [false, false, 'no'],
  [false, true, 'no'],
  [true, null, null],
  [true, false, 'yes'],
  [true, true, 'arrested'],
])('combines offence %s and arrested %s into the answer %s', (offence, arrested, answer) => {
  expect(offenceOf({ ...unanswered, offence, arrested })).toBe(answer)
})

test.each<Offence>(['yes', 'no', 'arrested'])('reads the answer %s back as it was given', (answer) => {
  expect(offenceOf(withOffence(unanswered, answer))).toBe(answer)
})

test('requires both the category and the level of a prevention message', () => {
  const categories = [
    { code: 'robbery', level: 'established' },
    { code: 'advice', level: 'prevention' },
  ]
  const table = ['robbery', 'advice', null].flatMap((categoryCode) =>
    levels.map((level) => [
      categoryCode,
      level,
      isPreventionDraft({ categoryCode, doctrine: { ...unanswered, level } }, { categories } as never),
    ]),
  )
  expect(table.filter(([, , isPrevention]) => isPrevention)).toEqual([['advice', 'prevention', true]])
})

describe('what the doctrine refuses', () => {
  const free = { outside: false, authorised: true, prevention: false, needsApproval: false }
  test.each(
    levels.flatMap((level) =>
      ([null, 'yes', 'no', 'arrested'] as const).map((answer) => [level, answer] as const),
    ),
  )('level %s, offence %s', (level, answer) => {
    const doctrine = { ...(answer === null ? unanswered : withOffence(unanswered, answer)), level }
    expect(doctrineGaps({ doctrine, outsideZoneReason: '' }, free)).toEqual([
      ...(answer === 'no' ? ['noOffence'] : []),
      ...(answer === 'arrested' ? ['arrested'] : []),
    ])
    expect(doctrineGaps({ doctrine, outsideZoneReason: '' }, { ...free, prevention: true })).toEqual([])
  })

  test('reports all problems at once', () => {
    const doctrine: Doctrine = { offence: false, arrested: true, level: 'precise' }
    expect(
      doctrineGaps({ doctrine, outsideZoneReason: '  ' }, { ...free, outside: true, authorised: false }),
    ).toEqual(['noOffence', 'authorisation', 'zoneReason'])
  })

  test('accepts a submission without the authorisation', () => {
    const doctrine = withOffence({ ...unanswered, level: 'precise' }, 'yes')
    expect(
      doctrineGaps({ doctrine, outsideZoneReason: '' }, { ...free, authorised: false, needsApproval: true }),
    ).toEqual([])
  })

  test('requires no place in a prevention message', () => {
    const doctrine: Doctrine = { ...unanswered, level: 'prevention' }
    const gaps = (prevention: boolean) =>
      doctrineGaps({ doctrine, outsideZoneReason: '' }, { ...free, prevention, outside: true })
    expect(gaps(true)).toEqual([])
    expect(gaps(false)).toEqual(['zoneReason'])
  })

  test('requires an authorisation for identifying details, and a reason outside the zone', () => {
    const doctrine = withOffence({ ...unanswered, level: 'precise' }, 'yes')
    expect(
      doctrineGaps(
        { doctrine, outsideZoneReason: 'renfort' },
        { ...free, outside: true, needsApproval: true },
      ),
    ).toEqual([])
  })
})

describe("requires a second person as the scheme's rules say", () => {
  const categories = [
    { code: 'notes', severity: 'alert' },
    { code: 'armed', severity: 'vital' },
  ]
  const scheme = (approval: unknown) => ({ categories, doctrine: { approval } }) as never
  test.each([
    [[], 'armed', 'precise', false],
    [[{ categories: 'all', severities: 'all', level: 'precise' }], 'notes', 'precise', true],
    [[{ categories: 'all', severities: 'all', level: 'precise' }], 'notes', 'established', false],
    [[{ categories: 'all', severities: 'all', level: 'established' }], 'notes', 'precise', true],
    [[{ categories: 'all', severities: ['vital'] }], 'armed', 'established', true],
    [[{ categories: 'all', severities: ['vital'] }], 'notes', 'established', false],
    [[{ categories: ['notes'], severities: 'all' }], 'notes', 'prevention', true],
    [[{ categories: ['notes'], severities: ['vital'] }], 'notes', 'precise', false],
    [[{ categories: 'all', severities: 'all' }], 'unknown', 'precise', false],
  ] as const)('%j, %s at %s: %s', (rules, categoryCode, level, needed) => {
    expect(needsApproval(scheme(rules), { categoryCode, level })).toBe(needed)
  })
  test('of a category out of use, by its report', () => {
    const report = { category: { code: 'retired', labelFr: '', labelEn: '', severity: 'vital' as const } }
    const of = { categoryCode: 'retired', level: 'established', report } as const
    expect(needsApproval(scheme([{ categories: 'all', severities: ['vital'] }]), of)).toBe(true)
    expect(needsApproval(scheme([{ categories: 'all', severities: ['notice'] }]), of)).toBe(false)
  })
})

test('binds an authorisation to text, area, trades and level, whatever the order of the trades', () => {
  const content = {
    text: 'Faux billets',
    area: { kind: 'scheme' },
    trades: ['a', 'b'],
    level: 'precise',
  } as const
  expect(sealOf({ ...content, trades: ['b', 'a'] })).toBe(sealOf(content))
  const changed = [
    { ...content, text: 'Faux billets.' },
    { ...content, area: { kind: 'commune', code: '63178' } },
    { ...content, trades: ['a'] },
    { ...content, level: 'established' as const },
  ]
  for (const one of changed) expect(sealOf(one)).not.toBe(sealOf(content))
})

test.each([
  ['doctrine.no_offence', 'offence'],
  ['doctrine.arrested', 'offence'],
  ['doctrine.authorisation_missing', 'authorisation'],
  ['doctrine.authorisation_void', 'authorisation'],
  ['doctrine.outside_zone', 'zone'],
  ['guard.blocked', 'text'],
  ['text_too_long', 'text'],
  ['unknown_trade', 'other'],
])('shows %s at %s', (code, field) => {
  expect(fieldOf({ code })).toBe(field)
})
