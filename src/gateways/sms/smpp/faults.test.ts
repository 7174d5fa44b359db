import net from 'node:net'
import { describe, expect, test } from 'vitest'
import {
  closeAfterTest,
  connectGateway,
  countKinds,
  createGateway,
  isLate,
  listDestinations,
  makeMessage,
  makeRecipients,
  sendHeader,
  startProvider,
  submitAndWait,
  waitUntil,
} from '../../../../test/support/smpp.ts'
import type { SubmitOutcome } from '../../../deliveries/gateway.ts'
import { type Smsc, startSmsc } from '../simulator/smsc.ts'
import type { SmppGateway } from './client.ts'
import { COMMAND, writeHeader } from './pdu/pdu.ts'

/** Expects the gateway to work again once the provider does: the whole window is free and no pause is left. */
async function goesOn(gateway: SmppGateway): Promise<void> {
  await waitUntil(() => gateway.state().state === 'bound')
  const count = gateway.state().window + 5
  expect(countKinds(await submitAndWait(gateway, makeRecipients(count, 5000)))).toEqual({ accepted: count })
  expect(gateway.state()).toMatchObject({ inFlight: 0, silentMs: 0 })
}

function expectNobodyTwice(smsc: Smsc): void {
  const reached = listDestinations(smsc)
  expect(new Set(reached).size).toBe(reached.length)
}

/** Expects the ids reported as accepted to be those of the provider. */
function expectTrueIds(smsc: Smsc, outcomes: readonly SubmitOutcome[]): void {
  const idOf = new Map([...smsc.log()].map((entry) => [entry.messageId, entry.reference]))
  for (const one of outcomes) {
    if (one.kind === 'accepted') expect(idOf.get(one.messageIds[0] as string)).toBe(one.no + 1)
  }
}

describe('throttling (ESME_RTHROTTLED)', () => {
  test('slows down near the allowed rate with few refusals and loses nothing', async () => {
    const { smsc, gateway } = await connectGateway({ faults: { throttlePerSecond: 200 } }, { window: 50 })
    const outcomes = await submitAndWait(gateway, makeRecipients(100))
    expect(countKinds(outcomes)).toEqual({ accepted: 100 })
    expectNobodyTwice(smsc)
    expect(smsc.state().accepted).toBe(100)
    expect(gateway.counters().throttled).toBeLessThan(100)
    smsc.setFaults({ throttlePerSecond: 0 })
    await goesOn(gateway)
  })
})

describe('random throttling', () => {
  test('of 2 % costs its repetitions only: no pause, no smaller window', async () => {
    const { smsc, gateway } = await connectGateway({ faults: { latencyMs: 10 } }, { window: 20 })
    const submitAll = async (from: number) => {
      const startedAt = performance.now()
      const outcomes = await submitAndWait(gateway, makeRecipients(1000, from))
      expect(countKinds(outcomes)).toEqual({ accepted: 1000 })
      return performance.now() - startedAt
    }
    const unthrottledMs = await submitAll(1)
    smsc.setFaults({ throttleRandomly: 0.02 })
    const throttledMs = await submitAll(2001)
    expectNobodyTwice(smsc)
    expect(gateway.counters().throttled).toBeGreaterThan(5)
    // Each takes 50 round trips; with a pause of 100 ms for each of 20 refusals, and smaller windows, nine times as long.
    expect(throttledMs).toBeLessThan(unthrottledMs * 5)
    smsc.setFaults({ throttleRandomly: 0, latencyMs: 0 })
    await goesOn(gateway)
  })
})

