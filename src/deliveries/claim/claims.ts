import { type RawBuilder, sql } from 'kysely'
import { isUnreadable } from '../../cipher/pseudonyms.ts'
import { LEAVE_UNREADABLE, PREPARED } from '../../platform/database/client.ts'
import { INSERTS_NOTHING } from '../../platform/database/merge.ts'
import type { Db, Tx } from '../../platform/db.ts'
import type { Lane } from '../lanes.ts'
import { mayHaveArrived, RECEIPT_GRACE_SECONDS } from '../settle/arrival.ts'
import { IS_TO_TALLY } from '../settle/tallies.ts'
import { hasDeparted } from './departures.ts'

/** A chunk held by this worker, with its deliveries still to send. */
export interface ClaimedChunk {
  readonly firstNo: number
  readonly lastNo: number
  /** Number of times the chunk was claimed: the fencing token, raised by each later owner. */
  readonly claims: number
  readonly recipients: { readonly no: number; readonly phone: string }[]
  /** Deliveries whose numbers cannot be read. */
  readonly unreadable: readonly number[]
  /** Follow-ups only: recipients skipped because the first message never reached them. */
  readonly unreached: readonly number[]
}

/** The broadcasts that a follow-up comes after. */
export interface Chain {
  /** The first broadcast, whose recipients are followed up. */
  readonly firstId: string
  /** Every broadcast sent to its recipients before it, including the first. */
  readonly beforeIds: readonly string[]
}

/** Reads the chain of a follow-up, which never changes. Undefined for a broadcast that follows none. */
export async function findChain(
  db: Db,
  schemeId: string,
  afterBroadcastId: string | null,
): Promise<Chain | undefined> {
  if (afterBroadcastId === null) return undefined
  const { rows } = await sql<{ id: string }>`
    with recursive chain as (
      select id, after_broadcast_id, 1 as step from broadcasts
      where scheme_id = ${schemeId} and id = ${afterBroadcastId}::uuid
      union all
      select b.id, b.after_broadcast_id, c.step + 1
      from chain c join broadcasts b on b.scheme_id = ${schemeId} and b.id = c.after_broadcast_id
    )
    select id from chain order by step`.execute(db)
  const beforeIds = rows.map(({ id }) => id)
  const firstId = beforeIds.at(-1)
  return firstId === undefined ? undefined : { firstId, beforeIds }
}

/**
 * Claims up to `limit` ready chunks and records the claim on disk before any delivery leaves. Claims nothing for a
 * stopped or expired broadcast, nor for a worker that the others consider dead. Skips chunks held by other workers. For
 * a follow-up, returns only recipients whose earlier messages have all left.
 */
