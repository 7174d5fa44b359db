import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testDatabaseSettings, usualKinds } from '../../../test/support/database.ts'
import { compareLedger } from '../../../test/support/ledger-against-smsc.ts'
import {
  BENCH_SCHEME,
  fillScheme,
  orderBroadcast,
  startWorld,
  untilBroadcastDone,
} from '../../../test/support/world.ts'
import { type Smsc, startSmsc } from '../../gateways/sms/simulator/smsc.ts'
import { inScheme } from '../../platform/db.ts'
import { stopBroadcast } from '../claim/stop.ts'
import { ReceiptMatcher } from '../receipt/receipts.ts'
import { explainDelivery } from '../status/explain.ts'
import { OutcomeRecorder } from './recorder.ts'

const MEMBERS = 8
const FULL = [1, 2, 3]

describe.each(usualKinds)('a phone whose memory is full, on %s', (kind) => {
  let smsc: Smsc
  let world: Awaited<ReturnType<typeof startWorld>>

  beforeAll(async () => {
    smsc = await startSmsc({ receiptDelayMs: 2 })
    world = await startWorld({ database: await testDatabaseSettings(kind), smscPort: smsc.port, window: 40 })
    await fillScheme(world.deps, MEMBERS)
  })
  afterAll(async () => {
    await world.stop()
    await smsc.stop()
  })

  const phoneOf = (no: number) => `33600000${String(no).padStart(3, '0')}`
  const fill = (state: 'on' | 'memoryFull', numbers = FULL) => {
    for (const no of numbers) smsc.setHandset(phoneOf(no), { state })
  }
  const rowOf = (id: string) =>
    world.deps.db.selectFrom('broadcasts').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
  const deliveries = (id: string) =>
    world.deps.db.selectFrom('deliveries').selectAll().where('broadcastId', '=', id).orderBy('no').execute()
  const firstSendings = async (id: string) =>
    (
      await world.deps.db
        .selectFrom('deliveryAttempts')
        .selectAll()
        .where('broadcastId', '=', id)
        .where('outcome', '=', 'memory_full')
        .execute()
    ).map(({ no }) => no)

  /** Sends a message that finds the memory of some phones full. */
  async function refused(options: { readonly validMinutes?: number } = {}): Promise<string> {
    fill('memoryFull')
    const id = await orderBroadcast(world.deps, { limit: MEMBERS, ...options })
    expect(await untilBroadcastDone(world.deps, id)).toMatchObject({
      delivered: MEMBERS - FULL.length,
      failed: FULL.length,
      resent: 0,
    })
    return id
  }

  /** Lets the delay pass, and waits until the engine has looked. */
  async function wait(id: string): Promise<void> {
    await sql`update deliveries set settled_at = settled_at - interval '601 seconds'
      where broadcast_id = ${id}::uuid and settled_at is not null`.execute(world.deps.db)
    await sql`update broadcasts set retry_at = retry_at - interval '601 seconds'
      where id = ${id}::uuid`.execute(world.deps.db)
    // The receipts of second sendings ask for a later look.
    await expect
      .poll(async () => {
        const { retryAt } = await rowOf(id)
        return retryAt === null || retryAt.getTime() > Date.now()
      })
      .toBe(true)
  }

  test('is tried again once, ten minutes later', async () => {
    smsc.clearLog()
    const id = await refused()
    const [first] = await deliveries(id)
    const { retryAt } = await rowOf(id)
    expect((retryAt?.getTime() ?? 0) - (first?.settledAt?.getTime() ?? 0)).toBeGreaterThanOrEqual(599_000)
    // The first one has room again, the others have not.
    fill('on', [1])
    await wait(id)
    expect(await untilBroadcastDone(world.deps, id)).toMatchObject({
      delivered: MEMBERS - 2,
      failed: 2,
      resent: 3,
      possibleDuplicates: 0,
    })
    expect(await firstSendings(id)).toEqual(FULL)
    expect([...smsc.log()]).toHaveLength(MEMBERS + FULL.length)
    // The receipts of the second sendings ask for another look, which finds nothing to send.
    await wait(id)
    expect(await rowOf(id)).toMatchObject({ state: 'done', delivered: MEMBERS - 2, failed: 2, resent: 3 })
    expect([...smsc.log()]).toHaveLength(MEMBERS + FULL.length)
    expect((await compareLedger(world.deps.db, [...smsc.log()])).problems).toEqual([])
    const explained = await explainDelivery(world.deps, BENCH_SCHEME, id, 1, 'fr')
    expect(explained?.steps.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['planned', 'memory_full', 'accepted', 'delivered']),
    )
  })

  test('is a possible duplicate when its first sending was delivered all the same', async () => {
    const id = await refused()
    const [first] = await deliveries(id)
    const [messageId] = first?.messageIds?.split(' ') ?? []
    fill('on')
    await wait(id)
    await untilBroadcastDone(world.deps, id)
    const givenUp = new AbortController()
    const recorder = new OutcomeRecorder(world.deps, givenUp.signal)
    const matcher = new ReceiptMatcher(world.deps, recorder)
    const receipt = {
      gateway: 'bench',
      messageId: messageId ?? '',
      phone: first?.phone,
      reference: undefined,
      errorCode: undefined,
    }
    // A repeated refusal says nothing of the second sending.
    await matcher.take([{ ...receipt, state: 'undeliverable', errorCode: 32 }])
    expect(await rowOf(id)).toMatchObject({ delivered: MEMBERS, possibleDuplicates: 0 })
    await matcher.take([{ ...receipt, state: 'delivered' }])
    await matcher.take([{ ...receipt, state: 'delivered' }])
    expect(await rowOf(id)).toMatchObject({ delivered: MEMBERS, possibleDuplicates: 1 })
    expect((await deliveries(id)).filter((row) => row.possibleDuplicate).map(({ no }) => no)).toEqual([1])
    await matcher.settle()
  })

  const acts: Record<string, (id: string) => Promise<unknown>> = {
    'the broadcast was stopped': (id) =>
      inScheme(world.deps.db, BENCH_SCHEME, (tx) => stopBroadcast(tx, BENCH_SCHEME, id, world.deps.now())),
    'the alert is no longer valid': (id) =>
      sql`update broadcasts set valid_until = now() where id = ${id}::uuid`.execute(world.deps.db),
    'another message of the alert followed': async (id) => {
      const { alertId } = await rowOf(id)
      const next = await orderBroadcast(world.deps, { limit: MEMBERS, after: id, alertId: alertId ?? '' })
      await untilBroadcastDone(world.deps, next)
    },
    'the numbers departed': () =>
      sql`update contacts set sms = false where right(id::text, 3) in ('001', '002', '003')`.execute(
        world.deps.db,
      ),
  }
  test.each(Object.entries(acts))('is not tried again when %s', async (_, act) => {
    const id = await refused()
    await act(id)
    fill('on')
    await wait(id)
    expect(await rowOf(id)).toMatchObject({ state: 'done', failed: FULL.length, resent: 0 })
    expect(await firstSendings(id)).toEqual([])
  })
})
