import { expect, test } from 'vitest'
import { unansweredFrom, unansweredRefusals } from './unanswered.ts'

const settings = { unansweredMinutes: { vital: 5, alert: null, notice: 60 } }
const minute = 60_000

test.each<[string, Parameters<typeof unansweredRefusals>[1], number, string[]]>([
  ['at its limit', { severity: 'vital', submittedAt: 0, same: true }, 5, []],
  ['before its limit', { severity: 'vital', submittedAt: 0, same: true }, 4.9, ['doctrine.unanswered_early']],
  [
    'a severity without a limit',
    { severity: 'alert', submittedAt: 0, same: true },
    600,
    ['doctrine.unanswered_off'],
  ],
  [
    'each severity has its own',
    { severity: 'notice', submittedAt: 0, same: true },
    59,
    ['doctrine.unanswered_early'],
  ],
  ['not submitted', { severity: 'vital', submittedAt: null, same: true }, 9, ['doctrine.approval_needed']],
  [
    'another content',
    { severity: 'vital', submittedAt: 0, same: false },
    9,
    ['doctrine.changed_since_approval'],
  ],
])('an alert without an answer, %s', (_, alert, minutes, expected) => {
  expect(unansweredRefusals(settings, alert, minutes * minute).map(({ code }) => code)).toEqual(expected)
})

test('counts from the submission', () => {
  expect(unansweredFrom(settings, { severity: 'vital', submittedAt: 1000 })).toBe(1000 + 5 * minute)
  expect(unansweredFrom(settings, { severity: 'alert', submittedAt: 1000 })).toBeNull()
})
