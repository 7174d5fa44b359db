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
  /** Until this instant nothing that is submitted arrives, and the link seems to be up. */
  silentUntilMs: number
}

/** A message that the provider refused, at once or by a receipt. */
export interface Refusal {
  readonly phone: string
  readonly text: string
  readonly isPermanent: boolean
}

/** A process that is bound to a provider. */
interface Bound {
  readonly owner: Owner
  readonly receive: (receipts: readonly SmsReceipt[]) => void | Promise<void>
  /** Submissions whose end is not reported yet. */
  open: number
}

type Form = 'same' | 'upper' | 'padded' | 'decimal' | 'anonymous' | 'unmarked' | 'national'
const FORMS: readonly Form[] = ['same', 'upper', 'padded', 'decimal', 'anonymous', 'unmarked', 'national']
const ANSWER_LATE_MS = 10_000
const REPEAT_MS = 5000
export const WINDOW = 10
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
    silentUntilMs: 0,
  }
  readonly refusals: Refusal[] = []
  /** When it last answered a submission, in virtual milliseconds. */
  answeredMs = 0
  /** Submissions that never arrived. */
  readonly vanished: Refusal[] = []
  readonly #time: VirtualTime
  readonly #random: () => number
  readonly #form: Form
  #nextId: number
  #events: { dueMs: number; order: number; run: () => void }[] = []
  #order = 0
  #bound: Bound[] = []

  constructor(name: string, isSimulated: boolean, time: VirtualTime, random: () => number) {
    this.name = name
    this.isSimulated = isSimulated
    this.#time = time
    this.#random = random
    this.#form = FORMS[Math.floor(random() * FORMS.length)] as Form
    this.#nextId = 0x10000 + Math.floor(random() * 0xfffffff)
  }

  /** Submissions whose end is not reported yet, of the processes that run. */
  get open(): number {
    return this.#bound.reduce(
      (sum, { owner, open }) => sum + (owner.isDead || this.#time.isFrozen(owner) ? 0 : open),
      0,
    )
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
    const isFull = this.chance(this.faults.fullMemories)
    if (isFull) this.refusals.push({ phone: recipient.phone, text, isPermanent: true })
    const receipt: SmsReceipt = isFull
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
    this.#bound = this.#bound.filter(({ owner }) => !owner.isDead)
    const bound =
      this.#bound.length > 1 ? this.#bound[Math.floor(this.#random() * this.#bound.length)] : this.#bound[0]
    if (bound === undefined || this.isDown) {
      this.at(REPEAT_MS, () => this.#send(receipt))
      return
    }
    let isAcknowledged = false
    this.#to(bound.owner, () => {
      void (async () => bound.receive([receipt]))().then(
        () => {
          isAcknowledged = !bound.owner.isDead
        },
        () => {},
      )
    })
    this.at(REPEAT_MS, () => {
      if (isAcknowledged) return
      // Another process may get what one that is frozen does not acknowledge.
      const isSame = !bound.owner.isDead && this.#bound.includes(bound) && !this.#time.isFrozen(bound.owner)
      if (!isSame || this.#bound.length > 1) this.#send(receipt)
    })
  }

  /** Runs something as a process, once it is no longer frozen. */
  #to(owner: Owner, work: () => void): void {
    if (owner.isDead) return
    if (this.#time.isFrozen(owner))
      this.at(owner.frozenUntilMs - this.#time.nowMs, () => this.#to(owner, work))
    else runAs(owner, work)
  }

  /** Makes the gateway of one process. */
  gatewayOf(owner: Owner): SmsGateway {
    const provider = this
    const time = this.#time
    let waiting: { readonly signal: AbortSignal | undefined; readonly write: () => void }[] = []
    let inFlight = 0
    let window = WINDOW
    let isStarted = false
    let isFilling = false
    /** Since when something is in flight and no answer comes. */
    let silentSinceMs: number | undefined
    const bound: Bound = { owner, receive: () => {}, open: 0 }

    const state = (): GatewayState => ({
      name: provider.name,
      state: !isStarted ? 'stopped' : provider.isDown ? 'down' : 'bound',
      inFlight,
      window,
      partsPerSecond: undefined,
      silentMs: silentSinceMs === undefined ? 0 : performance.now() - silentSinceMs,
      lastError: undefined,
    })

    function fill(): void {
      if (isFilling || owner.isDead) return
      isFilling = true
      const isEnding = ({ signal }: (typeof waiting)[number]) => signal?.aborted === true
      const ending = waiting.filter(isEnding)
      waiting = waiting.filter((one) => !isEnding(one))
      for (const one of ending) one.write()
      while (waiting.length > 0 && inFlight < window) waiting.shift()?.write()
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
      silentSinceMs ??= performance.now()
      const answer = (waitMs: number, outcome: SubmitOutcome) =>
        provider.at(waitMs, () =>
          provider.#to(owner, () => {
            if (!('late' in outcome)) inFlight--
            const isAnswer = outcome.kind === 'accepted' || outcome.kind === 'refused'
            if (isAnswer) provider.answeredMs = provider.#time.nowMs
            if (inFlight === 0) silentSinceMs = undefined
            else if (isAnswer) silentSinceMs = performance.now()
            end(outcome)
            fill()
          }),
        )
      const of = { phone: recipient.phone, text: message.segmentation.parts.join('') }
      const latencyMs = 5 + provider.#random() * faults.latencyMs
      if (provider.#time.nowMs < faults.silentUntilMs) {
        provider.vanished.push({ ...of, isPermanent: false })
        answer(ANSWER_LATE_MS, { kind: 'unknown', no, reason: 'timeout' })
      } else if (provider.chance(faults.refusals)) {
        const permanent = provider.chance(0.2)
        provider.refusals.push({ ...of, isPermanent: permanent })
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
      limit(limits) {
        window = limits.window
        fill()
      },
      async submit(message, recipients, onOutcome, control = {}) {
        await Promise.resolve()
        if (recipients.length === 0) return
        await new Promise<void>((resolve) => {
          let left = recipients.length
          bound.open += left
          const end = (outcome: SubmitOutcome) => {
            if (!('late' in outcome)) {
              left--
              bound.open--
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
        provider.#bound.push(Object.assign(bound, { receive: listener }))
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
