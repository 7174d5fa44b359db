import { describe, expect, test } from 'vitest'
import type { OnCallHours, OnCallRole } from './contract.ts'
import { isUnreached, type MadeCall, nextStepOf, type Reach } from './reach.ts'
import { gapsOf, lineOf, listOnCall, minuteOfWeek, partsOf, rankAt, WEEK } from './rules.ts'

const ALL_DAYS = [0, 1, 2, 3, 4, 5, 6]
const hours = (days: number[], from: string, to: string, rank = 1): OnCallHours => ({ days, from, to, rank })

describe('weekly hours', () => {
  test.each<[string, OnCallHours, { from: number; to: number }[]]>([
    ['a day', hours([0], '08:00', '18:00'), [{ from: 480, to: 1080 }]],
    ['a night', hours([0], '20:00', '08:00'), [{ from: 1200, to: 1920 }]],
    ['equal hours are a whole day', hours([2], '08:00', '08:00'), [{ from: 3360, to: 4800 }]],
    [
      'the night from Sunday to Monday',
      hours([6], '20:00', '08:00'),
      [
        { from: 9840, to: WEEK },
        { from: 0, to: 480 },
      ],
    ],
    ['a day that ends at midnight', hours([6], '08:00', '00:00'), [{ from: 9120, to: WEEK }]],
  ])('%s', (_, one, expected) => {
    expect(partsOf(one)).toEqual(expected)
  })

  test.each<[string, string, number]>([
    ['2026-03-09T00:00+01:00', 'Europe/Paris', 0],
    ['2026-03-08T23:59+01:00', 'Europe/Paris', WEEK - 1],
    ['2026-11-28T01:10Z', 'Europe/Paris', 5 * 1440 + 130],
    // Réunion is three hours ahead of Paris in winter: Sunday evening there is still Sunday.
    ['2026-03-08T21:00Z', 'Indian/Reunion', 60],
    ['2026-03-08T21:00Z', 'America/Martinique', 6 * 1440 + 17 * 60],
  ])('%s in %s is minute %i of the week', (at, zone, expected) => {
    expect(minuteOfWeek(Date.parse(at), zone)).toBe(expected)
  })

  test('the best rank counts where hours overlap', () => {
    const person = { hours: [hours(ALL_DAYS, '00:00', '00:00', 3), hours([0], '08:00', '12:00', 1)] }
    expect(rankAt(person, 9 * 60)).toBe(1)
    expect(rankAt(person, 13 * 60)).toBe(3)
    expect(rankAt({ hours: [] }, 0)).toBeUndefined()
  })

  test.each<[string, OnCallHours[][], { from: number; to: number }[]]>([
    ['nobody', [], [{ from: 0, to: WEEK }]],
    ['one person all week', [[hours(ALL_DAYS, '00:00', '00:00')]], []],
    [
      'two who share the day',
      [[hours(ALL_DAYS, '08:00', '20:00')], [hours(ALL_DAYS, '20:00', '08:00', 2)]],
      [],
    ],
    [
      'a hole in the week',
      [[hours([0, 1, 2, 3, 4, 5], '00:00', '00:00')], [hours([6], '12:00', '00:00')]],
      [{ from: 6 * 1440, to: 6 * 1440 + 720 }],
    ],
  ])('gaps with %s', (_, people, expected) => {
    const list = people.map((one) => ({ role: 'approver' as OnCallRole, hours: one }))
    expect(gapsOf(list, 'approver')).toEqual(expected)
  })
})

const person = (id: string, own: OnCallHours[], over: object = {}) => ({
  id,
  name: id,
  role: 'approver' as OnCallRole,
  userId: null as string | null,
  hours: own,
  ...over,
})
const always = (rank: number) => [hours(ALL_DAYS, '00:00', '00:00', rank)]
const at = Date.parse('2026-11-28T01:10Z')
const day = 86_400_000

describe('the line of a call-out', () => {
  const morel = person('morel', always(1))
  const vidal = person('vidal', always(2), { userId: 'u-vidal' })
  const garnier = person('garnier', [hours([0], '08:00', '18:00')])
  const judge = person('judge', always(1), { role: 'magistrate' })
  const rota = { people: [vidal, garnier, judge, morel], absences: [], timeZone: 'Europe/Paris' }
  const away = (personId: string, substituteId: string | null, from = at - day, until = at + day) => ({
    personId,
    substituteId,
    from,
    until,
  })

  test.each<[string, Parameters<typeof away>[], string[]]>([
    ['by rank', [], ['morel', 'vidal']],
    ['a substitute takes the place of an absent person', [['morel', 'garnier']], ['garnier', 'vidal']],
    ['an absence without substitute leaves the place out', [['morel', null]], ['vidal']],
    ['a substitute who is in the line already is not listed twice', [['morel', 'vidal']], ['vidal']],
    [
      'the substitute of a substitute',
      [
        ['vidal', 'garnier'],
        ['morel', 'vidal'],
      ],
      ['garnier'],
    ],
    [
      'two who replace each other are both away',
      [
        ['vidal', 'morel'],
        ['morel', 'vidal'],
      ],
      [],
    ],
    [
      'an absence that has ended changes nothing',
      [['morel', 'garnier', at - 2 * day, at]],
      ['morel', 'vidal'],
    ],
  ])('%s', (_, absences, expected) => {
    const line = listOnCall({ ...rota, absences: absences.map((one) => away(...one)) }, 'approver', at)
    expect(line.map(({ id }) => id)).toEqual(expected)
  })

  test('ends with those who are not on call, without authors and without the absent', () => {
    expect(lineOf(rota, 'approver', { at, without: ['u-vidal'] })).toEqual([
      { id: 'morel', onCall: true },
      { id: 'garnier', onCall: false },
    ])
    const absences = [away('garnier', null)]
    expect(lineOf({ ...rota, absences }, 'approver', { at, without: [] }).map(({ id }) => id)).toEqual([
      'morel',
      'vidal',
    ])
  })
})

