import { type RawBuilder, sql } from 'kysely'
import { int4Array, textArray, timestamptzArray } from '../../platform/database/arrays.ts'
import { PREPARED } from '../../platform/database/client.ts'
import { updateMatched } from '../../platform/database/merge.ts'
import type { Db } from '../../platform/db.ts'
import type { DeliveryState } from '../../schema.ts'
import { FINAL_STATES, mayBecome } from '../states.ts'
import { withStateBefore } from './state-before.ts'

export type NewState = Exclude<DeliveryState, 'planned'>

/** The values written for one delivery. Instants are milliseconds since 1970. */
export interface OutcomeRow {
  readonly schemeId: string
  readonly broadcastId: string
  readonly no: number
  /** Undefined: the state is unchanged. */
  readonly state: NewState | undefined
  /**
   * True when it failed because the provider deleted it: withdrawn when its broadcast was stopped. The same for a whole
   * batch.
   */
  readonly isDeleted: boolean
  readonly ids: readonly string[] | undefined
  readonly deliveredIds: string[] | undefined
  readonly error: number | undefined
  readonly gateway: string | undefined
  readonly workerId: number | undefined
  readonly late: boolean
  readonly attempts: number
  readonly acceptedAt: number | undefined
  readonly at: number
}

/** A submission that did not settle its delivery. */
export interface Attempt {
  readonly no: number
  readonly at: number
  readonly outcome: 'refused' | 'unknown'
  readonly gateway: string | undefined
  readonly errorCode: number | undefined
  readonly messageIds: readonly string[] | undefined
}

interface Batch {
  /** New state of all `rows`; undefined: unchanged. */
  readonly state: NewState | undefined
  /** Nothing is written when this worker is no longer registered. */
  readonly workerId: number | undefined
  readonly late: boolean
  readonly rows: readonly OutcomeRow[]
  /** Time of the first submission by broadcast, where it is not on disk yet. */
  readonly firstSubmitAt: ReadonlyMap<string, number>
  /** Broadcasts with phones to be tried again at a time, because their memory was full (memory-full.ts). */
  readonly retry?: { readonly broadcastIds: readonly string[]; readonly at: number } | undefined
}

const FINAL = sql.raw(FINAL_STATES.map((state) => `'${state}'`).join(', '))
const anyOf = (states: readonly DeliveryState[]) =>
  sql.raw(`array[${states.map((state) => `'${state}'`).join(',')}]`)
/** True for a state that ends a delivery without sending it. */
const isUnsent = (state: NewState) => state === 'withdrawn' || state === 'expired'
/** True for a delivery planned to be resent: the first sending may have arrived. */
const mayHaveBeenSent = sql`d.state = 'planned' and d.possible_duplicate`
/** True for a delivery that has a final state. */
const isSettled = sql`d.state in (${FINAL})`
const iso = (ms: number) => new Date(ms).toISOString()

export async function logAttempts(
  db: Db,
  schemeId: string,
  broadcastId: string,
  attempts: readonly Attempt[],
): Promise<void> {
  await sql`
    insert into delivery_attempts (scheme_id, broadcast_id, no, at, outcome, gateway, error_code, message_ids)
    select ${schemeId}, ${broadcastId}::uuid, a.no, a.at, a.outcome, a.gateway, a.error_code, a.ids
    from unnest(
      ${attempts.map(({ no }) => no)}::int[], ${attempts.map(({ at }) => iso(at))}::timestamptz[],
      ${attempts.map(({ outcome }) => outcome)}::text[], ${attempts.map(({ gateway }) => gateway ?? null)}::text[],
      ${attempts.map(({ errorCode }) => errorCode ?? null)}::int[],
      ${attempts.map(({ messageIds }) => messageIds?.join(' ') ?? null)}::text[]
    ) as a(no, at, outcome, gateway, error_code, ids)`.execute(db)
}

/**
 * Builds one array per column that the batch needs: a value shared by all rows becomes a constant of the statement, an
 * absent one is omitted. The cost per row in the database bounds the whole program.
 */
