import {
  type GatewayState,
  type GatewayTotals,
  referenceOf,
  type Said,
  type SmsGateway,
  type SmsInbound,
  type SmsMessage,
  type SmsReceipt,
  type SmsRecipient,
  type SubmitControl,
  type SubmitEnding,
  type SubmitOutcome,
  type SubmittedMessage,
} from '../../../deliveries/gateway.ts'
import { type Bunching, createPacer } from '../pacing.ts'
import { SIMULATOR_SYSTEM_ID } from '../simulator/identity.ts'
import { Asks, askEach, type Question } from './asks.ts'
import { explainStatus, statusCode } from './codes.ts'
import { readInbound } from './inbound.ts'
import { createOutcomes, hasFailed, type PartTracker } from './outcomes.ts'
import { createSmScan, type Pdu, scanDataSm, scanSm } from './pdu.ts'
import { type Job, SubmissionQueue, throttleKey } from './queue.ts'
import { isReceipt, readReceipt, readState } from './receipt.ts'
import { type SessionOwner, SmppSession, type TlsSettings } from './session.ts'
import { type Addressing, DEFAULT_ADDRESSING, encodeSubmission, senderAddress } from './submission.ts'

/** A connection writes what it has at each turn: small lots keep the rate even. */
export const BUNCHING: Bunching = { burstMs: 50, lotMs: 5 }

export interface SmppGatewaySettings {
  readonly name: string
  readonly host: string
  readonly port: number
  readonly systemId: string
  readonly password: string
  readonly systemType?: string
  /**
   * `transceiver`: one connection per link for both directions; `transmitterReceiver`: two, for providers that
   * require it.
   */
  readonly bindMode?: 'transceiver' | 'transmitterReceiver'
  /** Number of parallel links; default 1. Many providers allow one. */
  readonly links?: number
  /** Maximum submissions without a response per link; default 100. */
  readonly window?: number
  /** Maximum parts per second over all links; default: as fast as the provider answers. */
  readonly partsPerSecond?: number | undefined
  readonly tls?: false | TlsSettings
  /** How parts of a long message are linked: a header in the text (default) or SAR parameters. */
  readonly concatenation?: 'udh' | 'sar'
  /** Silence after which a link is tested; default 30. */
  readonly enquireLinkSeconds?: number
  /**
   * Timeout of a submission, after which it is in doubt; default 10,000. The test of a silent link has half of it.
   */
  readonly responseTimeoutMs?: number
  /** Bounds of the delay before reconnecting: exponential with full jitter; default 200 ms to 30 s. */
  readonly reconnect?: { readonly minMs: number; readonly maxMs: number }
  /** Time that recipients wait for a link before they are `notSent`; default 1,000. */
  readonly noLinkWaitMs?: number
  /**
   * Time for which a throttled recipient is submitted again before it is refused; default 60,000. A provider that
   * accepted nothing for this time counts as no link for recipients not tried yet.
   */
  readonly throttleGiveUpMs?: number
  readonly addressing?: Partial<Addressing>
  /** True when the provider supports `query_sm`; default false: many do not, or charge for it. */
  readonly query?: boolean
  /** True when the provider supports `cancel_sm`; default false. */
  readonly cancel?: boolean
  /**
   * True when the gateway reaches no real phone: it then connects only to a centre that identifies itself as the
   * simulator.
   */
  readonly simulated?: boolean
}

interface Log {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
}

export interface SmppGatewayDeps {
  /** Wall clock in milliseconds, for validity; default `Date.now`. */
  readonly now?: () => number
  /** Returns a number in [0, 1) for jitter; default `Math.random`. */
  readonly random?: () => number
  /** Never receives a phone number or a text. */
  readonly log?: Log
}

