import { referenceOf, referenceOffsetOf, type SmsReceipt } from '../gateway.ts'
import { isSamePhone } from './message-ids.ts'

/** Returns the reference under which a delivery is submitted. */
export const referenceOfDelivery = (broadcastId: string, no: number) =>
  referenceOf({ referenceOffset: referenceOffsetOf(broadcastId) }, no)

/** True when the reference of a receipt, else its phone, is that of a delivery. */
export function isProven(
  { reference, phone }: SmsReceipt,
  broadcastId: string,
  delivery: { readonly no: number; readonly phone: string },
): boolean {
  return reference === undefined
    ? phone !== undefined && isSamePhone(delivery.phone, phone)
    : referenceOfDelivery(broadcastId, delivery.no) === reference
}