function columnsOf(rows: readonly OutcomeRow[]) {
  const columns: RawBuilder<unknown>[] = []
  const names: RawBuilder<unknown>[] = []
  /** @returns the SQL of the value; undefined: no row has one. */
  function column<T extends string | number>(
    name: string,
    type: string,
    read: (row: OutcomeRow) => T | undefined,
    {
      one,
      many,
    }: { one?: (value: T) => unknown; many?: (values: readonly (T | undefined)[]) => Buffer } = {},
  ) {
    const values = rows.map(read)
    const [first] = values
    if (values.every((value) => value === first)) {
      return first === undefined ? undefined : sql`${one?.(first) ?? first}::${sql.raw(type)}`
    }
    columns.push(sql`${many?.(values) ?? values.map((value) => value ?? null)}::${sql.raw(type)}[]`)
    names.push(sql.raw(name))
    return sql.raw(`o.${name}`)
  }
  const instant = (name: string, read: (row: OutcomeRow) => number | undefined) =>
    column(name, 'timestamptz', read, { one: iso, many: timestamptzArray })
  columns.push(sql`${int4Array(rows.map(({ no }) => no))}::int[]`)
  names.push(sql.raw('no'))
  return {
    schemeId: column('scheme_id', 'text', ({ schemeId }) => schemeId),
    broadcastId: column('broadcast_id', 'uuid', ({ broadcastId }) => broadcastId),
    // A provider may give no id.
    ids: column('ids', 'text', ({ ids }) => ids?.join(' ') || undefined, { many: textArray }),
    deliveredIds: column('delivered_ids', 'text', ({ deliveredIds }) => deliveredIds?.join(' ')),
    error: column('error_code', 'int', ({ error }) => error),
    attempts: column('attempts', 'int', ({ attempts }) => attempts || undefined),
    gateway: column('gateway', 'text', ({ gateway }) => gateway),
    acceptedAt: instant('accepted_at', ({ acceptedAt }) => acceptedAt),
    at: instant('at', ({ at }) => at),
    unnested: sql`unnest(${sql.join(columns)}) as o(${sql.join(names)})`,
  }
}

/**
 * Writes a batch in one statement: the rows, then the figures of their broadcasts.
 * @returns false, with nothing written, when the worker of the batch is no longer registered.
 */
export async function writeOutcomes(db: Db, batch: Batch): Promise<boolean> {
  const { state, workerId, late, rows } = batch
  // A worker that lost its chunks cannot put a delivery in doubt or withdraw it.
  if (late && (state === 'in_doubt' || state === 'withdrawn')) return true
  let lastAt = 0
  for (const { at } of rows) lastAt = Math.max(lastAt, at)
  const last = iso(lastAt)
  const columns = columnsOf(rows)
  const sets = setsOf(batch, columns)
  if (sets.length === 0 || (late && state === undefined && columns.deliveredIds === undefined)) return true
  const fence = workerId === undefined ? sql`true` : sql`exists (select from workers where id = ${workerId})`
  const before = withStateBefore(db, isRow(rows, columns))
  const logsLate = late && state === 'accepted'
  const became = stateAfter(batch)
  const ofOne = isOfOneBroadcast(rows)
  // The fewer columns return from each row, the faster: a tenth of the whole statement.
  const returned = [
    sql`${before.state} as was`,
    ...(became === undefined ? [sql`d.state as became`] : []),
    ...(ofOne && !logsLate ? [] : [sql`d.scheme_id, d.broadcast_id, d.no`]),
  ]
  const moved = updateMatched(db, {
    table: 'deliveries d',
    source: before.source,
    on: before.on,
    when: sql`(select is_held from owner) and ${conditionOf(state, late)}`,
    set: sql.join(sets),
    returning: sql.join(returned),
  })
  const { rows: answer } = await sql<{ isHeld: boolean }>`${PREPARED}
    with owner as (
      select ${fence} as is_held
    ), o as (
      select * from ${columns.unnested}
    ), moved as (
      ${moved}
    ), ${logsLate ? lateAnswers(columns) : sql``}
    change as (
      select ${ofOne ? sql`${columns.schemeId} as scheme_id, ${columns.broadcastId} as broadcast_id` : sql`scheme_id, broadcast_id`},
        ${changeOf(became === undefined ? sql`became` : sql.lit(became))}
      from moved ${ofOne ? sql`having count(*) > 0` : sql`group by scheme_id, broadcast_id`}
    ), figures as (
      -- Locks broadcasts in one order, so that concurrent writers do not deadlock.
      select c.*, ${firstSubmitOf(batch)} as first_submit_at
      from (select * from change order by broadcast_id) c
      cross join lateral (
        select from broadcasts b where b.scheme_id = c.scheme_id and b.id = c.broadcast_id for update
      ) b
    ), counted as (
      ${countFigures(db, batch, last)}
    )
    select is_held from owner`.execute(db)
  return answer[0]?.isHeld === true
}

