import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { remarkKinds } from '../../guard/guard.ts'
import { DoctrineSettings } from '../../schemes/doctrine.ts'
import { ageRefusals, grownOldFrom } from './age.ts'
import {
  approverRefusals,
  authorisationState,
  contentRefusals,
  type DoctrineFacts,
  doctrineRefusals,
  isPrevention,
  needsApproval,
  overrideRefusals,
  reviewerRefusals,
} from './doctrine.ts'

const fine: DoctrineFacts = {
  answers: { offence: true, arrested: false, level: 'established' },
  categoryLevel: 'established',
  late: false,
  lateReason: null,
  outsideZone: false,
  outsideZoneReason: null,
  text: 'Vol à Issoire.',
  hasNoContent: false,
  remarks: [],
  authorisation: 'missing',
  approval: 'settled',
}

const codes = (facts: DoctrineFacts) => doctrineRefusals(facts).map(({ code }) => code)

const levels = ['prevention', 'established', 'precise'] as const
const yesNoUnknown = [true, false, null] as const

const categoryLevels = ['prevention', 'established'] as const

test('reports the problems of each combination of level, category, offence, suspects, lateness and zone', () => {
  const problemOf = {
    true: { offence: [], arrested: ['doctrine.arrested'] },
    false: { offence: ['doctrine.no_offence'], arrested: [] },
    null: { offence: ['doctrine.offence_unanswered'], arrested: ['doctrine.arrested_unanswered'] },
  } as const
  let count = 0
  for (const level of levels)
    for (const categoryLevel of categoryLevels)
      for (const offence of yesNoUnknown)
        for (const arrested of yesNoUnknown)
          for (const late of [true, false])
            for (const outsideZone of [true, false]) {
              const isPrevention = level === 'prevention' && categoryLevel === 'prevention'
              const answers = { level, offence, arrested }
              const one = {
                ...fine,
                answers,
                categoryLevel,
                late,
                outsideZone,
                authorisation: 'valid',
              } as const
              expect(codes(one), JSON.stringify({ ...answers, categoryLevel, late, outsideZone })).toEqual(
                isPrevention
                  ? []
                  : [
                      ...(late ? ['late_reason_missing'] : []),
                      ...problemOf[`${offence}`].offence,
                      ...problemOf[`${arrested}`].arrested,
                      ...(outsideZone ? ['doctrine.outside_zone'] : []),
                    ],
              )
              count++
            }
  expect(count).toBe(3 * 2 * 3 * 3 * 2 * 2)
})

test('does not accept the prevention level for a robbery', () => {
  const answers = { level: 'prevention', offence: false, arrested: true } as const
  expect(codes({ ...fine, answers, outsideZone: true })).toEqual([
    'doctrine.no_offence',
    'doctrine.arrested',
    'doctrine.outside_zone',
  ])
})

test('requires a valid authorisation at the precise level, and at no other', () => {
  const table = levels.flatMap((level) =>
    (['missing', 'void', 'valid'] as const).map((authorisation) => {
      const found = codes({ ...fine, answers: { ...fine.answers, level }, authorisation })
      return `${level} ${authorisation}: ${found.join(' ') || 'leaves'}`
    }),
  )
  expect(table).toEqual([
    'prevention missing: leaves',
    'prevention void: leaves',
    'prevention valid: leaves',
    'established missing: leaves',
    'established void: leaves',
    'established valid: leaves',
    'precise missing: doctrine.authorisation_missing',
    'precise void: doctrine.authorisation_void',
    'precise valid: leaves',
  ])
})

test('requires a reason when the call was late or the place is outside the zone; a blank one does not count', () => {
  expect(codes({ ...fine, late: true })).toEqual(['late_reason_missing'])
  expect(codes({ ...fine, late: true, lateReason: ' \n' })).toEqual(['late_reason_missing'])
  expect(codes({ ...fine, late: true, lateReason: 'Découvert à l’ouverture' })).toEqual([])
  expect(codes({ ...fine, outsideZone: true })).toEqual(['doctrine.outside_zone'])
  expect(codes({ ...fine, outsideZone: true, outsideZoneReason: ' ' })).toEqual(['doctrine.outside_zone'])
  expect(codes({ ...fine, outsideZone: true, outsideZoneReason: 'Fuite vers Ambert' })).toEqual([])
  const prevention = { ...fine.answers, level: 'prevention' } as const
  const facts = { ...fine, answers: prevention, late: true, outsideZone: true }
  expect(codes({ ...facts, categoryLevel: 'prevention' })).toEqual([])
})

