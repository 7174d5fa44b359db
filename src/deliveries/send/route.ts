import type { GatewayReport } from '../contract.ts'
import type { GatewayLimits, SmsGateway, SmsMessage, SmsRecipient, SubmitOutcome } from '../gateway.ts'
import type { ReceiptMatcher } from '../receipt/receipts.ts'
import { isOfNumber } from '../status/failures.ts'
import { Budget } from './budget.ts'
import { CircuitBreaker } from './circuit.ts'

/**
 * Time for which a provider may leave all submissions unanswered before others take over, where there are others: under two
 * seconds including the switch. SMPP answers within a round trip; an HTTP request carries a whole lot, so it has longer: a
 * provider that was merely slow causes no duplicate.
 */
const SILENT_MS: Readonly<Record<SmsGateway['kind'], number>> = {
  smpp: 1200,
  ovh: 1500,
  smsmode: 1500,
  twilio: 1500,
  http: 1500,
}

/**
 * A gateway as used by the dispatcher of this process: whether to try it, and how many submissions may be in flight.
 */
export class Route {
  readonly gateway: SmsGateway
  readonly circuit: CircuitBreaker
  readonly budget: Budget
  readonly #contract: GatewayLimits
  readonly #hasAlternative: boolean
  #whileClosed = new AbortController()

  /** @param hasAlternative true when some rule names another gateway beside it. */
  constructor(gateway: SmsGateway, hasAlternative: boolean) {
    this.gateway = gateway
    this.#hasAlternative = hasAlternative
    const { window, partsPerSecond } = gateway.state()
    this.#contract = { window, partsPerSecond }
    this.budget = new Budget(budgetOf(this.#contract))
    this.circuit = new CircuitBreaker(() => {
      const opened = this.#whileClosed
      this.#whileClosed = new AbortController()
      opened.abort()
    })
  }

  get isUsable(): boolean {
    return this.circuit.isUsable && this.gateway.state().state === 'bound'
  }

  /** Aborts when the circuit opens. */
  get signal(): AbortSignal {
    return this.#whileClosed.signal
  }

  /**
   * Limits the gateway to a share of the contract, equal except for the remainder, which goes to the first workers.
   * When the window is smaller than the number of workers, the last ones get nothing and send nothing.
   * @param rank number of workers before this one
   */
  share(workers: number, rank: number): void {
    const { window, partsPerSecond } = this.#contract
    const senders = Math.min(workers, window)
    const limits = {
      window: Math.floor(window / workers) + (rank < window % workers ? 1 : 0),
      partsPerSecond:
        partsPerSecond === undefined ? undefined : rank < senders ? partsPerSecond / senders : 0,
    }
    this.gateway.limit(limits)
    this.budget.resize(budgetOf(limits))
  }

  /** Updates the circuit from the state of the gateway; call it often. */
  updateCircuit(): void {
    const { state, silentMs } = this.gateway.state()
    const isSilent = this.#hasAlternative && silentMs >= SILENT_MS[this.gateway.kind]
    this.circuit.updateCircuit(performance.now(), state !== 'down' && state !== 'stopped', isSilent)
  }

  /**
   * Submits, and updates the circuit from the answers. On a half-open circuit the first recipient is the trial: when it
   * fails, the others get `notSent`.
   */
  async submit(
    message: SmsMessage,
    recipients: readonly SmsRecipient[],
    onOutcome: (outcome: SubmitOutcome) => void,
    control: { readonly signal: AbortSignal; readonly isHeld: () => boolean },
  ): Promise<void> {
    const leave = (left: readonly SmsRecipient[]) => {
      for (const { no } of left) onOutcome({ kind: 'notSent', no, reason: 'noLink' })
    }
    const send = (lot: readonly SmsRecipient[]) =>
      this.gateway.submit(
        message,
        lot,
        (outcome) => {
          this.#learn(outcome)
          onOutcome(outcome)
        },
        { signal: AbortSignal.any([control.signal, this.signal]), isHeld: control.isHeld },
      )
    if (!this.isUsable) return leave(recipients)
    if (this.circuit.isClosed) return send(recipients)
    await this.circuit.tryWith(() => send(recipients.slice(0, 1)))
    if (this.isUsable && this.circuit.isClosed) await send(recipients.slice(1))
    else leave(recipients.slice(1))
  }

  /** Submits a test message, whatever the circuit: an accepted one closes a half-open circuit. */
  probe(
    message: SmsMessage,
    recipient: SmsRecipient,
    onOutcome: (outcome: SubmitOutcome) => void,
  ): Promise<void> {
    return this.gateway.submit(message, [recipient], (outcome) => {
      this.#learn(outcome)
      onOutcome(outcome)
    })
  }

  #learn(outcome: SubmitOutcome): void {
    if ('late' in outcome) return
    switch (outcome.kind) {
      case 'accepted':
        this.circuit.succeeded()
        break
      case 'refused':
        // A permanent refusal is due to the number, sender or text: the provider itself works.
        if (outcome.permanent || isOfNumber(outcome.code)) this.circuit.succeeded()
        else this.circuit.failed(performance.now())
        break
      case 'unknown':
        this.circuit.failed(performance.now())
        break
      case 'notSent':
        if (outcome.reason === 'noLink') this.circuit.open(performance.now())
    }
  }

  /** @param receipts counts of the receipts of this gateway */
  report(receipts: ReturnType<ReceiptMatcher['countsOf']>): GatewayReport {
    const { name, kind, simulated } = this.gateway
    const { state, inFlight, window, partsPerSecond, silentMs, lastError } = this.gateway.state()
    const { refusals, ...totals } = this.gateway.totals()
    return {
      name,
      kind,
      simulated,
      state,
      circuit: this.circuit.state,
      inFlight,
      window,
      partsPerSecond: partsPerSecond ?? null,
      silentMs: Math.round(silentMs),
      lastError: lastError === undefined ? null : { key: lastError.key, values: { ...lastError.values } },
      totals: {
        ...totals,
        unknownReceipts: receipts.unknown,
        foundReceipts: receipts.found,
        refusals: { ...refusals },
      },
      recentReceipts: receipts.recent,
      laneTimes: receipts.times,
    }
  }
}

/** Maximum claimed at once: the window, or the parts of one second. */
function budgetOf({ window, partsPerSecond }: GatewayLimits): number {
  return partsPerSecond === undefined ? window : Math.min(window, Math.ceil(partsPerSecond))
}