/** Counts how the rows of `moved` change the figures of a broadcast. @param became the state of each after the update */
function changeOf(became: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`count(*) filter (where ${became} = 'accepted') - count(*) filter (where was = 'accepted') as accepted,
        count(*) filter (where ${became} = 'delivered' and was <> 'delivered') as delivered,
        count(*) filter (where ${became} = 'in_doubt') - count(*) filter (where was = 'in_doubt') as in_doubt,
        count(*) filter (where ${became} = 'failed' and was <> 'failed') as failed,
        count(*) filter (where ${became} = 'expired') - count(*) filter (where was = 'expired') as expired,
        count(*) filter (where ${became} = 'withdrawn' and was <> 'withdrawn') as withdrawn`
}

/** Adds `figures` to those of their broadcasts. @param last the time of the last row of the batch */
function countFigures(db: Db, { retry }: Batch, last: string): RawBuilder<unknown> {
  return updateMatched(db, {
    table: 'broadcasts b',
    source: sql`figures c`,
    on: sql`b.scheme_id = c.scheme_id and b.id = c.broadcast_id`,
    set: sql`accepted = b.accepted + c.accepted, delivered = b.delivered + c.delivered, in_doubt = b.in_doubt + c.in_doubt,
        failed = b.failed + c.failed, expired = b.expired + c.expired, withdrawn = b.withdrawn + c.withdrawn,
        first_submit_at = coalesce(b.first_submit_at, c.first_submit_at),
        ${retry === undefined ? sql`` : retryAt(retry)}
        -- Counted again: a receipt corrected an expiry.
        tallied_at = case when c.expired < 0 then null else b.tallied_at end,
        all_accepted_at = case when b.all_accepted_at is null and b.in_doubt + c.in_doubt = 0 and b.planned =
            b.accepted + c.accepted + b.delivered + c.delivered + b.failed + c.failed + b.expired + c.expired + b.withdrawn + c.withdrawn
          then ${last}::timestamptz else b.all_accepted_at end,
        state = case when b.state in ('settling', 'stopped') and b.planned =
            b.delivered + c.delivered + b.failed + c.failed + b.expired + c.expired + b.withdrawn + c.withdrawn
          then 'done' else b.state end,
        done_at = case when b.done_at is null and b.planned =
            b.delivered + c.delivered + b.failed + c.failed + b.expired + c.expired + b.withdrawn + c.withdrawn
          then ${last}::timestamptz else b.done_at end`,
  })
}

/** Sets when a broadcast `b` of an alert has phones to be tried again, unless it is already set or the broadcast is stopped. */
function retryAt({ broadcastIds, at }: NonNullable<Batch['retry']>): RawBuilder<unknown> {
  return sql`retry_at = case when b.id = any (${[...broadcastIds]}::uuid[]) and b.alert_id is not null and b.state <> 'stopped'
    then coalesce(b.retry_at, ${iso(at)}::timestamptz) else b.retry_at end,`
}

type Columns = ReturnType<typeof columnsOf>

const idsOf = (joined: RawBuilder<unknown>) => sql`string_to_array(${joined}, ' ')`

