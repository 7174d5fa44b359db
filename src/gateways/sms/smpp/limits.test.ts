import { readFileSync } from 'node:fs'
import type net from 'node:net'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { describe, expect, test } from 'vitest'
import {
  connectGateway,
  countKinds,
  createGateway,
  listDestinations,
  makeMessage,
  makeRecipients,
  startProvider,
  submitAndWait,
  waitUntil,
} from '../../../../test/support/smpp.ts'
import type { SmsReceipt, SubmitOutcome, SubmittedMessage } from '../../../deliveries/gateway.ts'
import en from '../../../i18n/en.json' with { type: 'json' }
import { formatMessage } from '../../../i18n/format.ts'
import fr from '../../../i18n/fr.json' with { type: 'json' }
import type { Smsc } from '../simulator/smsc.ts'
import { encodePdu } from './pdu/pdu.ts'

/** Returns the most submissions that the provider accepted in one second. */
function mostInASecond(smsc: Smsc): number {
  const times = [...smsc.log()].map(({ at }) => Date.parse(at))
  return Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + 1000).length))
}

describe('the rate', () => {
  test.each([
    { partsPerSecond: 40, count: 90, links: 1 },
    { partsPerSecond: 40, count: 90, links: 3 },
    { partsPerSecond: 400, count: 800, links: 2 },
  ])('of the settings holds over all links: %j', async ({ partsPerSecond, count, links }) => {
    const { smsc, gateway } = await connectGateway({}, { partsPerSecond, links })
    const delay = monitorEventLoopDelay({ resolution: 1 })
    delay.enable()
    const startedAt = performance.now()
    expect(countKinds(await submitAndWait(gateway, makeRecipients(count)))).toEqual({ accepted: count })
    const seconds = (performance.now() - startedAt) / 1000
    delay.disable()
    const burst = Math.max(1, partsPerSecond / 20)
    expect(gateway.state().partsPerSecond).toBe(partsPerSecond)
    // A read of the provider may be delayed until the next one: by a twentieth of a second, or as long as this process
    // was not run on a busy machine.
    const late = Math.max(0.05, delay.max / 1e9)
    expect(mostInASecond(smsc)).toBeLessThanOrEqual(partsPerSecond * (1 + late) + burst)
    expect(seconds).toBeGreaterThan((count - burst) / partsPerSecond - 0.1)
    // With half of the rate no second would have as many, and a busy machine seldom delays all of them.
    expect(mostInASecond(smsc)).toBeGreaterThan(partsPerSecond * 0.5 + burst)
  })

  test('counts parts, including throttled ones', async () => {
    const { smsc, gateway } = await connectGateway({ faults: { queueFull: true } }, { partsPerSecond: 60 })
    const sent = submitAndWait(gateway, makeRecipients(20), makeMessage('a'.repeat(400)))
    await new Promise((resolve) => setTimeout(resolve, 150))
    smsc.setFaults({ queueFull: false })
    const startedAt = performance.now()
    expect(countKinds(await sent)).toEqual({ accepted: 20 })
    expect(performance.now() - startedAt).toBeGreaterThan(900)
    expect(mostInASecond(smsc)).toBeLessThanOrEqual(66)
  })

  test('works below one per second and applies a change at once', async () => {
    const { smsc, gateway } = await connectGateway({}, { partsPerSecond: 1000 })
    gateway.limit({ partsPerSecond: 0.05, window: 100 })
    const sent = submitAndWait(gateway, makeRecipients(30))
    await waitUntil(() => smsc.state().accepted > 0)
    // The simulator counts a message before the gateway has read its response.
    await expect.poll(() => gateway.state()).toMatchObject({ partsPerSecond: 0.05, silentMs: 0 })
    expect(smsc.state().accepted).toBe(1)
    gateway.limit({ partsPerSecond: undefined, window: 100 })
    expect(gateway.state().partsPerSecond).toBe(1000)
    // At the former rate they would take ten minutes, longer than a test may.
    expect(countKinds(await sent)).toEqual({ accepted: 30 })
  })

  test('sends a vital alert before waiting messages', async () => {
    const { smsc, gateway } = await connectGateway({}, { partsPerSecond: 50 })
    const bulk = submitAndWait(gateway, makeRecipients(40), makeMessage('bulk', { lane: 'service' }))
    await waitUntil(() => smsc.state().accepted > 5)
    await submitAndWait(gateway, makeRecipients(5, 1000), makeMessage('vital', { lane: 'vital' }))
    expect(smsc.state().accepted).toBeLessThan(20)
    await bulk
  })
})