describe('queue full (ESME_RMSGQFUL)', () => {
  test('waits for the queue to empty with few attempts', async () => {
    const { smsc, gateway } = await connectGateway({ faults: { queueFull: true } })
    const sent = submitAndWait(gateway, makeRecipients(150))
    await waitUntil(() => gateway.counters().throttled > 0)
    await new Promise((resolve) => setTimeout(resolve, 350))
    // The first window, then half of it after 100 ms, a quarter after 200 ms more, and so on.
    expect(gateway.counters().throttled).toBeLessThanOrEqual(200)
    smsc.setFaults({ queueFull: false })
    expect(countKinds(await sent)).toEqual({ accepted: 150 })
    expect(smsc.state().accepted).toBe(150)
    await goesOn(gateway)
  })

  test('refuses temporarily after a while', async () => {
    const { smsc, gateway } = await connectGateway({ faults: { queueFull: true } }, { throttleGiveUpMs: 150 })
    const outcomes = await submitAndWait(gateway, makeRecipients(200))
    // Tried recipients are refused; the others were not sent.
    const { refused = 0, 'notSent noLink': notSent = 0 } = countKinds(outcomes)
    expect(refused).toBeGreaterThanOrEqual(100)
    expect(refused + notSent).toBe(200)
    expect(outcomes[0]).toEqual({ kind: 'refused', no: outcomes[0]?.no, code: 0x14, permanent: false })
    // Later recipients have their own time to wait.
    smsc.setFaults({ queueFull: false, latencyMs: 100 })
    expect(countKinds(await submitAndWait(gateway, makeRecipients(1)))).toEqual({ accepted: 1 })
  })

  test('does not delay a stop', async () => {
    const { gateway } = await connectGateway({ faults: { queueFull: true } })
    const controller = new AbortController()
    const sent = submitAndWait(gateway, makeRecipients(150), makeMessage(), controller)
    await waitUntil(() => gateway.counters().throttled > 0)
    controller.abort()
    expect(countKinds(await sent)).toEqual({ 'notSent stopped': 150 })
  })
})

describe('slow', () => {
  test('accepts everything, with no more than the window at once', async () => {
    const { gateway } = await connectGateway({ faults: { latencyMs: 20 } }, { window: 10 })
    let most = 0
    const outcomes: SubmitOutcome[] = []
    await gateway.submit(makeMessage(), makeRecipients(60), (outcome) => {
      outcomes.push(outcome)
      most = Math.max(most, gateway.state().inFlight)
    })
    expect(countKinds(outcomes)).toEqual({ accepted: 60 })
    expect(most).toBeLessThanOrEqual(10)
    await goesOn(gateway)
  })

  test('leaves a submission in doubt without a response in time, and settles it by a late one', async () => {
    const { smsc, gateway } = await connectGateway({ faults: { latencyMs: 800 } }, { responseTimeoutMs: 500 })
    const outcomes = await submitAndWait(gateway, makeRecipients(3))
    expect(countKinds(outcomes)).toEqual({ 'unknown timeout': 3 })
    await waitUntil(() => outcomes.length === 6)
    expect(countKinds(outcomes.filter(isLate))).toEqual({ accepted: 3 })
    expect(new Set(outcomes.filter(isLate).map(({ no }) => no)).size).toBe(3)
    expect(gateway.counters()).toMatchObject({ lateAnswers: 3, linksLost: 0 })
    expect(gateway.totals()).toMatchObject({ submitted: 3, unanswered: 3, accepted: 3 })
    smsc.setFaults({ latencyMs: 0 })
    await goesOn(gateway)
  })

  test('settles a long message by its last late response, once', async () => {
    const { smsc, gateway } = await connectGateway({ faults: { latencyMs: 800 } }, { responseTimeoutMs: 500 })
    const outcomes = await submitAndWait(gateway, makeRecipients(2), makeMessage('a'.repeat(400)))
    expect(countKinds(outcomes)).toEqual({ 'unknown timeout': 2 })
    await waitUntil(() => outcomes.length === 4)
    for (const one of outcomes.filter(isLate)) {
      expect(one.kind === 'accepted' && new Set(one.messageIds).size).toBe(3)
    }
    // The next submission is answered after everything that came before.
    smsc.setFaults({ latencyMs: 0 })
    await submitAndWait(gateway, makeRecipients(1, 100))
    expect(outcomes).toHaveLength(4)
  })

  test('reports a late refusal; ignores a late response on another link', async () => {
    const links: net.Socket[] = []
    const submissions: number[] = []
    const port = await startProvider((socket, { sequence, command }) => {
      if (command === 'bind_transceiver') links.push(socket)
      if (command === 'submit_sm') submissions.push(sequence)
    })
    const refuseOn = (link: number, submission: number) =>
      sendHeader(links[link] as net.Socket, 0x80000004, 0x0b, submissions[submission] as number)
    const gateway = createGateway(port, { responseTimeoutMs: 400, enquireLinkSeconds: 10 })
    await gateway.start()
    const outcomes = await submitAndWait(gateway, makeRecipients(1))
    refuseOn(0, 0)
    await waitUntil(() => outcomes.length === 2)
    expect(outcomes).toEqual([
      { kind: 'unknown', no: 0, reason: 'timeout' },
      { kind: 'refused', no: 0, code: 0x0b, permanent: true, late: true },
    ])
    const cut = await submitAndWait(gateway, makeRecipients(1))
    links[0]?.destroy()
    await waitUntil(() => links.length === 2 && gateway.state().state === 'bound')
    refuseOn(1, 1)
    await waitUntil(() => gateway.counters().unknownSequence === 1)
    expect(countKinds(cut)).toEqual({ 'unknown timeout': 1 })
  })
})

