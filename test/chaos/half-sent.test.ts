import { afterEach, expect, test } from 'vitest'
import { stopBroadcast } from '../../src/deliveries/claim/stop.ts'
import { startSmsc } from '../../src/gateways/sms/simulator/smsc.ts'
import { encodePdu } from '../../src/gateways/sms/smpp/pdu/pdu.ts'
import { inScheme } from '../../src/platform/db.ts'
import { testDatabaseSettings } from '../support/database.ts'
import { sleep } from '../support/random.ts'
import { startProvider } from '../support/smpp.ts'
import { BENCH_SCHEME, fillScheme, orderBroadcast, startWorld, type WorldOptions } from '../support/world.ts'

const TWO_PARTS = 'Vol par ruse à la boulangerie de Montech. '.repeat(5)

const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

async function start(smscPort: number, options: Partial<WorldOptions>) {
  const world = await startWorld({
    database: await testDatabaseSettings('postgres'),
    smscPort,
    ...options,
  })
  ends.push(() => world.stop())
  const { deps } = world
  await fillScheme(deps, 10)
  const rows = (id: string) =>
    deps.db.selectFrom('deliveries').selectAll().where('broadcastId', '=', id).orderBy('no').execute()
  return { deps, rows }
}

// PROMISES L7: the provider answers slowly, one submission at a time.
test('sends nothing of a long message a second after the stop, and leaves sent parts in doubt', async () => {
  const smsc = await startSmsc({ faults: { latencyMs: 2500 } })
  ends.push(() => smsc.stop())
  const { deps, rows } = await start(smsc.port, { window: 1 })
  const id = await orderBroadcast(deps, { limit: 5, text: TWO_PARTS })
  const sent = () => [...smsc.log()]
  await expect.poll(() => sent().length, { interval: 10 }).toBe(1)
  await inScheme(deps.db, BENCH_SCHEME, (tx) => stopBroadcast(tx, BENCH_SCHEME, id, deps.now()))
  const states = async () => (await rows(id)).map(({ state }) => state)
  await expect.poll(states).toEqual(['in_doubt', ...Array(4).fill('withdrawn')])
  await sleep(1000)
  expect(sent()).toHaveLength(1)
  expect((await rows(id))[0]?.messageIds).toBe(sent()[0]?.messageId)
})

test('sends a message with one part accepted and one refused temporarily again, as a possible duplicate', async () => {
  const taken: string[] = []
  let refuses = true
  const port = await startProvider((socket, pdu) => {
    if (pdu.command !== 'submit_sm') return
    // The sixth octet of the header is the number of the part (3GPP TS 23.040 section 9.2.3.24.1).
    const isRefused = refuses && pdu.shortMessage[5] === 2
    if (!isRefused) taken.push(`${pdu.destination} part ${pdu.shortMessage[5]}`)
    const { sequence } = pdu
    const answer = isRefused ? { status: 0x08, messageId: '' } : { status: 0, messageId: `m${taken.length}` }
    socket.write(encodePdu({ command: 'submit_sm_resp', sequence, ...answer }))
  })
  const { deps, rows } = await start(port, { window: 10, inDoubtSeconds: 1 })
  const id = await orderBroadcast(deps, { limit: 3, text: TWO_PARTS })
  await expect.poll(() => taken.length, { interval: 5 }).toBe(3)
  refuses = false
  const states = async () => (await rows(id)).map(({ state }) => state)
  await expect.poll(states).toEqual(Array(3).fill('accepted'))
  expect(taken).toHaveLength(9)
  for (const row of await rows(id)) expect(row).toMatchObject({ possibleDuplicate: true, attempts: 2 })
})
