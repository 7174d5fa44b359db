import { hasIdPerPart, type SmsGateway, type SmsReceipt } from '../gateway.ts'
import { IdRules } from './id-rules.ts'
import { type Conversion, isSamePhone } from './message-ids.ts'

/** The form of the receipts of each gateway, as its settings declare it and as its receipts have shown it. */
export class ReceiptForms {
  /** Gateways that give one id per message, however long. */
  readonly #wholeIds: ReadonlySet<string>
  /** Gateways whose receipts have carried the recipient's phone, or the reference of their submission. */
  readonly #tellingPhones = new Set<string>()
  readonly #tellingReferences = new Set<string>()
  readonly #rules = new IdRules()
  readonly #onLearnt: (gateway: string, conversion: Conversion) => void

  /** @param onLearnt called once for a gateway whose receipts write their ids in another base than its submit answers */
  constructor(gateways: readonly SmsGateway[], onLearnt: (gateway: string, conversion: Conversion) => void) {
    this.#wholeIds = new Set(gateways.filter((gateway) => !hasIdPerPart(gateway)).map(({ name }) => name))
    this.#onLearnt = onLearnt
  }

  hasIdPerMessage(gateway: string): boolean {
    return this.#wholeIds.has(gateway)
  }

  carriesPhones(gateway: string): boolean {
    return this.#tellingPhones.has(gateway)
  }

  carriesReferences(gateway: string): boolean {
    return this.#tellingReferences.has(gateway)
  }

  /** Learns whether the receipts of a gateway carry references. */
  noteReferences(gateway: string, receipts: readonly SmsReceipt[]): void {
    if (!this.#tellingReferences.has(gateway) && receipts.some(({ reference }) => reference !== undefined))
      this.#tellingReferences.add(gateway)
  }

  /** Returns the base that the gateway was seen to use; undefined: that of its submit answers, as far as is known. */
  baseOf(gateway: string): Conversion | undefined {
    return this.#rules.of(gateway)
  }

  /** Counts a proven conversion, which may become the rule of the gateway. */
  prove(gateway: string, conversion: Conversion): void {
    if (this.#rules.prove(gateway, conversion)) this.#onLearnt(gateway, conversion)
  }

  /**
   * True when a receipt under the id of a message, in whatever form, belongs to it. Digits alone may be the id of
   * another message in the other base, and two ids may differ only in case: the phone decides, where the provider's
   * receipts carry it.
   */
  isOf(receipt: SmsReceipt, awaited: { readonly id: string; readonly phone: string }): boolean {
    const { gateway, messageId, phone } = receipt
    if (phone === undefined) return true
    if (isSamePhone(awaited.phone, phone)) {
      this.#tellingPhones.add(gateway)
      return true
    }
    if (messageId !== awaited.id) return false
    return this.#wholeIds.has(gateway) || !/^[0-9]+$/.test(messageId)
  }
}