describe('lost responses', () => {
  test('leave only their submissions in doubt and free the window', async () => {
    const { smsc, gateway } = await connectGateway(
      { faults: { dropResponses: 0.3 } },
      { responseTimeoutMs: 400, window: 20 },
    )
    const outcomes = await submitAndWait(gateway, makeRecipients(60))
    const { accepted = 0, 'unknown timeout': unknown = 0 } = countKinds(outcomes)
    expect(accepted + unknown).toBe(60)
    expect(unknown).toBeGreaterThan(0)
    expect(smsc.state().accepted).toBe(60)
    smsc.setFaults({ dropResponses: 0 })
    await goesOn(gateway)
  })

  test('free their places in the window before the response timeout', async () => {
    const { smsc, gateway } = await connectGateway(
      { faults: { dropResponses: 0.03 } },
      { responseTimeoutMs: 30_000, window: 20 },
    )
    const startedAt = performance.now()
    const outcomes = await submitAndWait(gateway, makeRecipients(400))
    const { accepted = 0, 'unknown timeout': unknown = 0 } = countKinds(outcomes)
    expect(accepted + unknown).toBe(400)
    expect(unknown).toBeGreaterThan(3)
    expect(performance.now() - startedAt).toBeLessThan(15_000)
    smsc.setFaults({ dropResponses: 0 })
    await goesOn(gateway)
  })

  test('free no more places than the window: a crash doubles at most that many more', async () => {
    const { smsc, gateway } = await connectGateway({}, { responseTimeoutMs: 5000, window: 5 })
    await submitAndWait(gateway, makeRecipients(50))
    smsc.setFaults({ dropResponses: 0.8 })
    const ends: number[] = []
    const startedAt = performance.now()
    const done = gateway.submit(makeMessage(), makeRecipients(60, 100), ({ kind }) => {
      if (kind === 'unknown') ends.push(performance.now() - startedAt)
    })
    // The places of the first window are free; those of the second wait for the timeout of the first.
    await waitUntil(() => ends.length > 5)
    smsc.setFaults({ dropResponses: 0 })
    await done
    expect(ends[5]).toBeGreaterThanOrEqual(5000)
    await goesOn(gateway)
  })

  test('of some parts leave the message in doubt, with the ids of the answered parts', async () => {
    const { smsc, gateway } = await connectGateway(
      { faults: { dropResponses: 0.3 } },
      { responseTimeoutMs: 400, window: 60 },
    )
    const outcomes = await submitAndWait(gateway, makeRecipients(20), makeMessage('a'.repeat(400)))
    const partOf = new Map([...smsc.log()].map((entry) => [entry.messageId, entry]))
    let told = 0
    for (const one of outcomes) {
      if (one.kind !== 'unknown' || one.messageIds === undefined) continue
      expect(one.messageIds).toHaveLength(3)
      expect(one.messageIds).toContain(undefined)
      for (const [part, id] of one.messageIds.entries()) {
        if (id === undefined) continue
        told++
        expect(partOf.get(id)).toMatchObject({ reference: one.no + 1, part: { number: part + 1 } })
      }
    }
    expect(told).toBeGreaterThan(0)
  })
})

