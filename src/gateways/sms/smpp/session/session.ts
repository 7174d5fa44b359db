import net from 'node:net'
import tls from 'node:tls'
import { type LocalisedText, MAX_ERROR_CODE, MAX_ID_LENGTH } from '../../../../deliveries/gateway.ts'
import { type IdentityRules, identityRefusal } from '../../simulator/identity.ts'
import { explainStatus, statusCode } from '../pdu/codes.ts'
import { PduOutput } from '../pdu/output.ts'
import {
  COMMAND,
  decodePdu,
  encodePdu,
  HEADER_BYTES,
  type Pdu,
  PduFramer,
  readUInt32,
  writeHeader,
  writeUInt32,
} from '../pdu/pdu.ts'
import { AnswerTimes } from './answer-times.ts'

export interface TlsSettings {
  /** Required name in the certificate. */
  readonly servername: string
  /** PEM of an authority that is not public. */
  readonly ca?: string
  /** Cannot be false: an unverified link protects nothing. */
  readonly rejectUnauthorized?: true
}

export interface SessionSettings extends IdentityRules {
  readonly host: string
  readonly port: number
  readonly tls: false | TlsSettings
  readonly systemId: string
  readonly password: string
  readonly systemType: string
  readonly role: 'transceiver' | 'transmitter' | 'receiver'
  /** Maximum submissions without a response. */
  readonly window: number
  readonly enquireLinkMs: number
  readonly responseTimeoutMs: number
}

/**
 * Receives the events of a session. A submission is identified by the three values given to `reserve`: nothing is
 * allocated for it.
 */
export interface SessionOwner<Job> {
  bound(): void
  /** The provider answered a submission. */
  answered(job: Job, recipient: number, part: number, status: number, messageId: string): void
  /** No response came in time, or the link was lost. */
  unanswered(job: Job, recipient: number, part: number, reason: 'timeout' | 'linkLost'): void
  /** A response came for a submission that had timed out. */
  answeredLate(job: Job, recipient: number, part: number, status: number, messageId: string): void
  /**
   * Handles a `deliver_sm` or `data_sm` in `buffer[start, end)`. Returns the status to answer with, or a promise
   * of it that never rejects; undefined: the status that `received` will return.
   */
  delivered(
    buffer: Buffer,
    start: number,
    end: number,
    isDataSm: boolean,
  ): number | Promise<number> | undefined
  /** The read ended. Returns the status for all deliveries left undefined, or a promise that never rejects. */
  received(): number | Promise<number>
  /** All events of one read were reported, or the window opened again: time to send more. */
  ready(): void
  /** Called once, after `unanswered` for everything in flight. `isCredentials`: the provider refused the account. */
  lost(reason: LocalisedText, isCredentials: boolean): void
  /** Counts an abnormal event. */
  count(event: 'malformed' | 'unknownSequence' | 'framingErrors'): void
}

const BIND = {
  transceiver: COMMAND.bind_transceiver,
  transmitter: COMMAND.bind_transmitter,
  receiver: COMMAND.bind_receiver,
} as const

/** Unsent octets above which reading stops, for a peer that writes without reading. */
const MAX_UNSENT_BYTES = 4_194_304
/** Deliveries waiting for the owner above which reading stops, to limit memory. */
const MAX_UNACKNOWLEDGED = 20_000
/** Submissions timed out whose response is still recognised. */
const MAX_LATE = 10_000
/**
 * Shortest time after which a submission gives up its place in the window, although its response may still come, and the
 * multiple of the 99th percentile of response times.
 */
const OVERDUE_MS = 2000
const OVERDUE_FACTOR = 4
const RESPONSE = 0x80000000
const SPACE = 0x20
const DELETE = 0x7f
/** Time that a closing link may take to send its last octets. */
const LINGER_MS = 500

const CREDENTIAL_FAULTS = new Set(['ESME_RINVPASWD', 'ESME_RBINDFAIL', 'ESME_RINVSYSID'].map(statusCode))
const UNKNOWN_ERROR = statusCode('ESME_RUNKNOWNERR')
const INVALID_COMMAND_LENGTH = statusCode('ESME_RINVCMDLEN')

