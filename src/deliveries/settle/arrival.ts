import { type RawBuilder, sql } from 'kysely'

/** How long after the validity an accepted delivery may still wait for its receipt before it counts as expired. */
export const RECEIPT_GRACE_SECONDS = 600

/**
 * Whether the message of a delivery may be on its phone, now or later. What the provider took and never spoke of again
 * may be, also once its time is over: receipts are not fully reliable. What it says it dropped (the phone was off until
 * the end) is not; nor is what never left.
 * @param delivery, broadcast how the statement calls the two
 */
export function mayHaveArrived(delivery = 'd', broadcast = 'f'): RawBuilder<boolean> {
  const of = (column: string) => sql.ref(`${delivery}.${column}`)
  return sql`(${of('state')} in ('planned', 'accepted', 'in_doubt', 'delivered')
    -- Sent twice perhaps, and refused, dropped or called back once: nothing is known of the other.
    or ${of('possible_duplicate')}
    or ${of('state')} = 'expired'
    and coalesce(${of('accepted_at')}, ${of('in_doubt_at')}) is not null
    and ${of('settled_at')} >= ${sql.ref(`${broadcast}.valid_until`)} + make_interval(secs => ${RECEIPT_GRACE_SECONDS}))`
}