describe('the window', () => {
  test('applies over all links and to a changed limit at once', async () => {
    const { gateway } = await connectGateway({ faults: { latencyMs: 15 } }, { links: 3, window: 10 })
    expect(gateway.state().window).toBe(30)
    let most = 0
    const outcomes: SubmitOutcome[] = []
    const watch = setInterval(() => {
      most = Math.max(most, gateway.state().inFlight)
    }, 1)
    gateway.limit({ partsPerSecond: undefined, window: 7 })
    await gateway.submit(makeMessage(), makeRecipients(100), (outcome) => outcomes.push(outcome))
    expect(most).toBe(7)
    expect(gateway.state().window).toBe(7)
    gateway.limit({ partsPerSecond: undefined, window: 1000 })
    await gateway.submit(makeMessage(), makeRecipients(100, 200), (outcome) => outcomes.push(outcome))
    clearInterval(watch)
    expect(most).toBe(30)
    expect(countKinds(outcomes)).toEqual({ accepted: 200 })
  })

  test('serves links in turn when it is smaller than their number', async () => {
    const bySocket = new Map<net.Socket, number>()
    const port = await startProvider((socket, { command, sequence }) => {
      if (command !== 'submit_sm') return
      bySocket.set(socket, (bySocket.get(socket) ?? 0) + 1)
      const pdu = encodePdu({ command: 'submit_sm_resp', status: 0, sequence, messageId: 'a' })
      setTimeout(() => socket.write(pdu), 1)
    })
    const gateway = createGateway(port, { links: 4, window: 10 })
    await gateway.start()
    gateway.limit({ partsPerSecond: undefined, window: 2 })
    expect(countKinds(await submitAndWait(gateway, makeRecipients(80)))).toEqual({ accepted: 80 })
    expect(bySocket.size).toBe(4)
    expect(Math.min(...bySocket.values())).toBeGreaterThan(5)
  })
})

describe('a job no longer held', () => {
  test('is not written, checked once per burst and message', async () => {
    const { smsc, gateway } = await connectGateway({ faults: { latencyMs: 20 } }, { window: 10 })
    let isHeld = true
    let asked = 0
    const lost = submitAndWait(gateway, makeRecipients(100), makeMessage('lost'), {
      isHeld: () => {
        asked++
        return isHeld
      },
    })
    const kept = submitAndWait(gateway, makeRecipients(20, 200), makeMessage('kept'), { isHeld: () => true })
    await waitUntil(() => smsc.state().accepted === 20)
    expect(asked).toBeGreaterThanOrEqual(2)
    // One check per burst, and those of the queue: not one per recipient.
    expect(asked).toBeLessThan(15)
    isHeld = false
    const { accepted = 0, 'notSent stopped': stopped = 0 } = countKinds(await lost)
    expect(accepted + stopped).toBe(100)
    expect(accepted).toBeLessThanOrEqual(20)
    expect(countKinds(await kept)).toEqual({ accepted: 20 })
    expect([...smsc.log()].filter(({ text }) => text === 'lost')).toHaveLength(accepted)
  })

  test('ends without waiting for a link', async () => {
    const { smsc, gateway } = await connectGateway(
      {},
      // Longer than a test may take.
      { noLinkWaitMs: 3_600_000, reconnect: { minMs: 3_600_000, maxMs: 3_600_000 } },
    )
    smsc.cut()
    await waitUntil(() => gateway.state().state !== 'bound')
    let isHeld = true
    const sent = submitAndWait(gateway, makeRecipients(10), makeMessage(), { isHeld: () => isHeld })
    isHeld = false
    expect(countKinds(await sent)).toEqual({ 'notSent stopped': 10 })
  })

  test('is checked again within a burst after the process was frozen', async () => {
    const { smsc, gateway } = await connectGateway({}, { window: 1000 })
    let asked = 0
    const numbers = makeRecipients(1000)
    const frozen = numbers.map((one, i) => {
      if (i !== 300) return one
      // Called when the number is written: simulates a frozen process at that point.
      return Object.defineProperty({ ...one }, 'phone', {
        get() {
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 30)
          return one.phone
        },
      })
    })
    const outcomes = await submitAndWait(gateway, frozen, makeMessage(), { isHeld: () => asked++ === 0 })
    const { accepted = 0, 'notSent stopped': stopped = 0 } = countKinds(outcomes)
    expect(accepted + stopped).toBe(1000)
    expect(accepted).toBeGreaterThan(300)
    expect(accepted).toBeLessThanOrEqual(300 + 64)
    expect(smsc.state().accepted).toBe(accepted)
  })

  test('leaves a partly sent message in doubt, with the ids of its sent parts', async () => {
    const { smsc, gateway } = await connectGateway({ faults: { latencyMs: 20 } }, { window: 1 })
    let isHeld = true
    const sent = submitAndWait(gateway, makeRecipients(3), makeMessage('a'.repeat(400)), {
      isHeld: () => isHeld,
    })
    await waitUntil(() => smsc.state().accepted === 1)
    isHeld = false
    const outcomes = await sent
    expect(smsc.state().accepted).toBe(1)
    const [entry] = smsc.log()
    expect(outcomes.find(({ no }) => no === 0)).toEqual({
      kind: 'unknown',
      no: 0,
      reason: 'linkLost',
      messageIds: [entry?.messageId, undefined, undefined],
    })
    expect(countKinds(outcomes)).toEqual({ 'unknown linkLost': 1, 'notSent stopped': 2 })
  })

  test('is not sent again after throttling, on a new link, or when the check fails', async () => {
    const { smsc, gateway } = await connectGateway({ faults: { queueFull: true } })
    let isHeld = true
    const throttled = submitAndWait(gateway, makeRecipients(10), makeMessage('a'), { isHeld: () => isHeld })
    await waitUntil(() => gateway.counters().throttled > 0)
    isHeld = false
    smsc.setFaults({ queueFull: false })
    expect(countKinds(await throttled)).toEqual({ 'notSent stopped': 10 })
    smsc.cut()
    await waitUntil(() => gateway.totals().linksLost === 1)
    const linkless = submitAndWait(gateway, makeRecipients(10), makeMessage('a'), { isHeld: () => false })
    expect(countKinds(await linkless)).toEqual({ 'notSent stopped': 10 })
    await waitUntil(() => gateway.state().state === 'bound')
    const failing = submitAndWait(gateway, makeRecipients(10), makeMessage('a'), {
      isHeld: () => {
        throw new Error('unknown')
      },
    })
    expect(countKinds(await failing)).toEqual({ 'notSent stopped': 10 })
    expect(smsc.state().accepted).toBe(0)
  })
})

