import type {
  GatewayState,
  SmsGateway,
  SmsMessage,
  SmsReceipt,
  SmsRecipient,
  SubmitControl,
  SubmitOutcome,
} from '../../src/deliveries/gateway.ts'
import { referenceOf } from '../../src/deliveries/gateway.ts'
import { type Owner, runAs, type VirtualTime } from './virtual-time.ts'

/** A message that the provider took. */
export interface Taken {
  readonly destination: string
  readonly text: string
  readonly part: undefined
  readonly atMs: number
  readonly validUntilMs: number
  readonly isSimulated: boolean
}

/** Probabilities of what goes wrong, per message unless said otherwise. */
export interface ProviderFaults {
  /** Time of an answer at most, in milliseconds. */
  latencyMs: number
  lostAnswers: number
  lateAnswers: number
  lostRequests: number
  refusals: number
  doubledReceipts: number
  earlyReceipts: number
  unknownReceipts: number
  /** The phone has no memory left for it. */
  fullMemories: number
  /** The link is down until this instant. */
  downUntilMs: number
}

type Form = 'same' | 'upper' | 'padded' | 'decimal' | 'anonymous' | 'unmarked' | 'national'
const FORMS: readonly Form[] = ['same', 'upper', 'padded', 'decimal', 'anonymous', 'unmarked', 'national']
const ANSWER_LATE_MS = 10_000
const REPEAT_MS = 5000
const WINDOW = 10
/** sm-DeliveryFailure of MAP. */
const MEMORY_FULL = 32

/** One provider for a whole run: it outlives the processes that are bound to it. */
export class Provider {
  readonly name: string
  readonly isSimulated: boolean
  readonly log: Taken[] = []
  readonly faults: ProviderFaults = {
    latencyMs: 60,
    lostAnswers: 0,
    lateAnswers: 0,
    lostRequests: 0,
    refusals: 0,
    doubledReceipts: 0,
    earlyReceipts: 0,
    unknownReceipts: 0,
    fullMemories: 0,
    downUntilMs: 0,
  }
  readonly #time: VirtualTime
  readonly #random: () => number
  readonly #form: Form
  #nextId: number
  #events: { dueMs: number; order: number; run: () => void }[] = []
  #order = 0
  #bound: { owner: Owner; receive: (receipts: readonly SmsReceipt[]) => void | Promise<void> } | undefined
  /** Submissions whose end is not reported yet. */
  open = 0

  constructor(name: string, isSimulated: boolean, time: VirtualTime, random: () => number) {
    this.name = name
    this.isSimulated = isSimulated
    this.#time = time
    this.#random = random
    this.#form = FORMS[Math.floor(random() * FORMS.length)] as Form
    this.#nextId = 0x10000 + Math.floor(random() * 0xfffffff)
  }

  get isDown(): boolean {
    return this.#time.nowMs < this.faults.downUntilMs
  }

  chance(share: number): boolean {
    return share > 0 && this.#random() < share
  }

  at(waitMs: number, run: () => void): void {
    this.#events.push({ dueMs: this.#time.nowMs + waitMs, order: this.#order++, run })
  }

  /** Returns the time until the next event; Infinity when there is none. */
  nextInMs(): number {
    return (
      this.#events.reduce((least, { dueMs }) => Math.min(least, dueMs), Number.POSITIVE_INFINITY) -
      this.#time.nowMs
    )
  }

  /** Runs the events that are due. */
  run(): void {
    const due = this.#events.filter(({ dueMs }) => dueMs <= this.#time.nowMs)
    this.#events = this.#events.filter((event) => !due.includes(event))
    due.sort((a, b) => a.dueMs - b.dueMs || a.order - b.order)
    for (const event of due) event.run()
  }

