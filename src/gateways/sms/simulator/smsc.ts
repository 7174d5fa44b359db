import fs from 'node:fs'
import net from 'node:net'
import { statusCode } from '../smpp/codes.ts'
import { COMMAND, createSmScan, scanSm, writeHeader } from '../smpp/pdu.ts'
import { parseTimeSeconds } from '../smpp/time.ts'
import { encodeFromPhone, MESSAGE_STATE, type ReceiptFacts, writeReceipt } from './delivery-pdu.ts'
import { changeFaults, createRandom, NO_FAULTS, type SmscFaults } from './faults.ts'
import { type Handset, type HandsetState, Handsets, receivePart } from './handsets.ts'
import { type AppendedPart, type LogEntry, MessageLog, ReceivedText } from './message-log.ts'
import type { Delivery, Outgoing, PhoneMessage } from './outgoing.ts'
import { SmscSession, type SmscSessionOwner } from './smsc-session.ts'
import { StateFile } from './state-file.ts'
import { WaitingLines } from './waiting.ts'

/** `hex`: capitals padded to eight digits; `lowerHex`: no leading zeros; `decimal`: padded to ten digits. */
export type IdFormat = 'hex' | 'lowerHex' | 'decimal'

export interface SmscSettings {
  /** 0 (default): any free port. */
  readonly port?: number
  /** Default 127.0.0.1. */
  readonly host?: string
  /** The only account; default: any. */
  readonly account?: { readonly systemId: string; readonly password: string }
  /** The same seed repeats the faults and the first id; default 1. */
  readonly seed?: number
  /** Format of ids in responses; default hexadecimal. */
  readonly messageIdFormat?: IdFormat
  /** Format of ids in receipts; default as in responses. Some providers use two. */
  readonly receiptIdFormat?: IdFormat
  /**
   * True: receipts contain the national number of the phone, as with some providers; default false: the
   * international one.
   */
  readonly nationalReceipts?: boolean
  /** True: receipts contain text only, as with the oldest providers; default false: text and TLVs. */
  readonly textOnlyReceipts?: boolean
  /** From acceptance to receipt, in milliseconds; default 0. */
  readonly receiptDelayMs?: number
  /** Maximum unacknowledged receipts per session; default 100,000. */
  readonly receiptWindow?: number
  /** Delay before an item refused temporarily is sent again, in milliseconds; default 500. */
  readonly receiptRetryMs?: number
  /** Maximum accepted submissions kept in memory; default 2,000,000. 0: none. */
  readonly logCapacity?: number
  /** NDJSON file to which each accepted submission is appended before it is answered. */
  readonly logFile?: string
  /**
   * NDJSON file with undelivered messages, unacknowledged receipts and phones, written before each submission is
   * answered, so that a crash loses nothing. Default: none, the state is lost with the process.
   */
  readonly stateFile?: string
  /** Phones that keep their messages; default true. False: a sink for benchmarks. */
  readonly handsets?: boolean
  readonly faults?: Partial<SmscFaults>
}

export interface SmscDeps {
  /** Wall clock in milliseconds; default `Date.now`. */
  readonly now?: () => number
}

/** A phone as shown by the control API. */
export interface HandsetView {
  readonly number: string
  readonly state: HandsetState
  readonly delayMs: number
  /** Messages waiting for it to be switched on. */
  readonly waiting: number
  readonly messages: readonly {
    readonly id: string
    readonly from: string
    readonly text: string
    readonly receivedAt: string
  }[]
}

export interface SmscState {
  readonly port: number
  readonly sessions: readonly { readonly systemId: string; readonly role: string }[]
  /** Submissions accepted and refused, and receipts sent since the start, including repeated ones. */
  readonly accepted: number
  readonly refused: number
  readonly receipts: number
  /** Receipts not sent yet: not due, or without a receiver. */
  readonly receiptsWaiting: number
  /** Receipts sent but not acknowledged: they are sent again if the session ends before. */
  readonly receiptsUnacknowledged: number
  readonly faults: SmscFaults
}

export type SmscEvent =
  | {
      readonly type: 'message'
      readonly number: string
      readonly from: string
      readonly text: string
      readonly id: string
    }
  | { readonly type: 'handset'; readonly number: string; readonly state: HandsetState }
  | { readonly type: 'faults'; readonly faults: SmscFaults }
  | { readonly type: 'session'; readonly systemId: string; readonly role: string; readonly isBound: boolean }

