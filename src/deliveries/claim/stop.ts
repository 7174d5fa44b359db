import { type RawBuilder, sql } from 'kysely'
import type { Db, Tx } from '../../platform/db.ts'

/**
 * Stops a broadcast in the caller's transaction: deliveries not held by a worker are withdrawn now; a worker releases
 * unsent ones within a second. Accepted messages are cancelled at the provider where possible (asking.ts). Deliveries
 * in doubt may have arrived, so they stay in doubt until a receipt or their expiry.
 * @returns the deliveries withdrawn so far.
 */
export async function stopBroadcast(
  tx: Tx,
  schemeId: string,
  broadcastId: string,
  now: Date,
): Promise<number> {
  // A broadcast that is done is included: its phones whose memory was full would be tried again.
  await sql`update broadcasts set retry_at = null
    where scheme_id = ${schemeId} and id = ${broadcastId}::uuid and retry_at is not null`.execute(tx)
  return withdraw(
    tx,
    sql`select scheme_id, id from broadcasts
      where scheme_id = ${schemeId} and id = ${broadcastId}::uuid and state in ('running', 'settling') for update`,
    now,
  )
}

/**
 * Withdraws deliveries that a worker released untried after their broadcast was stopped: they waited for an earlier
 * message, or the provider refused them temporarily.
 * @returns the deliveries withdrawn.
 */
export function withdrawStopped(db: Db, now: Date): Promise<number> {
  return withdraw(
    db,
    sql`select scheme_id, id from broadcasts b
      where b.state = 'stopped' and exists (
        select from delivery_chunks c where c.scheme_id = b.scheme_id and c.broadcast_id = b.id and c.state = 'ready')
      order by b.id for update`,
    now,
  )
}

async function withdraw(db: Db | Tx, stopped: RawBuilder<unknown>, now: Date): Promise<number> {
  const { rows } = await sql<{ withdrawn: number }>`
    with stopped as (${stopped}), closed as (
      update delivery_chunks c set state = 'done' from stopped s
      where c.scheme_id = s.scheme_id and c.broadcast_id = s.id and c.state = 'ready'
      returning c.scheme_id, c.broadcast_id, c.first_no, c.last_no
    ), unsent as (
      -- A delivery that was to be sent again may have arrived the first time.
      update deliveries d set state = case when d.possible_duplicate then 'in_doubt' else 'withdrawn' end,
        settled_at = case when not d.possible_duplicate then ${now}::timestamptz end
      from closed c
      where d.scheme_id = c.scheme_id and d.broadcast_id = c.broadcast_id and d.state = 'planned'
        and d.no between c.first_no and c.last_no
      returning d.scheme_id, d.broadcast_id, d.state
    ), change as (
      select s.scheme_id, s.id, (count(*) filter (where u.state = 'withdrawn'))::int as n,
        (count(*) filter (where u.state = 'in_doubt'))::int as doubtful
      from stopped s left join unsent u on u.scheme_id = s.scheme_id and u.broadcast_id = s.id
      group by s.scheme_id, s.id
    )
    update broadcasts b set
      withdrawn = b.withdrawn + c.n, in_doubt = b.in_doubt + c.doubtful,
      state = case when b.planned = b.delivered + b.failed + b.expired + b.withdrawn + c.n then 'done' else 'stopped' end,
      done_at = case when b.planned = b.delivered + b.failed + b.expired + b.withdrawn + c.n then ${now}::timestamptz end
    from change c
    where b.scheme_id = c.scheme_id and b.id = c.id
    returning c.n as withdrawn`.execute(db)
  return rows.reduce((sum, { withdrawn }) => sum + withdrawn, 0)
}
