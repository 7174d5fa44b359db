import { spawn } from 'node:child_process'
import type net from 'node:net'
import { describe, expect, test } from 'vitest'
import {
  closeAfterTest,
  connectGateway,
  countKinds,
  createGateway,
  listDestinations,
  makeMessage,
  makeRecipients,
  recordReceived,
  startProvider,
  submitAndWait,
  waitUntil,
} from '../../../../test/support/smpp.ts'
import type { SmsInbound, SmsReceipt } from '../../../deliveries/gateway.ts'
import { type SmscSettings, startSmsc } from '../simulator/smsc.ts'
import type { SmppGateway } from './client.ts'
import { encodePdu, writeHeader } from './pdu/pdu.ts'
import type { SmppGatewaySettings } from './settings.ts'

/** Holds receipts and messages in a listener until `release`; later ones pass at once. */
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
    const { smsc, gateway, received } = await connectGateway({}, settings)
    const outcomes = await submitAndWait(gateway, makeRecipients(300))
    expect(countKinds(outcomes)).toEqual({ accepted: 300 })
    await waitUntil(() => received.receipts.length === 300)
    expect(new Set(listDestinations(smsc)).size).toBe(300)
    const ids = new Map(outcomes.map((one) => [one.kind === 'accepted' ? one.messageIds[0] : '', one.no]))
    for (const { messageId, state, reference, phone } of received.receipts) {
      const no = ids.get(messageId) as number
      expect({ state, reference, phone }).toEqual({
        state: 'delivered',
        reference: no + 1,
        phone: makeRecipients(300)[no]?.phone,
      })
    }
    expect(gateway.state()).toMatchObject({ state: 'bound', inFlight: 0 })
  })

  test.each(['udh', 'sar'] as const)(
    'a long message comes whole, parts tied by %s',
    async (concatenation) => {
      const { smsc, gateway } = await connectGateway({}, { concatenation, window: 2 })
      const text = `Vol par ruse à la boulangerie. ${'Ne pas intervenir. '.repeat(20)}`
      const outcomes = await submitAndWait(gateway, makeRecipients(20), makeMessage(text))
      for (const outcome of outcomes) {
        expect(outcome.kind === 'accepted' && new Set(outcome.messageIds).size).toBe(3)
      }
      expect(smsc.handsets()).toHaveLength(20)
      for (const { messages } of smsc.handsets()) expect(messages.map((one) => one.text)).toEqual([text])
    },
  )

  test('sends UCS-2 for characters outside GSM-7, with the right octets, sender, priority and validity', async () => {
    const { smsc, gateway } = await connectGateway()
    await submitAndWait(gateway, makeRecipients(1), makeMessage('Forêt 🚨 [€]'))
    await submitAndWait(
      gateway,
      makeRecipients(1),
      makeMessage('à 600 € [a]', { sender: '+33639981111', lane: 'vital' }),
    )
    const [handset] = smsc.handsets()
    expect(handset?.messages.map(({ from, text }) => [from, text])).toEqual([
      ['ALERTE63', 'Forêt 🚨 [€]'],
      ['33639981111', 'à 600 € [a]'],
    ])
  })

  test('lets an urgent message overtake a running one', async () => {
    const { smsc, gateway } = await connectGateway({ faults: { latencyMs: 2 } }, { window: 10 })
    const bulk = submitAndWait(gateway, makeRecipients(500), makeMessage('bulk', { lane: 'service' }))
    await waitUntil(() => smsc.state().accepted > 50)
    const urgent = submitAndWait(gateway, makeRecipients(20, 1000), makeMessage('urgent', { lane: 'vital' }))
    await Promise.all([bulk, urgent])
    const last = [...smsc.log()].findLast((entry) => entry.text === 'urgent')
    expect(last?.no).toBeLessThan(300)
  })

  test('passes a message from a phone', async () => {
    const { smsc, gateway, received } = await connectGateway()
    await submitAndWait(gateway, makeRecipients(1))
    smsc.reply('+33639980000', 'STOP ça suffit')
    smsc.reply('+33639980000', 'é'.repeat(300))
    await waitUntil(() => received.inbound.length === 2)
    expect(received.inbound).toEqual([
      { gateway: 'test', from: '+33639980000', to: 'ALERTE63', text: 'STOP ça suffit' },
      { gateway: 'test', from: '+33639980000', to: 'ALERTE63', text: 'é'.repeat(300) },
    ])
  })
})