describe('counters', () => {
  test('count every written part once', async () => {
    const { smsc, gateway, received } = await connectGateway(
      {
        faults: { dropResponses: 0.1, latencyMs: 5, throttlePerSecond: 2000, failingPrefixes: ['336399800'] },
      },
      { responseTimeoutMs: 400, window: 50 },
    )
    const startedAt = performance.now()
    await submitAndWait(gateway, makeRecipients(200), makeMessage('a'.repeat(200)))
    const wholeMs = performance.now() - startedAt
    const { submitted, accepted, refused, throttled, unanswered, answerMs, refusals } = gateway.totals()
    expect(accepted + refused + throttled + unanswered).toBe(submitted)
    expect(smsc.state()).toMatchObject({ accepted: accepted + unanswered })
    expect(refusals).toEqual({ 11: refused })
    expect(refused).toBeGreaterThan(0)
    expect(answerMs / accepted).toBeGreaterThan(3)
    expect(answerMs / accepted).toBeLessThan(wholeMs)
    await waitUntil(() => received.receipts.length === smsc.state().accepted)
    expect(gateway.totals().receipts).toBe(received.receipts.length)
    expect(gateway.totals().linksLost).toBe(0)
    smsc.cut()
    await waitUntil(() => gateway.totals().linksLost === 1)
    // The response times of a closed link are kept.
    expect(gateway.totals().answerMs).toBe(answerMs)
  })

  test('measure silence since the last response or the oldest pending submission', async () => {
    const waiting: (() => void)[] = []
    const port = await startProvider((socket, { command, sequence }) => {
      if (command !== 'submit_sm') return
      const id = `${sequence}`
      waiting.push(() =>
        socket.write(encodePdu({ command: 'submit_sm_resp', status: 0, sequence, messageId: id })),
      )
    })
    const gateway = createGateway(port, { window: 2, enquireLinkSeconds: 0.05 })
    await gateway.start()
    const startedAt = performance.now()
    await new Promise((resolve) => setTimeout(resolve, 100))
    const idleMs = performance.now() - startedAt
    const sent = submitAndWait(gateway, makeRecipients(3))
    await waitUntil(() => waiting.length === 2)
    // The silence begins with the submission, not with the link.
    expect(gateway.state().silentMs).toBeLessThan(performance.now() - startedAt - idleMs + 1)
    // Responses to enquire_link do not end the silence.
    await waitUntil(() => gateway.state().silentMs > 150)
    expect(gateway.counters().linksLost).toBe(0)
    waiting[0]?.()
    await waitUntil(() => gateway.state().silentMs < 60)
    await waitUntil(() => gateway.state().silentMs > 100)
    await waitUntil(() => waiting.length === 3)
    waiting[1]?.()
    waiting[2]?.()
    await sent
    expect(gateway.state().silentMs).toBe(0)
  })

  test('a delayed process reads pending responses before it reports a timeout', async () => {
    const port = await startProvider((socket, { command, sequence }) => {
      if (command !== 'submit_sm') return
      socket.write(encodePdu({ command: 'submit_sm_resp', status: 0, sequence, messageId: 'a' }))
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400)
    })
    const gateway = createGateway(port, { responseTimeoutMs: 200, enquireLinkSeconds: 0.1 })
    await gateway.start()
    expect(countKinds(await submitAndWait(gateway, makeRecipients(1)))).toEqual({ accepted: 1 })
    expect(gateway.counters()).toMatchObject({ lateAnswers: 0, linksLost: 0 })
  })
})

