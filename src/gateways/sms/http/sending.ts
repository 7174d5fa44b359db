import {
  type GatewayLimits,
  type LocalisedText,
  referenceOf,
  type SmsMessage,
  type SmsRecipient,
  type SubmitControl,
  type SubmitOutcome,
} from '../../../deliveries/gateway.ts'
import { sleep } from '../../../platform/sleep.ts'
import { type GatewayLog, stackWithoutMessage } from '../log.ts'
import { type Bunching, createPacer, type Pacer } from '../pacing.ts'
import { SubmissionQueue } from '../queue.ts'
import type { HttpClientSettings, HttpTiming } from './client-settings.ts'
import { QUEUE_FULL, REFUSALS, type Refusal, THROTTLED } from './codes.ts'
import type { Connection } from './connection.ts'
import type { HttpCounts } from './counts.ts'
import { sendRequest } from './exchange.ts'
import type {
  BatchAnswer,
  HttpProvider,
  OutgoingMessage,
  OutgoingRecipient,
  ProviderAnswer,
  ProviderRequest,
  Verdict,
} from './provider.ts'
import { countUnwritten, type Job, takeBatch } from './queue.ts'

/** A request carries several recipients: it takes a lot of them to be worth it. */
export const BUNCHING: Bunching = { burstMs: 200, lotMs: 100, sporadicShare: 0 }

/** A request being made. */
interface Flight {
  readonly job: Job
  readonly batch: readonly number[]
  readonly startedAt: number
  readonly abort: AbortController
  /** True once its recipients were reported `unknown`: a response is now late. */
  isGivenUp: boolean
}

/** Interval of checks of the queue: expiry, unreachable provider. */
const WATCH_MS = 50
/** After so many refusals of our clock, the account counts as refused. */
const MAX_RESYNCS = 5
const UNKNOWN: Verdict = { unknown: true }
const E164 = /^\+[1-9]\d{5,14}$/
/** Characters allowed in a sender: letters of any language, no control character. */
const SENDER = /^[^\p{C}]{1,20}$/u

interface SendingDeps {
  readonly provider: HttpProvider
  readonly connection: Connection
  readonly counts: HttpCounts
  readonly timing: Partial<HttpTiming>
  readonly now: () => number
  readonly fetch: typeof globalThis.fetch
  readonly log: GatewayLog | undefined
}

/**
 * Sends messages by requests of several recipients: queues them, makes as many requests as window and rate allow, and
 * reports what each response means.
 */
export class Sending {
  readonly #name: string
  readonly #provider: HttpProvider
  readonly #connection: Connection
  readonly #counts: HttpCounts
  readonly #now: () => number
  readonly #fetch: typeof globalThis.fetch
  readonly #log: GatewayLog | undefined
  readonly #responseSeconds: number
  readonly #noLinkWaitMs: number
  readonly #throttleGiveUpMs: number
  readonly #lateMs: number
  readonly #queue = new SubmissionQueue<Job>()
  readonly #pacer: Pacer
  readonly #flights = new Set<Flight>()
  /** Messages with an open request. */
  #inFlight = 0
  /** Messages whose request has not timed out. */
  #awaited = 0
  /** Start of the current silence, while a response is awaited. */
  #silentSince = 0
  #watch: NodeJS.Timeout | undefined
  #whenIdle: (() => void) | undefined

  constructor(settings: HttpClientSettings, deps: SendingDeps) {
    const { provider, connection, counts, timing, now, fetch, log } = deps
    this.#name = settings.name
    this.#responseSeconds = settings.responseSeconds
    this.#provider = provider
    this.#connection = connection
    this.#counts = counts
    this.#now = now
    this.#fetch = fetch
    this.#log = log
    this.#noLinkWaitMs = timing.noLinkWaitMs ?? 1000
    this.#throttleGiveUpMs = timing.throttleGiveUpMs ?? 60_000
    this.#lateMs = timing.lateMs ?? 20_000
    const { window, partsPerSecond } = settings
    this.#pacer = createPacer({ window, partsPerSecond }, BUNCHING, () => this.sendWaiting())
  }

  get inFlight(): number {
    return this.#inFlight
  }

  get limits(): GatewayLimits {
    return this.#pacer.limits
  }

  /** Sets limits below the contract, or equal to it. */
  limit(limits: GatewayLimits): void {
    this.#pacer.limit(limits)
  }