describe('half-open (accepts, never answers)', () => {
  test('is cut by enquire_link and bound again', async () => {
    const { smsc, gateway } = await connectGateway({}, { enquireLinkSeconds: 0.05, responseTimeoutMs: 400 })
    smsc.setFaults({ silent: true })
    await waitUntil(() => gateway.counters().linksLost > 0)
    expect(gateway.state().lastError).toEqual({ key: 'link.silent' })
    smsc.setFaults({ silent: false })
    await goesOn(gateway)
  })

  test('is reported by silentMs, with at most one window in doubt', async () => {
    // The link may be bound again, and wait for an answer, before the test ends the silence.
    const settings = { window: 10, responseTimeoutMs: 1000, noLinkWaitMs: 60_000 }
    const { smsc, gateway } = await connectGateway({}, settings)
    smsc.setFaults({ silent: true })
    const sent = submitAndWait(gateway, makeRecipients(100))
    await waitUntil(() => gateway.state().silentMs > 100)
    await waitUntil(() => gateway.counters().linksLost > 0)
    smsc.setFaults({ silent: false })
    const { accepted = 0, ...unknown } = countKinds(await sent)
    expect(accepted).toBe(90)
    expect(Object.values(unknown).reduce((sum, count) => sum + count, 0)).toBe(10)
    expect(smsc.state().accepted).toBe(90)
    await goesOn(gateway)
  })

  test('is retried without writing anything when the bind gets no response', async () => {
    const smsc = await startSmsc({ faults: { silent: true } })
    closeAfterTest(() => smsc.stop())
    const gateway = createGateway(smsc.port, { responseTimeoutMs: 400, noLinkWaitMs: 100 })
    await gateway.start()
    await waitUntil(() => gateway.state().lastError !== null)
    expect(countKinds(await submitAndWait(gateway, makeRecipients(5)))).toEqual({ 'notSent noLink': 5 })
    expect(gateway.state().lastError).toEqual({ key: 'link.no_answer' })
    smsc.setFaults({ silent: false })
    await goesOn(gateway)
    expect(smsc.state().accepted).toBe(gateway.totals().accepted)
  })

  test('leaves submissions in doubt and continues when only enquire_link is answered', async () => {
    const { smsc, gateway } = await connectGateway(
      { faults: { dropResponses: 1 } },
      { window: 5, responseTimeoutMs: 400, enquireLinkSeconds: 0.02 },
    )
    expect(countKinds(await submitAndWait(gateway, makeRecipients(15)))).toEqual({ 'unknown timeout': 15 })
    expect(gateway.counters().linksLost).toBe(0)
    expect(gateway.totals()).toMatchObject({ submitted: 15, unanswered: 15, accepted: 0, answerMs: 0 })
    smsc.setFaults({ dropResponses: 0 })
    await goesOn(gateway)
  })
})

