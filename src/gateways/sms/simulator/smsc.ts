import fs from 'node:fs'
import net from 'node:net'
import { statusCode } from '../smpp/pdu/codes.ts'
import type { Pdu } from '../smpp/pdu/pdu.ts'
import { type SmscEvent, SmscEvents } from './events.ts'
import { createRandom, type SmscFaults } from './faults.ts'
import { type Handset, type HandsetState, Handsets } from './handsets.ts'
import { SIMULATOR_SYSTEM_ID } from './identity.ts'
import { formatId, type IdFormat } from './ids.ts'
import { type LogEntry, MessageLog } from './message-log.ts'
import type { Delivery, Outgoing } from './outgoing.ts'
import { Phones } from './phones.ts'
import { ProviderFaults } from './provider-faults.ts'
import { Receipts } from './receipts.ts'
import { SmscSession, type SmscSessionOwner } from './smsc-session.ts'
import { StateFile } from './state-file.ts'
import { DEFAULT_VALIDITY_SECONDS, SubmissionReader } from './submission-reader.ts'

export interface SmscSettings {
  /** 0 (default): any free port. */
  readonly port?: number
  /** Default 127.0.0.1. */
  readonly host?: string
  /** The only account; default: any. */
  readonly account?: { readonly systemId: string; readonly password: string }
  /**
   * The `system_id` of the responses to binds; default: that of the simulator. With another one it plays a provider of an
   * installation in service, which refuses the simulator.
   */
  readonly answersAs?: string
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
  /** True: receipts do not contain the reference of the submission; default false. */
  readonly unmarkedReceipts?: boolean
  /** True: receipts contain neither the phone nor the reference of the submission; default false. */
  readonly anonymousReceipts?: boolean
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
  /** `linkTests`: how many enquire_link of the client were answered. */
  readonly sessions: readonly {
    readonly systemId: string
    readonly role: string
    readonly linkTests: number
  }[]
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

const QUERY_FAILED = statusCode('ESME_RQUERYFAIL')
const CANCEL_FAILED = statusCode('ESME_RCANCELFAIL')
const INVALID_PASSWORD = statusCode('ESME_RINVPASWD')

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
  const smsc = new SmsCentre(settings, deps)
  await smsc.listen()
  return smsc
}

/** The centre, from opening its files to closing them: accepts submissions and hands them to phones and receipts. */
class SmsCentre implements Smsc {
  readonly #settings: SmscSettings
  readonly #now: () => number
  readonly #keepsHandsets: boolean
  readonly #idFormat: IdFormat
  readonly #log: MessageLog
  readonly #handsets = new Handsets()
  readonly #store: StateFile | undefined
  readonly #logFile: number | undefined
  #logLines = ''
  readonly #sessions = new Set<Session>()
  readonly #events = new SmscEvents()
  readonly #reader = new SubmissionReader()
  readonly #faults: ProviderFaults
  readonly #receipts: Receipts
  readonly #phones: Phones
  readonly #server: net.Server
  #nextId: number
  #nextReplyNo: number
  #accepted = 0
  #refused = 0
  #port = 0

