import { expect, test } from 'vitest'
import { hasOrders, precedeClaims, untilOrdersAreDone } from './precedence.ts'

/** Starts an order that is in progress until `end` or `fail` is called. */
function startOrder() {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  return { done: precedeClaims(() => promise), end: () => resolve('sent'), fail: reject }
}

test('a claim waits until the last of the orders in progress is done, and not at all without one', async () => {
  expect(hasOrders()).toBe(false)
  expect(await untilOrdersAreDone(10_000)).toBe(0)
  const [one, other] = [startOrder(), startOrder()]
  let resumed = 0
  const waits = [untilOrdersAreDone(10_000), untilOrdersAreDone(10_000)].map((wait) =>
    wait.then(() => {
      resumed += 1
    }),
  )
  one.end()
  expect(await one.done).toBe('sent')
  expect([resumed, hasOrders()]).toEqual([0, true])
  other.end()
  await Promise.all([other.done, ...waits])
  expect([resumed, hasOrders()]).toEqual([2, false])
})

test('a claim waits no longer than it is told to, and says how long it was', async () => {
  const order = startOrder()
  expect(await untilOrdersAreDone(0)).toBe(0)
  expect(await untilOrdersAreDone(20)).toBeGreaterThan(15)
  expect(hasOrders()).toBe(true)
  order.end()
  await order.done
})

test('an order that fails lets claims go on', async () => {
  const order = startOrder()
  const wait = untilOrdersAreDone(10_000)
  order.fail(new Error('no territory'))
  await expect(order.done).rejects.toThrow('no territory')
  expect(await wait).toBeLessThan(10_000)
  expect(hasOrders()).toBe(false)
})
