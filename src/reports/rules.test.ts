import { describe, expect, test } from 'vitest'
import { findAnswerPhone, isLate, type ReportFacts, refusalRefusals, reportRefusals } from './rules.ts'

const now = new Date('2026-03-12T17:30:00Z')
const ago = (minutes: number) => new Date(now.getTime() - minutes * 60_000)
const good: ReportFacts = {
  now,
  categoryCode: 'counterfeit',
  category: { active: true },
  communeCode: '63178',
  commune: 'inside',
  calledAt: now,
  occurredAt: now,
  lateReason: undefined,
  lateAfterMinutes: 60,
  phoneProblem: undefined,
  callerIsMember: undefined,
  exercise: false,
  hasSimulator: true,
}

describe('reportRefusals', () => {
  test.each<[string, Partial<ReportFacts>, string[]]>([
    ['accepts a call now about facts of now', {}, []],
    ['accepts a call of 23 h ago', { calledAt: ago(23 * 60), occurredAt: ago(23 * 60) }, []],
    ['accepts facts exactly an hour before the call', { occurredAt: ago(60) }, []],
    ['accepts older facts with a reason', { occurredAt: ago(61), lateReason: 'Constaté à la caisse' }, []],
    ['refuses older facts without a reason', { occurredAt: ago(61) }, ['late_reason_missing lateReason']],
    [
      'refuses older facts with a blank reason',
      { occurredAt: ago(61), lateReason: '  ' },
      ['late_reason_missing lateReason'],
    ],
    ['refuses an unknown category', { category: undefined }, ['unknown_category categoryCode']],
    [
      'refuses a category no longer in use',
      { category: { active: false } },
      ['unknown_category categoryCode'],
    ],
    ['refuses an unknown commune', { commune: 'unknown' }, ['unknown_commune communeCode']],
    [
      'refuses a commune outside the territory',
      { commune: 'outside' },
      ['report.commune_outside communeCode'],
    ],
    ['accepts a clock that is 2 minutes ahead', { calledAt: ago(-2), occurredAt: ago(-2) }, []],
    ['refuses a call in the future', { calledAt: ago(-3) }, ['report.call_in_future calledAt']],
    [
      'refuses a call of yesterday',
      { calledAt: ago(24 * 60 + 1), occurredAt: ago(24 * 60 + 1) },
      ['report.call_too_old calledAt'],
    ],
    ['refuses an offence in the future', { occurredAt: ago(-3) }, ['report.offence_in_future occurredAt']],
    [
      'refuses an offence after the call',
      { calledAt: ago(10), occurredAt: ago(9) },
      ['report.offence_after_call occurredAt'],
    ],
    ['refuses an invalid number', { phoneProblem: 'phone.length' }, ['phone.length callerPhone']],
    ['refuses an unknown member', { callerIsMember: false }, ['report.caller_unknown callerMemberId']],
    ['accepts a member as the caller', { callerIsMember: true }, []],
    [
      'reports every problem at once',
      {
        category: undefined,
        commune: 'outside',
        calledAt: ago(-60),
        occurredAt: ago(120),
        phoneProblem: 'phone.short',
        callerIsMember: false,
      },
      [
        'unknown_category categoryCode',
        'report.commune_outside communeCode',
        'report.call_in_future calledAt',
        'late_reason_missing lateReason',
        'phone.short callerPhone',
        'report.caller_unknown callerMemberId',
      ],
    ],
  ])('%s', (_, facts, expected) => {
    expect(reportRefusals({ ...good, ...facts }).map(({ code, path }) => `${code} ${path}`)).toEqual(expected)
  })
})

test('lateness is measured from the offence to the call', () => {
  expect(isLate(now, ago(60), 60)).toBe(false)
  expect(isLate(now, new Date(ago(60).getTime() - 1), 60)).toBe(true)
})

test('"other" requires a note', () => {
  expect(refusalRefusals('other', undefined)).toEqual([{ code: 'report.note_missing', path: 'note' }])
  expect(refusalRefusals('other', ' ')).toHaveLength(1)
  expect(refusalRefusals('other', 'Le commerçant s’est trompé')).toEqual([])
  expect(refusalRefusals('doubt', undefined)).toEqual([])
})

test.each([
  ['+33639980001', null, '+33639980001'],
  ['+262692123456', '+33639980002', '+262692123456'],
  // A caller may leave any number; a member's number was entered by the chamber.
  ['+41791234567', null, undefined],
  ['+881612345678', null, undefined],
  ['+41791234567', '+33639980002', '+33639980002'],
  ['+41791234567', '+41791234567', '+41791234567'],
  [null, '+41791234567', '+41791234567'],
  [null, '+881612345678', undefined],
  ['+33473890000', null, undefined],
  [null, null, undefined],
])('a caller at %s, of a member at %s, is answered at %s', (callerPhone, memberMobile, phone) => {
  expect(findAnswerPhone({ callerPhone, memberMobile })).toBe(phone)
})
