import type { SmsReceipt } from '../gateway.ts'
import { plainIdOf } from './message-ids.ts'

/** A receipt that is being matched. */
export interface Taken {
  readonly receipt: SmsReceipt
  /** Time of the wall clock, in milliseconds. */
  readonly receivedAt: number
  /** Called once its content is on disk. */
  readonly end: () => void
}

/** An unknown receipt, on disk and acknowledged. Instants are of the monotonic clock. */
export interface Stray extends Taken {
  readonly since: number
  dueAt: number
}

export const isStray = (taken: Taken): taken is Stray => 'since' in taken

/** Receipts read together, and acknowledged together once all are on disk. */
export class ReceiptBatch {
  #open = 1
  #resolve: () => void = () => {}
  readonly written: Promise<void> = new Promise((resolve) => {
    this.#resolve = resolve
  })

  begin(): void {
    this.#open += 1
  }

  readonly end = (): void => {
    this.#open -= 1
    if (this.#open === 0) this.#resolve()
  }
}

/** Returns the key of an id in whatever form. Keyed by gateway too: two providers may give the same id to two messages. */
export const keyOf = (gateway: string, messageId: string) => `${gateway} ${plainIdOf(messageId)}`

/** Adds an item to those of a key. */
export function addTo<T>(map: Map<string, T[]>, key: string, item: T): void {
  const same = map.get(key)
  if (same === undefined) map.set(key, [item])
  else same.push(item)
}

/** Removes the items of a key that satisfy a condition. @returns them */
export function removeFrom<T>(map: Map<string, T[]>, key: string, isOwn: (item: T) => boolean): T[] {
  const items = map.get(key)
  if (items === undefined) return []
  const own = items.filter(isOwn)
  const others = items.filter((item) => !own.includes(item))
  if (others.length > 0) map.set(key, others)
  else map.delete(key)
  return own
}