test('refuses a missing approval, and one of other content', () => {
  expect(codes({ ...fine, approval: 'settled' })).toEqual([])
  expect(codes({ ...fine, approval: 'needed' })).toEqual(['doctrine.approval_needed'])
  expect(codes({ ...fine, approval: 'changed' })).toEqual(['doctrine.changed_since_approval'])
})

test('refuses what the guard blocks, sends what it only warns about, and reports the words found', () => {
  const text = 'Clio AB-123-CD à Issoire'
  const plate = { code: 'plate', severity: 'block', start: 5, end: 14 } as const
  const capitals = { code: 'capitals', severity: 'warn', start: 0, end: 4 } as const
  const long = { code: 'too_long', severity: 'block', start: 0, end: 0 } as const
  expect(doctrineRefusals({ ...fine, text, remarks: [plate, capitals, long] })).toEqual([
    { code: 'guard.blocked', path: 'text', values: { code: 'plate', words: 'AB-123-CD' } },
  ])
})

test('refuses a text that does not name the commune', () => {
  const unnamed = { code: 'missing_commune', severity: 'block', start: 0, end: 0 } as const
  expect(doctrineRefusals({ ...fine, remarks: [unnamed] })).toEqual([
    { code: 'doctrine.commune_not_named', path: 'text' },
  ])
})

test.each([
  ['missing_place', 'doctrine.place_not_named'],
  ['missing_advice', 'doctrine.advice_missing'],
] as const)('refuses a text with the blocking remark %s, and sends it with the warning', (code, refusal) => {
  const remark = { code, start: 0, end: 0 }
  expect(doctrineRefusals({ ...fine, remarks: [{ ...remark, severity: 'block' }] })).toEqual([
    { code: refusal, path: 'text' },
  ])
  expect(codes({ ...fine, remarks: [{ ...remark, severity: 'warn' }] })).toEqual([])
})

test('requires advice in a prevention message, and at no other level', () => {
  const at = (level: (typeof levels)[number]) =>
    codes({
      ...fine,
      answers: { ...fine.answers, level },
      authorisation: 'valid',
      hasNoContent: true,
    })
  expect(levels.map(at)).toEqual([['doctrine.nothing_said'], [], []])
})

const facts: fc.Arbitrary<DoctrineFacts> = fc.record({
  answers: fc.record({
    offence: fc.constantFrom(...yesNoUnknown),
    arrested: fc.constantFrom(...yesNoUnknown),
    level: fc.constantFrom(...levels),
  }),
  categoryLevel: fc.constantFrom(...categoryLevels),
  late: fc.boolean(),
  lateReason: fc.constantFrom(null, ' ', 'parce que'),
  outsideZone: fc.boolean(),
  outsideZoneReason: fc.constantFrom(null, '', 'parce que'),
  text: fc.constant('Vol à Issoire.'),
  hasNoContent: fc.boolean(),
  remarks: fc.array(
    fc.record({
      code: fc.constantFrom(...(Object.keys(remarkKinds) as (keyof typeof remarkKinds)[])),
      severity: fc.constantFrom('block' as const, 'warn' as const),
      start: fc.constant(0),
      end: fc.constant(3),
    }),
    { maxLength: 4 },
  ),
  authorisation: fc.constantFrom('missing', 'void', 'valid'),
  approval: fc.constantFrom('settled', 'needed', 'changed'),
})

