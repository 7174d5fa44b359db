import { expect, test } from 'vitest'
import { Budget } from './budget.ts'

const never = new AbortController().signal
const settled = async (promise: Promise<number>) =>
  Promise.race([promise, new Promise<string>((resolve) => setTimeout(() => resolve('waits'), 5))])

test('grants all free places except those reserved for vital alerts', async () => {
  const budget = new Budget(80)
  expect(await budget.reserveRoom(20, { lane: 'alert', claimed: 0 }, never)).toBe(70)
  expect(await settled(budget.reserveRoom(20, { lane: 'alert', claimed: 0 }, never))).toBe('waits')
  expect(await budget.reserveRoom(10, { lane: 'vital', claimed: 0 }, never)).toBe(10)
})

test('serves the most urgent lane first, then the earliest request', async () => {
  const budget = new Budget(8)
  const room = await budget.reserveRoom(1, { lane: 'vital', claimed: 0 }, never)
  const order: string[] = []
  const waits = (['reminder', 'service', 'vital', 'follow_up', 'alert', 'vital'] as const).map(
    (lane, index) =>
      budget.reserveRoom(1, { lane, claimed: 0 }, never).then((got) => {
        order.push(`${lane} ${index}`)
        budget.releaseRoom(got)
      }),
  )
  budget.releaseRoom(room)
  await Promise.all(waits)
  expect(order).toEqual(['vital 2', 'vital 5', 'alert 4', 'follow_up 3', 'service 1', 'reminder 0'])
})

test('grants nothing to an aborted request; a smaller budget serves a request for more than all of it', async () => {
  const budget = new Budget(8)
  await budget.reserveRoom(8, { lane: 'vital', claimed: 0 }, never)
  const abort = new AbortController()
  const waiting = budget.reserveRoom(1, { lane: 'alert', claimed: 0 }, abort.signal)
  abort.abort()
  expect(await waiting).toBe(0)
  budget.resize(4)
  const next = budget.reserveRoom(500, { lane: 'alert', claimed: 0 }, never)
  budget.releaseRoom(4)
  expect(await settled(next)).toBe('waits')
  budget.releaseRoom(4)
  expect(await next).toBe(4)
})

test('serves the broadcast that has claimed least first within a lane, a chunk at a time while others wait', async () => {
  const budget = new Budget(80)
  const all = await budget.reserveRoom(1, { lane: 'vital', claimed: 0 }, never)
  const order: string[] = []
  const waits = [300, 0, 100].map((claimed) =>
    budget
      .reserveRoom(10, { lane: 'alert', claimed }, never)
      .then((room) => order.push(`${claimed}: ${room}`)),
  )
  budget.releaseRoom(all)
  await Promise.all(waits)
  expect(order).toEqual(['0: 10', '100: 10', '300: 50'])
})

test('grants free places at once, except those reserved for vital alerts', () => {
  const budget = new Budget(80)
  expect(budget.reserveFreeRoom(60, 'alert')).toBe(60)
  expect(budget.reserveFreeRoom(60, 'alert')).toBe(10)
  expect(budget.reserveFreeRoom(1, 'alert')).toBe(0)
  expect(budget.reserveFreeRoom(60, 'vital')).toBe(10)
  budget.resize(0)
  expect(budget.reserveFreeRoom(1, 'vital')).toBe(0)
})

test('delays a worker without a share of the contract until it has one', async () => {
  const budget = new Budget(0)
  const waiting = budget.reserveRoom(5, { lane: 'vital', claimed: 0 }, never)
  expect(await settled(waiting)).toBe('waits')
  budget.resize(3)
  expect(await waiting).toBe(3)
})