/** Counts of abnormal events since the gateway was created. */
export interface SmppCounters {
  /** PDUs whose body could not be decoded. */
  malformed: number
  /** Links cut because the byte stream could not be framed. */
  framingErrors: number
  /** Responses to unknown requests. */
  unknownSequence: number
  /** Responses that arrived after the submission timed out. */
  lateAnswers: number
  /** Receipts that name no message. */
  unreadableReceipts: number
  /** Receipts and messages that the provider was asked to send again, since a listener failed. */
  handedBack: number
  /** Throttled submissions. */
  throttled: number
  /** Links lost. */
  linksLost: number
}

export interface SmppGateway extends SmsGateway {
  counters(): Readonly<SmppCounters>
}

type Listener<T> = (value: T) => void | Promise<void>

interface Link {
  readonly role: 'transceiver' | 'transmitter' | 'receiver'
  session: SmppSession<Job> | undefined
  attempts: number
  timer: NodeJS.Timeout | undefined
  /** True once the first attempt has ended, successfully or not. */
  tried: boolean
}

const INVALID_SOURCE = statusCode('ESME_RINVSRCADR')
const INVALID_DESTINATION = statusCode('ESME_RINVDSTADR')
const TEMPORARY_RECEIVER_ERROR = statusCode('ESME_RX_T_APPN')
const PERMANENT_RECEIVER_ERROR = statusCode('ESME_RX_P_APPN')

/** Maximum time that `start` waits for a first link. */
const START_WAIT_MS = 1000
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
/** Time allowed for the response to an unbind. */
const UNBIND_MS = 500

/**
 * Makes a gateway of an SMPP 3.4 client: parallel links with a window each, many PDUs per write, no allocation per
 * recipient except its outcome.
 *
 * - No response in time: `unknown` `timeout`. Link lost: every unanswered submission is `unknown` `linkLost`, and
 *   the link is reconnected. Neither is sent again here: the caller decides.
 * - `partsPerSecond`: any second has at most that number plus one bucket of 50 ms or one part.
 * - ESME_RTHROTTLED and ESME_RMSGQFUL are not outcomes: the whole gateway pauses (100 ms, doubling to 2 s while
 *   nothing is accepted), then continues with fewer submissions in flight, growing as they are accepted.
 * - After `validUntil`, unsent messages are `notSent` `stopped`.
 * - Several parts: `accepted` when all are; `refused` when one is, with the ids of the sent parts; else `unknown`
 *   when one is in doubt, or when some parts were sent and the others could not be. After one part fails, the next
 *   are not sent: a phone shows nothing of an incomplete message.
 * - `isHeld` is called for each job of a burst. A process frozen during one writes at most 64 submissions when it
 *   resumes, plus the content of its buffers, before it is called again.
 * - Receipts are acknowledged when listeners have finished, all those of a read together. A link with more than
 *   20,000 pending ones is not read until there are fewer.
 */