  /** Returns for how long the provider has not responded, or has accepted nothing. */
  silentMs(): number {
    const clockMs = performance.now()
    // Requests that timed out may fill the window: the provider is then as silent as before.
    const isFull = this.#inFlight > 0 && this.#inFlight >= this.#pacer.limits.window
    const isAwaited = this.#awaited > 0 || (this.#queue.size > 0 && isFull)
    return Math.max(this.#pacer.stalledMs(clockMs), isAwaited ? clockMs - this.#silentSince : 0)
  }

  // ---- Submissions ----

  /** Sends one message to many, as `SmsGateway` says. */
  async submit(
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
    const abort = () => this.#abandonJob(job, 'stopped')
    if (signal?.aborted === true || !this.#connection.isRunning) abort()
    else {
      signal?.addEventListener('abort', abort, { once: true })
      if (this.#queue.size === 0) this.#connection.restartWait()
      this.#queue.add(job)
      this.#watch ??= setInterval(() => this.#watchQueue(), WATCH_MS)
      this.sendWaiting()
    }
    await promise
    signal?.removeEventListener('abort', abort)
  }

  /** Ends what was not sent yet. */
  abandonAll(): void {
    for (const job of this.#queue.list()) this.#abandonJob(job, 'stopped')
  }

  /** Resolves once no response is awaited any more, or after the time given. */
  async untilIdle(waitMs: number): Promise<void> {
    const idle = new Promise<void>((resolve) => {
      this.#whenIdle = resolve
      if (this.#awaited === 0) resolve()
    })
    await Promise.race([idle, sleep(waitMs, { unref: true })])
  }

  /** Cuts every open request and stops every timer. */
  close(): void {
    for (const flight of this.#flights) {
      if (!flight.isGivenUp) this.#giveUp(flight, 'linkLost', { key: 'link.http.stopped' })
      flight.abort.abort()
    }
    this.#pacer.stop()
    clearInterval(this.#watch)
  }

  /** Checks the queue: ends jobs that expired, and those that no provider will take. */
  #watchQueue(): void {
    if (this.#queue.size === 0) {
      clearInterval(this.#watch)
      this.#watch = undefined
      this.#pacer.forgetStall()
      return
    }
    const wallMs = this.#now()
    const clockMs = performance.now()
    const isLinkless = this.#connection.isLinkless(this.#noLinkWaitMs, clockMs)
    const isStalled = this.#pacer.stalledMs(clockMs) >= this.#throttleGiveUpMs
    for (const job of this.#queue.list()) {
      if (job.validUntilMs <= wallMs) this.#abandonJob(job, 'stopped')
      else if (isStalled) {
        const throttled = job.again.filter(({ index }) => job.throttledSince.has(index))
        for (const entry of throttled) {
          job.again.splice(job.again.indexOf(entry), 1)
          this.#refuseRecipient(job, entry.index, { code: THROTTLED, permanent: false })
        }
        this.#abandonJob(job, 'noLink')
      } else if (isLinkless) this.#abandonJob(job, 'noLink')
    }
    if (isStalled) this.#pacer.forgetStall()
    this.sendWaiting()
  }

  // ---- Requests ----

  /** Makes as many requests as there is room for. */
  sendWaiting(): void {
    for (;;) {
      const job = this.#queue.first
      if (job === undefined) return
      if (job.validUntilMs <= this.#now() || job.control.isHeld?.() === false) {
        this.#abandonJob(job, 'stopped')
        continue
      }
      if (!this.#connection.isUp || !this.#connection.isRunning) return
      if (countUnwritten(job) === 0) {
        this.#queue.remove(job)
        continue
      }
      const wanted = Math.min(this.#provider.batchSize, countUnwritten(job))
      const most = this.#pacer.room(wanted, job.parts, this.#inFlight, performance.now())
      if (most === 0) return
      const batch = takeBatch(job, most)
      if (countUnwritten(job) === 0) this.#queue.remove(job)
      void this.#sendBatch(job, batch)
    }
  }

  async #sendBatch(job: Job, batch: readonly number[]): Promise<void> {
    const { message, text, parts } = job
    const wallMs = this.#now()
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
      request = this.#provider.request(outgoing, recipients, wallMs)
    } catch (error) {
      // The text cannot be encoded, for example an unpaired surrogate in a URL.
      this.#log?.warn(
        { gateway: this.#name, where: stackWithoutMessage(error) },
        'a request could not be made',
      )
      for (const index of batch) this.#refuseRecipient(job, index, REFUSALS.message)
      return
    }
    const flight: Flight = {
      job,
      batch,
      startedAt: performance.now(),
      abort: new AbortController(),
      isGivenUp: false,
    }
    this.#flights.add(flight)
    if (this.#awaited === 0) this.#silentSince = flight.startedAt
    this.#inFlight += batch.length
    this.#awaited += batch.length
    this.#pacer.wrote(parts * batch.length)
    let timer = setTimeout(() => {
      this.#giveUp(flight, 'timeout', {
        key: 'link.http.timeout',
        values: { seconds: this.#responseSeconds },
      })
      timer = setTimeout(() => flight.abort.abort(), this.#lateMs)
    }, this.#responseSeconds * 1000)

    const result = await sendRequest(this.#fetch, request, flight.abort.signal)
    clearTimeout(timer)
    this.#flights.delete(flight)
    this.#inFlight -= batch.length
    if (result.kind === 'answer') {
      const answer = this.#readAnswer(result.answer, recipients)
      if (flight.isGivenUp) this.#answeredLate(flight, answer)
      else this.#answered(flight, answer)
    } else if (!flight.isGivenUp) {
      if (result.kind === 'notSent') this.#unreachable(flight, result.said)
      else {
        this.#counts.totals.linksLost++
        this.#giveUp(flight, 'linkLost', result.said)
      }
    }
    this.sendWaiting()
  }

  /** Reads a response; an unreadable one counts as none, since the request may have been accepted. */
  #readAnswer(answer: ProviderAnswer, recipients: readonly OutgoingRecipient[]): BatchAnswer {
    try {
      return this.#provider.read(answer, recipients, this.#now())
    } catch (error) {
      this.#log?.warn(
        { gateway: this.#name, where: stackWithoutMessage(error) },
        'an answer could not be read',
      )
      return { kind: 'unknown', said: { key: 'link.http.unreadable' } }
    }
  }

  /** Removes a request from the window; called once per request. */
  #endFlight({ job, batch, startedAt }: Flight, end: 'answered' | 'unanswered' | 'notSent'): void {
    const size = job.parts * batch.length
    const clockMs = performance.now()
    this.#awaited -= batch.length
    if (end !== 'notSent') this.#counts.totals.submitted += size
    if (end === 'answered') {
      this.#silentSince = clockMs
      this.#counts.totals.answerMs += (clockMs - startedAt) * size
    }
    if (this.#awaited === 0) this.#whenIdle?.()
  }

  #giveUp(flight: Flight, reason: 'timeout' | 'linkLost', said: LocalisedText): void {
    const { job, batch } = flight
    flight.isGivenUp = true
    this.#endFlight(flight, 'unanswered')
    this.#connection.lastError = said
    this.#counts.totals.unanswered += job.parts * batch.length
    for (const index of batch) this.#settleRecipient(job, { kind: 'unknown', no: noOf(job, index), reason })
  }

  #unreachable(flight: Flight, said: LocalisedText): void {
    this.#endFlight(flight, 'notSent')
    this.#connection.goDown({ isUp: false, said, isAccount: false })
    for (const index of flight.batch) this.#notSent(flight.job, index, 'noLink')
  }

  #answered(flight: Flight, answer: BatchAnswer): void {
    const { job, batch } = flight
    const size = job.parts * batch.length
    switch (answer.kind) {
      case 'each': {
        this.#endFlight(flight, 'answered')
        for (const [at, index] of batch.entries()) {
          this.#concludeOne(job, index, answer.verdicts[at] ?? UNKNOWN)
        }
        return
      }
      case 'refused':
        this.#refused(flight, answer)
        return
      case 'split':
        this.#endFlight(flight, 'answered')
        if (batch.length > 1) this.#sendAgain(job, batch, true)
        else {
          this.#counts.countRefusal(size, REFUSALS.refused.code)
          this.#refuseRecipient(job, batch[0] as number, REFUSALS.refused)
        }
        return
      case 'throttled':
        this.#endFlight(flight, 'answered')
        this.#throttled(job, batch, answer.code, answer.retryAfterMs)
        return
      case 'resync':
        this.#resync(flight)
        return
      case 'unknown':
        this.#silentSince = performance.now()
        this.#giveUp(flight, 'linkLost', answer.said)
        if (answer.retryAfterMs !== undefined) {
          this.#pacer.throttled(this.#inFlight, performance.now(), answer.retryAfterMs)
        }
    }
  }

  #refused(flight: Flight, answer: Extract<BatchAnswer, { readonly kind: 'refused' }>): void {
    const { job, batch } = flight
    this.#endFlight(flight, 'answered')
    this.#counts.countRefusal(job.parts * batch.length, answer.refusal.code)
    if (answer.said !== undefined) {
      this.#connection.lastError = answer.said
      if (answer.isAccount) this.#connection.goDown({ isUp: false, said: answer.said, isAccount: true })
    }
    for (const index of batch) this.#refuseRecipient(job, index, answer.refusal)
  }

  /** Sends again after the clock is set, unless the provider refused the time too often. */
  #resync(flight: Flight): void {
    const { job, batch } = flight
    this.#endFlight(flight, 'answered')
    if (++job.resyncs > MAX_RESYNCS) {
      this.#counts.countRefusal(job.parts * batch.length, REFUSALS.account.code)
      for (const index of batch) this.#refuseRecipient(job, index, REFUSALS.account)
      return
    }
    this.#connection.goDown({ isUp: false, said: { key: 'link.http.clock' }, isAccount: false })
    this.#sendAgain(job, batch, false)
  }

  #concludeOne(job: Job, index: number, verdict: Verdict): void {
    job.throttledSince.delete(index)
    if ('accepted' in verdict) {
      this.#counts.totals.accepted += job.parts
      this.#pacer.accepted(1)
      this.#settleRecipient(job, { kind: 'accepted', no: noOf(job, index), messageIds: verdict.accepted })
    } else if ('unknown' in verdict) {
      this.#counts.totals.unanswered += job.parts
      this.#connection.lastError = { key: 'link.http.unreadable' }
      this.#settleRecipient(job, { kind: 'unknown', no: noOf(job, index), reason: 'linkLost' })
    } else {
      this.#counts.countRefusal(job.parts, verdict.refused.code)
      this.#refuseRecipient(job, index, verdict.refused)
    }
  }

  #throttled(job: Job, batch: readonly number[], code: number, retryAfterMs: number | undefined): void {
    const clockMs = performance.now()
    this.#counts.totals.throttled += job.parts * batch.length
    this.#pacer.throttled(this.#inFlight, clockMs, retryAfterMs)
    this.#connection.lastError = { key: code === QUEUE_FULL ? 'link.http.queue_full' : 'link.http.throttled' }
    const again: number[] = []
    for (const index of batch) {
      const since = job.throttledSince.get(index) ?? clockMs
      if (clockMs - since >= this.#throttleGiveUpMs) {
        job.throttledSince.delete(index)
        this.#refuseRecipient(job, index, { code, permanent: false })
      } else {
        job.throttledSince.set(index, since)
        again.push(index)
      }
    }
    if (again.length > 0) this.#sendAgain(job, again, batch.length === 1)
  }

  /** Handles a response after `unknown`: only a definite outcome corrects it. */
  #answeredLate({ job, batch }: Flight, answer: BatchAnswer): void {
    if (answer.kind === 'unknown') return
    for (const [at, index] of batch.entries()) {
      const no = noOf(job, index)
      const verdict = toVerdict(answer, at)
      if ('accepted' in verdict) {
        this.#counts.totals.accepted += job.parts
        this.#reportOutcome(job, { kind: 'accepted', no, messageIds: verdict.accepted, late: true })
      } else if ('refused' in verdict) {
        this.#counts.countRefusal(job.parts, verdict.refused.code)
        this.#reportOutcome(job, { kind: 'refused', no, ...verdict.refused, late: true })
      }
    }
  }

