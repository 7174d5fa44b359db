import { type RawBuilder, sql } from 'kysely'
import type { Tx } from '../../platform/db.ts'

/** Keys by which a member's messages are found among all deliveries. */
export interface Receiver {
  /** The member, and those merged into it. */
  readonly ids: readonly string[]
  /** Numbers that the member shares, and their other holders. */
  readonly shared: readonly string[]
  readonly holders: readonly string[]
  /** Messages to a shared number count as received from this instant. */
  readonly since: Date
}

/** @returns undefined when there is no such member */
export async function findReceiver(
  tx: Tx,
  schemeId: string,
  memberId: string,
): Promise<Receiver | undefined> {
  const { rows } = await sql<Receiver>`
    with shared as (
      select mobile from contacts where scheme_id = ${schemeId} and member_id = ${memberId}::uuid and shared and sms
    ), holders as (
      select c.member_id as id from contacts c where c.scheme_id = ${schemeId} and c.mobile in (select mobile from shared)
    )
    select array[m.id] || array(select p.id from members p where p.scheme_id = m.scheme_id and p.merged_into = m.id) as ids,
      array(select mobile from shared) as shared,
      array(select id from holders union
        select p.id from members p where p.scheme_id = m.scheme_id and p.merged_into in (select id from holders)) as holders,
      m.created_at as since
    from members m where m.scheme_id = ${schemeId} and m.id = ${memberId}::uuid`.execute(tx)
  return rows[0]
}

/**
 * Builds the FROM and WHERE of the deliveries `d` of a broadcast `b` that were for a member: its own, and those to a
 * number that it shared by then (as in `message_receivers`).
 */
export function deliveriesTo({ ids, shared, holders, since }: Receiver): RawBuilder<unknown> {
  return sql`from deliveries d
    where d.scheme_id = b.scheme_id and d.broadcast_id = b.id and d.member_id = any (${[...ids, ...holders]}::uuid[])
      and (d.member_id = any (${ids}::uuid[]) or d.phone = any (${shared}::text[]) and b.ordered_at >= ${since})`
}
