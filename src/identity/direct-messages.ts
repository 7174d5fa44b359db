import { sql } from 'kysely'
import type { Deps } from '../deps.ts'
import type { Tx } from '../platform/db.ts'

/** An SMS of service to one person, that belongs to no alert. */
export interface DirectMessage {
  readonly schemeId: string
  /** E.164, a mobile. */
  readonly phone: string
  /** One to three SMS parts; what GSM-7 lacks is folded when it is planned. */
  readonly text: string
  /** The code that it carries, at CODE_PLACE; null: none. */
  readonly codeId: string | null
  /** Whose it is; null: nobody's member. */
  readonly memberId: string | null
  /** Not sent after it. */
  readonly validUntil: Date
  /** Who or what it comes from, as the ledger shows it. */
  readonly createdBy: string
  /** `reminder`: behind all else; `service` where it is absent. One with a code has the lane of codes. */
  readonly lane?: 'service' | 'reminder'
}

/**
 * Leaves a message for the engine, in the transaction of what it tells: it goes out when that commits, once
 * (deliveries/direct.ts). The way for every domain left of the deliveries.
 * @returns its id, which its delivery has in the place of a contact
 */
export async function writeDirectMessage(
  tx: Tx,
  deps: Pick<Deps, 'now' | 'newId' | 'jobs'>,
  message: DirectMessage,
): Promise<string> {
  const id = deps.newId()
  await tx
    .insertInto('directMessages')
    .values({ ...message, id, createdAt: deps.now() })
    .execute()
  const order = message.codeId === null ? undefined : 'first'
  await deps.jobs.enqueue(tx, 'direct.send', { schemeId: message.schemeId, messageId: id }, order)
  return id
}

/** The same for many of one scheme without a code, in one statement. @returns their ids, in the same order */
export async function writeDirectMessages(
  tx: Tx,
  deps: Pick<Deps, 'now' | 'newId' | 'jobs'>,
  schemeId: string,
  messages: readonly Omit<DirectMessage, 'schemeId' | 'codeId'>[],
): Promise<string[]> {
  if (messages.length === 0) return []
  const rows = messages.map((message) => ({ ...message, id: deps.newId() }))
  await sql`
    insert into direct_messages (scheme_id, id, phone, text, member_id, valid_until, created_at, created_by, lane)
    select ${schemeId}, id, phone, text, "memberId", "validUntil", ${deps.now()}, "createdBy", coalesce(lane, 'service')
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as m (id uuid, phone text, text text, "memberId" uuid,
      "validUntil" timestamptz, "createdBy" text, lane text)`.execute(tx)
  await deps.jobs.enqueueAll(
    tx,
    'direct.send',
    rows.map(({ id }) => ({ schemeId, messageId: id })),
  )
  return rows.map(({ id }) => id)
}
