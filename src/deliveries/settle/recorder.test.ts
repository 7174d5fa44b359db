import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testDatabaseSettings, usualKinds } from '../../../test/support/database.ts'
import { BENCH_SCHEME, fillScheme, orderBroadcast, startWorld } from '../../../test/support/world.ts'
import { OutcomeRecorder } from './recorder.ts'

/** More than one flush takes, so that some have to wait. */
const MEMBERS = 2000

describe.each(usualKinds)('responses that come just after their time-out, on %s', (kind) => {
  let world: Awaited<ReturnType<typeof startWorld>>
  let recorder: OutcomeRecorder

  beforeAll(async () => {
    world = await startWorld({
      database: await testDatabaseSettings(kind),
      smscPort: 1,
    })
    await fillScheme(world.deps, MEMBERS)
    await world.dispatcher.stop(1000)
    recorder = new OutcomeRecorder(world.deps, new AbortController().signal)
  })
  afterAll(() => world.stop())

  async function order(limit: number) {
    const id = await orderBroadcast(world.deps, { limit })
    const states = async () =>
      (
        await world.deps.db
          .selectFrom('deliveries')
          .select('state')
          .where('broadcastId', '=', id)
          .orderBy('no')
          .execute()
      ).map(({ state }) => state)
    return { broadcast: { schemeId: BENCH_SCHEME, id, alertId: null }, states }
  }

  test('settle their own doubt, even if another late response was waiting before it', async () => {
    const { broadcast, states } = await order(2)
    recorder.add(broadcast, { no: 1, kind: 'in_doubt', gateway: 'bench' })
    await recorder.drain()
    recorder.add(broadcast, { no: 1, kind: 'accepted', messageIds: ['a'], gateway: 'bench', late: true })
    recorder.add(broadcast, { no: 2, kind: 'in_doubt', gateway: 'bench' })
    recorder.add(broadcast, { no: 2, kind: 'accepted', messageIds: ['b'], gateway: 'bench', late: true })
    await recorder.drain()
    expect(await states()).toEqual(['accepted', 'accepted'])
  })

  test('of a worker considered dead add no doubt; the receipt of a part still counts', async () => {
    const { db } = world.deps
    const id = await orderBroadcast(world.deps, {
      limit: 1,
      text: 'Vol par ruse à la boulangerie. '.repeat(8),
    })
    const broadcast = { schemeId: BENCH_SCHEME, id, alertId: null }
    // The other workers have settled the deliveries that it held.
    await db.updateTable('deliveries').set({ state: 'in_doubt' }).where('broadcastId', '=', id).execute()
    await db.updateTable('broadcasts').set({ inDoubt: 1 }).where('id', '=', id).execute()
    const row = () =>
      db.selectFrom('deliveries').selectAll().where('broadcastId', '=', id).executeTakeFirstOrThrow()
    const workerId = 12_345
    recorder.add(broadcast, { no: 1, kind: 'in_doubt', gateway: 'bench', messageIds: ['p1'], workerId })
    recorder.add(broadcast, { no: 1, kind: 'part', messageIds: ['p1'] })
    await recorder.drain()
    expect(await row()).toMatchObject({ state: 'in_doubt', deliveredIds: ['p1'] })
    recorder.add(broadcast, { no: 1, kind: 'part', messageIds: ['p2'] })
    await recorder.drain()
    expect(await row()).toMatchObject({ state: 'delivered' })
  })

  test('settle their doubt in batches of every size', async () => {
    const { broadcast, states } = await order(MEMBERS)
    const numbers = Array.from({ length: MEMBERS }, (_, index) => index + 1)
    for (const no of numbers) {
      recorder.add(broadcast, { no, kind: 'in_doubt', gateway: 'bench' })
      // Each response comes some time after its time-out.
      const answered = no - 300
      if (answered > 0)
        recorder.add(broadcast, {
          no: answered,
          kind: 'accepted',
          messageIds: [`m${answered}`],
          gateway: 'bench',
          late: true,
        })
      if (no % 97 === 0) await new Promise((resolve) => setTimeout(resolve, 1))
    }
    await recorder.drain()
    expect(await states()).toEqual(numbers.map((no) => (no <= MEMBERS - 300 ? 'accepted' : 'in_doubt')))
  })
})