describe('query_sm and cancel_sm', () => {
  const asked = (no: number, messageId: string): SubmittedMessage => ({
    no,
    messageId,
    sender: 'ALERTE63',
    phone: makeRecipients(1, no)[0]?.phone as string,
  })

  test('are not sent when the provider does not support them', async () => {
    const { gateway } = await connectGateway()
    expect('query' in gateway || 'cancel' in gateway).toBe(false)
  })

  test('return receipts, and nothing for an unknown id', async () => {
    const { smsc, gateway, received } = await connectGateway(
      { faults: { noReceipts: true } },
      { query: true },
    )
    smsc.setHandset('33639980001', { state: 'off' })
    smsc.setHandset('33639980002', { state: 'memoryFull' })
    await submitAndWait(gateway, makeRecipients(60))
    const ids = [...smsc.log()].map(({ messageId }) => messageId)
    await gateway.query?.([...ids.map((id, no) => asked(no, id)), asked(7, 'FFFF'), asked(8, 'a'.repeat(80))])
    expect(received.receipts).toHaveLength(60)
    const receiptOf = new Map(received.receipts.map((one) => [one.messageId, one]))
    const expected = (no: number, state: SmsReceipt['state']) => ({
      gateway: 'test',
      messageId: ids[no],
      state,
      phone: makeRecipients(1, no)[0]?.phone,
      errorCode: 0,
      reference: undefined,
    })
    expect(receiptOf.get(ids[0] as string)).toEqual(expected(0, 'delivered'))
    expect(receiptOf.get(ids[1] as string)).toEqual(expected(1, 'enroute'))
    expect(receiptOf.get(ids[2] as string)).toEqual(expected(2, 'undeliverable'))
  })

  test('cancel an undelivered message, once', async () => {
    const { smsc, gateway, received } = await connectGateway({}, { cancel: true })
    smsc.setHandset('33639980001', { state: 'off' })
    await submitAndWait(gateway, makeRecipients(3))
    const messages = [...smsc.log()].map(({ messageId }, no) => asked(no, messageId))
    const cancelled: number[] = []
    await gateway.cancel?.(messages, (no) => cancelled.push(no))
    expect(cancelled).toEqual([1])
    await gateway.cancel?.(messages, (no) => cancelled.push(no))
    expect(cancelled).toEqual([1])
    await waitUntil(() => received.receipts.some(({ state }) => state === 'deleted'))
    expect(smsc.handset('33639980001')).toMatchObject({ waiting: 0, messages: [] })
  })

  test('are at most ten at once, within the window of each link, beside submissions', async () => {
    const openBySocket = new Map<net.Socket, number>()
    let most = 0
    let queries = 0
    let queriesOpen = 0
    let mostQueries = 0
    const port = await startProvider((socket, { command, sequence }) => {
      if (command !== 'submit_sm' && command !== 'query_sm') return
      const open = (openBySocket.get(socket) ?? 0) + 1
      openBySocket.set(socket, open)
      most = Math.max(most, open)
      if (command === 'query_sm') {
        queries++
        mostQueries = Math.max(mostQueries, ++queriesOpen)
      }
      const later = () => {
        openBySocket.set(socket, (openBySocket.get(socket) as number) - 1)
        if (command === 'query_sm') queriesOpen--
        socket.write(
          command === 'submit_sm'
            ? encodePdu({ command: 'submit_sm_resp', status: 0, sequence, messageId: 'a' })
            : encodePdu({
                command: 'query_sm_resp',
                status: 0,
                sequence,
                messageId: 'a',
                finalDate: '',
                messageState: 2,
                errorCode: 0,
              }),
        )
      }
      setTimeout(later, 3)
    })
    const gateway = createGateway(port, { links: 2, window: 8, query: true })
    await gateway.start()
    const sent = submitAndWait(gateway, makeRecipients(100))
    await Promise.all([
      sent,
      gateway.query?.(Array.from({ length: 50 }, (_, no) => asked(no, 'a'))),
      gateway.query?.(Array.from({ length: 50 }, (_, no) => asked(no, 'b'))),
    ])
    expect(queries).toBe(100)
    expect(most).toBeLessThanOrEqual(8)
    expect(mostQueries).toBeLessThanOrEqual(10)
  })

  test('end when no link returns', async () => {
    const sockets = new Set<net.Socket>()
    const port = await startProvider((socket) => void sockets.add(socket))
    const gateway = createGateway(port, {
      query: true,
      window: 1,
      // Longer than a test may take.
      reconnect: { minMs: 3_600_000, maxMs: 3_600_000 },
    })
    await gateway.start()
    const asking = gateway.query?.(Array.from({ length: 30 }, (_, no) => asked(no, 'a')))
    for (const socket of sockets) socket.destroy()
    await asking
  })

  test('end on a timeout, a lost link and a stop', async () => {
    const sockets = new Set<net.Socket>()
    const port = await startProvider((socket, { command, sequence }) => {
      sockets.add(socket)
      if (command === 'submit_sm') {
        socket.write(encodePdu({ command: 'submit_sm_resp', status: 0, sequence, messageId: 'a' }))
      }
    })
    const gateway = createGateway(port, { query: true, cancel: true, responseTimeoutMs: 150 })
    const receipts: SmsReceipt[] = []
    gateway.onReceipts((batch) => void receipts.push(...batch))
    await gateway.start()
    const many = Array.from({ length: 15 }, (_, no) => asked(no, 'a'))
    await gateway.query?.(many)
    const cut = gateway.query?.(many)
    for (const socket of sockets) socket.destroy()
    await cut
    await gateway.query?.(many)
    await waitUntil(() => gateway.state().state === 'bound')
    expect(countKinds(await submitAndWait(gateway, makeRecipients(5)))).toEqual({ accepted: 5 })
    const stopped = gateway.cancel?.(many, () => receipts.push({} as SmsReceipt))
    await gateway.stop(0)
    await stopped
    expect(receipts).toEqual([])
  })
})

