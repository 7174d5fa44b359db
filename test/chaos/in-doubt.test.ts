import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { NO_FAULTS } from '../../src/gateways/sms/simulator/faults.ts'
import { type Smsc, startSmsc } from '../../src/gateways/sms/simulator/smsc.ts'
import { testDatabaseSettings } from '../support/database.ts'
import { compareLedger } from '../support/ledger-against-smsc.ts'
import { sleep } from '../support/random.ts'
import { fillScheme, orderBroadcast, startWorld, untilBroadcastDone } from '../support/world.ts'

const MEMBERS = 40
/** All of them at once, plus the share reserved for vital alerts. */
const WINDOW = 80
/** All are submitted before the first of them is in doubt: a provider that answers nothing is avoided from then on. */
const ANSWER_MS = 1000
/** Longer than any test: a message settled before was not sent again. */
const LONG_SECONDS = 60
const SHORT_SECONDS = 1.5
const LONG_TEXT = 'Vol par ruse à la boulangerie de Montech. '.repeat(5)

describe('a submission without an answer is in doubt', () => {
  let smsc: Smsc
  let world: Awaited<ReturnType<typeof startWorld>>
  let from = 0

  beforeAll(async () => {
    smsc = await startSmsc({ receiptDelayMs: 20 })
    world = await startWorld({
      database: await testDatabaseSettings('postgres'),
      smscPort: smsc.port,
      window: WINDOW,
      inDoubt: {
        vital: SHORT_SECONDS,
        alert: LONG_SECONDS,
        follow_up: LONG_SECONDS,
        service: LONG_SECONDS,
        reminder: 'never',
      },
      gateway: { responseTimeoutMs: ANSWER_MS, query: true },
    })
    await fillScheme(world.deps, MEMBERS)
  })
  afterAll(async () => {
    await world?.stop()
    await smsc?.stop()
  })
  beforeEach(async () => {
    smsc.setFaults({ ...NO_FAULTS })
    // Starts with a provider that has just answered: otherwise the previous test would make the engine avoid it.
    await done(await order({ text: 'Tout va bien.' }))
    from = [...smsc.log()].length
  })

  const order = (options: Partial<Parameters<typeof orderBroadcast>[1]> = {}) =>
    orderBroadcast(world.deps, { limit: MEMBERS, ...options })
  const done = (id: string) => untilBroadcastDone(world.deps, id)
  const sent = () => [...smsc.log(from)]
  const ledger = (id: string) =>
    world.deps.db.selectFrom('deliveries').selectAll().where('broadcastId', '=', id).orderBy('no').execute()
  const count = async (id: string, state: string) =>
    (await ledger(id)).filter((row) => row.state === state).length

  test('is settled by its receipt', async () => {
    smsc.setFaults({ dropResponses: 1 })
    const id = await order()
    expect(await done(id)).toMatchObject({ delivered: MEMBERS, inDoubt: 0, possibleDuplicates: 0 })
    expect(sent()).toHaveLength(MEMBERS)
  })

  test('is settled by its receipts when it has several parts', async () => {
    smsc.setFaults({ dropResponses: 0.5 })
    const id = await order({ text: LONG_TEXT })
    expect(await done(id)).toMatchObject({ delivered: MEMBERS, possibleDuplicates: 0 })
    expect(sent()).toHaveLength(2 * MEMBERS)
  })

  test('is settled by receipts on the next link after a lost one', async () => {
    smsc.setFaults({ latencyMs: 200 })
    const id = await order()
    await expect.poll(() => sent().length, { interval: 5 }).toBe(MEMBERS)
    smsc.cut()
    expect(await done(id)).toMatchObject({ delivered: MEMBERS, possibleDuplicates: 0 })
    expect(sent()).toHaveLength(MEMBERS)
  })

  test('is sent again after the delay of its lane and marked, when nothing settles it', async () => {
    smsc.setFaults({ dropResponses: 1, noReceipts: true })
    const id = await order({ lane: 'vital', text: 'Vol à main armée.' })
    await expect.poll(() => sent().length, { interval: 5 }).toBe(MEMBERS)
    smsc.setFaults({ ...NO_FAULTS })
    expect(await done(id)).toMatchObject({
      delivered: MEMBERS,
      inDoubt: 0,
      possibleDuplicates: MEMBERS,
    })
    for (const row of await ledger(id)) expect(row).toMatchObject({ possibleDuplicate: true, attempts: 2 })
    for (const [phone, entries] of Map.groupBy(sent(), (entry) => entry.destination)) {
      expect(entries, phone).toHaveLength(2)
      const [first, second] = entries.map((entry) => Date.parse(entry.at)) as [number, number]
      expect(second - first).toBeGreaterThanOrEqual(SHORT_SECONDS * 1000)
      expect(second - first).toBeLessThan(ANSWER_MS + SHORT_SECONDS * 1000 + 3000)
    }
  })

  // The provider is queried after a minute.
  test.runIf(process.env.TOCSIN_SOAK)('is queried at the provider when no receipt comes', async () => {
    smsc.setFaults({ noReceipts: true })
    const id = await order()
    expect(await untilBroadcastDone(world.deps, id)).toMatchObject({ delivered: MEMBERS })
    expect(sent()).toHaveLength(MEMBERS)
  })

  test('agrees with the log of the SMSC in the ledger', async () => {
    expect((await compareLedger(world.deps.db, smsc.log())).problems).toEqual([])
  })

  test('is settled by a late response', async () => {
    smsc.setFaults({ latencyMs: 3 * ANSWER_MS, noReceipts: true })
    const id = await order()
    await expect.poll(() => count(id, 'in_doubt'), { interval: 20 }).toBe(MEMBERS)
    await expect.poll(() => count(id, 'accepted')).toBe(MEMBERS)
    expect(sent()).toHaveLength(MEMBERS)
    for (const row of await ledger(id)) expect(row).toMatchObject({ possibleDuplicate: false, attempts: 1 })
  })

  test('is never sent again in a lane configured so', async () => {
    smsc.setFaults({ dropResponses: 1, noReceipts: true })
    const id = await order({ lane: 'reminder', text: 'Rappel.' })
    await expect.poll(() => count(id, 'in_doubt')).toBe(MEMBERS)
    smsc.setFaults({ ...NO_FAULTS })
    // Nothing happens: in other lanes a message is sent again 1.5 s after it became in doubt, which is looked for every second.
    await sleep(3000)
    expect(sent()).toHaveLength(MEMBERS)
    expect(await count(id, 'in_doubt')).toBe(MEMBERS)
  })

  test('is not settled by the receipt of another broadcast to the same phones', async () => {
    const delayPhones = (delayMs: number) => {
      for (const { number } of smsc.handsets()) smsc.setHandset(number, { delayMs })
    }
    delayPhones(3000)
    smsc.setFaults({ dropResponses: 1 })
    const arrived = await order({ text: 'Arrivé.' })
    await expect.poll(() => count(arrived, 'in_doubt')).toBe(MEMBERS)
    // A working provider is tried again; new messages get no further than the link.
    delayPhones(0)
    smsc.setFaults({ dropResponses: 0 })
    await done(await order({ text: 'Tout va bien.' }))
    smsc.setFaults({ silent: true })
    const lost = await order({ lane: 'reminder', text: 'Jamais arrivé.' })
    await expect.poll(() => count(lost, 'in_doubt')).toBe(MEMBERS)
    smsc.setFaults({ silent: false })
    expect(await done(arrived)).toMatchObject({ delivered: MEMBERS, possibleDuplicates: 0 })
    expect(await count(lost, 'in_doubt')).toBe(MEMBERS)
  })
})
