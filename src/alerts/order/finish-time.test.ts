import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testDatabaseSettings } from '../../../test/support/database.ts'
import {
  BENCH_SCHEME,
  fillScheme,
  orderBroadcast,
  startWorld,
  untilBroadcastDone,
} from '../../../test/support/world.ts'
import { stopBroadcast } from '../../deliveries/claim/stop.ts'
import { type Smsc, startSmsc } from '../../gateways/sms/simulator/smsc.ts'
import { inScheme } from '../../platform/db.ts'
import { listPastSendings } from '../audience/audience.ts'
import { paceOf, secondsToSend } from './pace.ts'

const WINDOW = 100
const SOAK = process.env.TOCSIN_SOAK !== undefined

/** Below this, the screen shows “immediately”. */
const IMMEDIATELY_SECONDS = 1

/**
 * The simulator at full speed, where the first broadcast has none before it to learn from, and under a contract of 40 a
 * second. The soak sends every number at both.
 */
const SPEEDS = [
  { name: 'at full speed', partsPerSecond: undefined, sizes: SOAK ? [1, 100, 1000, 10_000] : [1000, 1, 100] },
  { name: 'at 40 a second', partsPerSecond: 40, sizes: SOAK ? [1, 100, 1000, 10_000] : [1, 100] },
]

describe.each(SPEEDS)('the finish time $name', ({ partsPerSecond, sizes }) => {
  const limits = { window: WINDOW, partsPerSecond, simulated: true }
  let smsc: Smsc
  let world: Awaited<ReturnType<typeof startWorld>>

  beforeAll(async () => {
    smsc = await startSmsc({
      faults: { throttlePerSecond: partsPerSecond === undefined ? 0 : partsPerSecond * 2 },
    })
    world = await startWorld({
      database: await testDatabaseSettings('postgres'),
      smscPort: smsc.port,
      window: WINDOW,
      gateway: { partsPerSecond },
    })
    await fillScheme(world.deps, 10_000)
  })
  afterAll(async () => {
    await world?.stop()
    await smsc?.stop()
  })

  /** Returns the seconds that the room announces before an order, from the broadcasts so far. */
  const announced = (parts: number) =>
    inScheme(world.deps.db, BENCH_SCHEME, async (tx) =>
      secondsToSend(parts, paceOf(await listPastSendings(tx, BENCH_SCHEME, true, WINDOW), limits)),
    )

  async function send(recipients: number): Promise<number> {
    const id = await orderBroadcast(world.deps, { limit: recipients })
    const { firstSubmitAt, allAcceptedAt } = await untilBroadcastDone(world.deps, id, 600_000)
    if (firstSubmitAt === null || allAcceptedAt === null) throw new Error('a broadcast that was not sent')
    return (allAcceptedAt.getTime() - firstSubmitAt.getTime()) / 1000
  }

  test.each(sizes)(
    'is right within a factor of two for %i recipients',
    async (recipients) => {
      const said = await announced(recipients)
      const taken = await send(recipients)
      expect(said).toBeLessThanOrEqual(Math.max(2 * taken, IMMEDIATELY_SECONDS))
      // A busy machine is slower than the simulator: only a contract makes the time its own.
      if (SOAK || partsPerSecond !== undefined)
        expect(taken).toBeLessThanOrEqual(Math.max(2 * said, IMMEDIATELY_SECONDS))
    },
    700_000,
  )

  test.runIf(partsPerSecond === undefined)(
    'a stop while 10,000 leave lets out at most what the window already held, and the record says how many left',
    async () => {
      smsc.clearLog()
      smsc.setFaults({ latencyMs: 5 })
      const id = await orderBroadcast(world.deps, { limit: 10_000 })
      await expect.poll(() => smsc.log().next().done, { interval: 1 }).toBe(false)
      await inScheme(world.deps.db, BENCH_SCHEME, (tx) => stopBroadcast(tx, BENCH_SCHEME, id, new Date()))
      const atStop = [...smsc.log()].length
      smsc.setFaults({ latencyMs: 0 })
      const { planned, delivered, withdrawn, possibleDuplicates } = await untilBroadcastDone(world.deps, id)
      const left = [...smsc.log()].map(({ destination }) => destination)
      expect(left.length - atStop).toBeLessThanOrEqual(WINDOW)
      expect(new Set(left).size).toBe(left.length)
      expect({ planned, delivered, withdrawn, possibleDuplicates }).toEqual({
        planned: 10_000,
        delivered: left.length,
        withdrawn: 10_000 - left.length,
        possibleDuplicates: 0,
      })
    },
  )
})
