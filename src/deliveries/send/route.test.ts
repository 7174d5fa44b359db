import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createSmppGateway } from '../../gateways/sms/smpp/client.ts'
import { Route } from './route.ts'

function shareOf(contract: { window: number; partsPerSecond?: number }, workers: number, rank: number) {
  const gateway = createSmppGateway({
    name: 'a',
    host: '127.0.0.1',
    port: 1,
    systemId: 'a',
    password: 'b',
    ...contract,
  })
  const route = new Route(gateway, false)
  route.share(workers, rank)
  const { window, partsPerSecond } = gateway.state()
  return { window, partsPerSecond: partsPerSecond ?? 0, budget: route.budget.size }
}

test('the shares of all workers add up to exactly the contract', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.option(fc.integer({ min: 1, max: 100 })),
      fc.integer({ min: 1, max: 12 }),
      (window, rate, workers) => {
        const contract = { window, ...(rate === null ? {} : { partsPerSecond: rate }) }
        const shares = Array.from({ length: workers }, (_, rank) => shareOf(contract, workers, rank))
        const sum = (of: (share: (typeof shares)[number]) => number) =>
          shares.reduce((all, one) => all + of(one), 0)
        expect(sum((share) => share.window)).toBe(window)
        expect(sum((share) => share.partsPerSecond)).toBeCloseTo(rate ?? 0, 6)
        // A worker without a place in the window claims nothing, so that another worker sends instead.
        for (const share of shares) expect(share.budget === 0).toBe(share.window === 0)
      },
    ),
    { numRuns: 60 },
  )
})

test('a share never shrinks when another worker leaves, so it stays valid until the worker knows', () => {
  for (let window = 1; window <= 20; window++) {
    for (let workers = 2; workers <= 8; workers++) {
      for (let rank = 1; rank < workers; rank++) {
        const before = shareOf({ window }, workers, rank)
        expect(shareOf({ window }, workers - 1, rank - 1).window).toBeGreaterThanOrEqual(before.window)
        if (rank < workers - 1)
          expect(shareOf({ window }, workers - 1, rank).window).toBeGreaterThanOrEqual(before.window)
      }
    }
  }
})
