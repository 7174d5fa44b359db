import { spawn } from 'node:child_process'
import net from 'node:net'
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import type {
  SmsInbound,
  SmsMessage,
  SmsReceipt,
  SmsRecipient,
  SubmitOutcome,
} from '../../../deliveries/gateway.ts'
import { segmentMessage } from '../../../message/segment.ts'
import { type Smsc, type SmscSettings, startSmsc } from '../simulator/smsc.ts'
import { createSmppGateway, type SmppGateway, type SmppGatewaySettings } from './client.ts'
import { decodePdu, encodePdu, PduFramer, writeHeader } from './pdu.ts'

const opened: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close()
})

const PHONES = 10_000

function recipients(count: number, from = 0): SmsRecipient[] {
  return Array.from({ length: count }, (_, i) => ({
    no: from + i,
    phone: `+3363998${String((from + i) % PHONES).padStart(4, '0')}`,
  }))
}

function message(text = 'Faux billets', changes: Partial<SmsMessage> = {}): SmsMessage {
  return {
    sender: 'ALERTE63',
    segmentation: segmentMessage(text),
    validUntil: new Date(Date.now() + 3_600_000),
    priority: 1,
    ...changes,
  }
}

async function connect(smscSettings: SmscSettings = {}, settings: Partial<SmppGatewaySettings> = {}) {
  const smsc = await startSmsc(smscSettings)
  opened.push(() => smsc.stop())
  const gateway = createGateway(smsc.port, settings)
  await gateway.start()
  return { smsc, gateway, received: listen(gateway) }
}

function createGateway(port: number, settings: Partial<SmppGatewaySettings> = {}): SmppGateway {
  const gateway = createSmppGateway({
    name: 'test',
    host: '127.0.0.1',
    port,
    systemId: 'tocsin',
    password: 'secret',
    reconnect: { minMs: 5, maxMs: 20 },
    ...settings,
  })
  opened.push(() => gateway.stop(0))
  return gateway
}

function listen(gateway: SmppGateway) {
  const receipts: SmsReceipt[] = []
  const inbound: SmsInbound[] = []
  gateway.onReceipts((batch) => void receipts.push(...batch))
  gateway.onInbound((one) => void inbound.push(one))
  return { receipts, inbound }
}

async function submit(gateway: SmppGateway, to: SmsRecipient[], what = message(), signal?: AbortSignal) {
  const outcomes: SubmitOutcome[] = []
  await gateway.submit(what, to, (outcome) => outcomes.push(outcome), signal)
  // Exactly once a recipient, whatever happened; late answers come beside.
  const first = outcomes.filter((outcome) => !('late' in outcome))
  expect(first.map((outcome) => outcome.no).sort((a, b) => a - b)).toEqual(to.map(({ no }) => no))
  return outcomes
}

function isLate(outcome: SubmitOutcome): boolean {
  return 'late' in outcome
}

function countKinds(outcomes: readonly SubmitOutcome[]) {
  const counts: Record<string, number> = {}
  for (const outcome of outcomes) {
    const kind = 'reason' in outcome ? `${outcome.kind} ${outcome.reason}` : outcome.kind
    counts[kind] = (counts[kind] ?? 0) + 1
  }
  return counts
}