describe('properties for all facts', () => {
  test('sends only prevention messages when there is no offence or the suspects are arrested', () => {
    fc.assert(
      fc.property(facts, (one) => {
        const { answers, categoryLevel } = one
        if (doctrineRefusals(one).length > 0 || isPrevention({ categoryLevel, level: answers.level })) return
        expect(answers.offence).toBe(true)
        expect(answers.arrested).toBe(false)
      }),
    )
  })

  test('sends identifying details only with a valid authorisation', () => {
    fc.assert(
      fc.property(facts, (one) => {
        if (doctrineRefusals(one).length > 0 || one.answers.level !== 'precise') return
        expect(one.authorisation).toBe('valid')
      }),
    )
  })

  test('sends nothing that the guard blocks or that lacks a required approval', () => {
    fc.assert(
      fc.property(facts, (one) => {
        if (doctrineRefusals(one).length > 0) return
        expect(one.approval).toBe('settled')
        expect(
          one.remarks.filter(({ code, severity }) => severity === 'block' && code !== 'too_long'),
        ).toEqual([])
      }),
    )
  })

  test('reports all problems at once: correcting one fact removes its own problems and no others', () => {
    const cures: ((one: DoctrineFacts) => [DoctrineFacts, string[]])[] = [
      (one) => [
        { ...one, answers: { ...one.answers, offence: true } },
        ['doctrine.no_offence', 'doctrine.offence_unanswered'],
      ],
      (one) => [
        { ...one, answers: { ...one.answers, arrested: false } },
        ['doctrine.arrested', 'doctrine.arrested_unanswered'],
      ],
      (one) => [{ ...one, lateReason: 'dit' }, ['late_reason_missing']],
      (one) => [{ ...one, outsideZoneReason: 'dit' }, ['doctrine.outside_zone']],
      (one) => [{ ...one, hasNoContent: false }, ['doctrine.nothing_said']],
      (one) => [
        { ...one, remarks: [] },
        [
          'guard.blocked',
          'doctrine.commune_not_named',
          'doctrine.place_not_named',
          'doctrine.advice_missing',
        ],
      ],
      (one) => [
        { ...one, authorisation: 'valid' },
        ['doctrine.authorisation_missing', 'doctrine.authorisation_void'],
      ],
      (one) => [
        { ...one, approval: 'settled' },
        ['doctrine.approval_needed', 'doctrine.changed_since_approval'],
      ],
    ]
    fc.assert(
      fc.property(facts, fc.constantFrom(...cures), (one, cure) => {
        const [cured, own] = cure(one)
        expect(codes(cured)).toEqual(codes(one).filter((code) => !own.includes(code)))
      }),
    )
  })

  test('accepts a submission that lacks only the approvals', () => {
    fc.assert(
      fc.property(facts, (one) => {
        const mandates = /^doctrine\.(authorisation|approval|changed)/
        expect(contentRefusals(one).map(({ code }) => code)).toEqual(
          codes(one).filter((code) => !mandates.test(code)),
        )
      }),
    )
  })
})

test('accepts an authorisation for one content only, until it is void', () => {
  expect(authorisationState(null, 'a')).toBe('missing')
  expect(authorisationState({ contentHash: 'a', voidAt: null }, 'a')).toBe('valid')
  expect(authorisationState({ contentHash: 'a', voidAt: null }, 'b')).toBe('void')
  expect(authorisationState({ contentHash: 'a', voidAt: '2026-03-12T17:30:00Z' }, 'a')).toBe('void')
})

test.each([
  [undefined, 'two two two'],
  ['prevention', 'two two two'],
  ['established', 'one two two'],
  ['precise', 'one one two'],
] as const)('requires a second person from the level of a rule on: %s', (level, expected) => {
  const { approval } = DoctrineSettings.parse({
    approval: [{ categories: 'all', severities: 'all', ...(level && { level }) }],
  })
  const asked = levels.map((one) =>
    needsApproval({ approval }, { categoryCode: 'x', severity: 'notice', doctrine: { level: one } }),
  )
  expect(asked.map((is) => (is ? 'two' : 'one')).join(' ')).toBe(expected)
})

test('requires a second person when the category, the severity and the level of a rule all apply', () => {
  const { approval } = DoctrineSettings.parse({
    approval: [
      { categories: 'all', severities: 'all', level: 'precise' },
      { categories: 'all', severities: ['vital'] },
      { categories: ['fraud', 'damage'], severities: ['alert'] },
    ],
  })
  const asks = (
    categoryCode: string,
    severity: 'vital' | 'alert' | 'notice',
    level: (typeof levels)[number],
  ) => needsApproval({ approval }, { categoryCode, severity, doctrine: { level } })
  const table = (['vital', 'alert', 'notice'] as const).flatMap((severity) =>
    levels.map((level) =>
      [
        severity,
        level,
        ...['fraud', 'burglary'].map((code) => (asks(code, severity, level) ? 'two' : 'one')),
      ].join(' '),
    ),
  )
  expect(table).toEqual([
    'vital prevention two two',
    'vital established two two',
    'vital precise two two',
    'alert prevention two one',
    'alert established two one',
    'alert precise two two',
    'notice prevention one one',
    'notice established one one',
    'notice precise two two',
  ])
  expect(
    needsApproval({ approval: [] }, { categoryCode: 'x', severity: 'vital', doctrine: { level: 'precise' } }),
  ).toBe(false)
  // The requirements of a scheme without settings of its own.
  expect(DoctrineSettings.parse({})).toMatchObject({
    lateAfterMinutes: 60,
    approval: [{ level: 'precise' }],
    emergencyOverride: true,
    outsideZone: 'reason',
  })
})