export async function claimChunks(
  db: Db,
  claim: {
    schemeId: string
    broadcastId: string
    chain: Chain | undefined
    /** Lanes that resend deliveries in doubt: a follow-up waits until they are settled. */
    resentLanes: readonly Lane[]
    workerId: number
    limit: number
    /** Maximum deliveries of a chunk; undefined: no limit. */
    most: number | undefined
    now: Date
  },
): Promise<ClaimedChunk[]> {
  const { schemeId, broadcastId, chain } = claim
  const { rows } = await sql<
    Omit<ClaimedChunk, 'recipients' | 'unreadable'> & { nos: string; phones: string }
  >`${PREPARED}${LEAVE_UNREADABLE}
    with ready as (
      select c.first_no from delivery_chunks c
      join broadcasts b on b.scheme_id = c.scheme_id and b.id = c.broadcast_id
      where c.scheme_id = ${schemeId} and c.broadcast_id = ${broadcastId}::uuid and c.state = 'ready'
        and (c.not_before is null or c.not_before <= ${claim.now}) and b.state <> 'stopped' and b.valid_until > ${claim.now}
        and exists (select from workers where id = ${claim.workerId})
        ${claim.most === undefined ? sql`` : sql`and c.last_no - c.first_no < ${claim.most}`}
      order by c.first_no limit ${claim.limit} for update of c skip locked
    ), claimed as (
      update delivery_chunks c
      set state = 'claimed', worker_id = ${claim.workerId}, claims = c.claims + 1, claimed_at = ${claim.now}, not_before = null
      from ready r
      where c.scheme_id = ${schemeId} and c.broadcast_id = ${broadcastId}::uuid and c.first_no = r.first_no
      returning c.first_no, c.last_no, c.claims
    )
    select c.first_no, c.last_no, c.claims, coalesce(r.nos, '') as nos, coalesce(r.phones, '') as phones,
      ${chain === undefined ? sql`'{}'::integer[]` : unreachedOf(schemeId, broadcastId, chain)} as unreached
    from claimed c cross join lateral (
      -- Reads one chunk at a time by its key: a new broadcast has no statistics, and a join would read all its deliveries.
      -- Strings joined by spaces are parsed in a fraction of the time of arrays.
      select string_agg(d.no::text, ' ' order by d.no) as nos, string_agg(d.phone, ' ' order by d.no) as phones from deliveries d
      where d.scheme_id = ${schemeId} and d.broadcast_id = ${broadcastId}::uuid and d.no between c.first_no and c.last_no
        and d.state = 'planned'
        ${chain === undefined ? sql`` : sql`and ${comesNext(schemeId, chain, claim)}`}
    ) r
    order by c.first_no`.execute(db)
  return rows.map(({ nos, phones, ...chunk }) => {
    const numbers = nos === '' ? [] : nos.split(' ')
    const phonesOf = phones.split(' ')
    if (numbers.length > 0 && numbers.length !== phonesOf.length) throw new Error('a phone with a space')
    const recipients: { no: number; phone: string }[] = []
    const unreadable: number[] = []
    for (const [index, no] of numbers.entries()) {
      const phone = phonesOf[index] as string
      if (isUnreadable(phone)) unreadable.push(Number(no))
      else recipients.push({ no: Number(no), phone })
    }
    return { ...chunk, recipients, unreadable }
  })
}

/**
 * True when a delivery `d` of a follow-up may leave: the first message may have reached its recipient, and no earlier
 * message still has to be sent or resent.
 */
function comesNext(
  schemeId: string,
  { firstId, beforeIds }: Chain,
  { resentLanes, now }: { readonly resentLanes: readonly Lane[]; readonly now: Date },
): RawBuilder<boolean> {
  return sql`not exists (
      select from deliveries e join broadcasts p on p.scheme_id = e.scheme_id and p.id = e.broadcast_id
      where e.scheme_id = ${schemeId} and e.broadcast_id = any (${beforeIds}::uuid[]) and e.no = d.no
        and (e.state = 'planned' or e.state = 'in_doubt' and p.state in ('running', 'settling')
          and p.lane = any (${resentLanes}::text[]) and p.valid_until > ${now}))
    and not exists (${unreachedBy(schemeId, firstId, sql`d.no`)})`
}

/** Deliveries of a claimed chunk `c` whose recipients the first message does not reach. */
function unreachedOf(schemeId: string, broadcastId: string, { firstId }: Chain): RawBuilder<unknown> {
  return sql`coalesce((
    select array_agg(u.no order by u.no) from deliveries u
    where u.scheme_id = ${schemeId} and u.broadcast_id = ${broadcastId}::uuid and u.no between c.first_no and c.last_no
      and u.state = 'planned' and exists (${unreachedBy(schemeId, firstId, sql`u.no`)})), '{}')`
}

function unreachedBy(schemeId: string, firstId: string, no: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`
    select from deliveries x join broadcasts f on f.scheme_id = x.scheme_id and f.id = x.broadcast_id
    where x.scheme_id = ${schemeId} and x.broadcast_id = ${firstId}::uuid and x.no = ${no} and not ${mayHaveArrived('x')}`
}

/** A chunk to release, by the worker that claimed it. */
export interface Release {
  readonly schemeId: string
  readonly broadcastId: string
  readonly firstNo: number
  readonly claims: number
  readonly workerId: number
  /** Earliest time of the next claim, when some of its deliveries are still planned. */
  readonly again: Date
}

/**
 * Releases chunks: done, or ready again when some of their deliveries are still planned. Writes nothing for a chunk
 * that has another owner by now. Call it once every outcome of the chunks is on disk.
 */
