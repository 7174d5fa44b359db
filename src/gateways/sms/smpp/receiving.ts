import type { SmsInbound, SmsReceipt } from '../../../deliveries/gateway.ts'
import { type GatewayLog, stackWithoutMessage } from '../log.ts'
import type { SmppCounts } from './counts.ts'
import { readInbound } from './inbound.ts'
import { statusCode } from './pdu/codes.ts'
import { createSmScan, scanDataSm, scanSm } from './pdu/pdu.ts'
import { isReceipt, readReceipt } from './pdu/receipt.ts'

type Listener<T> = (value: T) => void | Promise<void>

const TEMPORARY_RECEIVER_ERROR = statusCode('ESME_RX_T_APPN')
const PERMANENT_RECEIVER_ERROR = statusCode('ESME_RX_P_APPN')

/**
 * Reads what the provider delivers and passes it to the listeners: receipts all together at the end of a read, messages of
 * phones one by one.
 */
export class Receiving {
  readonly #name: string
  readonly #counts: SmppCounts
  readonly #log: GatewayLog | undefined
  readonly #receiptListeners: Listener<readonly SmsReceipt[]>[] = []
  readonly #inboundListeners: Listener<SmsInbound>[] = []
  readonly #scan = createSmScan()
  /** Receipts of the current read. */
  #receipts: SmsReceipt[] = []

  constructor(name: string, counts: SmppCounts, log: GatewayLog | undefined) {
    this.#name = name
    this.#counts = counts
    this.#log = log
  }

  onReceipts(listener: Listener<readonly SmsReceipt[]>): void {
    this.#receiptListeners.push(listener)
  }

  onInbound(listener: Listener<SmsInbound>): void {
    this.#inboundListeners.push(listener)
  }

  /** Handles one delivery, as `SessionOwner` says. */
  delivered(
    buffer: Buffer,
    start: number,
    end: number,
    isDataSm: boolean,
  ): number | Promise<number> | undefined {
    const scan = this.#scan
    const { counters, totals } = this.#counts
    const status = isDataSm ? scanDataSm(buffer, start, end, scan) : scanSm(buffer, start, end, scan)
    if (status !== 0) {
      counters.malformed++
      // A temporary error would have it sent again for ever.
      return PERMANENT_RECEIVER_ERROR
    }
    if (isReceipt(scan)) {
      const receipt = readReceipt(this.#name, buffer, scan)
      if (receipt === undefined) counters.unreadableReceipts++
      else totals.receipts++
      if (receipt === undefined || this.#receiptListeners.length === 0) return 0
      this.#receipts.push(receipt)
      return undefined
    }
    return this.#passToListeners(this.#inboundListeners, readInbound(this.#name, buffer, scan), 1)
  }

  /** Passes the receipts of a read that ended. */
  received(): number | Promise<number> {
    const batch = this.#receipts
    this.#receipts = []
    return this.#passToListeners(this.#receiptListeners, batch, batch.length)
  }

  /** Passes the response to a query as a receipt. Nothing was received that the provider could send again. */
  async passAnswer(receipt: SmsReceipt): Promise<void> {
    await this.#passToListeners(this.#receiptListeners, [receipt], 0)
  }

  /**
   * Passes `count` items in one value to the listeners. Returns the status to answer with, or a promise of it when
   * a listener is asynchronous; it never rejects. A failing listener must not stop the reading of a link.
   */
  #passToListeners<T>(listeners: readonly Listener<T>[], value: T, count: number): number | Promise<number> {
    const handBack = (error: unknown) => {
      this.#counts.counters.handedBack += count
      const where = stackWithoutMessage(error)
      this.#log?.warn({ gateway: this.#name, count, where }, 'a gateway listener failed')
      return TEMPORARY_RECEIVER_ERROR
    }
    const promises: Promise<void>[] = []
    for (const listener of listeners) {
      try {
        const handled = listener(value)
        if (handled instanceof Promise) promises.push(handled)
      } catch (error) {
        promises.push(Promise.reject(error))
      }
    }
    if (promises.length === 0) return 0
    return Promise.all(promises).then(() => 0, handBack)
  }
}
