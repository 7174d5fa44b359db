import type { Deps } from '../../deps.ts'
import type { SmsReceipt } from '../gateway.ts'
import type { OutcomeRecorder } from '../settle/recorder.ts'
import { isSamePhone, plainFormsOf } from './message-ids.ts'
import type { ReceiptForms } from './receipt-forms.ts'
import { findByIds, findSent, type SentRow } from './receipt-lookup.ts'
import { codeOf, finalKindOf } from './receipt-outcome.ts'
import { REPEATED_MS } from './receipt-periods.ts'
import { referenceOfDelivery } from './receipt-proof.ts'
import { keyOf, type Taken } from './taken.ts'

/** Maximum messages looked up whose ids may be those of receipts. */
const KNOWN_MAX = 100_000

/** A submission, with the ids of its parts that were delivered. */
type CountedRow = SentRow & { readonly delivered: Set<string> }

/** Matches receipts whose ids the ledger does not have, since the answers to their submissions are lost. */
export class PhoneMatcher {
  readonly #deps: Pick<Deps, 'db' | 'now'>
  readonly #recorder: OutcomeRecorder
  readonly #forms: ReceiptForms

  constructor(deps: Pick<Deps, 'db' | 'now'>, recorder: OutcomeRecorder, forms: ReceiptForms) {
    this.#deps = deps
    this.#recorder = recorder
    this.#forms = forms
  }

  /**
   * Matches receipts by phone: with the reference of a submission, whatever its ids; without, when it is the only submission
   * to the phone whose answer was lost and the id is of no other message.
   */
  async match(left: Set<Taken>, due: readonly Taken[]): Promise<void> {
    const marked = due.filter(({ receipt }) => receipt.phone !== undefined)
    if (marked.length === 0) return
    const phones = [...new Set(marked.map(({ receipt }) => receipt.phone ?? ''))]
    const rows = (await findSent(this.#deps.db, phones)).map((row) => ({
      ...row,
      delivered: new Set(row.deliveredIds),
    }))
    if (rows.length === 0) return
    const byReference = Map.groupBy(rows, ({ id, no }) => referenceOfDelivery(id, no))
    const lone: { readonly entry: Taken; readonly row: CountedRow }[] = []
    for (const entry of marked) {
      const { reference, gateway } = entry.receipt
      if (reference !== undefined) {
        const row = rowWithPhone(entry.receipt, byReference.get(reference) ?? [])
        if (row !== undefined) this.#settle(left, entry, row)
      } else if (!this.#forms.carriesReferences(gateway)) {
        const row = loneRowOf(entry, rows)
        if (row !== undefined) lone.push({ entry, row })
      }
    }
    if (lone.length > 0) await this.#settleLone(left, lone)
  }

  /** Settles the only submissions to their phones whose answers were lost, unless the id of the receipt is of another message. */
  async #settleLone(
    left: Set<Taken>,
    lone: readonly { readonly entry: Taken; readonly row: CountedRow }[],
  ): Promise<void> {
    const forms = [...new Set(lone.flatMap(({ entry }) => plainFormsOf(entry.receipt.messageId)))]
    const known = Map.groupBy(
      await findByIds(this.#deps, forms, REPEATED_MS, KNOWN_MAX),
      ({ gateway, messageId }) => keyOf(gateway, messageId),
    )
    for (const { entry, row } of lone) {
      const { gateway, messageId } = entry.receipt
      if (plainFormsOf(messageId).every((form) => !known.has(keyOf(gateway, form))))
        this.#settle(left, entry, row)
    }
  }

  /** Settles a delivery by a receipt under an id that the ledger does not have. */
  #settle(left: Set<Taken>, entry: Taken, row: CountedRow): void {
    const { receipt, end } = entry
    const { gateway, messageId } = receipt
    left.delete(entry)
    const { no } = row
    const broadcast = { schemeId: row.schemeId, id: row.id, alertId: row.alertId }
    const kind = finalKindOf(receipt)
    if (kind === undefined) end()
    else if (kind !== 'delivered') this.#recorder.add(broadcast, { no, kind, ...codeOf(receipt) }, end)
    else {
      row.delivered.add(messageId)
      // The receipt of one part says nothing of the others: it is stored until the last.
      const isWhole = row.delivered.size >= (this.#forms.hasIdPerMessage(gateway) ? 1 : row.parts)
      this.#recorder.add(
        broadcast,
        !isWhole
          ? { no, kind: 'part', messageIds: [messageId] }
          : row.answer === 'answered'
            ? { no, kind }
            : // Stored with its ids: the same receipt may come again and must not settle another doubt.
              { no, kind, messageIds: [...row.delivered], gateway, late: true },
        end,
      )
    }
  }
}

/** Returns the submission to the phone of a receipt, of those with its reference. */
function rowWithPhone(
  { gateway, phone = '' }: SmsReceipt,
  rows: readonly CountedRow[],
): CountedRow | undefined {
  const row = rows.find((one) => isSamePhone(one.phone, phone))
  return row !== undefined && mayBeOf(row, gateway) ? row : undefined
}

/** The gateway is unknown for a delivery of a lost worker or in flight. */
const mayBeOf = (row: SentRow, gateway: string) =>
  row.state === 'planned' || row.gateway === null || row.gateway === gateway

/** True when the answer was lost: no other will come that names the message. */
const isLost = ({ answer }: SentRow) => answer === 'unanswered'

/** Returns the submission to the phone of a receipt when it is the only one there and its answer was lost. */
function loneRowOf(
  { receipt: { gateway, phone = '' }, receivedAt }: Taken,
  rows: readonly CountedRow[],
): CountedRow | undefined {
  // One that is in flight may have this id: its answer is on its way, maybe to another worker.
  const [row, ...others] = rows.filter((one) => one.answer !== 'answered' && isSamePhone(one.phone, phone))
  if (row === undefined || !isLost(row) || others.length > 0 || !mayBeOf(row, gateway)) return undefined
  // A receipt that came before the order is of another message.
  return receivedAt >= row.orderedAt.getTime() ? row : undefined
}
