import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { NO_FAULTS } from '../../src/gateways/sms/simulator/faults.ts'
import { type Smsc, startSmsc } from '../../src/gateways/sms/simulator/smsc.ts'
import { testDatabaseSettings } from '../support/database.ts'
import { compareLedger } from '../support/ledger-against-smsc.ts'
import { sleep } from '../support/random.ts'
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts'
import { fillScheme, orderBroadcast, startWorld, untilBroadcastDone } from '../support/world.ts'

const MEMBERS = 500
const WINDOW = 50
/** Milliseconds that a submission without an answer is waited for. The second gateway takes over without waiting for it. */
const RESPONSE_TIMEOUT_MS = 3000
/** A port that nothing listens on. */
const CLOSED_PORT = 1

describe('two gateways, the first fails in the middle of a broadcast', () => {
  let first: Smsc
  let second: Smsc
  let proxy: TcpProxy
  let world: Awaited<ReturnType<typeof startWorld>>

  beforeAll(async () => {
    const settings = { receiptDelayMs: 20, faults: { latencyMs: 80 } }
    first = await startSmsc({ ...settings, seed: 1 })
    second = await startSmsc({ ...settings, seed: 2 })
    proxy = await startTcpProxy(first.port)
    world = await startWorld({
      database: await testDatabaseSettings('postgres'),
      smscPort: first.port,
      window: WINDOW,
      inDoubtSeconds: 1,
      gateway: { responseTimeoutMs: RESPONSE_TIMEOUT_MS },
      gateways: [
        { name: 'first', port: proxy.port },
        { name: 'second', port: second.port },
      ],
    })
    await fillScheme(world.deps, MEMBERS)
  })
  afterAll(async () => {
    await world?.stop()
    await proxy?.stop()
    await first?.stop()
    await second?.stop()
  })
  beforeEach(() => {
    repairFirstProvider()
    for (const smsc of [first, second]) smsc.setFaults({ ...NO_FAULTS, latencyMs: 80 })
  })

  const timesIn = (smsc: Smsc, text: string) =>
    [...smsc.log()].filter((entry) => entry.text === text).map((entry) => Date.parse(entry.at))

  /** Repairs the first provider; data in transit is lost, as when a router restarts. */
  function repairFirstProvider(): void {
    proxy.switchTo(first.port)
    proxy.thaw()
    first.setFaults({ ...NO_FAULTS, latencyMs: 80 })
  }

  /**
   * Orders a broadcast, makes the first gateway fail, and returns how long nothing was sent until the second one
   * took over. The first one is repaired once all is sent: it still has receipts to deliver.
   */
  async function orderDuringFailure(text: string, fail: () => void) {
    await waitUntilFirstIsBack()
    const id = await orderBroadcast(world.deps, { limit: MEMBERS, text })
    await expect.poll(() => timesIn(first, text).length, { interval: 10 }).toBeGreaterThan(100)
    expect(timesIn(second, text)).toEqual([])
    const failedAt = Date.now()
    fail()
    await expect.poll(() => timesIn(second, text).length, { interval: 10 }).toBeGreaterThan(0)
    await expect.poll(async () => (await stateOf(id)) !== 'running', { interval: 50 }).toBe(true)
    repairFirstProvider()
    const row = await untilBroadcastDone(world.deps, id)
    const [tookOverAt = 0] = timesIn(second, text)
    console.log(
      `${text} taken over in ${tookOverAt - failedAt} ms; ${timesIn(first, text).length} by the first, ${timesIn(second, text).length} by the second, ${row.possibleDuplicates} possible duplicates`,
    )
    return { id, row, failedAt, tookOverMs: tookOverAt - failedAt }
  }

  const stateOf = async (id: string) =>
    (
      await world.deps.db
        .selectFrom('broadcasts')
        .select('state')
        .where('id', '=', id)
        .executeTakeFirstOrThrow()
    ).state

  /** Waits until the first gateway is used again. */
  async function waitUntilFirstIsBack(): Promise<void> {
    for (let no = 0; ; no++) {
      const text = `Retour ${Math.random()}`
      const id = await orderBroadcast(world.deps, { limit: 40, text })
      await untilBroadcastDone(world.deps, id)
      if (timesIn(first, text).length === 40) return
      if (no === 40) throw new Error('the first gateway is not used again')
      await sleep(250)
    }
  }

  test('takes over when the first stops: links are lost and none is accepted', async () => {
    const { row, tookOverMs } = await orderDuringFailure('Arrêtée.', () => proxy.switchTo(CLOSED_PORT))
    expect(tookOverMs).toBeLessThan(RESPONSE_TIMEOUT_MS)
    expect(row.delivered).toBe(MEMBERS)
    expect(row.possibleDuplicates).toBeLessThanOrEqual(WINDOW)
  })

  test('takes over when the first is half-open: the link stays and passes nothing', async () => {
    const { row, tookOverMs } = await orderDuringFailure('Muette.', () => proxy.freeze())
    expect(tookOverMs).toBeLessThan(RESPONSE_TIMEOUT_MS)
    expect(row.delivered).toBe(MEMBERS)
    expect(row.possibleDuplicates).toBeLessThanOrEqual(WINDOW)
  })

  test('takes over when the first listens but does not answer', async () => {
    const { row, tookOverMs } = await orderDuringFailure('Sourde.', () => first.setFaults({ silent: true }))
    expect(tookOverMs).toBeLessThan(RESPONSE_TIMEOUT_MS)
    expect(row.delivered).toBe(MEMBERS)
    expect(row.possibleDuplicates).toBeLessThanOrEqual(WINDOW)
  })

  test('takes over when the queue of the first stays full', async () => {
    const { row, tookOverMs } = await orderDuringFailure('Pleine.', () =>
      first.setFaults({ queueFull: true }),
    )
    expect(tookOverMs).toBeLessThan(RESPONSE_TIMEOUT_MS)
    expect(row).toMatchObject({ delivered: MEMBERS, possibleDuplicates: 0 })
  })

  test('does not take over for a permanently refused number, which fails alone', async () => {
    const text = 'Un numéro refusé.'
    await waitUntilFirstIsBack()
    first.setFaults({ failingPrefixes: ['33600000007'] })
    const id = await orderBroadcast(world.deps, { limit: 100, text })
    expect(await untilBroadcastDone(world.deps, id)).toMatchObject({ failed: 1, delivered: 99 })
    expect(timesIn(second, text)).toEqual([])
  })

  test('agrees with both logs together in the ledger', async () => {
    const found = await compareLedger(world.deps.db, first.log(), second.log())
    console.log(
      `${found.deliveries} deliveries, ${found.marked} possible duplicates, ${found.doubles} received twice`,
    )
    expect(found.problems).toEqual([])
  })
})

