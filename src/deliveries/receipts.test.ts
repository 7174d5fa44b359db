import { afterAll, beforeAll, expect, test } from 'vitest'
import { fillScheme, orderBroadcast, startWorld, untilBroadcastDone } from '../../test/support/world.ts'
import { type Smsc, startSmsc } from '../gateways/sms/simulator/smsc.ts'

let smsc: Smsc
let world: Awaited<ReturnType<typeof startWorld>>

beforeAll(async () => {
  // Small numbers, so that the id of one message in decimal is that of another in hexadecimal.
  smsc = await startSmsc({ seed: 4000, receiptIdFormat: 'decimal' })
  world = await startWorld({
    database: { kind: 'embedded', directory: undefined },
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

test('ids in hexadecimal, receipts in decimal: each receipt finds its own delivery', async () => {
  const failing = ['33600000003', '33600000017', '33600000150']
  for (const number of failing) smsc.setHandset(number, { state: 'memoryFull' })
  const id = await orderBroadcast(world.deps, { limit: 200 })
  expect(await untilBroadcastDone(world.deps, id, 20_000)).toMatchObject({ delivered: 197, failed: 3 })
  const failed = (await ledger(id)).filter((row) => row.state === 'failed').map((row) => row.phone.slice(1))
  expect(failed).toEqual(failing)
  for (const number of failing) smsc.setHandset(number, { state: 'on' })
}, 60_000)

test('a long message whose every answer is lost is delivered by its receipts, and not sent again', async () => {
  smsc.clearLog()
  smsc.setFaults({ dropResponses: 1 })
  const id = await orderBroadcast(world.deps, {
    limit: 20,
    text: 'Vol par ruse à la boulangerie. '.repeat(8),
  })
  expect(await untilBroadcastDone(world.deps, id, 20_000)).toMatchObject({
    delivered: 20,
    possibleDuplicates: 0,
  })
  expect([...smsc.log()]).toHaveLength(40)
}, 60_000)
