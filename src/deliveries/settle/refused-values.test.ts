import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testDatabaseSettings, usualKinds } from '../../../test/support/database.ts'
import { BENCH_SCHEME, fillScheme, orderBroadcast, startWorld } from '../../../test/support/world.ts'
import { type Smsc, startSmsc } from '../../gateways/sms/simulator/smsc.ts'
import type { SmsReceipt } from '../gateway.ts'
import { ReceiptMatcher } from '../receipt/receipts.ts'
import { OutcomeRecorder } from './recorder.ts'

const MEMBERS = 40
const TOO_LARGE = 4_294_967_296

describe.each(usualKinds)('a value that %s cannot store affects nothing else', (kind) => {
  let smsc: Smsc
  let world: Awaited<ReturnType<typeof startWorld>>
  let recorder: OutcomeRecorder
  let receipts: ReceiptMatcher

  beforeAll(async () => {
    smsc = await startSmsc()
    world = await startWorld({
      database: await testDatabaseSettings(kind, 4),
      smscPort: smsc.port,
    })
    await fillScheme(world.deps, MEMBERS)
    // Planned deliveries must stay planned.
    await world.dispatcher.stop(1000)
    recorder = new OutcomeRecorder(world.deps, new AbortController().signal)
    receipts = new ReceiptMatcher(world.deps, recorder)
  })
  afterAll(async () => {
    await world.stop()
    await smsc.stop()
  })

  async function order() {
    const id = await orderBroadcast(world.deps, { limit: MEMBERS })
    const broadcast = { schemeId: BENCH_SCHEME, id, alertId: null }
    const ledger = () =>
      world.deps.db.selectFrom('deliveries').selectAll().where('broadcastId', '=', id).orderBy('no').execute()
    const figures = () =>
      world.deps.db.selectFrom('broadcasts').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
    return { broadcast, ledger, figures }
  }
  const numbers = Array.from({ length: MEMBERS }, (_, index) => index + 1)

  test('writes a refusal without its code, and the others of the batch unchanged', async () => {
    const { broadcast, ledger, figures } = await order()
    for (const no of numbers)
      recorder.add(broadcast, { no, kind: 'failed', errorCode: no === 17 ? TOO_LARGE : 11, gateway: 'bench' })
    await recorder.drain()
    for (const row of await ledger()) {
      expect(row).toMatchObject({ state: 'failed', errorCode: row.no === 17 ? null : 11, attempts: 1 })
    }
    expect(await figures()).toMatchObject({ failed: MEMBERS, state: 'running' })
  })

  test('accepts a message without its id, and does not send it again', async () => {
    const { broadcast, ledger } = await order()
    for (const no of numbers)
      recorder.add(broadcast, {
        no,
        kind: 'accepted',
        messageIds: [no === 17 ? 'a\0b' : `${kind}${no}`],
        gateway: 'bench',
      })
    await recorder.drain()
    for (const row of await ledger()) {
      const messageIds = row.no === 17 ? null : `${kind}${row.no}`
      expect(row).toMatchObject({ state: 'accepted', messageIds, attempts: 1, gateway: 'bench' })
    }
  })

  test('writes an attempt without its code, and the others unchanged', async () => {
    const { broadcast, ledger } = await order()
    for (const no of numbers)
      recorder.add(broadcast, { no, kind: 'retry', errorCode: no === 17 ? TOO_LARGE : 88, gateway: 'bench' })
    await recorder.drain()
    const attempts = await world.deps.db
      .selectFrom('deliveryAttempts')
      .select(['no', 'errorCode'])
      .where('broadcastId', '=', broadcast.id)
      .orderBy('no')
      .execute()
    expect(attempts).toEqual(numbers.map((no) => ({ no, errorCode: no === 17 ? null : 88 })))
    for (const row of await ledger()) expect(row).toMatchObject({ state: 'planned', attempts: 1 })
  })

  test.each<[string, Partial<SmsReceipt>]>([
    ['code', { errorCode: TOO_LARGE }],
    ['id', { messageId: 'a\0b' }],
    ['id too long for an index', { messageId: '7'.repeat(100_000) }],
    ['phone', { messageId: 'nobody', phone: '+336\0', reference: 1 }],
  ])('acknowledges receipts of a batch with such a %s, and writes the others', async (what, odd) => {
    const { broadcast, ledger } = await order()
    const idOf = (no: number) => `${kind}-${what.replaceAll(' ', '-')}-${no}`
    for (const no of numbers)
      recorder.add(broadcast, { no, kind: 'accepted', messageIds: [idOf(no)], gateway: 'bench' })
    await recorder.drain()
    const receipt = (no: number): SmsReceipt => ({
      gateway: 'bench',
      messageId: idOf(no),
      state: 'delivered',
      phone: undefined,
      errorCode: undefined,
      reference: undefined,
      ...(no === 17 ? { state: 'undeliverable', ...odd } : {}),
    })
    await receipts.take(numbers.map(receipt))
    for (const row of await ledger()) {
      if (row.no !== 17) expect(row.state).toBe('delivered')
      else expect(row.state).toBe(what === 'code' ? 'failed' : 'accepted')
    }
  })
})
