import type { Deps } from '../../deps.ts'
import type { Lane } from '../lanes.ts'
import { hasManyUnknown } from '../status/route-health.ts'
import { DeliveryTimer } from './delivery-times.ts'
import { type ReceiptCount, RecentReceipts } from './recent-receipts.ts'

/** The counts of the receipts of one gateway. */
export interface GatewayReceiptCounts {
  /** Counts of the last minutes. */
  readonly recent: ReceiptCount
  /** Since the start of the process. */
  readonly unknown: number
  readonly found: number
  readonly times: ReturnType<DeliveryTimer['of']>
}

/** Counts the receipts of each gateway, and logs when many of one match no message. */
export class ReceiptCounts {
  readonly #log: Deps['log']
  /** Keyed by gateway. */
  readonly #recent = new Map<string, RecentReceipts>()
  readonly #totals = new Map<string, { unknown: number; found: number }>()
  readonly #times = new DeliveryTimer()
  /** Gateways with many unknown receipts, each logged once. */
  readonly #alarming = new Set<string>()

  constructor(log: Deps['log']) {
    this.#log = log
  }

  /** Returns the counts of the receipts of a gateway: of the last minutes, and since the start of the process. */
  countsOf(gateway: string): GatewayReceiptCounts {
    const recent = this.#recent.get(gateway)?.count(performance.now()) ?? { received: 0, unknown: 0 }
    const times = this.#times.of(gateway)
    return { recent, times, unknown: 0, found: 0, ...this.#totals.get(gateway) }
  }

  received(gateway: string, count: number): void {
    this.#recentOf(gateway).received(count, performance.now())
  }

  /** Counts the time from acceptance to delivery. */
  delivered(gateway: string, lane: Lane, milliseconds: number): void {
    this.#times.add(gateway, lane, milliseconds)
  }

  /** Counts receipts of one gateway as unknown, or as found when negative; many unknown ones are logged as an error. */
  countUnknown(gateway: string, count: number): void {
    const totals = this.#totals.get(gateway) ?? { unknown: 0, found: 0 }
    totals[count > 0 ? 'unknown' : 'found'] += Math.abs(count)
    this.#totals.set(gateway, totals)
    const now = performance.now()
    const recent = this.#recentOf(gateway)
    recent.unknown(count, now)
    const counts = recent.count(now)
    if (!hasManyUnknown(counts)) this.#alarming.delete(gateway)
    else if (!this.#alarming.has(gateway)) {
      this.#alarming.add(gateway)
      this.#log.error({ gateway, ...counts }, 'many receipts match no message')
    }
  }

  #recentOf(gateway: string): RecentReceipts {
    const known = this.#recent.get(gateway)
    if (known !== undefined) return known
    const created = new RecentReceipts()
    this.#recent.set(gateway, created)
    return created
  }
}
