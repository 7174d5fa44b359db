import { segmentMessage } from '../../message/segment.ts'
import type { SmsRecipient, SubmitEnding, SubmitOutcome } from '../gateway.ts'
import type { ReceiptMatcher } from '../receipt/receipts.ts'
import type { Outcome, OutcomeRecorder } from '../settle/recorder.ts'
import { isOfNumber } from '../status/failures.ts'
import type { Broadcast, CopyOf } from './broadcast.ts'
import type { RouteChooser } from './chooser.ts'
import type { Route } from './route.ts'

/** Ids of the parts of a message, where known. */
type PartIds = readonly (string | undefined)[]

interface GroupParts {
  readonly recorder: OutcomeRecorder
  readonly receipts: ReceiptMatcher
  readonly chooser: RouteChooser
  readonly now: () => Date
  /** True while this process still holds its claims. */
  readonly isHeld: () => boolean
}

/** Submits the recipients of claimed chunks that use one route, and records the outcome of each answer. */
export class RecipientGroup {
  readonly #parts: GroupParts
  readonly #broadcast: Broadcast
  readonly #route: Route
  readonly #workerId: number
  /** Aborts with a `SubmitEnding`. */
  readonly #signal: AbortSignal
  /** Aborts when the provider refused the message itself and another one may take it. */
  readonly #refused = new AbortController()
  readonly #byNo: ReadonlyMap<number, SmsRecipient>
  readonly #recipients: readonly SmsRecipient[]
  #isRefusedForNow = false

  constructor(
    parts: GroupParts,
    {
      broadcast,
      route,
      recipients,
      workerId,
      signal,
    }: {
      readonly broadcast: Broadcast
      readonly route: Route
      readonly recipients: readonly SmsRecipient[]
      readonly workerId: number
      readonly signal: AbortSignal
    },
  ) {
    this.#parts = parts
    this.#broadcast = broadcast
    this.#route = route
    this.#workerId = workerId
    this.#signal = signal
    this.#recipients = recipients
    this.#byNo = new Map(recipients.map((recipient) => [recipient.no, recipient]))
  }

  /** True when the provider refused a recipient temporarily: the chunk waits longer before it is sent again. */
  get isRefusedForNow(): boolean {
    return this.#isRefusedForNow
  }

  /** Submits the recipients. Resolves when every outcome is on disk; returns the window of the route piece by piece. */
  submit(): Promise<void> {
    const { recorder, isHeld } = this.#parts
    const route = this.#route
    const recipients = this.#recipients
    recorder.submitting(this.#broadcast.id)
    return new Promise<void>((resolve) => {
      let left = recipients.length
      let freed = 0
      const piece = Math.min(50, Math.ceil(recipients.length / 8))
      const written = () => {
        left -= 1
        freed += 1
        if (freed >= piece || left === 0) {
          route.budget.releaseRoom(freed)
          freed = 0
        }
        if (left === 0) resolve()
      }
      const onOutcome = (outcome: SubmitOutcome) => this.#record(outcome, written)
      const control = { signal: AbortSignal.any([this.#signal, this.#refused.signal]), isHeld }
      const { message, copyOf } = this.#broadcast
      if (copyOf === undefined) void route.submit(message, recipients, onOutcome, control)
      else void this.#submitCopies(copyOf, onOutcome, control)
    })
  }

  /**
   * Submits its own copy to each recipient. A text for all is encoded once; here each copy is encoded, and is a
   * separate submission. On a route that is being tried, only the first is the trial.
   */
  async #submitCopies(
    copyOf: CopyOf,
    onOutcome: (outcome: SubmitOutcome) => void,
    control: Parameters<Route['submit']>[3],
  ): Promise<void> {
    const route = this.#route
    const send = (recipient: SmsRecipient) => {
      const message = { ...this.#broadcast.message, segmentation: segmentMessage(copyOf(recipient)) }
      return route.submit(message, [recipient], onOutcome, control)
    }
    const alone = route.circuit.isClosed ? 0 : 1
    for (const recipient of this.#recipients.slice(0, alone)) await send(recipient)
    await Promise.all(this.#recipients.slice(alone).map(send))
  }

  #record(outcome: SubmitOutcome, written: () => void): void {
    const { recorder } = this.#parts
    if (outcome.kind === 'accepted') this.#expectReceipts(outcome.no, outcome.messageIds)
    const result = this.#interpret(outcome)
    if ('late' in outcome) {
      if (result !== undefined) recorder.add(this.#broadcast, { ...result, late: true })
    } else if (result === undefined) written()
    else recorder.add(this.#broadcast, result, written)
  }

  /** Returns what the ledger stores for an answer; undefined: nothing, the delivery stays planned. */
  #interpret(outcome: SubmitOutcome): Outcome | undefined {
    const { no } = outcome
    const by = { no, gateway: this.#route.gateway.name, workerId: this.#workerId }
    switch (outcome.kind) {
      case 'accepted':
        return { ...by, kind: 'accepted', messageIds: outcome.messageIds }
      case 'refused':
        return this.#interpretRefusal(outcome)
      case 'unknown':
        return this.#markInDoubt(no, outcome.messageIds)
      case 'notSent':
        if (outcome.reason !== 'stopped' || this.#signal.reason !== ('over' satisfies SubmitEnding))
          return undefined
        return {
          no,
          workerId: this.#workerId,
          kind: this.#parts.now() >= this.#broadcast.validUntil ? 'expired' : 'withdrawn',
        }
    }
  }

  #interpretRefusal({
    no,
    code,
    permanent,
    messageIds,
  }: Extract<SubmitOutcome, { kind: 'refused' }>): Outcome {
    const { name } = this.#route.gateway
    const { refusedBy } = this.#broadcast
    if (permanent && !isOfNumber(code)) {
      // The provider refused the sender or the text, which another one may take.
      refusedBy.add(name)
      if (this.#parts.chooser.hasOtherGateway(this.#broadcast, this.#recipientOf(no))) {
        this.#refused.abort()
        return this.#sendAgain(no, code, messageIds)
      }
      refusedBy.delete(name)
    }
    if (permanent) return { no, gateway: name, workerId: this.#workerId, kind: 'failed', errorCode: code }
    this.#isRefusedForNow ||= this.#route.circuit.state === 'closed' || isOfNumber(code)
    return this.#sendAgain(no, code, messageIds)
  }

  /** Some parts of a message were sent and others refused: sending it again may duplicate the sent ones. */
  #sendAgain(no: number, errorCode: number, partIds: PartIds | undefined): Outcome {
    if (partIds !== undefined) return this.#markInDoubt(no, partIds)
    return { no, gateway: this.#route.gateway.name, workerId: this.#workerId, kind: 'retry', errorCode }
  }

  #markInDoubt(no: number, partIds: PartIds | undefined): Outcome {
    const by = { no, gateway: this.#route.gateway.name, workerId: this.#workerId }
    const messageIds = partIds?.filter((id) => id !== undefined)
    if (partIds === undefined || messageIds === undefined || messageIds.length === 0) {
      return { ...by, kind: 'in_doubt' }
    }
    this.#expectReceipts(no, messageIds, partIds.length)
    return { ...by, kind: 'in_doubt', messageIds }
  }

  #expectReceipts(no: number, messageIds: readonly string[], partCount?: number): void {
    const { name } = this.#route.gateway
    this.#parts.receipts.expect(this.#broadcast, name, this.#recipientOf(no), messageIds, partCount)
  }

  #recipientOf(no: number): SmsRecipient {
    return this.#byNo.get(no) ?? { no, phone: '' }
  }
}