/** Returns the smallest power of two that is at least `n`. */
function powerOfTwo(n: number): number {
  return 2 ** Math.ceil(Math.log2(n))
}

/**
 * One connection bound to a provider, from connect to close; a lost one is replaced, never reused.
 *
 * Submissions are in a ring indexed by the low bits of their sequence number, four times as long as the window:
 * the next position is nearly always free, sequence numbers only grow, and a response finds its submission without
 * hashing. PDUs are appended to a buffer written once per tick.
 *
 * Durations are measured on the monotonic clock: a corrected wall clock must not time out a whole window.
 */
export class SmppSession<Job> {
  readonly #settings: SessionSettings
  readonly #owner: SessionOwner<Job>
  readonly #socket: net.Socket
  readonly #framer = new PduFramer()
  readonly #ticker: NodeJS.Timeout
  readonly #tickMs: number
  #tickedAt = performance.now()
  #wasLate = false
  readonly #openedAt = performance.now()

  #state: 'connecting' | 'bound' | 'unbinding' | 'closed' = 'connecting'
  #reason: LocalisedText = { key: 'link.closed' }
  #isCredentials = false
  #boundAt = 0

  #sequence = 0
  readonly #mask: number
  /** Sequence number of the submission at this position, 0 when free. */
  readonly #slotSequence: Int32Array
  readonly #slotJob: (Job | undefined)[]
  readonly #slotRecipient: Int32Array
  readonly #slotPart: Uint8Array
  readonly #slotSentAt: Float64Array
  #inFlight = 0
  readonly #late = new Map<number, { job: Job; recipient: number; part: number; sentAt: number }>()
  /** Queries without a response. */
  readonly #asked = new Map<number, { done: (answer: Pdu | undefined) => void; sentAt: number }>()
  #answerMs = 0
  #answeredAt = 0
  readonly #answerTimes = new AnswerTimes()
  /** Time of writing of the submissions that gave up their place before the response timeout, by sequence number. */
  readonly #overdue = new Map<number, number>()

  readonly #output: PduOutput
  #isBlocked = false

  /** Deliveries of this read that wait for `received`: alternately the response command and the sequence number. */
  #held = new Uint32Array(1024)
  #heldLength = 0
  /** Deliveries of earlier reads that wait for a promise. */
  #unacknowledged = 0
  #whenAcknowledged: (() => void) | undefined

  #readAt = performance.now()
  /** Time of an enquire_link that nothing followed; 0 when none. */
  #probedAt = 0
  #unbound: (() => void) | undefined