test('every reason of a lost link has a text in both languages', () => {
  const source = readFileSync(new URL('./session/session.ts', import.meta.url), 'utf8')
  const keys = [...new Set([...source.matchAll(/'(link\.\w+)'/g)].map(([, key]) => key as string))]
  expect(keys.length).toBeGreaterThan(10)
  for (const key of keys) expect(Object.hasOwn(fr, key) && Object.hasOwn(en, key), key).toBe(true)
  expect(formatMessage('fr', 'link.refused', { name: 'ESME_RINVPASWD' })).toBe(
    'mot de passe refusé (ESME_RINVPASWD)',
  )
  expect(formatMessage('en', 'link.refused', { name: '0x00000400' })).toBe(
    'connection refused by the provider (0x00000400)',
  )
})

test('writes nothing twice with a rate, a small window and several lanes', async () => {
  const { smsc, gateway } = await connectGateway(
    { faults: { reorderMs: 10 } },
    { links: 2, partsPerSecond: 500 },
  )
  gateway.limit({ partsPerSecond: 300, window: 9 })
  const lanes = ['reminder', 'vital', 'follow_up'] as const
  await Promise.all(
    lanes.map((lane, i) => submitAndWait(gateway, makeRecipients(60, i * 100), makeMessage(lane, { lane }))),
  )
  expect(listDestinations(smsc)).toHaveLength(180)
  expect(new Set(listDestinations(smsc)).size).toBe(180)
})