describe('refusals', () => {
  test('fails only the refused number; does not submit an invalid one', async () => {
    const { smsc, gateway } = await connectGateway({ faults: { failingPrefixes: ['336399800011'] } })
    const to = [
      ...makeRecipients(5),
      { no: 5, phone: '+336399800011' },
      { no: 6, phone: 'a\0b' },
      { no: 7, phone: '+' },
    ]
    const outcomes = await submitAndWait(gateway, to)
    expect(countKinds(outcomes)).toEqual({ accepted: 5, refused: 3 })
    expect(outcomes.find(({ no }) => no === 5)).toEqual({
      kind: 'refused',
      no: 5,
      code: 0x0b,
      permanent: true,
    })
    expect(smsc.state()).toMatchObject({ accepted: 5, refused: 1 })
  })

  test('refuses an invalid sender', async () => {
    const { gateway } = await connectGateway()
    const outcomes = await submitAndWait(
      gateway,
      makeRecipients(2),
      makeMessage('a', { sender: 'x'.repeat(21) }),
    )
    expect(outcomes).toEqual([0, 1].map((no) => ({ kind: 'refused', no, code: 0x0a, permanent: true })))
  })

  test('reports a wrong password in words and retries slowly', async () => {
    const { gateway } = await connectGateway(
      { account: { systemId: 'tocsin', password: 'other' } },
      { reconnect: { minMs: 1, maxMs: 100 }, noLinkWaitMs: 50 },
    )
    expect(gateway.state()).toMatchObject({
      state: 'down',
      lastError: { key: 'link.refused', values: { name: 'ESME_RINVPASWD' } },
    })
    expect(countKinds(await submitAndWait(gateway, makeRecipients(3)))).toEqual({ 'notSent noLink': 3 })
    expect(gateway.counters().linksLost).toBeLessThan(5)
  })

  test('signs in at once with a new password, and keeps links that are bound', async () => {
    const account = { systemId: 'tocsin', password: 'secret' }
    const { gateway, smsc } = await connectGateway(
      { account },
      { reconnect: { minMs: 1, maxMs: 60_000 }, noLinkWaitMs: 50 },
    )
    gateway.renewPassword('other')
    expect(countKinds(await submitAndWait(gateway, makeRecipients(3)))).toEqual({ accepted: 3 })
    // The provider changes it later, and cuts the link.
    smsc.setFaults({ cutEvery: 1 })
    await submitAndWait(gateway, makeRecipients(1, 3))
    await waitUntil(() => gateway.state().lastError?.values?.name === 'ESME_RINVPASWD')
    smsc.setFaults({ cutEvery: 0 })
    account.password = 'other'
    gateway.renewPassword('other')
    await waitUntil(() => gateway.state().state === 'bound')
    expect(countKinds(await submitAndWait(gateway, makeRecipients(3, 4)))).toEqual({ accepted: 3 })
  })
})

