import { sql } from 'kysely'
import type { Tx } from '../platform/db.ts'

/**
 * Stops a broadcast in the caller's transaction: what is not in a worker's hands is withdrawn now; a worker gives back
 * what has not left the program within a second. What the provider has is not called back, and what is
 * in doubt stays so until a receipt or its expiry: it may have arrived.
 * @returns the deliveries withdrawn so far.
 */
export async function stopBroadcast(
  tx: Tx,
  schemeId: string,
  broadcastId: string,
  now: Date,
): Promise<number> {
  const { rows } = await sql<{ withdrawn: number }>`
    with stopped as (
      select scheme_id, id from broadcasts
      where scheme_id = ${schemeId} and id = ${broadcastId}::uuid and state in ('running', 'settling') for update
    ), closed as (
      update delivery_chunks c set state = 'done' from stopped s
      where c.scheme_id = s.scheme_id and c.broadcast_id = s.id and c.state = 'ready'
      returning c.first_no, c.last_no
    ), withdrawn as (
      update deliveries d set state = 'withdrawn', settled_at = ${now} from closed c
      where d.scheme_id = ${schemeId} and d.broadcast_id = ${broadcastId}::uuid and d.state = 'planned'
        and d.no between c.first_no and c.last_no
      returning d.no
    ), change as (
      select count(*)::int as n from withdrawn
    )
    update broadcasts b set
      withdrawn = b.withdrawn + c.n,
      state = case when b.planned = b.delivered + b.failed + b.expired + b.withdrawn + c.n then 'done' else 'stopped' end,
      done_at = case when b.planned = b.delivered + b.failed + b.expired + b.withdrawn + c.n then ${now}::timestamptz end
    from stopped s, change c
    where b.scheme_id = s.scheme_id and b.id = s.id
    returning c.n as withdrawn`.execute(tx)
  return rows[0]?.withdrawn ?? 0
}
