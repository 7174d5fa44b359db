import { type RawBuilder, sql } from 'kysely'

/** Days after which what became of a message is known: neither mails nor SMS of service are tried for longer. */
export const KNOWN_AFTER_DAYS = 3

/**
 * When what was sent as a mail (noted in `handed_mails`) or as a direct message first reached somebody: the mail server took
 * it, or the provider said that it was delivered. As a FROM item with a column `at`, a row for each; none: not known.
 * @param id of the mail or the message; its broadcast has it as `order_key`
 */
export function reachedAt(schemeId: string, id: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`(
    select h.at from handed_mails h where h.scheme_id = ${schemeId} and h.id = ${id}
    union all
    select d.settled_at from broadcasts b join deliveries d on d.scheme_id = b.scheme_id and d.broadcast_id = b.id
    where b.scheme_id = ${schemeId} and b.order_key = ${id} and d.state = 'delivered' and d.settled_at is not null)`
}
