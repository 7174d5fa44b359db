import { sql } from 'kysely'
import { deliveriesTo, findReceiver } from '../deliveries/plan/receivers.ts'
import type { Tx } from '../platform/db.ts'
import { groupMails } from './mails.ts'

/**
 * State of a service message for one member. `going`: not submitted yet. `sent`: submitted to the provider or the
 * mail server, no receipt. `withdrawn`: stopped before it was submitted.
 */
export type ReceivedState = 'going' | 'sent' | 'delivered' | 'failed' | 'withdrawn'

/** A service message addressed to a member. */
export interface ReceivedMessage {
  readonly id: string
  /** Time of the order. */
  readonly at: Date
  readonly channel: 'sms' | 'mail'
  /** Empty for an SMS. */
  readonly subject: string
  readonly text: string
  readonly writer: string
  /** Trades of the writer, who sees only these; null: all. */
  readonly trades: readonly string[] | null
  readonly state: ReceivedState
}

/** Lists the service messages addressed to a member, latest first. Instants are truncated to milliseconds. */
export async function listReceivedMessages(
  tx: Tx,
  schemeId: string,
  memberId: string,
  {
    before,
    limit,
  }: { readonly before?: { readonly at: Date; readonly id: string } | undefined; readonly limit: number },
): Promise<ReceivedMessage[]> {
  const receiver = await findReceiver(tx, schemeId, memberId)
  if (receiver === undefined) return []
  const { rows } = await sql<ReceivedMessage>`
    select g.id, g.at, g.channel, g.subject, g.text, g.writer, g.trades,
      case when g.channel = 'sms' then coalesce(
        (select case when bool_or(d.state = 'delivered') then 'delivered' when bool_or(d.state = 'planned') then 'going'
            when bool_or(d.state in ('accepted', 'in_doubt')) then 'sent'
            when bool_and(d.state = 'withdrawn') then 'withdrawn' else 'failed' end
          from broadcasts b cross join lateral (select d.state ${deliveriesTo(receiver)}) d
          where b.scheme_id = ${schemeId} and b.id = g.broadcast_id having count(*) > 0), 'sent')
      else coalesce(
        (select case when bool_or(not w.withdrawn) then 'going'
            when bool_and(coalesce(w.withdrawn, false)) then 'withdrawn' else 'sent' end
          from contacts c left join (
            select address, withdrawn_at is not null as withdrawn from ${groupMails(sql`${schemeId}`, sql`g.message_id`)} a
          ) w on w.address = lower(c.mail)
          where c.scheme_id = ${schemeId} and c.member_id = ${memberId}::uuid and c.mail <> ''), 'sent') end as state
    from (
      select 'group-' || m.id as id, m.id as message_id, date_trunc('milliseconds', m.decided_at) as at, m.channel, m.subject, m.text,
        m.writer, m.trades, m.broadcast_id
      from service_messages m
      where m.scheme_id = ${schemeId} and m.state = 'sent' and m.id in (
        select r.message_id from service_message_receivers r
        where r.scheme_id = ${schemeId} and r.member_id = any (${receiver.ids}::uuid[]))) g
    where ${before === undefined ? sql`true` : sql`(g.at, g.id collate "C") < (${before.at}, ${before.id})`}
    order by g.at desc, g.id collate "C" desc limit ${limit}`.execute(tx)
  return rows
}
