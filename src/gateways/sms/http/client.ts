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
  /** Messages unanswered at once. */
  readonly window: number
  readonly partsPerSecond?: number | undefined
  /** After which a request without an answer leaves its messages in doubt. */
  readonly responseSeconds: number
}

interface Log {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
}

/** Waits in milliseconds, for tests to shorten. */
export interface HttpTiming {
  /** How long messages wait for a provider that cannot be reached before they are `notSent`; default 1,000. */
  readonly noLinkWaitMs: number
  /** How long a message is sent again under throttling before it is refused; default 60,000. */
  readonly throttleGiveUpMs: number
  /** Between probes of a provider that is down; default 2,000. One whose account is refused: ten times as long. */
  readonly probeMs: number
  /**
   * How long an answer that is late is still waited for; default 20,000. Its request keeps its place in the window
   * meanwhile; later than that, most of what is in doubt has been sent again.
   */
  readonly lateMs: number
}

export interface HttpGatewayDeps {
  /** Wall clock in milliseconds; default `Date.now`. */
  readonly now?: () => number
  /** In [0, 1), for jitter; default `Math.random`. */
  readonly random?: () => number
  /** Never given a phone number, a text, a secret nor a whole address. */
  readonly log?: Log
  readonly fetch?: typeof globalThis.fetch
  readonly timing?: Partial<HttpTiming>
}

type Listener<T> = (value: T) => void | Promise<void>

/** One request under way. */
interface Flight {
  readonly job: Job
  readonly batch: readonly number[]
  readonly startedAt: number
  readonly abort: AbortController
  /** Its recipients have been told `unknown`: what comes now is late. */
  isGivenUp: boolean
}

/** `start` waits for a first probe for so long at most. */
const START_WAIT_MS = 1000
/** How often what waits is looked at: expiry, no link. */
const WATCH_MS = 50
/** After which a clock that the provider does not like counts as an account that it does not like. */
const MAX_RESYNCS = 5
/** Questions and cancellations under way at once. */
const ASKS_AT_ONCE = 4
const UNKNOWN: Verdict = { unknown: true }
const E164 = /^\+[1-9]\d{5,14}$/
/** What may stand in a request as it is: letters of any language, no control character. */
const SENDER = /^[^\p{C}]{1,20}$/u

