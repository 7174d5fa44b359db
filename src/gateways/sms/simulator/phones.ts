import { MESSAGE_STATE } from './delivery-pdu.ts'
import type { SmscEvents } from './events.ts'
import { type Handset, type HandsetState, type Handsets, receivePart } from './handsets.ts'
import type { Delivery } from './outgoing.ts'
import type { ProviderFaults } from './provider-faults.ts'
import type { Receipts } from './receipts.ts'
import type { StateFile } from './state-file.ts'

/** 3GPP TS 29.002, SM delivery failure cause: memory capacity exceeded. */
const MEMORY_FULL_ERROR = 32
const MAX_TIMER_MS = 2_147_483_647
/** Number of states kept for `query_sm`. */
const MAX_STATES = 100_000

interface PhoneParts {
  readonly handsets: Handsets
  /** False: every message is delivered at once, to no phone. */
  readonly keepsHandsets: boolean
  readonly receipts: Receipts
  readonly receiptDelayMs: number
  readonly faults: ProviderFaults
  readonly store: StateFile | undefined
  readonly events: SmscEvents
  readonly formatId: (id: number) => string
  readonly now: () => number
}

/** Delivers accepted messages to phones, from acceptance to their final state and receipt. */
export class Phones {
  readonly #handsets: Handsets
  readonly #keepsHandsets: boolean
  readonly #receipts: Receipts
  readonly #receiptDelayMs: number
  readonly #faults: ProviderFaults
  readonly #store: StateFile | undefined
  readonly #events: SmscEvents
  readonly #formatId: (id: number) => string
  readonly #now: () => number
  // Ids and states of the latest messages for query_sm, by position. Deleting the oldest entries of a Map is slow.
  readonly #stateIds = new Float64Array(MAX_STATES)
  readonly #states = new Uint8Array(MAX_STATES)

  constructor(parts: PhoneParts) {
    this.#handsets = parts.handsets
    this.#keepsHandsets = parts.keepsHandsets
    this.#receipts = parts.receipts
    this.#receiptDelayMs = parts.receiptDelayMs
    this.#faults = parts.faults
    this.#store = parts.store
    this.#events = parts.events
    this.#formatId = parts.formatId
    this.#now = parts.now
  }

  /** Notes that a message was accepted. */
  accept(id: number): void {
    this.#rememberState(id, MESSAGE_STATE.enroute)
  }

  /** Returns the state of one of the latest messages. */
  findState(id: number): number | undefined {
    return this.#stateIds[id % MAX_STATES] === id ? this.#states[id % MAX_STATES] : undefined
  }

  /** Deletes a message that waits for its phone. @returns whether it waited */
  cancel(id: number, destination: string): boolean {
    const handset = this.#handsets.find(destination)
    const delivery = [...((handset?.waiting ?? []) as Iterable<Delivery>)].find((one) => one.id === id)
    if (delivery === undefined) return false
    clearTimeout(delivery.timer)
    handset?.waiting?.delete(delivery)
    this.#finishMessage(delivery, MESSAGE_STATE.deleted, 0, 0, this.#now())
    return true
  }

  /** Continues with a message of the previous process. */
  restore(delivery: Delivery): void {
    this.#rememberState(delivery.id, delivery.messageState || MESSAGE_STATE.enroute)
    if (delivery.messageState !== 0) this.#receipts.keepWaiting(delivery)
    else if (delivery.validUntilMs <= this.#now()) {
      this.#finishMessage(delivery, MESSAGE_STATE.expired, 0, 0, this.#now())
    } else this.deliver(delivery)
  }

  /** Switches a phone; a phone that is not off any more gets what waited for it. */
  switchHandset(handset: Handset, state: HandsetState): void {
    handset.state = state
    this.#events.emit({ type: 'handset', number: handset.number, state })
    if (state === 'off') return
    const waiting = (handset.waiting ?? new Set()) as Set<Delivery>
    handset.waiting = undefined
    for (const delivery of waiting) {
      clearTimeout(delivery.timer)
      this.#deliverToPhone(handset, delivery, 0)
    }
    this.#receipts.flushDue(undefined)
  }

  /** Stops every timer. */
  stop(): void {
    for (const { waiting } of this.#handsets.list()) {
      for (const delivery of (waiting ?? []) as Iterable<Delivery>) clearTimeout(delivery.timer)
    }
  }

  #rememberState(id: number, messageState: number): void {
    this.#stateIds[id % MAX_STATES] = id
    this.#states[id % MAX_STATES] = messageState
  }

  /** Ends a message at `atMs`: its receipt is due now or after `delayMs`. */
  #finishMessage(
    delivery: Delivery,
    messageState: number,
    errorCode: number,
    delayMs: number,
    atMs: number,
  ): void {
    delivery.messageState = messageState
    delivery.errorCode = errorCode
    this.#rememberState(delivery.id, messageState)
    const isOwed = delivery.wantsReceipt && !this.#faults.current.noReceipts
    this.#store?.ended(delivery, atMs, isOwed)
    if (isOwed) this.#receipts.plan(delivery, delayMs)
  }

  #deliverToPhone(handset: Handset, delivery: Delivery, delayMs: number): void {
    const nowMs = this.#now()
    if (handset.state === 'memoryFull') {
      this.#finishMessage(delivery, MESSAGE_STATE.undeliverable, MEMORY_FULL_ERROR, delayMs, nowMs)
    } else if (handset.state === 'off') {
      handset.waiting ??= new Set()
      handset.waiting.add(delivery)
      const leftMs = Math.min(MAX_TIMER_MS, Math.max(0, delivery.validUntilMs - nowMs))
      delivery.timer = setTimeout(() => {
        handset.waiting?.delete(delivery)
        this.#finishMessage(delivery, MESSAGE_STATE.expired, 0, 0, this.#now())
        this.#receipts.flushDue(undefined)
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
      if (message !== undefined && this.#events.isHeard) {
        const { number } = handset
        const text = message.texts.map((part) => part.value).join('')
        this.#events.emit({
          type: 'message',
          number,
          from: message.from,
          text,
          id: this.#formatId(message.id),
        })
      }
      this.#finishMessage(delivery, MESSAGE_STATE.delivered, 0, delayMs, nowMs)
    }
  }

  /** Delivers a message to its phone, or keeps it until the phone is switched on. */
  deliver(delivery: Delivery): void {
    const delayMs = this.#receiptDelayMs + this.#faults.current.latencyMs
    if (!this.#keepsHandsets) {
      this.#finishMessage(delivery, MESSAGE_STATE.delivered, 0, delayMs, delivery.submittedAtMs)
      return
    }
    const handset = this.#handsets.get(delivery.destination)
    if (handset.delayMs === 0) {
      this.#deliverToPhone(handset, delivery, delayMs)
      return
    }
    setTimeout(() => {
      this.#deliverToPhone(handset, delivery, delayMs)
      this.#receipts.flushDue(undefined)
    }, handset.delayMs).unref()
  }
}
