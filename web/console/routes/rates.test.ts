import { expect, test } from 'vitest'
import type { RoutesView } from '../../../src/deliveries/contract.ts'
import { addSample, type History, meanAnswerOf, ratesOf } from './rates.ts'

/**
 * Returns a view in which `smpp` has accepted this number of parts after this number of seconds, each answered in 20
 * ms.
 */
function viewAt(seconds: number, accepted: number, alive = ['1']): RoutesView {
  const at = new Date(Date.UTC(2026, 10, 25, 10) + seconds * 1000).toISOString()
  const totals = {
    submitted: 0,
    accepted,
    refused: 0,
    throttled: 0,
    unanswered: 0,
    receipts: 0,
    linksLost: 0,
  }
  return {
    at,
    routes: [
      {
        name: 'smpp',
        simulated: false,
        state: 'bound',
        circuit: 'closed',
        details: {
          kind: 'smpp',
          inFlight: 0,
          window: 100,
          partsPerSecond: null,
          silentMs: 0,
          lastError: null,
          stateSince: null,
          errorSince: null,
          totalsAt: at,
          totals: { ...totals, unknownReceipts: 0, foundReceipts: 0, answerMs: accepted * 20, refusals: {} },
          recentReceipts: { received: 0, unknown: 0 },
          refusals: [],
          workers: alive.length,
        },
      },
    ],
    workers: alive.map((id) => ({ id, name: id, startedAt: at, beatMs: 0, isAlive: true })),
  }
}

const after = (...views: RoutesView[]) => views.reduce<History>(addSample, new Map()).get('smpp') ?? []
const rates = (...views: RoutesView[]) => ratesOf(after(...views)).map((rate) => rate.perSecond)

test('computes the rate from two readings and the time between their heartbeats', () => {
  expect(rates(viewAt(0, 0), viewAt(1, 50), viewAt(3, 50), viewAt(3.5, 100))).toEqual([50, 0, 100])
})

test('ignores a reading between two heartbeats', () => {
  expect(after(viewAt(0, 0), viewAt(0, 0), viewAt(1, 5))).toHaveLength(2)
})

test('leaves a gap between readings that cannot be compared', () => {
  expect(rates(viewAt(0, 0), viewAt(1, 900, ['1', '2']), viewAt(2, 910, ['1', '2']))).toEqual([null, 10])
  expect(rates(viewAt(0, 500), viewAt(1, 3))).toEqual([null])
  expect(rates(viewAt(0, 0), viewAt(60, 600))).toEqual([null])
})

test('keeps two minutes', () => {
  const views = Array.from({ length: 200 }, (_, second) => viewAt(second, second))
  expect(after(...views)).toHaveLength(121)
})

test('averages the response time of the kept readings only', () => {
  expect(meanAnswerOf(after(viewAt(0, 100), viewAt(1, 150)))).toBe(20)
  expect(meanAnswerOf(after(viewAt(0, 100), viewAt(1, 100)))).toBeNull()
  expect(meanAnswerOf(after(viewAt(0, 100)))).toBeNull()
})
