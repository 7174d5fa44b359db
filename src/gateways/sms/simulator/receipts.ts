import { encodeFromPhone, MESSAGE_STATE, type ReceiptFacts, writeReceipt } from './delivery-pdu.ts'
import { formatId, type IdFormat } from './ids.ts'
import type { Delivery, Outgoing, PhoneMessage } from './outgoing.ts'
import type { ProviderFaults } from './provider-faults.ts'
import type { SmscSession } from './smsc-session.ts'
import type { StateFile } from './state-file.ts'
import { WaitingLines } from './waiting.ts'

type Session = SmscSession<Outgoing>

/** Maximum receipts kept for disconnected accounts. */
const MAX_RECEIPTS_WAITING = 2_000_000
/** Interval of attempts to send them. */
const OFFER_MS = 50

interface ReceiptParts {
  /** Connected sessions. */
  readonly sessions: ReadonlySet<Session>
  readonly faults: ProviderFaults
  readonly store: StateFile | undefined
  readonly idFormat: IdFormat
  readonly isNational: boolean
  readonly isMarked: boolean
  readonly isAnonymous: boolean
  readonly isTextOnly: boolean
  readonly retryMs: number
  readonly now: () => number
  readonly random: () => number
}

/**
 * Sends receipts, and messages of phones, to the sessions of their account: when they are due, again when they were refused
 * temporarily, and later when no session can take them.
 */
export class Receipts {
  readonly #sessions: ReadonlySet<Session>
  readonly #faults: ProviderFaults
  readonly #store: StateFile | undefined
  readonly #idFormat: IdFormat
  readonly #isNational: boolean
  readonly #isMarked: boolean
  readonly #isAnonymous: boolean
  readonly #isTextOnly: boolean
  readonly #retryMs: number
  readonly #now: () => number
  readonly #random: () => number
  // Receipts by due time: all have one delay, so a queue suffices. It is walked by an index.
  #due: Delivery[] = []
  #dueFrom = 0
  #dueTimer: NodeJS.Timeout | undefined
  readonly #waiting = new WaitingLines<Outgoing>()
  #offerTimer: NodeJS.Timeout | undefined
  readonly #retryTimers = new Set<NodeJS.Timeout>()
  #retriesWaiting = 0
  #reordered = 0
  #sent = 0
  #isStopped = false

  constructor(parts: ReceiptParts) {
    this.#sessions = parts.sessions
    this.#faults = parts.faults
    this.#store = parts.store
    this.#idFormat = parts.idFormat
    this.#isNational = parts.isNational
    this.#isMarked = parts.isMarked
    this.#isAnonymous = parts.isAnonymous
    this.#isTextOnly = parts.isTextOnly
    this.#retryMs = parts.retryMs
    this.#now = parts.now
    this.#random = parts.random
  }

  /** Number of receipts sent, including repeated ones. */
  get sent(): number {
    return this.#sent
  }

  /** Number of receipts not sent yet: not due, or without a receiver. */
  get waiting(): number {
    return this.#due.length - this.#dueFrom + this.#waiting.count + this.#retriesWaiting + this.#reordered
  }

