import type { SmsInbound, SmsReceipt } from '../../../deliveries/gateway.ts'
import { type GatewayLog, stackWithoutMessage } from '../log.ts'
import type { HttpCounts } from './counts.ts'

type Listener<T> = (value: T) => void | Promise<void>

/** Passes what the provider reports to the listeners. */
export class Receiving {
  readonly #name: string
  readonly #counts: HttpCounts
  readonly #log: GatewayLog | undefined
  readonly #isStopped: () => boolean
  readonly #receiptListeners: Listener<readonly SmsReceipt[]>[] = []
  readonly #inboundListeners: Listener<SmsInbound>[] = []

  constructor(
    name: string,
    counts: HttpCounts,
    { log, isStopped }: { readonly log: GatewayLog | undefined; readonly isStopped: () => boolean },
  ) {
    this.#name = name
    this.#counts = counts
    this.#log = log
    this.#isStopped = isStopped
  }

  onReceipts(listener: Listener<readonly SmsReceipt[]>): void {
    this.#receiptListeners.push(listener)
  }

  onInbound(listener: Listener<SmsInbound>): void {
    this.#inboundListeners.push(listener)
  }

  /** Passes receipts on. @returns true when all listeners succeeded; false when one failed or there is none */
  passReceipts(receipts: readonly SmsReceipt[]): Promise<boolean> {
    this.#counts.totals.receipts += receipts.length
    return this.#passToListeners(this.#receiptListeners, receipts)
  }

  /** Passes a message of a phone on. @returns as `passReceipts` */
  passInbound(message: SmsInbound): Promise<boolean> {
    return this.#passToListeners(this.#inboundListeners, message)
  }

  async #passToListeners<T>(listeners: readonly Listener<T>[], value: T): Promise<boolean> {
    if (listeners.length === 0 || this.#isStopped()) return false
    try {
      await Promise.all(listeners.map(async (listener) => listener(value)))
      return true
    } catch (error) {
      const where = stackWithoutMessage(error)
      this.#log?.warn({ gateway: this.#name, where }, 'a gateway listener failed')
      return false
    }
  }
}
