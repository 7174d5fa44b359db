import { sql } from 'kysely'
import type { Db } from '../../platform/db.ts'
import { UNCOUNTED_KINDS } from '../kinds.ts'

/** Matches a broadcast that is done and not counted; same condition as its index, `broadcasts_to_tally`. */
export const IS_TO_TALLY = sql`state = 'done' and tallied_at is null and kind not in ${UNCOUNTED_KINDS}`

/**
 * Counts the deliveries of done broadcasts by trade and gateway, except kinds that are never counted (kinds.ts).
 * Statistics read these counts, which remain after the deliveries are deleted; prune.ts waits for them.
 * @param limit broadcasts at once
 * @returns the broadcasts counted; may be fewer than `limit` when other processes count too.
 */
export async function tallyBroadcasts(db: Db, limit: number, now: Date): Promise<number> {
  const { rows } = await sql<{ tallied: number }>`
    with due as (
      select scheme_id, id from broadcasts
      where ${IS_TO_TALLY}
      order by done_at limit ${limit} for update skip locked
    ), counted as (
      -- A broadcast is counted again when a receipt has corrected an expiry.
      insert into delivery_tallies (scheme_id, broadcast_id, trade, gateway, planned, delivered, failed, expired, withdrawn)
      select o.scheme_id, o.id, t.trade, t.gateway, t.planned, t.delivered, t.failed, t.expired, t.withdrawn
      from due o cross join lateral (${tallyOf(sql`o.scheme_id`, sql`o.id`)}) t
      on conflict (scheme_id, broadcast_id, trade, gateway) do update set planned = excluded.planned,
        delivered = excluded.delivered, failed = excluded.failed, expired = excluded.expired,
        withdrawn = excluded.withdrawn
    ), marked as (
      update broadcasts b set tallied_at = ${now} from due o where b.scheme_id = o.scheme_id and b.id = o.id
      returning b.id
    )
    select count(*)::int as tallied from marked`.execute(db)
  return rows[0]?.tallied ?? 0
}

/**
 * Selects the current deliveries of one broadcast in the columns of `delivery_tallies`: one in none of these states is
 * counted as planned only.
 */
export function tallyOf(schemeId: ReturnType<typeof sql>, broadcastId: ReturnType<typeof sql>) {
  return sql`
    select d.trade, coalesce(d.gateway, '') as gateway, count(*)::int as planned,
      (count(*) filter (where d.state = 'delivered'))::int as delivered,
      (count(*) filter (where d.state = 'failed'))::int as failed,
      (count(*) filter (where d.state = 'expired'))::int as expired,
      (count(*) filter (where d.state = 'withdrawn'))::int as withdrawn
    from deliveries d where d.scheme_id = ${schemeId} and d.broadcast_id = ${broadcastId}
    group by 1, 2`
}
