import { type RawBuilder, sql } from 'kysely'
import { isUnreadable } from '../../cipher/pseudonyms.ts'
import { LEAVE_UNREADABLE } from '../../platform/database/client.ts'
import { INSERTS_NOTHING, updateMatched } from '../../platform/database/merge.ts'
import { acrossSchemes, type Db, type Tx } from '../../platform/db.ts'
import { PERSONAL_KINDS } from '../kinds.ts'

/** Channel on which triggers notify that numbers stopped taking messages (`departures`). */
export const DEPARTURES_CHANNEL = 'tocsin_departures'

/** Numbers checked together: a list that suspends thousands is processed in several passes. */
const NUMBERS_MAX = 2000
/**
 * Delays of the second and third check: a broadcast being ordered meanwhile may have read its audience before the
 * departure.
 */
const CHECK_AGAIN_SECONDS = [5, 25] as const
/**
 * Delay of a chunk after a withdrawal from it. A concurrent claim reads an older snapshot with an older clock: it finds
 * the chunk not due and leaves it to the next claim, which sees the withdrawal.
 */
const CHUNK_WAITS_MS = 250

interface Found {
  readonly schemeId: string
  readonly broadcastId: string
  readonly no: number
  readonly phone: string
  /** First number of its chunk. */
  readonly firstNo: number
  /** Follow-ups only: the new number of the contact; null: none, or one that gets the message anyway. */
  readonly movedTo: string | null
}

/**
 * True when no contact of the scheme takes messages any more on the number of a delivery `d` of a broadcast `b`. A
 * follow-up still goes to members suspended since the first message.
 */
const takesNone = sql`not exists (
  select from contacts c join members m on m.scheme_id = c.scheme_id and m.id = c.member_id
  where c.scheme_id = d.scheme_id and c.mobile = d.phone and c.sms
    and (m.status = 'active' or m.status = 'suspended' and b.after_broadcast_id is not null))`

/** Follow-ups only: the new number of the contact of a delivery `d`, when it was corrected after planning. */
const movedTo = sql`case when b.after_broadcast_id is not null then (
  select c.mobile from contacts c join members m on m.scheme_id = c.scheme_id and m.id = c.member_id
  where c.scheme_id = d.scheme_id and c.id = d.contact_id and c.mobile <> d.phone and c.sms
    and m.status in ('active', 'suspended')) end`

/** A broadcast whose figures changed. */
export interface ChangedBroadcast {
  readonly schemeId: string
  readonly broadcastId: string
  readonly alertId: string | null
}

/**
 * Withdraws planned deliveries to numbers that stopped taking messages: opted out, left, suspended. Deliveries held by
 * a worker may still leave; those that it releases are withdrawn then. A delivery planned to be resent may have
 * arrived: it returns to in doubt. A follow-up goes to the corrected number of a contact, who got the first message.
 *
 * Deliveries have no index by number, on purpose: a departure reads the running broadcasts once, at no cost to their
 * sending.
 * @returns the broadcasts whose figures changed.
 */
export async function withdrawDeparted(db: Db, now: Date): Promise<ChangedBroadcast[]> {
  const isDue = sql<boolean>`check_at <= clock_timestamp()`
  const due = await db.selectFrom('departures').select('schemeId').where(isDue).limit(1).execute()
  if (due.length === 0) return []
  return acrossSchemes(db, async (tx) => {
    const locked = await tx
      .selectFrom('departures')
      .modifyFront(LEAVE_UNREADABLE)
      .select(['schemeId', 'phone', sql<string>`ctid`.as('place')])
      .where(isDue)
      .orderBy('schemeId')
      .orderBy('phone')
      .limit(NUMBERS_MAX)
      .forUpdate()
      .skipLocked()
      .execute()
    // Deliveries to numbers that cannot be read fail anyway.
    const unreadable = locked.filter(({ phone }) => isUnreadable(phone))
    await sql`update departures set check_at = null
      where ctid = any (${unreadable.map(({ place }) => place)}::tid[])`.execute(tx)
    const gone = locked.filter(({ phone }) => !isUnreadable(phone))
    if (gone.length === 0) return []
    const found = await findPlanned(tx, gone)
    const leaving = found.filter((one) => one.movedTo === null)
    const { withdrawn, changed } =
      leaving.length === 0 ? { withdrawn: [], changed: [] } : await withdraw(tx, leaving, now)
    const redirected = await redirect(tx, found, now)
    const isOut = new Set([...withdrawn, ...redirected].map(keyOf))
    // Held by a worker: checked again until released.
    const held = found.filter((one) => !isOut.has(keyOf(one)))
    await sql`
      merge into departures x using (
        select g.scheme_id, g.phone,
          (g.scheme_id, g.phone) in (select * from ${numbers(held)} as k(scheme_id, phone)) as is_held
        from ${numbers(gone)} as g(scheme_id, phone)
      ) h on x.scheme_id = h.scheme_id and x.phone = h.phone
      when matched then update set checks = x.checks + case when h.is_held then 0 else 1 end,
        check_at = case
          when h.is_held then clock_timestamp()
          when x.checks = 0 then clock_timestamp() + make_interval(secs => ${CHECK_AGAIN_SECONDS[0]})
          when x.checks = 1 then clock_timestamp() + make_interval(secs => ${CHECK_AGAIN_SECONDS[1]}) end
      ${INSERTS_NOTHING}`.execute(tx)
    return changed
  })
}