export async function releaseChunks(db: Db, releases: readonly Release[]): Promise<void> {
  if (releases.length === 0) return
  await sql`${PREPARED}
    with given as (
      -- The number of values is hidden from the planner by subqueries: it would plan each time anew for few of them.
      select * from unnest(
        (select ${releases.map(({ schemeId }) => schemeId)}::text[]),
        (select ${releases.map(({ broadcastId }) => broadcastId)}::uuid[]),
        (select ${releases.map(({ firstNo }) => firstNo)}::int[]), (select ${releases.map(({ claims }) => claims)}::int[]),
        (select ${releases.map(({ workerId }) => workerId)}::bigint[]),
        (select ${releases.map(({ again }) => again.toISOString())}::timestamptz[])
      ) as g(scheme_id, broadcast_id, first_no, claims, worker_id, again)
    ), held as (
      select c.scheme_id, c.broadcast_id, c.first_no, g.again, c.not_before is not null or exists (
        select from deliveries d
        where d.scheme_id = c.scheme_id and d.broadcast_id = c.broadcast_id and d.no between c.first_no and c.last_no
          and d.state = 'planned') as remains
      from (select * from given order by broadcast_id, first_no) g
      cross join lateral (
        select c.* from delivery_chunks c
        where c.scheme_id = g.scheme_id and c.broadcast_id = g.broadcast_id and c.first_no = g.first_no
          and c.claims = g.claims and c.worker_id = g.worker_id
        for update
      ) c
    )
    merge into delivery_chunks c using held h
      on c.scheme_id = h.scheme_id and c.broadcast_id = h.broadcast_id and c.first_no = h.first_no
    when matched then update set state = case when h.remains then 'ready' else 'done' end,
      not_before = case when h.remains then h.again end, worker_id = null
    ${INSERTS_NOTHING}`.execute(db)
}

/** A chunk that a worker holds on disk. */
export interface HeldChunk {
  readonly schemeId: string
  readonly broadcastId: string
  readonly firstNo: number
  readonly lastNo: number
  readonly claims: number
}

/** Lists the chunks that a worker has held since before an instant. */
export async function findHeldChunks(db: Db, workerId: number, before: Date): Promise<HeldChunk[]> {
  const { rows } = await sql<HeldChunk>`
    select c.scheme_id, c.broadcast_id, c.first_no, c.last_no, c.claims
    from broadcasts b join delivery_chunks c on c.scheme_id = b.scheme_id and c.broadcast_id = b.id
    where b.state <> 'done' and c.state = 'claimed' and c.worker_id = ${workerId} and c.claimed_at < ${before}`.execute(
    db,
  )
  return rows
}

/** Milliseconds until the next chunk of a broadcast may be claimed: 0 now, undefined: none is ready. */
export async function nextChunkInMs(
  db: Db,
  schemeId: string,
  broadcastId: string,
  now: Date,
): Promise<number | undefined> {
  const { rows } = await sql<{ at: Date | null; ready: number }>`
    select min(coalesce(not_before, ${now})) as at, count(*)::int as ready from delivery_chunks
    where scheme_id = ${schemeId} and broadcast_id = ${broadcastId}::uuid and state = 'ready'`.execute(db)
  const row = rows[0]
  if (row === undefined || row.ready === 0 || row.at === null) return undefined
  return Math.max(0, row.at.getTime() - now.getTime())
}

/**
 * Checks in one statement whether the settling of each second has anything to do, so that it plans and runs none of its
 * other statements while no broadcast is in progress, which is nearly always.
 * @returns `hasOpen`: a broadcast is not done; `isToTally`: one is done and not counted (tallies.ts); `isToRetry`: phones whose
 * memory was full are due (memory-full.ts)
 */
export async function findSettlingWork(
  db: Db,
  now: Date,
): Promise<{ hasOpen: boolean; isToTally: boolean; isToRetry: boolean }> {
  const { rows } = await sql<{ hasOpen: boolean; isToTally: boolean; isToRetry: boolean }>`${PREPARED}
    select exists (select from broadcasts where state <> 'done') as has_open,
      exists (select from broadcasts where ${IS_TO_TALLY}) as is_to_tally,
      exists (select from broadcasts where retry_at <= ${now}) as is_to_retry`.execute(db)
  return rows[0] ?? { hasOpen: true, isToTally: true, isToRetry: true }
}

/** Lists running broadcasts: their sending resumes at start, and after their deliveries in doubt are planned again. */
export async function findUnfinished(db: Db): Promise<{ schemeId: string; broadcastId: string }[]> {
  const { rows } = await sql<{ schemeId: string; broadcastId: string }>`
    select scheme_id, id as broadcast_id from broadcasts where state = 'running' order by ordered_at`.execute(
    db,
  )
  return rows
}

