import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { testDatabaseSettings, usualKinds } from '../../../test/support/database.ts'
import {
  BENCH_SCHEME,
  fillScheme,
  orderBroadcast,
  startWorld,
  untilBroadcastDone,
} from '../../../test/support/world.ts'
import { NO_FAULTS } from '../../gateways/sms/simulator/faults.ts'
import { type Smsc, startSmsc } from '../../gateways/sms/simulator/smsc.ts'
import { inScheme } from '../../platform/db.ts'
import { stopBroadcast } from '../claim/stop.ts'

const MEMBERS = 300

describe.each(usualKinds)('a follow-up on %s', (kind) => {
  let smsc: Smsc
  let world: Awaited<ReturnType<typeof startWorld>>

  beforeAll(async () => {
    smsc = await startSmsc({ receiptDelayMs: 2 })
    world = await startWorld({
      database: await testDatabaseSettings(kind),
      smscPort: smsc.port,
      window: 40,
      inDoubtSeconds: 1,
      gateway: { responseTimeoutMs: 1500 },
    })
    await fillScheme(world.deps, MEMBERS)
  })
  afterAll(async () => {
    await world.stop()
    await smsc.stop()
  })
  beforeEach(() => {
    smsc.setFaults({ ...NO_FAULTS })
    smsc.clearLog()
  })

  /** Returns the texts that each phone received, in order. */
  function textsByPhone(): Map<string, string[]> {
    const texts = new Map<string, string[]>()
    for (const { destination, text } of smsc.log())
      texts.set(destination, [...(texts.get(destination) ?? []), text])
    return texts
  }

  /** Waits until some recipients of a broadcast were sent it again, since its first submission had no response. */
  async function untilSomeSentAgain(broadcastId: string): Promise<void> {
    const countSentAgain = async () => {
      const { rows } = await sql<{ n: number }>`
        select count(*)::int as n from deliveries
        where broadcast_id = ${broadcastId} and possible_duplicate`.execute(world.deps.db)
      return rows[0]?.n
    }
    await expect.poll(countSentAgain).toBeGreaterThan(0)
  }
  /** Waits until a text was received by some phone. */
  const untilReceived = (text: string) =>
    expect.poll(() => [...smsc.log()].some((entry) => entry.text === text), { interval: 5 }).toBe(true)

  test('goes to the recipients who may have got the first message, after it, whatever was in doubt', async () => {
    // The first message is slow and loses some responses; the follow-up is ordered meanwhile.
    smsc.setFaults({ ...NO_FAULTS, latencyMs: 20, dropResponses: 0.1, noReceipts: true })
    const first = await orderBroadcast(world.deps, { limit: MEMBERS, text: 'premier' })
    await untilReceived('premier')
    const second = await orderBroadcast(world.deps, {
      limit: MEMBERS,
      text: 'suite',
      lane: 'follow_up',
      after: first,
    })
    await untilReceived('suite')
    await untilSomeSentAgain(first)
    smsc.setFaults({ ...NO_FAULTS })
    const ended = async () => {
      const { rows } = await sql<{ waiting: number }>`
        select count(*)::int as waiting from deliveries
        where broadcast_id in (${first}, ${second}) and state in ('planned', 'in_doubt')`.execute(
        world.deps.db,
      )
      return rows[0]?.waiting === 0
    }
    await expect.poll(ended).toBe(true)
    const texts = textsByPhone()
    expect(texts.size).toBe(MEMBERS)
    for (const got of texts.values()) {
      expect(got).toContain('suite')
      // The first message never arrives after the follow-up.
      expect(got.lastIndexOf('premier')).toBeLessThan(got.indexOf('suite'))
    }
  })

  test('skips recipients that the first message could not reach, and those who left since', async () => {
    smsc.setFaults({ ...NO_FAULTS, failingPrefixes: ['33600000007'] })
    const first = await orderBroadcast(world.deps, { limit: 20, text: 'premier' })
    const done = await untilBroadcastDone(world.deps, first)
    const second = await orderBroadcast(world.deps, {
      limit: 20,
      text: 'suite',
      lane: 'follow_up',
      after: first,
      isStillRecipient: sql`d.phone <> ${'+33600000003'}`,
    })
    const rows = await world.deps.db
      .selectFrom('deliveries')
      .select(['no', 'phone', 'broadcastId'])
      .where('broadcastId', 'in', [first, second])
      .where('schemeId', '=', BENCH_SCHEME)
      .execute()
    const firstNo = new Map(
      rows.filter((row) => row.broadcastId === first).map(({ phone, no }) => [phone, no]),
    )
    const followed = rows.filter((row) => row.broadcastId === second)
    expect(followed).toHaveLength(19 - done.failed)
    for (const { phone, no } of followed) expect(firstNo.get(phone)).toBe(no)
    expect(await untilBroadcastDone(world.deps, second)).toMatchObject({
      planned: 19 - done.failed,
      delivered: 19 - done.failed,
    })
  })

  test('goes to a recipient whose second submission failed, since the first may have arrived', async () => {
    smsc.setFaults({ ...NO_FAULTS, dropResponses: 1, noReceipts: true })
    const first = await orderBroadcast(world.deps, { limit: 5, text: 'premier' })
    await expect.poll(() => textsByPhone().size).toBe(5)
    smsc.setFaults({ ...NO_FAULTS, failingPrefixes: ['33600000003'] })
    const done = await untilBroadcastDone(world.deps, first)
    expect(done).toMatchObject({ delivered: 4, failed: 1, possibleDuplicates: 5 })
    smsc.setFaults({ ...NO_FAULTS })
    smsc.clearLog()
    const second = await orderBroadcast(world.deps, {
      limit: 5,
      text: 'suite',
      lane: 'follow_up',
      after: first,
    })
    expect(await untilBroadcastDone(world.deps, second)).toMatchObject({ planned: 5, delivered: 5 })
    expect(textsByPhone().get('33600000003')).toEqual(['suite'])
  })

  test('reaches each recipient in the order of its chain, whatever was in doubt', async () => {
    smsc.setFaults({ ...NO_FAULTS, latencyMs: 15, dropResponses: 0.15, noReceipts: true })
    const limit = 120
    const first = await orderBroadcast(world.deps, { limit, text: 'un' })
    const follow = (text: string, last: string) =>
      orderBroadcast(world.deps, { limit, text, lane: 'follow_up', after: first, last })
    const second = await follow('deux', first)
    const third = await follow('trois', second)
    // The update is stopped while it is sent; the messages after it continue.
    await untilReceived('deux')
    await inScheme(world.deps.db, BENCH_SCHEME, (tx) =>
      stopBroadcast(tx, BENCH_SCHEME, second, world.deps.now()),
    )
    const fourth = await follow('quatre', third)
    const settled = async () => {
      const { rows } = await sql<{ waiting: number }>`
        select count(*)::int as waiting from deliveries d join broadcasts b on b.scheme_id = d.scheme_id and b.id = d.broadcast_id
        where b.id in (${first}, ${second}, ${third}, ${fourth})
          and (d.state = 'planned' or d.state = 'in_doubt' and b.state <> 'stopped')`.execute(world.deps.db)
      return rows[0]?.waiting === 0
    }
    await untilSomeSentAgain(first)
    smsc.setFaults({ ...NO_FAULTS })
    await expect.poll(settled).toBe(true)
    const words = ['un', 'deux', 'trois', 'quatre']
    const texts = textsByPhone()
    expect(texts.size).toBe(limit)
    for (const got of texts.values()) {
      // A message in doubt may arrive twice, but in its place.
      const order = got.map((text) => words.indexOf(text))
      expect(order).toEqual(order.toSorted((a, b) => a - b))
      expect(got).toContain('trois')
      expect(got).toContain('quatre')
    }
  })

  test('is not sent to a recipient that the first message turns out not to reach', async () => {
    // Responses are slow until the follow-up is ordered, so that the refusals come after it.
    const faults = { ...NO_FAULTS, failingPrefixes: ['33600000004', '33600000009'] }
    smsc.setFaults({ ...faults, latencyMs: 3000 })
    const first = await orderBroadcast(world.deps, { limit: 20, text: 'premier' })
    const second = await orderBroadcast(world.deps, {
      limit: 20,
      text: 'suite',
      lane: 'follow_up',
      after: first,
    })
    smsc.setFaults(faults)
    const done = await untilBroadcastDone(world.deps, first)
    expect(done.failed).toBeGreaterThan(0)
    const after = await untilBroadcastDone(world.deps, second)
    // A refusal before the follow-up is planned leaves out its recipient; a later one withdraws the delivery.
    expect(after.planned - after.withdrawn).toBe(20 - done.failed)
    expect(after.delivered).toBe(20 - done.failed)
    for (const got of textsByPhone().values()) expect(got[0]).toBe('premier')
  })

  test('is not sent before its earliest time', async () => {
    const first = await orderBroadcast(world.deps, { limit: 20, text: 'premier' })
    await untilBroadcastDone(world.deps, first)
    const notBefore = new Date(Date.now() + 1200)
    const closing = await orderBroadcast(world.deps, {
      limit: 20,
      text: 'fin',
      lane: 'follow_up',
      after: first,
      notBefore,
    })
    const done = await untilBroadcastDone(world.deps, closing)
    expect(done).toMatchObject({ planned: 20, delivered: 20 })
    expect(done.firstSubmitAt?.getTime()).toBeGreaterThanOrEqual(notBefore.getTime())
  })
})
