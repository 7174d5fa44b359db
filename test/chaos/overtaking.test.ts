import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { NO_FAULTS } from '../../src/gateways/sms/simulator/faults.ts'
import { type Smsc, startSmsc } from '../../src/gateways/sms/simulator/smsc.ts'
import { testDatabaseSettings, usualKinds } from '../support/database.ts'
import { compareLedger } from '../support/ledger-against-smsc.ts'
import { fillScheme, orderBroadcast, startWorld, untilBroadcastDone } from '../support/world.ts'

const MEMBERS = 40
/** Each takes seconds of waiting: both databases only in a soak. */
const KINDS = process.env.TOCSIN_SOAK ? usualKinds : (['postgres'] as const)
/** Receipts arrive within a small part of this time. */
const ANSWER_MS = 3000
const LONG_TEXT = 'Vol par ruse à la boulangerie de Montech. '.repeat(5)

describe.each(KINDS)('receipts that come long before the answer to their submission, on %s', (kind) => {
  let smsc: Smsc
  let world: Awaited<ReturnType<typeof startWorld>>

  beforeAll(async () => {
    smsc = await startSmsc({ receiptDelayMs: 20 })
    world = await startWorld({
      database: await testDatabaseSettings(kind),
      smscPort: smsc.port,
      window: 100,
      // Sent again immediately if the receipt was not matched.
      inDoubtSeconds: 0.5,
      gateway: { responseTimeoutMs: ANSWER_MS },
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
    await done(await order('Tout va bien.'))
  })

  const order = (text?: string) =>
    orderBroadcast(world.deps, { limit: MEMBERS, ...(text === undefined ? {} : { text }) })
  const done = (id: string) => untilBroadcastDone(world.deps, id)
  const unknown = () => world.deps.db.selectFrom('unknownReceipts').selectAll().execute()

  test('settles a message by its receipt before it is in doubt, when the response is lost', async () => {
    smsc.setFaults({ dropResponses: 1 })
    const id = await order()
    const figures = () =>
      world.deps.db
        .selectFrom('broadcasts')
        .select(['delivered', 'state'])
        .where('id', '=', id)
        .executeTakeFirst()
    // Still running: the responses are awaited.
    await expect
      .poll(figures, { timeout: ANSWER_MS, interval: 20 })
      .toEqual({ delivered: MEMBERS, state: 'running' })
    expect(await done(id)).toMatchObject({ delivered: MEMBERS, possibleDuplicates: 0 })
    expect(await unknown()).toEqual([])
  })

  test('does so when the responses to some of its parts are lost', async () => {
    smsc.setFaults({ dropResponses: 0.5 })
    expect(await done(await order(LONG_TEXT))).toMatchObject({ delivered: MEMBERS, possibleDuplicates: 0 })
  })

  test('records acceptance and delivery once when the response comes two seconds later', async () => {
    smsc.setFaults({ latencyMs: 2000, receiptBeforeResponse: true })
    const id = await order()
    expect(await done(id)).toMatchObject({ delivered: MEMBERS, possibleDuplicates: 0 })
    const answered = () =>
      world.deps.db
        .selectFrom('deliveries')
        .select(['state', 'attempts'])
        .where('broadcastId', '=', id)
        .where('acceptedAt', 'is not', null)
        .execute()
    await expect.poll(answered).toEqual(Array(MEMBERS).fill({ state: 'delivered', attempts: 1 }))
  })

  test('handles responses and receipts in any order, doubled and with intermediate states', async () => {
    smsc.setFaults({ reorderMs: ANSWER_MS - 500, doubleReceipts: true, intermediateReceipts: true })
    for (const text of [undefined, LONG_TEXT])
      expect(await done(await order(text))).toMatchObject({ delivered: MEMBERS, possibleDuplicates: 0 })
  })

  test('agrees with the log of the SMSC in the ledger', async () => {
    expect((await compareLedger(world.deps.db, smsc.log())).problems).toEqual([])
  })
})