/**
 * Settles the chunks of workers that are no longer registered: a delivery still planned in them may have left, so it is
 * put in doubt. The chunks then have no owner, and late outcomes of the former owner only settle the doubt.
 * @returns the deliveries put in doubt.
 */
export async function settleLostChunks(db: Db, now: Date): Promise<number> {
  const { rows } = await sql<{ moved: number }>`
    with held as (
      -- Deliveries that resendInDoubt plans again concurrently are invisible below: they stay planned and are sent.
      update delivery_chunks c set state = case when c.not_before is null then 'done' else 'ready' end,
        worker_id = null, claims = c.claims + 1
      from broadcasts b
      where b.scheme_id = c.scheme_id and b.id = c.broadcast_id and b.state <> 'done' and c.state = 'claimed'
        and not exists (select from workers w where w.id = c.worker_id)
      returning c.scheme_id, c.broadcast_id, c.first_no, c.last_no
    ), moved as (
      update deliveries d set state = 'in_doubt', in_doubt_at = ${now}, attempts = d.attempts + 1
      from held h
      where d.scheme_id = h.scheme_id and d.broadcast_id = h.broadcast_id and d.no between h.first_no and h.last_no
        and d.state = 'planned'
      returning d.scheme_id, d.broadcast_id, d.no
    ), logged as (
      insert into delivery_attempts (scheme_id, broadcast_id, no, at, outcome)
      select scheme_id, broadcast_id, no, ${now}, 'unknown' from moved
    ), counted as (
      update broadcasts b set in_doubt = b.in_doubt + m.n
      from (select scheme_id, broadcast_id, count(*)::int as n from moved group by 1, 2) m
      where b.scheme_id = m.scheme_id and b.id = m.broadcast_id
      returning m.n
    )
    select coalesce(sum(n), 0)::int as moved from counted`.execute(db)
  return rows[0]?.moved ?? 0
}

/**
 * Plans deliveries again whose wait in doubt is over, marked as possible duplicates, except those to numbers that opted
 * out or left meanwhile.
 * @param wait seconds by lane; `never`: they stay in doubt until a receipt comes or the broadcast expires.
 */
export async function resendInDoubt(
  db: Db,
  now: Date,
  wait: Readonly<Record<Lane, number | 'never'>>,
): Promise<void> {
  const waits = Object.entries(wait).filter(([, seconds]) => seconds !== 'never')
  await sql`
    with found as materialized (
      -- Here and below, reads one chunk at a time by its key, like a claim.
      select c.scheme_id, c.broadcast_id, c.first_no, w.seconds
      from broadcasts b
      cross join lateral (
        select (${waits.map(([, seconds]) => seconds)}::double precision[])[array_position(${waits.map(([lane]) => lane)}::text[], b.lane)] as seconds
      ) w
      join delivery_chunks c on c.scheme_id = b.scheme_id and c.broadcast_id = b.id
      cross join lateral (select count(*) as due from deliveries d where ${isDueIn(sql`c`, now)}) r
      where b.state in ('running', 'settling') and b.in_doubt > 0 and b.valid_until > ${now}
        and w.seconds is not null and r.due > 0
    ), held as (
      -- Leaves out broadcasts that were stopped meanwhile.
      select b.scheme_id, b.id from broadcasts b
      where b.state in ('running', 'settling') and (b.scheme_id, b.id) in (select scheme_id, broadcast_id from found)
      order by b.id for update
    ), chunks as (
      -- Skips rows that another transaction is writing, until the next run: waiting for them could deadlock.
      select c.scheme_id, c.broadcast_id, c.first_no, c.last_no, f.seconds
      from held h join found f on f.scheme_id = h.scheme_id and f.broadcast_id = h.id
      join delivery_chunks c
        on c.scheme_id = f.scheme_id and c.broadcast_id = f.broadcast_id and c.first_no = f.first_no
      for update of c skip locked
    ), due as (
      select r.*, w.first_no from chunks w join broadcasts b on b.scheme_id = w.scheme_id and b.id = w.broadcast_id
      cross join lateral (
        select d.scheme_id, d.broadcast_id, d.no, d.possible_duplicate from deliveries d where ${isDueIn(sql`w`, now)}
        for update of d skip locked
      ) r
    ), again as (
      update deliveries d set state = 'planned', possible_duplicate = true
      from due u where d.scheme_id = u.scheme_id and d.broadcast_id = u.broadcast_id and d.no = u.no
      returning d.scheme_id, d.broadcast_id, d.no, u.possible_duplicate as was_marked
    ), counted as (
      update broadcasts b set in_doubt = b.in_doubt - a.n, possible_duplicates = b.possible_duplicates + a.marked,
        state = 'running', all_accepted_at = null
      from (
        select scheme_id, broadcast_id, count(*)::int as n, (count(*) filter (where not was_marked))::int as marked from again group by 1, 2
      ) a
      where b.scheme_id = a.scheme_id and b.id = a.broadcast_id
    )
    update delivery_chunks c set state = case when c.state = 'done' then 'ready' else c.state end,
      -- The worker that releases a claimed chunk sees by not_before that deliveries were planned again.
      not_before = case when c.state = 'claimed' then ${now}::timestamptz end
    -- Not of a chunk whose deliveries a receipt settles at this moment: its broadcast may be done before anyone claims it.
    from (select distinct scheme_id, broadcast_id, first_no from due) k
    where c.scheme_id = k.scheme_id and c.broadcast_id = k.broadcast_id and c.first_no = k.first_no
      and c.state in ('done', 'claimed')`.execute(db)
}

