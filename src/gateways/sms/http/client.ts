import {
  type GatewayState,
  type GatewayTotals,
  referenceOf,
  type Said,
  type SmsInbound,
  type SmsMessage,
  type SmsReceipt,
  type SmsRecipient,
  type SubmitControl,
  type SubmitOutcome,
  type SubmittedMessage,
} from '../../../deliveries/gateway.ts'
import { type Bunching, createPacer } from '../pacing.ts'
import { QUEUE_FULL, REFUSALS, type Refusal, THROTTLED } from './codes.ts'
import { exchange } from './exchange.ts'
import type {
  BatchAnswer,
  Health,
  HttpProvider,
  OutgoingMessage,
  OutgoingRecipient,
  ProviderAnswer,
  ProviderRequest,
  Verdict,
  WebhookGateway,
} from './provider.ts'
import { type Job, SubmissionQueue, takeBatch, waiting } from './queue.ts'
import { handleWebhook } from './webhook.ts'

/** A request carries several recipients: it takes a lot of them to be worth it. */
export const BUNCHING: Bunching = { burstMs: 200, lotMs: 100 }

export interface HttpClientSettings {
  readonly name: string
  /** Maximum messages without a response. */
  readonly window: number
  readonly partsPerSecond?: number | undefined
  /** Timeout of a request, after which its messages are in doubt. */
  readonly responseSeconds: number
}

interface Log {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
}

/** Delays in milliseconds, which tests shorten. */
export interface HttpTiming {
  /** Time that messages wait for an unreachable provider before they are `notSent`; default 1,000. */
  readonly noLinkWaitMs: number
  /** Time for which a throttled message is sent again before it is refused; default 60,000. */
  readonly throttleGiveUpMs: number
  /**
   * Interval between probes of a provider that is down; default 2,000. Ten times as long when the account is
   * refused.
   */
  readonly probeMs: number
  /**
   * Time that a late response is still awaited; default 20,000. The request occupies its place in the window
   * meanwhile; after that time most messages in doubt have been sent again.
   */
  readonly lateMs: number
}

export interface HttpGatewayDeps {
  /** Wall clock in milliseconds; default `Date.now`. */
  readonly now?: () => number
  /** Returns a number in [0, 1) for jitter; default `Math.random`. */
  readonly random?: () => number
  /** Never receives a phone number, a text, a secret or a whole URL. */
  readonly log?: Log
  readonly fetch?: typeof globalThis.fetch
  readonly timing?: Partial<HttpTiming>
}

type Listener<T> = (value: T) => void | Promise<void>

/** A request being made. */
interface Flight {
  readonly job: Job
  readonly batch: readonly number[]
  readonly startedAt: number
  readonly abort: AbortController
  /** True once its recipients were reported `unknown`: a response is now late. */
  isGivenUp: boolean
}

/** Maximum time that `start` waits for the first probe. */
const START_WAIT_MS = 1000
/** Interval of checks of the queue: expiry, unreachable provider. */
const WATCH_MS = 50
/** After so many refusals of our clock, the account counts as refused. */
const MAX_RESYNCS = 5
/** Maximum concurrent queries and cancellations. */
const ASKS_AT_ONCE = 4
const UNKNOWN: Verdict = { unknown: true }
const E164 = /^\+[1-9]\d{5,14}$/
/** Characters allowed in a sender: letters of any language, no control character. */
const SENDER = /^[^\p{C}]{1,20}$/u