export function createSmppGateway(settings: SmppGatewaySettings, deps: SmppGatewayDeps = {}): SmppGateway {
  const {
    name,
    bindMode = 'transceiver',
    window = 100,
    concatenation = 'udh',
    responseTimeoutMs = 10_000,
    reconnect = { minMs: 200, maxMs: 30_000 },
    noLinkWaitMs = 1000,
    throttleGiveUpMs = 60_000,
  } = settings
  const { now = Date.now, random = Math.random, log } = deps
  const addressing: Addressing = { ...DEFAULT_ADDRESSING, ...settings.addressing }

  const roles: Link['role'][] = bindMode === 'transceiver' ? ['transceiver'] : ['transmitter', 'receiver']
  const links: Link[] = Array.from({ length: settings.links ?? 1 }, () => roles)
    .flat()
    .map((role) => ({ role, session: undefined, attempts: 0, timer: undefined, tried: false }))
  const senders = links.filter((link) => link.role !== 'receiver')

  const queue = new SubmissionQueue()
  const scan = createSmScan()
  const counters: SmppCounters = {
    malformed: 0,
    framingErrors: 0,
    unknownSequence: 0,
    lateAnswers: 0,
    unreadableReceipts: 0,
    handedBack: 0,
    throttled: 0,
    linksLost: 0,
  }
  const totals = { submitted: 0, accepted: 0, refused: 0, throttled: 0, unanswered: 0, receipts: 0 }
  /** Totals of closed links. */
  const gone = { answerMs: 0, answeredAt: 0 }
  const refusals = new Map<number, number>()
  const receiptListeners: Listener<readonly SmsReceipt[]>[] = []
  const inboundListeners: Listener<SmsInbound>[] = []
  /** Receipts of the current read. */
  let receipts: SmsReceipt[] = []

  let phase: 'new' | 'running' | 'stopping' | 'stopped' = 'new'
  let lastError: Said | undefined
  let noLinkSince = performance.now()
  let whenTried: (() => void) | undefined
  let whenIdle: (() => void) | undefined
  /** Runs while this process keeps away from the provider. */
  let leaving: NodeJS.Timeout | undefined
  let watch: NodeJS.Timeout | undefined

  let inFlight = 0
  /** Index of the link served first when they share a limit: each in turn. */
  let firstSender = 0
  const asks = new Asks()
  const pacer = createPacer(
    { window: senders.length * window, partsPerSecond: settings.partsPerSecond },
    BUNCHING,
    fillAllLinks,
  )
  const outcomes = createOutcomes(settleRecipient, reportOutcome, Math.floor(random() * 256))

  /**
   * Passes `count` items in one value to the listeners. Returns the status to answer with, or a promise of it when
   * a listener is asynchronous; it never rejects. A failing listener must not stop the reading of a link.
   */
  function passToListeners<T>(
    listeners: readonly Listener<T>[],
    value: T,
    count: number,
  ): number | Promise<number> {
    const handBack = (error: unknown) => {
      counters.handedBack += count
      log?.warn({ gateway: name, count, where: stackWithoutMessage(error) }, 'a gateway listener failed')
      return TEMPORARY_RECEIVER_ERROR
    }
    const promises: Promise<void>[] = []
    for (const listener of listeners) {
      try {
        const taken = listener(value)
        if (taken instanceof Promise) promises.push(taken)
      } catch (error) {
        promises.push(Promise.reject(error))
      }
    }
    if (promises.length === 0) return 0
    return Promise.all(promises).then(() => 0, handBack)
  }

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

  // ---- Sending ----

  /**
   * Writes the job's next part, or ends it without writing. Returns false when the job has nothing left to write.
   * The caller has checked that the session has room.
   */
  function writeNext(job: Job, session: SmppSession<Job>, clockMs: number, wallMs: number): boolean {
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
      outcomes.refused(job, recipient, INVALID_DESTINATION)
      return true
    }
    let parts: PartTracker | undefined
    if (partCount > 1) {
      parts = outcomes.tracker(job, recipient)
      if (hasFailed(parts)) {
        outcomes.skipped(job, recipient)
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
    inFlight++
    totals.submitted++
    pacer.wrote(1)
    return true
  }

  /** Writes submissions to a link; the only function that does. */
  function fillLink(session: SmppSession<Job>): void {
    if (asks.waiting > 0) asks.fill(session, Math.min(session.room, roomOf(performance.now())))
    if (queue.size === 0) return
    let clockMs = performance.now()
    let wallMs = now()
    let held: Job | undefined
    let written = 0
    while (session.room > 0 && roomOf(clockMs) > 0) {
      const job = queue.first
      if (job === undefined) return
      if (isOver(job, clockMs, wallMs) || (job !== held && !isHeld(job))) {
        abandonJob(job, 'stopped', 0)
        continue
      }
      held = job
      if (!writeNext(job, session, clockMs, wallMs)) queue.remove(job)
      if (++written % WRITES_A_LOOK !== 0) continue
      const laterMs = performance.now()
      if (laterMs - clockMs < FROZEN_MS) continue
      clockMs = laterMs
      wallMs = now()
      held = undefined
    }
  }

  function roomOf(clockMs: number): number {
    return pacer.room(Number.POSITIVE_INFINITY, 1, inFlight + asks.asked, clockMs)
  }

  function isOver(job: Job, clockMs: number, wallMs: number): boolean {
    return job.validUntilMs <= wallMs || clockMs >= job.finishBefore
  }

  /** Returns whether the caller still holds the job; an error counts as no. */
  function isHeld(job: Job): boolean {
    if (job.isHeld === undefined) return true
    try {
      return job.isHeld()
    } catch (error) {
      log?.warn({ gateway: name, where: stackWithoutMessage(error) }, 'isHeld failed')
      return false
    }
  }

  function fillAllLinks(): void {
    firstSender = (firstSender + 1) % senders.length
    for (let i = 0; i < senders.length; i++) {
      const { session } = senders[(firstSender + i) % senders.length] as Link
      if (session !== undefined) fillLink(session)
    }
  }

  /**
   * Ends all recipients not written yet. A recipient with some parts sent gets the others within `finishMs`: half
   * a message costs as much and shows nothing.
   */
  function abandonJob(job: Job, reason: 'stopped' | 'noLink', finishMs: number): void {
    const finishesHalf = finishMs > 0
    queue.remove(job)
    job.isAbandoned = true
    job.finishBefore = performance.now() + finishMs
    const { next, nextPart, end } = job
    const isHalfWritten = nextPart > 0
    job.end = isHalfWritten && finishesHalf ? next + 1 : next
    for (const { recipient } of job.retries.splice(0)) outcomes.notSent(job, recipient, reason)
    if (isHalfWritten && !finishesHalf) {
      job.nextPart = 0
      for (let part = nextPart; part < job.encoder.partCount; part++) outcomes.notSent(job, next, reason)
    }
    for (let recipient = isHalfWritten ? next + 1 : next; recipient < end; recipient++) {
      outcomes.untouched(job, recipient, reason)
    }
    if (isHalfWritten && finishesHalf) queue.add(job)
  }

  function throttled(job: Job, recipient: number, part: number, code: number): void {
    const clockMs = performance.now()
    pacer.throttled(inFlight, clockMs)
    if (job.isAbandoned) {
      outcomes.notSent(job, recipient, 'stopped')
      return
    }
    const key = throttleKey(recipient, part)
    const since = job.throttledSince.get(key) ?? clockMs
    if (clockMs - since >= throttleGiveUpMs) {
      job.throttledSince.delete(key)
      outcomes.refused(job, recipient, code)
      return
    }
    job.throttledSince.set(key, since)
    job.retries.push({ recipient, part, code })
    queue.add(job)
  }

  function countAnswer(status: number): void {
    if (status === 0) totals.accepted++
    else if (explainStatus(status).throttle) {
      totals.throttled++
      counters.throttled++
    } else {
      totals.refused++
      refusals.set(status, (refusals.get(status) ?? 0) + 1)
    }
  }

  function answered(job: Job, recipient: number, part: number, status: number, messageId: string): void {
    inFlight--
    countAnswer(status)
    if (status === 0) {
      pacer.accepted(1)
      if (job.throttledSince.size > 0) job.throttledSince.delete(throttleKey(recipient, part))
      outcomes.accepted(job, recipient, part, messageId)
    } else if (explainStatus(status).throttle) throttled(job, recipient, part, status)
    else outcomes.refused(job, recipient, status)
  }

  // ---- Receiving ----

  function delivered(
    buffer: Buffer,
    start: number,
    end: number,
    isDataSm: boolean,
  ): number | Promise<number> | undefined {
    const status = isDataSm ? scanDataSm(buffer, start, end, scan) : scanSm(buffer, start, end, scan)
    if (status !== 0) {
      counters.malformed++
      // A temporary error would have it sent again for ever.
      return PERMANENT_RECEIVER_ERROR
    }
    if (isReceipt(scan)) {
      const receipt = readReceipt(name, buffer, scan)
      if (receipt === undefined) counters.unreadableReceipts++
      else totals.receipts++
      if (receipt === undefined || receiptListeners.length === 0) return 0
      receipts.push(receipt)
      return undefined
    }
    return passToListeners(inboundListeners, readInbound(name, buffer, scan), 1)
  }

  function received(): number | Promise<number> {
    const batch = receipts
    receipts = []
    return passToListeners(receiptListeners, batch, batch.length)
  }

  // ---- Questions ----

  async function ask(question: Question): Promise<Pdu | undefined> {
    if (!isAnySenderBound()) return undefined
    const answer = asks.ask(question)
    fillAllLinks()
    return await answer
  }

  /** Queries a message; the sender must be encoded as in the submission (sections 4.8.1 and 4.9.1). */
  async function query({ messageId, sender, phone }: SubmittedMessage): Promise<void> {
    const from = senderAddress(sender, addressing)
    if (from === undefined) return
    const answer = await ask({
      command: 'query_sm',
      status: 0,
      messageId,
      sourceTon: from.ton,
      sourceNpi: from.npi,
      source: from.address,
    })
    if (answer?.command !== 'query_sm_resp' || answer.status !== 0) return
    const state = readState(answer.messageState)
    if (state === undefined) return
    // Nothing was received that the provider could send again.
    await passToListeners(
      receiptListeners,
      [{ gateway: name, messageId, state, phone, errorCode: answer.errorCode, reference: undefined }],
      0,
    )
  }

  async function cancel(
    { no, messageId, sender, phone }: SubmittedMessage,
    onCancelled: (no: number) => void,
  ): Promise<void> {
    const from = senderAddress(sender, addressing)
    if (from === undefined) return
    const answer = await ask({
      command: 'cancel_sm',
      status: 0,
      serviceType: '',
      messageId,
      sourceTon: from.ton,
      sourceNpi: from.npi,
      source: from.address,
      destinationTon: addressing.destinationTon,
      destinationNpi: addressing.destinationNpi,
      destination: phone.replace('+', ''),
    })
    if (answer?.command !== 'cancel_sm_resp' || answer.status !== 0) return
    try {
      onCancelled(no)
    } catch (error) {
      log?.warn({ gateway: name, where: stackWithoutMessage(error) }, 'a cancellation listener failed')
    }
  }

  // ---- Links ----

  function isAnySenderBound(): boolean {
    return senders.some((link) => link.session?.isBound === true)
  }

  function connect(link: Link): void {
    if (phase !== 'running' || leaving !== undefined) return
    const owner: SessionOwner<Job> = {
      bound() {
        link.tried = true
        lastError = undefined
        log?.info({ gateway: name, role: link.role }, 'SMPP link bound')
        if (isAnySenderBound()) whenTried?.()
        fillAllLinks()
      },
      answered,
      unanswered(job, recipient, _part, reason) {
        inFlight--
        totals.unanswered++
        outcomes.unknown(job, recipient, reason)
      },
      answeredLate(job, recipient, part, status, messageId) {
        counters.lateAnswers++
        countAnswer(status)
        outcomes.late(job, recipient, part, status, messageId)
      },
      delivered,
      received,
      ready() {
        if (pacer.isShared || asks.waiting > 0) fillAllLinks()
        else if (link.session !== undefined && link.role !== 'receiver') fillLink(link.session)
        if (inFlight === 0 && queue.size === 0) whenIdle?.()
      },
      lost(reason, isCredentials) {
        const wasBoundMs = link.session?.boundForMs ?? 0
        gone.answerMs += link.session?.answerMs ?? 0
        gone.answeredAt = Math.max(gone.answeredAt, link.session?.answeredAt ?? 0)
        link.session = undefined
        if (!isAnySenderBound()) asks.giveUp()
        link.tried = true
        if (senders.every((sender) => sender.tried)) whenTried?.()
        if (inFlight === 0 && queue.size === 0) whenIdle?.()
        if (phase !== 'running' || leaving !== undefined) return
        counters.linksLost++
        lastError = reason
        if (!isAnySenderBound() && link.role !== 'receiver' && wasBoundMs > 0) noLinkSince = performance.now()
        // A link that lasted shows that the provider works: only quick failures in a row lengthen the delay.
        link.attempts = wasBoundMs > reconnect.minMs ? 1 : link.attempts + 1
        const ceiling = Math.min(reconnect.maxMs, reconnect.minMs * 2 ** (link.attempts - 1))
        // A refused account will not recover by itself, and frequent attempts may lock it.
        const waitMs = isCredentials ? reconnect.maxMs * (0.5 + random() / 2) : ceiling * random()
        log?.warn(
          {
            gateway: name,
            role: link.role,
            reason: reason.key,
            ...reason.values,
            waitMs: Math.round(waitMs),
          },
          'SMPP link lost',
        )
        link.timer = setTimeout(() => connect(link), waitMs)
        link.timer.unref()
        fillAllLinks()
      },
      count(event) {
        counters[event]++
      },
    }
    link.session = new SmppSession<Job>(
      {
        host: settings.host,
        port: settings.port,
        tls: settings.tls ?? false,
        systemId: settings.systemId,
        password: settings.password,
        systemType: settings.systemType ?? '',
        ...(settings.simulated ? { providerSystemId: SIMULATOR_SYSTEM_ID } : {}),
        role: link.role,
        window,
        enquireLinkMs: (settings.enquireLinkSeconds ?? 30) * 1000,
        responseTimeoutMs,
      },
      owner,
    )
  }

  function leaveIdleLinks(): void {
    lastError = { key: 'link.away' }
    for (const { session } of links)
      if (session?.isBound && session.inFlight === 0) void session.unbind(UNBIND_MS)
  }

  function setAway(isAway: boolean): void {
    if (phase !== 'running' || isAway === (leaving !== undefined)) return
    log?.warn({ gateway: name }, isAway ? 'SMPP links let go' : 'SMPP links taken again')
    if (isAway) {
      for (const link of links) clearTimeout(link.timer)
      leaving = setInterval(leaveIdleLinks, WATCH_MS)
      leaveIdleLinks()
      return
    }
    clearInterval(leaving)
    leaving = undefined
    for (const link of links) if (link.session === undefined) connect(link)
  }

  /** Checks the queue: ends jobs that expired, and those that no link will take. */
  function watchQueue(): void {
    if (queue.size === 0) {
      clearInterval(watch)
      watch = undefined
      pacer.forgetStall()
      return
    }
    const wallMs = now()
    const clockMs = performance.now()
    const isLinkless = !isAnySenderBound() && clockMs - noLinkSince >= noLinkWaitMs
    const isStalled = pacer.stalledMs(clockMs) >= throttleGiveUpMs
    for (const job of queue.list()) {
      if (isOver(job, clockMs, wallMs) || !isHeld(job)) abandonJob(job, 'stopped', 0)
      else if (isLinkless || isStalled) {
        if (isStalled) {
          for (const { recipient, code } of job.retries.splice(0)) outcomes.refused(job, recipient, code)
        }
        abandonJob(job, 'noLink', 0)
      }
    }
    if (isStalled) pacer.forgetStall()
  }

  function refuseAll(recipients: readonly SmsRecipient[], code: number, onOutcome: Job['onOutcome']): void {
    for (const { no } of recipients) onOutcome({ kind: 'refused', no, code, permanent: true })
  }

  async function submit(
    message: SmsMessage,
    recipients: readonly SmsRecipient[],
    onOutcome: (outcome: SubmitOutcome) => void,
    { signal, isHeld }: SubmitControl = {},
  ): Promise<void> {
    const encoder = encodeSubmission(message, concatenation, addressing)
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
      abandonJob(job, 'stopped', isLeaving ? Number.POSITIVE_INFINITY : FINISH_MS)
    }
    if (signal?.aborted === true || phase !== 'running') abort()
    else {
      signal?.addEventListener('abort', abort, { once: true })
      // Earlier recipients waited for a link lost long ago; these have their own time to wait.
      if (queue.size === 0 && !isAnySenderBound()) noLinkSince = performance.now()
      queue.add(job)
      watch ??= setInterval(watchQueue, WATCH_MS)
      fillAllLinks()
    }
    await promise
    signal?.removeEventListener('abort', abort)
  }

  /** Sums the response times of all links, including closed ones. */
  function sumAnswerMs(): number {
    return senders.reduce((sum, { session }) => sum + (session?.answerMs ?? 0), gone.answerMs)
  }

  function silentMs(): number {
    const clockMs = performance.now()
    const stalledMs = pacer.stalledMs(clockMs)
    if (inFlight === 0) return stalledMs
    let oldestSentAt = Number.POSITIVE_INFINITY
    let { answeredAt } = gone
    for (const { session } of senders) {
      if (session === undefined) continue
      oldestSentAt = Math.min(oldestSentAt, session.oldestSentAt)
      answeredAt = Math.max(answeredAt, session.answeredAt)
    }
    return Math.max(stalledMs, clockMs - Math.max(oldestSentAt, answeredAt))
  }

  return {
    name,
    kind: 'smpp',
    simulated: settings.simulated ?? false,
    submit,
    limit: (limits) => pacer.limit(limits),
    setAway,
    ...(settings.query === true ? { query: (messages) => askEach(messages, query) } : {}),
    ...(settings.cancel === true
      ? { cancel: (messages, onCancelled) => askEach(messages, (one) => cancel(one, onCancelled)) }
      : {}),
    onReceipts: (listener) => void receiptListeners.push(listener),
    onInbound: (listener) => void inboundListeners.push(listener),
    counters: () => ({ ...counters }),

    totals(): GatewayTotals {
      return {
        ...totals,
        linksLost: counters.linksLost,
        answerMs: sumAnswerMs(),
        refusals: Object.fromEntries(refusals),
      }
    },

    state(): GatewayState {
      const bound = isAnySenderBound()
      const state =
        phase === 'stopped' || phase === 'new'
          ? 'stopped'
          : bound
            ? 'bound'
            : senders.some((link) => link.tried)
              ? 'down'
              : 'connecting'
      return { name, state, inFlight, ...pacer.limits, silentMs: silentMs(), lastError }
    },

    /** Resolves once a link is bound, once every first attempt has failed, or after a second. Never rejects. */
    async start() {
      if (phase !== 'new') return
      phase = 'running'
      const { promise, resolve } = Promise.withResolvers<void>()
      whenTried = resolve
      const timer = setTimeout(resolve, START_WAIT_MS)
      for (const link of links) connect(link)
      await promise
      clearTimeout(timer)
      whenTried = undefined
    },

    async stop(graceMs) {
      if (phase === 'stopping' || phase === 'stopped') return
      phase = 'stopping'
      clearInterval(leaving)
      for (const link of links) clearTimeout(link.timer)
      for (const job of queue.list()) abandonJob(job, 'stopped', Number.POSITIVE_INFINITY)
      asks.giveUp()
      const deadline = performance.now() + graceMs
      if (inFlight > 0 || queue.size > 0) {
        const { promise, resolve } = Promise.withResolvers<void>()
        whenIdle = resolve
        const timer = setTimeout(resolve, graceMs)
        await promise
        clearTimeout(timer)
      }
      const untilDeadlineMs = () => Math.max(0, deadline - performance.now())
      await Promise.all(links.map((link) => link.session?.finishReceived(untilDeadlineMs())))
      const leftMs = Math.max(50, Math.min(1000, untilDeadlineMs()))
      await Promise.all(links.map((link) => link.session?.unbind(leftMs)))
      for (const job of queue.list()) abandonJob(job, 'stopped', 0)
      pacer.stop()
      clearInterval(watch)
      phase = 'stopped'
    },
  }
}

/** Returns the stack of an error without its message, which may contain a number or a text. */
function stackWithoutMessage(error: unknown): string {
  const frames =
    error instanceof Error ? (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line)) : []
  return frames.slice(0, 5).join('\n')
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