test('returns why a user cannot approve, override or review', () => {
  const said = (problems: readonly { code: string }[]) => problems.map(({ code }) => code)
  const alert = { authorIds: ['a', 'b'], exercise: false, decidedById: 'c' }
  expect(said(approverRefusals('a', alert))).toEqual(['doctrine.own_alert'])
  expect(said(approverRefusals('b', alert))).toEqual(['doctrine.own_alert'])
  expect(said(approverRefusals('c', alert))).toEqual([])
  expect(said(approverRefusals('a', { ...alert, exercise: true }))).toEqual([])
  expect(said(overrideRefusals({ emergencyOverride: true }, true))).toEqual([])
  expect(said(overrideRefusals({ emergencyOverride: false }, true))).toEqual(['doctrine.override_off'])
  expect(said(overrideRefusals({ emergencyOverride: true }, false))).toEqual(['doctrine.approval_not_needed'])
  expect(said(reviewerRefusals('a', alert))).toEqual(['doctrine.own_override'])
  expect(said(reviewerRefusals('c', alert))).toEqual(['doctrine.own_override'])
  expect(said(reviewerRefusals('d', alert))).toEqual([])
})

describe('an alert that becomes old while it waits', () => {
  const MINUTE = 60_000
  const call = (minutes: number, isPrevention = false) => ({
    isPrevention,
    occurredAt: 0,
    calledAt: minutes * MINUTE,
    submittedAt: (minutes + 5) * MINUTE,
  })

  test.each([
    ['an hour after facts reported at once', call(2), 60],
    ['an hour after facts reported just in time', call(60), 60],
    ['an hour after the submission, if reported late with a reason', call(61), 66 + 60],
    ['an hour after the submission, if reported much later', call(480), 485 + 60],
    ['an hour after a late call, if its author sends it', { ...call(61), submittedAt: null }, 61 + 60],
    ['an hour after facts reported at once, if its author sends it', { ...call(2), submittedAt: null }, 60],
  ])('becomes old %s', (_, alert, minutes) => {
    expect(grownOldFrom(alert, 60)).toBe(minutes * MINUTE)
  })

  test('never becomes old if it is a prevention message', () => {
    expect(grownOldFrom(call(2, true), 60)).toBe(Number.POSITIVE_INFINITY)
  })

  test('requires a reason from the user who orders it', () => {
    const at = (minutes: number, mandate: Parameters<typeof ageRefusals>[0]) =>
      ageRefusals(mandate, minutes * MINUTE, 60 * MINUTE, 60).map(({ code }) => code)
    expect(at(60, { kind: 'approved' })).toEqual([])
    expect(at(61, { kind: 'approved' })).toEqual(['doctrine.grown_old'])
    expect(at(61, { kind: 'approved', reason: ' ' })).toEqual(['doctrine.grown_old'])
    expect(at(61, { kind: 'approved', reason: 'Toujours en ville.' })).toEqual([])
    expect(at(60, { kind: 'own' })).toEqual([])
    expect(at(61, { kind: 'own' })).toEqual(['doctrine.grown_old'])
    expect(at(61, { kind: 'own', reason: 'Toujours en ville.' })).toEqual([])
    expect(at(61, { kind: 'overridden', reason: 'Vies en danger.' })).toEqual([])
  })

  test('stays old once it is, and is not old when in time', () => {
    const minutes = fc.nat({ max: 3000 })
    fc.assert(
      fc.property(
        minutes,
        minutes,
        minutes,
        fc.integer({ min: 1, max: 1440 }),
        (called, waited, more, limit) => {
          const calledAt = called * MINUTE
          const submittedAt = calledAt + waited * MINUTE
          const from = grownOldFrom({ isPrevention: false, occurredAt: 0, calledAt, submittedAt }, limit)
          const refused = (at: number) => ageRefusals({ kind: 'approved' }, at, from, limit).length > 0
          if (submittedAt <= limit * MINUTE) expect(refused(submittedAt)).toBe(false)
          if (refused(submittedAt)) expect(refused(submittedAt + more * MINUTE)).toBe(true)
          // No alert waits longer than the scheme's limit without a reason.
          expect(refused(submittedAt + (limit + 1) * MINUTE)).toBe(true)
        },
      ),
    )
  })
})