/**
 * An HTTP provider as a gateway: requests of up to `batchSize` recipients, as many under way as the window allows.
 *
 * - No answer in time: `unknown` `timeout`; the answer is waited for a while more and told as late, in its place of
 *   the window: a provider that hangs never has more requests open than it allows. Connection cut once the request may
 *   have left, or a server error: `unknown` `linkLost`. Neither is sent again here.
 * - No connection (name, route, refused, certificate): `notSent` `noLink`, and the gateway is down. A cheap request
 *   every two seconds brings it back. What waits meanwhile is `notSent` after a second.
 * - 429 is no outcome: everything pauses for as long as the provider says, then goes on with fewer messages in flight,
 *   growing back as they are accepted. After a minute of it a message is refused. 503 with `Retry-After` pauses too, and
 *   leaves its own messages in doubt.
 * - A request refused as a whole for what may be one of its recipients is sent again, one recipient a request.
 * - An account refused (401, 403): refused for now, and the gateway is down until a probe passes.
 * - Past `validUntil`, what has not been written is `notSent` `stopped`.
 * - Providers cut long texts themselves and give one id a message, whatever its parts.
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
  const pacer = createPacer(contract, BUNCHING, pump)
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
  /** Messages whose request is open. */
  let inFlight = 0
  /** Those of them that are not given up. */
  let awaited = 0
  /** Since when nothing has been answered, while something is awaited. */
  let silentSince = 0
  let watch: NodeJS.Timeout | undefined
  let probeTimer: NodeJS.Timeout | undefined
  let probing: Promise<void> | undefined
  const stopping = new AbortController()
  /** What listeners and asks still hold. */
  const held = new Set<Promise<unknown>>()
  let whenIdle: (() => void) | undefined

  // ---- Outcomes ----

  function tell(job: Job, outcome: SubmitOutcome): void {
    try {
      job.onOutcome(outcome)
    } catch (error) {
      log?.warn({ gateway: name, where: whereFailed(error) }, 'an outcome listener failed')
    }
  }

  function settle(job: Job, outcome: SubmitOutcome): void {
    tell(job, outcome)
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
    settle(job, { kind: 'notSent', no: noOf(job, index), reason })
  }

  function refuse(job: Job, index: number, { code, permanent }: Refusal): void {
    settle(job, { kind: 'refused', no: noOf(job, index), code, permanent })
  }

  function countRefusal(parts: number, code: number): void {
    counts.refused += parts
    refusals[code] = (refusals[code] ?? 0) + parts
  }

  /** Ends what has not been written. */
  function abandon(job: Job, reason: 'stopped' | 'noLink'): void {
    queue.remove(job)
    job.isAbandoned = true
    const first = job.next
    job.next = job.recipients.length
    for (const { index } of job.again.splice(0)) notSent(job, index, reason)
    for (let index = first; index < job.recipients.length; index++) notSent(job, index, reason)
  }

  /** Back into the queue, or ended when its job is. */
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

  function pump(): void {
    for (;;) {
      const job = queue.first
      if (job === undefined) return
      if (job.validUntilMs <= now() || job.control.isHeld?.() === false) {
        abandon(job, 'stopped')
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
      void send(job, batch)
    }
  }

  async function send(job: Job, batch: readonly number[]): Promise<void> {
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
      // A text that cannot be written, as half a surrogate pair in an address.
      log?.warn({ gateway: name, where: whereFailed(error) }, 'a request could not be made')
      for (const index of batch) refuse(job, index, REFUSALS.message)
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
    pump()
  }

  /** An answer that cannot be read is no answer: its request may have been taken. */
  function readAnswer(answer: ProviderAnswer, recipients: readonly OutgoingRecipient[]): BatchAnswer {
    try {
      return provider.read(answer, recipients, now())
    } catch (error) {
      log?.warn({ gateway: name, where: whereFailed(error) }, 'an answer could not be read')
      return { kind: 'unknown', said: { key: 'link.http.unreadable' } }
    }
  }

  /** Once a flight: it is awaited no more. */
  function leave({ job, batch, startedAt }: Flight, end: 'answered' | 'unanswered' | 'notSent'): void {
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
    leave(flight, 'unanswered')
    lastError = said
    counts.unanswered += job.parts * batch.length
    for (const index of batch) settle(job, { kind: 'unknown', no: noOf(job, index), reason })
  }

  function unreachable(flight: Flight, said: Said): void {
    leave(flight, 'notSent')
    goDown({ isUp: false, said, isAccount: false })
    for (const index of flight.batch) notSent(flight.job, index, 'noLink')
  }

  function answered(flight: Flight, answer: BatchAnswer): void {
    const { job, batch } = flight
    const size = job.parts * batch.length
    switch (answer.kind) {
      case 'each': {
        leave(flight, 'answered')
        for (const [at, index] of batch.entries()) {
          concludeOne(job, index, answer.verdicts[at] ?? UNKNOWN)
        }
        return
      }
      case 'refused':
        leave(flight, 'answered')
        countRefusal(size, answer.refusal.code)
        if (answer.said !== undefined) lastError = answer.said
        if (answer.isAccount && answer.said !== undefined) {
          goDown({ isUp: false, said: answer.said, isAccount: true })
        }
        for (const index of batch) refuse(job, index, answer.refusal)
        return
      case 'split':
        leave(flight, 'answered')
        if (batch.length > 1) sendAgain(job, batch, true)
        else {
          countRefusal(size, REFUSALS.refused.code)
          refuse(job, batch[0] as number, REFUSALS.refused)
        }
        return
      case 'throttled':
        leave(flight, 'answered')
        throttled(job, batch, answer.code, answer.retryAfterMs)
        return
      case 'resync': {
        leave(flight, 'answered')
        if (++job.resyncs > MAX_RESYNCS) {
          countRefusal(size, REFUSALS.account.code)
          for (const index of batch) refuse(job, index, REFUSALS.account)
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
      settle(job, { kind: 'accepted', no: noOf(job, index), messageIds: verdict.accepted })
    } else if ('unknown' in verdict) {
      counts.unanswered += job.parts
      lastError = { key: 'link.http.unreadable' }
      settle(job, { kind: 'unknown', no: noOf(job, index), reason: 'linkLost' })
    } else {
      countRefusal(job.parts, verdict.refused.code)
      refuse(job, index, verdict.refused)
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
        refuse(job, index, { code, permanent: false })
      } else {
        job.throttledSince.set(index, since)
        again.push(index)
      }
    }
    if (again.length > 0) sendAgain(job, again, batch.length === 1)
  }

  /** After `unknown`: only what is sure corrects it. */
  function answeredLate({ job, batch }: Flight, answer: BatchAnswer): void {
    if (answer.kind === 'unknown') return
    for (const [at, index] of batch.entries()) {
      const no = noOf(job, index)
      const verdict = verdictOf(answer, at)
      if ('accepted' in verdict) {
        counts.accepted += job.parts
        tell(job, { kind: 'accepted', no, messageIds: verdict.accepted, late: true })
      } else if ('refused' in verdict) {
        countRefusal(job.parts, verdict.refused.code)
        tell(job, { kind: 'refused', no, ...verdict.refused, late: true })
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
    pump()
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

  /** Looks after what waits: jobs that expire, and those that no provider will take. */
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
      if (job.validUntilMs <= wallMs) abandon(job, 'stopped')
      else if (isStalled) {
        const told = job.again.filter(({ index }) => job.throttledSince.has(index))
        for (const entry of told) {
          job.again.splice(job.again.indexOf(entry), 1)
          refuse(job, entry.index, { code: THROTTLED, permanent: false })
        }
        abandon(job, 'noLink')
      } else if (isLinkless) abandon(job, 'noLink')
    }
    if (isStalled) pacer.forgetStall()
    pump()
  }

  async function submit(
    message: SmsMessage,
    recipients: readonly SmsRecipient[],
    onOutcome: (outcome: SubmitOutcome) => void,
    control: SubmitControl = {},
  ): Promise<void> {
    // Outcomes never come before `submit` has returned.
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
    const abort = () => abandon(job, 'stopped')
    if (signal?.aborted === true || phase !== 'running') abort()
    else {
      signal?.addEventListener('abort', abort, { once: true })
      // A link lost long ago has been waited for by others; these wait their own time.
      if (queue.size === 0 && !isUp) downSince = performance.now()
      queue.add(job)
      watch ??= setInterval(watchQueue, WATCH_MS)
      pump()
    }
    await promise
    signal?.removeEventListener('abort', abort)
  }

  // ---- Receiving ----

  /**
   * Gives what came to listeners. @returns whether all have done with it; false when there is nobody to take it.
   */
  async function hand<T>(listeners: readonly Listener<T>[], value: T): Promise<boolean> {
    if (listeners.length === 0 || phase === 'stopped') return false
    try {
      await Promise.all(listeners.map(async (listener) => listener(value)))
      return true
    } catch (error) {
      log?.warn({ gateway: name, where: whereFailed(error) }, 'a gateway listener failed')
      return false
    }
  }

  function handReceipts(receipts: readonly SmsReceipt[]): Promise<boolean> {
    counts.receipts += receipts.length
    return hand(receiptListeners, receipts)
  }

  async function hold<T>(promise: Promise<T>): Promise<T> {
    held.add(promise)
    try {
      return await promise
    } finally {
      held.delete(promise)
    }
  }

  // ---- Asking ----

  /** One request a message, a few at a time; those that fail are left out. */
  async function ask(
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
    await hold(Promise.all(Array.from({ length: ASKS_AT_ONCE }, walk)))
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
      // What was given up leaves no room for what waits: the provider is as silent as before.
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
            await ask(messages, query.request, (answer, message) => {
              const receipt = query.read(answer, message)
              if (receipt !== undefined) receipts.push({ gateway: name, ...receipt })
            })
            if (receipts.length > 0) await hold(handReceipts(receipts))
          },
        }),

    ...(cancel === undefined
      ? {}
      : {
          cancel: (messages: readonly SubmittedMessage[], onCancelled: (no: number) => void) =>
            ask(messages, cancel.request, (answer, { no }) => {
              if (cancel.read(answer)) onCancelled(no)
            }),
        }),

    webhook: {
      path: `/api/gateways/${encodeURIComponent(name)}/webhook`,
      handle: (request) =>
        hold(
          handleWebhook(name, provider.webhook, request, {
            receipts: handReceipts,
            inbound: (message) => hand(inboundListeners, message),
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
      for (const job of queue.list()) abandon(job, 'stopped')
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

/** What a whole answer says of one of its recipients. Throttled and the like are late refusals for now. */
function verdictOf(answer: Exclude<BatchAnswer, { kind: 'unknown' }>, at: number): Verdict {
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

/** Where an error was thrown, without its message, which may hold a number or a text. */
function whereFailed(error: unknown): string {
  const frames =
    error instanceof Error ? (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line)) : []
  return frames.slice(0, 5).join('\n')
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref()
  })
}
