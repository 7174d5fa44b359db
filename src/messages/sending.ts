import { type RawBuilder, sql } from 'kysely'
import { type PlannedRecipient, planBroadcast } from '../deliveries/plan/plan.ts'
import { isSimulated } from '../deliveries/simulation.ts'
import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import { HOUR_MS } from '../message/clock.ts'
import { segmentMessage } from '../message/segment.ts'
import { writeMessages } from '../outbox/actions.ts'
import { withdrawMessages } from '../outbox/store.ts'
import { type Actor, actorName } from '../permissions.ts'
import { findTimeZone } from '../platform/database/time-zone.ts'
import { acrossSchemes, type Tx } from '../platform/db.ts'
import { MESSAGE_HOURS, nextWithinHours } from '../schemes/settings/hours.ts'
import { findSchemeWithChamber } from '../schemes/store.ts'
import type { DraftMessage } from './contract.ts'
import { addressColumn, type Group, selectGroup } from './group.ts'
import { causeOf } from './mails.ts'

/** Service messages expire after two days, when their content is out of date. */
const VALID_MS = 48 * HOUR_MS
/** Number of mails written in one transaction. */
const MAIL_BATCH = 200

/** Plans the sending of a message, in the transaction that orders it. */
export async function planSending(
  tx: Tx,
  deps: Pick<Deps, 'db' | 'now' | 'newId' | 'jobs' | 'config'>,
  actor: Actor,
  { group, id }: { readonly group: Group; readonly id: string },
  { channel, text }: Pick<DraftMessage, 'channel' | 'text'>,
): Promise<void> {
  const { schemeId } = group
  await sql`
    insert into service_message_receivers (scheme_id, message_id, member_id)
    select distinct ${schemeId}, ${id}::uuid, member_id
    from (select m.id as member_id, ${addressColumn(channel)} as address ${selectGroup(group)}) g where address is not null`.execute(
    tx,
  )
  if (channel === 'mail') {
    await sql`
      insert into service_message_mails (scheme_id, message_id, address)
      select distinct ${schemeId}, ${id}::uuid, address from (select ${addressColumn('mail')} as address ${selectGroup(group)}) g
      where address is not null`.execute(tx)
    await deps.jobs.enqueue(tx, 'message.mails', { schemeId, messageId: id })
    return
  }
  const { sender } = await tx
    .selectFrom('schemes')
    .select('sender')
    .where('id', '=', schemeId)
    .executeTakeFirstOrThrow()
  const notBefore = nextWithinHours(MESSAGE_HOURS, deps.now(), await findTimeZone(tx, schemeId))
  const recipients: RawBuilder<PlannedRecipient> = sql`
    select distinct on (c.mobile) c.id as contact_id, m.id as member_id, c.mobile as phone, m.commune_code, m.trade
    ${selectGroup(group)} and c.sms and c.mobile is not null order by c.mobile, m.id`
  const { broadcastId } = await planBroadcast(tx, deps, {
    schemeId,
    alertId: null,
    kind: 'group',
    lane: 'service',
    orderKey: id,
    segmentation: segmentMessage(text, { fold: true }),
    sender,
    simulated: isSimulated(deps.config.demo, deps.config.gateways),
    validUntil: new Date(notBefore.getTime() + VALID_MS),
    notBefore,
    orderedBy: actorName(actor),
    recipients,
  })
  await tx
    .updateTable('serviceMessages')
    .set({ broadcastId })
    .where('schemeId', '=', schemeId)
    .where('id', '=', id)
    .execute()
}

/**
 * Writes one batch of the mails of a message for the mail server. Call it again while it returns true.
 * @throws AppError `source_unreachable` without a mail server: nothing is written
 */
export async function writeSomeMails(
  deps: Pick<Deps, 'db' | 'now' | 'newId' | 'jobs' | 'config' | 'mailer'>,
  schemeId: string,
  messageId: string,
): Promise<boolean> {
  if (deps.mailer === undefined) throw new AppError('source_unreachable', { values: { source: 'SMTP' } })
  return acrossSchemes(deps.db, async (tx) => {
    const { rows } = await sql<{ address: string }>`
      delete from service_message_mails where (scheme_id, message_id, address) in (
        select scheme_id, message_id, address from service_message_mails
        where scheme_id = ${schemeId} and message_id = ${messageId}::uuid and withdrawn_at is null
        order by address limit ${MAIL_BATCH} for update skip locked)
      returning address`.execute(tx)
    if (rows.length === 0) return false
    const { subject, text } = await tx
      .selectFrom('serviceMessages')
      .select(['subject', 'text'])
      .where('schemeId', '=', schemeId)
      .where('id', '=', messageId)
      .executeTakeFirstOrThrow()
    const scheme = await findSchemeWithChamber(tx, schemeId)
    if (scheme === undefined) throw new AppError('unknown_scheme', { values: { scheme: schemeId } })
    const values = { subject, text, scheme: scheme.name, chamber: scheme.chamber }
    const mail = { template: 'message.mail', values, cause: causeOf(messageId) } as const
    await writeMessages(tx, deps, schemeId, { mails: rows.map(({ address }) => ({ ...mail, to: address })) })
    return rows.length === MAIL_BATCH
  })
}

/** Withdraws the mails of a message that the mail server does not have yet. @returns the number of them */
export async function withdrawMessageMails(
  tx: Tx,
  schemeId: string,
  messageId: string,
  at: Date,
): Promise<number> {
  // Unwritten mails first: this update waits for a worker that is writing some, and the next statement then sees
  // what it wrote.
  const { numUpdatedRows: unwritten } = await tx
    .updateTable('serviceMessageMails')
    .set({ withdrawnAt: at })
    .where('schemeId', '=', schemeId)
    .where('messageId', '=', messageId)
    .executeTakeFirst()
  const written = await withdrawMessages(tx, schemeId, [causeOf(messageId)], at)
  return Number(unwritten) + written.length
}