/** Merges the ids of delivered parts with those of the batch. */
function deliveredIds(columns: Columns): RawBuilder<unknown> {
  if (columns.deliveredIds === undefined) return sql`d.delivered_ids`
  return sql`case when ${columns.deliveredIds} is null then d.delivered_ids
    else array(select distinct unnest(d.delivered_ids || ${idsOf(columns.deliveredIds)})) end`
}

const whenDeleted = sql`case when exists (
  select from broadcasts b where b.scheme_id = d.scheme_id and b.id = d.broadcast_id and b.state = 'stopped'
) then 'withdrawn' else 'failed' end`

/** Lists what a batch sets of its deliveries; empty: nothing. */
function setsOf(batch: Batch, columns: Columns): RawBuilder<unknown>[] {
  const { state, late } = batch
  const sets = setsOfState(batch, columns)
  if (columns.deliveredIds) sets.push(sql`delivered_ids = ${deliveredIds(columns)}`)
  if (columns.attempts && !late) sets.push(sql`attempts = ${attempts(state, columns.attempts)}`)
  // A receipt may come before any answer, and proves a submission.
  if (columns.attempts && late && state === 'delivered') sets.push(sql`attempts = greatest(d.attempts, 1)`)
  if (columns.gateway) sets.push(sql`gateway = coalesce(${columns.gateway}, d.gateway)`)
  if (columns.error) sets.push(sql`error_code = coalesce(${columns.error}, d.error_code)`)
  if (columns.acceptedAt) sets.push(sql`accepted_at = coalesce(${columns.acceptedAt}, d.accepted_at)`)
  if (state === 'in_doubt') sets.push(sql`in_doubt_at = ${columns.at}`)
  return sets
}

const isFinal = (state: NewState | undefined) => state !== undefined && FINAL_STATES.includes(state)

/** Returns the state that every delivery has which a batch changes; undefined if it depends on the delivery. */
function stateAfter({ state, rows }: Batch): NewState | undefined {
  return state === undefined || !isFinal(state) || isUnsent(state) || rows[0]?.isDeleted === true
    ? undefined
    : state
}

/** Sets state, ids and end of a delivery. */
function setsOfState({ state, rows }: Batch, columns: Columns): RawBuilder<unknown>[] {
  const isOfParts = columns.deliveredIds !== undefined || rows.some(({ ids }) => (ids?.length ?? 0) > 1)
  const setIds = columns.ids === undefined ? [] : [sql`message_ids = ${keptIds(columns)}`]
  if (state !== undefined && isUnsent(state))
    return [
      sql`state = case when ${mayHaveBeenSent} then 'in_doubt' else ${sql.lit(state)} end`,
      sql`settled_at = case when not (${mayHaveBeenSent}) then ${columns.at} end`,
      ...setIds,
    ]
  if (isFinal(state)) {
    const final = rows[0]?.isDeleted === true ? whenDeleted : sql.lit(state)
    return [sql`state = ${final}`, sql`settled_at = ${columns.at}`, ...setIds]
  }
  if (isOfParts) return setsOfParts(state, columns)
  if (state === undefined) return setIds
  if (state === 'in_doubt') return [sql`state = 'in_doubt'`, ...setIds]
  return [sql`state = case when ${isSettled} then d.state else 'accepted' end`, ...setIds]
}

/** The ids of a row, or those of its delivery when it has none. */
function keptIds({ ids }: Columns): RawBuilder<unknown> {
  return ids === undefined ? sql`d.message_ids` : sql`coalesce(${ids}, d.message_ids)`
}

/**
 * Sets state, ids and end of a delivery of several parts: it is delivered with the last of them, whichever process got its
 * receipt.
 */