  // ---- Outcomes ----

  #reportOutcome(job: Job, outcome: SubmitOutcome): void {
    try {
      job.onOutcome(outcome)
    } catch (error) {
      this.#log?.warn(
        { gateway: this.#name, where: stackWithoutMessage(error) },
        'an outcome listener failed',
      )
    }
  }

  #settleRecipient(job: Job, outcome: SubmitOutcome): void {
    this.#reportOutcome(job, outcome)
    job.pending--
    if (job.pending === 0) {
      this.#queue.remove(job)
      job.done()
    }
  }

  #notSent(job: Job, index: number, reason: 'stopped' | 'noLink'): void {
    this.#settleRecipient(job, { kind: 'notSent', no: noOf(job, index), reason })
  }

  #refuseRecipient(job: Job, index: number, { code, permanent }: Refusal): void {
    this.#settleRecipient(job, { kind: 'refused', no: noOf(job, index), code, permanent })
  }

  /** Ends all recipients not sent yet. */
  #abandonJob(job: Job, reason: 'stopped' | 'noLink'): void {
    this.#queue.remove(job)
    job.isAbandoned = true
    const first = job.next
    job.next = job.recipients.length
    for (const { index } of job.again.splice(0)) this.#notSent(job, index, reason)
    for (let index = first; index < job.recipients.length; index++) this.#notSent(job, index, reason)
  }

  /** Queues recipients again, or ends them when their job is over. */
  #sendAgain(job: Job, indexes: readonly number[], isAlone: boolean): void {
    if (job.isAbandoned) {
      for (const index of indexes) this.#notSent(job, index, 'stopped')
      return
    }
    job.again.push(...indexes.map((index) => ({ index, isAlone })))
    this.#queue.add(job)
    this.#watch ??= setInterval(() => this.#watchQueue(), WATCH_MS)
  }
}

function noOf(job: Job, index: number): number {
  return (job.recipients[index] as SmsRecipient).no
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