  constructor(settings: SessionSettings, owner: SessionOwner<Job>) {
    this.#settings = settings
    this.#owner = owner
    const places = powerOfTwo(Math.max(16, settings.window * 4))
    this.#mask = places - 1
    this.#slotSequence = new Int32Array(places)
    this.#slotJob = new Array(places).fill(undefined)
    this.#slotRecipient = new Int32Array(places)
    this.#slotPart = new Uint8Array(places)
    this.#slotSentAt = new Float64Array(places)

    const { host, port } = settings
    this.#socket =
      settings.tls === false
        ? net.connect({ host, port })
        : tls.connect({
            host,
            port,
            // RFC 6066 section 3 forbids an IP address in SNI; the certificate is checked all the same.
            ...(net.isIP(settings.tls.servername) === 0 ? { servername: settings.tls.servername } : {}),
            ...(settings.tls.ca === undefined ? {} : { ca: settings.tls.ca }),
            rejectUnauthorized: true,
            minVersion: 'TLSv1.2',
          })
    // Otherwise receipts and small windows wait for delayed acknowledgements: 40 ms per round trip.
    this.#socket.setNoDelay(true)
    this.#output = new PduOutput(this.#socket, () => this.#full())
    this.#socket.on(settings.tls === false ? 'connect' : 'secureConnect', () => this.#bind())
    this.#socket.on('data', (chunk: Buffer) => this.#read(chunk))
    this.#socket.on('drain', () => this.#drained())
    this.#socket.on('error', (error: NodeJS.ErrnoException) => {
      this.#reason = describeSocketError(error)
    })
    this.#socket.on('close', () => this.#closed())
    const { enquireLinkMs, responseTimeoutMs } = settings
    this.#tickMs = Math.min(250, Math.max(10, Math.min(enquireLinkMs, responseTimeoutMs) / 5))
    this.#ticker = setInterval(() => this.#tick(), this.#tickMs)
    this.#ticker.unref()
  }

  get isBound(): boolean {
    return this.#state === 'bound'
  }

  get inFlight(): number {
    return this.#inFlight
  }

  /** Milliseconds for which it has been, or was, bound. */
  get boundForMs(): number {
    return this.#boundAt === 0 ? 0 : performance.now() - this.#boundAt
  }

  /** Sum of the milliseconds from submissions to their responses. */
  get answerMs(): number {
    return this.#answerMs
  }

  /** Time of the last response to a submission, `performance.now()`; 0 when none. */
  get answeredAt(): number {
    return this.#answeredAt
  }

  /** Time of the oldest submission without a response, `performance.now()`; Infinity when there is none. */
  get oldestSentAt(): number {
    let oldest = Number.POSITIVE_INFINITY
    if (this.#inFlight === 0) return oldest
    for (let place = 0; place <= this.#mask; place++) {
      const sentAt = this.#slotSentAt[place] as number
      if (this.#slotSequence[place] !== 0 && sentAt < oldest) oldest = sentAt
    }
    return oldest
  }

  /**
   * Number of submissions that may be written now: none while the socket is full or reading is paused, nor while a
   * silent link is being tested, since they would be in doubt.
   */
  get room(): number {
    if (this.#state !== 'bound' || this.#isBlocked || this.#probedAt > 0 || this.#isOverwhelmed) return 0
    return this.#settings.window - this.#inFlight - this.#asked.size
  }

  /**
   * Writes one `submit_sm` from its template and returns its position in `output`, for the caller to set the
   * address and references at once. Only when `room` is above 0. `now` is `performance.now()`.
   */
  submit(template: Buffer, job: Job, recipient: number, part: number, now: number): number {
    let place: number
    do {
      this.#sequence = this.#sequence === 0x7fffffff ? 1 : this.#sequence + 1
      place = this.#sequence & this.#mask
    } while (this.#slotSequence[place] !== 0)
    this.#slotSequence[place] = this.#sequence
    this.#slotJob[place] = job
    this.#slotRecipient[place] = recipient
    this.#slotPart[place] = part
    this.#slotSentAt[place] = now
    this.#inFlight++
    const at = this.#output.claim(template.length)
    const out = this.#output.buffer
    out.set(template, at)
    const sequence = this.#sequence
    out[at + 12] = sequence >>> 24
    out[at + 13] = sequence >>> 16
    out[at + 14] = sequence >>> 8
    out[at + 15] = sequence
    return at
  }

  /**
   * Writes a request about an earlier submission; its sequence number is written into `pdu`. `done` receives the
   * response, or undefined when none came in time. Only when `room` is above 0.
   */
  ask(pdu: Buffer, done: (answer: Pdu | undefined) => void): void {
    const sequence = this.#nextSequence()
    this.#asked.set(sequence, { done, sentAt: performance.now() })
    writeUInt32(pdu, 12, sequence)
    this.#output.send(pdu)
  }

  /** The buffer that `submit` wrote to. */
  get output(): Buffer {
    return this.#output.buffer
  }

  /** True when reading is paused for the owner. */
  get #isOverwhelmed(): boolean {
    return this.#unacknowledged > MAX_UNACKNOWLEDGED || this.#whenAcknowledged !== undefined
  }

  /** Stops reading and waits for pending deliveries, at most `withinMs`. */
  async finishReceived(withinMs: number): Promise<void> {
    if (this.#state === 'closed' || this.#unacknowledged === 0) return
    const acknowledged = new Promise<void>((resolve) => {
      this.#whenAcknowledged = resolve
    })
    this.#regulate()
    const timer = setTimeout(() => this.#whenAcknowledged?.(), withinMs)
    await acknowledged
    clearTimeout(timer)
    this.#whenAcknowledged = undefined
    this.#regulate()
  }

  /** Sends unbind and closes, within `withinMs`. */
  async unbind(withinMs: number): Promise<void> {
    if (this.#state === 'closed') return
    this.#reason = { key: 'link.stopping' }
    if (this.#state === 'bound') {
      this.#state = 'unbinding'
      const answered = new Promise<void>((resolve) => {
        this.#unbound = resolve
      })
      this.#output.send(encodePdu({ command: 'unbind', status: 0, sequence: this.#nextSequence() }))
      const timer = setTimeout(() => this.#unbound?.(), withinMs)
      await answered
      clearTimeout(timer)
    }
    this.close(this.#reason)
  }

  /** Closes the link now. */
  close(reason: LocalisedText): void {
    if (this.#state === 'closed') return
    this.#reason = reason
    this.#handOver()
    this.#output.flush()
    // A last unbind or generic_nack may be sent, but a dead peer is not awaited.
    this.#socket.destroySoon()
    setTimeout(() => this.#socket.destroy(), LINGER_MS).unref()
    this.#closed()
  }

  #nextSequence(): number {
    do {
      this.#sequence = this.#sequence === 0x7fffffff ? 1 : this.#sequence + 1
    } while (this.#slotSequence[this.#sequence & this.#mask] !== 0)
    return this.#sequence
  }

  #bind(): void {
    const { role, systemId, password, systemType } = this.#settings
    this.#output.send(
      encodePdu({
        command: `bind_${role}`,
        status: 0,
        sequence: this.#nextSequence(),
        systemId,
        password,
        systemType,
        interfaceVersion: 0x34,
        addrTon: 0,
        addrNpi: 0,
        addressRange: '',
      }),
    )
  }

  #full(): void {
    this.#isBlocked = true
    this.#regulate()
  }

  #regulate(): void {
    if (this.#isOverwhelmed || this.#socket.writableLength > MAX_UNSENT_BYTES) this.#socket.pause()
    else if (this.#socket.isPaused()) this.#socket.resume()
  }

  #drained(): void {
    this.#isBlocked = false
    this.#regulate()
    if (this.#state === 'bound') this.#owner.ready()
  }

  #read(chunk: Buffer): void {
    if (this.#state === 'closed') return
    this.#readAt = performance.now()
    this.#probedAt = 0
    this.#output.hold()
    const error = this.#framer.push(chunk, this.#onFrame)
    this.#handOver()
    if (error !== undefined) {
      this.#owner.count('framingErrors')
      this.#output.sendHeader(COMMAND.generic_nack, INVALID_COMMAND_LENGTH, 0)
      this.#output.release()
      this.close({ key: 'link.garbage' })
      return
    }
    if (this.#isBound()) this.#owner.ready()
    this.#output.release()
  }

  /** A method, since the state may change after the caller read it. */
  #isBound(): boolean {
    return this.#state === 'bound'
  }

  readonly #onFrame = (buffer: Buffer, start: number, end: number): void => {
    if (this.#state === 'closed') return
    const commandId = readUInt32(buffer, start + 4)
    if (commandId === COMMAND.submit_sm_resp) {
      const messageId = this.#readMessageId(buffer, start + HEADER_BYTES, end)
      this.#answer(readUInt32(buffer, start + 12), readUInt32(buffer, start + 8), messageId)
    } else if (commandId === COMMAND.deliver_sm || commandId === COMMAND.data_sm) {
      const status = this.#owner.delivered(buffer, start, end, commandId === COMMAND.data_sm)
      const answer = (commandId | RESPONSE) >>> 0
      const sequence = readUInt32(buffer, start + 12)
      if (status === undefined) this.#hold(answer, sequence)
      else if (typeof status === 'number') this.#acknowledge(answer, sequence, status)
      else this.#acknowledgeLater(Uint32Array.of(answer, sequence), status)
    } else this.#handle(buffer, start, end)
  }

  /** Reads a message id; empty when absent or invalid. */
  #readMessageId(buffer: Buffer, from: number, end: number): string {
    let stop = from
    let isPlain = true
    for (let octet = buffer[stop]; stop < end && octet !== 0; octet = buffer[++stop]) {
      if ((octet as number) <= SPACE || octet === DELETE) isPlain = false
    }
    if (stop === from) return ''
    if (isPlain && stop - from <= MAX_ID_LENGTH) return buffer.toString('latin1', from, stop)
    this.#owner.count('malformed')
    return ''
  }

  #hold(answer: number, sequence: number): void {
    if (this.#heldLength === this.#held.length) {
      const longer = new Uint32Array(this.#held.length * 2)
      longer.set(this.#held)
      this.#held = longer
    }
    this.#held[this.#heldLength++] = answer
    this.#held[this.#heldLength++] = sequence
  }

  /** Passes all held deliveries to the owner. */
  #handOver(): void {
    const length = this.#heldLength
    if (length === 0) return
    this.#heldLength = 0
    const status = this.#owner.received()
    if (typeof status === 'number') this.#acknowledgeAll(this.#held, length, status)
    else this.#acknowledgeLater(this.#held.slice(0, length), status)
  }

  #acknowledgeLater(held: Uint32Array, status: Promise<number>): void {
    const count = held.length / 2
    this.#unacknowledged += count
    if (this.#unacknowledged > MAX_UNACKNOWLEDGED) this.#regulate()
    void status.then((code) => {
      // The provider repeats unanswered deliveries on another link.
      if (this.#state === 'closed') return
      this.#unacknowledged -= count
      this.#acknowledgeAll(held, held.length, code)
      if (this.#unacknowledged === 0) this.#whenAcknowledged?.()
      if (this.#socket.isPaused()) {
        this.#regulate()
        if (this.#isBound()) this.#owner.ready()
      }
    })
  }

  #acknowledgeAll(held: Uint32Array, length: number, status: number): void {
    for (let i = 0; i < length; i += 2) {
      this.#acknowledge(held[i] as number, held[i + 1] as number, status)
    }
  }

  /** Answers a delivery; the body is an empty message_id (section 4.6.2). */
  #acknowledge(answer: number, sequence: number, status: number): void {
    const at = this.#output.claim(HEADER_BYTES + 1)
    const out = this.#output.buffer
    writeHeader(out, at, { length: HEADER_BYTES + 1, commandId: answer, status, sequence })
    out[at + HEADER_BYTES] = 0
  }

  #answer(sequence: number, said: number, messageId: string): void {
    // The standard defines no larger status.
    const status = said > MAX_ERROR_CODE ? UNKNOWN_ERROR : said
    const place = sequence & this.#mask
    if (sequence === 0 || this.#slotSequence[place] !== sequence) {
      const late = this.#late.get(sequence)
      if (late === undefined) {
        this.#owner.count('unknownSequence')
        return
      }
      this.#late.delete(sequence)
      this.#overdue.delete(sequence)
      this.#answeredAt = this.#readAt
      this.#answerMs += this.#readAt - late.sentAt
      this.#answerTimes.add(this.#readAt - late.sentAt)
      this.#owner.answeredLate(late.job, late.recipient, late.part, status, messageId)
      return
    }
    const job = this.#slotJob[place] as Job
    this.#answeredAt = this.#readAt
    const answerMs = this.#readAt - (this.#slotSentAt[place] as number)
    this.#answerMs += answerMs
    this.#answerTimes.add(answerMs)
    this.#free(place)
    this.#owner.answered(
      job,
      this.#slotRecipient[place] as number,
      this.#slotPart[place] as number,
      status,
      messageId,
    )
  }

  #free(place: number): void {
    this.#slotSequence[place] = 0
    this.#slotJob[place] = undefined
    this.#inFlight--
  }

  /** Handles PDUs that do not occur for every message. */
  #handle(buffer: Buffer, start: number, end: number): void {
    const decoded = decodePdu(buffer, start, end)
    if (!decoded.ok) {
      this.#owner.count('malformed')
      // Never nack a response: two nacks could answer each other for ever.
      if (decoded.commandId >= RESPONSE) return
      const answer =
        decoded.command === undefined ? COMMAND.generic_nack : (decoded.commandId | RESPONSE) >>> 0
      this.#output.sendHeader(answer, decoded.status, decoded.sequence)
      return
    }
    const { pdu } = decoded
    switch (pdu.command) {
      case 'enquire_link':
        this.#output.sendHeader(COMMAND.enquire_link_resp, 0, pdu.sequence)
        return
      case 'enquire_link_resp':
        return
      case 'query_sm_resp':
      case 'cancel_sm_resp':
        if (!this.#settleQuery(pdu)) this.#owner.count('unknownSequence')
        return
      case 'generic_nack':
        if (this.#settleQuery(pdu)) return
        this.#answer(pdu.sequence, pdu.status === 0 ? UNKNOWN_ERROR : pdu.status, '')
        return
      case 'bind_transceiver_resp':
      case 'bind_transmitter_resp':
      case 'bind_receiver_resp':
        this.#bindAnswered(COMMAND[pdu.command], pdu.status, pdu.systemId)
        return
      case 'unbind':
        this.#handOver()
        this.#output.sendHeader(COMMAND.unbind_resp, 0, pdu.sequence)
        this.close({ key: 'link.unbound' })
        return
      case 'unbind_resp':
        this.#unbound?.()
        return
      default:
        // Requests that a provider must not send to a client; unexpected responses are ignored.
        if (COMMAND[pdu.command] < RESPONSE) {
          this.#output.sendHeader(COMMAND.generic_nack, statusCode('ESME_RINVCMDID'), pdu.sequence)
        } else this.#owner.count('unknownSequence')
    }
  }

  /** Settles the query that a response answers; returns false if it answers none. */
  #settleQuery(answer: Pdu): boolean {
    const request = this.#asked.get(answer.sequence)
    if (request === undefined) return false
    this.#asked.delete(answer.sequence)
    request.done(answer)
    return true
  }

  #bindAnswered(commandId: number, status: number, systemId: string): void {
    if (this.#state !== 'connecting' || commandId !== BIND[this.#settings.role] + RESPONSE) {
      this.#owner.count('unknownSequence')
      return
    }
    if (status !== 0) {
      this.#isCredentials = CREDENTIAL_FAULTS.has(status)
      this.close({ key: 'link.refused', values: { name: explainStatus(status).name } })
      return
    }
    const refusal = identityRefusal(this.#settings, systemId)
    if (refusal !== undefined) {
      // An immediate retry would reach the same centre.
      this.#isCredentials = true
      this.close({
        key: refusal,
        values: { host: this.#settings.host, port: this.#settings.port },
      })
      return
    }
    this.#state = 'bound'
    this.#boundAt = performance.now()
    this.#owner.bound()
  }

  #tick(): void {
    if (this.#state === 'closed') return
    const now = performance.now()
    if (this.#isFirstLateTick(now)) return
    const { responseTimeoutMs } = this.#settings
    if (this.#state === 'connecting') {
      if (now - this.#openedAt > responseTimeoutMs) this.close({ key: 'link.no_answer' })
      return
    }
    // A link with unread data is not silent.
    if (this.#isOverwhelmed) {
      this.#readAt = now
      this.#probedAt = 0
    }
    const p99 = this.#answerTimes.p99()
    const overdueMs =
      p99 === undefined ? Number.POSITIVE_INFINITY : Math.max(OVERDUE_MS, p99 * OVERDUE_FACTOR)
    if (this.#closesSilentLink(now, overdueMs)) return
    // The link has been read since the response should have come.
    const overdueBefore = Math.min(now - overdueMs, this.#readAt - (p99 ?? 0))
    if (this.#isWaiting) this.#expire(now - responseTimeoutMs, overdueBefore)
  }

  get #isWaiting(): boolean {
    return this.#inFlight > 0 || this.#asked.size > 0
  }

  /** Returns true once after a process was frozen or very busy: it has unread responses, and reads them before the next tick. */
  #isFirstLateTick(now: number): boolean {
    const isLate = now - this.#tickedAt > this.#tickMs * 2
    this.#tickedAt = now
    const isFirst = isLate && !this.#wasLate
    this.#wasLate = isLate
    return isFirst
  }

  /** Tests a silent link, and closes one that stays silent. @returns whether it was closed */
  #closesSilentLink(now: number, overdueMs: number): boolean {
    const { responseTimeoutMs, enquireLinkMs } = this.#settings
    const silentMs = now - this.#readAt
    // A silent link with submissions in flight is tested early, and cut by the time they time out.
    const patienceMs = this.#isWaiting ? Math.min(enquireLinkMs, responseTimeoutMs / 2) : enquireLinkMs
    // Tested before a place is given up: of a silent link, no submission may be lost alone.
    const testMs = this.#inFlight > 0 ? Math.min(patienceMs, overdueMs / 2) : patienceMs
    if (this.#probedAt === 0 && silentMs >= testMs) {
      this.#probedAt = now
      this.#output.sendHeader(COMMAND.enquire_link, 0, this.#nextSequence())
    } else if (this.#probedAt > 0 && silentMs >= patienceMs + responseTimeoutMs / 2) {
      this.close({ key: 'link.silent' })
      return true
    }
    return false
  }

  /**
   * Times out the submissions written before `sentBefore`, and the overdue ones, as long as those whose response is still
   * awaited are no more than the window: they may all be sent again after a crash.
   */
  #expire(sentBefore: number, overdueBefore: number): void {
    for (const [sequence, sentAt] of this.#overdue) if (sentAt <= sentBefore) this.#overdue.delete(sequence)
    let expired = 0
    for (let place = 0; place <= this.#mask; place++) {
      if (!this.#timesOut(place, sentBefore, overdueBefore)) continue
      this.#giveUp(place)
      expired++
    }
    for (const [sequence, { done, sentAt }] of this.#asked) {
      if (sentAt > sentBefore) continue
      this.#asked.delete(sequence)
      done(undefined)
      expired++
    }
    if (expired > 0) this.#owner.ready()
  }

  /** Returns whether the submission at a position times out, and counts it if it does so before the response timeout. */
  #timesOut(place: number, sentBefore: number, overdueBefore: number): boolean {
    const sequence = this.#slotSequence[place] as number
    if (sequence === 0) return false
    const sentAt = this.#slotSentAt[place] as number
    if (sentAt <= sentBefore) return true
    if (sentAt > overdueBefore || this.#overdue.size >= this.#settings.window) return false
    this.#overdue.set(sequence, sentAt)
    return true
  }

  /** Frees a position, and reports its submission as unanswered; a late response still finds it. */
  #giveUp(place: number): void {
    const sequence = this.#slotSequence[place] as number
    const job = this.#slotJob[place] as Job
    const recipient = this.#slotRecipient[place] as number
    const part = this.#slotPart[place] as number
    const sentAt = this.#slotSentAt[place] as number
    this.#free(place)
    if (this.#late.size >= MAX_LATE) this.#late.delete(this.#late.keys().next().value as number)
    this.#late.set(sequence, { job, recipient, part, sentAt })
    this.#owner.unanswered(job, recipient, part, 'timeout')
  }

  #closed(): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    clearInterval(this.#ticker)
    this.#unbound?.()
    this.#whenAcknowledged?.()
    for (let place = 0; place <= this.#mask; place++) {
      if (this.#slotSequence[place] === 0) continue
      const job = this.#slotJob[place] as Job
      this.#free(place)
      this.#owner.unanswered(
        job,
        this.#slotRecipient[place] as number,
        this.#slotPart[place] as number,
        'linkLost',
      )
    }
    this.#late.clear()
    this.#overdue.clear()
    for (const { done } of this.#asked.values()) done(undefined)
    this.#asked.clear()
    this.#owner.lost(this.#reason, this.#isCredentials)
  }
}

/** The texts of the errors of a socket. */
const SOCKET_ERRORS = new Map([
  ['ECONNREFUSED', 'link.connection_refused'],
  ['ECONNRESET', 'link.reset'],
  ['EPIPE', 'link.reset'],
  ['ENOTFOUND', 'link.unknown_host'],
  ['EAI_AGAIN', 'link.unknown_host'],
  ['ETIMEDOUT', 'link.unreachable'],
  ['EHOSTUNREACH', 'link.unreachable'],
  ['ENETUNREACH', 'link.unreachable'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'link.bad_certificate'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'link.bad_certificate'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'link.bad_certificate'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'link.bad_certificate'],
  ['CERT_HAS_EXPIRED', 'link.bad_certificate'],
  ['CERT_NOT_YET_VALID', 'link.bad_certificate'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'link.bad_certificate'],
  ['EPROTO', 'link.no_tls'],
])

function describeSocketError({ code, message }: NodeJS.ErrnoException): LocalisedText {
  const key = SOCKET_ERRORS.get(code ?? '')
  if (key !== undefined) return { key }
  if (code?.startsWith('ERR_SSL_')) return { key: 'link.no_tls' }
  return { key: 'link.error', values: { error: code ?? message } }
}
