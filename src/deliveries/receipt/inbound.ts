import { sql } from 'kysely'
import type { Deps } from '../../deps.ts'
import { countFailure } from '../../identity/sign-in/failures.ts'
import { optOutNumber } from '../../members/opt-out/opt-out.ts'
import { isStop } from '../../members/opt-out/stop-words.ts'
import { parsePhone } from '../../members/rules.ts'
import { DAY_MS, HOUR_MS } from '../../message/clock.ts'
import { writeSms } from '../../outbox/actions.ts'
import { acrossSchemes, inScheme, type Tx } from '../../platform/db.ts'
import type { SmsInbound } from '../gateway.ts'
import { rememberTaken, wasTaken } from './taken-messages.ts'

/** Maximum age of the message that a phone answers. */
const ANSWERS_WITHIN_MS = 30 * DAY_MS

/** Time within which the reply to an answer must leave: later it would surprise. */
const REPLY_WITHIN_MS = HOUR_MS
const DAY_SECONDS = 86_400

/**
 * Cost of the search for the message that a phone answers, in deliveries read: some 50 ms. A forged message must not read the whole
 * ledger.
 */
const SEARCH_MAX = 100_000
/** Opening a broadcast costs as much as reading this many deliveries. */
const BROADCAST_COST = 20

type InboundDeps = Pick<Deps, 'db' | 'now' | 'newId' | 'jobs' | 'log' | 'mailer' | 'secret'>

/**
 * Handles a message from a phone. STOP opts its number out of the scheme that it answers. Any other text is discarded; a
 * phone that answers an alert gets one automatic reply a day, which says that the message was not read. A message that was handled
 * before is ignored, in whichever process. The promise rejects when the database has not stored the result: the provider then sends
 * the message again, and it is handled.
 */
export async function takeInbound(deps: InboundDeps, message: SmsInbound): Promise<void> {
  const phone = phoneOf(message.from)
  if (phone === undefined) return
  if (await wasTaken(deps, message)) {
    deps.log.info({ gateway: message.gateway }, 'a message from a phone came again')
    return
  }
  await (isStop(message.text) ? optOutOfAnswered(deps, phone, message) : replyUnread(deps, phone, message))
  await rememberTaken(deps, message)
}

/** Opts a number out of the schemes whose messages it answers. */
async function optOutOfAnswered(deps: InboundDeps, phone: string, message: SmsInbound): Promise<void> {
  const { gateway, id: messageId } = message
  const answered = await acrossSchemes(deps.db, (tx) => findSchemesAnswered(tx, phone, message, deps.now()))
  let contacts = 0
  for (const { schemeId, hasReceived } of answered) {
    contacts += await inScheme(deps.db, schemeId, (tx) =>
      optOutNumber(tx, deps, schemeId, { phone, gateway, messageId, hasReceived }),
    )
  }
  const schemes = answered.map(({ schemeId }) => schemeId)
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

/** Returns the scheme of the last alert that a number of its contacts got by this gateway, if it got one in the last weeks. */
async function findAlertAnswered(
  tx: Tx,
  phone: string,
  message: SmsInbound,
  now: Date,
): Promise<Sent | undefined> {
  const having = (await findSchemesKnowing(tx, phone)).filter(({ isHad }) => isHad)
  return findLastSent(tx, { phone, schemes: having, isAlert: true }, message, now)
}

/** A scheme that has a number, or had it. */
interface Knowing {
  readonly schemeId: string
  /** A contact has the number. */
  readonly isHad: boolean
  /** A contact lost the number, or stopped receiving SMS on it. */
  readonly wasHad: boolean
}

/** Lists the schemes that know a number, by keys: none for a number that the installation does not know. */
async function findSchemesKnowing(tx: Tx, phone: string): Promise<Knowing[]> {
  const { rows } = await sql<Knowing>`
    select s.id as scheme_id, c.one is not null as is_had, f.one is not null as was_had from schemes s
    -- With limits, which keep the planner from reading a table once for all schemes.
    left join lateral (select 1 as one from contacts c where c.scheme_id = s.id and c.mobile = ${phone} limit 1) c on true
    left join lateral (select 1 as one from former_numbers f where f.scheme_id = s.id and f.phone = ${phone} limit 1) f on true
    where c.one is not null or f.one is not null order by s.id`.execute(tx)
  return rows
}

interface Sent {
  readonly schemeId: string
  readonly scheme: string
  readonly simulated: boolean
}

/**
 * Returns the last broadcast that a number got by the gateway of a message, preferring the sender that it answers.
 * @param of the schemes whose broadcasts are searched; `isAlert`: those of alerts only
 * @returns undefined also when the last `SEARCH_MAX` deliveries do not include the number
 */
async function findLastSent(
  tx: Tx,
  of: { readonly phone: string; readonly schemes: readonly Knowing[]; readonly isAlert: boolean },
  { gateway, to }: SmsInbound,
  now: Date,
): Promise<Sent | undefined> {
  if (of.schemes.length === 0) return undefined
  const since = new Date(now.getTime() - ANSWERS_WITHIN_MS)
  const { rows } = await sql<Sent>`
    select b.scheme_id, s.name as scheme, b.simulated from (
      select scheme_id, id, simulated, sender = ${to} as is_answered, ordered_at,
        sum(planned + ${BROADCAST_COST}::int) over (order by sender = ${to} desc, ordered_at desc, id) - planned as cost_before
      from broadcasts
      where scheme_id = any (${of.schemes.map(({ schemeId }) => schemeId)}::text[]) and ordered_at >= ${since}
        and (alert_id is not null or ${!of.isAlert})
      order by is_answered desc, ordered_at desc, id
    ) b
    join schemes s on s.id = b.scheme_id
    -- Reads one broadcast after the other, by the key, and ends at the first: deliveries have no index by number.
    cross join lateral (
      select from deliveries d
      where d.scheme_id = b.scheme_id and d.broadcast_id = b.id and d.phone = ${of.phone} and d.gateway = ${gateway} limit 1
    ) d
    where b.cost_before <= ${SEARCH_MAX}
    order by b.is_answered desc, b.ordered_at desc, b.id limit 1`.execute(tx)
  return rows[0]
}

/** Parses a sender to E.164; undefined when it is no number (a name of eleven letters). */
function phoneOf(from: string): string | undefined {
  if (/^\+[1-9][0-9]{6,14}$/.test(from)) return from
  const phone = parsePhone(from)
  return 'value' in phone ? phone.value.e164 : undefined
}

/**
 * Returns the schemes that a STOP applies to: the one whose message the phone got last, and if that one has the number no longer,
 * also those that have it; else all that know it, since a missed message is better than an unwanted one. None for a number that no
 * scheme knows: nothing of it is stored. Includes schemes where the number already opted out, so that a second STOP gives the same
 * result.
 */
async function findSchemesAnswered(
  tx: Tx,
  phone: string,
  message: SmsInbound,
  now: Date,
): Promise<{ readonly schemeId: string; readonly hasReceived: boolean }[]> {
  const knowing = await findSchemesKnowing(tx, phone)
  // The usual case reads no delivery.
  const last =
    knowing.length < 2
      ? undefined
      : await findLastSent(tx, { phone, schemes: knowing, isAlert: false }, message, now)
  const isLast = ({ schemeId }: Knowing) => schemeId === last?.schemeId
  const isLost = knowing.some((one) => isLast(one) && !one.isHad)
  return knowing
    .filter((one) => last === undefined || isLast(one) || (isLost && one.isHad))
    .map((one) => ({ schemeId: one.schemeId, hasReceived: one.wasHad || isLast(one) }))
}
