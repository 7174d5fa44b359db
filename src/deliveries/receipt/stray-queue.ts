import type { Deps } from '../../deps.ts'
import type { SmsReceipt } from '../gateway.ts'
import { KEEP_MS } from './receipt-periods.ts'
import { forgetStrays, type KeptReceipt } from './strays.ts'
import { addTo, keyOf, removeFrom, type Stray } from './taken.ts'

/** First wait before an unknown receipt is looked up again; each next one is twice as long. */
const FIRST_RETRY_MS = 1000
/** Maximum receipts looked up again, the latest ones; the others stay in the table. */
export const STRAYS_MAX = 20_000

/** Unknown receipts that are looked up again; all of them are stored, and deleted once found. */
export class StrayQueue {
  readonly #deps: Pick<Deps, 'db' | 'log'>
  readonly #lookUp: (due: readonly Stray[]) => void
  readonly #countFound: (gateway: string) => void
  /** Keyed by gateway and id, in the order of their last look-up. */
  readonly #strays = new Map<string, Stray[]>()
  #timer: NodeJS.Timeout | undefined
  /** Formerly unknown receipts that were matched. */
  #found: SmsReceipt[] = []
  #forgetting: Promise<void> | undefined
  #isEnding = false

  /** @param on called with receipts whose look-up is due, and for each receipt that was matched */
  constructor(
    deps: Pick<Deps, 'db' | 'log'>,
    on: {
      readonly due: (strays: readonly Stray[]) => void
      readonly found: (gateway: string) => void
    },
  ) {
    this.#deps = deps
    this.#lookUp = on.due
    this.#countFound = on.found
  }

  get size(): number {
    return this.#strays.size
  }

  has({ gateway, messageId }: SmsReceipt): boolean {
    return this.#strays.has(keyOf(gateway, messageId))
  }

  /** Makes a stray of a stored receipt; it is deleted once it is ended. */
  toStray({ receipt, receivedAt }: KeptReceipt): Stray {
    const now = performance.now()
    const end = () => {
      this.#found.push(receipt)
      this.#countFound(receipt.gateway)
      this.#forgetting ??= this.#forgetFound()
    }
    return { receipt, receivedAt: receivedAt.getTime(), end, since: now, dueAt: now }
  }

  /** Keeps a receipt until its next look-up, unless it is too old. */
  add(stray: Stray): void {
    const now = performance.now()
    if (now - stray.since > KEEP_MS) return
    stray.dueAt = now + Math.max(FIRST_RETRY_MS, now - stray.since)
    addTo(this.#strays, keyOf(stray.receipt.gateway, stray.receipt.messageId), stray)
    if (this.#strays.size > STRAYS_MAX) this.#strays.delete(this.#strays.keys().next().value as string)
    this.#plan()
  }

  /** Removes the receipts under a key that satisfy a condition. @returns them */
  remove(key: string, isOwn: (stray: Stray) => boolean): Stray[] {
    return removeFrom(this.#strays, key, isOwn)
  }

  /** Removes all receipts of a gateway. @returns them */
  removeOf(gateway: string): Stray[] {
    const own = [...this.#strays].filter(([key]) => key.startsWith(`${gateway} `))
    for (const [key] of own) this.#strays.delete(key)
    return own.flatMap(([, strays]) => strays)
  }

  /** Looks up no more receipts by itself. */
  stop(): void {
    this.#isEnding = true
    clearTimeout(this.#timer)
  }

  /** Resolves once the receipts that were found are deleted. */
  async forgotten(): Promise<void> {
    await this.#forgetting
  }

  #plan(): void {
    if (this.#isEnding || this.#strays.size === 0) return
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      const due = this.#removeDue(performance.now())
      if (due.length > 0) this.#lookUp(due)
      this.#plan()
    }, FIRST_RETRY_MS).unref()
  }

  #removeDue(now: number): Stray[] {
    const due: Stray[] = []
    for (const [key, strays] of this.#strays) {
      if (strays.every(({ dueAt }) => dueAt > now)) continue
      this.#strays.delete(key)
      due.push(...strays)
    }
    return due
  }

  async #forgetFound(): Promise<void> {
    // Receipts found together are deleted together.
    await new Promise((resolve) => setImmediate(resolve))
    while (this.#found.length > 0) {
      const found = this.#found
      this.#found = []
      await forgetStrays(this.#deps.db, found).catch((error) =>
        // The next process finds them again, which changes nothing.
        this.#deps.log.warn({ err: error }, 'receipts found stay among the unknown ones'),
      )
    }
    this.#forgetting = undefined
  }
}
