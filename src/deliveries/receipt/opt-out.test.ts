import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { testDatabaseSettings, usualKinds } from '../../../test/support/database.ts'
import { waitingSms } from '../../../test/support/outbox.ts'
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
import { leaveScheme } from '../../portal/shop/leave.ts'
import { registerDeliveryJobs } from '../handlers.ts'
import { takeInbound } from './inbound.ts'

const MEMBERS = 400
const phoneOf = (n: number) => `+336${String(n).padStart(8, '0')}`
const memberOf = (n: number) => `00000000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`
/** Ten times this passes before the last member is sent to, and it is less than the wait for a response. */
const SLOW_MS = 1000

describe.each(usualKinds)('opting out or leaving during a broadcast on %s', (kind) => {
  let smsc: Smsc
  let world: Awaited<ReturnType<typeof startWorld>>

  beforeAll(async () => {
    smsc = await startSmsc({ receiptDelayMs: 2 })
    world = await startWorld({
      database: await testDatabaseSettings(kind),
      smscPort: smsc.port,
      window: 40,
      inDoubtSeconds: 0.5,
      gateway: { responseTimeoutMs: 2000 },
    })
    await fillScheme(world.deps, MEMBERS)
    await registerDeliveryJobs(world.deps)
  })
  afterAll(async () => {
    await world.stop()
    await smsc.stop()
  })
  beforeEach(() => {
    smsc.setFaults({ ...NO_FAULTS })
    smsc.clearLog()
  })

  /** Returns the texts that a phone received since the test began. */
  const textsTo = (n: number) =>
    [...smsc.log()].filter(({ destination }) => destination === phoneOf(n).slice(1)).map(({ text }) => text)
  const untilFirstSent = () => expect.poll(() => [...smsc.log()].length, { interval: 10 }).toBeGreaterThan(0)
  const stateOf = async (broadcastId: string, n: number) => {
    const row = await world.deps.db
      .selectFrom('deliveries')
      .select('state')
      .where('broadcastId', '=', broadcastId)
      .where('phone', '=', phoneOf(n))
      .executeTakeFirst()
    return row?.state
  }
  const takesSms = async (schemeId: string, n: number) => {
    const row = await world.deps.db
      .selectFrom('contacts')
      .select('sms')
      .where('schemeId', '=', schemeId)
      .where('mobile', '=', phoneOf(n))
      .executeTakeFirst()
    return row?.sms
  }

  test('STOP withdraws the delivery and sends one confirmation, and the figures add up', async () => {
    smsc.setFaults({ latencyMs: SLOW_MS })
    const id = await orderBroadcast(world.deps, { limit: MEMBERS })
    await untilFirstSent()
    expect(smsc.reply(phoneOf(MEMBERS), ' Stop !')).toBe(true)
    await expect.poll(() => stateOf(id, MEMBERS), { interval: 20 }).toBe('withdrawn')
    const running = await world.deps.db
      .selectFrom('broadcasts')
      .select(['state', 'withdrawn'])
      .where('id', '=', id)
      .executeTakeFirst()
    expect(running).toEqual({ state: 'running', withdrawn: 1 })
    smsc.setFaults({ latencyMs: 0 })
    expect(await untilBroadcastDone(world.deps, id)).toMatchObject({
      planned: MEMBERS,
      delivered: MEMBERS - 1,
      withdrawn: 1,
      accepted: 0,
      inDoubt: 0,
    })
    await expect.poll(() => textsTo(MEMBERS).length).toBe(1)
    expect(textsTo(MEMBERS)[0]).toContain('STOP enregistr')
    // A provider that got no response repeats the message.
    await takeInbound(world.deps, {
      ...{ gateway: 'bench', from: phoneOf(MEMBERS), to: 'BENCH', text: 'STOP' },
    })
    // A second confirmation would be written with it, and would leave before the broadcast below ends.
    expect(await waitingSms(world.deps.db)).toEqual([])
    const proof = await world.deps.db.selectFrom('optOuts').selectAll().execute()
    expect(proof).toMatchObject([
      { phone: phoneOf(MEMBERS), takes: false, how: 'inbound', gateway: 'bench', by: 'system:inbound' },
    ])
    const next = await orderBroadcast(world.deps, { limit: MEMBERS })
    expect(await untilBroadcastDone(world.deps, next)).toMatchObject({
      planned: MEMBERS - 1,
      delivered: MEMBERS - 1,
    })
    expect(textsTo(MEMBERS)).toHaveLength(1)
  })

  test('an answer to an alert gets one reply a day, which says that nobody reads it', async () => {
    const n = 396
    const id = await orderBroadcast(world.deps, { limit: MEMBERS })
    await untilBroadcastDone(world.deps, id)
    const before = textsTo(n).length
    expect(smsc.reply(phoneOf(n), 'Merci, je les ai vus')).toBe(true)
    await expect.poll(() => textsTo(n).length).toBe(before + 1)
    expect(textsTo(n).at(-1)).toContain('message non lu')
    expect(textsTo(n).at(-1)).toContain('appelez le 17')

    const answer = (from: string, days = 0) =>
      takeInbound(
        { ...world.deps, now: () => new Date(Date.now() + days * 86_400_000) },
        { gateway: 'bench', from, to: 'BENCH', text: 'Et alors ?' },
      )
    // The same day, a number that got no alert, a name: no reply.
    await Promise.all([answer(phoneOf(n)), answer(phoneOf(n)), answer(phoneOf(90_000_001)), answer('BANQUE')])
    await answer(phoneOf(n), 2)
    await expect.poll(() => textsTo(n).length).toBe(before + 2)
    expect(textsTo(90_000_001)).toEqual([])
  })

  test.each([
    ['left', 399],
    ['suspended', 398],
  ] as const)('withdraws its delivery within a second when a member is set to %s', async (status, n) => {
    smsc.setFaults({ latencyMs: SLOW_MS })
    const id = await orderBroadcast(world.deps, { limit: MEMBERS })
    await untilFirstSent()
    await inScheme(world.deps.db, BENCH_SCHEME, (tx) =>
      tx.updateTable('members').set({ status }).where('id', '=', memberOf(n)).execute(),
    )
    await expect.poll(() => stateOf(id, n), { interval: 20 }).toBe('withdrawn')
    smsc.setFaults({ latencyMs: 0 })
    const row = await untilBroadcastDone(world.deps, id)
    expect(row).toMatchObject({ withdrawn: 1, delivered: row.planned - 1 })
    expect(textsTo(n)).toEqual([])
  })

  test('withdraws the delivery of a shop that leaves on the portal within a second, and confirms by one SMS', async () => {
    const n = 397
    const of = { schemeId: BENCH_SCHEME, memberId: memberOf(n) }
    const { id: contactId } = await world.deps.db
      .selectFrom('contacts')
      .select('id')
      .where('memberId', '=', of.memberId)
      .executeTakeFirstOrThrow()
    const shops = [{ ...of, contactId, status: 'active' as const }]
    smsc.setFaults({ latencyMs: SLOW_MS })
    const id = await orderBroadcast(world.deps, { limit: MEMBERS })
    await untilFirstSent()
    await leaveScheme(world.deps, { kind: 'contact', sessionId: 's', shops }, of, { confirmed: true })
    await expect.poll(() => stateOf(id, n), { interval: 20 }).toBe('withdrawn')
    smsc.setFaults({ latencyMs: 0 })
    const row = await untilBroadcastDone(world.deps, id)
    expect(row).toMatchObject({ withdrawn: 1, delivered: row.planned - 1 })
    await expect.poll(() => textsTo(n).length).toBe(1)
    expect(textsTo(n)[0]).toContain('a quitt')
  })

  test('sends nothing to withdrawn recipients and one message to the others when many opt out at once', async () => {
    smsc.setFaults({ latencyMs: 60 })
    const id = await orderBroadcast(world.deps, { limit: MEMBERS })
    const gone = Array.from({ length: 40 }, (_, i) => 380 - i * 9)
    onTestFinished(() =>
      inScheme(world.deps.db, BENCH_SCHEME, (tx) =>
        tx.updateTable('contacts').set({ sms: true }).where('mobile', 'in', gone.map(phoneOf)).execute(),
      ).then(() => undefined),
    )
    for (const n of gone) {
      await inScheme(world.deps.db, BENCH_SCHEME, (tx) =>
        tx.updateTable('contacts').set({ sms: false }).where('mobile', '=', phoneOf(n)).execute(),
      )
    }
    const row = await untilBroadcastDone(world.deps, id)
    expect(row.withdrawn).toBeGreaterThan(0)
    expect(row).toMatchObject({ delivered: row.planned - row.withdrawn, inDoubt: 0, failed: 0 })
    const times = new Map<string, number>()
    for (const { destination } of smsc.log()) {
      times.set(`+${destination}`, (times.get(`+${destination}`) ?? 0) + 1)
    }
    const ledger = await world.deps.db
      .selectFrom('deliveries')
      .select(['phone', 'state'])
      .where('broadcastId', '=', id)
      .execute()
    expect(
      ledger.filter(({ phone, state }) => (times.get(phone) ?? 0) !== (state === 'withdrawn' ? 0 : 1)),
    ).toEqual([])
  })

  test('sends a pending follow-up to a corrected number, and to each number once', async () => {
    const [moving, joining, other] = [11, 12, 13] as const
    const corrected = phoneOf(90_000_011)
    const correct = (n: number, mobile: string) =>
      inScheme(world.deps.db, BENCH_SCHEME, (tx) =>
        tx.updateTable('contacts').set({ mobile }).where('memberId', '=', memberOf(n)).execute(),
      )
    const first = await orderBroadcast(world.deps, { limit: 20, text: 'premier' })
    await untilBroadcastDone(world.deps, first)
    const followUp = await orderBroadcast(world.deps, {
      ...{ limit: 20, text: 'fin', lane: 'follow_up', after: first },
      notBefore: new Date(world.deps.now().getTime() + 2500),
    })
    const rowOf = (n: number) =>
      world.deps.db
        .selectFrom('deliveries')
        .select(['phone', 'state'])
        .where('broadcastId', '=', followUp)
        .where('memberId', '=', memberOf(n))
        .executeTakeFirst()
    try {
      await correct(moving, corrected)
      await correct(joining, phoneOf(other))
      const soon = { interval: 20 }
      await expect.poll(() => rowOf(moving), soon).toEqual({ phone: corrected, state: 'planned' })
      await expect.poll(() => rowOf(joining), soon).toEqual({ phone: phoneOf(joining), state: 'withdrawn' })
      const done = await untilBroadcastDone(world.deps, followUp)
      expect(done).toMatchObject({ planned: 20, delivered: 19, withdrawn: 1 })
      const textsAt = (phone: string) =>
        [...smsc.log()].filter(({ destination }) => destination === phone.slice(1)).map(({ text }) => text)
      expect(textsAt(corrected)).toEqual(['fin'])
      expect(textsAt(phoneOf(moving))).toEqual(['premier'])
      expect(textsAt(phoneOf(joining))).toEqual(['premier'])
      expect(textsAt(phoneOf(other))).toEqual(['premier', 'fin'])
    } finally {
      await correct(moving, phoneOf(moving))
      await correct(joining, phoneOf(joining))
    }
  })

  test('does not resend a delivery that is in doubt at that time', async () => {
    smsc.setFaults({ dropResponses: 1, noReceipts: true })
    const id = await orderBroadcast(world.deps, { limit: 3 })
    await expect.poll(() => stateOf(id, 2), { interval: 20 }).toBe('in_doubt')
    const before = textsTo(2).length
    await inScheme(world.deps.db, BENCH_SCHEME, (tx) =>
      tx.updateTable('contacts').set({ sms: false }).where('mobile', '=', phoneOf(2)).execute(),
    )
    smsc.setFaults({ dropResponses: 0, noReceipts: false })
    for (const n of [1, 3]) await expect.poll(() => stateOf(id, n)).toBe('delivered')
    // Messages due to be sent again leave before a broadcast of a later time.
    await untilBroadcastDone(world.deps, await orderBroadcast(world.deps, { limit: 3 }))
    expect(await stateOf(id, 2)).toBe('in_doubt')
    expect(textsTo(2)).toHaveLength(before)
  })

  test('ignores other texts and stores them nowhere', async () => {
    expect(smsc.reply(phoneOf(1), 'Merci, vu au stop de la rue Foch')).toBe(true)
    // It is acknowledged once it was handled.
    await expect.poll(() => smsc.state()).toMatchObject({ receiptsWaiting: 0, receiptsUnacknowledged: 0 })
    expect(await takesSms(BENCH_SCHEME, 1)).toBe(true)
    // The automatic reply of the day may be among them.
    expect(textsTo(1).filter((text) => !text.includes('message non lu'))).toEqual([])
    // No column of any table contains the text (docs/adr/0019).
    const { rows: tables } = await sql<{ name: string }>`
      select quote_ident(schemaname) || '.' || quote_ident(tablename) as name from pg_tables
      where schemaname not in ('pg_catalog', 'information_schema')`.execute(world.deps.db)
    expect(tables.length).toBeGreaterThan(20)
    const holding: string[] = []
    for (const { name } of tables) {
      const { rows } = await sql<{ held: boolean }>`
        select exists (select from ${sql.raw(name)} t where t::text like '%rue Foch%') as held`.execute(
        world.deps.db,
      )
      if (rows[0]?.held) holding.push(name)
    }
    expect(holding).toEqual([])
  })

  test('a STOP that is passed on again does not opt out a number that has opted in since, but a new one does', async () => {
    const { deps } = world
    const n = 390
    const stop = { gateway: 'bench', id: 'SM1', from: phoneOf(n), to: 'BENCH', text: 'STOP' }
    const optIn = () =>
      deps.db
        .updateTable('contacts')
        .set({ sms: true })
        .where('schemeId', '=', BENCH_SCHEME)
        .where('mobile', '=', phoneOf(n))
        .execute()
    await takeInbound(deps, stop)
    expect(await takesSms(BENCH_SCHEME, n)).toBe(false)
    await optIn()
    await takeInbound(deps, stop)
    expect(await takesSms(BENCH_SCHEME, n)).toBe(true)
    // The same id of another gateway is another message.
    await takeInbound(deps, { ...stop, gateway: 'other' })
    expect(await takesSms(BENCH_SCHEME, n)).toBe(false)
    await optIn()
    await takeInbound(deps, { ...stop, id: 'SM2' })
    expect(await takesSms(BENCH_SCHEME, n)).toBe(false)
    await optIn()
  })

  test('a STOP of a number that was removed since its last message is kept and confirmed', async () => {
    const { deps } = world
    const [removed, old] = [395, 394] as const
    const id = await orderBroadcast(deps, { limit: MEMBERS })
    await untilBroadcastDone(deps, id)
    const remove = (n: number) =>
      inScheme(deps.db, BENCH_SCHEME, (tx) =>
        tx
          .updateTable('contacts')
          .set({ mobile: null, sms: false })
          .where('mobile', '=', phoneOf(n))
          .execute(),
      )
    await remove(removed)
    await remove(old)
    const stop = (n: number, days = 0) =>
      takeInbound(
        { ...deps, now: () => new Date(Date.now() + days * 86_400_000) },
        { gateway: 'bench', from: phoneOf(n), to: 'BENCH', text: 'STOP' },
      )
    const before = textsTo(removed).length
    await stop(removed)
    await stop(removed)
    await expect.poll(() => textsTo(removed).length).toBe(before + 1)
    expect(textsTo(removed).at(-1)).toContain('STOP enregistr')
    // Its last message is older than those that a STOP usually answers.
    await stop(old, 60)
    // The installation does not know this number.
    await stop(90_000_002)
    const kept = await deps.db
      .selectFrom('optOuts')
      .select(['phone', 'memberId', 'schemeId'])
      .where('phone', 'in', [removed, old, 90_000_002].map(phoneOf))
      .orderBy('phone', 'desc')
      .execute()
    expect(kept).toEqual(
      [removed, old].map((n) => ({ phone: phoneOf(n), memberId: null, schemeId: BENCH_SCHEME })),
    )
  })

  test('applies STOP to the scheme that sent the last message, or to all schemes if none sent one', async () => {
    await fillScheme(world.deps, MEMBERS + 1, 'other')
    await fillScheme(world.deps, MEMBERS + 1, 'third')
    const id = await orderBroadcast(world.deps, { limit: 5, schemeId: 'other' })
    await untilBroadcastDone(world.deps, id)
    const from = (n: number) => ({ gateway: 'bench', from: phoneOf(n), to: 'BENCH', text: 'STOP' })
    await takeInbound(world.deps, from(1))
    // The second STOP applies to the same scheme, where the number has opted out already.
    await takeInbound(world.deps, from(1))
    expect(await takesSms('other', 1)).toBe(false)
    expect(await takesSms(BENCH_SCHEME, 1)).toBe(true)
    expect(await takesSms('third', 1)).toBe(true)
    await takeInbound(world.deps, from(MEMBERS + 1))
    expect(await takesSms('other', MEMBERS + 1)).toBe(false)
    expect(await takesSms('third', MEMBERS + 1)).toBe(false)
    // A number of no contact, and a sender name in place of a number.
    await takeInbound(world.deps, from(MEMBERS + 50))
    await takeInbound(world.deps, { ...from(1), from: 'BANQUE' })
    await expect.poll(() => textsTo(MEMBERS + 1).length).toBe(2)
  })

  test('applies STOP to the last sender that lost the number and to those that have it, and to no other scheme', async () => {
    const { deps } = world
    const [lost, stranger] = [7, MEMBERS + 1] as const
    const optedOut = async (n: number) => {
      const rows = await deps.db
        .selectFrom('optOuts')
        .select('schemeId')
        .where('phone', '=', phoneOf(n))
        .orderBy('schemeId')
        .execute()
      return rows.map(({ schemeId }) => schemeId)
    }
    await sql`delete from opt_outs`.execute(deps.db)
    await sql`update contacts set sms = true where mobile is not null`.execute(deps.db)
    await sql`delete from former_numbers`.execute(deps.db)
    const id = await orderBroadcast(deps, { limit: 10, schemeId: 'other' })
    await untilBroadcastDone(deps, id)
    const stop = (n: number) =>
      takeInbound(deps, { gateway: 'bench', from: phoneOf(n), to: 'BENCH', text: 'STOP' })
    // The usual case: the last sender has the number.
    await stop(8)
    expect(await optedOut(8)).toEqual(['other'])
    await sql`update contacts set mobile = null, sms = false where scheme_id = 'other' and mobile = ${phoneOf(lost)}`.execute(
      deps.db,
    )
    await stop(lost)
    expect(await optedOut(lost)).toEqual([BENCH_SCHEME, 'other', 'third'].sort())
    expect(await takesSms('third', lost)).toBe(false)
    // A code that went to a number of another scheme: its sender never had it as a contact.
    await sql`update deliveries set phone = ${phoneOf(stranger)} where broadcast_id = ${id} and no = 9`.execute(
      deps.db,
    )
    await sql`delete from contacts where scheme_id = 'other' and mobile = ${phoneOf(stranger)}`.execute(
      deps.db,
    )
    await sql`delete from former_numbers`.execute(deps.db)
    await stop(stranger)
    expect(await optedOut(stranger)).toEqual(['third'])
  })
})
