import { sql } from 'kysely'
import { isUnreadable } from '../../cipher/pseudonyms.ts'
import { LEAVE_UNREADABLE } from '../../platform/database/client.ts'
import { INSERTS_NOTHING } from '../../platform/database/merge.ts'
import type { Db } from '../../platform/db.ts'
import type { SmsReceipt } from '../gateway.ts'

/** Stores unknown receipts with all their fields. */
export async function keepStrays(db: Db, receipts: readonly SmsReceipt[], at: Date): Promise<void> {
  await sql`
    insert into unknown_receipts (gateway, message_id, received_at, state, phone, reference, error_code)
    -- Two receipts of one message may have the same instant, which is part of the key: the place tells them apart.
    select u.gateway, u.message_id, ${at}::timestamptz + u.place * interval '1 microsecond', u.state, u.phone, u.reference, u.error_code
    from unnest(
      ${receipts.map(({ gateway }) => gateway)}::text[], ${receipts.map(({ messageId }) => messageId)}::text[],
      ${receipts.map(({ state }) => state)}::text[], ${receipts.map(({ phone }) => phone ?? null)}::text[],
      ${receipts.map(({ reference }) => reference ?? null)}::int[],
      ${receipts.map(({ errorCode }) => errorCode ?? null)}::int[]
    ) with ordinality as u(gateway, message_id, state, phone, reference, error_code, place)
    on conflict do nothing`.execute(db)
}

export interface KeptReceipt {
  readonly receipt: SmsReceipt
  readonly receivedAt: Date
}

/**
 * Lists the latest unknown receipts, at most `limit`, the oldest first.
 * @param from those since an instant, or all of one gateway
 */
export async function findStrays(
  db: Db,
  from: { readonly since: Date } | { readonly gateway: string },
  limit: number,
): Promise<KeptReceipt[]> {
  const rows = await db
    .selectFrom('unknownReceipts')
    .modifyFront(LEAVE_UNREADABLE)
    .selectAll()
    .where((is) => ('since' in from ? is('receivedAt', '>', from.since) : is('gateway', '=', from.gateway)))
    .orderBy('receivedAt', 'desc')
    .limit(limit)
    .execute()
  const readable = rows.filter(({ phone }) => !isUnreadable(phone ?? ''))
  return readable.reverse().map(({ gateway, messageId, receivedAt, state, phone, reference, errorCode }) => ({
    receivedAt,
    receipt: {
      gateway,
      messageId,
      state: state as SmsReceipt['state'],
      phone: phone ?? undefined,
      reference: reference ?? undefined,
      errorCode: errorCode ?? undefined,
    },
  }))
}

/** Deletes the stored receipts of messages that are known by now. */
export async function forgetStrays(db: Db, found: readonly SmsReceipt[]): Promise<void> {
  await sql`
    merge into unknown_receipts u using (
      select distinct gateway, message_id
      from unnest(${found.map(({ gateway }) => gateway)}::text[], ${found.map(({ messageId }) => messageId)}::text[]) as f(gateway, message_id)
    ) f on u.gateway = f.gateway and u.message_id = f.message_id
    when matched then delete
    ${INSERTS_NOTHING}`.execute(db)
}