describe('reset', () => {
  test('leaves those in flight in doubt and sends the rest by a new link, nobody twice', async () => {
    const { smsc, gateway } = await connectGateway({ faults: { cutEvery: 120 } }, { window: 10 })
    const outcomes = await submitAndWait(gateway, makeRecipients(500))
    const { accepted = 0, 'unknown linkLost': unknown = 0 } = countKinds(outcomes)
    expect(accepted + unknown).toBe(500)
    expect(unknown).toBeGreaterThanOrEqual(4)
    expect(unknown).toBeLessThanOrEqual(40)
    expectNobodyTwice(smsc)
    expectTrueIds(smsc, outcomes)
    expect(gateway.counters().linksLost).toBe(4)
    smsc.setFaults({ cutEvery: 0 })
    await goesOn(gateway)
  })

  test('waits for a link, then reports notSent', async () => {
    const smsc = await startSmsc()
    const { port } = smsc
    await smsc.stop()
    const gateway = createGateway(port, { noLinkWaitMs: 100 })
    await gateway.start()
    const startedAt = performance.now()
    expect(countKinds(await submitAndWait(gateway, makeRecipients(5)))).toEqual({ 'notSent noLink': 5 })
    expect(performance.now() - startedAt).toBeGreaterThan(90)
    expect(gateway.state()).toMatchObject({ state: 'down', lastError: { key: 'link.connection_refused' } })
  })

  test('reports notSent soon after the link broke, in time for another route', async () => {
    const { smsc, gateway } = await connectGateway()
    await smsc.stop()
    await waitUntil(() => gateway.state().state !== 'bound')
    const startedAt = performance.now()
    expect(countKinds(await submitAndWait(gateway, makeRecipients(5)))).toEqual({ 'notSent noLink': 5 })
    // One second by default, well before the 10 s for which it waits for a response.
    expect(performance.now() - startedAt).toBeLessThan(9000)
  })

  test('loses nothing when the provider is back within the delay', async () => {
    const first = await startSmsc()
    const { port } = first
    const gateway = createGateway(port)
    await gateway.start()
    await first.stop()
    await waitUntil(() => gateway.state().state !== 'bound')
    const sent = submitAndWait(gateway, makeRecipients(20))
    const second = await startSmsc({ port })
    closeAfterTest(() => second.stop())
    expect(countKinds(await sent)).toEqual({ accepted: 20 })
    await goesOn(gateway)
  })
})

