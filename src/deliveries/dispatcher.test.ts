import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { testDatabaseSettings, usualKinds } from '../../test/support/database.ts'
import { asTableOwner } from '../../test/support/table-owner.ts'
import { fillScheme, orderBroadcast, startWorld, untilBroadcastDone } from '../../test/support/world.ts'
import { type Smsc, startSmsc } from '../gateways/sms/simulator/smsc.ts'
import { inScheme } from '../platform/db.ts'
import { stopBroadcast } from './claim/stop.ts'

const MEMBERS = 400
const WINDOW = 40
const LONG_TEXT = 'Vol par ruse à la boulangerie. '.repeat(8)

describe.each(usualKinds)('dispatcher on %s', (kind) => {
  let smsc: Smsc
  let world: Awaited<ReturnType<typeof startWorld>>

  beforeAll(async () => {
    smsc = await startSmsc({ receiptDelayMs: 2 })
    world = await startWorld({
      database: await testDatabaseSettings(kind),
      smscPort: smsc.port,
      window: WINDOW,
      inDoubtSeconds: 0.5,
      gateway: { responseTimeoutMs: 1500, reconnect: { minMs: 20, maxMs: 100 }, noLinkWaitMs: 300 },
    })
    await fillScheme(world.deps, MEMBERS)
    // A vacuum between the tests would let rows of one broadcast fill up pages of another, where no room is left for their changes.
    await asTableOwner(world.deps.database, (tx) =>
      sql`alter table deliveries set (autovacuum_enabled = false)`.execute(tx),
    )
  })
  afterAll(async () => {
    await world.stop()
    await smsc.stop()
  })
  beforeEach(() => {
    smsc.setFaults({ ...NO_FAULTS })
    smsc.clearLog()
  })

  async function send(
    options: Omit<Parameters<typeof orderBroadcast>[1], 'limit'> & { limit?: number } = {},
  ) {
    const id = await orderBroadcast(world.deps, { limit: MEMBERS, ...options })
    return { id, done: () => untilBroadcastDone(world.deps, id) }
  }
  const ledger = (id: string) =>
    world.deps.db.selectFrom('deliveries').selectAll().where('broadcastId', '=', id).orderBy('no').execute()
  function timesSent(): Map<string, number> {
    const times = new Map<string, number>()
    for (const { destination } of smsc.log()) times.set(destination, (times.get(destination) ?? 0) + 1)
    return times
  }

  test('sends to each recipient once and stores every state', async () => {
    const { id, done } = await send()
    expect(await done()).toMatchObject({
      planned: MEMBERS,
      delivered: MEMBERS,
      accepted: 0,
      inDoubt: 0,
      failed: 0,
      possibleDuplicates: 0,
    })
    const rows = await ledger(id)
    expect(rows).toHaveLength(MEMBERS)
    for (const row of rows) {
      expect(row).toMatchObject({
        state: 'delivered',
        attempts: 1,
        possibleDuplicate: false,
        gateway: 'bench',
      })
      expect(row.messageIds).toMatch(/^\S+$/)
      expect(row.acceptedAt).not.toBeNull()
      expect(row.settledAt).not.toBeNull()
    }
    expect([...timesSent().values()]).toEqual(Array(MEMBERS).fill(1))
    expect(timesSent().size).toBe(MEMBERS)
  })

  test('marks a message of several parts delivered when all its parts are', async () => {
    const { id, done } = await send({ text: LONG_TEXT, limit: 50 })
    expect(await done()).toMatchObject({ planned: 50, delivered: 50 })
    for (const row of await ledger(id)) expect(row.messageIds).toMatch(/^\S+ \S+$/)
  })

  test('accepts receipts that come before the response, twice or for unknown ids', async () => {
    smsc.setFaults({ receiptBeforeResponse: true, doubleReceipts: true, unknownReceipts: true })
    const { done } = await send({ limit: 100 })
    expect(await done()).toMatchObject({ delivered: 100, possibleDuplicates: 0 })
    const unknown = () => world.deps.db.selectFrom('unknownReceipts').select('messageId').execute()
    await expect.poll(unknown).not.toEqual([])
  })

  test('fails only the number that the provider refuses, with its error code', async () => {
    smsc.setFaults({ failingPrefixes: ['336000000'] })
    const { id, done } = await send()
    const failing = (await ledger(id)).filter((row) => row.phone.startsWith('+336000000')).length
    expect(failing).toBeGreaterThan(0)
    expect(await done()).toMatchObject({ failed: failing, delivered: MEMBERS - failing })
    for (const row of await ledger(id)) {
      if (row.state === 'failed') expect(row).toMatchObject({ errorCode: 0x0b, attempts: 1 })
    }
  })

  test('sends slower when throttled, without losing or repeating a message', async () => {
    smsc.setFaults({ throttlePerSecond: 400 })
    const { done } = await send({ limit: 200 })
    expect(await done()).toMatchObject({ delivered: 200, possibleDuplicates: 0 })
    expect([...timesSent().values()].filter((times) => times !== 1)).toEqual([])
  })

  test('settles deliveries without a response by their receipts, without sending again', async () => {
    smsc.setFaults({ dropResponses: 0.2 })
    const { id, done } = await send({ limit: 100 })
    expect(await done()).toMatchObject({ delivered: 100, inDoubt: 0 })
    const sent = timesSent()
    for (const row of await ledger(id)) {
      // The receipt carries the reference of the submission, so it need not be sent again.
      expect(sent.get(row.phone.slice(1)) ?? 0).toBeLessThanOrEqual(row.possibleDuplicate ? 2 : 1)
    }
  })

  test('sends again after the delay without a response or receipt, and marks possible duplicates', async () => {
    smsc.setFaults({ dropResponses: 0.3, noReceipts: true })
    const { id } = await send({ limit: 40 })
    await expect
      .poll(async () => (await ledger(id)).filter((row) => row.state === 'in_doubt').length)
      .toBeGreaterThan(0)
    smsc.setFaults({ dropResponses: 0, noReceipts: false })
    await expect
      .poll(
        async () =>
          (await ledger(id)).filter((row) => row.state === 'in_doubt' || row.state === 'planned').length,
      )
      .toBe(0)
    const sent = timesSent()
    const doubled = (await ledger(id)).filter((row) => (sent.get(row.phone.slice(1)) ?? 0) > 1)
    expect(doubled.length).toBeGreaterThan(0)
    expect(doubled.filter((row) => !row.possibleDuplicate)).toEqual([])
  })

  test('reaches every recipient although links are cut, and marks possible duplicates', async () => {
    smsc.setFaults({ cutEvery: 60 })
    const { id, done } = await send({ limit: 200 })
    // Two links were cut by then.
    await expect.poll(() => [...smsc.log()].length).toBeGreaterThan(120)
    smsc.setFaults({ cutEvery: 0 })
    expect(await done()).toMatchObject({ delivered: 200 })
    const sent = timesSent()
    for (const row of await ledger(id)) {
      const times = sent.get(row.phone.slice(1)) ?? 0
      expect(times).toBeGreaterThanOrEqual(1)
      if (!row.possibleDuplicate) expect(times).toBe(1)
    }
  })

  test('submits at most what the window holds after a stop, and withdraws the rest', async () => {
    smsc.setFaults({ latencyMs: 200 })
    const { id, done } = await send()
    await expect.poll(() => [...smsc.log()].length, { interval: 10 }).toBeGreaterThan(0)
    await inScheme(world.deps.db, 'bench', (tx) => stopBroadcast(tx, 'bench', id, new Date()))
    const atStop = [...smsc.log()].length
    const row = await done()
    const submitted = [...smsc.log()].length
    expect(submitted - atStop).toBeLessThanOrEqual(WINDOW)
    expect(row.withdrawn).toBeGreaterThan(0)
    expect(row.delivered + row.withdrawn).toBe(MEMBERS)
    expect(submitted).toBe(row.delivered)
  })

  test('submits at most what the window holds after the expiry, and expires the rest', async () => {
    smsc.setFaults({ latencyMs: 200 })
    const { id } = await send({ validMinutes: 0.5 / 60 })
    const open = async () =>
      (await ledger(id)).filter((row) => row.state === 'planned' || row.state === 'accepted')
    await expect.poll(open).toEqual([])
    const { validUntil } = await world.deps.db
      .selectFrom('broadcasts')
      .select('validUntil')
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
    const late = [...smsc.log()].filter(({ at }) => new Date(at) > validUntil)
    expect(late.length).toBeLessThanOrEqual(WINDOW)
    const rows = await ledger(id)
    expect(rows.filter((row) => row.state === 'expired').length).toBeGreaterThan(0)
  })

  test('releases a claim whose response was lost, without possible duplicates', async () => {
    smsc.setFaults({ latencyMs: 100 })
    const first = await send({ limit: 40 })
    const workerOf = () =>
      world.deps.db
        .selectFrom('deliveryChunks')
        .select('workerId')
        .where('broadcastId', '=', first.id)
        .where('workerId', 'is not', null)
        .executeTakeFirst()
    await expect.poll(workerOf, { interval: 10 }).toBeDefined()
    const workerId = (await workerOf())?.workerId ?? 0
    smsc.setFaults({ latencyMs: 0 })
    await first.done()
    const claimedAt = new Date(Date.now() - 60_000)
    const { done } = await send({
      limit: 40,
      alsoDo: (tx, id) =>
        tx
          .updateTable('deliveryChunks')
          .set({ state: 'claimed', workerId, claims: 1, claimedAt })
          .where('schemeId', '=', 'bench')
          .where('broadcastId', '=', id)
          .execute(),
    })
    expect(await done()).toMatchObject({ delivered: 40, possibleDuplicates: 0 })
  })

  test('keeps the figures of a broadcast equal to its ledger', async () => {
    const broadcasts = await world.deps.db.selectFrom('broadcasts').selectAll().execute()
    for (const broadcast of broadcasts) {
      const rows = await ledger(broadcast.id)
      const count = (state: string) => rows.filter((row) => row.state === state).length
      expect({
        accepted: broadcast.accepted,
        delivered: broadcast.delivered,
        inDoubt: broadcast.inDoubt,
        failed: broadcast.failed,
        expired: broadcast.expired,
        withdrawn: broadcast.withdrawn,
        possibleDuplicates: broadcast.possibleDuplicates,
      }).toEqual({
        accepted: count('accepted'),
        delivered: count('delivered'),
        inDoubt: count('in_doubt'),
        failed: count('failed'),
        expired: count('expired'),
        withdrawn: count('withdrawn'),
        possibleDuplicates: rows.filter((row) => row.possibleDuplicate).length,
      })
    }
  })

  // The columns of the only index never change, so an update on the same page is a HOT update that writes no index.
  test('keeps most deliveries on their page when they change', async () => {
    const { db } = world.deps
    const { rows: indexes } =
      await sql`select indexname from pg_indexes where tablename = 'deliveries'`.execute(db)
    expect(indexes).toEqual([{ indexname: 'deliveries_pkey' }])
    const places = async (id: string) => {
      const { rows } = await sql<{ ctid: string; page: string }>`
        select ctid::text as ctid, split_part(ctid::text, ',', 1) as page from deliveries
        where broadcast_id = ${id} order by no`.execute(db)
      return rows
    }
    // A snapshot of another connection, which a busy machine may hold for long, keeps dead row versions on their pages, which then
    // lack room. Without room on the pages or with one index more, every broadcast moves.
    let moved = MEMBERS
    for (let tries = 0; tries < 5 && moved >= MEMBERS / 2; tries++) {
      const { id, done } = await send({ notBefore: new Date(Date.now() + 1000) })
      const before = await places(id)
      expect(await done()).toMatchObject({ delivered: MEMBERS })
      const after = await places(id)
      expect(after.filter(({ ctid }, at) => ctid === before[at]?.ctid)).toEqual([])
      moved = after.filter(({ page }, at) => page !== before[at]?.page).length
    }
    expect(moved).toBeLessThan(MEMBERS / 2)
  })

  test('sends nothing of a real broadcast when only simulated routes exist', async () => {
    const { id } = await send({ limit: 10, simulated: false, validMinutes: 1 / 60 })
    const states = async () => (await ledger(id)).map((row) => row.state)
    await expect.poll(states).toEqual(Array(10).fill('expired'))
    expect([...smsc.log()]).toEqual([])
  })
})

const NO_FAULTS = {
  latencyMs: 0,
  throttlePerSecond: 0,
  cutEvery: 0,
  dropResponses: 0,
  receiptBeforeResponse: false,
  doubleReceipts: false,
  unknownReceipts: false,
  noReceipts: false,
  failingPrefixes: [],
}
