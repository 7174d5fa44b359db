import { type RawBuilder, sql } from 'kysely'

/** Days after which the outcome of a message is final: mails and service SMS are not retried for longer. */
export const KNOWN_AFTER_DAYS = 3

/**
 * Selects when a mail (recorded in `handed_mails`) or a direct message first reached its recipient: the mail server accepted
 * it, or the provider reported delivery. It is a FROM item with one column `at`; no row means not known.
 * @param id of the mail or message; for messages it is the `order_key` of the broadcast
 */
export function firstReachedAt(schemeId: string, id: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`(
    select h.at from handed_mails h where h.scheme_id = ${schemeId} and h.id = ${id}
    union all
    select d.settled_at from broadcasts b join deliveries d on d.scheme_id = b.scheme_id and d.broadcast_id = b.id
    where b.scheme_id = ${schemeId} and b.order_key = ${id} and d.state = 'delivered' and d.settled_at is not null)`
}
