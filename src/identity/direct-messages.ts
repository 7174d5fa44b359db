import { sql } from 'kysely'
import type { Deps } from '../deps.ts'
import type { Tx } from '../platform/db.ts'

/** An SMS of service to one person that belongs to no alert. */
export interface DirectMessage {
  readonly schemeId: string
  /** A mobile number in E.164. */
  readonly phone: string
  /** One to three SMS parts; characters missing from GSM-7 are folded when the message is planned. */
  readonly text: string
  /** The code to insert at CODE_PLACE, or null. */
  readonly codeId: string | null
  /** The member that the message concerns, or null. */
  readonly memberId: string | null
  /** The message is not sent after this time. */
  readonly validUntil: Date
  /** The origin of the message, as the ledger shows it. */
  readonly createdBy: string
  /** `service` by default; `reminder` is sent after everything else. A message with a code has the lane of codes. */
  readonly lane?: 'service' | 'reminder'
}

/**
 * Queues an SMS in the transaction of the change that it reports: it is sent once, after the commit (deliveries/direct.ts).
 * Rooms that may not use the deliveries send their SMS this way.
 * @returns its id, which its delivery stores in place of a contact
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

/**
 * Queues many messages of one scheme, all without a code, in one statement.
 * @returns their ids, in the same order
 */
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