  /** Plans the receipt of a message that ended: due now or after `delayMs`. */
  plan(delivery: Delivery, delayMs: number): void {
    const clockMs = performance.now()
    delivery.dueAt = clockMs + delayMs
    if (this.#faults.current.reorderMs > 0) {
      this.#reordered++
      this.#faults.sendLater(delayMs, () => {
        this.#reordered--
        this.sendAgain(delivery.systemId, [delivery])
      })
      return
    }
    this.#due.push(delivery)
    if (delayMs > 0) this.#planDue(clockMs, delivery.dueAt)
  }

  /** Sends what acknowledgements made room for, and what is due. */
  readEnded(session: Session): void {
    if (this.#waiting.count > 0) this.offerWaiting(session.systemId)
    this.flushDue(session)
  }

  /** Restores items of the previous process. */
  restore(items: readonly Outgoing[]): void {
    for (const item of items) this.#waiting.add(item)
  }

  /** Stops every timer. */
  stop(): void {
    this.#isStopped = true
    clearTimeout(this.#dueTimer)
    clearTimeout(this.#offerTimer)
    for (const timer of this.#retryTimers) clearTimeout(timer)
  }

  #receiverFor(systemId: string, preferred: Session | undefined): Session | undefined {
    if (preferred?.canReceive === true) return preferred.isFull ? undefined : preferred
    for (const session of this.#sessions) {
      if (session.canReceive && session.systemId === systemId && !session.isFull) return session
    }
    return undefined
  }

  #sendReceipt(delivery: Delivery, session: Session): void {
    const facts: ReceiptFacts = {
      messageId: formatId(this.#idFormat, delivery.id),
      source: delivery.source,
      destination: this.#phoneOf(delivery),
      isNational: this.#isNational,
      reference: this.#isMarked ? delivery.reference : -1,
      messageState: delivery.messageState,
      errorCode: delivery.errorCode,
      submittedAtMs: delivery.submittedAtMs,
    }
    const nowMs = this.#now()
    if (this.#faults.current.intermediateReceipts) {
      for (const messageState of [MESSAGE_STATE.accepted, MESSAGE_STATE.enroute]) {
        const early = { ...facts, messageState, errorCode: 0 }
        writeReceipt(session.output, session.nextSequence(), early, nowMs, this.#isTextOnly)
      }
    }
    writeReceipt(session.output, session.track(delivery), facts, nowMs, this.#isTextOnly)
    this.#sent++
    if (!this.#faults.isAny) return
    if (this.#faults.current.doubleReceipts) {
      writeReceipt(session.output, session.nextSequence(), facts, nowMs, this.#isTextOnly)
    }
    if (this.#faults.current.unknownReceipts) {
      const messageId = formatId(this.#idFormat, 0xf0000000 + Math.floor(this.#random() * 0xfffffff))
      writeReceipt(
        session.output,
        session.nextSequence(),
        { ...facts, messageId, reference: -1 },
        nowMs,
        this.#isTextOnly,
      )
    }
  }

  #phoneOf({ destination }: Delivery): string {
    if (this.#isAnonymous) return ''
    return this.#isNational ? nationalOf(destination) : destination
  }

  /** Sends the receipts that are due, to `preferred` when possible. */
  flushDue(preferred: Session | undefined): void {
    if (this.#dueFrom === this.#due.length) return
    const clockMs = performance.now()
    while (this.#dueFrom < this.#due.length) {
      const delivery = this.#due[this.#dueFrom] as Delivery
      if (delivery.dueAt > clockMs) break
      this.#dueFrom++
      const isPreferred = preferred !== undefined && preferred.systemId === delivery.systemId
      const session =
        this.#waiting.count > 0 && this.#waiting.has(delivery.systemId)
          ? undefined
          : this.#receiverFor(delivery.systemId, isPreferred ? preferred : undefined)
      if (session === undefined) this.keepWaiting(delivery)
      else this.#sendReceipt(delivery, session)
    }
    if (this.#dueFrom === this.#due.length) {
      this.#due = []
      this.#dueFrom = 0
      return
    }
    if (this.#dueFrom > 10_000) {
      this.#due = this.#due.slice(this.#dueFrom)
      this.#dueFrom = 0
    }
    this.#planDue(clockMs, (this.#due[this.#dueFrom] as Delivery).dueAt)
  }

  /** Keeps a receipt that no session can take now: the account is disconnected or does not read. */
  keepWaiting(delivery: Delivery): void {
    if (this.#waiting.count < MAX_RECEIPTS_WAITING) this.#waiting.add(delivery)
    else this.#store?.acknowledged(delivery)
    this.planOffer()
  }

  /** Plans the next attempt to send what waits. */
  planOffer(): void {
    if (this.#isStopped || this.#waiting.count === 0) return
    this.#offerTimer ??= setTimeout(() => {
      this.#offerTimer = undefined
      for (const systemId of this.#waiting.accounts()) this.offerWaiting(systemId)
    }, OFFER_MS)
  }

  /** Sends as many waiting items of an account as its sessions accept. */
  offerWaiting(systemId: string): void {
    this.#waiting.drain(systemId, (item) => {
      const session = this.#receiverFor(systemId, undefined)
      if (session === undefined) return false
      if ('body' in item) this.sendFromPhone(item, session)
      else this.#sendReceipt(item, session)
      return true
    })
    this.planOffer()
  }

  /** Sends items again that were sent before, ahead of all others of the account. */
  sendAgain(systemId: string, items: readonly Outgoing[]): void {
    this.#waiting.putBack(systemId, items)
    this.offerWaiting(systemId)
  }

  /** Sends items again after the retry delay. */
  planRetry(systemId: string, items: readonly Outgoing[]): void {
    this.#retriesWaiting += items.length
    const timer = setTimeout(() => {
      this.#retryTimers.delete(timer)
      this.#retriesWaiting -= items.length
      this.sendAgain(systemId, items)
    }, this.#retryMs)
    this.#retryTimers.add(timer)
  }

  /** Sends a message of a phone. */
  sendFromPhone(message: PhoneMessage, session: Session): void {
    session.output.send(encodeFromPhone(session.track(message), message.from, message.to, message.body))
  }

  #planDue(clockMs: number, atMs: number): void {
    if (this.#dueTimer !== undefined) return
    this.#dueTimer = setTimeout(
      () => {
        this.#dueTimer = undefined
        this.flushDue(undefined)
      },
      Math.max(1, atMs - clockMs),
    )
  }
}

/** Returns a French number as dialled in the country, for receipts without the country code. */
function nationalOf(destination: string): string {
  return destination.replace(/^\+?33/, '0')
}
