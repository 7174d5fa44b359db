import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stopBroadcast } from '../../src/deliveries/claim/stop.ts'
import { createRandom, NO_FAULTS } from '../../src/gateways/sms/simulator/faults.ts'
import { type Smsc, startSmsc } from '../../src/gateways/sms/simulator/smsc.ts'
import { inScheme } from '../../src/platform/db.ts'
import { testDatabaseUrl } from '../support/database.ts'
import { compareLedger } from '../support/ledger-against-smsc.ts'
import { type OrderDesk, openOrderDesk } from '../support/orders.ts'
import { SEED, sleep } from '../support/random.ts'
import { startTcpProxy } from '../support/tcp-proxy.ts'
import { startWorker, type Worker } from '../support/workers.ts'
import { BENCH_SCHEME, fillScheme, orderBroadcast, untilBroadcastDone } from '../support/world.ts'

const MEMBERS = 900
/** Shared by all workers, like the contract with the provider. */
const WINDOW = 150
const FREEZES = Number(process.env.TOCSIN_FREEZES ?? 1)
/** Longer than the silence after which another worker settles the chunks of a worker. */
const FROZEN_MS = 8000

describe('three workers on one database', () => {
  let url: string
  let smsc: Smsc
  let desk: OrderDesk
  let workers: Worker[]

  const start = (databaseUrl = url) =>
    startWorker({
      world: {
        database: { kind: 'postgres', url: databaseUrl, poolSize: 5 },
        smscPort: smsc.port,
        window: WINDOW,
        inDoubtSeconds: 1,
      },
    })

  beforeAll(async () => {
    url = await testDatabaseUrl()
    smsc = await startSmsc({ receiptDelayMs: 20, faults: { latencyMs: 80 } })
    desk = await openOrderDesk(url, { window: WINDOW })
    await fillScheme(desk.deps, MEMBERS)
    workers = [start(), start(), start()]
    await Promise.all(workers.map((worker) => worker.ready))
  })
  afterAll(async () => {
    for (const worker of workers ?? []) {
      worker.signal('SIGCONT')
      worker.signal('SIGTERM')
      await worker.ended
    }
    await desk?.close()
    await smsc?.stop()
  })

  const order = (options: Partial<Parameters<typeof orderBroadcast>[1]> = {}) =>
    orderBroadcast(desk.deps, { limit: MEMBERS, ...options })

  const listSent = (text: string) => [...smsc.log()].filter((entry) => entry.text === text)
  const listSentAfter = (text: string, time: Date) =>
    listSent(text).filter((entry) => new Date(entry.at) > time)

  test('send all three', async () => {
    const id = await order({ text: 'Essai des trois.' })
    const seen = new Set<number | null>()
    const look = async () => {
      for (const { workerId } of await desk.deps.db
        .selectFrom('deliveryChunks')
        .select('workerId')
        .where('state', '=', 'claimed')
        .execute())
        seen.add(workerId)
      return seen.size
    }
    await expect.poll(look, { interval: 10 }).toBe(3)
    expect(await untilBroadcastDone(desk.deps, id)).toMatchObject({ delivered: MEMBERS })
    expect([...smsc.log()]).toHaveLength(MEMBERS)
  })

  test('send at most what their window holds after a stop', async () => {
    const text = 'Alerte qui sera stoppée.'
    const id = await order({ text })
    await expect.poll(() => listSent(text).length, { interval: 10 }).toBeGreaterThan(0)
    await inScheme(desk.deps.db, BENCH_SCHEME, (tx) => stopBroadcast(tx, BENCH_SCHEME, id, new Date()))
    const stoppedAt = new Date()
    const { withdrawn, delivered } = await untilBroadcastDone(desk.deps, id)
    expect(withdrawn).toBeGreaterThan(0)
    expect(withdrawn + delivered).toBe(MEMBERS)
    expect(listSent(text)).toHaveLength(delivered)
    expect(listSentAfter(text, stoppedAt).length).toBeLessThanOrEqual(WINDOW)
  })

  test('send at most what their window holds after the end of validity', async () => {
    const text = 'Alerte qui sera périmée.'
    smsc.setFaults({ ...NO_FAULTS, latencyMs: 400 })
    const id = await order({ text, validMinutes: 1 / 60 })
    const { expired } = await untilBroadcastDone(desk.deps, id)
    expect(expired).toBeGreaterThan(0)
    const { validUntil } = await desk.deps.db
      .selectFrom('broadcasts')
      .select('validUntil')
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
    expect(listSentAfter(text, validUntil).length).toBeLessThanOrEqual(WINDOW)
    smsc.setFaults({ ...NO_FAULTS, latencyMs: 80 })
  })

  const seeds = Array.from({ length: FREEZES }, (_, no) => SEED + no)
  test.each(seeds)(
    'lose nothing and mark every possible duplicate when one is killed and one frozen (%i)',
    async (seed) => {
      const random = createRandom(seed)
      const markedBefore = (await compareLedger(desk.deps.db, smsc.log())).marked
      console.log(`TOCSIN_SEED=${seed}`)
      const ids = [
        await order({ text: 'Message de service.', lane: 'service' }),
        await order({ text: 'Alerte.', lane: 'alert' }),
        await order({ text: 'Alerte vitale.', lane: 'vital' }),
      ]
      const [killed, frozen] = workers as [Worker, Worker, Worker]
      await sleep(random() * 800)
      killed.signal('SIGKILL')
      await sleep(random() * 800)
      frozen.signal('SIGSTOP')
      const frozenAt = Date.now()
      await sleep(random() * 4000)
      ids.push(await order({ text: 'Pendant le sommeil.', lane: 'alert' }))
      await sleep(FROZEN_MS - (Date.now() - frozenAt))
      ids.push(await order({ text: 'Au réveil.', lane: 'alert' }))
      frozen.signal('SIGCONT')
      for (const id of ids) await untilBroadcastDone(desk.deps, id)
      // Late events of the resumed worker must not change anything.
      await sleep(1500)
      const found = await compareLedger(desk.deps.db, smsc.log())
      console.log(
        `${found.deliveries} deliveries, ${found.marked} possible duplicates, ${found.doubles} received twice`,
      )
      expect(found.problems).toEqual([])
      for (const id of ids)
        expect(await untilBroadcastDone(desk.deps, id, 1000)).toMatchObject({ delivered: MEMBERS })
      expect(found.marked - markedBefore).toBeLessThanOrEqual(2 * WINDOW)
      const next = start()
      workers = [...workers.slice(1), next]
      await next.ready
    },
  )

  test('lose nothing and mark every possible duplicate when one is cut off from the database', async () => {
    const proxy = await startTcpProxy(Number(new URL(url).port))
    const throughProxy = new URL(url)
    throughProxy.port = String(proxy.port)
    const [replaced] = workers as [Worker]
    replaced.signal('SIGTERM')
    expect(await replaced.ended).toBe(0)
    const cutOff = start(throughProxy.href)
    workers = [...workers.slice(1), cutOff]
    await cutOff.ready
    const markedBefore = (await compareLedger(desk.deps.db, smsc.log())).marked
    const ids = [await order({ text: 'Avant la coupure.' }), await order({ text: 'Pendant.' })]
    const sent = () => [...smsc.log()].filter(({ text }) => text === 'Avant la coupure.').length
    await expect.poll(sent, { interval: 5 }).toBeGreaterThan(WINDOW)
    proxy.freeze()
    // The two others settle the submissions and receipts of the one cut off.
    for (const id of ids) await untilBroadcastDone(desk.deps, id)
    ids.push(await order({ text: 'Après la coupure.' }))
    proxy.thaw()
    await untilBroadcastDone(desk.deps, ids[2] as string)
    await sleep(1500)
    const found = await compareLedger(desk.deps.db, smsc.log())
    console.log(`${found.marked - markedBefore} possible duplicates more`)
    expect(found.problems).toEqual([])
    expect(found.marked - markedBefore).toBeLessThanOrEqual(WINDOW)
    workers.pop()
    cutOff.signal('SIGTERM')
    expect(await cutOff.ended).toBe(0)
    await proxy.stop()
  })
})