function setsOfParts(state: NewState | undefined, columns: Columns): RawBuilder<unknown>[] {
  const ids = keptIds(columns)
  const arrived = deliveredIds(columns)
  const hasAll = sql`${arrived} @> ${idsOf(ids)}`
  // In doubt, some ids are missing: as many different ids as parts are all of them.
  const hasAsMany = sql`cardinality(${arrived}) >= (
    select b.parts from broadcasts b where b.scheme_id = d.scheme_id and b.id = d.broadcast_id)`
  const isWhole =
    state === 'accepted'
      ? sql`not ${isSettled} and ${hasAll}`
      : sql`(d.state in ('accepted', 'expired') and ${hasAll} or d.state in ('planned', 'in_doubt') and ${hasAsMany})`
  return [
    sql`state = case when ${isWhole} then 'delivered' ${state === undefined ? sql`` : sql`when not ${isSettled} then ${sql.lit(state)}`} else d.state end`,
    sql`settled_at = case when ${isWhole} then ${columns.at} else d.settled_at end`,
    state === 'accepted'
      ? sql`message_ids = ${ids}`
      : sql`message_ids = case when ${isWhole} and d.state <> 'accepted' then array_to_string(${arrived}, ' ') else ${ids} end`,
  ]
}

function attempts(state: NewState | undefined, count: RawBuilder<unknown>): RawBuilder<unknown> {
  const more = sql`d.attempts + coalesce(${count}, 0)`
  if (state !== 'accepted') return more
  // The receipt came first and has counted the attempt.
  return sql`case when ${isSettled} then greatest(d.attempts, 1) else ${more} end`
}

/** Matches a delivery with a row `o` of the batch. */
function isRow(rows: readonly OutcomeRow[], columns: Columns): RawBuilder<unknown> {
  const [{ schemeId, broadcastId }] = rows as [OutcomeRow]
  if (!isOfOneBroadcast(rows)) {
    // Few rows each, so by the key. Bounds would make the planner read everything between them (measured: 40 x slower).
    return sql`d.scheme_id = ${columns.schemeId} and d.broadcast_id = ${columns.broadcastId} and d.no = o.no`
  }
  let [first, last] = [Number.POSITIVE_INFINITY, 0]
  for (const { no } of rows) {
    first = Math.min(first, no)
    last = Math.max(last, no)
  }
  // The rows of a batch are close together: the range keeps the planner from reading the whole broadcast.
  return sql`d.scheme_id = ${schemeId} and d.broadcast_id = ${broadcastId}::uuid and d.no = o.no
    and d.no between ${first}::int and ${last}::int`
}

function isOfOneBroadcast(rows: readonly OutcomeRow[]): boolean {
  return rows.every(({ broadcastId }) => broadcastId === rows[0]?.broadcastId)
}

/** Returns the time of the first submission for the broadcast of a change `c`, where it is not on disk yet. */
function firstSubmitOf({ rows, firstSubmitAt }: Batch): RawBuilder<unknown> {
  const known = [...new Set(rows.map(({ broadcastId }) => broadcastId))].flatMap((id) => {
    const at = firstSubmitAt.get(id)
    return at === undefined ? [] : [{ id, at: iso(at) }]
  })
  return sql`(${known.map(({ at }) => at)}::timestamptz[])[array_position(${known.map(({ id }) => id)}::uuid[], c.broadcast_id)]`
}

/** Condition of the rows that a batch changes. */
function conditionOf(state: NewState | undefined, late: boolean): RawBuilder<unknown> {
  if (state === undefined) return sql`(d.state not in (${FINAL}) or d.state = 'expired')`
  const from = late && state !== 'delivered' ? ['in_doubt' as const] : mayBecome[state]
  const moves = sql`d.state = any (${anyOf(from)})`
  if (state !== 'accepted') return moves
  // A submit answer written after its receipt still adds the time and the ids.
  return sql`(${moves} or (d.accepted_at is null and d.state <> 'planned'))`
}

/** Logs late accepted answers of deliveries that were resent meanwhile, so that they appear in their history. */
function lateAnswers({ schemeId, broadcastId, at, gateway, ids }: Columns): RawBuilder<unknown> {
  return sql`late as (
    insert into delivery_attempts (scheme_id, broadcast_id, no, at, outcome, gateway, message_ids)
    select ${schemeId}, ${broadcastId}, o.no, ${at}, 'accepted_late', ${gateway ?? null}, ${ids ?? null}
    -- NOT IN is hashed; NOT EXISTS may become a nested loop over both.
    from o where (${schemeId}, ${broadcastId}, o.no) not in (select scheme_id, broadcast_id, no from moved)
  ),`
}
