import type { SmsReceipt } from '../gateway.ts'
import type { Lane } from '../lanes.ts'
import { CONVERSIONS, convertId } from './message-ids.ts'
import type { ReceiptForms } from './receipt-forms.ts'
import { isProven } from './receipt-proof.ts'
import { keyOf } from './taken.ts'

/** The fields of a broadcast that its receipts need. */
export interface BroadcastRef {
  readonly schemeId: string
  readonly id: string
  readonly alertId: string | null
  readonly lane: Lane
}

/** An accepted delivery, or a part of one, waiting for its receipt. */
export interface Awaited {
  readonly broadcast: BroadcastRef
  readonly no: number
  /** E.164 */
  readonly phone: string
  /** The provider's id, as written in its submit answer. */
  readonly id: string
  /** True for one part of several: the message is delivered when all parts are. */
  readonly isPart: boolean
  /** When the provider accepted it, in milliseconds by the wall clock; undefined: its answer is lost. */
  readonly acceptedAt: number | undefined
}

/** The key of an id whose plain form is already used by another id of the gateway. */
const exactKeyOf = (gateway: string, messageId: string) => `${gateway}  ${messageId}`

/** The deliveries that wait for their receipts, by the ids of their submit answers in whatever form. */
export class AwaitedDeliveries {
  readonly #forms: ReceiptForms
  /** Keyed by gateway and plain id. */
  readonly #awaited = new Map<string, Awaited>()
  /** True when two ids of a gateway had the same plain form, so that some are stored under their exact key. */
  #hasExactKeys = false

  constructor(forms: ReceiptForms) {
    this.#forms = forms
  }

  get size(): number {
    return this.#awaited.size
  }

  /** @param key as `keyFor` returns it */
  set(key: string, awaited: Awaited): void {
    this.#awaited.set(key, awaited)
  }

  has(key: string): boolean {
    return this.#awaited.has(key)
  }

  get(key: string): Awaited | undefined {
    return this.#awaited.get(key)
  }

  delete(key: string): void {
    this.#awaited.delete(key)
  }

  /** Forgets the deliveries of broadcasts that are not open. */
  forgetOthers(open: ReadonlySet<string>): void {
    for (const [id, { broadcast }] of this.#awaited) if (!open.has(broadcast.id)) this.#awaited.delete(id)
  }

  /** Returns the key under which an id is or would be awaited. */
  keyFor(gateway: string, id: string): string {
    if (this.#hasExactKeys) {
      const exact = exactKeyOf(gateway, id)
      if (this.#awaited.has(exact)) return exact
    }
    const key = keyOf(gateway, id)
    const awaited = this.#awaited.get(key)
    if (awaited === undefined || awaited.id === id) return key
    this.#hasExactKeys = true
    return exactKeyOf(gateway, id)
  }

  /**
   * Returns the key of the delivery of a receipt: under its id, another form of the id, or the same number in the other
   * base.
   */
  keyOfReceipt(receipt: SmsReceipt): string | undefined {
    const { gateway, messageId, reference, phone } = receipt
    if (this.#hasExactKeys) {
      const exact = exactKeyOf(gateway, messageId)
      const same = this.#awaited.get(exact)
      if (same !== undefined) return this.#forms.isOf(receipt, same) ? exact : undefined
    }
    const isUnproven = reference === undefined && phone === undefined
    const converted = isUnproven ? this.#keyOfLearntForm(receipt) : undefined
    if (converted !== undefined) return converted
    const key = keyOf(gateway, messageId)
    const same = this.#awaited.get(key)
    if (same !== undefined && this.#forms.isOf(receipt, same)) return key
    if (same?.id === messageId || isUnproven || this.#awaited.size === 0) return undefined
    return this.#keyOfProvenForm(receipt)
  }

  /** Returns the key of the delivery whose id is that of a receipt in the base that the gateway was seen to use. */
  #keyOfLearntForm({ gateway, messageId }: SmsReceipt): string | undefined {
    const learnt = this.#forms.baseOf(gateway)
    const form = learnt === undefined ? undefined : convertId(messageId, learnt)
    if (form === undefined) return undefined
    const key = keyOf(gateway, form)
    return this.#awaited.has(key) ? key : undefined
  }

  /**
   * Returns the key of the delivery whose id is that of a receipt in another base, and learns the base. The same digits may be
   * the id of another message, so the reference or the phone has to match too.
   */
  #keyOfProvenForm(receipt: SmsReceipt): string | undefined {
    const { gateway, messageId } = receipt
    for (const conversion of CONVERSIONS) {
      const form = convertId(messageId, conversion)
      const other = form === undefined ? undefined : keyOf(gateway, form)
      const awaited = other === undefined ? undefined : this.#awaited.get(other)
      if (awaited === undefined || !isProven(receipt, awaited.broadcast.id, awaited)) continue
      this.#forms.prove(gateway, conversion)
      return other
    }
    return undefined
  }
}
