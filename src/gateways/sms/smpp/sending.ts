import {
  type GatewayLimits,
  referenceOf,
  type SmsMessage,
  type SmsRecipient,
  type SubmitControl,
  type SubmitEnding,
  type SubmitOutcome,
} from '../../../deliveries/gateway.ts'
import { type GatewayLog, stackWithoutMessage } from '../log.ts'
import { type Bunching, createPacer, type Pacer } from '../pacing.ts'
import { SubmissionQueue } from '../queue.ts'
import type { SmppCounts } from './counts.ts'
import { createOutcomes, hasFailed, type Outcomes, type PartTracker } from './outcomes.ts'
import { explainStatus, statusCode } from './pdu/codes.ts'
import type { Pdu } from './pdu/pdu.ts'
import { type Job, throttleKey } from './queue.ts'
import { Asks, type Question } from './session/asks.ts'
import { DEFAULT_WINDOW, type Link, type Links } from './session/links.ts'
import type { SmppSession } from './session/session.ts'
import type { SmppGatewaySettings } from './settings.ts'
import { type Addressing, encodeSubmission } from './submission.ts'

/** A connection writes what it has at each turn: small lots keep the rate even. */
export const BUNCHING: Bunching = { burstMs: 50, lotMs: 5, sporadicShare: 0.05 }

const INVALID_SOURCE = statusCode('ESME_RINVSRCADR')
const INVALID_DESTINATION = statusCode('ESME_RINVDSTADR')

/**
 * Number of writes between readings of the clock within a burst, and a time that no burst takes: the process was
 * frozen.
 */
const WRITES_A_LOOK = 64
const FROZEN_MS = 100
/** Interval of checks of the queue: expiry, no link. */
const WATCH_MS = 50
/**
 * Time after a stop in which a partly sent message may be finished: including the time to notice the stop, less
 * than a second.
 */
const FINISH_MS = 400

interface SendingDeps {
  readonly addressing: Addressing
  readonly links: Links<Job>
  readonly counts: SmppCounts
  /** Wall clock in milliseconds, for validity. */
  readonly now: () => number
  readonly random: () => number
  readonly log: GatewayLog | undefined
}

/**
 * Sends submissions and questions on the links: queues them, writes them within window and rate, and reports one outcome
 * per recipient. Nothing is allocated per recipient except its outcome.
 */
export class Sending {
  readonly #settings: SmppGatewaySettings
  readonly #addressing: Addressing
  readonly #links: Links<Job>
  readonly #counts: SmppCounts
  readonly #now: () => number
  readonly #log: GatewayLog | undefined
  readonly #noLinkWaitMs: number
  readonly #throttleGiveUpMs: number
  readonly #queue = new SubmissionQueue<Job>()
  readonly #asks = new Asks()
  readonly #pacer: Pacer
  readonly #outcomes: Outcomes
  #inFlight = 0
  /** Index of the link served first when they share a limit: each in turn. */
  #firstSender = 0
  #watch: NodeJS.Timeout | undefined
  #whenIdle: (() => void) | undefined

