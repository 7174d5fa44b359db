import { afterAll, beforeAll, expect, test } from 'vitest'
import { NO_FAULTS } from '../../src/gateways/sms/simulator/faults.ts'
import { type Smsc, startSmsc } from '../../src/gateways/sms/simulator/smsc.ts'
import { testDatabaseUrl } from '../support/database.ts'
import { compareLedger } from '../support/ledger-against-smsc.ts'
import { type OrderDesk, openOrderDesk } from '../support/orders.ts'
import { sleep } from '../support/random.ts'
import { startWorker, type Worker } from '../support/workers.ts'
import { fillScheme, orderBroadcast, untilBroadcastDone } from '../support/world.ts'

const MEMBERS = 200
const WINDOW = 50
const LONG_TEXT = 'Vol par ruse à la boulangerie de Montech. '.repeat(9)
const PARTS = 3

let url: string
let smsc: Smsc
let desk: OrderDesk
let workers: Worker[]

beforeAll(async () => {
  url = await testDatabaseUrl()
  // A receipt window so small that the receipts of one message go to both workers, whichever sent it.
  smsc = await startSmsc({ receiptDelayMs: 20, receiptWindow: 2 })
  desk = await openOrderDesk(url, { window: WINDOW })
  await fillScheme(desk.deps, MEMBERS)
  const start = () =>
    startWorker({
      world: {
        database: { kind: 'postgres', url, poolSize: 5 },
        smscPort: smsc.port,
        window: WINDOW,
        inDoubtSeconds: 2,
        gateway: { responseTimeoutMs: 1500 },
      },
    })
  workers = [start(), start()]
  await Promise.all(workers.map((worker) => worker.ready))
})
afterAll(async () => {
  for (const worker of workers ?? []) {
    worker.signal('SIGTERM')
    await worker.ended
  }
  await desk?.close()
  await smsc?.stop()
})

const order = () => orderBroadcast(desk.deps, { limit: MEMBERS, text: LONG_TEXT })
const arrivedAtBoth = () =>
  desk.deps.db
    .selectFrom('deliveries')
    .select(['state', 'messageIds', 'deliveredIds'])
    .where('state', '=', 'delivered')

test('delivers all, none twice, when two workers get the receipts of parts in any order, doubled and early', async () => {
  smsc.setFaults({ reorderMs: 400, doubleReceipts: true, intermediateReceipts: true })
  const id = await order()
  expect(await untilBroadcastDone(desk.deps, id)).toMatchObject({
    parts: PARTS,
    delivered: MEMBERS,
    possibleDuplicates: 0,
  })
  expect([...smsc.log()]).toHaveLength(PARTS * MEMBERS)
  for (const { messageIds, deliveredIds } of await arrivedAtBoth().execute()) {
    expect(messageIds?.split(' ')).toHaveLength(PARTS)
    // The last part may be settled by the state alone.
    expect(deliveredIds?.length).toBeGreaterThanOrEqual(PARTS - 1)
  }
})

test('loses nothing and marks every possible duplicate when one of the two is killed', async () => {
  smsc.setFaults({ ...NO_FAULTS, reorderMs: 100 })
  const sentBefore = [...smsc.log()].length
  const id = await order()
  await expect.poll(() => [...smsc.log()].length, { interval: 10 }).toBeGreaterThan(sentBefore + 100)
  const [killed] = workers as [Worker]
  killed.signal('SIGKILL')
  workers = workers.slice(1)
  const { possibleDuplicates } = await untilBroadcastDone(desk.deps, id)
  // Late receipts of the killed worker have no effect.
  await sleep(500)
  expect(possibleDuplicates).toBeLessThanOrEqual(WINDOW)
  const found = await compareLedger(desk.deps.db, smsc.log())
  expect(found.problems).toEqual([])
  expect(found.states).toEqual({ delivered: 2 * MEMBERS })
})
