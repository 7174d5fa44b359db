import { type RawBuilder, sql } from 'kysely'
import type { Deps } from '../deps.ts'
import type { Db } from '../platform/db.ts'
import type { DeliveryState } from '../schema.ts'
import { FINAL_STATES, mayBecome } from './states.ts'

/** What is learnt about one delivery. */
export interface Outcome {
  readonly no: number
  /** `part`: one more part of several is delivered. `retry`: refused for now, it stays planned. */
  readonly kind: 'accepted' | 'delivered' | 'in_doubt' | 'failed' | 'expired' | 'withdrawn' | 'part' | 'retry'
  /** Provider's ids: of every part when accepted, of those answered in doubt, of the delivered ones for `part`. */
  readonly messageIds?: readonly string[]
  /** SMPP command_status or network error. */
  readonly errorCode?: number
  /** Set by what ends a submission through it, which then counts as an attempt. */
  readonly gateway?: string
  /**
   * The worker that submitted. When the others have held it for dead meanwhile, what it learnt only settles what is
   * still in doubt: a newer owner may have sent again.
   */
  readonly workerId?: number
  /** An answer to a submission already told in doubt: it settles what is still in doubt, and nothing else. */
  readonly late?: true
}

type NewState = 'accepted' | 'delivered' | 'in_doubt' | 'failed' | 'expired' | 'withdrawn'

/** A submission that did not settle its delivery. */
interface Attempt {
  readonly no: number
  readonly at: number
  readonly outcome: 'refused' | 'unknown' | 'accepted_late'
  readonly gateway: string | undefined
  readonly errorCode: number | undefined
  readonly messageIds: readonly string[] | undefined
}

/** What of several outcomes of one delivery goes into one row of a batch. */
interface Pending {
  readonly no: number
  state: NewState | undefined
  ids: readonly string[] | undefined
  deliveredIds: string[] | undefined
  error: number | undefined
  gateway: string | undefined
  workerId: number | undefined
  late: boolean
  attempts: number
  acceptedAt: number | undefined
  at: number
}

const strength: Record<NewState, number> = {
  in_doubt: 1,
  accepted: 2,
  delivered: 3,
  failed: 3,
  expired: 3,
  withdrawn: 3,
}

function merge(item: Pending, outcome: Outcome, at: number): void {
  if (outcome.gateway !== undefined) {
    item.gateway = outcome.gateway
    item.attempts += 1
  }
  if (outcome.workerId !== undefined) item.workerId = outcome.workerId
  if (outcome.kind === 'part') {
    item.deliveredIds = [...(item.deliveredIds ?? []), ...(outcome.messageIds ?? [])]
    return
  }
  if (outcome.kind === 'retry') {
    item.error = outcome.errorCode
    return
  }
  if (outcome.kind === 'accepted') item.acceptedAt = at
  if (outcome.messageIds !== undefined) item.ids = outcome.messageIds
  if (item.state === undefined || strength[outcome.kind] > strength[item.state]) {
    if (outcome.kind === 'failed') item.error = outcome.errorCode
    item.state = outcome.kind
    item.at = at
  }
}

/** The outcomes of one shard of a broadcast not yet on disk, one item a delivery. */
interface Buffer {
  readonly schemeId: string
  readonly broadcastId: string
  readonly alertId: string
  readonly key: string
  /** Batches of one shard go one after the other: two at once would lock the same rows in different orders. */
  readonly shard: string
  readonly items: Map<number, Pending>
  readonly attempts: Attempt[]
  readonly written: (() => void)[]
}

/** A flush starts at this many outcomes, or this long after the first one. */
const FLUSH_SIZE = 1000
const FLUSH_MS = 8
const RETRY_MS = 500
/** Neighbouring deliveries share a shard, so that the rows of a batch lie close together. */
const SHARD_RUN = 512