describe('reaching', () => {
  const line = [
    { id: 'a', onCall: true },
    { id: 'b', onCall: true },
    { id: 'c', onCall: false },
  ]
  const call = (personId: string, seconds: number, over: Partial<MadeCall> = {}): MadeCall => ({
    personId,
    at: seconds * 1000,
    why: 'next',
    sms: 'delivered',
    openedAt: null,
    ...over,
  })
  const reach = (...calls: MadeCall[]): Reach => ({ line, calls, waitMs: 90_000 })

  test.each<[string, Reach, number, ReturnType<typeof nextStepOf>]>([
    ['calls the first at once', reach(), 0, { call: ['a'], why: 'first' }],
    ['waits for an answer', reach(call('a', 0)), 50, { checkAt: 90_000 }],
    ['calls the next after the wait', reach(call('a', 0)), 90, { call: ['b'], why: 'next' }],
    ['looks often while an SMS is on its way', reach(call('a', 0, { sms: 'sent' })), 4, { checkAt: 6000 }],
    ['looks at 30 s at the latest', reach(call('a', 0, { sms: 'sent' })), 29, { checkAt: 30_000 }],
    [
      'a refused SMS calls the next at once',
      reach(call('a', 0, { sms: 'failed' })),
      3,
      { call: ['b'], why: 'unreached' },
    ],
    [
      'an SMS not delivered in 30 s as well',
      reach(call('a', 0, { sms: 'sent' })),
      30,
      { call: ['b'], why: 'unreached' },
    ],
    [
      'an SMS that never left as well',
      reach(call('a', 0, { sms: 'waiting' })),
      30,
      { call: ['b'], why: 'unreached' },
    ],
    ['a call by mail alone waits', reach(call('a', 0, { sms: null })), 60, { checkAt: 90_000 }],
    [
      'the one who opened the page gets the wait from then',
      reach(call('a', 0, { openedAt: 60_000 })),
      100,
      { checkAt: 150_000 },
    ],
    [
      'an opened page proves that the person was reached',
      reach(call('a', 0, { sms: 'sent', openedAt: 10_000 })),
      40,
      { checkAt: 100_000 },
    ],
    [
      'everyone comes after the last on call',
      reach(call('a', 0), call('b', 90)),
      180,
      { call: ['a', 'b', 'c'], why: 'all' },
    ],
    [
      'everyone at once when the last is not reached',
      reach(call('a', 0), call('b', 90, { sms: 'failed' })),
      91,
      { call: ['a', 'b', 'c'], why: 'all' },
    ],
    [
      'nothing is left once everyone was called',
      reach(call('a', 0), call('a', 180, { why: 'all' }), call('c', 180, { why: 'all' })),
      600,
      { checkAt: null },
    ],
    [
      'the last SMS are followed all the same',
      reach(call('a', 0), call('c', 180, { why: 'all', sms: 'sent' })),
      185,
      { checkAt: 187_000 },
    ],
  ])('%s', (_, one, seconds, expected) => {
    expect(nextStepOf(one, seconds * 1000)).toEqual(expected)
  })

  test('without anyone on call, everyone is called at once', () => {
    const nobody = { line: [{ id: 'c', onCall: false }], calls: [], waitMs: 90_000 }
    expect(nextStepOf(nobody, 0)).toEqual({ call: ['c'], why: 'all' })
    expect(nextStepOf({ ...nobody, line: [] }, 0)).toEqual({ checkAt: null })
  })

  test.each<[MadeCall['sms'], number | null, number, boolean]>([
    ['delivered', null, 100, false],
    ['sent', null, 29, false],
    ['sent', null, 30, true],
    ['failed', null, 1, true],
    ['failed', 5000, 40, false],
    [null, null, 100, false],
  ])('an SMS that is %s, opened at %s, after %i s: unreached %s', (sms, openedAt, seconds, expected) => {
    expect(isUnreached(call('a', 0, { sms, openedAt }), seconds * 1000)).toBe(expected)
  })
})
