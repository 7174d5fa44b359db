import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Smsc, startSmsc } from '../../src/gateways/sms/simulator/smsc.ts'
import { testDatabaseUrl } from '../support/database.ts'
import { compareLedger } from '../support/ledger-against-smsc.ts'
import { type OrderDesk, openOrderDesk } from '../support/orders.ts'
import { startWorker, type Worker } from '../support/workers.ts'
import { fillScheme, orderBroadcast, untilBroadcastDone } from '../support/world.ts'

const MEMBERS = 1100
/** The provider's limits for all workers together. */
const CONTRACT = { window: 30, partsPerSecond: 200 }
/** Each submission is answered after this time, so the unanswered ones are those of this period. */
const ANSWER_MS = 100
/** The bucket of each worker is 50 ms of its rate; the rest is a margin for a busy machine. */
const BURST = 0.15

let url: string
let smsc: Smsc
let desk: OrderDesk
const workers: Worker[] = []

function start(): Worker {
  const worker = startWorker({
    world: {
      database: { kind: 'postgres', url, poolSize: 5 },
      smscPort: smsc.port,
      window: CONTRACT.window,
      inDoubtSeconds: 1,
      gateway: { partsPerSecond: CONTRACT.partsPerSecond },
    },
  })
  workers.push(worker)
  return worker
}

beforeAll(async () => {
  url = await testDatabaseUrl()
  smsc = await startSmsc({ receiptDelayMs: 20, faults: { latencyMs: ANSWER_MS } })
  desk = await openOrderDesk(url, CONTRACT)
  await fillScheme(desk.deps, MEMBERS)
})
afterAll(async () => {
  for (const worker of workers) {
    worker.signal('SIGTERM')
    await worker.ended
  }
  await desk?.close()
  await smsc?.stop()
})

/** Returns the most events within any period of this length. */
function mostWithin(times: readonly number[], ms: number): number {
  let most = 0
  let from = 0
  for (const [index, at] of times.entries()) {
    while (at - (times[from] as number) >= ms) from++
    most = Math.max(most, index - from + 1)
  }
  return most
}

test('workers that join, leave and crash keep to the contract together', async () => {
  const [leaving, dying] = [start(), start()]
  await Promise.all(workers.map((worker) => worker.ready))
  const id = await orderBroadcast(desk.deps, { limit: MEMBERS })
  // Each event comes while messages are being sent, however slow the machine is, and messages remain for those after it.
  const untilSent = (count: number) =>
    expect.poll(() => smsc.state().accepted, { interval: 10 }).toBeGreaterThan(count)
  await untilSent(MEMBERS * 0.15)
  await start().ready
  await untilSent(MEMBERS * 0.45)
  leaving.signal('SIGTERM')
  expect(await leaving.ended).toBe(0)
  await untilSent(MEMBERS * 0.6)
  dying.signal('SIGKILL')
  await untilBroadcastDone(desk.deps, id, 180_000)

  const times = [...smsc.log()].map((entry) => Date.parse(entry.at)).sort((a, b) => a - b)
  const seconds = ((times.at(-1) ?? 0) - (times[0] ?? 0)) / 1000
  console.log(
    `at most ${mostWithin(times, 1000)} in a second, ${mostWithin(times, ANSWER_MS)} unanswered, ${Math.round(times.length / seconds)} a second over ${seconds.toFixed(1)} s`,
  )
  expect(mostWithin(times, 1000)).toBeLessThanOrEqual(CONTRACT.partsPerSecond * (1 + BURST))
  // Responses are sent at the end of the delay, and the log has a resolution of a millisecond.
  expect(mostWithin(times, ANSWER_MS - 2)).toBeLessThanOrEqual(CONTRACT.window)
  // A busy machine cannot use the contract fully: how much is used is asked where nothing else runs.
  if (process.env.TOCSIN_SOAK) expect(times.length / seconds).toBeGreaterThan(CONTRACT.partsPerSecond / 2)
  expect((await compareLedger(desk.deps.db, smsc.log())).problems).toEqual([])
})