  /** Takes a message. @returns its id, as written in answers */
  take(message: SmsMessage, recipient: SmsRecipient): string {
    const text = message.segmentation.parts.join('')
    this.log.push({
      destination: recipient.phone,
      text,
      part: undefined,
      atMs: this.#time.now().getTime(),
      validUntilMs: message.validUntil.getTime(),
      isSimulated: this.isSimulated,
    })
    const id = this.#nextId++
    const waitMs = this.chance(0.1) ? 1000 + this.#random() * 90_000 : 20 + this.#random() * 2000
    const first = this.chance(this.faults.earlyReceipts) ? 0 : waitMs
    const delivered = this.#receiptOf(id, recipient.phone, referenceOf(message, recipient.no))
    const receipt: SmsReceipt = this.chance(this.faults.fullMemories)
      ? { ...delivered, state: 'undeliverable', errorCode: MEMORY_FULL }
      : delivered
    this.at(first, () => this.#send(receipt))
    if (this.chance(this.faults.doubledReceipts))
      this.at(first + this.#random() * 5000, () => this.#send(receipt))
    if (this.chance(this.faults.unknownReceipts))
      this.at(first, () => this.#send({ ...receipt, messageId: `other-${id}`, phone: '+33700000000' }))
    return this.#form === 'upper' ? id.toString(16).toUpperCase() : id.toString(16)
  }

  #receiptOf(id: number, phone: string, reference: number): SmsReceipt {
    const form = this.#form
    const hex = id.toString(16)
    const messageId =
      form === 'decimal' || form === 'anonymous'
        ? String(id)
        : form === 'padded'
          ? hex.toUpperCase().padStart(12, '0')
          : hex
    return {
      gateway: this.name,
      messageId,
      state: 'delivered',
      phone: form === 'anonymous' ? undefined : form === 'national' ? phone.replace('+33', '') : phone,
      reference: form === 'anonymous' || form === 'unmarked' ? undefined : reference,
      errorCode: undefined,
    }
  }

  /** Sends a receipt until a process has acknowledged it. */
  #send(receipt: SmsReceipt): void {
    const bound = this.#bound
    if (bound === undefined || bound.owner.isDead || this.isDown) {
      this.at(REPEAT_MS, () => this.#send(receipt))
      return
    }
    let isAcknowledged = false
    runAs(bound.owner, () => {
      void (async () => bound.receive([receipt]))().then(
        () => {
          isAcknowledged = !bound.owner.isDead
        },
        () => {},
      )
    })
    this.at(REPEAT_MS, () => {
      if (!isAcknowledged && (bound.owner.isDead || this.#bound !== bound)) this.#send(receipt)
    })
  }

  /** Makes the gateway of one process. */
  gatewayOf(owner: Owner): SmsGateway {
    const provider = this
    const time = this.#time
    let waiting: { readonly signal: AbortSignal | undefined; readonly write: () => void }[] = []
    let inFlight = 0
    let isStarted = false
    let isFilling = false

    const state = (): GatewayState => ({
      name: provider.name,
      state: !isStarted ? 'stopped' : provider.isDown ? 'down' : 'bound',
      inFlight,
      window: WINDOW,
      partsPerSecond: undefined,
      silentMs: 0,
      lastError: undefined,
    })

    function fill(): void {
      if (isFilling || owner.isDead) return
      isFilling = true
      const isEnding = ({ signal }: (typeof waiting)[number]) => signal?.aborted === true
      const ending = waiting.filter(isEnding)
      waiting = waiting.filter((one) => !isEnding(one))
      for (const one of ending) one.write()
      while (waiting.length > 0 && inFlight < WINDOW) waiting.shift()?.write()
      isFilling = false
    }

    /** Writes one submission, unless it may not leave any more. */
    function write(
      message: SmsMessage,
      recipient: SmsRecipient,
      end: (outcome: SubmitOutcome) => void,
      { signal, isHeld }: SubmitControl,
    ): void {
      const { no } = recipient
      const isOver = signal?.aborted === true || time.now() >= message.validUntil || isHeld?.() === false
      if (isOver) {
        end({ kind: 'notSent', no, reason: 'stopped' })
        return
      }
      if (provider.isDown) {
        end({ kind: 'notSent', no, reason: 'noLink' })
        return
      }
      const { faults } = provider
      inFlight++
      const answer = (waitMs: number, outcome: SubmitOutcome) =>
        provider.at(waitMs, () => {
          if (owner.isDead) return
          runAs(owner, () => {
            if (!('late' in outcome)) inFlight--
            end(outcome)
            fill()
          })
        })
      const latencyMs = 5 + provider.#random() * faults.latencyMs
      if (provider.chance(faults.refusals)) {
        const permanent = provider.chance(0.2)
        answer(latencyMs, { kind: 'refused', no, code: permanent ? 0x0b : 0x08, permanent })
      } else if (provider.chance(faults.lostRequests)) {
        answer(latencyMs, { kind: 'unknown', no, reason: 'linkLost' })
      } else {
        // Taken when the request arrives, whatever becomes of the process.
        const messageIds: string[] = []
        provider.at(Math.min(30, latencyMs / 2), () => messageIds.push(provider.take(message, recipient)))
        if (provider.chance(faults.lostAnswers)) {
          answer(ANSWER_LATE_MS, { kind: 'unknown', no, reason: 'timeout' })
          if (provider.chance(faults.lateAnswers))
            answer(ANSWER_LATE_MS + 2000, { kind: 'accepted', no, messageIds, late: true })
        } else answer(latencyMs, { kind: 'accepted', no, messageIds })
      }
    }

    return {
      name: this.name,
      kind: 'smpp',
      simulated: this.isSimulated,
      state,
      totals: () => ({
        submitted: provider.log.length,
        accepted: provider.log.length,
        refused: 0,
        throttled: 0,
        unanswered: 0,
        receipts: 0,
        linksLost: 0,
        answerMs: 0,
        refusals: {},
      }),
      limit() {},
      async submit(message, recipients, onOutcome, control = {}) {
        await Promise.resolve()
        if (recipients.length === 0) return
        await new Promise<void>((resolve) => {
          let left = recipients.length
          provider.open += left
          const end = (outcome: SubmitOutcome) => {
            if (!('late' in outcome)) {
              left--
              provider.open--
            }
            onOutcome(outcome)
            if (left === 0) resolve()
          }
          for (const recipient of recipients)
            waiting.push({ signal: control.signal, write: () => write(message, recipient, end, control) })
          control.signal?.addEventListener('abort', () => runAs(owner, fill))
          fill()
        })
      },
      onReceipts(listener) {
        provider.#bound = { owner, receive: listener }
      },
      onInbound() {},
      async start() {
        isStarted = true
      },
      async stop() {
        isStarted = false
      },
    }
  }
}
