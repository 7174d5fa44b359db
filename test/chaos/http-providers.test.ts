import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createHttpGateway } from '../../src/gateways/sms/http/gateway.ts'
import type { WebhookGateway } from '../../src/gateways/sms/http/provider.ts'
import { HttpGatewaySettings } from '../../src/gateways/sms/http/settings.ts'
import {
  type FakeProvider,
  type Fault,
  startFake,
  type Taken,
} from '../../src/gateways/sms/http/testing/fake.ts'
import { genericRules } from '../../src/gateways/sms/http/testing/generic.ts'
import { ovhRules } from '../../src/gateways/sms/http/testing/ovh.ts'
import { smsmodeRules } from '../../src/gateways/sms/http/testing/smsmode.ts'
import { twilioRules } from '../../src/gateways/sms/http/testing/twilio.ts'
import { createRandom } from '../../src/gateways/sms/simulator/faults.ts'
import { segmentMessage } from '../../src/message/segment.ts'
import { createApp } from '../../src/start/http/http.ts'
import { webhookRoutes } from '../../src/start/http/webhooks.ts'
import { testDatabaseSettings } from '../support/database.ts'
import { compareLedger } from '../support/ledger-against-smsc.ts'
import { createTestLog } from '../support/log-scan.ts'
import { SEED, sleep } from '../support/random.ts'
import { testConfig } from '../support/server.ts'
import { describeSideBySide } from '../support/side-by-side.ts'
import { fillScheme, orderBroadcast, startWorld, untilBroadcastDone } from '../support/world.ts'

// HTTP providers with the whole engine: each breaks its responses in every possible way, and sends receipts twice
// and out of order. No message may be lost, and none duplicated without a mark in the ledger.

const MEMBERS = 60
const WINDOW = 12
/** Only a response that hangs takes as long, on a busy machine too. */
const RESPONSE_SECONDS = 1
/** Time for a receipt to settle a message in doubt before it is sent again. */
const IN_DOUBT_SECONDS = 2.5
const RECEIPT_MS = 60
const TWO_PARTS = 'Vol par ruse à la boulangerie de Montech. '.repeat(5)

const FAULTS: readonly Fault[] = [
  'throttle',
  'error',
  'errorAfter',
  'hang',
  'cut',
  'truncate',
  'garble',
  'omit',
]
const providers = [
  // Its receipts contain only its own ids: messages in doubt can only be sent again.
  { kind: 'ovh', rules: ovhRules, givesReference: false },
  { kind: 'smsmode', rules: smsmodeRules, givesReference: true },
  { kind: 'twilio', rules: twilioRules, givesReference: true },
  { kind: 'generic', rules: genericRules, givesReference: true },
]

describeSideBySide('$kind', providers, ({ rules, givesReference }) => {
  const random = createRandom(SEED)
  let fake: FakeProvider
  let gateway: WebhookGateway
  let world: Awaited<ReturnType<typeof startWorld>>
  let settings: HttpGatewaySettings
  const calling: Promise<unknown>[] = []
  const app = createApp({ log: createTestLog(), config: testConfig() })

  beforeAll(async () => {
    fake = await startFake(rules)
    settings = HttpGatewaySettings.parse({
      ...rules.settings(fake.url),
      window: WINDOW,
      responseSeconds: RESPONSE_SECONDS,
    })
    const timing = { probeMs: 50, lateMs: 400 }
    gateway = createHttpGateway(settings, { timing })
    webhookRoutes(app, [gateway])
    fake.onTaken = (message) => calling.push(sendReceipt(message))
    world = await startWorld({
      database: await testDatabaseSettings('postgres'),
      smscPort: 0,
      sendBy: [gateway],
      inDoubtSeconds: IN_DOUBT_SECONDS,
    })
    await fillScheme(world.deps, MEMBERS)
  })
  afterAll(async () => {
    await world?.stop()
    await app.close()
    await fake?.stop()
  })

  /** Sends the receipt of a message some time after its acceptance, until it is acknowledged as stored. */
  async function sendReceipt(message: Taken): Promise<void> {
    await sleep(RECEIPT_MS * (0.5 + random()))
    const states =
      random() < 0.3 ? (['enroute', 'delivered', 'delivered'] as const) : (['delivered'] as const)
    for (const state of states) {
      const { method, url, headers, body } = rules.receipt(message, state, settings)
      for (let status = 0; status < 200 || status >= 300; ) {
        const answer = await app.inject({
          method: method as 'POST',
          url,
          headers: headers as Record<string, string>,
          payload: body,
        })
        status = answer.statusCode
        if (status !== 503 && status >= 300) throw new Error(`called in vain: ${status}`)
        if (status === 503) await sleep(50)
      }
    }
  }

  /** Sends a message to all members; every third submission has one of `faults` in turn, `most` times at most. */
  async function broadcastUnder(faults: readonly Fault[], most: number, text: string) {
    const from = fake.taken.length
    const befell: Fault[] = []
    let submissions = 0
    fake.fault = () => {
      if (befell.length >= most || submissions++ % 3 !== 1) return undefined
      const fault = faults[befell.length % faults.length]
      if (fault !== undefined) befell.push(fault)
      return fault
    }
    const id = await orderBroadcast(world.deps, { limit: MEMBERS, simulated: false, text })
    const row = await untilBroadcastDone(world.deps, id)
    await Promise.all(calling.splice(0))
    expect(new Set(befell)).toEqual(new Set(faults))
    expect(row).toMatchObject({ delivered: MEMBERS, inDoubt: 0, failed: 0, expired: 0 })
    const { problems } = await compareLedger(world.deps.db, toLog(fake.taken))
    expect(problems).toEqual([])
    return { row, sent: fake.taken.slice(from) }
  }

  test(`every fault in one broadcast, seed ${SEED}`, async () => {
    const order = FAULTS.map((fault) => ({ fault, at: random() })).sort((a, b) => a.at - b.at)
    const { row } = await broadcastUnder(
      order.map(({ fault }) => fault),
      16,
      TWO_PARTS,
    )
    // At least the messages that were not accepted.
    expect(row.possibleDuplicates).toBeGreaterThan(0)
    expect(fake.mostAtOnce).toBeLessThanOrEqual(WINDOW)
    // The tests of all providers run at the same time, so that `expect.poll` does not know its test.
    await vi.waitFor(() => expect(gateway.state()).toMatchObject({ state: 'bound', inFlight: 0 }), 60_000)
  })

  test.runIf(process.env.TOCSIN_SOAK).each(FAULTS)('%s alone', async (fault) => {
    const { row, sent } = await broadcastUnder([fault], 6, `Vol à main armée (${fault}).`)
    const isToldByReceipt = givesReference && fault !== 'error'
    if (fault === 'throttle' || isToldByReceipt) {
      expect(row.possibleDuplicates).toBe(0)
      expect(sent).toHaveLength(MEMBERS)
    } else expect(row.possibleDuplicates).toBeGreaterThan(0)
  })
})

/** Converts accepted messages to the log of an SMS centre, part by part. */
function toLog(taken: readonly Taken[]) {
  return taken.flatMap(({ phone, text }) => {
    const { parts } = segmentMessage(text)
    return parts.map((part, at) => ({ destination: phone.slice(1), text: part, part: { number: at + 1 } }))
  })
}
