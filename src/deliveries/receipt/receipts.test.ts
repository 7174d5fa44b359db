import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testDatabaseSettings, usualKinds } from '../../../test/support/database.ts'
import {
  BENCH_SCHEME,
  fillScheme,
  orderBroadcast,
  startWorld,
  untilBroadcastDone,
} from '../../../test/support/world.ts'
import { type Smsc, startSmsc } from '../../gateways/sms/simulator/smsc.ts'
import { referenceOf, referenceOffsetOf, type SmsGateway, type SmsReceipt } from '../gateway.ts'
import { OutcomeRecorder } from '../settle/recorder.ts'
import { ReceiptMatcher } from './receipts.ts'

/** A text of two parts. */
const LONG_TEXT = 'Vol par ruse à la boulangerie. '.repeat(8)

let smsc: Smsc
let world: Awaited<ReturnType<typeof startWorld>>

beforeAll(async () => {
  smsc = await startSmsc({ seed: 4000, receiptIdFormat: 'decimal' })
  world = await startWorld({
    database: await testDatabaseSettings('postgres'),
    smscPort: smsc.port,
    window: 100,
    inDoubtSeconds: 2,
    gateway: { responseTimeoutMs: 300 },
  })
  await fillScheme(world.deps, 200)
})
afterAll(async () => {
  await world.stop()
  await smsc.stop()
})

const ledger = (id: string) =>
  world.deps.db.selectFrom('deliveries').selectAll().where('broadcastId', '=', id).orderBy('no').execute()

test('matches decimal receipts to hexadecimal ids, each to its own delivery', async () => {
  const failing = ['33600000003', '33600000017', '33600000150']
  for (const number of failing) smsc.setHandset(number, { state: 'memoryFull' })
  const id = await orderBroadcast(world.deps, { limit: 200 })
  expect(await untilBroadcastDone(world.deps, id)).toMatchObject({ delivered: 197, failed: 3 })
  const failed = (await ledger(id)).filter((row) => row.state === 'failed').map((row) => row.phone.slice(1))
  expect(failed).toEqual(failing)
  for (const number of failing) smsc.setHandset(number, { state: 'on' })
})

test('settles a long message without any response by its receipts, and does not send it again', async () => {
  smsc.clearLog()
  smsc.setFaults({ dropResponses: 1 })
  const id = await orderBroadcast(world.deps, {
    limit: 20,
    text: LONG_TEXT,
  })
  expect(await untilBroadcastDone(world.deps, id)).toMatchObject({
    delivered: 20,
    possibleDuplicates: 0,
  })
  expect([...smsc.log()]).toHaveLength(40)
})

