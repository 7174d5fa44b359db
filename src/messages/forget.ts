import { sql } from 'kysely'
import { recordAudits } from '../audit/record.ts'
import { forgetBroadcastTexts } from '../deliveries/forget.ts'
import type { Deps } from '../deps.ts'
import { formatMessage } from '../i18n/format.ts'
import { type ErasedPeople, FORGOTTEN, unsharedAddresses } from '../identity/erased.ts'
import { rowKeysSql } from '../platform/database/pairs.ts'
import type { Tx } from '../platform/db.ts'
import { groupMails } from './mails.ts'

/** Removes erased people from the recipients of messages to groups, across schemes. */
export async function forgetReceivers(tx: Tx, people: ErasedPeople): Promise<void> {
  await sql`delete from service_message_receivers where (scheme_id, member_id) in ${rowKeysSql(people.members)}`.execute(
    tx,
  )
  await sql`delete from service_message_mails where (scheme_id, lower(address)) in ${unsharedAddresses(people)}`.execute(
    tx,
  )
}

/** Deletes messages to groups that were decided before an instant, or written before it and never decided, across schemes. @returns the scheme of each row */
export async function purgeMessages(tx: Tx, before: Date, limit: number): Promise<{ schemeId: string }[]> {
  const { rows } = await sql<{ schemeId: string }>`
    delete from service_messages where (scheme_id, id) in (
      select scheme_id, id from service_messages where coalesce(decided_at, written_at) < ${before} limit ${limit})
    returning scheme_id`.execute(tx)
  return rows
}

/**
 * Empties the texts of messages to groups that name an erased person; runs across schemes. A waiting message is
 * refused, since its text can no longer be sent. A message still being sent keeps its text, so that all recipients
 * get the same, and is purged at the end of its retention period.
 * @param isNamed returns true when a text names the person
 */
export async function forgetMessagesAbout(
  tx: Tx,
  { now }: Pick<Deps, 'now'>,
  schemeId: string,
  isNamed: (text: string) => boolean,
): Promise<void> {
  const { rows } = await sql<{
    id: string
    channel: 'sms' | 'mail'
    subject: string
    text: string
    reason: string | null
    state: 'waiting' | 'sent' | 'refused'
    recipients: number
  }>`
    select id, channel, subject, text, reason, state, recipients from service_messages m
    where scheme_id = ${schemeId}
      and not exists (select from broadcasts b where b.scheme_id = m.scheme_id and b.id = m.broadcast_id and b.state <> 'done')
      and not exists (select from ${groupMails(sql`m.scheme_id`, sql`m.id`)} a where a.withdrawn_at is null)
    order by id for update`.execute(tx)
  const about = rows.filter(({ subject, text }) => isNamed(subject) || isNamed(text))
  const because = rows.filter(({ reason }) => reason !== null && isNamed(reason))
  const waiting = about.filter(({ state }) => state === 'waiting')
  const ids = (of: readonly { readonly id: string }[]) => sql`${of.map(({ id }) => id)}::uuid[]`
  const at = now()
  await sql`update service_messages set reason = ${FORGOTTEN}
    where scheme_id = ${schemeId} and id = any (${ids(because)})`.execute(tx)
  await sql`update service_messages set state = 'refused', reason = ${formatMessage('fr', 'message.erased')}, decided_at = ${at},
      decided_by = 'system:erasure'
    where scheme_id = ${schemeId} and id = any (${ids(waiting)})`.execute(tx)
  const { rows: emptied } = await sql<{ broadcastId: string | null }>`
    update service_messages set subject = case when subject = '' then '' else ${FORGOTTEN} end, text = ${FORGOTTEN}
    where scheme_id = ${schemeId} and id = any (${ids(about)}) returning broadcast_id`.execute(tx)
  await forgetBroadcastTexts(
    tx,
    schemeId,
    emptied.flatMap(({ broadcastId }) => broadcastId ?? []),
  )
  await recordAudits(
    tx,
    schemeId,
    waiting.map(({ id, channel, recipients }) => ({
      at,
      actor: 'system:erasure',
      action: 'message.refuse',
      subject: `message:${id}`,
      details: { channel, recipients },
    })),
  )
}
