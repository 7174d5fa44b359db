import { type RawBuilder, sql } from 'kysely'

/** Days after which the outcome of a message is final: mails and service SMS are not retried for longer. */
export const KNOWN_AFTER_DAYS = 3

/**
 * Selects when a message of a cause first reached its recipient: the mail server accepted the mail, or the provider reported
 * the SMS as delivered. It is a FROM item with one column `at`; no row means not known. Only messages written with `kept` count.
 */
export const firstReachedOf = (
  schemeId: RawBuilder<unknown>,
  cause: RawBuilder<unknown>,
): RawBuilder<unknown> =>
  sql`(select min(o.reached_at) as at from outbox o where o.scheme_id = ${schemeId} and o.cause = ${cause} having min(o.reached_at) is not null)`
