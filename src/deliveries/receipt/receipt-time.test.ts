import { afterAll, describe, expect, test } from 'vitest'
import { testDatabaseSettings, usualKinds } from '../../../test/support/database.ts'
import { fillScheme, orderBroadcast, startWorld } from '../../../test/support/world.ts'
import { type SmscSettings, startSmsc } from '../../gateways/sms/simulator/smsc.ts'

/**
 * Measures, with TOCSIN_RECEIPTS, on an idle machine and enforces the bounds; without, tests that each form is matched.
 */
const MEASURED = process.env.TOCSIN_RECEIPTS
const TIMES = Number(MEASURED ?? 3)
/** The promised median, and a bound for the 95th percentile: a receipt that is put aside takes longer. */
const PROMISED_MS = 100
const BOUND_MS = 1000

/** The forms in which providers write their receipts. */
const PROVIDERS: Record<string, SmscSettings> = {
  'with the ids of the responses': {},
  'with ids in the other base': { receiptIdFormat: 'decimal' },
  'with ids in the other base, in their text only': { receiptIdFormat: 'decimal', textOnlyReceipts: true },
  'with ids in small letters without leading zeros': { receiptIdFormat: 'lowerHex' },
  'with padded ids in capitals': { messageIdFormat: 'lowerHex', receiptIdFormat: 'hex' },
  'with ids in the other base, without phone or reference': {
    receiptIdFormat: 'decimal',
    anonymousReceipts: true,
  },
  'with national phones': { nationalReceipts: true },
  'with ids in the other base and national phones': { receiptIdFormat: 'decimal', nationalReceipts: true },
}

describe.each(usualKinds)('time from the arrival of a receipt until it is stored, on %s', (kind) => {
  const ends: (() => Promise<unknown>)[] = []
  afterAll(async () => {
    for (const end of ends.reverse()) await end()
  })

  test.each(Object.entries(PROVIDERS))('%s', async (name, settings) => {
    const smsc = await startSmsc({ ...settings, receiptDelayMs: 60 })
    ends.push(() => smsc.stop())
    const world = await startWorld({
      database: await testDatabaseSettings(kind, 4),
      smscPort: smsc.port,
      window: 20,
    })
    ends.push(() => world.stop())
    await fillScheme(world.deps, 1)
    let arrivedAt = 0
    for (const gateway of world.deps.gateways)
      gateway.onReceipts(() => {
        arrivedAt = performance.now()
      })
    const figures: number[] = []
    for (let time = 0; time < TIMES; time++) {
      const id = await orderBroadcast(world.deps, { limit: 1 })
      const state = () =>
        world.deps.db
          .selectFrom('deliveries')
          .select('state')
          .where('broadcastId', '=', id)
          .executeTakeFirstOrThrow()
      await expect.poll(state, { interval: 4 }).toEqual({ state: 'delivered' })
      figures.push(performance.now() - arrivedAt)
    }
    figures.sort((a, b) => a - b)
    const at = (share: number) => Math.round(figures[Math.ceil(share * TIMES) - 1] as number)
    if (MEASURED === undefined) return
    console.log(`${kind}, ${name}: p50 ${at(0.5)} ms, p95 ${at(0.95)} ms`)
    expect(at(0.5)).toBeLessThanOrEqual(PROMISED_MS)
    expect(at(0.95)).toBeLessThanOrEqual(BOUND_MS)
  })
})
