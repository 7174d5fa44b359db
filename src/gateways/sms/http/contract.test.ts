import { afterEach, expect, test } from 'vitest'
import { describeSideBySide } from '../../../../test/support/side-by-side.ts'
import type {
  GatewayState,
  SmsInbound,
  SmsMessage,
  SmsReceipt,
  SmsRecipient,
  SubmitControl,
  SubmitOutcome,
} from '../../../deliveries/gateway.ts'
import type { Lane } from '../../../deliveries/lanes.ts'
import en from '../../../i18n/en.json' with { type: 'json' }
import fr from '../../../i18n/fr.json' with { type: 'json' }
import { segmentMessage } from '../../../message/segment.ts'
import type { HttpGatewayDeps } from './client-settings.ts'
import { createHttpGateway } from './gateway.ts'
import type { WebhookGateway } from './provider.ts'
import { HttpGatewaySettings } from './settings.ts'
import { type FakeProvider, startFake, type Taken } from './testing/fake.ts'
import { genericRules } from './testing/generic.ts'
import { ovhRules } from './testing/ovh.ts'
import { smsmodeRules } from './testing/smsmode.ts'
import { twilioRules } from './testing/twilio.ts'

const providers = [
  { kind: 'ovh', rules: ovhRules, batch: 3, givesReference: false, hasValidity: true },
  { kind: 'smsmode', rules: smsmodeRules, batch: 1, givesReference: true, hasValidity: false },
  { kind: 'twilio', rules: twilioRules, batch: 1, givesReference: true, hasValidity: true },
  { kind: 'http', rules: genericRules, batch: 3, givesReference: true, hasValidity: true },
]

const TIMING = { probeMs: 40, noLinkWaitMs: 150, throttleGiveUpMs: 2000, lateMs: 3000 }

/** Cleanups by provider, since the tests of several providers run concurrently. */
const cleanups = new Map<unknown, (() => Promise<void>)[]>(providers.map(({ rules }) => [rules, []]))
const cleanUp = (rules: (typeof providers)[number]['rules'], clean: () => Promise<void>) =>
  cleanups.get(rules)?.push(clean)

function messageOf(text = 'Alerte : vol à main armée', seconds = 600, lane: Lane = 'alert'): SmsMessage {
  return {
    sender: 'POLICE63',
    segmentation: segmentMessage(text),
    validUntil: new Date(Date.now() + seconds * 1000),
    lane,
  }
}

function people(count: number, first = 0): SmsRecipient[] {
  return Array.from({ length: count }, (_, at) => ({
    no: first + at,
    phone: `+336${String(10_000_000 + first + at)}`,
  }))
}

interface Bench {
  readonly fake: FakeProvider
  readonly gateway: WebhookGateway
  readonly settings: HttpGatewaySettings
  readonly receipts: SmsReceipt[]
  readonly inbound: SmsInbound[]
  readonly said: string[]
  send(recipients: SmsRecipient[], message?: SmsMessage, control?: SubmitControl): Promise<SubmitOutcome[]>
}

async function open(
  rules: (typeof providers)[number]['rules'],
  more: Record<string, unknown> = {},
  deps: HttpGatewayDeps = {},
): Promise<Bench> {
  const fake = await startFake(rules)
  cleanUp(rules, () => fake.stop())
  const settings = HttpGatewaySettings.parse({ responseSeconds: 5, ...rules.settings(fake.url), ...more })
  const said: string[] = []
  const log = {
    info: (fields: object, message: string) => void said.push(JSON.stringify([fields, message])),
    warn: (fields: object, message: string) => void said.push(JSON.stringify([fields, message])),
  }
  const gateway = createHttpGateway(settings, { log, ...deps, timing: { ...TIMING, ...deps.timing } })
  cleanUp(rules, () => gateway.stop(0))
  const receipts: SmsReceipt[] = []
  const inbound: SmsInbound[] = []
  gateway.onReceipts((batch) => void receipts.push(...batch))
  gateway.onInbound((message) => void inbound.push(message))
  await gateway.start()
  return {
    fake,
    gateway,
    settings,
    receipts,
    inbound,
    said,
    async send(recipients, message = messageOf(), control = {}) {
      const outcomes: SubmitOutcome[] = []
      await gateway.submit(message, recipients, (outcome) => void outcomes.push(outcome), control)
      return outcomes.sort((a, b) => a.no - b.no)
    },
  }
}