  constructor(settings: SmscSettings, { now = Date.now }: SmscDeps) {
    const {
      seed = 1,
      messageIdFormat = 'hex',
      receiptIdFormat = messageIdFormat,
      nationalReceipts: isNational = false,
      unmarkedReceipts = false,
      anonymousReceipts: isAnonymous = false,
      textOnlyReceipts: isTextOnly = false,
      receiptRetryMs: retryMs = 500,
      receiptDelayMs = 0,
      receiptWindow = 100_000,
      logCapacity = 2_000_000,
      stateFile,
      logFile,
    } = settings
    this.#settings = settings
    this.#now = now
    this.#keepsHandsets = settings.handsets ?? true
    this.#idFormat = messageIdFormat
    const random = createRandom(seed)
    this.#log = new MessageLog(logCapacity, (id) => this.#formatId(id))
    this.#store =
      stateFile === undefined
        ? undefined
        : new StateFile(stateFile, this.#keepsHandsets ? this.#handsets : undefined)
    this.#logFile = logFile === undefined ? undefined : fs.openSync(logFile, 'a')
    // Ids of runs with different seeds are disjoint, and those of runs with one state file always are.
    this.#nextId = this.#store?.nextId || (seed % 4000) * 1_000_000 + 1
    this.#nextReplyNo = this.#store?.nextNo ?? 1
    this.#faults = new ProviderFaults(settings.faults ?? {}, random)
    this.#receipts = new Receipts({
      sessions: this.#sessions,
      faults: this.#faults,
      store: this.#store,
      idFormat: receiptIdFormat,
      isNational,
      isMarked: !(unmarkedReceipts || isAnonymous),
      isAnonymous,
      isTextOnly,
      retryMs,
      now,
      random,
    })
    this.#phones = new Phones({
      handsets: this.#handsets,
      keepsHandsets: this.#keepsHandsets,
      receipts: this.#receipts,
      receiptDelayMs,
      faults: this.#faults,
      store: this.#store,
      events: this.#events,
      formatId: (id) => this.#formatId(id),
      now,
    })
    const owner = this.#createOwner()
    this.#server = net.createServer({ noDelay: true }, (socket) => {
      this.#sessions.add(new SmscSession(socket, owner, receiptWindow))
    })
  }

  /** Opens the port and continues with what the previous process left. @throws Error when the port cannot be opened */
  async listen(): Promise<void> {
    const { port = 0, host = '127.0.0.1' } = this.#settings
    try {
      await new Promise<void>((resolve, reject) => {
        this.#server.once('error', reject)
        this.#server.listen(port, host, resolve)
      })
    } catch (error) {
      this.#store?.close()
      throw error
    }
    this.#restorePending()
    this.#port = (this.#server.address() as net.AddressInfo).port
  }

  #restorePending(): void {
    if (this.#store === undefined) return
    const { deliveries, replies } = this.#store.pending()
    this.#receipts.restore(replies)
    for (const delivery of deliveries) this.#phones.restore(delivery)
    this.#receipts.flushDue(undefined)
    this.#receipts.planOffer()
  }

  // ---- Sessions ----

  #createOwner(): SmscSessionOwner<Outgoing> {
    const store = this.#store
    const hasFile = store !== undefined || this.#logFile !== undefined
    return {
      answersAs: this.#settings.answersAs ?? SIMULATOR_SYSTEM_ID,
      authenticate: (systemId, password) => this.#authenticate(systemId, password),
      submitted: (session, buffer, start, end, sequence) =>
        this.#submitted(session, buffer, start, end, sequence),
      handedBack: (session, items) => this.#receipts.planRetry(session.systemId, items),
      query: (pdu) => this.#query(pdu),
      cancel: (pdu) => {
        const isCancelled = this.#phones.cancel(this.#parseId(pdu.messageId), pdu.destination)
        return { command: 'cancel_sm_resp', status: isCancelled ? 0 : CANCEL_FAILED, sequence: pdu.sequence }
      },
      readEnded: (session) => this.#receipts.readEnded(session),
      bound: (session) => {
        const { systemId, role = '' } = session
        this.#events.emit({ type: 'session', systemId, role, isBound: true })
        this.#receipts.offerWaiting(systemId)
      },
      closed: (session, unacknowledged) => {
        const { systemId, role } = session
        this.#sessions.delete(session)
        this.#receipts.sendAgain(systemId, unacknowledged)
        if (role !== undefined) this.#events.emit({ type: 'session', systemId, role, isBound: false })
      },
      isSilent: () => this.#faults.current.silent,
      ...(store === undefined ? {} : { acknowledged: (item: Outgoing) => store.acknowledged(item) }),
      ...(hasFile ? { beforeWrite: (session: Session) => this.#beforeWrite(session) } : {}),
    }
  }

  #authenticate(systemId: string, password: string): number {
    const { account } = this.#settings
    if (account === undefined) return 0
    return systemId === account.systemId && password === account.password ? 0 : INVALID_PASSWORD
  }

  #query({ messageId, sequence }: Pdu & { command: 'query_sm' }): Pdu {
    const messageState = this.#phones.findState(this.#parseId(messageId))
    return {
      command: 'query_sm_resp',
      status: messageState === undefined ? QUERY_FAILED : 0,
      sequence,
      messageId,
      finalDate: '',
      messageState: messageState ?? 0,
      errorCode: 0,
    }
  }

  #parseId(messageId: string): number {
    return Number.parseInt(messageId, this.#idFormat === 'hex' ? 16 : 10)
  }

  #formatId(id: number): string {
    return formatId(this.#idFormat, id)
  }

  // ---- Submissions ----

  #submitted(session: Session, buffer: Buffer, start: number, end: number, sequence: number): void {
    const status = this.#reader.scan(buffer, start, end)
    if (status !== 0) {
      this.#refused++
      session.respond(status, sequence, '')
      return
    }
    const destination = this.#reader.readDestination(buffer)
    const code = this.#faults.isAny ? this.#faults.refusalStatus(destination) : 0
    if (code !== 0) {
      this.#refused++
      this.#faults.respond(session, code, sequence, '')
      return
    }
    const delivery = this.#accept(session, buffer, destination)
    const messageId = this.#formatId(delivery.id)
    if (this.#faults.isAny) this.#answerWithFaults(session, delivery, sequence, messageId)
    else {
      session.respond(0, sequence, messageId)
      this.#phones.deliver(delivery)
    }
  }

  /** Numbers the scanned submission and writes it to the log and the state file. */
  #accept(session: Session, buffer: Buffer, destination: string): Delivery {
    const id = this.#nextId++
    this.#phones.accept(id)
    const { source, reference, part, text, wantsReceipt } = this.#reader.read(buffer)
    const atMs = this.#now()
    this.#log.append({ atMs, id, source, destination, reference, part, text })
    this.#accepted++
    if (this.#logFile !== undefined) {
      const entry = {
        no: this.#log.count - 1,
        at: new Date(atMs).toISOString(),
        messageId: this.#formatId(id),
        source,
        destination,
        reference: reference < 0 ? undefined : reference,
        part,
        text: text.value,
      }
      this.#logLines += `${JSON.stringify(entry)}\n`
    }
    const validitySeconds = this.#keepsHandsets
      ? this.#reader.readValiditySeconds(buffer, atMs)
      : DEFAULT_VALIDITY_SECONDS
    const delivery: Delivery = {
      id,
      systemId: session.systemId,
      source,
      destination,
      reference,
      part,
      text,
      wantsReceipt,
      submittedAtMs: atMs,
      validUntilMs: atMs + validitySeconds * 1000,
      messageState: 0,
      errorCode: 0,
      dueAt: 0,
      timer: undefined,
    }
    this.#store?.accepted(delivery)
    return delivery
  }

  #answerWithFaults(session: Session, delivery: Delivery, sequence: number, messageId: string): void {
    const { receiptBeforeResponse } = this.#faults.current
    if (receiptBeforeResponse) {
      this.#phones.deliver(delivery)
      this.#receipts.flushDue(session)
    }
    // An accepted message is delivered whatever happens to the link.
    const isCut = this.#faults.applyTo(session, (cut) => this.#beforeWrite(cut))
    if (!isCut && !this.#faults.dropsResponse()) this.#faults.respond(session, 0, sequence, messageId)
    if (!receiptBeforeResponse) this.#phones.deliver(delivery)
  }

  /** Writes the log before responses are sent: every message that a client knows as accepted is in the file. */
  #flushLog(): void {
    if (this.#logFile === undefined || this.#logLines === '') return
    fs.writeSync(this.#logFile, this.#logLines)
    this.#logLines = ''
  }

  /** Resets the session when the state cannot be stored, so that the client does not see its submissions as accepted. */
  #beforeWrite(session: Session): void {
    this.#flushLog()
    try {
      this.#store?.flush()
    } catch {
      session.reset()
    }
  }

  // ---- Control ----

  get port(): number {
    return this.#port
  }

  state(): SmscState {
    const sessions = [...this.#sessions]
    return {
      port: this.#port,
      sessions: sessions
        .filter((session) => session.role !== undefined)
        .map(({ systemId, role, linkTests }) => ({ systemId, role: role as string, linkTests })),
      accepted: this.#accepted,
      refused: this.#refused,
      receipts: this.#receipts.sent,
      receiptsWaiting: this.#receipts.waiting,
      receiptsUnacknowledged: sessions.reduce((sum, session) => sum + session.unacknowledged, 0),
      faults: this.#faults.current,
    }
  }

  handsets(): HandsetView[] {
    return [...this.#handsets.list()].map((handset) => this.#toHandsetView(handset))
  }

  handset(number: string): HandsetView | undefined {
    const handset = this.#handsets.find(digitsOf(number))
    return handset === undefined ? undefined : this.#toHandsetView(handset)
  }

  setHandset(number: string, { state, delayMs }: Parameters<Smsc['setHandset']>[1]): HandsetView {
    const handset = this.#handsets.get(digitsOf(number))
    if (delayMs !== undefined) handset.delayMs = delayMs
    if (state !== undefined && state !== handset.state) this.#phones.switchHandset(handset, state)
    this.#store?.handsetChanged(handset)
    return this.#toHandsetView(handset)
  }

  reply(number: string, text: string): boolean {
    const from = digitsOf(number)
    const to = this.#handsets.find(from)?.messages.at(-1)?.from ?? 'TOCSIN'
    for (const session of this.#sessions) {
      if (!session.canReceive) continue
      const message = { no: this.#nextReplyNo++, systemId: session.systemId, from, to, body: text }
      this.#store?.replied(message)
      this.#receipts.sendFromPhone(message, session)
      return true
    }
    return false
  }

  log(since?: number): Generator<LogEntry> {
    return this.#log.entries(since)
  }

  clearLog(): void {
    this.#log.clear()
  }

  setFaults(change: unknown): SmscFaults | { readonly problem: string } {
    const faults = this.#faults.change(change)
    if (!('problem' in faults)) this.#events.emit({ type: 'faults', faults })
    return faults
  }

  cut(): void {
    for (const session of this.#sessions) session.reset()
  }

  onEvent(listener: (event: SmscEvent) => void): () => void {
    return this.#events.subscribe(listener)
  }

  async stop(): Promise<void> {
    this.#receipts.stop()
    this.#faults.stop()
    this.#phones.stop()
    const closed = new Promise((resolve) => this.#server.close(resolve))
    for (const session of this.#sessions) session.end()
    await closed
    this.#flushLog()
    if (this.#logFile !== undefined) fs.closeSync(this.#logFile)
    this.#store?.close()
  }

  #toHandsetView(handset: Handset): HandsetView {
    return {
      number: handset.number,
      state: handset.state,
      delayMs: handset.delayMs,
      waiting: handset.waiting?.size ?? 0,
      messages: handset.messages.map(({ id, from, texts, receivedAtMs }) => ({
        id: this.#formatId(id),
        from,
        text: texts.map((text) => text.value).join(''),
        receivedAt: new Date(receivedAtMs).toISOString(),
      })),
    }
  }
}

function digitsOf(number: string): string {
  return number.startsWith('+') ? number.slice(1) : number
}
