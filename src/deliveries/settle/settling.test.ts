import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testDatabaseSettings, usualKinds } from '../../../test/support/database.ts'
import { BENCH_SCHEME, fillScheme, orderBroadcast, startWorld } from '../../../test/support/world.ts'
import { type Smsc, startSmsc } from '../../gateways/sms/simulator/smsc.ts'
import { acrossSchemes, type Db, inScheme } from '../../platform/db.ts'
import {
  expireDeliveries,
  findUnfinished,
  finishSubmitting,
  releaseChunks,
  resendInDoubt,
  settleLostChunks,
} from '../claim/claims.ts'
import { stopBroadcast } from '../claim/stop.ts'
import type { SmsGateway, SubmittedMessage } from '../gateway.ts'
import { referenceOf, referenceOffsetOf } from '../gateway.ts'
import { ReceiptMatcher } from '../receipt/receipts.ts'
import { Route } from '../send/route.ts'
import { startAsking } from './asking.ts'
import { OutcomeRecorder } from './recorder.ts'

const EVERY_LANE = { vital: 1, code: 1, alert: 1, follow_up: 1, service: 1, reminder: 1 } as const

/** Tests the steps that the engine runs every second, one at a time; nothing is sent meanwhile. */
describe.each(usualKinds)('settling on %s', (kind) => {
  let smsc: Smsc
  let world: Awaited<ReturnType<typeof startWorld>>

  beforeAll(async () => {
    smsc = await startSmsc()
    world = await startWorld({
      database: await testDatabaseSettings(kind),
      smscPort: smsc.port,
    })
    await fillScheme(world.deps, 20)
    await world.dispatcher.stop(1000)
  })
  afterAll(async () => {
    await world.stop()
    await smsc.stop()
  })

  const rowsOf = (id: string) =>
    world.deps.db.selectFrom('deliveries').selectAll().where('broadcastId', '=', id).orderBy('no').execute()
  const broadcastOf = (id: string) =>
    world.deps.db.selectFrom('broadcasts').selectAll().where('id', '=', id).executeTakeFirstOrThrow()

  /** Orders a broadcast that was completely submitted a minute ago, without a response. */
  async function orderInDoubt(recipients: number): Promise<string> {
    const { db } = world.deps
    const id = await orderBroadcast(world.deps, { limit: recipients })
    await sql`update delivery_chunks set state = 'done' where broadcast_id = ${id}`.execute(db)
    await sql`
      update deliveries set state = 'in_doubt', gateway = 'bench', attempts = 1, in_doubt_at = now() - interval '1 minute'
      where broadcast_id = ${id}`.execute(db)
    await sql`update broadcasts set in_doubt = ${recipients} where id = ${id}`.execute(db)
    return id
  }

  /** Takes the receipt of a submission without a response. */
  async function receive(id: string): Promise<void> {
    const [row] = await rowsOf(id)
    const recorder = new OutcomeRecorder(world.deps, new AbortController().signal)
    const receipts = new ReceiptMatcher(world.deps, recorder)
    await receipts.take([
      {
        gateway: 'bench',
        messageId: `late-${id}`,
        state: 'delivered',
        phone: row?.phone,
        errorCode: undefined,
        reference: referenceOf({ referenceOffset: referenceOffsetOf(id) }, row?.no ?? 0),
      },
    ])
  }

  test.skipIf(kind === 'embedded')(
    'keeps a broadcast unfinished when a worker ends the submission while deliveries are to be sent again',
    async () => {
      const { db } = world.deps
      const id = await orderInDoubt(5)
      let finishing: Promise<unknown> | undefined
      await db.transaction().execute(async (tx) => {
        await resendInDoubt(tx, new Date(), EVERY_LANE)
        finishing = acrossSchemes(db, (other) => finishSubmitting(other, BENCH_SCHEME, id, new Date()))
        await new Promise((resolve) => setTimeout(resolve, 300))
      })
      await finishing
      expect(await findUnfinished(db)).toContainEqual({ schemeId: BENCH_SCHEME, broadcastId: id })
    },
  )

  test.skipIf(kind === 'embedded')(
    'does not resend a broadcast that is stopped at the same moment',
    async () => {
      const { db } = world.deps
      const id = await orderInDoubt(5)
      let resending: Promise<unknown> | undefined
      await inScheme(db, BENCH_SCHEME, async (tx) => {
        await stopBroadcast(tx, BENCH_SCHEME, id, new Date())
        resending = resendInDoubt(db, new Date(), EVERY_LANE)
        await new Promise((resolve) => setTimeout(resolve, 300))
      })
      await resending
      expect((await rowsOf(id)).map(({ state }) => state)).toEqual(Array(5).fill('in_doubt'))
      expect(await broadcastOf(id)).toMatchObject({ state: 'stopped', inDoubt: 5 })
    },
  )

  test.skipIf(kind === 'embedded')(
    'leaves a chunk as it is when a receipt settles its deliveries at the same moment',
    async () => {
      const { db } = world.deps
      const id = await orderInDoubt(5)
      await inScheme(db, BENCH_SCHEME, async (tx) => {
        await sql`
          update deliveries set state = 'delivered', settled_at = now() where broadcast_id = ${id}`.execute(
          tx,
        )
        await resendInDoubt(db, new Date(), EVERY_LANE)
      })
      const { rows } = await sql`select state from delivery_chunks where broadcast_id = ${id}`.execute(db)
      expect(rows).toEqual([{ state: 'done' }])
    },
  )

  describe.skipIf(kind === 'embedded')('a chunk claimed by a worker at the same moment', () => {
    const resend = (on: Db) => resendInDoubt(on, new Date(), EVERY_LANE)
    const release = (on: Db, id: string) =>
      releaseChunks(on, [
        { schemeId: BENCH_SCHEME, broadcastId: id, firstNo: 1, claims: 1, workerId: 7, again: new Date() },
      ])
    const settle = (on: Db) => settleLostChunks(on, new Date())
    test.each<[string, (on: Db, id: string) => Promise<unknown>, (on: Db, id: string) => Promise<unknown>]>([
      ['released just before the resending', release, resend],
      ['released just after the resending', resend, release],
      ['settled just before the resending, because its worker died', settle, resend],
      ['settled just after the resending, because its worker died', resend, settle],
    ])('%s: its deliveries are still sent again', async (_, first, second) => {
      const { db } = world.deps
      const id = await orderInDoubt(5)
      await sql`
        update delivery_chunks set state = 'claimed', worker_id = 7, claims = 1 where broadcast_id = ${id}`.execute(
        db,
      )
      let following: Promise<unknown> | undefined
      await db.transaction().execute(async (tx) => {
        await first(tx, id)
        following = second(db, id)
        await new Promise((resolve) => setTimeout(resolve, 300))
      })
      await following
      // The next run, a second later.
      await resend(db)
      expect((await rowsOf(id)).map(({ state }) => state)).toEqual(Array(5).fill('planned'))
      const { rows } = await sql`select state from delivery_chunks where broadcast_id = ${id}`.execute(db)
      expect(rows).toEqual([{ state: 'ready' }])
    })
  })

  test.each([
    [
      'stopped',
      (id: string) =>
        inScheme(world.deps.db, BENCH_SCHEME, (tx) => stopBroadcast(tx, BENCH_SCHEME, id, new Date())),
    ],
    [
      'expired',
      async (id: string) => {
        const { db } = world.deps
        await sql`update broadcasts set valid_until = now() - interval '1 second' where id = ${id}`.execute(
          db,
        )
        await expireDeliveries(db, new Date())
      },
    ],
  ])(
    'returns deliveries due to be sent again to in doubt when their broadcast is %s; a receipt settles them',
    async (_, close) => {
      const id = await orderInDoubt(3)
      await resendInDoubt(world.deps.db, new Date(), EVERY_LANE)
      await close(id)
      expect((await rowsOf(id)).map(({ state }) => state)).toEqual(['in_doubt', 'in_doubt', 'in_doubt'])
      expect(await broadcastOf(id)).toMatchObject({ inDoubt: 3, withdrawn: 0, expired: 0 })
      await receive(id)
      expect((await rowsOf(id)).map(({ state }) => state)).toEqual(['delivered', 'in_doubt', 'in_doubt'])
      expect(await broadcastOf(id)).toMatchObject({ inDoubt: 2, delivered: 1, possibleDuplicates: 3 })
    },
  )

  test('records a delivery as in doubt if a worker withdraws or expires it before sending it again', async () => {
    const id = await orderInDoubt(2)
    await resendInDoubt(world.deps.db, new Date(), EVERY_LANE)
    const recorder = new OutcomeRecorder(world.deps, new AbortController().signal)
    recorder.add({ schemeId: BENCH_SCHEME, id, alertId: null }, { no: 1, kind: 'withdrawn' })
    recorder.add({ schemeId: BENCH_SCHEME, id, alertId: null }, { no: 2, kind: 'expired' })
    await recorder.drain()
    expect(await rowsOf(id)).toMatchObject([
      { state: 'in_doubt', settledAt: null },
      { state: 'in_doubt', settledAt: null },
    ])
    expect(await broadcastOf(id)).toMatchObject({ inDoubt: 2, withdrawn: 0, expired: 0 })
  })

  /** Orders a stopped broadcast that the provider accepted, without receipts. */
  async function orderHanded(recipients: number, gateway: string): Promise<string> {
    const { db } = world.deps
    const id = await orderBroadcast(world.deps, { limit: recipients })
    await sql`update delivery_chunks set state = 'done' where broadcast_id = ${id}`.execute(db)
    await sql`
      update deliveries set state = 'accepted', gateway = ${gateway}, message_ids = no::text, accepted_at = now() - interval '2 minutes'
      where broadcast_id = ${id}`.execute(db)
    await sql`update broadcasts set accepted = ${recipients}, state = 'stopped' where id = ${id}`.execute(db)
    return id
  }

  /** Creates a bound route with the given query and cancel functions. */
  function createRoute(name: string, answers: Pick<SmsGateway, 'query' | 'cancel'>): Route {
    const [gateway] = world.deps.gateways
    const bound = { ...gateway!.state(), state: 'bound' as const }
    return new Route({ ...gateway!, name, state: () => bound, ...answers }, false)
  }

  test('delays only the queries of the provider that does not respond', async () => {
    const asked = { hanging: 0, answering: 0 }
    await orderHanded(2, 'hanging')
    await orderHanded(2, 'answering')
    const routes = new Map([
      [
        'hanging',
        createRoute('hanging', {
          query: () => {
            asked.hanging += 1
            return new Promise(() => {})
          },
        }),
      ],
      [
        'answering',
        createRoute('answering', {
          query: async (messages: readonly SubmittedMessage[]) => {
            asked.answering += messages.length
          },
        }),
      ],
    ])
    const recorder = new OutcomeRecorder(world.deps, new AbortController().signal)
    const stop = startAsking(world.deps, routes, recorder)
    await expect.poll(() => asked).toEqual({ hanging: 1, answering: 2 })
    // A later round queries new messages only: nobody is queried again about the same ones within two minutes.
    await orderHanded(1, 'answering')
    await orderHanded(1, 'hanging')
    await expect.poll(() => asked.answering).toBeGreaterThan(2)
    stop()
    expect(asked).toEqual({ hanging: 1, answering: 3 })
  })

  test('cancels the deliveries of a stopped broadcast at the provider, and retries once without a response', async () => {
    const id = await orderHanded(2, 'calling')
    let calls = 0
    const routes = new Map([
      [
        'calling',
        createRoute('calling', {
          cancel: async (messages: readonly SubmittedMessage[], onCancelled: (no: number) => void) => {
            calls += 1
            for (const { no } of calls === 1 ? messages.slice(0, 1) : messages) onCancelled(no)
          },
        }),
      ],
    ])
    const recorder = new OutcomeRecorder(world.deps, new AbortController().signal)
    const stop = startAsking(world.deps, routes, recorder)
    await expect
      .poll(async () => (await rowsOf(id)).map(({ state }) => state))
      .toEqual(['withdrawn', 'accepted'])
    await expect
      .poll(async () => (await rowsOf(id)).map(({ state }) => state))
      .toEqual(['withdrawn', 'withdrawn'])
    stop()
    expect(calls).toBe(2)
    expect(await broadcastOf(id)).toMatchObject({ withdrawn: 2, accepted: 0, state: 'done' })
  })
})
