import { CONVERSIONS, type Conversion } from './message-ids.ts'

/** Number of proven receipts after which a gateway is known to write all its ids in the other base. */
const PROOFS = 3

/**
 * Learns from receipts whose phone or reference proved their message in which base a gateway writes the ids of its receipts,
 * for the receipts that prove nothing by themselves.
 */
export class IdRules {
  readonly #proofs = new Map<string, number>()
  readonly #learnt = new Map<string, Conversion>()

  of(gateway: string): Conversion | undefined {
    return this.#learnt.get(gateway)
  }

  /**
   * Counts a receipt that matched under another base.
   * @returns true when this receipt establishes the rule.
   */
  prove(gateway: string, conversion: Conversion): boolean {
    if (this.#learnt.has(gateway)) return false
    const key = `${gateway} ${conversion}`
    const proofs = (this.#proofs.get(key) ?? 0) + 1
    this.#proofs.set(key, proofs)
    if (proofs < PROOFS) return false
    for (const one of CONVERSIONS) this.#proofs.delete(`${gateway} ${one}`)
    this.#learnt.set(gateway, conversion)
    return true
  }
}
