import { sql } from 'kysely'
import type { Config } from '../../config.ts'
import type { Db } from '../../platform/db.ts'
import { type ChangedBroadcast, hasDeparted } from '../claim/departures.ts'
import { plainFormsOf } from '../receipt/message-ids.ts'
import { memoryFullCodesOf } from './evidence.ts'

/** Broadcasts looked at together, so that a backlog of them does not delay expiry. */
const BROADCASTS_MAX = 20

/** Returns the codes of all gateways together: the recorder notes by them that a broadcast may have phones to try again. */
export function anyMemoryFullCodes({ gateways }: Pick<Config, 'gateways'>): ReadonlySet<number> {
  return new Set(gateways.flatMap(memoryFullCodesOf))
}

/**
 * Plans deliveries again, once, whose phone had no memory left when the message came, a fixed delay after the receipt that
 * said so. The first sending was refused by the phone for certain, so the second is no possible duplicate. Skips broadcasts that
 * were stopped, expired, or followed by another message of their alert, and numbers that departed meanwhile.
 *
 * The deliveries are looked for only in broadcasts that the recorder marked, so sending costs nothing.
 * @returns the broadcasts with deliveries planned again
 */
export async function retryMemoryFull(
  db: Db,
  config: Pick<Config, 'gateways'> & { readonly memoryFullSeconds: number },
  now: Date,
): Promise<ChangedBroadcast[]> {
  const { memoryFullSeconds: seconds } = config
  // Each code with the gateway that means it, as one text: an array of them is no scan for each row.
  const meant = config.gateways.flatMap((gateway) =>
    memoryFullCodesOf(gateway).map((code) => `${gateway.name} ${code}`),
  )
  return db.transaction().execute(async (tx) => {
    // Locked first, so that the receipts written until now are read below.
    const { rows: due } = await sql<{ id: string }>`
      select id from broadcasts where retry_at <= ${now}
      order by id limit ${BROADCASTS_MAX} for update skip locked`.execute(tx)
    if (due.length === 0) return []
    const { rows } = await sql<ChangedBroadcast & { again: number }>`
      with held as (
        select b.scheme_id, b.id, b.kind, b.after_broadcast_id,
          b.state <> 'stopped' and b.valid_until > ${now} and not exists (
            select from broadcasts l where l.scheme_id = b.scheme_id and l.alert_id = b.alert_id
              and (l.kind = 'copy') = (b.kind = 'copy') and l.ordered_at > b.ordered_at) as is_current
        from broadcasts b
        where b.retry_at <= ${now} and b.id = any (${due.map(({ id }) => id)}::uuid[])
      ), refused as materialized (
        select d.scheme_id, d.broadcast_id, d.no, d.settled_at, d.gateway, d.error_code, d.message_ids
        from held b join deliveries d on d.scheme_id = b.scheme_id and d.broadcast_id = b.id
        where b.is_current and d.state = 'failed' and d.accepted_at is not null
          and d.gateway || ' ' || d.error_code = any (${meant}::text[])
          and not exists (
            select from delivery_attempts a where a.scheme_id = d.scheme_id and a.broadcast_id = d.broadcast_id
              and a.no = d.no and a.outcome = 'memory_full')
          and not ${hasDeparted}
      ), chunks as (
        -- Skips a chunk that another transaction is writing until the next run: waiting for it could deadlock.
        select c.scheme_id, c.broadcast_id, c.first_no, c.last_no from delivery_chunks c
        where exists (
          select from refused f where f.scheme_id = c.scheme_id and f.broadcast_id = c.broadcast_id
            and f.no between c.first_no and c.last_no and ${isDue(now, seconds)})
        for update of c skip locked
      ), again as (
        update deliveries d set state = 'planned', error_code = null, message_ids = null, delivered_ids = null,
          accepted_at = null, in_doubt_at = null, settled_at = null
        from refused f join chunks c
          on c.scheme_id = f.scheme_id and c.broadcast_id = f.broadcast_id and f.no between c.first_no and c.last_no
        where d.scheme_id = f.scheme_id and d.broadcast_id = f.broadcast_id and d.no = f.no and d.state = 'failed'
          and ${isDue(now, seconds)}
        returning d.scheme_id, d.broadcast_id, d.no
      ), logged as (
        insert into delivery_attempts (scheme_id, broadcast_id, no, at, outcome, gateway, error_code, message_ids)
        select f.scheme_id, f.broadcast_id, f.no, f.settled_at, 'memory_full', f.gateway, f.error_code, f.message_ids
        from refused f join again a on a.scheme_id = f.scheme_id and a.broadcast_id = f.broadcast_id and a.no = f.no
      ), opened as (
        update delivery_chunks c set state = case when c.state = 'done' then 'ready' else c.state end,
          -- The worker that releases a claimed chunk sees by not_before that deliveries were planned again.
          not_before = case when c.state = 'claimed' then ${now}::timestamptz else c.not_before end
        from chunks k
        where c.scheme_id = k.scheme_id and c.broadcast_id = k.broadcast_id and c.first_no = k.first_no
      ), counted as (
        select h.scheme_id, h.id, count(a.no)::int as n,
          min(f.settled_at) filter (where a.no is null) + make_interval(secs => ${seconds}) as next_at
        from held h left join refused f on f.scheme_id = h.scheme_id and f.broadcast_id = h.id
        left join again a on a.scheme_id = f.scheme_id and a.broadcast_id = f.broadcast_id and a.no = f.no
        group by h.scheme_id, h.id
      ), uncounted as (
        -- Counted again once it is done: another gateway may send it.
        delete from delivery_tallies t using counted c
        where t.scheme_id = c.scheme_id and t.broadcast_id = c.id and c.n > 0
      )
      update broadcasts b set retry_at = c.next_at, failed = b.failed - c.n, resent = b.resent + c.n,
        resent_at = case when c.n > 0 then ${now}::timestamptz else b.resent_at end,
        state = case when c.n > 0 then 'running' else b.state end,
        done_at = case when c.n = 0 then b.done_at end,
        tallied_at = case when c.n = 0 then b.tallied_at end
      from counted c
      where b.scheme_id = c.scheme_id and b.id = c.id
      returning b.scheme_id, b.id as broadcast_id, b.alert_id, c.n as again`.execute(tx)
    return rows.filter(({ again }) => again > 0)
  })
}