const keyOf = ({ broadcastId, no }: { readonly broadcastId: string; readonly no: number }) =>
  `${broadcastId} ${no}`

function numbers(
  rows: readonly { readonly schemeId: string; readonly phone: string }[],
): RawBuilder<unknown> {
  return sql`unnest(${rows.map(({ schemeId }) => schemeId)}::text[], ${rows.map(({ phone }) => phone)}::text[])`
}

/** Lists planned deliveries to these numbers, where no contact of the scheme takes messages any more. Locks nothing. */
async function findPlanned(
  tx: Tx,
  gone: readonly { readonly schemeId: string; readonly phone: string }[],
): Promise<Found[]> {
  const { rows } = await sql<Found>`
    with found as materialized (
      select d.scheme_id, d.broadcast_id, d.no, d.phone,
        case when not d.possible_duplicate then ${movedTo} end as moved_to
      from broadcasts b join deliveries d on d.scheme_id = b.scheme_id and d.broadcast_id = b.id
      where b.scheme_id = any (${[...new Set(gone.map(({ schemeId }) => schemeId))]}::text[])
        and b.state in ('running', 'settling') and b.kind not in ${PERSONAL_KINDS}
        -- Reads each broadcast once for all numbers: a join without statistics would read it once per number.
        and d.state = 'planned' and d.phone = any (${gone.map(({ phone }) => phone)}::text[]) and ${takesNone}
    )
    select f.scheme_id, f.broadcast_id, f.no, f.phone, c.first_no,
      -- A number gets one delivery: of several that move to it the first, and none if it is a recipient already.
      case when row_number() over (partition by f.broadcast_id, f.moved_to order by f.no) = 1
        and (f.broadcast_id, f.moved_to) not in (
          select o.broadcast_id, o.phone from deliveries o
          where (o.scheme_id, o.broadcast_id) in (select scheme_id, broadcast_id from found where moved_to is not null))
        then f.moved_to end as moved_to
    from found f cross join lateral (
      select c.first_no from delivery_chunks c
      where c.scheme_id = f.scheme_id and c.broadcast_id = f.broadcast_id and c.first_no <= f.no
      order by c.first_no desc limit 1
    ) c`.execute(tx)
  return rows
}

/** Withdraws deliveries. Locks broadcasts, then chunks, each in order, as stopping a broadcast does. */
async function withdraw(
  tx: Tx,
  found: readonly Found[],
  now: Date,
): Promise<{ withdrawn: { broadcastId: string; no: number }[]; changed: ChangedBroadcast[] }> {
  const unsent = updateMatched(tx, {
    table: 'deliveries d',
    source: sql`(select scheme_id, broadcast_id, unnest(nos) as no from waiting) w`,
    on: sql`d.scheme_id = w.scheme_id and d.broadcast_id = w.broadcast_id and d.no = w.no`,
    when: sql`d.state = 'planned'`,
    set: sql`state = case when d.possible_duplicate then 'in_doubt' else 'withdrawn' end,
        settled_at = case when not d.possible_duplicate then ${now}::timestamptz end`,
    returning: sql`d.scheme_id, d.broadcast_id, d.no, d.state`,
  })
  const { rows } = await sql<{
    withdrawn: { broadcastId: string; no: number }[]
    changed: ChangedBroadcast[]
  }>`
    with given as (
      select scheme_id, broadcast_id, first_no, array_agg(no) as nos
      from unnest(
        ${found.map(({ schemeId }) => schemeId)}::text[], ${found.map(({ broadcastId }) => broadcastId)}::uuid[],
        ${found.map(({ no }) => no)}::int[], ${found.map(({ firstNo }) => firstNo)}::int[]
      ) as g(scheme_id, broadcast_id, no, first_no)
      group by 1, 2, 3
    ), held as (
      select g.* from (select distinct scheme_id, broadcast_id from given order by broadcast_id) g
      cross join lateral (
        select from broadcasts b
        where b.scheme_id = g.scheme_id and b.id = g.broadcast_id and b.state in ('running', 'settling')
        for update
      ) b
    ), waiting as (
      select g.* from (
        select * from given where (scheme_id, broadcast_id) in (select scheme_id, broadcast_id from held)
        order by broadcast_id, first_no
      ) g
      cross join lateral (
        select from delivery_chunks c
        where c.scheme_id = g.scheme_id and c.broadcast_id = g.broadcast_id and c.first_no = g.first_no
          and c.state = 'ready'
        for update
      ) c
    ), put_off as (
      ${putOff(tx, now)}
    ), unsent as (
      ${unsent}
    ), change as (
      select scheme_id, broadcast_id, (count(*) filter (where state = 'withdrawn'))::int as n,
        (count(*) filter (where state = 'in_doubt'))::int as doubtful
      from unsent group by 1, 2
    ), counted as (
      -- Does not set the broadcast to done: the transaction that closes its last chunk does.
      update broadcasts b set withdrawn = b.withdrawn + c.n, in_doubt = b.in_doubt + c.doubtful,
        all_accepted_at = case when b.all_accepted_at is null and b.in_doubt + c.doubtful = 0 and b.planned =
            b.accepted + b.delivered + b.failed + b.expired + b.withdrawn + c.n
          then ${now}::timestamptz else b.all_accepted_at end
      from change c where b.scheme_id = c.scheme_id and b.id = c.broadcast_id
      returning b.scheme_id, b.id, b.alert_id
    )
    select
      coalesce((select jsonb_agg(jsonb_build_object('broadcastId', broadcast_id, 'no', no)) from unsent), '[]') as withdrawn,
      coalesce((select jsonb_agg(jsonb_build_object('schemeId', scheme_id, 'broadcastId', id, 'alertId', alert_id))
        from counted), '[]') as changed`.execute(tx)
  return rows[0] ?? { withdrawn: [], changed: [] }
}