const FINAL = sql.raw(FINAL_STATES.map((state) => `'${state}'`).join(', '))
const anyOf = (states: readonly DeliveryState[]) =>
  sql.raw(`array[${states.map((state) => `'${state}'`).join(',')}]`)

type RecorderDeps = Pick<Deps, 'db' | 'database' | 'now' | 'log' | 'live'>

/**
 * Writes outcomes to the ledger in batches, by size and time; several batches at once where the database has several
 * connections. One statement a batch: the rows, then the figures of the broadcast. A batch that the database refuses to
 * take (it restarts, say) is kept and tried again until it is written.
 */
export class OutcomeRecorder {
  readonly #deps: RecorderDeps
  /** Batches on their way at once. Those of one broadcast are of different shards, so they share no row. */
  readonly #maxFlushes: number
  readonly #shards: number
  readonly #buffers = new Map<string, Buffer>()
  /** When the first message of a broadcast was handed over, until it is on disk. */
  readonly #firstSubmitAt = new Map<string, number>()
  /** Shards with a batch on its way to the disk. */
  readonly #writing = new Set<string>()
  readonly #givenUp: AbortSignal
  #timer: NodeJS.Timeout | undefined
  #idle: (() => void)[] = []

  /** @param givenUp aborts when what is not on disk yet will not be written any more: the process ends. */
  constructor(deps: RecorderDeps, givenUp: AbortSignal) {
    this.#deps = deps
    this.#givenUp = givenUp
    this.#maxFlushes = deps.database.embedded ? 1 : 3
    this.#shards = deps.database.embedded ? 1 : 2
  }

  /** Takes an outcome. `written` is called once it is on disk. */
  add(
    broadcast: { readonly schemeId: string; readonly id: string; readonly alertId: string },
    outcome: Outcome,
    written?: () => void,
  ): void {
    const { no } = outcome
    const shard = `${broadcast.id}:${Math.floor(no / SHARD_RUN) % this.#shards}`
    const key = outcome.late ? `${shard}:late` : shard
    let buffer = this.#buffers.get(key)
    if (buffer === undefined) {
      buffer = {
        schemeId: broadcast.schemeId,
        broadcastId: broadcast.id,
        alertId: broadcast.alertId,
        key,
        shard,
        items: new Map(),
        attempts: [],
        written: [],
      }
      this.#buffers.set(key, buffer)
    }
    const at = this.#deps.now().getTime()
    let item = buffer.items.get(no)
    if (item === undefined) {
      item = {
        no,
        state: undefined,
        ids: undefined,
        deliveredIds: undefined,
        error: undefined,
        gateway: undefined,
        workerId: undefined,
        late: outcome.late ?? false,
        attempts: 0,
        acceptedAt: undefined,
        at,
      }
      buffer.items.set(no, item)
    }
    merge(item, outcome, at)
    if (outcome.gateway !== undefined && (outcome.kind === 'retry' || outcome.kind === 'in_doubt')) {
      const { gateway, errorCode, messageIds } = outcome
      buffer.attempts.push({
        no,
        at,
        outcome: outcome.kind === 'retry' ? 'refused' : 'unknown',
        gateway,
        errorCode,
        messageIds,
      })
    }
    if (written) buffer.written.push(written)
    this.#schedule(buffer)
  }

  /** Notes that the first message of a broadcast is handed to a gateway now. */
  submitting(broadcastId: string): void {
    if (!this.#firstSubmitAt.has(broadcastId))
      this.#firstSubmitAt.set(broadcastId, this.#deps.now().getTime())
  }

  /** Resolves when all that was taken is on disk. */
  async drain(): Promise<void> {
    while (this.#buffers.size > 0 || this.#writing.size > 0) {
      this.#flushAll()
      await new Promise<void>((resolve) => this.#idle.push(resolve))
    }
  }

  #schedule(buffer: Buffer): void {
    if (buffer.items.size >= FLUSH_SIZE && this.#mayStart(buffer)) this.#start(buffer)
    else this.#timer ??= setTimeout(() => this.#flushAll(), FLUSH_MS)
  }

  #mayStart(buffer: Buffer): boolean {
    return this.#writing.size < this.#maxFlushes && !this.#writing.has(buffer.shard)
  }

  #flushAll(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    for (const buffer of this.#buffers.values()) if (this.#mayStart(buffer)) this.#start(buffer)
  }