describe('garbage', () => {
  test('answers and skips well-framed PDUs that cannot be decoded', async () => {
    const { smsc, gateway } = await connectGateway({ faults: { garbagePdus: 0.3 } })
    expect(countKinds(await submitAndWait(gateway, makeRecipients(200)))).toEqual({ accepted: 200 })
    expect(gateway.counters()).toMatchObject({ linksLost: 0, framingErrors: 0 })
    expect(gateway.counters().malformed).toBeGreaterThan(20)
    smsc.setFaults({ garbagePdus: 0 })
    await goesOn(gateway)
  })

  test('cuts a stream that cannot be framed, without losing a recipient', async () => {
    const { smsc, gateway } = await connectGateway({ faults: { garbageBytes: 0.01 } }, { window: 5 })
    const outcomes = await submitAndWait(gateway, makeRecipients(300))
    const { accepted = 0, 'unknown linkLost': unknown = 0 } = countKinds(outcomes)
    expect(accepted + unknown).toBe(300)
    expect(gateway.counters().framingErrors).toBeGreaterThan(0)
    expect(gateway.state().lastError).toBeUndefined()
    expectNobodyTwice(smsc)
    expectTrueIds(smsc, outcomes)
    smsc.setFaults({ garbageBytes: 0 })
    await goesOn(gateway)
  })

  test('survives a server that sends only garbage', async () => {
    const server = net.createServer((socket) => {
      socket.on('error', () => {})
      socket.resume()
      socket.write(Buffer.from(Array.from({ length: 500 }, (_, i) => (i * 7919) & 0xff)))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    closeAfterTest(() => new Promise((resolve) => server.close(resolve)))
    const gateway = createGateway((server.address() as net.AddressInfo).port, { noLinkWaitMs: 50 })
    await gateway.start()
    expect(countKinds(await submitAndWait(gateway, makeRecipients(2)))).toEqual({ 'notSent noLink': 2 })
    expect(gateway.state().lastError).toEqual({ key: 'link.garbage' })
  })
})

describe('wrong sequence numbers', () => {
  test('counts responses to unknown requests, which settle nobody', async () => {
    const { smsc, gateway } = await connectGateway({ faults: { wrongSequence: 0.5 } })
    const outcomes = await submitAndWait(gateway, makeRecipients(200))
    expect(countKinds(outcomes)).toEqual({ accepted: 200 })
    expectTrueIds(smsc, outcomes)
    expect(gateway.counters().unknownSequence).toBeGreaterThan(50)
    smsc.setFaults({ wrongSequence: 0 })
    await goesOn(gateway)
  })

  test('leave submissions in doubt and free the window', async () => {
    const { smsc, gateway } = await connectGateway(
      { faults: { misnumbered: 0.2 } },
      { window: 20, responseTimeoutMs: 600, enquireLinkSeconds: 10 },
    )
    const outcomes = await submitAndWait(gateway, makeRecipients(100))
    const { accepted = 0, 'unknown timeout': unknown = 0 } = countKinds(outcomes)
    expect(accepted + unknown).toBe(100)
    expect(unknown).toBe(gateway.counters().unknownSequence)
    expect(unknown).toBeGreaterThan(5)
    expectTrueIds(smsc, outcomes)
    smsc.setFaults({ misnumbered: 0 })
    await goesOn(gateway)
  })
})

describe('receipts', () => {
  test('are not lost before the response', async () => {
    const { smsc, gateway, received } = await connectGateway({ faults: { receiptBeforeResponse: true } })
    const order: string[] = []
    gateway.onReceipts((batch) => void order.push(...batch.map(() => 'receipt')))
    await gateway.submit(makeMessage(), makeRecipients(1), () => order.push('outcome'))
    expect(order).toEqual(['outcome', 'receipt'])
    expect(countKinds(await submitAndWait(gateway, makeRecipients(100)))).toEqual({ accepted: 100 })
    await waitUntil(() => received.receipts.length === 101)
    smsc.setFaults({ receiptBeforeResponse: false })
    await goesOn(gateway)
  })

  test('are both passed when doubled', async () => {
    const { gateway, received } = await connectGateway({ faults: { doubleReceipts: true } })
    expect(countKinds(await submitAndWait(gateway, makeRecipients(100)))).toEqual({ accepted: 100 })
    await waitUntil(() => received.receipts.length === 200)
    for (let i = 0; i < 200; i += 2) expect(received.receipts[i]).toEqual(received.receipts[i + 1])
    await goesOn(gateway)
  })

  test('for unknown ids are passed and acknowledged', async () => {
    const { smsc, gateway, received } = await connectGateway({ faults: { unknownReceipts: true } })
    const outcomes = await submitAndWait(gateway, makeRecipients(100))
    const ids = new Set(outcomes.map((one) => (one.kind === 'accepted' ? one.messageIds[0] : '')))
    await waitUntil(() => received.receipts.length === 200)
    expect(received.receipts.filter(({ messageId }) => ids.has(messageId))).toHaveLength(100)
    await waitUntil(() => smsc.state().receiptsUnacknowledged === 0)
    expect(gateway.counters().unreadableReceipts).toBe(0)
    await goesOn(gateway)
  })

  test('are matched when responses and receipts are out of order', async () => {
    const { smsc, gateway, received } = await connectGateway({ faults: { reorderMs: 40 } }, { window: 30 })
    const outcomes = await submitAndWait(gateway, makeRecipients(200))
    expect(countKinds(outcomes)).toEqual({ accepted: 200 })
    expectTrueIds(smsc, outcomes)
    const told = outcomes.map(({ no }) => no)
    expect(told).not.toEqual(told.toSorted((a, b) => a - b))
    await waitUntil(() => received.receipts.length === 200)
    const idOf = new Map(
      outcomes.map((one) => [one.no + 1, one.kind === 'accepted' ? one.messageIds[0] : '']),
    )
    for (const { reference, messageId } of received.receipts) {
      expect(idOf.get(reference as number)).toBe(messageId)
    }
    const references = received.receipts.map(({ reference }) => reference as number)
    expect(references).not.toEqual(references.toSorted((a, b) => a - b))
    smsc.setFaults({ reorderMs: 0 })
    await goesOn(gateway)
  })

  test('with intermediate states are passed in order before the final one', async () => {
    const { gateway, received } = await connectGateway({ faults: { intermediateReceipts: true } })
    const [outcome] = await submitAndWait(gateway, makeRecipients(1))
    await waitUntil(() => received.receipts.length === 3)
    const messageId = outcome?.kind === 'accepted' ? outcome.messageIds[0] : ''
    expect(received.receipts).toMatchObject([
      { messageId, state: 'accepted' },
      { messageId, state: 'enroute' },
      { messageId, state: 'delivered' },
    ])
    await goesOn(gateway)
  })

  test('are read from text only, with another format of ids', async () => {
    const { gateway, received } = await connectGateway({ textOnlyReceipts: true, receiptIdFormat: 'decimal' })
    const [outcome] = await submitAndWait(gateway, makeRecipients(1))
    await waitUntil(() => received.receipts.length === 1)
    const id = outcome?.kind === 'accepted' ? (outcome.messageIds[0] as string) : ''
    expect(Number(received.receipts[0]?.messageId)).toBe(Number.parseInt(id, 16))
  })

  test('with an invalid status or id are passed without it', async () => {
    const ids = ['fine', 'with space', 'with\u0001control', 'x'.repeat(300)]
    let answered = 0
    const port = await startProvider((socket, pdu) => {
      if (pdu.command !== 'submit_sm') return
      const messageId = ids[answered++]
      const header = Buffer.alloc(16)
      const body = Buffer.from(`${messageId ?? ''}\0`)
      const status = messageId === undefined ? 0xffffffff : 0
      writeHeader(header, 0, {
        length: 16 + body.length,
        commandId: COMMAND.submit_sm_resp,
        status,
        sequence: pdu.sequence,
      })
      socket.write(Buffer.concat([header, body]))
    })
    const gateway = createGateway(port, { window: 1 })
    await gateway.start()
    expect(await submitAndWait(gateway, makeRecipients(5))).toEqual([
      { kind: 'accepted', no: 0, messageIds: ['fine'] },
      { kind: 'accepted', no: 1, messageIds: [''] },
      { kind: 'accepted', no: 2, messageIds: [''] },
      { kind: 'accepted', no: 3, messageIds: [''] },
      { kind: 'refused', no: 4, code: 0xff, permanent: false },
    ])
    expect(gateway.counters().malformed).toBe(3)
  })

  test('do not stop the gateway when a listener fails', async () => {
    const { gateway, received } = await connectGateway()
    gateway.onReceipts(() => {
      throw new Error('listener')
    })
    expect(countKinds(await submitAndWait(gateway, makeRecipients(50)))).toEqual({ accepted: 50 })
    await waitUntil(() => received.receipts.length === 50)
    expect(gateway.state().state).toBe('bound')
  })
})

test('loses nobody and sends nobody twice with all faults at once on two links', async () => {
  const { smsc, gateway } = await connectGateway(
    {
      faults: {
        cutEvery: 150,
        dropResponses: 0.02,
        garbagePdus: 0.05,
        garbageBytes: 0.005,
        wrongSequence: 0.05,
        misnumbered: 0.02,
        reorderMs: 5,
        throttlePerSecond: 1000,
        doubleReceipts: true,
        unknownReceipts: true,
        intermediateReceipts: true,
      },
    },
    { links: 2, window: 20, responseTimeoutMs: 600 },
  )
  const outcomes = await submitAndWait(gateway, makeRecipients(600))
  const {
    accepted = 0,
    'unknown timeout': late = 0,
    'unknown linkLost': lost = 0,
  } = countKinds(outcomes.filter((one) => !isLate(one)))
  expect(accepted + late + lost).toBe(600)
  expectNobodyTwice(smsc)
  expectTrueIds(smsc, outcomes)
  smsc.setFaults({
    cutEvery: 0,
    dropResponses: 0,
    garbagePdus: 0,
    garbageBytes: 0,
    wrongSequence: 0,
    misnumbered: 0,
    reorderMs: 0,
    throttlePerSecond: 0,
  })
  await waitUntil(() => gateway.state().state === 'bound')
  expect(countKinds(await submitAndWait(gateway, makeRecipients(50, 5000)))).toEqual({ accepted: 50 })
})