/**
 * Makes a gateway of an HTTP provider: requests of up to `batchSize` recipients, as many at once as the window
 * allows.
 *
 * - No response in time: `unknown` `timeout`; the response is awaited for a while more and reported as late, and
 *   keeps its place in the window: a provider that hangs never has more open requests than it allows. Connection
 *   cut once the request may have been sent, or a server error: `unknown` `linkLost`. Neither is sent again here.
 * - No connection (name, route, refused, certificate): `notSent` `noLink`, and the gateway is down. A cheap
 *   request every two seconds detects when it is up again. Messages waiting meanwhile are `notSent` after a
 *   second.
 * - 429 is not an outcome: everything pauses for the time that the provider requests, then continues with fewer
 *   messages in flight, growing as they are accepted. After a minute of it a message is refused. 503 with
 *   `Retry-After` also pauses, and leaves its own messages in doubt.
 * - A request refused as a whole, possibly because of one recipient, is sent again with one recipient per request.
 * - A refused account (401, 403): refused temporarily, and the gateway is down until a probe succeeds.
 * - After `validUntil`, unsent messages are `notSent` `stopped`.
 * - Providers split long texts themselves and return one id per message, whatever its parts.
 */
export function createHttpClient(
  settings: HttpClientSettings,
  provider: HttpProvider,
  deps: HttpGatewayDeps = {},
): WebhookGateway {
  const { name, responseSeconds } = settings
  const { now = Date.now, random = Math.random, log, fetch = globalThis.fetch } = deps
  const {
    noLinkWaitMs = 1000,
    throttleGiveUpMs = 60_000,
    probeMs = 2000,
    lateMs = 20_000,
  } = deps.timing ?? {}
  const contract = { window: settings.window, partsPerSecond: settings.partsPerSecond }

  const queue = new SubmissionQueue()
  const pacer = createPacer(contract, BUNCHING, sendWaiting)
  const flights = new Set<Flight>()
  const receiptListeners: Listener<readonly SmsReceipt[]>[] = []
  const inboundListeners: Listener<SmsInbound>[] = []
  const counts = {
    submitted: 0,
    accepted: 0,
    refused: 0,
    throttled: 0,
    unanswered: 0,
    receipts: 0,
    linksLost: 0,
    answerMs: 0,
  }
  const refusals: Record<number, number> = {}

  let phase: 'new' | 'running' | 'stopping' | 'stopped' = 'new'
  let isUp = false
  let isTried = false
  let downSince = performance.now()
  let lastError: Said | undefined
  /** Messages with an open request. */
  let inFlight = 0
  /** Those whose request has not timed out. */
  let awaited = 0
  /** Start of the current silence, while a response is awaited. */
  let silentSince = 0
  let watch: NodeJS.Timeout | undefined
  let probeTimer: NodeJS.Timeout | undefined
  let probing: Promise<void> | undefined
  const stopping = new AbortController()
  /** Promises of listeners and queries that are still pending. */
  const held = new Set<Promise<unknown>>()
  let whenIdle: (() => void) | undefined

  // ---- Outcomes ----

  function reportOutcome(job: Job, outcome: SubmitOutcome): void {
    try {
      job.onOutcome(outcome)
    } catch (error) {
      log?.warn({ gateway: name, where: stackWithoutMessage(error) }, 'an outcome listener failed')
    }
  }

  function settleRecipient(job: Job, outcome: SubmitOutcome): void {
    reportOutcome(job, outcome)
    job.pending--
    if (job.pending === 0) {
      queue.remove(job)
      job.done()
    }
  }

  function noOf(job: Job, index: number): number {
    return (job.recipients[index] as SmsRecipient).no
  }

  function notSent(job: Job, index: number, reason: 'stopped' | 'noLink'): void {
    settleRecipient(job, { kind: 'notSent', no: noOf(job, index), reason })
  }

  function refuseRecipient(job: Job, index: number, { code, permanent }: Refusal): void {
    settleRecipient(job, { kind: 'refused', no: noOf(job, index), code, permanent })
  }

  function countRefusal(parts: number, code: number): void {
    counts.refused += parts
    refusals[code] = (refusals[code] ?? 0) + parts
  }

  /** Ends all recipients not sent yet. */
  function abandonJob(job: Job, reason: 'stopped' | 'noLink'): void {
    queue.remove(job)
    job.isAbandoned = true
    const first = job.next
    job.next = job.recipients.length
    for (const { index } of job.again.splice(0)) notSent(job, index, reason)
    for (let index = first; index < job.recipients.length; index++) notSent(job, index, reason)
  }

  /** Queues recipients again, or ends them when their job is over. */
  function sendAgain(job: Job, indexes: readonly number[], isAlone: boolean): void {
    if (job.isAbandoned) {
      for (const index of indexes) notSent(job, index, 'stopped')
      return
    }
    job.again.push(...indexes.map((index) => ({ index, isAlone })))
    queue.add(job)
    watch ??= setInterval(watchQueue, WATCH_MS)
  }

  // ---- Sending ----

  function sendWaiting(): void {
    for (;;) {
      const job = queue.first
      if (job === undefined) return
      if (job.validUntilMs <= now() || job.control.isHeld?.() === false) {
        abandonJob(job, 'stopped')
        continue
      }
      if (!isUp || phase !== 'running') return
      if (waiting(job) === 0) {
        queue.remove(job)
        continue
      }
      const wanted = Math.min(provider.batchSize, waiting(job))
      const most = pacer.room(wanted, job.parts, inFlight, performance.now())
      if (most === 0) return
      const batch = takeBatch(job, most)
      if (waiting(job) === 0) queue.remove(job)
      void sendBatch(job, batch)
    }
  }

  async function sendBatch(job: Job, batch: readonly number[]): Promise<void> {
    const { message, text, parts } = job
    const wallMs = now()
    const outgoing: OutgoingMessage = {
      sender: message.sender,
      text,
      encoding: message.segmentation.encoding,
      parts,
      lane: message.lane,
      validitySeconds: Math.max(1, Math.floor((job.validUntilMs - wallMs) / 1000)),
    }
    const recipients = batch.map((index): OutgoingRecipient => {
      const recipient = job.recipients[index] as SmsRecipient
      return { ...recipient, reference: referenceOf(message, recipient.no) }
    })
    let request: ProviderRequest
    try {
      request = provider.request(outgoing, recipients, wallMs)
    } catch (error) {
      // The text cannot be encoded, for example an unpaired surrogate in a URL.
      log?.warn({ gateway: name, where: stackWithoutMessage(error) }, 'a request could not be made')
      for (const index of batch) refuseRecipient(job, index, REFUSALS.message)
      return
    }
    const flight: Flight = {
      job,
      batch,
      startedAt: performance.now(),
      abort: new AbortController(),
      isGivenUp: false,
    }
    flights.add(flight)
    if (awaited === 0) silentSince = flight.startedAt
    inFlight += batch.length
    awaited += batch.length
    pacer.wrote(parts * batch.length)
    let timer = setTimeout(() => {
      giveUp(flight, 'timeout', { key: 'link.http.timeout', values: { seconds: responseSeconds } })
      timer = setTimeout(() => flight.abort.abort(), lateMs)
    }, responseSeconds * 1000)

    const result = await exchange(fetch, request, flight.abort.signal)
    clearTimeout(timer)
    flights.delete(flight)
    inFlight -= batch.length
    if (result.kind === 'answer') {
      const answer = readAnswer(result.answer, recipients)
      if (flight.isGivenUp) answeredLate(flight, answer)
      else answered(flight, answer)
    } else if (!flight.isGivenUp) {
      if (result.kind === 'notSent') unreachable(flight, result.said)
      else {
        counts.linksLost++
        giveUp(flight, 'linkLost', result.said)
      }
    }
    sendWaiting()
  }

  /** Reads a response; an unreadable one counts as none, since the request may have been accepted. */
  function readAnswer(answer: ProviderAnswer, recipients: readonly OutgoingRecipient[]): BatchAnswer {
    try {
      return provider.read(answer, recipients, now())
    } catch (error) {
      log?.warn({ gateway: name, where: stackWithoutMessage(error) }, 'an answer could not be read')
      return { kind: 'unknown', said: { key: 'link.http.unreadable' } }
    }
  }

  /** Removes a request from the window; called once per request. */
  function endFlight({ job, batch, startedAt }: Flight, end: 'answered' | 'unanswered' | 'notSent'): void {
    const size = job.parts * batch.length
    const clockMs = performance.now()
    awaited -= batch.length
    if (end !== 'notSent') counts.submitted += size
    if (end === 'answered') {
      silentSince = clockMs
      counts.answerMs += (clockMs - startedAt) * size
    }
    if (awaited === 0) whenIdle?.()
  }

  function giveUp(flight: Flight, reason: 'timeout' | 'linkLost', said: Said): void {
    const { job, batch } = flight
    flight.isGivenUp = true
    endFlight(flight, 'unanswered')
    lastError = said
    counts.unanswered += job.parts * batch.length
    for (const index of batch) settleRecipient(job, { kind: 'unknown', no: noOf(job, index), reason })
  }

  function unreachable(flight: Flight, said: Said): void {
    endFlight(flight, 'notSent')
    goDown({ isUp: false, said, isAccount: false })
    for (const index of flight.batch) notSent(flight.job, index, 'noLink')
  }

  function answered(flight: Flight, answer: BatchAnswer): void {
    const { job, batch } = flight
    const size = job.parts * batch.length
    switch (answer.kind) {
      case 'each': {
        endFlight(flight, 'answered')
        for (const [at, index] of batch.entries()) {
          concludeOne(job, index, answer.verdicts[at] ?? UNKNOWN)
        }
        return
      }
      case 'refused':
        endFlight(flight, 'answered')
        countRefusal(size, answer.refusal.code)
        if (answer.said !== undefined) lastError = answer.said
        if (answer.isAccount && answer.said !== undefined) {
          goDown({ isUp: false, said: answer.said, isAccount: true })
        }
        for (const index of batch) refuseRecipient(job, index, answer.refusal)
        return
      case 'split':
        endFlight(flight, 'answered')
        if (batch.length > 1) sendAgain(job, batch, true)
        else {
          countRefusal(size, REFUSALS.refused.code)
          refuseRecipient(job, batch[0] as number, REFUSALS.refused)
        }
        return
      case 'throttled':
        endFlight(flight, 'answered')
        throttled(job, batch, answer.code, answer.retryAfterMs)
        return
      case 'resync': {
        endFlight(flight, 'answered')
        if (++job.resyncs > MAX_RESYNCS) {
          countRefusal(size, REFUSALS.account.code)
          for (const index of batch) refuseRecipient(job, index, REFUSALS.account)
          return
        }
        goDown({ isUp: false, said: { key: 'link.http.clock' }, isAccount: false })
        sendAgain(job, batch, false)
        return
      }
      case 'unknown':
        silentSince = performance.now()
        giveUp(flight, 'linkLost', answer.said)
        if (answer.retryAfterMs !== undefined) {
          pacer.throttled(inFlight, performance.now(), answer.retryAfterMs)
        }
    }
  }

  function concludeOne(job: Job, index: number, verdict: Verdict): void {
    job.throttledSince.delete(index)
    if ('accepted' in verdict) {
      counts.accepted += job.parts
      pacer.accepted(1)
      settleRecipient(job, { kind: 'accepted', no: noOf(job, index), messageIds: verdict.accepted })
    } else if ('unknown' in verdict) {
      counts.unanswered += job.parts
      lastError = { key: 'link.http.unreadable' }
      settleRecipient(job, { kind: 'unknown', no: noOf(job, index), reason: 'linkLost' })
    } else {
      countRefusal(job.parts, verdict.refused.code)
      refuseRecipient(job, index, verdict.refused)
    }
  }

  function throttled(
    job: Job,
    batch: readonly number[],
    code: number,
    retryAfterMs: number | undefined,
  ): void {
    const clockMs = performance.now()
    counts.throttled += job.parts * batch.length
    pacer.throttled(inFlight, clockMs, retryAfterMs)
    lastError = { key: code === QUEUE_FULL ? 'link.http.queue_full' : 'link.http.throttled' }
    const again: number[] = []
    for (const index of batch) {
      const since = job.throttledSince.get(index) ?? clockMs
      if (clockMs - since >= throttleGiveUpMs) {
        job.throttledSince.delete(index)
        refuseRecipient(job, index, { code, permanent: false })
      } else {
        job.throttledSince.set(index, since)
        again.push(index)
      }
    }
    if (again.length > 0) sendAgain(job, again, batch.length === 1)
  }

  /** Handles a response after `unknown`: only a definite outcome corrects it. */
  function answeredLate({ job, batch }: Flight, answer: BatchAnswer): void {
    if (answer.kind === 'unknown') return
    for (const [at, index] of batch.entries()) {
      const no = noOf(job, index)
      const verdict = toVerdict(answer, at)
      if ('accepted' in verdict) {
        counts.accepted += job.parts
        reportOutcome(job, { kind: 'accepted', no, messageIds: verdict.accepted, late: true })
      } else if ('refused' in verdict) {
        countRefusal(job.parts, verdict.refused.code)
        reportOutcome(job, { kind: 'refused', no, ...verdict.refused, late: true })
      }
    }
  }

  // ---- Up and down ----

  function goDown(health: Health & { readonly isUp: false }): void {
    lastError = health.said
    if (phase !== 'running') return
    const isClock = health.said.key === 'link.http.clock'
    if (isUp) downSince = performance.now()
    if (isUp && !isClock) {
      counts.linksLost++
      log?.warn({ gateway: name, reason: health.said.key, ...health.said.values }, 'HTTP provider down')
    }
    isUp = false
    isTried = true
    clearTimeout(probeTimer)
    const most = health.isAccount ? probeMs * 10 : probeMs
    probeTimer = setTimeout(probe, isClock ? 0 : most * (0.5 + random() / 2))
    probeTimer.unref()
  }

  function goUp(said: Said | undefined): void {
    isTried = true
    lastError = said
    if (!isUp && phase === 'running') log?.info({ gateway: name }, 'HTTP provider up')
    isUp = true
    sendWaiting()
  }

  function probe(): Promise<void> {
    probing ??= runProbes().finally(() => {
      probing = undefined
    })
    return probing
  }

  async function runProbes(): Promise<void> {
    let said: Said | undefined
    for (const { request, read } of provider.probes) {
      const timeout = AbortSignal.timeout(responseSeconds * 1000)
      const result = await exchange(fetch, request(now()), AbortSignal.any([timeout, stopping.signal]))
      if (phase !== 'running') return
      const health: Health =
        result.kind === 'answer'
          ? read(result.answer, now())
          : { isUp: false, said: result.said, isAccount: false }
      if (!health.isUp) return goDown(health)
      said = health.said ?? said
    }
    goUp(said)
  }

  /** Checks the queue: ends jobs that expired, and those that no provider will take. */
  function watchQueue(): void {
    if (queue.size === 0) {
      clearInterval(watch)
      watch = undefined
      pacer.forgetStall()
      return
    }
    const wallMs = now()
    const clockMs = performance.now()
    const isLinkless = !isUp && clockMs - downSince >= noLinkWaitMs
    const isStalled = pacer.stalledMs(clockMs) >= throttleGiveUpMs
    for (const job of queue.list()) {
      if (job.validUntilMs <= wallMs) abandonJob(job, 'stopped')
      else if (isStalled) {
        const told = job.again.filter(({ index }) => job.throttledSince.has(index))
        for (const entry of told) {
          job.again.splice(job.again.indexOf(entry), 1)
          refuseRecipient(job, entry.index, { code: THROTTLED, permanent: false })
        }
        abandonJob(job, 'noLink')
      } else if (isLinkless) abandonJob(job, 'noLink')
    }
    if (isStalled) pacer.forgetStall()
    sendWaiting()
  }

  async function submit(
    message: SmsMessage,
    recipients: readonly SmsRecipient[],
    onOutcome: (outcome: SubmitOutcome) => void,
    control: SubmitControl = {},
  ): Promise<void> {
    // Outcomes never arrive before `submit` has returned.
    await Promise.resolve()
    const valid = SENDER.test(message.sender) ? recipients.filter(({ phone }) => E164.test(phone)) : []
    if (valid.length < recipients.length) {
      const isSender = !SENDER.test(message.sender)
      for (const { no, phone } of recipients) {
        if (!isSender && E164.test(phone)) continue
        const refusal = isSender ? REFUSALS.sender : REFUSALS.number
        onOutcome({ kind: 'refused', no, ...refusal })
      }
    }
    if (valid.length === 0) return
    const { promise, resolve } = Promise.withResolvers<void>()
    const job: Job = {
      message,
      text: message.segmentation.parts.join(''),
      parts: message.segmentation.parts.length,
      recipients: valid,
      validUntilMs: message.validUntil.getTime(),
      onOutcome,
      control,
      done: resolve,
      next: 0,
      isAbandoned: false,
      again: [],
      throttledSince: new Map(),
      resyncs: 0,
      pending: valid.length,
    }
    const { signal } = control
    const abort = () => abandonJob(job, 'stopped')
    if (signal?.aborted === true || phase !== 'running') abort()
    else {
      signal?.addEventListener('abort', abort, { once: true })
      // Earlier messages waited for a link lost long ago; these have their own time to wait.
      if (queue.size === 0 && !isUp) downSince = performance.now()
      queue.add(job)
      watch ??= setInterval(watchQueue, WATCH_MS)
      sendWaiting()
    }
    await promise
    signal?.removeEventListener('abort', abort)
  }

  // ---- Receiving ----

  /**
   * Passes received values to the listeners. @returns true when all of them succeeded; false when one failed or
   * there is none.
   */
  async function passToListeners<T>(listeners: readonly Listener<T>[], value: T): Promise<boolean> {
    if (listeners.length === 0 || phase === 'stopped') return false
    try {
      await Promise.all(listeners.map(async (listener) => listener(value)))
      return true
    } catch (error) {
      log?.warn({ gateway: name, where: stackWithoutMessage(error) }, 'a gateway listener failed')
      return false
    }
  }

  function handReceipts(receipts: readonly SmsReceipt[]): Promise<boolean> {
    counts.receipts += receipts.length
    return passToListeners(receiptListeners, receipts)
  }

  async function trackPending<T>(promise: Promise<T>): Promise<T> {
    held.add(promise)
    try {
      return await promise
    } finally {
      held.delete(promise)
    }
  }

  // ---- Asking ----

  /** Makes one request per message, a few at a time; failed ones are left out. */
  async function queryEach(
    messages: readonly SubmittedMessage[],
    request: (message: SubmittedMessage, nowMs: number) => ProviderRequest,
    heard: (answer: ProviderAnswer, message: SubmittedMessage) => void,
  ): Promise<void> {
    const rest = messages.values()
    async function walk(): Promise<void> {
      for (const message of rest) {
        if (phase !== 'running' || !isUp) return
        const timeout = AbortSignal.timeout(responseSeconds * 1000)
        const signal = AbortSignal.any([timeout, stopping.signal])
        const result = await exchange(fetch, request(message, now()), signal)
        if (result.kind === 'answer') heard(result.answer, message)
      }
    }
    await trackPending(Promise.all(Array.from({ length: ASKS_AT_ONCE }, walk)))
  }

  const { query, cancel } = provider

  return {
    name,
    kind: provider.kind,
    simulated: false,
    submit,
    limit: (limits) => pacer.limit(limits),
    totals: (): GatewayTotals => ({ ...counts, refusals: { ...refusals } }),
    onReceipts: (listener) => void receiptListeners.push(listener),
    onInbound: (listener) => void inboundListeners.push(listener),

    state(): GatewayState {
      const isStopped = phase === 'new' || phase === 'stopped'
      const state = isStopped ? 'stopped' : isUp ? 'bound' : isTried ? 'down' : 'connecting'
      const clockMs = performance.now()
      // Requests that timed out may fill the window: the provider is then as silent as before.
      const isFull = inFlight > 0 && inFlight >= pacer.limits.window
      const isAwaited = awaited > 0 || (queue.size > 0 && isFull)
      const silentMs = Math.max(pacer.stalledMs(clockMs), isAwaited ? clockMs - silentSince : 0)
      return { name, state, inFlight, ...pacer.limits, silentMs, lastError }
    },

    ...(query === undefined
      ? {}
      : {
          async query(messages: readonly SubmittedMessage[]) {
            const receipts: SmsReceipt[] = []
            await queryEach(messages, query.request, (answer, message) => {
              const receipt = query.read(answer, message)
              if (receipt !== undefined) receipts.push({ gateway: name, ...receipt })
            })
            if (receipts.length > 0) await trackPending(handReceipts(receipts))
          },
        }),

    ...(cancel === undefined
      ? {}
      : {
          cancel: (messages: readonly SubmittedMessage[], onCancelled: (no: number) => void) =>
            queryEach(messages, cancel.request, (answer, { no }) => {
              if (cancel.read(answer)) onCancelled(no)
            }),
        }),

    webhook: {
      path: `/api/gateways/${encodeURIComponent(name)}/webhook`,
      handle: (request) =>
        trackPending(
          handleWebhook(name, provider.webhook, request, {
            receipts: handReceipts,
            inbound: (message) => passToListeners(inboundListeners, message),
          }),
        ),
    },

    /** Resolves once the first probe has ended, or after a second. Never rejects. */
    async start() {
      if (phase !== 'new') return
      phase = 'running'
      downSince = performance.now()
      await Promise.race([probe(), sleep(START_WAIT_MS)])
    },

    async stop(graceMs) {
      if (phase === 'stopping' || phase === 'stopped') return
      phase = 'stopping'
      clearTimeout(probeTimer)
      for (const job of queue.list()) abandonJob(job, 'stopped')
      const deadline = performance.now() + graceMs
      const idle = new Promise<void>((resolve) => {
        whenIdle = resolve
        if (awaited === 0) resolve()
      })
      await Promise.race([idle, sleep(graceMs)])
      await Promise.race([Promise.allSettled(held), sleep(Math.max(0, deadline - performance.now()))])
      stopping.abort()
      for (const flight of flights) {
        if (!flight.isGivenUp) giveUp(flight, 'linkLost', { key: 'link.http.stopped' })
        flight.abort.abort()
      }
      pacer.stop()
      clearInterval(watch)
      phase = 'stopped'
    },
  }
}

/**
 * Converts the response to a whole request into the verdict on one recipient. Throttling and the like become
 * temporary refusals.
 */
function toVerdict(answer: Exclude<BatchAnswer, { kind: 'unknown' }>, at: number): Verdict {
  switch (answer.kind) {
    case 'each':
      return answer.verdicts[at] ?? UNKNOWN
    case 'refused':
      return { refused: answer.refusal }
    case 'throttled':
      return { refused: { code: answer.code, permanent: false } }
    default:
      return { refused: REFUSALS.refused }
  }
}

/** Returns the stack of an error without its message, which may contain a number or a text. */
function stackWithoutMessage(error: unknown): string {
  const frames =
    error instanceof Error ? (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line)) : []
  return frames.slice(0, 5).join('\n')
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref()
  })
}
