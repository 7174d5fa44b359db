import { type RawBuilder, sql } from 'kysely'

/** The cause in the outbox of the mails of a message. */
export const causeOf = (messageId: string) => `group:${messageId}`

/** SQL: the addresses of a message whose mail is not written yet, waits for the mail server or was withdrawn. */
export const groupMails = (schemeId: RawBuilder<unknown>, messageId: RawBuilder<unknown>) => sql`(
  select a.address, a.withdrawn_at from service_message_mails a where a.scheme_id = ${schemeId} and a.message_id = ${messageId}
  union all
  select o.address, o.withdrawn_at from outbox o where o.scheme_id = ${schemeId} and o.cause = 'group:' || ${messageId})`