async function until(condition: () => boolean, withinMs = 2000) {
  const deadline = performance.now() + withinMs
  while (!condition()) {
    if (performance.now() > deadline) throw new Error('it did not happen in time')
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

function phones(smsc: Smsc): string[] {
  return [...smsc.log()].map((entry) => entry.destination)
}

/** A provider that answers binds and enquire_links, and leaves the rest to `onPdu`. */
async function serve(
  onPdu: (
    socket: net.Socket,
    pdu: { readonly command: string; readonly sequence: number; readonly status: number },
  ) => void,
): Promise<number> {
  const server = net.createServer((socket) => {
    const framer = new PduFramer()
    socket.on('error', () => {})
    socket.on('data', (chunk: Buffer) => {
      framer.push(chunk, (buffer, start, end) => {
        const decoded = decodePdu(buffer, start, end)
        if (!decoded.ok) return
        const { command, sequence } = decoded.pdu
        if (command === 'bind_transceiver') {
          socket.write(encodePdu({ command: 'bind_transceiver_resp', status: 0, sequence, systemId: 'raw' }))
        } else if (command === 'enquire_link') answer(socket, 0x80000015, 0, sequence)
        onPdu(socket, decoded.pdu)
      })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  opened.push(() => new Promise((resolve) => server.close(resolve)))
  return (server.address() as net.AddressInfo).port
}

/** A PDU that is only a header. */
function answer(socket: net.Socket, commandId: number, status: number, sequence: number): void {
  const pdu = Buffer.alloc(16)
  writeHeader(pdu, 0, 16, commandId, status, sequence)
  socket.write(pdu)
}

/** Receipts and messages that a listener keeps until `release`, then those that come after it at once. */
function holdReceived(gateway: SmppGateway) {
  const receipts: SmsReceipt[] = []
  const inbound: SmsInbound[] = []
  const { promise, resolve: release, reject } = Promise.withResolvers<void>()
  promise.catch(() => {})
  gateway.onReceipts((batch) => {
    receipts.push(...batch)
    return promise
  })
  gateway.onInbound((one) => {
    inbound.push(one)
    return promise
  })
  return { receipts, inbound, release, fail: () => reject(new Error('not durable')) }
}

describe('all well', () => {
  test.each([
    { links: 1, window: 1 },
    { links: 1, window: 10 },
    { links: 3, window: 7 },
    { links: 2, window: 10, bindMode: 'transmitterReceiver' as const },
  ])('everyone accepted once, with a receipt: %j', async (settings) => {
    const { smsc, gateway, received } = await connect({}, settings)
    const outcomes = await submit(gateway, recipients(300))
    expect(countKinds(outcomes)).toEqual({ accepted: 300 })
    await until(() => received.receipts.length === 300)
    expect(new Set(phones(smsc)).size).toBe(300)
    const ids = new Map(outcomes.map((one) => [one.kind === 'accepted' ? one.messageIds[0] : '', one.no]))
    for (const { messageId, state, reference, phone } of received.receipts) {
      const no = ids.get(messageId) as number
      expect({ state, reference, phone }).toEqual({
        state: 'delivered',
        reference: no + 1,
        phone: recipients(300)[no]?.phone,
      })
    }
    expect(gateway.state()).toMatchObject({ state: 'bound', inFlight: 0 })
  })

  test.each(['udh', 'sar'] as const)(
    'a long message comes whole, parts tied by %s',
    async (concatenation) => {
      const { smsc, gateway } = await connect({}, { concatenation, window: 2 })
      const text = `Vol par ruse à la boulangerie. ${'Ne pas intervenir. '.repeat(20)}`
      const outcomes = await submit(gateway, recipients(20), message(text))
      for (const outcome of outcomes) {
        expect(outcome.kind === 'accepted' && new Set(outcome.messageIds).size).toBe(3)
      }
      expect(smsc.handsets()).toHaveLength(20)
      for (const { messages } of smsc.handsets()) expect(messages.map((one) => one.text)).toEqual([text])
    },
  )

  test('a text that GSM-7 lacks comes in UCS-2; octets, sender, priority and validity are right', async () => {
    const { smsc, gateway } = await connect()
    await submit(gateway, recipients(1), message('Forêt 🚨 [€]'))
    await submit(gateway, recipients(1), message('à 600 € [a]', { sender: '+33639981111', priority: 3 }))
    const [handset] = smsc.handsets()
    expect(handset?.messages.map(({ from, text }) => [from, text])).toEqual([
      ['ALERTE63', 'Forêt 🚨 [€]'],
      ['33639981111', 'à 600 € [a]'],
    ])
  })

  test('an urgent message overtakes a running one', async () => {
    const { smsc, gateway } = await connect({ faults: { latencyMs: 2 } }, { window: 10 })
    const bulk = submit(gateway, recipients(500), message('bulk', { priority: 0 }))
    await until(() => smsc.state().accepted > 50)
    const urgent = submit(gateway, recipients(20, 1000), message('urgent', { priority: 3 }))
    await Promise.all([bulk, urgent])
    const last = [...smsc.log()].findLast((entry) => entry.text === 'urgent')
    expect(last?.no).toBeLessThan(300)
  })

  test('a message from a phone', async () => {
    const { smsc, gateway, received } = await connect()
    await submit(gateway, recipients(1))
    smsc.reply('+33639980000', 'STOP ça suffit')
    smsc.reply('+33639980000', 'é'.repeat(300))
    await until(() => received.inbound.length === 2)
    expect(received.inbound).toEqual([
      { gateway: 'test', from: '+33639980000', to: 'ALERTE63', text: 'STOP ça suffit' },
      { gateway: 'test', from: '+33639980000', to: 'ALERTE63', text: 'é'.repeat(300) },
    ])
  })
})

describe('refusals', () => {
  test('a refused number fails alone; one that is no number never leaves', async () => {
    const { smsc, gateway } = await connect({ faults: { failingPrefixes: ['336399800011'] } })
    const to = [
      ...recipients(5),
      { no: 5, phone: '+336399800011' },
      { no: 6, phone: 'a\0b' },
      { no: 7, phone: '+' },
    ]
    const outcomes = await submit(gateway, to)
    expect(countKinds(outcomes)).toEqual({ accepted: 5, refused: 3 })
    expect(outcomes.find(({ no }) => no === 5)).toEqual({
      kind: 'refused',
      no: 5,
      code: 0x0b,
      permanent: true,
    })
    expect(smsc.state()).toMatchObject({ accepted: 5, refused: 1 })
  })

  test('a sender that cannot be one', async () => {
    const { gateway } = await connect()
    const outcomes = await submit(gateway, recipients(2), message('a', { sender: 'x'.repeat(21) }))
    expect(outcomes).toEqual([0, 1].map((no) => ({ kind: 'refused', no, code: 0x0a, permanent: true })))
  })

  test('a wrong password is told in words, and tried again slowly', async () => {
    const { gateway } = await connect(
      { account: { systemId: 'tocsin', password: 'other' } },
      { reconnect: { minMs: 1, maxMs: 100 }, noLinkWaitMs: 50 },
    )
    expect(gateway.state()).toMatchObject({
      state: 'down',
      lastError: 'mot de passe refusé (ESME_RINVPASWD)',
    })
    expect(countKinds(await submit(gateway, recipients(3)))).toEqual({ 'notSent noLink': 3 })
    expect(gateway.counters().linksLost).toBeLessThan(5)
  })
})

describe('throttling', () => {
  test('ESME_RTHROTTLED slows and loses nothing', async () => {
    const { smsc, gateway } = await connect({ faults: { throttlePerSecond: 200 } }, { window: 50 })
    const startedAt = performance.now()
    const outcomes = await submit(gateway, recipients(100))
    const seconds = (performance.now() - startedAt) / 1000
    expect(countKinds(outcomes)).toEqual({ accepted: 100 })
    expect(new Set(phones(smsc)).size).toBe(100)
    expect(smsc.state().accepted).toBe(100)
    // Within reach of what the provider allows, and without hammering it.
    expect(seconds).toBeLessThan(2)
    expect(gateway.counters().throttled).toBeLessThan(100)
  })

  test('ESME_RMSGQFUL waits for the queue to empty', async () => {
    const { smsc, gateway } = await connect({ faults: { queueFull: true } })
    const sent = submit(gateway, recipients(50))
    await until(() => gateway.counters().throttled > 0)
    smsc.setFaults({ queueFull: false })
    expect(countKinds(await sent)).toEqual({ accepted: 50 })
    expect(smsc.state().accepted).toBe(50)
  })

  test('given up at last, and it may be tried again', async () => {
    const { smsc, gateway } = await connect({ faults: { queueFull: true } }, { throttleGiveUpMs: 150 })
    const outcomes = await submit(gateway, recipients(200))
    // Those who were tried are refused; the others have not left.
    const { refused = 0, 'notSent noLink': notSent = 0 } = countKinds(outcomes)
    expect(refused).toBeGreaterThanOrEqual(100)
    expect(refused + notSent).toBe(200)
    expect(outcomes[0]).toEqual({ kind: 'refused', no: outcomes[0]?.no, code: 0x14, permanent: false })
    // Those who come later are not given up for it.
    smsc.setFaults({ queueFull: false, latencyMs: 100 })
    expect(countKinds(await submit(gateway, recipients(1)))).toEqual({ accepted: 1 })
  })

  test('stopping does not wait for it', async () => {
    const { gateway } = await connect({ faults: { queueFull: true } })
    const controller = new AbortController()
    const sent = submit(gateway, recipients(150), message(), controller.signal)
    await until(() => gateway.counters().throttled > 0)
    controller.abort()
    expect(countKinds(await sent)).toEqual({ 'notSent stopped': 150 })
  })
})

describe('links in trouble', () => {
  test('slow: everything comes, no more than the window at once', async () => {
    const { gateway } = await connect({ faults: { latencyMs: 20 } }, { window: 10 })
    let most = 0
    const outcomes: SubmitOutcome[] = []
    await gateway.submit(message(), recipients(60), (outcome) => {
      outcomes.push(outcome)
      most = Math.max(most, gateway.state().inFlight)
    })
    expect(countKinds(outcomes)).toEqual({ accepted: 60 })
    expect(most).toBeLessThanOrEqual(10)
  })

  test('no answer in time is in doubt, and settled by a late one', async () => {
    const { gateway } = await connect({ faults: { latencyMs: 250 } }, { responseTimeoutMs: 150 })
    const outcomes = await submit(gateway, recipients(3))
    expect(countKinds(outcomes)).toEqual({ 'unknown timeout': 3 })
    await until(() => outcomes.length === 6)
    expect(countKinds(outcomes.filter(isLate))).toEqual({ accepted: 3 })
    expect(new Set(outcomes.filter(isLate).map(({ no }) => no)).size).toBe(3)
    expect(gateway.counters()).toMatchObject({ lateAnswers: 3, linksLost: 0 })
  })

  test('a long message is settled by its last late answer, once', async () => {
    const { gateway } = await connect({ faults: { latencyMs: 250 } }, { responseTimeoutMs: 150 })
    const outcomes = await submit(gateway, recipients(2), message('a'.repeat(400)))
    expect(countKinds(outcomes)).toEqual({ 'unknown timeout': 2 })
    await until(() => outcomes.length === 4)
    for (const one of outcomes.filter(isLate)) {
      expect(one.kind === 'accepted' && new Set(one.messageIds).size).toBe(3)
    }
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect(outcomes).toHaveLength(4)
  })

  test('a late refusal is told; a late answer on another link is not', async () => {
    const sockets: net.Socket[] = []
    const port = await serve((socket, { sequence, command }) => {
      sockets.push(socket)
      if (command !== 'submit_sm') return
      setTimeout(() => answer(socket, 0x80000004, 0x0b, sequence), 120)
    })
    const gateway = createGateway(port, { responseTimeoutMs: 60, enquireLinkSeconds: 10 })
    await gateway.start()
    const outcomes = await submit(gateway, recipients(1))
    await until(() => outcomes.length === 2)
    expect(outcomes).toEqual([
      { kind: 'unknown', no: 0, reason: 'timeout' },
      { kind: 'refused', no: 0, code: 0x0b, permanent: true, late: true },
    ])
    const cut = await submit(gateway, recipients(1))
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => setTimeout(resolve, 150))
    expect(countKinds(cut)).toEqual({ 'unknown timeout': 1 })
  })

  test('lost answers are in doubt, the others are not, and the window is free again', async () => {
    const { smsc, gateway } = await connect(
      { faults: { dropResponses: 0.3 } },
      { responseTimeoutMs: 100, window: 20 },
    )
    const outcomes = await submit(gateway, recipients(60))
    const { accepted = 0, 'unknown timeout': unknown = 0 } = countKinds(outcomes)
    expect(accepted + unknown).toBe(60)
    expect(unknown).toBeGreaterThan(0)
    expect(smsc.state().accepted).toBe(60)
    expect(gateway.state().inFlight).toBe(0)
  })

  test('reset in the middle of a window: those in flight in doubt, the rest by a new link, nobody twice', async () => {
    const { smsc, gateway } = await connect({ faults: { cutEvery: 120 } }, { window: 10 })
    const outcomes = await submit(gateway, recipients(500))
    const { accepted = 0, 'unknown linkLost': unknown = 0 } = countKinds(outcomes)
    expect(accepted + unknown).toBe(500)
    expect(unknown).toBeGreaterThanOrEqual(4)
    expect(unknown).toBeLessThanOrEqual(40)
    const reached = phones(smsc)
    expect(new Set(reached).size).toBe(reached.length)
    const ids = new Set([...smsc.log()].map((entry) => entry.messageId))
    for (const one of outcomes)
      if (one.kind === 'accepted') expect(ids.has(one.messageIds[0] as string)).toBe(true)
    expect(gateway.counters().linksLost).toBe(4)
  })

  test('half-open: cut and bound again', async () => {
    const { smsc, gateway } = await connect({}, { enquireLinkSeconds: 0.05, responseTimeoutMs: 100 })
    smsc.setFaults({ silent: true })
    await until(() => gateway.counters().linksLost > 0)
    expect(gateway.state().lastError).toBe('le fournisseur ne répond plus')
    smsc.setFaults({ silent: false })
    await until(() => gateway.state().state === 'bound')
    expect(countKinds(await submit(gateway, recipients(5)))).toEqual({ accepted: 5 })
  })

  test('half-open in the middle of a message: at most one window in doubt', async () => {
    const { smsc, gateway } = await connect({}, { window: 10, responseTimeoutMs: 150 })
    smsc.setFaults({ silent: true })
    const sent = submit(gateway, recipients(100))
    await until(() => gateway.counters().linksLost > 0)
    smsc.setFaults({ silent: false })
    const { accepted = 0, ...unknown } = countKinds(await sent)
    expect(accepted).toBe(90)
    expect(Object.values(unknown).reduce((sum, count) => sum + count, 0)).toBe(10)
    expect(smsc.state().accepted).toBe(90)
  })

  test('no link: waited for, then told', async () => {
    const smsc = await startSmsc()
    const { port } = smsc
    await smsc.stop()
    const gateway = createGateway(port, { noLinkWaitMs: 100 })
    await gateway.start()
    const startedAt = performance.now()
    expect(countKinds(await submit(gateway, recipients(5)))).toEqual({ 'notSent noLink': 5 })
    expect(performance.now() - startedAt).toBeGreaterThan(90)
    expect(gateway.state()).toMatchObject({
      state: 'down',
      lastError: 'connexion refusée par la machine du fournisseur',
    })
  })

  test('a provider that comes back within the wait loses nothing', async () => {
    const first = await startSmsc()
    const { port } = first
    const gateway = createGateway(port)
    await gateway.start()
    await first.stop()
    await until(() => gateway.state().state !== 'bound')
    const sent = submit(gateway, recipients(20))
    const second = await startSmsc({ port })
    opened.push(() => second.stop())
    expect(countKinds(await sent)).toEqual({ accepted: 20 })
  })
})

describe('octets that should not come', () => {
  test('well framed PDUs that cannot be read are answered and passed over', async () => {
    const { gateway } = await connect({ faults: { garbagePdus: 0.3 } })
    expect(countKinds(await submit(gateway, recipients(200)))).toEqual({ accepted: 200 })
    expect(gateway.counters()).toMatchObject({ linksLost: 0, framingErrors: 0 })
    expect(gateway.counters().malformed).toBeGreaterThan(20)
  })

  test('a stream that cannot be followed is cut, and nobody is lost', async () => {
    const { smsc, gateway } = await connect({ faults: { garbageBytes: 0.01 } }, { window: 5 })
    const { accepted = 0, 'unknown linkLost': unknown = 0 } = countKinds(
      await submit(gateway, recipients(300)),
    )
    expect(accepted + unknown).toBe(300)
    expect(gateway.counters().framingErrors).toBeGreaterThan(0)
    expect(new Set(phones(smsc)).size).toBe(phones(smsc).length)
  })

  test('answers to nothing are counted', async () => {
    const { gateway } = await connect({ faults: { wrongSequence: 0.5 } })
    expect(countKinds(await submit(gateway, recipients(200)))).toEqual({ accepted: 200 })
    expect(gateway.counters().unknownSequence).toBeGreaterThan(50)
  })

  test('a server that only talks nonsense neither crashes nor blocks', async () => {
    const server = net.createServer((socket) => {
      socket.on('error', () => {})
      socket.resume()
      socket.write(Buffer.from(Array.from({ length: 500 }, (_, i) => (i * 7919) & 0xff)))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    opened.push(() => new Promise((resolve) => server.close(resolve)))
    const gateway = createGateway((server.address() as net.AddressInfo).port, { noLinkWaitMs: 50 })
    await gateway.start()
    expect(countKinds(await submit(gateway, recipients(2)))).toEqual({ 'notSent noLink': 2 })
  })
})

test('whatever a bound provider writes, every recipient gets one outcome and the gateway goes on', async () => {
  const hostile = fc.array(
    fc.oneof(
      fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
      // Well framed, with any command, status, sequence and body.
      fc
        .tuple(
          fc.constantFrom(0x80000004, 0x00000005, 0x00000103, 0x80000000, 0x00000015, 0x80000009, 0x00000777),
          fc.constantFrom(0, 0x0b, 0x14, 0x58, 0xffff),
          fc.integer({ min: 0, max: 30 }),
          fc.uint8Array({ maxLength: 60 }),
        )
        .map(([command, status, sequence, body]) => {
          const pdu = Buffer.concat([Buffer.alloc(16), body])
          writeHeader(pdu, 0, pdu.length, command, status, sequence)
          return pdu
        }),
    ),
    { maxLength: 30 },
  )
  await fc.assert(
    fc.asyncProperty(hostile, async (writes) => {
      const server = net.createServer((socket) => {
        socket.on('error', () => {})
        socket.once('data', () => {
          socket.write(Buffer.from('00000011800000090000000000000001 00'.replace(' ', ''), 'hex'))
          for (const bytes of writes) socket.write(bytes)
          socket.resume()
          setTimeout(() => socket.destroy(), 5)
        })
      })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const { port } = server.address() as net.AddressInfo
      const gateway = createGateway(port, { noLinkWaitMs: 10, throttleGiveUpMs: 20, responseTimeoutMs: 20 })
      await gateway.start()
      await submit(gateway, recipients(5), message('a'.repeat(200)))
      await gateway.stop(0)
      server.close()
    }),
    { numRuns: 15 },
  )
})

describe('receipts', () => {
  test.each([
    [{ receiptBeforeResponse: true }, 100],
    [{ doubleReceipts: true }, 200],
    [{ unknownReceipts: true }, 200],
  ])('%j', async (faults, count) => {
    const { gateway, received } = await connect({ faults })
    expect(countKinds(await submit(gateway, recipients(100)))).toEqual({ accepted: 100 })
    await until(() => received.receipts.length === count)
    expect(gateway.counters().unreadableReceipts).toBe(0)
  })

  test('with text only, and another writing of the ids', async () => {
    const { gateway, received } = await connect({ textOnlyReceipts: true, receiptIdFormat: 'decimal' })
    const [outcome] = await submit(gateway, recipients(1))
    await until(() => received.receipts.length === 1)
    const id = outcome?.kind === 'accepted' ? (outcome.messageIds[0] as string) : ''
    expect(Number(received.receipts[0]?.messageId)).toBe(Number.parseInt(id, 16))
  })

  test('a listener that fails stops nothing', async () => {
    const { gateway, received } = await connect()
    gateway.onReceipts(() => {
      throw new Error('listener')
    })
    expect(countKinds(await submit(gateway, recipients(50)))).toEqual({ accepted: 50 })
    await until(() => received.receipts.length === 50)
    expect(gateway.state().state).toBe('bound')
  })
})

describe('acknowledgements', () => {
  /** A gateway whose only listener is one that holds. */
  async function connectHolding(
    smscSettings: SmscSettings = {},
    settings: Partial<SmppGatewaySettings> = {},
  ) {
    const smsc = await startSmsc(smscSettings)
    opened.push(() => smsc.stop())
    const gateway = createGateway(smsc.port, settings)
    const held = holdReceived(gateway)
    await gateway.start()
    return { smsc, gateway, held }
  }

  test('once the listener has done with the receipts, and not before', async () => {
    const { smsc, gateway, held } = await connectHolding()
    await submit(gateway, recipients(100))
    await until(() => held.receipts.length === 100)
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect(smsc.state()).toMatchObject({ receipts: 100, receiptsUnacknowledged: 100 })
    held.release()
    await until(() => smsc.state().receiptsUnacknowledged === 0)
    expect(smsc.state()).toMatchObject({ receipts: 100, receiptsWaiting: 0 })
  })

  test('a listener that fails has them sent again', async () => {
    const smsc = await startSmsc({ receiptRetryMs: 20 })
    opened.push(() => smsc.stop())
    const gateway = createGateway(smsc.port)
    const seen = new Map<string, number>()
    let isBroken = true
    gateway.onReceipts(async (batch) => {
      await Promise.resolve()
      for (const { messageId } of batch) seen.set(messageId, (seen.get(messageId) ?? 0) + 1)
      if (isBroken) throw new Error('not durable')
    })
    let texts = 0
    gateway.onInbound(() => {
      texts++
      if (isBroken) throw new Error('not durable')
    })
    await gateway.start()
    await submit(gateway, recipients(50))
    smsc.reply('+33639980000', 'STOP')
    await until(() => [...seen.values()].every((times) => times > 1) && texts > 1)
    isBroken = false
    await until(() => smsc.state().receiptsUnacknowledged + smsc.state().receiptsWaiting === 0)
    expect(seen.size).toBe(50)
    expect(gateway.counters().handedBack).toBe(
      [...seen.values()].reduce((sum, times) => sum + times, 0) - 50 + texts - 1,
    )
    expect(gateway.state().state).toBe('bound')
  })

  test('a link cut before has them sent on the next one, in order', async () => {
    const { smsc, gateway, held } = await connectHolding()
    await submit(gateway, recipients(100))
    smsc.reply('+33639980000', 'STOP')
    await until(() => held.receipts.length === 100 && held.inbound.length === 1)
    smsc.cut()
    await until(() => held.receipts.length === 200 && held.inbound.length === 2)
    expect(held.receipts.slice(100)).toEqual(held.receipts.slice(0, 100))
    // Answers to the link that is gone go nowhere.
    held.release()
    await until(() => smsc.state().receiptsUnacknowledged === 0)
    expect(gateway.counters()).toMatchObject({ linksLost: 1, handedBack: 0, unknownSequence: 0 })
  })

  test('a process killed before has them sent to the next one', async () => {
    const smsc = await startSmsc()
    opened.push(() => smsc.stop())
    const here = new URL('./client.ts', import.meta.url).href
    const code = `
      const { createSmppGateway } = await import(${JSON.stringify(here)})
      const { segmentMessage } = await import(new URL('../../../message/segment.ts', ${JSON.stringify(here)}).href)
      const gateway = createSmppGateway({
        name: 'killed', host: '127.0.0.1', port: ${smsc.port}, systemId: 'tocsin', password: 'secret',
      })
      let count = 0
      gateway.onReceipts((batch) => {
        count += batch.length
        if (count === 20) console.log('received')
        return new Promise(() => {})
      })
      await gateway.start()
      await gateway.submit(
        { sender: 'A', segmentation: segmentMessage('a'), validUntil: new Date(Date.now() + 60000), priority: 1 },
        ${JSON.stringify(recipients(20))},
        () => {},
      )`
    const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    opened.push(async () => void child.kill('SIGKILL'))
    await new Promise((resolve) => child.stdout.once('data', resolve))
    // Time enough for an acknowledgement that should not come.
    await new Promise((resolve) => setTimeout(resolve, 50))
    child.kill('SIGKILL')
    await until(() => smsc.state().sessions.length === 0)
    expect(smsc.state()).toMatchObject({ receiptsWaiting: 20 })
    const gateway = createGateway(smsc.port)
    const { receipts } = listen(gateway)
    await gateway.start()
    await until(() => receipts.length === 20)
    expect(receipts.map((one) => one.phone)).toEqual(recipients(20).map((one) => one.phone))
    await until(() => smsc.state().receiptsUnacknowledged === 0)
  })

  test('a slow listener holds back neither submissions nor the test of the link', async () => {
    const { smsc, gateway, held } = await connectHolding(
      {},
      { window: 5, enquireLinkSeconds: 0.04, responseTimeoutMs: 200 },
    )
    expect(countKinds(await submit(gateway, recipients(500)))).toEqual({ accepted: 500 })
    await new Promise((resolve) => setTimeout(resolve, 250))
    expect(gateway.state().state).toBe('bound')
    expect(gateway.counters().linksLost).toBe(0)
    expect(smsc.state().receiptsUnacknowledged).toBe(500)
    held.release()
  })

  test('what needs no listener is answered at once, and each read on its own', async () => {
    const receipt = (sequence: number, esmClass = 4) =>
      encodePdu({
        command: 'deliver_sm',
        status: 0,
        sequence,
        serviceType: '',
        sourceTon: 1,
        sourceNpi: 1,
        source: '33639980000',
        destinationTon: 5,
        destinationNpi: 0,
        destination: 'ALERTE63',
        esmClass,
        protocolId: 0,
        priority: 0,
        schedule: '',
        validity: '',
        registeredDelivery: 0,
        replaceIfPresent: 0,
        dataCoding: 0,
        defaultMessageId: 0,
        shortMessage: Buffer.from(`id:${sequence} stat:DELIVRD err:000 text:`),
      })
    const answers: { command: string; status: number; sequence: number }[] = []
    const sockets: net.Socket[] = []
    const port = await serve((socket, { command, status, sequence }) => {
      sockets.push(socket)
      if (command.endsWith('_resp')) answers.push({ command, status, sequence })
    })
    const gateway = createGateway(port)
    const first = Promise.withResolvers<void>()
    const second = Promise.withResolvers<void>()
    const batches: number[] = []
    gateway.onReceipts((batch) => {
      batches.push(batch.length)
      return batches.length === 1 ? first.promise : second.promise
    })
    await gateway.start()
    const malformed = Buffer.alloc(20, 1)
    writeHeader(malformed, 0, 20, 0x00000005, 0, 13)
    const enquire = Buffer.alloc(16)
    writeHeader(enquire, 0, 16, 0x00000015, 0, 14)
    // Nobody listens to messages: 15 is one.
    sockets[0]?.write(Buffer.concat([receipt(11), receipt(12), malformed, enquire, receipt(15, 0)]))
    await until(() => answers.length === 3)
    expect(answers.splice(0)).toEqual([
      { command: 'deliver_sm_resp', status: 0x65, sequence: 13 },
      { command: 'enquire_link_resp', status: 0, sequence: 14 },
      { command: 'deliver_sm_resp', status: 0, sequence: 15 },
    ])
    sockets[0]?.write(receipt(16))
    await until(() => batches.length === 2)
    second.resolve()
    await until(() => answers.length === 1)
    expect(answers.splice(0)).toEqual([{ command: 'deliver_sm_resp', status: 0, sequence: 16 }])
    first.reject(new Error('not durable'))
    await until(() => answers.length === 2)
    expect(answers).toEqual([
      { command: 'deliver_sm_resp', status: 0x64, sequence: 11 },
      { command: 'deliver_sm_resp', status: 0x64, sequence: 12 },
    ])
    expect(batches).toEqual([2, 1])
  })

  test('more than 20,000 unacknowledged: reading stops until there are fewer, and nothing is lost', async () => {
    const { gateway, held, smsc } = await connectHolding({ handsets: false })
    const sent = submit(gateway, recipients(40_000))
    await until(() => held.receipts.length > 20_000, 5000)
    await new Promise((resolve) => setTimeout(resolve, 100))
    const { length } = held.receipts
    // One read more than the bound at most.
    expect(length).toBeLessThan(21_000)
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(held.receipts).toHaveLength(length)
    held.release()
    expect(countKinds(await sent)).toEqual({ accepted: 40_000 })
    await until(() => held.receipts.length === 40_000)
    await until(() => smsc.state().receiptsUnacknowledged === 0)
    expect(gateway.counters()).toMatchObject({ linksLost: 0, unknownSequence: 0 })
  })

  test('a clean stop waits for them, no longer than its grace', async () => {
    const { smsc, gateway, held } = await connectHolding()
    await submit(gateway, recipients(50))
    await until(() => held.receipts.length === 50)
    setTimeout(held.release, 60)
    await gateway.stop(2000)
    expect(smsc.state()).toMatchObject({ receiptsUnacknowledged: 0, receiptsWaiting: 0 })

    const other = await connectHolding()
    await submit(other.gateway, recipients(50))
    await until(() => other.held.receipts.length === 50)
    const startedAt = performance.now()
    await other.gateway.stop(100)
    expect(performance.now() - startedAt).toBeLessThan(600)
    await until(() => other.smsc.state().receiptsWaiting === 50)
  })
})

describe('stopping', () => {
  test('an abort ends at once what has not left, and keeps the answers of what has', async () => {
    const { smsc, gateway } = await connect({ faults: { latencyMs: 30 } }, { window: 10 })
    const controller = new AbortController()
    const sent = submit(gateway, recipients(100), message(), controller.signal)
    await until(() => smsc.state().accepted === 10)
    controller.abort()
    expect(countKinds(await sent)).toEqual({ accepted: 10, 'notSent stopped': 90 })
    expect(smsc.state().accepted).toBe(10)
  })

  test('an abort in the middle of a long message finishes it', async () => {
    const { smsc, gateway } = await connect({ faults: { latencyMs: 30 } }, { window: 1 })
    const controller = new AbortController()
    const sent = submit(gateway, recipients(3), message('a'.repeat(400)), controller.signal)
    await until(() => smsc.state().accepted === 1)
    controller.abort()
    expect(countKinds(await sent)).toEqual({ accepted: 1, 'notSent stopped': 2 })
    expect(smsc.handsets()[0]?.messages).toHaveLength(1)
  })

  test('what has expired is not sent', async () => {
    const { smsc, gateway } = await connect({ faults: { latencyMs: 60 } }, { window: 10 })
    const outcomes = await submit(
      gateway,
      recipients(100),
      message('late', { validUntil: new Date(Date.now() + 100) }),
    )
    const { accepted = 0, 'notSent stopped': stopped = 0 } = countKinds(outcomes)
    expect(accepted + stopped).toBe(100)
    expect(smsc.state().accepted).toBe(accepted)
    expect(accepted).toBeLessThanOrEqual(30)
  })

  test('a clean stop waits for what is in flight and doubts nothing', async () => {
    const { smsc, gateway } = await connect({ faults: { latencyMs: 30 } }, { window: 10 })
    const sent = submit(gateway, recipients(100))
    await until(() => smsc.state().accepted >= 10)
    await gateway.stop(1000)
    const { accepted = 0, 'notSent stopped': stopped = 0 } = countKinds(await sent)
    expect(accepted + stopped).toBe(100)
    expect(smsc.state().accepted).toBe(accepted)
    expect(gateway.state()).toMatchObject({ state: 'stopped', inFlight: 0 })
    expect(countKinds(await submit(gateway, recipients(2)))).toEqual({ 'notSent stopped': 2 })
  })

  test('a stop without grace tells the doubt', async () => {
    const { gateway, smsc } = await connect({ faults: { silent: false, latencyMs: 5000 } }, { window: 10 })
    const sent = submit(gateway, recipients(30))
    await until(() => smsc.state().accepted === 10)
    await gateway.stop(0)
    expect(countKinds(await sent)).toEqual({ 'unknown linkLost': 10, 'notSent stopped': 20 })
  })
})