describe('an exercise', () => {
  test('is never sent by a gateway that reaches phones, even if it is the only one', async () => {
    const provider = await startSmsc()
    const world = await startWorld({
      database: await testDatabaseSettings('postgres'),
      smscPort: provider.port,
      gateways: [{ name: 'provider', port: provider.port, simulated: false }],
    })
    await fillScheme(world.deps, 20)
    const exercise = await orderBroadcast(world.deps, {
      limit: 20,
      text: 'Exercice.',
      simulated: true,
      validMinutes: 2 / 60,
    })
    const real = await orderBroadcast(world.deps, { limit: 20, text: 'Alerte.', simulated: false })
    expect(await untilBroadcastDone(world.deps, real)).toMatchObject({ delivered: 20 })
    expect(await untilBroadcastDone(world.deps, exercise)).toMatchObject({ expired: 20 })
    expect([...provider.log()].map((entry) => entry.text)).toEqual(Array(20).fill('Alerte.'))
    await world.stop()
    await provider.stop()
  })

  test('is sent to the simulator, and an alert to the provider, whatever the rules say', async () => {
    const provider = await startSmsc()
    const simulator = await startSmsc()
    const world = await startWorld({
      database: await testDatabaseSettings('postgres'),
      smscPort: provider.port,
      gateways: [
        { name: 'provider', port: provider.port, simulated: false },
        { name: 'simulator', port: simulator.port, simulated: true },
      ],
      routes: [
        {
          order: 'weighted',
          gateways: [
            { name: 'provider', weight: 1 },
            { name: 'simulator', weight: 1 },
          ],
        },
      ],
    })
    await fillScheme(world.deps, 200)
    const ids = [
      await orderBroadcast(world.deps, { limit: 200, text: 'Exercice.', simulated: true }),
      await orderBroadcast(world.deps, { limit: 200, text: 'Alerte.', simulated: false }),
    ]
    for (const id of ids) expect(await untilBroadcastDone(world.deps, id)).toMatchObject({ delivered: 200 })
    expect(new Set([...provider.log()].map((entry) => entry.text))).toEqual(new Set(['Alerte.']))
    expect(new Set([...simulator.log()].map((entry) => entry.text))).toEqual(new Set(['Exercice.']))
    await world.stop()
    await provider.stop()
    await simulator.stop()
  })
})
