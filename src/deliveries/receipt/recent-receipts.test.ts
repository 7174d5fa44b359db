import { expect, test } from 'vitest'
import { MINUTE_MS } from '../../message/clock.ts'
import { hasManyUnknown } from '../status/route-health.ts'
import { RecentReceipts } from './recent-receipts.ts'

test('counts the receipts of the last ten minutes, and forgets older ones', () => {
  const recent = new RecentReceipts()
  recent.received(100, 5 * MINUTE_MS)
  recent.unknown(10, 5 * MINUTE_MS)
  recent.received(50, 9 * MINUTE_MS)
  expect(recent.count(14 * MINUTE_MS)).toEqual({ received: 150, unknown: 10 })
  expect(recent.count(15 * MINUTE_MS)).toEqual({ received: 50, unknown: 0 })
  recent.received(1, 200 * MINUTE_MS)
  expect(recent.count(200 * MINUTE_MS)).toEqual({ received: 1, unknown: 0 })
})

test('a receipt whose message is found is no longer unknown', () => {
  const recent = new RecentReceipts()
  recent.received(20, 0)
  recent.unknown(3, 0)
  recent.unknown(-2, 2 * MINUTE_MS)
  expect(recent.count(2 * MINUTE_MS)).toEqual({ received: 20, unknown: 1 })
})

test.each([
  [100, 5, true],
  [100, 4, false],
  [19, 19, false],
  [20, 1, true],
])('of %d receipts %d unknown ones raise the alarm: %s', (received, unknown, expected) => {
  expect(hasManyUnknown({ received, unknown })).toBe(expected)
})