describe('acknowledgements', () => {
  /** Connects a gateway whose only listener holds receipts. */
  async function connectHolding(
    smscSettings: SmscSettings = {},
    settings: Partial<SmppGatewaySettings> = {},
  ) {
    const smsc = await startSmsc(smscSettings)
    closeAfterTest(() => smsc.stop())
    const gateway = createGateway(smsc.port, settings)
    const held = holdReceived(gateway)
    await gateway.start()
    return { smsc, gateway, held }
  }

  test('are sent only after the listener has finished', async () => {
    const { smsc, gateway, held } = await connectHolding()
    await submitAndWait(gateway, makeRecipients(100))
    await waitUntil(() => held.receipts.length === 100)
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect(smsc.state()).toMatchObject({ receipts: 100, receiptsUnacknowledged: 100 })
    held.release()
    await waitUntil(() => smsc.state().receiptsUnacknowledged === 0)
    expect(smsc.state()).toMatchObject({ receipts: 100, receiptsWaiting: 0 })
  })

  test('are refused when a listener fails, so that the provider repeats the receipts', async () => {
    const smsc = await startSmsc({ receiptRetryMs: 20 })
    closeAfterTest(() => smsc.stop())
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
    await submitAndWait(gateway, makeRecipients(50))
    smsc.reply('+33639980000', 'STOP')
    await waitUntil(() => [...seen.values()].every((times) => times > 1) && texts > 1)
    isBroken = false
    await waitUntil(() => smsc.state().receiptsUnacknowledged + smsc.state().receiptsWaiting === 0)
    expect(seen.size).toBe(50)
    expect(gateway.counters().handedBack).toBe(
      [...seen.values()].reduce((sum, times) => sum + times, 0) - 50 + texts - 1,
    )
    expect(gateway.state().state).toBe('bound')
  })

  test('are missing after a cut link, so that receipts are repeated in order on the next one', async () => {
    const { smsc, gateway, held } = await connectHolding()
    await submitAndWait(gateway, makeRecipients(100))
    smsc.reply('+33639980000', 'STOP')
    await waitUntil(() => held.receipts.length === 100 && held.inbound.length === 1)
    smsc.cut()
    await waitUntil(() => held.receipts.length === 200 && held.inbound.length === 2)
    expect(held.receipts.slice(100)).toEqual(held.receipts.slice(0, 100))
    // Responses to the lost link are dropped.
    held.release()
    await waitUntil(() => smsc.state().receiptsUnacknowledged === 0)
    expect(gateway.counters()).toMatchObject({ linksLost: 1, handedBack: 0, unknownSequence: 0 })
  })

  test('leaves the provider after pending responses, its receipts go to another gateway, and it returns', async () => {
    const { smsc, gateway, held } = await connectHolding({ faults: { latencyMs: 100 } })
    const accepted = submitAndWait(gateway, makeRecipients(20))
    await waitUntil(() => gateway.state().inFlight === 20)
    gateway.setAway?.(true)
    expect(countKinds(await accepted)).toEqual({ accepted: 20 })
    const other = createGateway(smsc.port)
    const received = recordReceived(other)
    await other.start()
    await waitUntil(() => received.receipts.length === 20 && gateway.state().state === 'down')
    expect(gateway.state().lastError).toEqual({ key: 'link.away' })
    expect(gateway.counters().linksLost).toBe(0)
    held.release()
    gateway.setAway?.(false)
    await waitUntil(() => gateway.state().state === 'bound')
    expect(countKinds(await submitAndWait(gateway, makeRecipients(20)))).toEqual({ accepted: 20 })
  })

  test('are missing after a kill, so that the next process gets the receipts', async () => {
    const smsc = await startSmsc()
    closeAfterTest(() => smsc.stop())
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
        { sender: 'A', segmentation: segmentMessage('a'), validUntil: new Date(Date.now() + 60000), lane: 'alert' },
        ${JSON.stringify(makeRecipients(20))},
        () => {},
      )`
    const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    closeAfterTest(async () => void child.kill('SIGKILL'))
    await new Promise((resolve) => child.stdout.once('data', resolve))
    // Time for an acknowledgement that should not arrive.
    await new Promise((resolve) => setTimeout(resolve, 50))
    child.kill('SIGKILL')
    await waitUntil(() => smsc.state().sessions.length === 0)
    expect(smsc.state()).toMatchObject({ receiptsWaiting: 20 })
    const gateway = createGateway(smsc.port)
    const { receipts } = recordReceived(gateway)
    await gateway.start()
    await waitUntil(() => receipts.length === 20)
    expect(receipts.map((one) => one.phone)).toEqual(makeRecipients(20).map((one) => one.phone))
    await waitUntil(() => smsc.state().receiptsUnacknowledged === 0)
  })

  test('do not delay submissions and link tests when a listener is slow', async () => {
    const { smsc, gateway, held } = await connectHolding({}, { window: 5, enquireLinkSeconds: 0.04 })
    expect(countKinds(await submitAndWait(gateway, makeRecipients(500)))).toEqual({ accepted: 500 })
    // The client tests again only once it has read the response to the test before.
    const testedBefore = smsc.state().sessions[0]?.linkTests ?? 0
    await waitUntil(() => (smsc.state().sessions[0]?.linkTests ?? 0) >= testedBefore + 3)
    expect(gateway.state().state).toBe('bound')
    expect(gateway.counters().linksLost).toBe(0)
    expect(smsc.state().receiptsUnacknowledged).toBe(500)
    held.release()
  })

  test('are immediate without a listener, and per read with one', async () => {
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
    const port = await startProvider((socket, { command, status, sequence }) => {
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
    writeHeader(malformed, 0, { length: 20, commandId: 0x00000005, status: 0, sequence: 13 })
    const enquire = Buffer.alloc(16)
    writeHeader(enquire, 0, { length: 16, commandId: 0x00000015, status: 0, sequence: 14 })
    // 15 is a message from a phone, which has no listener.
    sockets[0]?.write(Buffer.concat([receipt(11), receipt(12), malformed, enquire, receipt(15, 0)]))
    await waitUntil(() => answers.length === 3)
    expect(answers.splice(0)).toEqual([
      { command: 'deliver_sm_resp', status: 0x65, sequence: 13 },
      { command: 'enquire_link_resp', status: 0, sequence: 14 },
      { command: 'deliver_sm_resp', status: 0, sequence: 15 },
    ])
    sockets[0]?.write(receipt(16))
    await waitUntil(() => batches.length === 2)
    second.resolve()
    await waitUntil(() => answers.length === 1)
    expect(answers.splice(0)).toEqual([{ command: 'deliver_sm_resp', status: 0, sequence: 16 }])
    first.reject(new Error('not durable'))
    await waitUntil(() => answers.length === 2)
    expect(answers).toEqual([
      { command: 'deliver_sm_resp', status: 0x64, sequence: 11 },
      { command: 'deliver_sm_resp', status: 0x64, sequence: 12 },
    ])
    expect(batches).toEqual([2, 1])
  })

  test('stop the reading above 20,000 pending ones, without loss', async () => {
    const { gateway, held, smsc } = await connectHolding({ handsets: false })
    const sent = submitAndWait(gateway, makeRecipients(40_000))
    await waitUntil(() => held.receipts.length > 20_000)
    let length = 0
    const countNew = () => {
      const before = length
      length = held.receipts.length
      return length - before
    }
    await expect.poll(countNew).toBe(0)
    // At most one read more than the limit.
    expect(length).toBeLessThan(21_000)
    held.release()
    expect(countKinds(await sent)).toEqual({ accepted: 40_000 })
    await waitUntil(() => held.receipts.length === 40_000)
    await waitUntil(() => smsc.state().receiptsUnacknowledged === 0)
    expect(gateway.counters()).toMatchObject({ linksLost: 0, unknownSequence: 0 })
  })

  test('are awaited by a clean stop within its grace period', async () => {
    const { smsc, gateway, held } = await connectHolding()
    await submitAndWait(gateway, makeRecipients(50))
    await waitUntil(() => held.receipts.length === 50)
    setTimeout(held.release, 60)
    await gateway.stop(2000)
    expect(smsc.state()).toMatchObject({ receiptsUnacknowledged: 0, receiptsWaiting: 0 })

    const other = await connectHolding()
    await submitAndWait(other.gateway, makeRecipients(50))
    await waitUntil(() => other.held.receipts.length === 50)
    // Its listener never ends.
    await other.gateway.stop(100)
    await waitUntil(() => other.smsc.state().receiptsWaiting === 50)
  })
})

describe('stopping', () => {
  test('ends unsent messages at once on an abort, and reports the responses to sent ones', async () => {
    const { smsc, gateway } = await connectGateway({ faults: { latencyMs: 30 } }, { window: 10 })
    const controller = new AbortController()
    const sent = submitAndWait(gateway, makeRecipients(100), makeMessage(), controller)
    await waitUntil(() => smsc.state().accepted === 10)
    controller.abort()
    expect(countKinds(await sent)).toEqual({ accepted: 10, 'notSent stopped': 90 })
    expect(smsc.state().accepted).toBe(10)
  })

  test('finishes a partly sent message on an abort', async () => {
    const { smsc, gateway } = await connectGateway({ faults: { latencyMs: 30 } }, { window: 1 })
    const controller = new AbortController()
    const sent = submitAndWait(gateway, makeRecipients(3), makeMessage('a'.repeat(400)), controller)
    await waitUntil(() => smsc.state().accepted === 1)
    controller.abort()
    expect(countKinds(await sent)).toEqual({ accepted: 1, 'notSent stopped': 2 })
    expect(smsc.handsets()[0]?.messages).toHaveLength(1)
  })

  test('does not send expired messages', async () => {
    const { smsc, gateway } = await connectGateway({ faults: { latencyMs: 60 } }, { window: 10 })
    const outcomes = await submitAndWait(
      gateway,
      makeRecipients(100),
      makeMessage('late', { validUntil: new Date(Date.now() + 100) }),
    )
    const { accepted = 0, 'notSent stopped': stopped = 0 } = countKinds(outcomes)
    expect(accepted + stopped).toBe(100)
    expect(smsc.state().accepted).toBe(accepted)
    expect(accepted).toBeLessThanOrEqual(30)
  })

  test('waits for messages in flight on a clean stop, without doubts', async () => {
    const { smsc, gateway } = await connectGateway({ faults: { latencyMs: 30 } }, { window: 10 })
    const sent = submitAndWait(gateway, makeRecipients(100))
    await waitUntil(() => smsc.state().accepted >= 10)
    await gateway.stop(1000)
    const { accepted = 0, 'notSent stopped': stopped = 0 } = countKinds(await sent)
    expect(accepted + stopped).toBe(100)
    expect(smsc.state().accepted).toBe(accepted)
    expect(gateway.state()).toMatchObject({ state: 'stopped', inFlight: 0 })
    expect(countKinds(await submitAndWait(gateway, makeRecipients(2)))).toEqual({ 'notSent stopped': 2 })
  })

  test('reports messages in doubt on a stop without grace', async () => {
    const { gateway, smsc } = await connectGateway(
      { faults: { silent: false, latencyMs: 5000 } },
      { window: 10 },
    )
    const sent = submitAndWait(gateway, makeRecipients(30))
    await waitUntil(() => smsc.state().accepted === 10)
    await gateway.stop(0)
    expect(countKinds(await sent)).toEqual({ 'unknown linkLost': 10, 'notSent stopped': 20 })
  })
})

describe('a simulated gateway', () => {
  test('sends nothing to a centre that does not identify itself as the simulator', async () => {
    const told: string[] = []
    const port = await startProvider((_socket, pdu) => told.push(pdu.command), 'provider')
    const gateway = createGateway(port, { simulated: true, noLinkWaitMs: 50 })
    await gateway.start()
    expect(gateway.state()).toMatchObject({
      state: 'down',
      lastError: { key: 'link.not_simulator', values: { host: '127.0.0.1', port } },
    })
    const outcomes = await submitAndWait(gateway, makeRecipients(3))
    expect(countKinds(outcomes)).toEqual({ 'notSent noLink': 3 })
    expect(told).not.toContain('submit_sm')
    // The same centre as a real provider.
    const real = createGateway(port)
    await real.start()
    expect(real.state()).toMatchObject({ state: 'bound' })
  })

  test('and one in service sends nothing to the simulator', async () => {
    const { gateway, smsc } = await connectGateway({}, { refusesSimulator: true, noLinkWaitMs: 50 })
    expect(gateway.state()).toMatchObject({ state: 'down', lastError: { key: 'link.is_simulator' } })
    expect(countKinds(await submitAndWait(gateway, makeRecipients(3)))).toEqual({ 'notSent noLink': 3 })
    expect(listDestinations(smsc)).toEqual([])
    const other = await connectGateway({ answersAs: 'PROVIDER' }, { refusesSimulator: true })
    expect(countKinds(await submitAndWait(other.gateway, makeRecipients(3)))).toEqual({ accepted: 3 })
  })

  test('sends to the simulator', async () => {
    const { gateway, smsc } = await connectGateway({}, { simulated: true })
    expect(countKinds(await submitAndWait(gateway, makeRecipients(3)))).toEqual({ accepted: 3 })
    expect(listDestinations(smsc)).toHaveLength(3)
  })
})
