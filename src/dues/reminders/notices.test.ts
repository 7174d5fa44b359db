import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { WARNING_DAYS } from '../../schemes/settings/dues.ts'
import { addDays, daysBetween } from '../rules.ts'
import { type NextStep, nextStep, type OwingMember, suspendedFrom } from './notices.ts'

const dueOn = '2026-03-31'
const owing: OwingMember = {
  dueOn,
  suspended: false,
  called: true,
  reminded: [],
  warned: false,
  warnedOn: null,
  notifiedToday: false,
}
const settings = { remindAfterDays: [15, 45], rule: 'suspend', ruleAfterDays: 90 } as const
const after = (days: number) => addDays(dueOn, days)

test.each<[string, Partial<OwingMember>, number, NextStep | undefined]>([
  ['bills the fee first', { called: false }, -20, { do: 'call' }],
  ['bills the fee first, however late', { called: false }, 100, { do: 'call' }],
  ['does nothing before the due day', {}, 0, undefined],
  ['does nothing before a reminder is due', {}, 14, undefined],
  ['reminds', {}, 15, { do: 'reminder', step: 15 }],
  ['sends a reminder once', { reminded: [15] }, 44, undefined],
  ['sends the next reminder on its day', { reminded: [15] }, 45, { do: 'reminder', step: 45 }],
  ['does not make up for a missed reminder', {}, 50, { do: 'reminder', step: 45 }],
  ['warns', { reminded: [15, 45] }, 75, { do: 'warning' }],
  ['does nothing while the warning runs', { warned: true, warnedOn: after(75) }, 89, undefined],
  ['suspends at the end of the warning', { warned: true, warnedOn: after(75) }, 90, { do: 'suspend' }],
  ['does not suspend before the full warning period', { warned: true, warnedOn: after(80) }, 94, undefined],
  ['never suspends without a warning that reached a contact', { warned: true }, 200, undefined],
  ['sends one notice a day', { notifiedToday: true }, 75, undefined],
  ['sends nothing to a suspended member', { suspended: true }, 200, undefined],
])('%s', (_, over, days, next) => {
  expect(nextStep(settings, { ...owing, ...over }, after(days))).toEqual(next)
})

test('a rule that only warns never suspends; one that does nothing does not warn', () => {
  const warn = { ...settings, rule: 'warn' } as const
  expect(nextStep(warn, owing, after(89))).toEqual({ do: 'reminder', step: 45 })
  expect(nextStep(warn, owing, after(90))).toEqual({ do: 'warning' })
  expect(nextStep(warn, { ...owing, warned: true, warnedOn: after(90) }, after(300))).toBeUndefined()
  expect(
    nextStep({ ...settings, rule: 'none' }, { ...owing, reminded: [15, 45] }, after(300)),
  ).toBeUndefined()
})

describe('for any settings, day after day', () => {
  const anySettings = fc.record({
    remindAfterDays: fc
      .uniqueArray(fc.integer({ min: 1, max: 120 }), { maxLength: 5 })
      .map((days) => days.sort((a, b) => a - b)),
    rule: fc.constantFrom('none' as const, 'warn' as const, 'suspend' as const),
    ruleAfterDays: fc.integer({ min: WARNING_DAYS, max: 120 }),
  })

  test('no member is suspended without a warning that reached it WARNING_DAYS before and named that day or an earlier one', () => {
    fc.assert(
      fc.property(
        anySettings,
        // On which days the job runs, and whether its messages reach a contact.
        fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.boolean()), { minLength: 5, maxLength: 80 }),
        (given, runs) => {
          let day = addDays(dueOn, -20)
          let one: OwingMember = { ...owing, called: false }
          let named: string | undefined
          for (const [pause, reaches] of runs) {
            day = addDays(day, pause + 1)
            const step = nextStep(given, one, day)
            if (step?.do === 'call') one = { ...one, called: true }
            if (step?.do === 'reminder') {
              expect(one.reminded).not.toContain(step.step)
              one = { ...one, reminded: [...one.reminded, step.step] }
            }
            if (step?.do === 'warning') {
              named = suspendedFrom(given, dueOn, day)
              one = { ...one, warned: true, warnedOn: reaches ? day : null }
            }
            if (step?.do === 'suspend') {
              expect(given.rule).toBe('suspend')
              expect(one.warnedOn).not.toBeNull()
              expect(daysBetween(one.warnedOn ?? day, day)).toBeGreaterThanOrEqual(WARNING_DAYS)
              expect(daysBetween(dueOn, day)).toBeGreaterThanOrEqual(given.ruleAfterDays)
              // Not before the announced day.
              expect([named ?? '', day].sort()[1]).toBe(day)
              return
            }
          }
        },
      ),
    )
  })
})
