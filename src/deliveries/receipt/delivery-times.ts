import type { Lane } from '../lanes.ts'

/**
 * Bounds of the counted times between the acceptance of a message by the provider and its delivery, in seconds: a phone
 * that is on takes a few, one that is off takes until it is on again.
 */
export const DELIVERY_BOUNDS_SECONDS = [1, 2, 3, 5, 10, 20, 30, 60, 120, 300, 900, 3600] as const

/** Times until delivery since the start of the process. They only grow. */
export interface DeliveryTimes {
  /** Receipts by time: those up to each bound that exceed the one before, then those beyond the last. */
  readonly counts: readonly number[]
  readonly seconds: number
}

/** Returns the index of the first bound that a value does not exceed; the number of bounds when it exceeds them all. */
export function bucketOf(value: number, bounds: readonly number[]): number {
  const index = bounds.findIndex((bound) => value <= bound)
  return index === -1 ? bounds.length : index
}

/**
 * Counts the times between acceptance and delivery, by gateway and lane, which follows from the severity of an alert. One receipt
 * counts once, so a long message once a part.
 */
export class DeliveryTimer {
  readonly #times = new Map<string, Map<Lane, { counts: number[]; seconds: number }>>()

  /** @param ms time between the two; a receipt that came before its answer counts as 0 */
  add(gateway: string, lane: Lane, ms: number): void {
    const seconds = Math.max(0, ms) / 1000
    let lanes = this.#times.get(gateway)
    if (lanes === undefined) {
      lanes = new Map()
      this.#times.set(gateway, lanes)
    }
    let times = lanes.get(lane)
    if (times === undefined) {
      times = { counts: Array(DELIVERY_BOUNDS_SECONDS.length + 1).fill(0), seconds: 0 }
      lanes.set(lane, times)
    }
    const at = bucketOf(seconds, DELIVERY_BOUNDS_SECONDS)
    times.counts[at] = (times.counts[at] ?? 0) + 1
    times.seconds += seconds
  }

  /** Returns the times of each lane that has any. */
  of(gateway: string): Readonly<Partial<Record<Lane, DeliveryTimes>>> {
    const lanes = [...(this.#times.get(gateway) ?? [])]
    return Object.fromEntries(
      lanes.map(([lane, { counts, seconds }]) => [lane, { counts: [...counts], seconds }]),
    )
  }
}