const kinds = (outcomes: readonly SubmitOutcome[]) => outcomes.map(({ kind }) => kind)

async function until(condition: () => boolean, withinMs = 60_000): Promise<void> {
  const deadline = Date.now() + withinMs
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('the condition did not become true in time')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** Expects every text of a state to exist in both languages. */
function expectSaid(state: GatewayState, key: string): void {
  expect(state.lastError?.key).toBe(key)
  expect(fr).toHaveProperty([key])
  expect(en).toHaveProperty([key])
}

describeSideBySide('$kind', providers, ({ kind, rules, batch, givesReference, hasValidity }) => {
  afterEach(async () => {
    for (const clean of cleanups.get(rules)?.splice(0).reverse() ?? []) await clean()
  })

  test('sends the message to each recipient with its sender, text, validity and reference', async () => {
    const { fake, gateway, send } = await open(rules)
    expect(gateway).toMatchObject({ kind, name: 'fake', simulated: false })
    await until(() => gateway.state().state === 'bound')
    expect(gateway.state()).toMatchObject({ inFlight: 0, lastError: undefined })
    const text = 'Vol à l’étalage — « prudence » & 100 % {to} [€] 😀\nfin'
    const outcomes = await send(people(7), messageOf(text))
    expect(kinds(outcomes)).toEqual(Array(7).fill('accepted'))
    expect(fake.taken).toHaveLength(7)
    for (const outcome of outcomes) {
      const [messageId] = outcome.kind === 'accepted' ? outcome.messageIds : []
      const taken = fake.taken.find(({ id }) => id === messageId) as Taken
      expect(taken).toMatchObject({ phone: people(7)[outcome.no]?.phone, sender: 'POLICE63', text })
      if (givesReference) expect(taken.reference).toBe(String(outcome.no + 1))
      if (hasValidity) {
        expect(taken.validity).toBeGreaterThan(500)
        expect(taken.validity).toBeLessThanOrEqual(600)
      }
    }
    expect(fake.submissions()).toHaveLength(Math.ceil(7 / batch))
    expect(gateway.totals()).toMatchObject({ accepted: 7, submitted: 7, refused: 0, unanswered: 0 })
    expect(gateway.totals().answerMs).toBeGreaterThan(0)
  })

  test('counts the parts of a long message, which has one id', async () => {
    const { gateway, send, fake } = await open(rules)
    const text = 'a'.repeat(400)
    const [outcome] = await send(people(1), messageOf(text))
    expect(outcome).toMatchObject({ kind: 'accepted', messageIds: [expect.any(String)] })
    expect(fake.taken[0]?.text).toBe(text)
    expect(gateway.totals()).toMatchObject({ accepted: 3, submitted: 3 })
  })

  test('fails only the refused number', async () => {
    const { fake, gateway, send } = await open(rules)
    const all = people(6)
    fake.refusedPhones.add(all[2]?.phone ?? '')
    const outcomes = await send([...all, { no: 6, phone: '0612345678' }])
    expect(kinds(outcomes)).toEqual([
      'accepted',
      'accepted',
      'refused',
      'accepted',
      'accepted',
      'accepted',
      'refused',
    ])
    expect(outcomes[2]).toEqual({ kind: 'refused', no: 2, code: 0x0b, permanent: true })
    expect(outcomes[6]).toEqual({ kind: 'refused', no: 6, code: 0x0b, permanent: true })
    expect(gateway.totals().refusals).toEqual({ 11: 1 })
  })

  test('refuses permanently when the sender is refused', async () => {
    const { fake, send, gateway } = await open(rules)
    fake.refusedSenders.add('POLICE63')
    expect(await send(people(2))).toEqual([
      { kind: 'refused', no: 0, code: 0x0a, permanent: true },
      { kind: 'refused', no: 1, code: 0x0a, permanent: true },
    ])
    const state = gateway.state()
    expect(state.state).toBe('bound')
    expectSaid(state, kind === 'http' ? 'link.http.status' : 'link.http.sender')
  })

  test('refuses temporarily, for the account, when there is no credit left', async () => {
    const { fake, send } = await open(rules)
    fake.hasCredit = false
    expect((await send(people(1)))[0]).toMatchObject({ kind: 'refused', code: 0x0d, permanent: false })
  })

  test('detects wrong credentials at start and sends nothing', async () => {
    const { fake, gateway, send, said } = await open(rules, rules.wrongCredentials)
    const state = gateway.state()
    expect(state.state).toBe('down')
    expectSaid(state, 'link.http.credentials')
    expect(await send(people(2))).toEqual([
      { kind: 'notSent', no: 0, reason: 'noLink' },
      { kind: 'notSent', no: 1, reason: 'noLink' },
    ])
    expect(fake.submissions()).toHaveLength(0)
    for (const secret of ['another-', 'app-secret', 'consumer-key', 'the-api-key', 'the-auth-token']) {
      expect(JSON.stringify([said, state])).not.toContain(secret)
    }
  })

  test('waits as long as a throttling provider requests and loses nothing', async () => {
    const { fake, gateway, send } = await open(rules)
    fake.throttles = 2
    fake.retryAfter = '1'
    const before = performance.now()
    const outcomes = await send(people(batch * 3))
    expect(kinds(outcomes)).toEqual(Array(batch * 3).fill('accepted'))
    expect(performance.now() - before).toBeGreaterThan(900)
    expect(fake.taken).toHaveLength(batch * 3)
    expect(gateway.totals().throttled).toBeGreaterThanOrEqual(batch)
    expect(gateway.totals().refused).toBe(0)
  })

  test('refuses temporarily after being throttled for too long', async () => {
    const { fake, send } = await open(rules, {}, { timing: { throttleGiveUpMs: 400 } })
    fake.throttles = 1_000_000
    const outcomes = await send(people(batch))
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({ kind: 'refused', code: 0x58, permanent: false })
    }
  })

  test('leaves a message without a response in doubt, and corrects it by a late response', async () => {
    const { fake, gateway, settings } = await open(rules, { responseSeconds: 0.2 })
    fake.delayMs = 600
    const outcomes: SubmitOutcome[] = []
    await gateway.submit(messageOf(), people(1), (outcome) => void outcomes.push(outcome))
    expect(outcomes).toEqual([{ kind: 'unknown', no: 0, reason: 'timeout' }])
    expectSaid(gateway.state(), 'link.http.timeout')
    expect(settings.responseSeconds).toBe(0.2)
    await until(() => outcomes.length === 2)
    expect(outcomes[1]).toEqual({
      kind: 'accepted',
      no: 0,
      messageIds: [fake.taken[0]?.id],
      late: true,
    })
    expect(fake.submissions()).toHaveLength(1)
  })

  test('reports silence while it lasts', async () => {
    const { fake, gateway, send } = await open(rules)
    fake.delayMs = 400
    const sent = send(people(1))
    await until(() => gateway.state().silentMs > 200)
    expect(gateway.state().inFlight).toBe(1)
    await sent
    expect(gateway.state()).toMatchObject({ silentMs: 0, inFlight: 0 })
  })

  test('leaves a message in doubt when the connection is cut after the request, and does not repeat it', async () => {
    const { fake, gateway, send } = await open(rules)
    fake.cuts = 1
    const outcomes = await send(people(1))
    expect(outcomes).toEqual([{ kind: 'unknown', no: 0, reason: 'linkLost' }])
    expect(fake.submissions()).toHaveLength(1)
    expect(fake.taken).toHaveLength(1)
    expect(gateway.totals()).toMatchObject({ unanswered: 1, linksLost: 1 })
    expectSaid(gateway.state(), 'link.http.cut')
    expect(kinds(await send(people(1, 5)))).toEqual(['accepted'])
  })

  test.each([500, 502, 503])('HTTP %i leaves the message in doubt', async (status) => {
    const { fake, gateway, send } = await open(rules)
    fake.failures = { status, left: 1 }
    expect(await send(people(1))).toEqual([{ kind: 'unknown', no: 0, reason: 'linkLost' }])
    expectSaid(gateway.state(), 'link.http.status')
  })

  test('503 with Retry-After leaves the message in doubt and delays later ones', async () => {
    const { fake, gateway, send } = await open(rules)
    fake.failures = { status: 503, left: 1, headers: { 'retry-after': '1' } }
    expect(await send(people(1))).toEqual([{ kind: 'unknown', no: 0, reason: 'linkLost' }])
    expect(fake.submissions()).toHaveLength(1)
    expectSaid(gateway.state(), 'link.http.status')
    const before = performance.now()
    expect(kinds(await send(people(1, 5)))).toEqual(['accepted'])
    expect(performance.now() - before).toBeGreaterThan(800)
  })

  test('does not follow redirects; 302 and 303 leave the message in doubt', async () => {
    const { fake, send } = await open(rules)
    fake.failures = { status: 307, left: 1 }
    expect((await send(people(1)))[0]).toMatchObject({ kind: 'refused', code: 8, permanent: false })
    fake.failures = { status: 303, left: 1 }
    expect(await send(people(1))).toEqual([{ kind: 'unknown', no: 0, reason: 'linkLost' }])
  })

  test('keeps a timed-out request in the window until it is closed', async () => {
    const { fake, gateway } = await open(
      rules,
      // A busy machine takes some hundred milliseconds to answer at once.
      { responseSeconds: 0.8, window: batch * 2 },
      { timing: { lateMs: 3000 } },
    )
    fake.delayMs = 60_000
    const outcomes: SubmitOutcome[] = []
    const before = performance.now()
    const sent = gateway.submit(messageOf(), people(batch * 4), (outcome) => void outcomes.push(outcome))
    await until(() => outcomes.length === batch * 2)
    expect(kinds(outcomes)).toEqual(Array(batch * 2).fill('unknown'))
    expect(gateway.state().inFlight).toBe(batch * 2)
    await until(() => gateway.state().silentMs > 1200)
    expect(fake.submissions()).toHaveLength(2)
    fake.delayMs = 0
    await sent
    expect(performance.now() - before).toBeGreaterThan(1750)
    expect(kinds(outcomes.slice(batch * 2))).toEqual(Array(batch * 2).fill('accepted'))
    expect(fake.mostAtOnce).toBeLessThanOrEqual(2)
    // A place is free again once its request has ended, just after its outcome.
    await until(() => gateway.state().inFlight === 0)
    expect(gateway.state().silentMs).toBe(0)
  })

  test('does not wait for timed-out requests on a clean stop', async () => {
    const { fake, gateway, send } = await open(rules, { responseSeconds: 0.5 })
    fake.delayMs = 3_600_000
    expect(kinds(await send(people(1)))).toEqual(['unknown'])
    // Longer than a test may take.
    await gateway.stop(3_600_000)
  })

  test('sends nothing and is down without a connection; recovers with the provider', async () => {
    const { fake, gateway, send } = await open(rules)
    const { port } = new URL(fake.url)
    await fake.stop()
    // Persistent connections close; a request on one that is closing would be left in doubt.
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect(kinds(await send(people(batch * 2)))).toEqual(Array(batch * 2).fill('notSent'))
    expect(gateway.state().state).toBe('down')
    expectSaid(gateway.state(), 'link.http.unreachable')
    expect(gateway.state().lastError?.values).toMatchObject({ code: 'ECONNREFUSED' })
    expect(gateway.totals().submitted).toBe(0)
    const again = await startFake(rules, Number(port))
    cleanUp(rules, () => again.stop())
    await until(() => gateway.state().state === 'bound')
    expect(gateway.state().lastError).toBeUndefined()
    expect(kinds(await send(people(2)))).toEqual(['accepted', 'accepted'])
  })

  test('limits the messages without a response to the window', async () => {
    const { fake, gateway, send } = await open(rules, { window: 6 })
    fake.delayMs = 30
    let most = 0
    const watch = setInterval(() => {
      most = Math.max(most, gateway.state().inFlight)
    }, 2)
    await send(people(30))
    clearInterval(watch)
    expect(most).toBeLessThanOrEqual(6)
    expect(fake.mostAtOnce).toBeLessThanOrEqual(Math.ceil(6 / batch))
    gateway.limit({ window: 1, partsPerSecond: undefined })
    expect(gateway.state().window).toBe(1)
    fake.mostAtOnce = 0
    await send(people(5, 100))
    expect(fake.mostAtOnce).toBe(1)
    gateway.limit({ window: 1000, partsPerSecond: undefined })
    expect(gateway.state().window).toBe(6)
  })

  test('keeps to the rate, counted in parts, which may change at any time', async () => {
    const { gateway, send } = await open(rules, { partsPerSecond: 80 })
    expect(gateway.state().partsPerSecond).toBe(80)
    let before = performance.now()
    // 48 parts, less the bucket of 16.
    await send(people(24), messageOf('a'.repeat(300)))
    expect(performance.now() - before).toBeGreaterThan(350)
    gateway.limit({ window: 100, partsPerSecond: 5 })
    expect(gateway.state().partsPerSecond).toBe(5)
    before = performance.now()
    const slow = send(people(40))
    await new Promise((resolve) => setTimeout(resolve, 150))
    gateway.limit({ window: 100, partsPerSecond: 1000 })
    expect(gateway.state().partsPerSecond).toBe(80)
    await slow
    expect(performance.now() - before).toBeGreaterThan(400)
  })

  test('sends the most urgent first', async () => {
    const { fake, send } = await open(rules, { window: batch })
    fake.delayMs = 20
    const slow = send(people(batch * 10), messageOf('rappel', 600, 'reminder'))
    await until(() => fake.submissions().length > 1)
    const before = fake.taken.length
    await send(people(1, 500), messageOf('urgent', 600, 'vital'))
    expect(fake.taken.length - before).toBeLessThanOrEqual(batch * 2 + 1)
    await slow
  })

  test('sends no waiting messages after an abort; reports the responses to sent ones', async () => {
    const { fake, send } = await open(rules, { window: batch })
    fake.delayMs = 60
    const abort = new AbortController()
    const sent = send(people(batch * 4), messageOf(), { signal: abort.signal })
    await until(() => fake.submissions().length === 1)
    abort.abort()
    const outcomes = await sent
    expect(kinds(outcomes).filter((outcome) => outcome === 'accepted')).toHaveLength(batch)
    for (const outcome of outcomes.filter((other) => other.kind !== 'accepted')) {
      expect(outcome).toMatchObject({ kind: 'notSent', reason: 'stopped' })
    }
    expect(fake.taken).toHaveLength(batch)
  })

  test('does not send messages whose chunk is no longer held', async () => {
    const { fake, send } = await open(rules, { window: batch })
    let isHeld = true
    fake.delayMs = 30
    const sent = send(people(batch * 4), messageOf(), { isHeld: () => isHeld })
    await until(() => fake.submissions().length === 1)
    isHeld = false
    expect(kinds(await sent).filter((outcome) => outcome === 'notSent')).toHaveLength(batch * 3)
    expect(fake.taken).toHaveLength(batch)
  })

  test('sends nothing after the end of validity', async () => {
    const { fake, send } = await open(rules, { window: batch })
    expect(await send(people(1), messageOf('x', -1))).toEqual([{ kind: 'notSent', no: 0, reason: 'stopped' }])
    fake.delayMs = 300
    const outcomes = await send(people(batch * 2), messageOf('x', 0.2))
    expect(kinds(outcomes).filter((outcome) => outcome === 'notSent')).toHaveLength(batch)
  })

  test('waits for messages in flight on a clean stop', async () => {
    const { fake, gateway, send } = await open(rules, { window: batch })
    fake.delayMs = 150
    const sent = send(people(batch * 3))
    await until(() => fake.submissions().length === 1)
    await gateway.stop(2000)
    const outcomes = await sent
    expect(kinds(outcomes).filter((outcome) => outcome === 'accepted')).toHaveLength(batch)
    expect(kinds(outcomes).filter((outcome) => outcome === 'notSent')).toHaveLength(batch * 2)
    expect(gateway.state().state).toBe('stopped')
    expect(kinds(await send(people(1)))).toEqual(['notSent'])
  })

  test('leaves messages without a response in doubt on a stop without grace', async () => {
    const { fake, gateway, send } = await open(rules)
    fake.delayMs = 1000
    const sent = send(people(1))
    await until(() => fake.submissions().length === 1)
    await gateway.stop(50)
    expect(await sent).toEqual([{ kind: 'unknown', no: 0, reason: 'linkLost' }])
  })

  // ---- Receipts ----

  test('passes receipts with their state, twice when the provider calls twice', async () => {
    const { fake, gateway, settings, receipts, send } = await open(rules)
    await send(people(1))
    const [message] = fake.taken as [Taken]
    for (const state of ['enroute', 'undeliverable', 'expired', 'delivered', 'delivered'] as const) {
      const answer = await gateway.webhook.handle(rules.receipt(message, state, settings))
      expect(answer.status).toBeLessThan(300)
    }
    expect(receipts.map(({ state }) => state)).toEqual([
      'enroute',
      'undeliverable',
      'expired',
      'delivered',
      'delivered',
    ])
    expect(receipts[4]).toMatchObject({
      gateway: 'fake',
      messageId: message.id,
      ...(givesReference ? { phone: message.phone, reference: 1 } : {}),
    })
    expect(gateway.totals().receipts).toBe(5)
  })

  test('accepts a receipt before the response', async () => {
    const { fake, gateway, settings, receipts, send } = await open(rules)
    const answer = rules.answer
    const calls: Promise<{ status: number }>[] = []
    const early = {
      ...rules,
      answer(...given: Parameters<typeof answer>) {
        const before = given[1].taken.length
        const reply = answer(...given)
        for (const message of given[1].taken.slice(before)) {
          calls.push(gateway.webhook.handle(rules.receipt(message, 'delivered', settings)))
        }
        return reply
      },
    }
    Object.assign(rules, early)
    try {
      const outcomes = await send(people(1))
      expect(kinds(outcomes)).toEqual(['accepted'])
      expect((await Promise.all(calls)).every(({ status }) => status < 300)).toBe(true)
      expect(receipts.map(({ messageId }) => messageId)).toEqual(fake.taken.map(({ id }) => id))
    } finally {
      Object.assign(rules, { answer })
    }
  })

  test('refuses forged and impossible calls', async () => {
    const { fake, gateway, settings, receipts, send } = await open(rules)
    await send(people(1))
    const call = rules.receipt(fake.taken[0] as Taken, 'delivered', settings)
    expect((await gateway.webhook.handle(rules.forge(call))).status).toBe(403)
    expect((await gateway.webhook.handle({ ...rules.forge(call), headers: {} })).status).toBe(403)
    expect((await gateway.webhook.handle({ ...call, method: 'DELETE' })).status).toBe(405)
    expect((await gateway.webhook.handle({ ...call, body: Buffer.alloc(64 * 1024 + 1) })).status).toBe(413)
    expect(receipts).toEqual([])
  })

  test('answers a call after the listeners finish; 503 when one failed', async () => {
    const { fake, gateway, settings, send, said } = await open(rules)
    await send(people(1))
    const call = rules.receipt(fake.taken[0] as Taken, 'delivered', settings)
    let isWritten = false
    let fails = true
    gateway.onReceipts(async () => {
      await new Promise((resolve) => setTimeout(resolve, 30))
      if (fails) throw new Error('disk of +33612345678')
      isWritten = true
    })
    expect((await gateway.webhook.handle(call)).status).toBe(503)
    expect(said.join()).not.toContain('+336')
    fails = false
    expect((await gateway.webhook.handle(call)).status).toBeLessThan(300)
    expect(isWritten).toBe(true)
  })

  test('asks the provider to call again when there is no listener', async () => {
    const { fake, gateway, settings, send } = await open(rules)
    await send(people(1))
    const call = rules.receipt(fake.taken[0] as Taken, 'delivered', settings)
    const deaf = createHttpGateway(settings)
    expect((await deaf.webhook.handle(call)).status).toBe(503)
    await gateway.stop(0)
    expect((await gateway.webhook.handle(call)).status).toBe(503)
  })

  test('passes messages from phones', async () => {
    const { gateway, settings, inbound } = await open(rules)
    const call = rules.inbound?.('+33612345678', 'STOP', settings)
    if (call === undefined) return
    expect((await gateway.webhook.handle(call)).status).toBeLessThan(300)
    expect(inbound).toMatchObject([
      {
        gateway: 'fake',
        ...(kind === 'ovh' ? { content: expect.stringContaining('STOP') } : { id: expect.any(String) }),
        from: '+33612345678',
        to: expect.stringMatching(/^\+?\d+$/),
        text: 'STOP',
      },
    ])
  })

  test('returns receipts when queried about messages', async () => {
    const { fake, gateway, receipts, send } = await open(rules)
    if (gateway.query === undefined) return expect(kind).toBe('http')
    await send(people(10))
    const asked = fake.taken.map(({ id, phone, sender }, no) => ({ no, messageId: id, phone, sender }))
    await gateway.query([...asked, { no: 99, messageId: '123', phone: '+33600000000', sender: 'X' }])
    expect(receipts).toHaveLength(10)
    expect(receipts.every(({ state, phone }) => state === 'delivered' && phone !== undefined)).toBe(true)
  })
})