export interface Smsc {
  readonly port: number
  state(): SmscState
  handsets(): HandsetView[]
  /**
   * Returns the phone of a number (digits, with or without a plus sign); undefined until its first message or
   * change.
   */
  handset(number: string): HandsetView | undefined
  setHandset(
    number: string,
    change: { readonly state?: HandsetState; readonly delayMs?: number },
  ): HandsetView
  /**
   * Sends a message from the phone to the last sender that wrote to it; it is kept until acknowledged, like
   * receipts. Returns false when no receiver is bound.
   */
  reply(number: string, text: string): boolean
  /** Yields accepted submissions from number `since`, oldest first. */
  log(since?: number): Generator<LogEntry>
  clearLog(): void
  setFaults(change: unknown): SmscFaults | { readonly problem: string }
  /** Resets every connection. */
  cut(): void
  /** Subscribes to events; returns the function that unsubscribes. */
  onEvent(listener: (event: SmscEvent) => void): () => void
  stop(): Promise<void>
}

type Session = SmscSession<Outgoing>

const INVALID_DESTINATION = statusCode('ESME_RINVDSTADR')
const QUEUE_FULL = statusCode('ESME_RMSGQFUL')
const THROTTLED = statusCode('ESME_RTHROTTLED')
const QUERY_FAILED = statusCode('ESME_RQUERYFAIL')
const CANCEL_FAILED = statusCode('ESME_RCANCELFAIL')
const INVALID_PASSWORD = statusCode('ESME_RINVPASWD')
const INVALID_SOURCE = statusCode('ESME_RINVSRCADR')
const PLUS = 0x2b
/** Sections 5.2.8 and 5.2.9, without the NUL. */
const MAX_ADDRESS_BYTES = 20
const UDHI = 0x40
/** Validity of a message that specifies none. */
const DEFAULT_VALIDITY_SECONDS = 48 * 3600
const MAX_TIMER_MS = 2_147_483_647
/** 3GPP TS 29.002, SM delivery failure cause: memory capacity exceeded. */
const MEMORY_FULL_ERROR = 32
/** Maximum receipts kept for disconnected accounts. */
const MAX_RECEIPTS_WAITING = 2_000_000
/** Interval of attempts to send them. */
const OFFER_MS = 50
/** Number of recent texts compared to share an equal one. */
const RECENT_TEXTS = 4
/** Sequence numbers that no client reaches. */
const UNUSED_SEQUENCES = 0x70000000
/** Number of states kept for `query_sm`. */
const MAX_STATES = 100_000

/**
 * Starts an SMS centre that reaches no real phone: an SMPP 3.4 server with phones that can be switched off, faults
 * that can be switched on, and a log of everything it accepted. It is fast enough for benchmarks.
 *
 * A receipt is kept until a client acknowledges it: when the session ends before, it is sent first to the next
 * receiver of the account; on a temporary error it is sent again after a delay; on a permanent one it is dropped.
 * With a `stateFile` this survives the process. When that file cannot be written, sessions are reset rather than
 * answered.
 * @throws StateFileInUse; Error when a file or the port cannot be opened
 */