const isDue = (now: Date, seconds: number) =>
  sql`f.settled_at <= ${now}::timestamptz - make_interval(secs => ${seconds})`

/** A first sending that its phone refused for lack of memory, by one of its ids. */
export interface FirstSending extends Omit<ChangedBroadcast, 'alertId'> {
  readonly no: number
  readonly gateway: string | null
  readonly messageId: string
}

/**
 * Finds first sendings by the ids of receipts that match no delivery: the row of a delivery has the ids of the second. Few
 * phones are full, so all since then are read.
 */
export async function findFirstSendings(
  db: Db,
  messageIds: readonly string[],
  since: Date,
): Promise<FirstSending[]> {
  const forms = new Set(messageIds.flatMap(plainFormsOf))
  const { rows } = await sql<Omit<FirstSending, 'messageId'> & { messageIds: string | null }>`
    select scheme_id, broadcast_id, no, gateway, message_ids from delivery_attempts
    where outcome = 'memory_full' and at > ${since}`.execute(db)
  return rows.flatMap(({ messageIds, ...row }) =>
    (messageIds?.split(' ') ?? [])
      .filter((id) => plainFormsOf(id).some((form) => forms.has(form)))
      .map((messageId) => ({ ...row, messageId })),
  )
}

/** Marks a delivery as a possible duplicate: its first sending was refused by the phone, and then delivered all the same. */
export async function markBothDelivered(db: Db, { schemeId, broadcastId, no }: FirstSending): Promise<void> {
  await sql`
    with marked as (
      update deliveries set possible_duplicate = true
      where scheme_id = ${schemeId} and broadcast_id = ${broadcastId}::uuid and no = ${no} and not possible_duplicate
      returning no
    )
    update broadcasts set possible_duplicates = possible_duplicates + (select count(*)::int from marked)
    where scheme_id = ${schemeId} and id = ${broadcastId}::uuid`.execute(db)
}
