import { type RawBuilder, sql } from 'kysely'

/** Grace period after the validity: an accepted delivery without a receipt by then counts as expired. */
export const RECEIPT_GRACE_SECONDS = 600

/**
 * True when the message of a delivery may be on its phone, now or later. An accepted message without a receipt may be,
 * even past its validity: receipts are not fully reliable. A message that the provider reported as dropped (the phone
 * was off until the end) is not; nor is one that never left.
 * @param delivery, broadcast aliases of the two in the statement
 */
export function mayHaveArrived(delivery = 'd', broadcast = 'f'): RawBuilder<boolean> {
  const of = (column: string) => sql.ref(`${delivery}.${column}`)
  return sql`(${of('state')} in ('planned', 'accepted', 'in_doubt', 'delivered')
    -- Perhaps sent twice: a refusal, expiry or cancellation of one copy says nothing about the other.
    or ${of('possible_duplicate')}
    or ${of('state')} = 'expired'
    and coalesce(${of('accepted_at')}, ${of('in_doubt_at')}) is not null
    and ${of('settled_at')} >= ${sql.ref(`${broadcast}.valid_until`)} + make_interval(secs => ${RECEIPT_GRACE_SECONDS}))`
}
