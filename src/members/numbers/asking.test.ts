import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isAskingTime } from './asking.ts'

test.each([
  ['a Monday at 9, summer', '2026-07-06T07:00:00Z', true],
  ['a Monday before 9, summer', '2026-07-06T06:59:59Z', false],
  ['a Monday at 9, winter', '2026-01-05T08:00:00Z', true],
  ['a Monday before 9, winter', '2026-01-05T07:59:59Z', false],
  ['a Friday before 18', '2026-07-10T15:59:59Z', true],
  ['a Friday at 18', '2026-07-10T16:00:00Z', false],
  ['a Saturday', '2026-07-11T10:00:00Z', false],
  ['a Sunday', '2026-07-12T10:00:00Z', false],
])('%s', (_, at, is) => {
  expect(isAskingTime(new Date(at))).toBe(is)
})

test('never at night nor at the weekend, whatever the day of the year', () => {
  fc.assert(
    fc.property(
      fc.date({ min: new Date('2025-01-01'), max: new Date('2030-01-01'), noInvalidDate: true }),
      (at) => {
        const local = at.toLocaleString('en-GB', {
          timeZone: 'Europe/Paris',
          weekday: 'long',
          hour: '2-digit',
        })
        const hour = Number(/\d+/.exec(local)?.[0])
        if (/Saturday|Sunday/.test(local) || hour < 9 || hour >= 18) expect(isAskingTime(at)).toBe(false)
      },
    ),
  )
})
