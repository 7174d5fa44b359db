import type { SmsReceipt } from '../gateway.ts'
import { CONVERSIONS, type Conversion, convertId, isSamePhone, isTelling } from './message-ids.ts'
import type { ReceiptForms } from './receipt-forms.ts'
import type { AcceptedRow } from './receipt-lookup.ts'
import { isProven } from './receipt-proof.ts'
import { keyOf } from './taken.ts'

type RowsByKey = ReadonlyMap<string, readonly AcceptedRow[]>

/**
 * Returns the ledger row of a receipt: to its phone or with its reference, under its id in whatever form, else under the
 * same number in the other base. The same digits may be the id of another message there.
 * @param rows keyed by gateway and plain id
 */
export function findRowOf(
  receipt: SmsReceipt,
  rows: RowsByKey,
  forms: ReceiptForms,
): AcceptedRow | undefined {
  const { gateway, messageId, phone, reference } = receipt
  const same = rowsUnder(rows, gateway, messageId).toSorted(
    (a, b) => Number(b.messageId === messageId) - Number(a.messageId === messageId),
  )
  if (phone === undefined && reference === undefined)
    return findUnproven(receipt, rows, same, forms.baseOf(gateway))
  const isOwn = (row: AcceptedRow) =>
    phone === undefined ? isProven(receipt, row.id, row) : isSamePhone(row.phone, phone)
  const own = same.find(isOwn)
  if (own !== undefined) return own
  for (const conversion of CONVERSIONS) {
    const other = rowsUnder(rows, gateway, convertId(messageId, conversion)).find(isOwn)
    if (other === undefined) continue
    forms.prove(gateway, conversion)
    return other
  }
  const [first] = same
  // The receipt names another phone. It is accepted only from a provider whose receipts never carry the phone as
  // ours.
  if (first === undefined || forms.isOf(receipt, { id: first.messageId, phone: first.phone })) return first
  return forms.carriesPhones(gateway) ? undefined : first
}

function rowsUnder(rows: RowsByKey, gateway: string, id: string | undefined): readonly AcceptedRow[] {
  return id === undefined ? [] : (rows.get(keyOf(gateway, id)) ?? [])
}

/**
 * Returns the row of a receipt without a phone and a reference: the base of the gateway's other receipts decides.
 * @param same those under its id, the one with exactly this id first
 */
function findUnproven(
  { gateway, messageId }: SmsReceipt,
  rows: RowsByKey,
  same: readonly AcceptedRow[],
  base: Conversion | undefined,
): AcceptedRow | undefined {
  const converted = base === undefined ? [] : rowsUnder(rows, gateway, convertId(messageId, base))
  if (converted.length > 0 || same.length > 0) return converted[0] ?? same[0]
  const others = CONVERSIONS.flatMap((conversion) =>
    rowsUnder(rows, gateway, convertId(messageId, conversion)),
  )
  return others.length === 1 && isTelling(messageId) ? others[0] : undefined
}
