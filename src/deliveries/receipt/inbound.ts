import { sql } from 'kysely'
import type { Deps } from '../../deps.ts'
import { countFailure } from '../../identity/failures.ts'
import { optOutNumber } from '../../members/opt-out.ts'
import { parsePhone } from '../../members/rules.ts'
import { isStop } from '../../members/stop-words.ts'
import { writeSms } from '../../outbox/actions.ts'
import { acrossSchemes, inScheme, type Tx } from '../../platform/db.ts'
import type { SmsInbound } from '../gateway.ts'

/** Maximum age of the message that a phone answers. */
const ANSWERS_WITHIN_MS = 30 * 86_400_000

/** Time within which the reply to an answer must leave: later it would surprise. */
const REPLY_WITHIN_MS = 3_600_000
const DAY_SECONDS = 86_400

type InboundDeps = Pick<Deps, 'db' | 'now' | 'newId' | 'jobs' | 'log' | 'mailer' | 'secret'>

/**
 * Handles a message from a phone. STOP opts its number out of the scheme that it answers. Any other text is discarded; a
 * phone that answers an alert gets one automatic reply a day, which says that the message was not read. Handling the same
 * message twice has no further effect. The promise rejects when the database has not stored the result: the provider then
 * sends the message again.
 */
export async function takeInbound(deps: InboundDeps, message: SmsInbound): Promise<void> {
  const phone = phoneOf(message.from)
  if (phone === undefined) return
  if (!isStop(message.text)) return replyUnread(deps, phone, message)
  const { gateway, id: messageId } = message
  const { schemes, hasReceived } = await acrossSchemes(deps.db, (tx) =>
    findSchemesAnswered(tx, phone, message, deps.now()),
  )
  let contacts = 0
  for (const schemeId of schemes) {
    contacts += await inScheme(deps.db, schemeId, (tx) =>
      optOutNumber(tx, deps, schemeId, { phone, gateway, messageId, hasReceived }),
    )
  }
  deps.log.info({ gateway, schemes, contacts }, 'a phone said STOP')
}

/**
 * Replies to an answer to an alert that nobody reads it and that emergencies go to 17: once a day to a number, whatever it
 * answers and whatever becomes of the reply, so that two programs cannot answer each other.
 */
async function replyUnread(deps: InboundDeps, phone: string, message: SmsInbound): Promise<void> {
  const now = deps.now()
  await acrossSchemes(deps.db, async (tx) => {
    const answered = await findAlertAnswered(tx, phone, message, now)
    if (answered === undefined) return
    const replies = { kind: 'unread-answer', of: phone, seconds: DAY_SECONDS }
    if ((await countFailure(tx, deps, replies)).failures > 1) return
    await writeSms(tx, deps, answered.schemeId, {
      to: phone,
      template: 'inbound.sms.unread',
      values: { scheme: answered.scheme },
      validUntil: new Date(now.getTime() + REPLY_WITHIN_MS),
      createdBy: 'system:inbound',
      // An answer to an exercise goes where the exercise went.
      simulated: answered.simulated,
    })
  })
}

/** Returns the scheme of the last alert that a number got by this gateway, if it got one in the last weeks. */
async function findAlertAnswered(
  tx: Tx,
  phone: string,
  { gateway, to }: SmsInbound,
  now: Date,
): Promise<{ schemeId: string; scheme: string; simulated: boolean } | undefined> {
  const since = new Date(now.getTime() - ANSWERS_WITHIN_MS)
  const { rows } = await sql<{ schemeId: string; scheme: string; simulated: boolean }>`
    select b.scheme_id, s.name as scheme, b.simulated from broadcasts b join schemes s on s.id = b.scheme_id
    where b.alert_id is not null and b.ordered_at >= ${since}
      and exists (select from contacts c where c.scheme_id = b.scheme_id and c.mobile = ${phone})
      and exists (select from deliveries d
        where d.scheme_id = b.scheme_id and d.broadcast_id = b.id and d.phone = ${phone} and d.gateway = ${gateway})
    order by b.sender = ${to} desc, b.ordered_at desc limit 1`.execute(tx)
  return rows[0]
}

/** Parses a sender to E.164; undefined when it is no number (a name of eleven letters). */
function phoneOf(from: string): string | undefined {
  if (/^\+[1-9][0-9]{6,14}$/.test(from)) return from
  const phone = parsePhone(from)
  return 'value' in phone ? phone.value.e164 : undefined
}

/**
 * Returns the schemes that a STOP applies to: the one whose message the phone got last by that gateway, preferring the sender
 * that it answers; else all that have the number, since a missed message is better than an unwanted one; else, for a number
 * removed meanwhile, all that sent it a message that the ledger still holds. None for a number that no scheme knows: nothing of
 * it is stored. Includes schemes where the number already opted out, so that a second STOP gives the same result.
 */
async function findSchemesAnswered(
  tx: Tx,
  phone: string,
  { gateway, to }: SmsInbound,
  now: Date,
): Promise<{ readonly schemes: readonly string[]; readonly hasReceived: boolean }> {
  const { rows: all } = await sql<{ id: string; has: boolean }>`
    select s.id, exists (select from contacts c where c.scheme_id = s.id and c.mobile = ${phone}) as has
    from schemes s order by s.id`.execute(tx)
  const having = all.filter(({ has }) => has).map(({ id }) => id)
  // The usual case reads no delivery.
  if (having.length === all.length && all.length === 1) return { schemes: having, hasReceived: false }
  const since = new Date(now.getTime() - ANSWERS_WITHIN_MS)
  const { rows: last } = await sql<{ schemeId: string }>`
    select b.scheme_id from broadcasts b
    where b.ordered_at >= ${since} and exists (
      select from deliveries d
      where d.scheme_id = b.scheme_id and d.broadcast_id = b.id and d.phone = ${phone} and d.gateway = ${gateway})
    order by b.sender = ${to} desc, b.ordered_at desc limit 1`.execute(tx)
  if (last.length > 0) return { schemes: last.map(({ schemeId }) => schemeId), hasReceived: true }
  if (having.length > 0) return { schemes: having, hasReceived: false }
  const { rows: former } = await sql<{ schemeId: string }>`
    select distinct scheme_id from deliveries where phone = ${phone} and gateway is not null order by 1`.execute(
    tx,
  )
  return { schemes: former.map(({ schemeId }) => schemeId), hasReceived: true }
}