/**
 * True when a delivery `d` of a broadcast `b` in a chunk has been in doubt for the seconds of `w` and may be resent.
 */
function isDueIn(chunk: RawBuilder<unknown>, now: Date): RawBuilder<unknown> {
  return sql`d.scheme_id = ${chunk}.scheme_id and d.broadcast_id = ${chunk}.broadcast_id
    and d.no between ${chunk}.first_no and ${chunk}.last_no and d.state = 'in_doubt'
    and d.in_doubt_at <= ${now}::timestamptz - make_interval(secs => w.seconds) and not ${hasDeparted}`
}

/**
 * Expires broadcasts past their validity: nothing more of them is sent, and deliveries without a receipt expire. A
 * delivery planned to be resent may have arrived the first time, so it returns to in doubt until its receipt or that
 * end. Chunks held by a worker are skipped: the worker releases the rest as expired within a second.
 */
export async function expireDeliveries(db: Db, now: Date): Promise<void> {
  await sql`
    with over as (
      select scheme_id, id, valid_until from broadcasts where state <> 'done' and valid_until <= ${now} for update
    ), closed as (
      update delivery_chunks c set state = 'done' from over o
      where c.scheme_id = o.scheme_id and c.broadcast_id = o.id and c.state = 'ready'
      returning c.scheme_id, c.broadcast_id, c.first_no, c.last_no
    ), unsent as (
      update deliveries d set state = case when d.possible_duplicate then 'in_doubt' else 'expired' end,
        settled_at = case when not d.possible_duplicate then ${now}::timestamptz end
      from closed c
      where d.scheme_id = c.scheme_id and d.broadcast_id = c.broadcast_id and d.state = 'planned'
        and d.no between c.first_no and c.last_no
      returning d.scheme_id, d.broadcast_id, 'planned' as was, d.state as became
    ), waiting as (
      select d.scheme_id, d.broadcast_id, d.no, d.state as was
      from over o join deliveries d on d.scheme_id = o.scheme_id and d.broadcast_id = o.id
      where d.state in ('accepted', 'in_doubt')
        and o.valid_until <= ${now}::timestamptz - make_interval(secs => ${RECEIPT_GRACE_SECONDS})
      for no key update of d
    ), unanswered as (
      update deliveries d set state = 'expired', settled_at = ${now}
      from waiting w
      where d.scheme_id = w.scheme_id and d.broadcast_id = w.broadcast_id and d.no = w.no
      returning d.scheme_id, d.broadcast_id, w.was, d.state as became
    ), change as (
      select scheme_id, broadcast_id, (count(*) filter (where became = 'expired'))::int as expired,
        (count(*) filter (where was = 'accepted'))::int as accepted,
        (count(*) filter (where was = 'in_doubt') - count(*) filter (where became = 'in_doubt'))::int as in_doubt
      from (select * from unsent union all select * from unanswered) t group by 1, 2
    )
    update broadcasts b set expired = b.expired + c.expired, accepted = b.accepted - c.accepted, in_doubt = b.in_doubt - c.in_doubt,
      state = case when b.state in ('settling', 'stopped') and b.planned = b.delivered + b.failed + b.withdrawn + b.expired + c.expired then 'done' else b.state end,
      done_at = case when b.done_at is null and b.planned = b.delivered + b.failed + b.withdrawn + b.expired + c.expired then ${now} else b.done_at end
    from change c where b.scheme_id = c.scheme_id and b.id = c.broadcast_id`.execute(db)
}