  #start(buffer: Buffer): void {
    // What comes meanwhile goes into a new buffer.
    this.#buffers.delete(buffer.key)
    this.#writing.add(buffer.shard)
    const written = () => {
      this.#writing.delete(buffer.shard)
      for (const written of buffer.written) written()
      const { schemeId, broadcastId, alertId } = buffer
      this.#deps.live.publish({ type: 'progress', schemeId, alertId, broadcastId })
      for (const next of this.#buffers.values()) this.#schedule(next)
      const idle = this.#idle
      this.#idle = []
      for (const resolve of idle) resolve()
    }
    this.#write(buffer).then(written, (error) =>
      this.#deps.log.error(
        { err: error, outcomes: buffer.items.size },
        'outcomes lost at the end of the process',
      ),
    )
  }

  async #write(buffer: Buffer): Promise<void> {
    const { schemeId, broadcastId } = buffer
    const firstSubmitAt = this.#firstSubmitAt.get(broadcastId)
    // One statement a state: with the state known, the database has no case to weigh at each row.
    const groups = Map.groupBy(
      buffer.items.values(),
      (item) => `${item.state} ${item.workerId ?? ''} ${item.late} ${item.acceptedAt === undefined}`,
    )
    for (const items of groups.values()) {
      const [{ state, workerId, late }] = items as [Pending]
      const batch = { schemeId, broadcastId, firstSubmitAt, state, workerId, late, items }
      if (await this.#untilWritten(items.length, () => writeOutcomes(this.#deps, batch))) continue
      // Held for dead meanwhile: what is in doubt is settled by it, what has a newer owner is left to it.
      this.#deps.log.warn({ outcomes: items.length }, 'outcomes of chunks that have another owner by now')
      await this.#untilWritten(items.length, () =>
        writeOutcomes(this.#deps, { ...batch, workerId: undefined, late: true }),
      )
    }
    if (buffer.attempts.length > 0) {
      await this.#untilWritten(buffer.attempts.length, () =>
        logAttempts(this.#deps.db, schemeId, broadcastId, buffer.attempts),
      )
    }
    this.#firstSubmitAt.delete(broadcastId)
  }

  async #untilWritten<T>(outcomes: number, write: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await write()
      } catch (error) {
        if (this.#givenUp.aborted) throw error
        this.#deps.log.error({ err: error, outcomes }, 'outcomes not written yet, trying again')
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
      }
    }
  }
}

const iso = (ms: number) => new Date(ms).toISOString()