/**
 * Redirects waiting deliveries of follow-ups to the new numbers of their contacts. Locks chunks, after the broadcasts
 * that `withdraw` locked; skips chunks locked by another transaction until the next check, to avoid a deadlock.
 */
async function redirect(
  tx: Tx,
  found: readonly Found[],
  now: Date,
): Promise<{ broadcastId: string; no: number }[]> {
  const moved = found.filter((one) => one.movedTo !== null)
  if (moved.length === 0) return []
  const redirected = updateMatched(tx, {
    table: 'deliveries d',
    source: sql`(select scheme_id, broadcast_id, unnest(nos) as no, unnest(phones) as moved_to from waiting) w`,
    on: sql`d.scheme_id = w.scheme_id and d.broadcast_id = w.broadcast_id and d.no = w.no`,
    when: sql`d.state = 'planned'`,
    set: sql`phone = w.moved_to`,
    returning: sql`d.broadcast_id, d.no`,
  })
  const { rows } = await sql<{ broadcastId: string; no: number }>`
    with given as (
      select "schemeId" as scheme_id, "broadcastId" as broadcast_id, "firstNo" as first_no, array_agg(no) as nos,
        array_agg("movedTo") as phones
      from jsonb_to_recordset(${JSON.stringify(moved)}::jsonb) as g (
        "schemeId" text, "broadcastId" uuid, no integer, "firstNo" integer, "movedTo" text)
      group by 1, 2, 3
    ), waiting as (
      select g.* from given g
      cross join lateral (
        select from delivery_chunks c
        where c.scheme_id = g.scheme_id and c.broadcast_id = g.broadcast_id and c.first_no = g.first_no
          and c.state = 'ready'
        for update skip locked
      ) c
    ), put_off as (
      ${putOff(tx, now)}
    )
    ${redirected}`.execute(tx)
  return rows
}

/** Puts off the chunks of `waiting`. */
function putOff(tx: Tx, now: Date): RawBuilder<unknown> {
  return updateMatched(tx, {
    table: 'delivery_chunks c',
    source: sql`waiting w`,
    on: sql`c.scheme_id = w.scheme_id and c.broadcast_id = w.broadcast_id and c.first_no = w.first_no`,
    set: sql`not_before = greatest(c.not_before, ${now}::timestamptz + make_interval(secs => ${CHUNK_WAITS_MS / 1000}))`,
  })
}

/** True when a delivery `d` of a broadcast `b` goes to a number that departed: once in doubt, it is not resent. */
export const hasDeparted: RawBuilder<unknown> = sql`(b.kind not in ${PERSONAL_KINDS} and exists (
  select from departures x where x.scheme_id = d.scheme_id and x.phone = d.phone) and ${takesNone})`

/** Deletes departed numbers to which no broadcast ordered earlier can send any more. */
export async function pruneDepartures(db: Db, now: Date): Promise<void> {
  await sql`
    delete from departures x where x.check_at is null and not exists (
      select from broadcasts b where b.scheme_id = x.scheme_id and b.state in ('running', 'settling')
        and b.valid_until > ${now})`.execute(db)
}