describe.each(usualKinds)('receipts that arrive at a worker other than the sender, on %s', (kind) => {
  let world: Awaited<ReturnType<typeof startWorld>>

  beforeAll(async () => {
    world = await startWorld({
      database: await testDatabaseSettings(kind),
      smscPort: 1,
    })
    await fillScheme(world.deps, 3)
    // Planned deliveries must stay planned.
    await world.dispatcher.stop(1000)
  })
  afterAll(() => world.stop())

  /** Orders one message to one phone, of two parts by default, in the given state. */
  async function order(
    state: 'planned' | 'accepted' | 'in_doubt',
    messageIds: string | null,
    gateway = 'bench',
    text = LONG_TEXT,
  ) {
    const { db } = world.deps
    const id = await orderBroadcast(world.deps, { limit: 1, text })
    const counted = state === 'planned' ? {} : { [state === 'accepted' ? 'accepted' : 'inDoubt']: 1 }
    await db
      .updateTable('deliveries')
      .set({ state, messageIds, ...(state === 'planned' ? {} : { gateway, attempts: 1 }) })
      .where('broadcastId', '=', id)
      .execute()
    await db
      .updateTable('broadcasts')
      .set({ state: 'settling', ...counted })
      .where('id', '=', id)
      .execute()
    const row = () =>
      db.selectFrom('deliveries').selectAll().where('broadcastId', '=', id).executeTakeFirstOrThrow()
    const { no, phone } = await row()
    const reference = referenceOf({ referenceOffset: referenceOffsetOf(id) }, no)
    const receipt = (messageId: string, more: Partial<SmsReceipt> = {}): SmsReceipt => ({
      gateway,
      messageId,
      state: 'delivered',
      phone,
      errorCode: undefined,
      reference,
      ...more,
    })
    const figures = () =>
      db
        .selectFrom('broadcasts')
        .select(['state', 'accepted', 'inDoubt', 'delivered'])
        .where('id', '=', id)
        .executeTakeFirstOrThrow()
    return { id, row, receipt, figures }
  }

  /** Orders one message of one part to one phone, accepted under the given id. */
  async function orderOne(answered: string) {
    const ordered = await order('accepted', answered, 'bench', 'Essai.')
    const end = () =>
      world.deps.db
        .updateTable('broadcasts')
        .set({ state: 'done', doneAt: new Date(0) })
        .where('id', '=', ordered.id)
        .execute()
    return { ...ordered, answered, end }
  }

  /** Starts a separate worker, as far as receipts are concerned. */
  function startMatcher(gateways: readonly Pick<SmsGateway, 'name' | 'kind'>[] = world.deps.gateways) {
    const recorder = new OutcomeRecorder(world.deps, new AbortController().signal)
    const deps = { ...world.deps, gateways: gateways as readonly SmsGateway[] }
    return { recorder, matcher: new ReceiptMatcher(deps as typeof world.deps, recorder) }
  }
  const take = (receipt: SmsReceipt) => startMatcher().matcher.take([receipt])

  test('delivers a message whose parts are reported to two workers at once', async () => {
    const { row, receipt, figures } = await order('accepted', 'a1 a2')
    await Promise.all([take(receipt('a1')), take(receipt('a2'))])
    expect(await row()).toMatchObject({ state: 'delivered', messageIds: 'a1 a2' })
    expect((await row()).settledAt).not.toBeNull()
    expect(await figures()).toEqual({ state: 'done', accepted: 0, inDoubt: 0, delivered: 1 })
  })

  test('a repeated receipt changes nothing, nor one that says otherwise, nor one of a broadcast that ended long ago', async () => {
    const { id, row, receipt, figures } = await order('accepted', 'z9x1', 'bench', 'Essai.')
    await take(receipt('z9x1'))
    const before = { row: await row(), figures: await figures() }
    expect(before).toMatchObject({ row: { state: 'delivered' }, figures: { state: 'done', delivered: 1 } })
    const repeated = [receipt('z9x1'), receipt('z9x1', { state: 'undeliverable', errorCode: 5 })]
    for (const one of repeated) await take(one)
    expect({ row: await row(), figures: await figures() }).toEqual(before)

    const other = await order('accepted', 'z9x2', 'bench', 'Essai.')
    await world.deps.db
      .updateTable('broadcasts')
      .set({ state: 'done', doneAt: new Date(Date.now() - 11 * 60_000) })
      .where('id', 'in', [id, other.id])
      .execute()
    await take(other.receipt('z9x2'))
    expect((await other.row()).state).toBe('accepted')
    for (const one of repeated) await take(one)
    expect((await row()).state).toBe('delivered')
  })

  test('delivers a message in doubt whose parts are reported to two workers, and stores the ids of the receipts', async () => {
    const { row, receipt, figures } = await order('in_doubt', null)
    await Promise.all([take(receipt('d1')), take(receipt('d2'))])
    const { state, messageIds } = await row()
    expect(state).toBe('delivered')
    expect(messageIds?.split(' ').sort()).toEqual(['d1', 'd2'])
    expect(await figures()).toEqual({ state: 'done', accepted: 0, inDoubt: 0, delivered: 1 })
  })

  test('counts the receipt of a part that comes before the response, which another worker awaits', async () => {
    const { id, row, receipt, figures } = await order('planned', null)
    await sql`update delivery_chunks set state = 'claimed', worker_id = 7 where broadcast_id = ${id}`.execute(
      world.deps.db,
    )
    await take(receipt('e1'))
    expect(await row()).toMatchObject({ state: 'planned', deliveredIds: ['e1'] })
    const { recorder } = startMatcher()
    const broadcast = { schemeId: BENCH_SCHEME, id, alertId: null, lane: 'service' as const }
    const answered = (no: number, messageIds: string[]) =>
      recorder.add(broadcast, { no, kind: 'accepted', messageIds, gateway: 'bench' })
    const { no } = await row()
    answered(no, ['e1', 'e2'])
    await recorder.drain()
    expect(await row()).toMatchObject({ state: 'accepted', messageIds: 'e1 e2' })
    await take(receipt('e2'))
    expect(await row()).toMatchObject({ state: 'delivered', attempts: 1 })
    expect(await figures()).toMatchObject({ accepted: 0, delivered: 1 })
  })

  test('records one attempt, accepted and delivered, when all receipts come before the response', async () => {
    const { id, row, receipt, figures } = await order('planned', null)
    await sql`update delivery_chunks set state = 'claimed', worker_id = 7 where broadcast_id = ${id}`.execute(
      world.deps.db,
    )
    await Promise.all([take(receipt('f1')), take(receipt('f2'))])
    expect((await row()).state).toBe('delivered')
    const { recorder } = startMatcher()
    const { no } = await row()
    const broadcast = { schemeId: BENCH_SCHEME, id, alertId: null, lane: 'service' as const }
    recorder.add(broadcast, { no, kind: 'accepted', messageIds: ['f1', 'f2'], gateway: 'bench' })
    await recorder.drain()
    expect(await row()).toMatchObject({ state: 'delivered', messageIds: 'f1 f2', attempts: 1 })
    expect((await row()).acceptedAt).not.toBeNull()
    expect(await figures()).toMatchObject({ accepted: 0, delivered: 1 })
  })

  test('does not match a receipt to a planned delivery that no worker has claimed', async () => {
    const { row, receipt } = await order('planned', null)
    await take(receipt('g1'))
    expect(await row()).toMatchObject({ state: 'planned', deliveredIds: null })
  })

  test('ignores interim states of a message in doubt, and delivers it only when all parts are', async () => {
    const { row, receipt } = await order('in_doubt', null)
    const { matcher } = startMatcher()
    for (const state of ['enroute', 'accepted', 'delivered', 'delivered'] as const)
      await matcher.take([receipt('h1', { state })])
    expect(await row()).toMatchObject({ state: 'in_doubt', deliveredIds: ['h1'] })
    await matcher.take([receipt('h2', { state: 'enroute' }), receipt('h2')])
    expect((await row()).state).toBe('delivered')
  })

  test('does not deliver on a repeated receipt of one part, with ids in the other base', async () => {
    const { row, receipt } = await order('accepted', 'abc1 abc2')
    const { matcher } = startMatcher()
    const decimal = (id: number) => receipt(String(id), { reference: undefined })
    for (let times = 0; times < 3; times++) await matcher.take([decimal(0xabc1)])
    // It is matched at once, not put aside.
    expect(matcher.countsOf('bench')).toMatchObject({ unknown: 0 })
    expect(await row()).toMatchObject({ state: 'accepted', deliveredIds: ['abc1'] })
    await matcher.take([decimal(0xabc2)])
    expect((await row()).state).toBe('delivered')
  })

  describe('decimal receipts whose digits are the hexadecimal id of another message', () => {
    /** Orders two messages: the first under hexadecimal 16, the second under hexadecimal 10, which is 16 in decimal. */
    async function orderTwo() {
      const { db } = world.deps
      const id = await orderBroadcast(world.deps, { limit: 2, text: 'Essai.' })
      for (const [no, messageId] of [
        [1, '16'],
        [2, '10'],
      ] as const)
        await db
          .updateTable('deliveries')
          .set({ state: 'accepted', messageIds: messageId, gateway: 'bench', attempts: 1 })
          .where('broadcastId', '=', id)
          .where('no', '=', no)
          .execute()
      await db
        .updateTable('broadcasts')
        .set({ state: 'settling', accepted: 2 })
        .where('id', '=', id)
        .execute()
      const rows = () =>
        db
          .selectFrom('deliveries')
          .select(['no', 'phone', 'state'])
          .where('broadcastId', '=', id)
          .orderBy('no')
          .execute()
      const phones = (await rows()).map(({ phone }) => phone)
      const receipt = (no: number, messageId: string, marked: boolean): SmsReceipt => ({
        gateway: 'bench',
        messageId,
        state: 'delivered',
        phone: phones[no - 1],
        errorCode: undefined,
        reference: marked ? referenceOf({ referenceOffset: referenceOffsetOf(id) }, no) : undefined,
      })
      const end = () =>
        db
          .updateTable('broadcasts')
          .set({ state: 'done', doneAt: new Date(0) })
          .where('id', '=', id)
          .execute()
      return { id, phones, receipt, states: async () => (await rows()).map(({ state }) => state), end }
    }

    test.each([
      ['in the process that sent, with a reference', true, true],
      ['in the process that sent, without a reference', true, false],
      ['in another process, with a reference', false, true],
      ['in another process, without a reference', false, false],
    ])('%s: matches each receipt to the message to its own phone', async (_, isSender, marked) => {
      const { id, phones, receipt, states, end } = await orderTwo()
      const { matcher } = startMatcher()
      if (isSender) {
        const broadcast = { schemeId: BENCH_SCHEME, id, alertId: null, lane: 'service' as const }
        matcher.expect(broadcast, 'bench', { no: 1, phone: phones[0] as string }, ['16'])
        matcher.expect(broadcast, 'bench', { no: 2, phone: phones[1] as string }, ['10'])
      }
      // Hexadecimal 10 is 16 in decimal, hexadecimal 16 is 22.
      await matcher.take([receipt(2, '16', marked)])
      expect(await states()).toEqual(['accepted', 'delivered'])
      await matcher.take([receipt(1, '22', marked)])
      expect(await states()).toEqual(['delivered', 'delivered'])
      // Counted under their lane; the ledger of this test has no time of acceptance.
      const lanes = Object.entries(matcher.countsOf('bench').times)
      expect(lanes.map(([lane, { counts }]) => [lane, counts.reduce((sum, count) => sum + count)])).toEqual(
        isSender ? [['service', 2]] : [],
      )
      await end()
    })
  })

  describe('receipts with ids and phones in another form than the submit response', () => {
    /** An id as in the submit response, then as in the receipt. */
    const writings = [
      ['in small letters', '0A1B2C3D', '0a1b2c3d'],
      ['in capitals', '4be1-77ac', '4BE1-77AC'],
      ['without its leading zeros', '00007F21', '7F21'],
      ['with leading zeros', '88231', '0000088231'],
      ['in small letters, without its leading zeros', '0005EF0A', '5ef0a'],
      ['in the other base', '0051AA0F', String(0x51aa0f)],
    ] as const

    const phones = [
      ['the international phone', (phone: string) => phone],
      ['the national phone', (phone: string) => phone.replace('+33', '')],
    ] as const

    const cases = writings.flatMap(([form, answered, received]) =>
      phones.flatMap(([name, written]) =>
        ([true, false] as const).map((isSender) => ({
          form,
          answered,
          received,
          name,
          written,
          isSender,
          worker: isSender ? 'the worker that sent' : 'another worker',
        })),
      ),
    )

    test.each(cases)('delivers for an id $form, with $name, at $worker', async (one) => {
      const { id, row, receipt, end } = await orderOne(one.answered)
      const { matcher } = startMatcher()
      const { no, phone } = await row()
      const broadcast = { schemeId: BENCH_SCHEME, id, alertId: null, lane: 'service' as const }
      if (one.isSender) matcher.expect(broadcast, 'bench', { no, phone }, [one.answered])
      await matcher.take([receipt(one.received, { phone: one.written(phone), reference: undefined })])
      expect((await row()).state).toBe('delivered')
      await end()
    })

    test('matches two ids that differ only in case, each to its own message', async () => {
      const first = await orderOne('bQ7x')
      const second = await orderOne('BQ7X')
      const { matcher } = startMatcher()
      for (const { id, row, answered } of [first, second]) {
        const { no, phone } = await row()
        matcher.expect(
          { schemeId: BENCH_SCHEME, id, alertId: null, lane: 'service' as const },
          'bench',
          { no, phone },
          [answered],
        )
      }
      await matcher.take([second.receipt('BQ7X', { phone: undefined, reference: undefined })])
      expect((await first.row()).state).toBe('accepted')
      expect((await second.row()).state).toBe('delivered')
      await matcher.take([first.receipt('bQ7x', { phone: undefined, reference: undefined })])
      expect((await first.row()).state).toBe('delivered')
      for (const { end } of [first, second]) await end()
    })

    test('does not match an id in another form with the phone of another message', async () => {
      const { id, row, receipt, end } = await orderOne('C0FFEE')
      const { matcher } = startMatcher()
      const { no, phone } = await row()
      matcher.expect(
        { schemeId: BENCH_SCHEME, id, alertId: null, lane: 'service' as const },
        'bench',
        { no, phone },
        ['C0FFEE'],
      )
      // Its receipts contain phones in the form of the ledger.
      await matcher.take([receipt('C0FFEE', { state: 'enroute' })])
      await matcher.take([receipt('c0ffee', { phone: '+33639987777', reference: undefined })])
      expect((await row()).state).toBe('accepted')
      await matcher.take([receipt('c0ffee', { reference: undefined })])
      expect((await row()).state).toBe('delivered')
      await end()
    })

    test('settles a message in doubt by its reference and national phone', async () => {
      const { row, receipt } = await order('in_doubt', null)
      const { phone } = await row()
      const { matcher } = startMatcher()
      const national = phone.replace('+33', '')
      await matcher.take([receipt('nat1', { phone: national }), receipt('nat2', { phone: national })])
      expect((await row()).state).toBe('delivered')
    })
  })

  test('settles a message in doubt by its only receipt if the provider gives one id a message', async () => {
    const { row, receipt } = await order('in_doubt', null, 'web')
    await startMatcher([{ name: 'web', kind: 'twilio' }]).matcher.take([receipt('SM1')])
    expect(await row()).toMatchObject({ state: 'delivered', messageIds: 'SM1', gateway: 'web' })
  })

  const unknownIds = async () =>
    (
      await world.deps.db.selectFrom('unknownReceipts').select('messageId').orderBy('messageId').execute()
    ).map(({ messageId }) => messageId)

  test('settles the only submission to a phone whose answer was lost by a receipt under an unknown id', async () => {
    const { row, receipt, end } = await orderOne('')
    const { db } = world.deps
    await db
      .updateTable('deliveries')
      .set({ state: 'in_doubt', messageIds: null })
      .where('broadcastId', '=', (await row()).broadcastId)
      .execute()
    await take(receipt('nobody-knows', { reference: undefined }))
    expect(await row()).toMatchObject({ state: 'delivered', messageIds: 'nobody-knows' })
    await end()
  })

  describe('an unknown id does not settle a lost answer', () => {
    test('of two submissions to one phone', async () => {
      const first = await order('in_doubt', null, 'bench', 'Essai.')
      const second = await order('in_doubt', null, 'bench', 'Essai.')
      await take(first.receipt('lone1', { reference: undefined }))
      expect([(await first.row()).state, (await second.row()).state]).toEqual(['in_doubt', 'in_doubt'])
      await take(second.receipt('lone2'))
      await take(first.receipt('lone3'))
      expect([(await first.row()).state, (await second.row()).state]).toEqual(['delivered', 'delivered'])
    })

    test('while another submission to the phone is in flight, whose id it may be', async () => {
      const lost = await order('in_doubt', null, 'bench', 'Essai.')
      const inFlight = await order('planned', null, 'bench', 'Essai.')
      const { db } = world.deps
      const chunk = (state: 'claimed' | 'done') =>
        db
          .updateTable('deliveryChunks')
          .set({ state, workerId: state === 'claimed' ? 1 : null })
          .where('broadcastId', '=', inFlight.id)
          .execute()
      await chunk('claimed')
      await take(inFlight.receipt('lone10', { reference: undefined }))
      expect([(await lost.row()).state, (await inFlight.row()).state]).toEqual(['in_doubt', 'planned'])
      await chunk('done')
      await take(lost.receipt('lone11'))
      expect((await lost.row()).state).toBe('delivered')
      await db
        .updateTable('broadcasts')
        .set({ state: 'done', doneAt: new Date(0) })
        .where('id', '=', inFlight.id)
        .execute()
    })

    test('when it is the repeated receipt of an ended broadcast', async () => {
      const ended = await orderOne('old-id')
      await world.deps.db
        .updateTable('broadcasts')
        .set({ state: 'done', doneAt: new Date(Date.now() - 3_600_000) })
        .where('id', '=', ended.id)
        .execute()
      const { row, receipt } = await order('in_doubt', null, 'bench', 'Essai.')
      await take(receipt('OLD-ID', { reference: undefined }))
      expect((await row()).state).toBe('in_doubt')
      await take(receipt('lone4'))
    })

    test('when it came before the order', async () => {
      const { matcher } = startMatcher()
      const earlier = await orderOne('other-id')
      await matcher.take([earlier.receipt('lone5', { reference: undefined })])
      await earlier.end()
      const { row, receipt } = await order('in_doubt', null, 'bench', 'Essai.')
      await startMatcher().matcher.load()
      expect((await row()).state).toBe('in_doubt')
      await take(receipt('lone6'))
    })

    test('where the receipts of the provider carry references', async () => {
      const { matcher } = startMatcher()
      const { row, receipt } = await order('in_doubt', null, 'bench', 'Essai.')
      await matcher.take([receipt('lone7', { state: 'enroute' }), receipt('lone8', { reference: undefined })])
      expect((await row()).state).toBe('in_doubt')
      await matcher.take([receipt('lone9')])
      expect((await row()).state).toBe('delivered')
    })
  })

  test('corrects an expiry by a later receipt, also of an ended broadcast, and has it counted again', async () => {
    const { row, receipt, figures, id } = await orderOne('x1')
    const { db } = world.deps
    await db.updateTable('deliveries').set({ state: 'expired' }).where('broadcastId', '=', id).execute()
    await db
      .updateTable('broadcasts')
      .set({
        state: 'done',
        doneAt: new Date(Date.now() - 3_600_000),
        expired: 1,
        accepted: 0,
        talliedAt: new Date(),
      })
      .where('id', '=', id)
      .execute()
    await take(receipt('X1'))
    expect((await row()).state).toBe('delivered')
    expect(await figures()).toEqual({ state: 'done', accepted: 0, inDoubt: 0, delivered: 1 })
    const { expired, talliedAt } = await db
      .selectFrom('broadcasts')
      .select(['expired', 'talliedAt'])
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
    expect({ expired, talliedAt }).toEqual({ expired: 0, talliedAt: null })
  })

  test('delivers an accepted message whose receipt has a foreign id, its phone and its reference', async () => {
    const { row, receipt } = await order('accepted', 'p1', 'bench', 'Essai.')
    await take(receipt('quite-another'))
    expect(await row()).toMatchObject({ state: 'delivered', messageIds: 'p1' })
  })

  test('learns from proven receipts in which base ids are written, and matches those kept before', async () => {
    // 0x4d is 77 in decimal: too short to be proof by itself.
    const kept = await orderOne('4D')
    const proven = [await orderOne('4E1'), await orderOne('4E2'), await orderOne('4E3')]
    const { matcher } = startMatcher()
    const bare = { phone: undefined, reference: undefined }
    await matcher.take([kept.receipt('77', bare)])
    expect((await kept.row()).state).toBe('accepted')
    expect(await unknownIds()).toContain('77')
    for (const { receipt, answered } of proven)
      await matcher.take([receipt(String(Number.parseInt(answered, 16)), { reference: undefined })])
    await expect.poll(async () => (await kept.row()).state).toBe('delivered')
    await expect.poll(unknownIds).not.toContain('77')
    expect(matcher.countsOf('bench')).toMatchObject({ unknown: 1, recent: { received: 4, unknown: 0 } })
    for (const { end } of [kept, ...proven]) await end()
  })

  test('matches a message accepted without an id by its phone and reference', async () => {
    const { row, receipt } = await order('accepted', null)
    const { matcher } = startMatcher()
    await matcher.take([receipt('k1'), receipt('k2')])
    expect((await row()).state).toBe('delivered')
  })

  test.each([
    ['none', ['', ''], null],
    ['one', ['n1', ''], 'n1'],
  ])('matches the receipts of a message when %s of its parts has an id', async (_, given, kept) => {
    const { id, row, receipt } = await order('planned', null)
    const { matcher, recorder } = startMatcher()
    const { no, phone } = await row()
    const broadcast = { schemeId: BENCH_SCHEME, id, alertId: null, lane: 'service' as const }
    recorder.add(broadcast, { no, kind: 'accepted', messageIds: given, gateway: 'bench' })
    matcher.expect(broadcast, 'bench', { no, phone }, given)
    await recorder.drain()
    expect(await row()).toMatchObject({ state: 'accepted', messageIds: kept })
    await matcher.take([receipt('n1'), receipt('n2')])
    expect((await row()).state).toBe('delivered')
  })

  test('stores an unknown receipt at once, and applies it when the response comes', async () => {
    const { db } = world.deps
    const unknown = () =>
      db.selectFrom('unknownReceipts').select('messageId').where('messageId', 'like', 'late%').execute()
    const { id, row, receipt } = await order('planned', null)
    const { no } = await row()
    const early = [receipt('late1', { reference: undefined }), receipt('late2', { reference: undefined })]
    const { matcher, recorder } = startMatcher()
    await matcher.take(early)
    expect(await unknown()).toHaveLength(2)
    const broadcast = { schemeId: BENCH_SCHEME, id, alertId: null, lane: 'service' as const }
    const messageIds = ['late1', 'late2']
    recorder.add(broadcast, { no, kind: 'accepted', messageIds, gateway: 'bench' })
    matcher.expect(broadcast, 'bench', { no, phone: (await row()).phone }, messageIds)
    await recorder.drain()
    expect((await row()).state).toBe('delivered')
    await expect.poll(unknown).toEqual([])
  })

  test('applies it also when the response comes to another worker, or after a restart', async () => {
    for (const way of ['another', 'restart'] as const) {
      const { id, row, receipt } = await order('planned', null)
      const { no } = await row()
      const messageIds = [`${way}1`, `${way}2`]
      const first = startMatcher()
      await first.matcher.take(messageIds.map((one) => receipt(one, { reference: undefined })))
      if (way === 'restart') await first.matcher.settle()
      const { recorder } = startMatcher()
      const broadcast = { schemeId: BENCH_SCHEME, id, alertId: null, lane: 'service' as const }
      recorder.add(broadcast, { no, kind: 'accepted', messageIds, gateway: 'bench' })
      await recorder.drain()
      if (way === 'restart') await startMatcher().matcher.load()
      await expect.poll(async () => (await row()).state).toBe('delivered')
    }
  })
})
