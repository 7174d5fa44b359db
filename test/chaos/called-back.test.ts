import { afterEach, expect, test } from 'vitest'
import { stopBroadcast } from '../../src/deliveries/claim/stop.ts'
import type { Deps } from '../../src/deps.ts'
import { createHttpGateway } from '../../src/gateways/sms/http/gateway.ts'
import { HttpGatewaySettings } from '../../src/gateways/sms/http/settings.ts'
import { startFake } from '../../src/gateways/sms/http/testing/fake.ts'
import { ovhRules } from '../../src/gateways/sms/http/testing/ovh.ts'
import { startSmsc } from '../../src/gateways/sms/simulator/smsc.ts'
import { inScheme } from '../../src/platform/db.ts'
import { testDatabaseSettings } from '../support/database.ts'
import { compareLedger } from '../support/ledger-against-smsc.ts'
import { sleep } from '../support/random.ts'
import {
  BENCH_SCHEME,
  fillScheme,
  orderBroadcast,
  startWorld,
  untilBroadcastDone,
  type WorldOptions,
} from '../support/world.ts'

// When a broadcast is stopped, messages that the provider has not delivered yet are cancelled (SMPP `cancel_sm`,
// OVHcloud `DELETE /jobs`), and the ledger records it.

const MEMBERS = 20
const TWO_PARTS = 'Vol par ruse à la boulangerie de Montech. '.repeat(5)

const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

async function start(options: Partial<WorldOptions>) {
  const database = await testDatabaseSettings('postgres')
  const world = await startWorld({ database, smscPort: 0, window: 100, ...options })
  ends.push(() => world.stop())
  await fillScheme(world.deps, MEMBERS)
  return world.deps
}

async function statesOf(deps: Deps, id: string) {
  const rows = await deps.db
    .selectFrom('deliveries')
    .select(['phone', 'state'])
    .where('broadcastId', '=', id)
    .execute()
  const phonesOf = (state: string) => rows.filter((row) => row.state === state).map(({ phone }) => phone)
  return {
    accepted: phonesOf('accepted'),
    delivered: phonesOf('delivered'),
    withdrawn: phonesOf('withdrawn'),
  }
}

function stop(deps: Deps, id: string): Promise<number> {
  return inScheme(deps.db, BENCH_SCHEME, (tx) => stopBroadcast(tx, BENCH_SCHEME, id, deps.now()))
}

/** Starts an SMS centre with every other phone off, and sends a long message to all of them. */
async function startHalfDelivered(options: Partial<WorldOptions>) {
  const smsc = await startSmsc({ receiptDelayMs: 500 })
  ends.push(() => smsc.stop())
  const deps = await start({ smscPort: smsc.port, ...options })
  await untilBroadcastDone(deps, await orderBroadcast(deps, { limit: MEMBERS, text: 'Essai.' }))
  const off = smsc
    .handsets()
    .map(({ number }) => number)
    .filter((_, index) => index % 2 === 0)
  for (const number of off) smsc.setHandset(number, { state: 'off' })
  const id = await orderBroadcast(deps, { limit: MEMBERS, text: TWO_PARTS })
  const figures = async () => {
    const { accepted, delivered } = await statesOf(deps, id)
    return [accepted.length, delivered.length]
  }
  await expect.poll(figures).toEqual([MEMBERS / 2, MEMBERS / 2])
  const phonesOff = off.map((number) => `+${number}`).sort()
  const countReached = () =>
    smsc.handsets().filter(({ messages }) => messages.some(({ text }) => text.startsWith('Vol par ruse')))
      .length
  return { smsc, deps, id, phonesOff, countReached }
}

test('cancels all parts of each undelivered message by SMPP', async () => {
  const { smsc, deps, id, phonesOff, countReached } = await startHalfDelivered({ gateway: { cancel: true } })
  await stop(deps, id)
  const row = await untilBroadcastDone(deps, id)
  expect(row).toMatchObject({ delivered: MEMBERS / 2, withdrawn: MEMBERS / 2, accepted: 0 })
  expect((await statesOf(deps, id)).withdrawn.sort()).toEqual(phonesOff)
  for (const phone of phonesOff) smsc.setHandset(phone.slice(1), { state: 'on' })
  expect(countReached()).toBe(MEMBERS / 2)
  expect((await compareLedger(deps.db, smsc.log())).problems).toEqual([])
})

test('cancels by SMPP once the link is back, when it was down at the stop', async () => {
  const { smsc, deps, id, phonesOff } = await startHalfDelivered({
    gateway: { cancel: true, reconnect: { minMs: 3000, maxMs: 3000 } },
  })
  smsc.cut()
  await stop(deps, id)
  const row = await untilBroadcastDone(deps, id)
  expect(row).toMatchObject({ delivered: MEMBERS / 2, withdrawn: MEMBERS / 2 })
  expect((await statesOf(deps, id)).withdrawn.sort()).toEqual(phonesOff)
})

test('cancels nothing when the provider does not support it, and keeps the ledger unchanged', async () => {
  const { deps, id, phonesOff } = await startHalfDelivered({})
  await stop(deps, id)
  // Nothing happens: a provider that can cancel is asked to within a second of the stop.
  await sleep(2500)
  const { accepted, withdrawn } = await statesOf(deps, id)
  expect([accepted.sort(), withdrawn]).toEqual([phonesOff, []])
})

test('cancels messages without a receipt by OVHcloud', async () => {
  const fake = await startFake(ovhRules)
  ends.push(() => fake.stop())
  const settings = HttpGatewaySettings.parse(ovhRules.settings(fake.url))
  const gateway = createHttpGateway(settings)
  const deps = await start({ sendBy: [gateway] })
  const id = await orderBroadcast(deps, { limit: MEMBERS, simulated: false })
  const accepted = async () => (await statesOf(deps, id)).accepted.length
  await expect.poll(accepted).toBe(MEMBERS)
  const [arrived = [], others = []] = [fake.taken.slice(0, 5), fake.taken.slice(5)]
  for (const message of arrived) {
    const { status } = await gateway.webhook.handle(ovhRules.receipt(message, 'delivered', settings))
    expect(status).toBe(204)
  }
  await stop(deps, id)
  const row = await untilBroadcastDone(deps, id)
  expect(row).toMatchObject({ delivered: arrived.length, withdrawn: others.length })
  const called = fake.seen
    .filter(({ method }) => method === 'DELETE')
    .map(({ path }) => path.split('/').at(-1))
  expect(called.sort()).toEqual(others.map(({ id }) => id).sort())
})