export async function startSmsc(settings: SmscSettings = {}, deps: SmscDeps = {}): Promise<Smsc> {
  const { now = Date.now } = deps
  const { account, receiptDelayMs = 0, receiptWindow = 100_000, receiptRetryMs = 500 } = settings
  const { textOnlyReceipts = false, messageIdFormat = 'hex' } = settings
  const receiptIdFormat = settings.receiptIdFormat ?? messageIdFormat
  const keepsHandsets = settings.handsets ?? true
  const seed = settings.seed ?? 1
  const random = createRandom(seed)
  const formatId = (id: number) => formatAs(messageIdFormat, id)
  const log = new MessageLog(settings.logCapacity ?? 2_000_000, formatId)
  const handsets = new Handsets()
  const store =
    settings.stateFile === undefined
      ? undefined
      : new StateFile(settings.stateFile, keepsHandsets ? handsets : undefined)
  const sessions = new Set<Session>()
  const listeners = new Set<(event: SmscEvent) => void>()
  const logFile = settings.logFile === undefined ? undefined : fs.openSync(settings.logFile, 'a')
  let logLines = ''
  const scan = createSmScan()
  const recentTexts: ReceivedText[] = []
  // Ids and states of the latest messages for query_sm, by position. Deleting the oldest entries of a Map is slow.
  const stateIds = new Float64Array(MAX_STATES)
  const states = new Uint8Array(MAX_STATES)

  let faults: SmscFaults = { ...NO_FAULTS, ...settings.faults }
  let hasFaults = anyFault(faults)
  // Ids of runs with different seeds are disjoint, and those of runs with one state file always are.
  let nextId = store?.nextId || (seed % 4000) * 1_000_000 + 1
  let nextReplyNo = store?.nextNo ?? 1
  let accepted = 0
  let refused = 0
  let receiptsSent = 0
  let sinceCut = 0
  let tokens = 0
  let tokensAt = performance.now()

  // Receipts by due time: all have one delay, so a queue suffices. `due` is walked by an index.
  let due: Delivery[] = []
  let dueFrom = 0
  let dueTimer: NodeJS.Timeout | undefined
  const waiting = new WaitingLines<Outgoing>()
  let offerTimer: NodeJS.Timeout | undefined
  const retryTimers = new Set<NodeJS.Timeout>()
  /** Timers of responses and receipts sent out of order. */
  const reorderTimers = new Set<NodeJS.Timeout>()
  let receiptsReordered = 0
  let retriesWaiting = 0
  let isStopped = false
  const delayedResponses: { session: Session; sequence: number; id: string; dueAt: number }[] = []
  let responseTimer: NodeJS.Timeout | undefined

  function emit(event: SmscEvent): void {
    for (const listener of listeners) listener(event)
  }

  // ---- Receipts ----

  function receiverFor(systemId: string, preferred: Session | undefined): Session | undefined {
    if (preferred?.canReceive === true) return preferred.isFull ? undefined : preferred
    for (const session of sessions) {
      if (session.canReceive && session.systemId === systemId && !session.isFull) return session
    }
    return undefined
  }

  function sendReceipt(delivery: Delivery, session: Session): void {
    const facts: ReceiptFacts = {
      messageId: formatAs(receiptIdFormat, delivery.id),
      source: delivery.source,
      destination: settings.nationalReceipts ? nationalOf(delivery.destination) : delivery.destination,
      isNational: settings.nationalReceipts ?? false,
      reference: delivery.reference,
      messageState: delivery.messageState,
      errorCode: delivery.errorCode,
      submittedAtMs: delivery.submittedAtMs,
    }
    const nowMs = now()
    if (faults.intermediateReceipts) {
      for (const messageState of [MESSAGE_STATE.accepted, MESSAGE_STATE.enroute]) {
        const early = { ...facts, messageState, errorCode: 0 }
        writeReceipt(session.output, session.nextSequence(), early, nowMs, textOnlyReceipts)
      }
    }
    writeReceipt(session.output, session.track(delivery), facts, nowMs, textOnlyReceipts)
    receiptsSent++
    if (!hasFaults) return
    if (faults.doubleReceipts) {
      writeReceipt(session.output, session.nextSequence(), facts, nowMs, textOnlyReceipts)
    }
    if (faults.unknownReceipts) {
      const messageId = formatAs(receiptIdFormat, 0xf0000000 + Math.floor(random() * 0xfffffff))
      writeReceipt(
        session.output,
        session.nextSequence(),
        { ...facts, messageId, reference: -1 },
        nowMs,
        textOnlyReceipts,
      )
    }
  }

  /** Sends the receipts that are due, to `preferred` when possible. */
  function flushDue(preferred: Session | undefined): void {
    if (dueFrom === due.length) return
    const clockMs = performance.now()
    while (dueFrom < due.length) {
      const delivery = due[dueFrom] as Delivery
      if (delivery.dueAt > clockMs) break
      dueFrom++
      const isPreferred = preferred !== undefined && preferred.systemId === delivery.systemId
      const session =
        waiting.count > 0 && waiting.has(delivery.systemId)
          ? undefined
          : receiverFor(delivery.systemId, isPreferred ? preferred : undefined)
      if (session === undefined) keepWaiting(delivery)
      else sendReceipt(delivery, session)
    }
    if (dueFrom === due.length) {
      due = []
      dueFrom = 0
      return
    }
    if (dueFrom > 10_000) {
      due = due.slice(dueFrom)
      dueFrom = 0
    }
    planDue(clockMs, (due[dueFrom] as Delivery).dueAt)
  }

  /** Keeps a receipt that no session can take now: the account is disconnected or does not read. */
  function keepWaiting(delivery: Delivery): void {
    if (waiting.count < MAX_RECEIPTS_WAITING) waiting.add(delivery)
    else store?.acknowledged(delivery)
    planOffer()
  }

  function planOffer(): void {
    if (isStopped || waiting.count === 0) return
    offerTimer ??= setTimeout(() => {
      offerTimer = undefined
      for (const systemId of waiting.accounts()) offerWaiting(systemId)
    }, OFFER_MS)
  }

  /** Sends as many waiting items of an account as its sessions accept. */
  function offerWaiting(systemId: string): void {
    waiting.drain(systemId, (item) => {
      const session = receiverFor(systemId, undefined)
      if (session === undefined) return false
      if ('body' in item) sendFromPhone(item, session)
      else sendReceipt(item, session)
      return true
    })
    planOffer()
  }

  function sendAgain(systemId: string, items: readonly Outgoing[]): void {
    waiting.putBack(systemId, items)
    offerWaiting(systemId)
  }

  /** Sends items again after the retry delay. */
  function planRetry(systemId: string, items: readonly Outgoing[]): void {
    retriesWaiting += items.length
    const timer = setTimeout(() => {
      retryTimers.delete(timer)
      retriesWaiting -= items.length
      sendAgain(systemId, items)
    }, receiptRetryMs)
    retryTimers.add(timer)
  }

  function sendFromPhone(message: PhoneMessage, session: Session): void {
    session.output.send(encodeFromPhone(session.track(message), message.from, message.to, message.body))
  }

  /** Calls `send` after `delayMs` plus the random delay of the fault `reorderMs`. */
  function sendLater(delayMs: number, send: () => void): void {
    const timer = setTimeout(
      () => {
        reorderTimers.delete(timer)
        send()
      },
      delayMs + random() * faults.reorderMs,
    )
    reorderTimers.add(timer)
  }

  function planDue(clockMs: number, atMs: number): void {
    if (dueTimer !== undefined) return
    dueTimer = setTimeout(
      () => {
        dueTimer = undefined
        flushDue(undefined)
      },
      Math.max(1, atMs - clockMs),
    )
  }

  function rememberState(id: number, messageState: number): void {
    stateIds[id % MAX_STATES] = id
    states[id % MAX_STATES] = messageState
  }

  /** Ends a message at `atMs`: its receipt is due now or after `delayMs`. */
  function finishMessage(
    delivery: Delivery,
    messageState: number,
    errorCode: number,
    delayMs: number,
    atMs: number,
  ): void {
    delivery.messageState = messageState
    delivery.errorCode = errorCode
    rememberState(delivery.id, messageState)
    const isOwed = delivery.wantsReceipt && !faults.noReceipts
    if (store !== undefined) store.ended(delivery, atMs, isOwed)
    if (!isOwed) return
    const clockMs = performance.now()
    delivery.dueAt = clockMs + delayMs
    if (faults.reorderMs > 0) {
      receiptsReordered++
      sendLater(delayMs, () => {
        receiptsReordered--
        sendAgain(delivery.systemId, [delivery])
      })
      return
    }
    due.push(delivery)
    if (delayMs > 0) planDue(clockMs, delivery.dueAt)
  }

  // ---- Phones ----

  function deliverToPhone(handset: Handset, delivery: Delivery, delayMs: number): void {
    const nowMs = now()
    if (handset.state === 'memoryFull') {
      finishMessage(delivery, MESSAGE_STATE.undeliverable, MEMORY_FULL_ERROR, delayMs, nowMs)
    } else if (handset.state === 'off') {
      handset.waiting ??= new Set()
      handset.waiting.add(delivery)
      const leftMs = Math.min(MAX_TIMER_MS, Math.max(0, delivery.validUntilMs - nowMs))
      delivery.timer = setTimeout(() => {
        handset.waiting?.delete(delivery)
        finishMessage(delivery, MESSAGE_STATE.expired, 0, 0, now())
        flushDue(undefined)
      }, leftMs)
      delivery.timer.unref()
    } else {
      const message = receivePart(handset, {
        id: delivery.id,
        from: delivery.source,
        part: delivery.part,
        text: delivery.text,
        receivedAtMs: nowMs,
      })
      if (message !== undefined && listeners.size > 0) {
        const { number } = handset
        const text = message.texts.map((part) => part.value).join('')
        emit({ type: 'message', number, from: message.from, text, id: formatId(message.id) })
      }
      finishMessage(delivery, MESSAGE_STATE.delivered, 0, delayMs, nowMs)
    }
  }

  function deliver(delivery: Delivery): void {
    const delayMs = receiptDelayMs + faults.latencyMs
    if (!keepsHandsets) {
      finishMessage(delivery, MESSAGE_STATE.delivered, 0, delayMs, delivery.submittedAtMs)
      return
    }
    const handset = handsets.get(delivery.destination)
    if (handset.delayMs === 0) {
      deliverToPhone(handset, delivery, delayMs)
      return
    }
    setTimeout(() => {
      deliverToPhone(handset, delivery, delayMs)
      flushDue(undefined)
    }, handset.delayMs).unref()
  }

  // ---- Submissions ----

  /** Returns the text in the scanned PDU, shared with an equal recent one. */
  function readText(buffer: Buffer, start: number, end: number): ReceivedText {
    // The header is read separately: here only the text matters.
    const esmClass = 0
    for (let i = 0; i < recentTexts.length; i++) {
      const recent = recentTexts[i] as ReceivedText
      if (recent.equals(buffer, start, end, scan.dataCoding, esmClass)) return recent
    }
    const text = new ReceivedText(Buffer.from(buffer.subarray(start, end)), scan.dataCoding, esmClass)
    if (recentTexts.length === RECENT_TEXTS) recentTexts.shift()
    recentTexts.push(text)
    return text
  }

  /** Returns the length of the user data header in the scanned PDU, 0 without one. */
  function headerLength(buffer: Buffer): number {
    if ((scan.esmClass & UDHI) === 0 || scan.messageAt >= scan.messageEnd) return 0
    return Math.min((buffer[scan.messageAt] as number) + 1, scan.messageEnd - scan.messageAt)
  }

  /** Reads 8-bit or 16-bit concatenation in the header (3GPP TS 23.040 9.2.3.24.1 and .8), or the SAR parameters. */
  function readPart(buffer: Buffer, header: number): AppendedPart | undefined {
    if (header >= 6 && buffer[scan.messageAt + 1] === 0x00) {
      const at = scan.messageAt + 3
      return checkPart(buffer[at] as number, buffer[at + 1] as number, buffer[at + 2] as number)
    }
    if (header >= 7 && buffer[scan.messageAt + 1] === 0x08) {
      const at = scan.messageAt + 3
      const reference = ((buffer[at] as number) << 8) | (buffer[at + 1] as number)
      return checkPart(reference, buffer[at + 2] as number, buffer[at + 3] as number)
    }
    if (scan.sarTotal > 0) return checkPart(scan.sarReference, scan.sarTotal, scan.sarNumber)
    return undefined
  }

  /** Returns the status to refuse invalid addresses of the scanned submission with, or 0. */
  function checkAddresses(buffer: Buffer): number {
    if (scan.sourceEnd - scan.sourceAt > MAX_ADDRESS_BYTES) return INVALID_SOURCE
    if (buffer[scan.destinationAt] === PLUS) scan.destinationAt++
    const length = scan.destinationEnd - scan.destinationAt
    if (length === 0 || length > MAX_ADDRESS_BYTES) return INVALID_DESTINATION
    for (let at = scan.destinationAt; at < scan.destinationEnd; at++) {
      const octet = buffer[at] as number
      if (octet < 0x30 || octet > 0x39) return INVALID_DESTINATION
    }
    return 0
  }

  /** Returns the status to refuse the scanned submission with, or 0. */
  function refusalStatus(destination: string): number {
    if (faults.queueFull) return QUEUE_FULL
    if (faults.throttlePerSecond > 0) {
      const clockMs = performance.now()
      const burst = Math.max(1, faults.throttlePerSecond / 10)
      tokens = Math.min(burst, tokens + ((clockMs - tokensAt) * faults.throttlePerSecond) / 1000)
      tokensAt = clockMs
      if (tokens < 1) return THROTTLED
      tokens--
    }
    if (faults.failingPrefixes.some((prefix) => destination.startsWith(prefix))) return INVALID_DESTINATION
    return 0
  }

  function submitted(session: Session, buffer: Buffer, start: number, end: number, sequence: number): void {
    const fault = scanSm(buffer, start, end, scan)
    const status = fault !== 0 ? fault : checkAddresses(buffer)
    if (status !== 0) {
      refused++
      session.respond(status, sequence, '')
      return
    }
    const destination = buffer.toString('latin1', scan.destinationAt, scan.destinationEnd)
    if (hasFaults) {
      const code = refusalStatus(destination)
      if (code !== 0) {
        refused++
        respond(session, code, sequence, '')
        return
      }
    }
    const id = nextId++
    rememberState(id, MESSAGE_STATE.enroute)
    const header = headerLength(buffer)
    const part = header > 0 || scan.sarTotal > 0 ? readPart(buffer, header) : undefined
    const text = readText(buffer, scan.messageAt + header, scan.messageEnd)
    const source = buffer.toString('latin1', scan.sourceAt, scan.sourceEnd)
    const submittedAtMs = now()
    log.append({ atMs: submittedAtMs, id, source, destination, reference: scan.reference, part, text })
    accepted++
    const messageId = formatId(id)
    if (logFile !== undefined) {
      const reference = scan.reference < 0 ? undefined : scan.reference
      const at = new Date(submittedAtMs).toISOString()
      const entry = {
        no: log.count - 1,
        at,
        messageId,
        source,
        destination,
        reference,
        part,
        text: text.value,
      }
      logLines += `${JSON.stringify(entry)}\n`
    }
    const delivery: Delivery = {
      id,
      systemId: session.systemId,
      source,
      destination,
      reference: scan.reference,
      part,
      text,
      wantsReceipt: (scan.registeredDelivery & 0x03) === 1,
      submittedAtMs,
      validUntilMs: submittedAtMs + validitySeconds(buffer, submittedAtMs) * 1000,
      messageState: 0,
      errorCode: 0,
      dueAt: 0,
      timer: undefined,
    }
    if (store !== undefined) store.accepted(delivery)
    if (hasFaults) {
      if (faults.receiptBeforeResponse) {
        deliver(delivery)
        flushDue(session)
      }
      // An accepted message is delivered whatever happens to the link.
      const isCut = applyLinkFaults(session)
      if (!isCut && (faults.dropResponses === 0 || random() >= faults.dropResponses)) {
        respond(session, 0, sequence, messageId)
      }
      if (!faults.receiptBeforeResponse) deliver(delivery)
      return
    }
    session.respond(0, sequence, messageId)
    deliver(delivery)
  }

  function validitySeconds(buffer: Buffer, nowMs: number): number {
    if (!keepsHandsets || scan.validityAt === scan.validityEnd) return DEFAULT_VALIDITY_SECONDS
    const text = buffer.toString('latin1', scan.validityAt, scan.validityEnd)
    return parseTimeSeconds(text, nowMs) ?? DEFAULT_VALIDITY_SECONDS
  }

  /** Applies the faults of the link. Returns true when the link is cut and the submission not answered. */
  function applyLinkFaults(session: Session): boolean {
    if (faults.cutEvery > 0 && ++sinceCut >= faults.cutEvery) {
      sinceCut = 0
      beforeWrite(session)
      session.reset()
      return true
    }
    if (faults.wrongSequence > 0 && random() < faults.wrongSequence) {
      session.respond(0, UNUSED_SEQUENCES + Math.floor(random() * 0xffffff), 'WRONG')
    }
    if (faults.garbagePdus > 0 && random() < faults.garbagePdus) {
      // Alternates between an unknown command and a truncated deliver_sm.
      const length = 16 + Math.floor(random() * 40)
      const at = session.output.claim(length)
      for (let i = 16; i < length; i++) session.output.buffer[at + i] = 1 + Math.floor(random() * 255)
      const command = random() < 0.5 ? 0x00000777 : COMMAND.deliver_sm
      writeHeader(session.output.buffer, at, {
        length,
        commandId: command,
        status: 0,
        sequence: session.nextSequence(),
      })
    }
    if (faults.garbageBytes > 0 && random() < faults.garbageBytes) {
      const at = session.output.claim(64)
      for (let i = 0; i < 64; i++) session.output.buffer[at + i] = Math.floor(random() * 256)
    }
    return false
  }

  function respond(session: Session, status: number, answered: number, id: string): void {
    const isMisnumbered = faults.misnumbered > 0 && random() < faults.misnumbered
    const sequence = isMisnumbered ? UNUSED_SEQUENCES + Math.floor(random() * 0xffffff) : answered
    if (faults.reorderMs > 0) {
      sendLater(faults.latencyMs, () => session.respond(status, sequence, id))
      return
    }
    if (faults.latencyMs === 0 || status !== 0) {
      session.respond(status, sequence, id)
      return
    }
    delayedResponses.push({ session, sequence, id, dueAt: performance.now() + faults.latencyMs })
    planResponses()
  }

  function planResponses(): void {
    const [first] = delayedResponses
    if (first === undefined || responseTimer !== undefined) return
    responseTimer = setTimeout(
      () => {
        responseTimer = undefined
        const clockMs = performance.now()
        let count = 0
        for (const { session, sequence, id, dueAt } of delayedResponses) {
          if (dueAt > clockMs) break
          session.respond(0, sequence, id)
          count++
        }
        delayedResponses.splice(0, count)
        planResponses()
      },
      Math.max(1, first.dueAt - performance.now()),
    )
  }

  /** Writes the log before responses are sent: every message that a client knows as accepted is in the file. */
  function flushLog(): void {
    if (logFile === undefined || logLines === '') return
    fs.writeSync(logFile, logLines)
    logLines = ''
  }

  /**
   * Resets the session when the state cannot be stored, so that the client does not see its submissions as
   * accepted.
   */
  function beforeWrite(session: Session): void {
    flushLog()
    try {
      store?.flush()
    } catch {
      session.reset()
    }
  }

  // ---- Sessions ----

  const owner: SmscSessionOwner<Outgoing> = {
    authenticate(systemId, password) {
      if (account === undefined) return 0
      return systemId === account.systemId && password === account.password ? 0 : INVALID_PASSWORD
    },
    submitted,
    handedBack: (session, items) => planRetry(session.systemId, items),
    query(pdu) {
      const id = Number.parseInt(pdu.messageId, messageIdFormat === 'hex' ? 16 : 10)
      const messageState = stateIds[id % MAX_STATES] === id ? states[id % MAX_STATES] : undefined
      const { messageId, sequence } = pdu
      return {
        command: 'query_sm_resp',
        status: messageState === undefined ? QUERY_FAILED : 0,
        sequence,
        messageId,
        finalDate: '',
        messageState: messageState ?? 0,
        errorCode: 0,
      }
    },
    cancel(pdu) {
      const id = Number.parseInt(pdu.messageId, messageIdFormat === 'hex' ? 16 : 10)
      const handset = handsets.find(pdu.destination)
      const delivery = [...((handset?.waiting ?? []) as Iterable<Delivery>)].find((one) => one.id === id)
      if (delivery === undefined)
        return { command: 'cancel_sm_resp', status: CANCEL_FAILED, sequence: pdu.sequence }
      clearTimeout(delivery.timer)
      handset?.waiting?.delete(delivery)
      finishMessage(delivery, MESSAGE_STATE.deleted, 0, 0, now())
      return { command: 'cancel_sm_resp', status: 0, sequence: pdu.sequence }
    },
    readEnded(session) {
      // Acknowledgements made room.
      if (waiting.count > 0) offerWaiting(session.systemId)
      flushDue(session)
    },
    bound(session) {
      emit({ type: 'session', systemId: session.systemId, role: session.role ?? '', isBound: true })
      offerWaiting(session.systemId)
    },
    closed(session, unacknowledged) {
      sessions.delete(session)
      sendAgain(session.systemId, unacknowledged)
      if (session.role === undefined) return
      emit({ type: 'session', systemId: session.systemId, role: session.role, isBound: false })
    },
    isSilent: () => faults.silent,
    ...(store === undefined ? {} : { acknowledged: (item: Outgoing) => store.acknowledged(item) }),
    ...(store === undefined && logFile === undefined ? {} : { beforeWrite }),
  }

  const server = net.createServer({ noDelay: true }, (socket) => {
    sessions.add(new SmscSession(socket, owner, receiptWindow))
  })
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(settings.port ?? 0, settings.host ?? '127.0.0.1', resolve)
    })
  } catch (error) {
    store?.close()
    throw error
  }
  restorePending()
  const { port } = server.address() as net.AddressInfo

  /** Restores the pending items of the previous process. */
  function restorePending(): void {
    if (store === undefined) return
    const { deliveries, replies } = store.pending()
    for (const message of replies) waiting.add(message)
    for (const delivery of deliveries) {
      rememberState(delivery.id, delivery.messageState || MESSAGE_STATE.enroute)
      if (delivery.messageState !== 0) keepWaiting(delivery)
      else if (delivery.validUntilMs <= now()) finishMessage(delivery, MESSAGE_STATE.expired, 0, 0, now())
      else deliver(delivery)
    }
    flushDue(undefined)
    planOffer()
  }

  function toHandsetView(handset: Handset): HandsetView {
    return {
      number: handset.number,
      state: handset.state,
      delayMs: handset.delayMs,
      waiting: handset.waiting?.size ?? 0,
      messages: handset.messages.map(({ id, from, texts, receivedAtMs }) => ({
        id: formatId(id),
        from,
        text: texts.map((text) => text.value).join(''),
        receivedAt: new Date(receivedAtMs).toISOString(),
      })),
    }
  }

  return {
    port,
    state: () => ({
      port,
      sessions: [...sessions]
        .filter((session) => session.role !== undefined)
        .map(({ systemId, role }) => ({ systemId, role: role as string })),
      accepted,
      refused,
      receipts: receiptsSent,
      receiptsWaiting: due.length - dueFrom + waiting.count + retriesWaiting + receiptsReordered,
      receiptsUnacknowledged: [...sessions].reduce((sum, session) => sum + session.unacknowledged, 0),
      faults,
    }),
    handsets: () => [...handsets.list()].map(toHandsetView),
    handset(number) {
      const handset = handsets.find(digitsOf(number))
      return handset === undefined ? undefined : toHandsetView(handset)
    },
    setHandset(number, { state, delayMs }) {
      const handset = handsets.get(digitsOf(number))
      if (delayMs !== undefined) handset.delayMs = delayMs
      if (state !== undefined && state !== handset.state) {
        handset.state = state
        emit({ type: 'handset', number: handset.number, state })
        const waiting = (handset.waiting ?? new Set()) as Set<Delivery>
        if (state !== 'off') {
          handset.waiting = undefined
          for (const delivery of waiting) {
            clearTimeout(delivery.timer)
            deliverToPhone(handset, delivery, 0)
          }
          flushDue(undefined)
        }
      }
      store?.handsetChanged(handset)
      return toHandsetView(handset)
    },
    reply(number, text) {
      const from = digitsOf(number)
      const to = handsets.find(from)?.messages.at(-1)?.from ?? 'TOCSIN'
      for (const session of sessions) {
        if (!session.canReceive) continue
        const message = { no: nextReplyNo++, systemId: session.systemId, from, to, body: text }
        store?.replied(message)
        sendFromPhone(message, session)
        return true
      }
      return false
    },
    log: (since) => log.entries(since),
    clearLog: () => log.clear(),
    setFaults(change) {
      const changed = changeFaults(faults, change)
      if ('problem' in changed) return changed
      faults = changed
      hasFaults = anyFault(faults)
      tokens = 0
      tokensAt = performance.now()
      emit({ type: 'faults', faults })
      return faults
    },
    cut() {
      for (const session of sessions) session.reset()
    },
    onEvent(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async stop() {
      clearTimeout(dueTimer)
      isStopped = true
      clearTimeout(offerTimer)
      for (const timer of [...retryTimers, ...reorderTimers]) clearTimeout(timer)
      clearTimeout(responseTimer)
      for (const { waiting } of handsets.list()) {
        for (const delivery of (waiting ?? []) as Iterable<Delivery>) clearTimeout(delivery.timer)
      }
      const closed = new Promise((resolve) => server.close(resolve))
      for (const session of sessions) session.end()
      await closed
      flushLog()
      if (logFile !== undefined) fs.closeSync(logFile)
      store?.close()
    },
  }
}

function formatAs(format: IdFormat, id: number): string {
  if (format === 'decimal') return id.toString().padStart(10, '0')
  const digits = id.toString(16)
  return format === 'hex' ? digits.toUpperCase().padStart(8, '0') : digits
}

/** Returns a French number as dialled in the country, for receipts without the country code. */
function nationalOf(destination: string): string {
  return destination.replace(/^\+?33/, '0')
}

function anyFault(faults: SmscFaults): boolean {
  return Object.values(faults).some((value) => (Array.isArray(value) ? value.length > 0 : Boolean(value)))
}

function digitsOf(number: string): string {
  return number.startsWith('+') ? number.slice(1) : number
}

function checkPart(reference: number, total: number, number: number): AppendedPart | undefined {
  return total > 0 && number > 0 && number <= total ? { reference, number, total } : undefined
}