  constructor(settings: SmppGatewaySettings, deps: SendingDeps) {
    const { addressing, links, counts, now, random, log } = deps
    this.#settings = settings
    this.#addressing = addressing
    this.#links = links
    this.#counts = counts
    this.#now = now
    this.#log = log
    this.#noLinkWaitMs = settings.noLinkWaitMs ?? 1000
    this.#throttleGiveUpMs = settings.throttleGiveUpMs ?? 60_000
    const { window = DEFAULT_WINDOW, partsPerSecond } = settings
    this.#pacer = createPacer({ window: links.senders.length * window, partsPerSecond }, BUNCHING, () =>
      this.fillAllLinks(),
    )
    this.#outcomes = createOutcomes(
      (job, outcome) => this.#settleRecipient(job, outcome),
      (job, outcome) => this.#reportOutcome(job, outcome),
      Math.floor(random() * 256),
    )
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

  /** Returns for how long the provider has not responded to submissions, or has accepted none. */
  silentMs(): number {
    const clockMs = performance.now()
    const stalledMs = this.#pacer.stalledMs(clockMs)
    return this.#inFlight === 0 ? stalledMs : Math.max(stalledMs, this.#links.unansweredMs(clockMs))
  }

  // ---- Submissions ----

  /** Sends one message to many, as `SmsGateway` says. */
  async submit(
    message: SmsMessage,
    recipients: readonly SmsRecipient[],
    onOutcome: (outcome: SubmitOutcome) => void,
    { signal, isHeld }: SubmitControl = {},
  ): Promise<void> {
    const encoder = encodeSubmission(message, this.#settings.concatenation ?? 'udh', this.#addressing)
    // Outcomes never arrive before `submit` has returned.
    await Promise.resolve()
    if (recipients.length === 0) return
    if (encoder === undefined) return refuseAll(recipients, INVALID_SOURCE, onOutcome)
    const { promise, resolve } = Promise.withResolvers<void>()
    const job: Job = {
      message,
      encoder,
      recipients,
      validUntilMs: message.validUntil.getTime(),
      onOutcome,
      done: resolve,
      isHeld,
      next: 0,
      nextPart: 0,
      isAbandoned: false,
      finishBefore: Number.POSITIVE_INFINITY,
      retries: [],
      throttledSince: new Map(),
      trackers: new Map(),
      pending: recipients.length,
      end: recipients.length,
    }
    const abort = () => {
      const isLeaving = signal?.reason === ('leaving' satisfies SubmitEnding)
      this.#abandonJob(job, 'stopped', isLeaving ? Number.POSITIVE_INFINITY : FINISH_MS)
    }
    if (signal?.aborted === true || !this.#links.isRunning) abort()
    else {
      signal?.addEventListener('abort', abort, { once: true })
      if (this.#queue.size === 0) this.#links.restartWait()
      this.#queue.add(job)
      this.#watch ??= setInterval(() => this.#watchQueue(), WATCH_MS)
      this.fillAllLinks()
    }
    await promise
    signal?.removeEventListener('abort', abort)
  }

  /** Sends a question ahead of submissions. @returns the response, or undefined when none will come */
  async ask(question: Question): Promise<Pdu | undefined> {
    if (!this.#links.isAnySenderBound) return undefined
    const answer = this.#asks.ask(question)
    this.fillAllLinks()
    return await answer
  }

  /** Ends questions that no link will take. */
  giveUpQuestions(): void {
    this.#asks.giveUp()
  }

  /** Ends what was not written yet; recipients with some parts sent get the others within `finishMs`. */
  abandonAll(finishMs: number): void {
    for (const job of this.#queue.list()) this.#abandonJob(job, 'stopped', finishMs)
  }

  /** Resolves once nothing is queued or in flight, or after the time given. */
  async untilIdle(waitMs: number): Promise<void> {
    if (this.#inFlight === 0 && this.#queue.size === 0) return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#whenIdle = resolve
    const timer = setTimeout(resolve, waitMs)
    await promise
    clearTimeout(timer)
  }

  /** Stops every timer. */
  close(): void {
    this.#pacer.stop()
    clearInterval(this.#watch)
  }

  // ---- Writing ----

  fillAllLinks(): void {
    const { senders } = this.#links
    this.#firstSender = (this.#firstSender + 1) % senders.length
    for (let i = 0; i < senders.length; i++) {
      const { session } = senders[(this.#firstSender + i) % senders.length] as Link<Job>
      if (session !== undefined) this.#fillLink(session)
    }
  }

  /** Writes submissions to a link; the only that does. */
  #fillLink(session: SmppSession<Job>): void {
    if (this.#asks.waiting > 0)
      this.#asks.fill(session, Math.min(session.room, this.#roomOf(performance.now())))
    if (this.#queue.size === 0) return
    let clockMs = performance.now()
    let wallMs = this.#now()
    let held: Job | undefined
    let written = 0
    while (session.room > 0 && this.#roomOf(clockMs) > 0) {
      const job = this.#queue.first
      if (job === undefined) return
      if (this.#isOver(job, clockMs, wallMs) || (job !== held && !this.#isHeld(job))) {
        this.#abandonJob(job, 'stopped', 0)
        continue
      }
      held = job
      if (!this.#writeNext(job, session, clockMs, wallMs)) this.#queue.remove(job)
      if (++written % WRITES_A_LOOK !== 0) continue
      const laterMs = performance.now()
      if (laterMs - clockMs < FROZEN_MS) continue
      clockMs = laterMs
      wallMs = this.#now()
      held = undefined
    }
  }

  /**
   * Writes the job's next part, or ends it without writing. Returns false when the job has nothing left to write.
   * The caller has checked that the session has room.
   */
  #writeNext(job: Job, session: SmppSession<Job>, clockMs: number, wallMs: number): boolean {
    const { partCount } = job.encoder
    let recipient = job.next
    let part = job.nextPart
    const retry = job.retries.shift()
    if (retry !== undefined) {
      recipient = retry.recipient
      part = retry.part
    } else {
      if (recipient >= job.end) return false
      const isLastPart = part + 1 === partCount
      job.next = isLastPart ? recipient + 1 : recipient
      job.nextPart = isLastPart ? 0 : part + 1
    }
    const to = job.recipients[recipient] as SmsRecipient
    const digitsAt = to.phone.charCodeAt(0) === PLUS ? 1 : 0
    if (!isAddress(to.phone, digitsAt)) {
      this.#outcomes.refused(job, recipient, INVALID_DESTINATION)
      return true
    }
    let parts: PartTracker | undefined
    if (partCount > 1) {
      parts = this.#outcomes.tracker(job, recipient)
      if (hasFailed(parts)) {
        this.#outcomes.skipped(job, recipient)
        return true
      }
    }
    const digits = to.phone.length - digitsAt
    const template = job.encoder.template(part, digits, (job.validUntilMs - wallMs) / 1000)
    const at = session.submit(template.bytes, job, recipient, part, clockMs)
    const out = session.output
    let cursor = at + template.destinationAt
    for (let i = digitsAt; i < to.phone.length; i++) out[cursor++] = to.phone.charCodeAt(i)
    const reference = referenceOf(job.message, to.no)
    out[at + template.referenceAt] = reference >> 8
    out[at + template.referenceAt + 1] = reference
    if (parts !== undefined) out[at + template.concatenationAt] = parts.concatenation
    this.#inFlight++
    this.#counts.totals.submitted++
    this.#pacer.wrote(1)
    return true
  }

  #roomOf(clockMs: number): number {
    return this.#pacer.room(Number.POSITIVE_INFINITY, 1, this.#inFlight + this.#asks.asked, clockMs)
  }

  #isOver(job: Job, clockMs: number, wallMs: number): boolean {
    return job.validUntilMs <= wallMs || clockMs >= job.finishBefore
  }

  /** Returns whether the caller still holds the job; an error counts as no. */
  #isHeld(job: Job): boolean {
    if (job.isHeld === undefined) return true
    try {
      return job.isHeld()
    } catch (error) {
      this.#log?.warn({ gateway: this.#settings.name, where: stackWithoutMessage(error) }, 'isHeld failed')
      return false
    }
  }

  // ---- Responses ----

  answered(job: Job, recipient: number, part: number, status: number, messageId: string): void {
    this.#inFlight--
    this.#counts.countAnswer(status)
    if (status === 0) {
      this.#pacer.accepted(1)
      if (job.throttledSince.size > 0) job.throttledSince.delete(throttleKey(recipient, part))
      this.#outcomes.accepted(job, recipient, part, messageId)
    } else if (explainStatus(status).throttle) this.#throttled(job, recipient, part, status)
    else this.#outcomes.refused(job, recipient, status)
  }

  unanswered(job: Job, recipient: number, reason: 'timeout' | 'linkLost'): void {
    this.#inFlight--
    this.#counts.totals.unanswered++
    this.#outcomes.unknown(job, recipient, reason)
  }

  answeredLate(job: Job, recipient: number, part: number, status: number, messageId: string): void {
    this.#counts.counters.lateAnswers++
    this.#counts.countAnswer(status)
    this.#outcomes.late(job, recipient, part, status, messageId)
  }

  /** Sends more on a link with room, and on all when they share a limit. */
  ready(link: Link<Job>): void {
    if (this.#pacer.isShared || this.#asks.waiting > 0) this.fillAllLinks()
    else if (link.session !== undefined && link.role !== 'receiver') this.#fillLink(link.session)
    this.#reportIdle()
  }

  linkEnded(): void {
    if (!this.#links.isAnySenderBound) this.#asks.giveUp()
    this.#reportIdle()
  }

  #reportIdle(): void {
    if (this.#inFlight === 0 && this.#queue.size === 0) this.#whenIdle?.()
  }

  /**
   * Ends all recipients not written yet. A recipient with some parts sent gets the others within `finishMs`: half
   * a message costs as much and shows nothing.
   */
  #abandonJob(job: Job, reason: 'stopped' | 'noLink', finishMs: number): void {
    const finishesHalf = finishMs > 0
    this.#queue.remove(job)
    job.isAbandoned = true
    job.finishBefore = performance.now() + finishMs
    const { next, nextPart, end } = job
    const isHalfWritten = nextPart > 0
    job.end = isHalfWritten && finishesHalf ? next + 1 : next
    for (const { recipient } of job.retries.splice(0)) this.#outcomes.notSent(job, recipient, reason)
    if (isHalfWritten && !finishesHalf) {
      job.nextPart = 0
      for (let part = nextPart; part < job.encoder.partCount; part++)
        this.#outcomes.notSent(job, next, reason)
    }
    for (let recipient = isHalfWritten ? next + 1 : next; recipient < end; recipient++) {
      this.#outcomes.untouched(job, recipient, reason)
    }
    if (isHalfWritten && finishesHalf) this.#queue.add(job)
  }

  #throttled(job: Job, recipient: number, part: number, code: number): void {
    const clockMs = performance.now()
    this.#pacer.throttled(this.#inFlight, clockMs)
    if (job.isAbandoned) {
      this.#outcomes.notSent(job, recipient, 'stopped')
      return
    }
    const key = throttleKey(recipient, part)
    const since = job.throttledSince.get(key) ?? clockMs
    if (clockMs - since >= this.#throttleGiveUpMs) {
      job.throttledSince.delete(key)
      this.#outcomes.refused(job, recipient, code)
      return
    }
    job.throttledSince.set(key, since)
    job.retries.push({ recipient, part, code })
    this.#queue.add(job)
  }

  /** Checks the queue: ends jobs that expired, and those that no link will take. */
  #watchQueue(): void {
    if (this.#queue.size === 0) {
      clearInterval(this.#watch)
      this.#watch = undefined
      this.#pacer.forgetStall()
      return
    }
    const wallMs = this.#now()
    const clockMs = performance.now()
    const isLinkless = this.#links.isLinkless(this.#noLinkWaitMs, clockMs)
    const isStalled = this.#pacer.stalledMs(clockMs) >= this.#throttleGiveUpMs
    for (const job of this.#queue.list()) {
      if (this.#isOver(job, clockMs, wallMs) || !this.#isHeld(job)) this.#abandonJob(job, 'stopped', 0)
      else if (isLinkless || isStalled) {
        if (isStalled) {
          for (const { recipient, code } of job.retries.splice(0))
            this.#outcomes.refused(job, recipient, code)
        }
        this.#abandonJob(job, 'noLink', 0)
      }
    }
    if (isStalled) this.#pacer.forgetStall()
  }

  #reportOutcome(job: Job, outcome: SubmitOutcome): void {
    try {
      job.onOutcome(outcome)
    } catch (error) {
      this.#log?.warn(
        { gateway: this.#settings.name, where: stackWithoutMessage(error) },
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
}

function refuseAll(recipients: readonly SmsRecipient[], code: number, onOutcome: Job['onOutcome']): void {
  for (const { no } of recipients) onOutcome({ kind: 'refused', no, code, permanent: true })
}

const PLUS = 0x2b
/** Longest address in digits (section 5.2.9). */
const MAX_DIGITS = 20

/**
 * Returns true when the characters from `at` are valid in a `destination_addr`: nothing else may be written to the
 * wire.
 */
function isAddress(phone: string, at: number): boolean {
  if (phone.length === at || phone.length - at > MAX_DIGITS) return false
  for (let i = at; i < phone.length; i++) {
    const code = phone.charCodeAt(i)
    if (code < 0x30 || code > 0x39) return false
  }
  return true
}
