import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { testDatabaseSettings } from '../../../test/support/database.ts'
import { startWorld } from '../../../test/support/world.ts'
import type { ProbeMessage } from '../../gateways/settings.ts'
import { NO_FAULTS } from '../../gateways/sms/simulator/faults.ts'
import { type Smsc, startSmsc } from '../../gateways/sms/simulator/smsc.ts'
import { createSmppGateway } from '../../gateways/sms/smpp/client.ts'
import type { SmsGateway } from '../gateway.ts'
import { ReceiptMatcher } from '../receipt/receipts.ts'
import { OutcomeRecorder } from '../settle/recorder.ts'
import { startProbes } from './probe.ts'
import { Route } from './route.ts'

const PHONE = '33600009999'
const EVERY_MS = 1500

let smsc: Smsc
let world: Awaited<ReturnType<typeof startWorld>>
let gateway: SmsGateway
let route: Route
let said: string[]
let stop = () => {}

beforeAll(async () => {
  smsc = await startSmsc({ receiptIdFormat: 'decimal', receiptDelayMs: 5 })
  world = await startWorld({ database: await testDatabaseSettings('postgres'), smscPort: 1 })
  await world.dispatcher.stop(1000)
})
afterAll(async () => {
  await world.stop()
  await smsc.stop()
})
beforeEach(async () => {
  smsc.setFaults({ ...NO_FAULTS })
  smsc.clearLog()
  said = []
  gateway = createSmppGateway({
    name: 'control',
    host: '127.0.0.1',
    port: smsc.port,
    systemId: 'tocsin',
    password: 'tocsin',
  })
  route = new Route(gateway, true)
  await gateway.start()
})
afterEach(async () => {
  stop()
  await gateway.stop(500)
})

function start(
  probeMessage: ProbeMessage | undefined,
  worker: { dividedBy?: number; isHeld?: boolean } = {},
) {
  const { deps } = world
  const own = { ...deps, gateways: [gateway] }
  const receipts = new ReceiptMatcher(own, new OutcomeRecorder(own, new AbortController().signal))
  gateway.onReceipts((batch) => receipts.take(batch))
  const [first] = deps.config.gateways
  const gateways = [{ ...first!, name: 'control', probeMessage }]
  const log = Object.assign(Object.create(deps.log), {
    warn: (_: object, message: string) => said.push(message),
  })
  stop = startProbes(
    { config: { ...deps.config, gateways }, now: deps.now, log },
    { dividedBy: worker.dividedBy ?? 1, isHeld: () => worker.isHeld ?? true },
    new Map([['control', route]]),
    receipts,
  )
}
const probe: ProbeMessage = { phone: `+${PHONE}`, sender: 'TOCSIN', everySeconds: EVERY_MS / 1000 }
const sent = () => [...smsc.log()]
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

test('sends a test message to the control number at its interval, and its receipt is not stored as unknown', async () => {
  start(probe)
  await expect.poll(() => sent().length, { interval: 20 }).toBe(2)
  for (const message of sent()) expect(message).toMatchObject({ destination: PHONE, source: 'TOCSIN' })
  const [one, two] = sent().map(({ at }) => Date.parse(at)) as [number, number]
  expect(two - one).toBeGreaterThanOrEqual(EVERY_MS - 50)
  await expect.poll(() => gateway.totals().receipts).toBe(2)
  // Longer than an unknown receipt is held before it is looked up and stored.
  await sleep(300)
  expect(await world.deps.db.selectFrom('unknownReceipts').selectAll().execute()).toEqual([])
  expect(said).toEqual([])
})

test('sends none by default, nor from a worker that may have lost its place', async () => {
  start(undefined)
  await sleep(1500)
  stop()
  start(probe, { isHeld: false })
  await sleep(1500)
  expect(sent()).toEqual([])
})

test('shares the interval among the workers', async () => {
  start({ ...probe, everySeconds: 1.25 }, { dividedBy: 2 })
  await expect.poll(() => sent().length, { interval: 20 }).toBe(2)
  const [one, two] = sent().map(({ at }) => Date.parse(at)) as [number, number]
  expect(two - one).toBeGreaterThanOrEqual(2450)
})

test('logs a test message that is not delivered', async () => {
  smsc.setHandset(PHONE, { state: 'memoryFull' })
  start(probe)
  await expect.poll(() => said).toContain('a test message was not delivered')
  smsc.setHandset(PHONE, { state: 'on' })
})

test('logs a test message that is not accepted; an accepted one closes a half-open circuit', async () => {
  smsc.setFaults({ failingPrefixes: [PHONE] })
  start(probe)
  await expect.poll(() => said).toContain('a test message was not accepted')
  smsc.setFaults({ failingPrefixes: [] })
  stop()
  route.circuit.open(performance.now())
  await expect
    .poll(() => {
      route.updateCircuit()
      return route.circuit.state
    })
    .toBe('half_open')
  start(probe)
  await expect.poll(() => route.circuit.state).toBe('closed')
})