async function logAttempts(
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

interface Batch {
  readonly schemeId: string
  readonly broadcastId: string
  readonly firstSubmitAt: number | undefined
  /** What all of `items` become; undefined: they keep their state. */
  readonly state: NewState | undefined
  /** Nothing is written when this worker is registered no more. */
  readonly workerId: number | undefined
  readonly late: boolean
  readonly items: readonly Pending[]
}

/**
 * One array a column that the batch needs: a value that all rows share is a constant of the statement, one that none has
 * is not there. What the database reads, parses and writes a row is what bounds the whole program.
 */
function columnsOf(items: readonly Pending[], firstAt: number) {
  const columns: RawBuilder<unknown>[] = []
  const names: RawBuilder<unknown>[] = []
  /** @returns how the statement writes the value; undefined: no row has one. */
  function column(name: string, type: string, read: (item: Pending) => string | number | undefined) {
    const values = items.map(read)
    const [first] = values
    if (values.every((value) => value === first)) {
      return first === undefined ? undefined : sql`${first}::${sql.raw(type)}`
    }
    columns.push(sql`${values.map((value) => value ?? null)}::${sql.raw(type)}[]`)
    names.push(sql.raw(name))
    return sql.raw(`o.${name}`)
  }
  const instant = (name: string, read: (item: Pending) => number | undefined) => {
    const offset = column(name, 'int', (item) => {
      const at = read(item)
      return at === undefined ? undefined : at - firstAt
    })
    return offset && sql`${iso(firstAt)}::timestamptz + ${offset} * interval '1 ms'`
  }
  columns.push(sql`${items.map(({ no }) => no)}::int[]`)
  names.push(sql.raw('no'))
  return {
    ids: column('ids', 'text', ({ ids }) => ids?.join(' ')),
    deliveredIds: column('delivered_ids', 'text', ({ deliveredIds }) => deliveredIds?.join(' ')),
    error: column('error_code', 'int', ({ error }) => error),
    attempts: column('attempts', 'int', ({ attempts }) => attempts || undefined),
    gateway: column('gateway', 'text', ({ gateway }) => gateway),
    acceptedAt: instant('accepted_at', ({ acceptedAt }) => acceptedAt),
    at: instant('at', ({ at }) => at),
    rows: sql`unnest(${sql.join(columns)}) as o(${sql.join(names)})`,
  }
}

/** @returns false, with nothing written, when the worker of the batch is registered no more. */
async function writeOutcomes(deps: Pick<Deps, 'db'>, batch: Batch): Promise<boolean> {
  const { schemeId, broadcastId, firstSubmitAt, state, workerId, late, items } = batch
  // Answers of a worker that lost its chunks say nothing new of what is in doubt.
  if (late && (state === undefined || state === 'in_doubt' || state === 'withdrawn')) return true
  let [firstNo, lastNo, firstAt, lastAt] = [Number.POSITIVE_INFINITY, 0, Number.POSITIVE_INFINITY, 0]
  for (const { no, at, acceptedAt } of items) {
    firstNo = Math.min(firstNo, no)
    lastNo = Math.max(lastNo, no)
    firstAt = Math.min(firstAt, acceptedAt ?? at, at)
    lastAt = Math.max(lastAt, at)
  }
  const last = iso(lastAt)
  const columns = columnsOf(items, firstAt)
  const sets = [
    ...(state === undefined
      ? []
      : state === 'accepted'
        ? [sql`state = case when d.state in (${FINAL}) then d.state else 'accepted' end`]
        : [sql`state = ${sql.lit(state)}`]),
    ...(columns.ids ? [sql`message_ids = coalesce(${columns.ids}, d.message_ids)`] : []),
    ...(columns.deliveredIds
      ? [
          sql`delivered_ids = case when ${columns.deliveredIds} is null then d.delivered_ids
            else array(select distinct unnest(d.delivered_ids || string_to_array(${columns.deliveredIds}, ' '))) end`,
        ]
      : []),
    // The attempt of a late answer was counted when it was put in doubt.
    ...(columns.attempts && !late ? [sql`attempts = d.attempts + coalesce(${columns.attempts}, 0)`] : []),
    ...(columns.gateway ? [sql`gateway = coalesce(${columns.gateway}, d.gateway)`] : []),
    ...(columns.error ? [sql`error_code = coalesce(${columns.error}, d.error_code)`] : []),
    ...(columns.acceptedAt ? [sql`accepted_at = coalesce(${columns.acceptedAt}, d.accepted_at)`] : []),
    ...(state === 'in_doubt' ? [sql`in_doubt_at = ${columns.at}`] : []),
    ...(state !== undefined && FINAL_STATES.includes(state) ? [sql`settled_at = ${columns.at}`] : []),
  ]
  const fence = workerId === undefined ? sql`true` : sql`exists (select from workers where id = ${workerId})`
  const { rows } = await sql<{ isHeld: boolean }>`
    with owner as (
      select ${fence} as is_held
    ), o as (
      select * from ${columns.rows}
    ), moved as (
      update deliveries d set ${sql.join(sets)}
      from o
      where d.scheme_id = ${schemeId} and d.broadcast_id = ${broadcastId}::uuid and d.no = o.no
        -- A batch lies close together: the range keeps the planner from reading the whole broadcast for it.
        and d.no between ${firstNo}::int and ${lastNo}::int
        and (select is_held from owner) and ${conditionOf(state, late)}
      returning old.state as was, new.state as became, d.no
    ), ${late && state === 'accepted' ? lateAnswers(batch, columns) : sql``}
    change as (
      select
        count(*) filter (where became = 'accepted') - count(*) filter (where was = 'accepted') as accepted,
        count(*) filter (where became = 'delivered' and was <> 'delivered') as delivered,
        count(*) filter (where became = 'in_doubt') - count(*) filter (where was = 'in_doubt') as in_doubt,
        count(*) filter (where became = 'failed' and was <> 'failed') as failed,
        count(*) filter (where became = 'expired' and was <> 'expired') as expired,
        count(*) filter (where became = 'withdrawn' and was <> 'withdrawn') as withdrawn
      from moved
    ), counted as (
      update broadcasts b set
        accepted = b.accepted + c.accepted, delivered = b.delivered + c.delivered, in_doubt = b.in_doubt + c.in_doubt,
        failed = b.failed + c.failed, expired = b.expired + c.expired, withdrawn = b.withdrawn + c.withdrawn,
        first_submit_at = coalesce(b.first_submit_at, ${firstSubmitAt === undefined ? null : iso(firstSubmitAt)}::timestamptz),
        all_accepted_at = case when b.all_accepted_at is null and b.in_doubt + c.in_doubt = 0 and b.planned =
            b.accepted + c.accepted + b.delivered + c.delivered + b.failed + c.failed + b.expired + c.expired + b.withdrawn + c.withdrawn
          then ${last}::timestamptz else b.all_accepted_at end,
        state = case when b.state in ('settling', 'stopped') and b.planned =
            b.delivered + c.delivered + b.failed + c.failed + b.expired + c.expired + b.withdrawn + c.withdrawn
          then 'done' else b.state end,
        done_at = case when b.done_at is null and b.planned =
            b.delivered + c.delivered + b.failed + c.failed + b.expired + c.expired + b.withdrawn + c.withdrawn
          then ${last}::timestamptz else b.done_at end
      from change c
      where b.scheme_id = ${schemeId} and b.id = ${broadcastId}::uuid
    )
    select is_held from owner`.execute(deps.db)
  return rows[0]?.isHeld === true
}

/** Which rows a batch changes. */
function conditionOf(state: NewState | undefined, late: boolean): RawBuilder<unknown> {
  if (state === undefined) return sql`d.state not in (${FINAL})`
  const from = late && state !== 'delivered' ? ['in_doubt' as const] : mayBecome[state]
  const moves = sql`d.state = any (${anyOf(from)})`
  if (state !== 'accepted') return moves
  // A submit answer written after its receipt still says when and under which ids.
  return sql`(${moves} or (d.accepted_at is null and d.state <> 'planned'))`
}

/** What a provider accepted of deliveries that were sent again meanwhile: known, and told to who asks. */
function lateAnswers(
  { schemeId, broadcastId }: Batch,
  { at, gateway, ids }: ReturnType<typeof columnsOf>,
): RawBuilder<unknown> {
  return sql`late as (
    insert into delivery_attempts (scheme_id, broadcast_id, no, at, outcome, gateway, message_ids)
    select ${schemeId}, ${broadcastId}::uuid, o.no, ${at}, 'accepted_late', ${gateway ?? null}, ${ids ?? null}
    from o where o.no not in (select no from moved)
  ),`
}