/**
 * Ends the submitting of a broadcast when no chunk of it remains, in the caller's transaction.
 * @returns the alert to notify, once; null for a copy or a broadcast of no alert; undefined when chunks remain or it
 * ended before.
 */
export async function finishSubmitting(
  tx: Tx,
  schemeId: string,
  broadcastId: string,
  now: Date,
): Promise<string | null | undefined> {
  // Locked first, so that the chunks are read as the previous holder of the row left them.
  await sql`select from broadcasts where scheme_id = ${schemeId} and id = ${broadcastId}::uuid for update`.execute(
    tx,
  )
  const { rows } = await sql<{ alertId: string | null }>`
    update broadcasts b set
      state = case when b.planned = b.delivered + b.failed + b.expired + b.withdrawn then 'done' else 'settling' end,
      done_at = case when b.planned = b.delivered + b.failed + b.expired + b.withdrawn then coalesce(b.done_at, ${now}::timestamptz) end
    where b.scheme_id = ${schemeId} and b.id = ${broadcastId}::uuid and b.state = 'running'
      and not exists (
        select from delivery_chunks c where c.scheme_id = b.scheme_id and c.broadcast_id = b.id and c.state <> 'done')
    returning case when b.kind <> 'copy' then b.alert_id end as alert_id`.execute(tx)
  return rows[0]?.alertId
}

/** A delivery held by the provider, to be queried or cancelled. */
export interface HandedDelivery {
  readonly schemeId: string
  readonly id: string
  readonly alertId: string | null
  readonly sender: string
  readonly gateway: string
  readonly no: number
  readonly phone: string
  readonly messageIds: readonly string[]
}

/**
 * Lists deliveries accepted without a receipt, and those in doubt that have the ids of some parts. At most `limit`, the
 * longest waiting first.
 */
export async function findUnreceipted(
  db: Db,
  query: { gateways: readonly string[]; acceptedBefore: Date; inDoubtBefore: Date; limit: number },
): Promise<HandedDelivery[]> {
  const { rows } = await sql<HandedDelivery>`${LEAVE_UNREADABLE}
    select b.scheme_id, b.id, b.alert_id, b.sender, d.gateway, d.no, d.phone, string_to_array(d.message_ids, ' ') as message_ids
    from broadcasts b join deliveries d on d.scheme_id = b.scheme_id and d.broadcast_id = b.id
    where b.state <> 'done' and b.accepted + b.in_doubt > 0 and d.gateway = any (${query.gateways}::text[])
      and (d.state = 'accepted' and d.accepted_at <= ${query.acceptedBefore}
        or d.state = 'in_doubt' and d.in_doubt_at <= ${query.inDoubtBefore} and d.message_ids is not null)
    order by coalesce(d.accepted_at, d.in_doubt_at) limit ${query.limit}`.execute(db)
  return rows.filter(({ phone }) => !isUnreadable(phone))
}

/** Lists accepted deliveries of stopped broadcasts. */
export async function findStopped(
  db: Db,
  query: { gateways: readonly string[]; limit: number },
): Promise<HandedDelivery[]> {
  const { rows } = await sql<HandedDelivery>`${LEAVE_UNREADABLE}
    select b.scheme_id, b.id, b.alert_id, b.sender, d.gateway, d.no, d.phone, string_to_array(d.message_ids, ' ') as message_ids
    from broadcasts b join deliveries d on d.scheme_id = b.scheme_id and d.broadcast_id = b.id
    where b.state = 'stopped' and b.accepted > 0 and d.state = 'accepted' and d.gateway = any (${query.gateways}::text[])
    order by b.ordered_at, d.no limit ${query.limit}`.execute(db)
  return rows.filter(({ phone }) => !isUnreadable(phone))
}
