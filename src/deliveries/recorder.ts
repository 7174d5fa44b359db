import { sql } from 'kysely'
import type { Deps } from '../deps.ts'
import { FINAL_STATES, mayBecome } from './states.ts'

/** What is learnt about one delivery. */
export interface Outcome {
  readonly no: number
  /** `part`: one more part of several is delivered. `retry`: refused for now, it stays planned. */
  readonly kind: 'accepted' | 'delivered' | 'in_doubt' | 'failed' | 'expired' | 'withdrawn' | 'part' | 'retry'
  /** Provider's ids: of every part when accepted, of the delivered ones for `part`. */
  readonly messageIds?: readonly string[]
  /** SMPP command_status or network error. */
  readonly errorCode?: number
  /** Set by what ends a submission through it, which then counts as an attempt. */
  readonly gateway?: string
}

type NewState = 'accepted' | 'delivered' | 'in_doubt' | 'failed' | 'expired' | 'withdrawn'

/** What of several outcomes of one delivery goes into one row of a batch. */
interface Pending {
  readonly no: number
  state: NewState | undefined
  ids: readonly string[] | undefined
  deliveredIds: string[] | undefined
  error: number | undefined
  gateway: string | undefined
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
  if (outcome.kind === 'part') {
    item.deliveredIds = [...(item.deliveredIds ?? []), ...(outcome.messageIds ?? [])]
    return
  }
  if (outcome.kind === 'retry') {
    item.error = outcome.errorCode
    return
  }
  if (outcome.kind === 'accepted') {
    item.acceptedAt = at
    item.ids = outcome.messageIds
  }
  if (item.state === undefined || strength[outcome.kind] > strength[item.state]) {
    if (outcome.kind === 'failed') item.error = outcome.errorCode
    item.state = outcome.kind
    item.at = at
  }
}

/** The outcomes of one broadcast not yet on disk, one item a delivery. */
interface Buffer {
  readonly schemeId: string
  readonly broadcastId: string
  readonly alertId: string
  readonly items: Map<number, Pending>
  readonly written: (() => void)[]
}

/** A flush starts at this many outcomes, or this long after the first one. */
const FLUSH_SIZE = 1000
const FLUSH_MS = 8
const RETRY_MS = 500

const FINAL = sql.raw(FINAL_STATES.map((state) => `'${state}'`).join(', '))
const sources = (state: keyof typeof mayBecome) =>
  sql.raw(`array[${mayBecome[state].map((from) => `'${from}'`).join(',')}]`)

/**
 * Writes outcomes to the ledger in batches, by size and time; batches of different broadcasts at once where the database
 * has several connections. One statement a batch: the rows, then the figures of the broadcast. A batch that the database refuses to
 * take (it restarts, say) is kept and tried again until it is written.
 */
export class OutcomeRecorder {
  readonly #deps: Pick<Deps, 'db' | 'database' | 'now' | 'log' | 'live'>
  /** Batches on their way at once, each of another broadcast. */
  readonly #maxFlushes: number
  readonly #buffers = new Map<string, Buffer>()
  /** When the first message of a broadcast was handed over, until it is on disk. */
  readonly #firstSubmitAt = new Map<string, number>()
  /** Broadcasts with a batch on its way to the disk. */
  readonly #writing = new Set<string>()
  #timer: NodeJS.Timeout | undefined
  #idle: (() => void)[] = []

  constructor(deps: Pick<Deps, 'db' | 'database' | 'now' | 'log' | 'live'>) {
    this.#deps = deps
    this.#maxFlushes = deps.database.embedded ? 1 : 3
  }

  /** Takes an outcome. `written` is called once it is on disk. */
  add(
    broadcast: { readonly schemeId: string; readonly id: string; readonly alertId: string },
    outcome: Outcome,
    written?: () => void,
  ): void {
    let buffer = this.#buffers.get(broadcast.id)
    if (buffer === undefined) {
      buffer = {
        schemeId: broadcast.schemeId,
        broadcastId: broadcast.id,
        alertId: broadcast.alertId,
        items: new Map(),
        written: [],
      }
      this.#buffers.set(broadcast.id, buffer)
    }
    const at = this.#deps.now().getTime()
    let item = buffer.items.get(outcome.no)
    if (item === undefined) {
      item = {
        no: outcome.no,
        state: undefined,
        ids: undefined,
        deliveredIds: undefined,
        error: undefined,
        gateway: undefined,
        attempts: 0,
        acceptedAt: undefined,
        at,
      }
      buffer.items.set(outcome.no, item)
    }
    merge(item, outcome, at)
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

  /** Batches of one broadcast go one after the other: two at once would lock the same rows in different orders. */
  #mayStart(buffer: Buffer): boolean {
    return this.#writing.size < this.#maxFlushes && !this.#writing.has(buffer.broadcastId)
  }

  #flushAll(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    for (const buffer of this.#buffers.values()) if (this.#mayStart(buffer)) this.#start(buffer)
  }

  #start(buffer: Buffer): void {
    // What comes meanwhile goes into a new buffer.
    this.#buffers.delete(buffer.broadcastId)
    this.#writing.add(buffer.broadcastId)
    void this.#write(buffer).then(() => {
      this.#writing.delete(buffer.broadcastId)
      for (const written of buffer.written) written()
      const { schemeId, broadcastId, alertId } = buffer
      this.#deps.live.publish({ type: 'progress', schemeId, alertId, broadcastId })
      for (const next of this.#buffers.values()) this.#schedule(next)
      const idle = this.#idle
      this.#idle = []
      for (const resolve of idle) resolve()
    })
  }

  async #write(buffer: Buffer): Promise<void> {
    const { schemeId, broadcastId } = buffer
    const firstSubmitAt = this.#firstSubmitAt.get(broadcastId)
    // One statement a state: with the state known, the database has no case to weigh at each row.
    for (const [state, items] of Map.groupBy(buffer.items.values(), (item) => item.state)) {
      for (;;) {
        try {
          await writeOutcomes(this.#deps, { schemeId, broadcastId, firstSubmitAt, state, items })
          break
        } catch (error) {
          this.#deps.log.error(
            { err: error, outcomes: items.length },
            'outcomes not written yet, trying again',
          )
          await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
        }
      }
    }
    this.#firstSubmitAt.delete(broadcastId)
  }
}

const iso = (ms: number) => new Date(ms).toISOString()

interface Batch {
  readonly schemeId: string
  readonly broadcastId: string
  readonly firstSubmitAt: number | undefined
  /** What all of `items` become; undefined: they keep their state. */
  readonly state: NewState | undefined
  readonly items: readonly Pending[]
}

async function writeOutcomes(deps: Pick<Deps, 'db'>, batch: Batch): Promise<void> {
  const { schemeId, broadcastId, firstSubmitAt, state, items } = batch
  let [firstNo, lastNo, firstAt, lastAt] = [Number.POSITIVE_INFINITY, 0, Number.POSITIVE_INFINITY, 0]
  for (const { no, at, acceptedAt } of items) {
    firstNo = Math.min(firstNo, no)
    lastNo = Math.max(lastNo, no)
    firstAt = Math.min(firstAt, acceptedAt ?? at, at)
    lastAt = Math.max(lastAt, at)
  }
  const last = iso(lastAt)
  const isFinal = state !== undefined && FINAL_STATES.includes(state)
  const at = sql`${iso(firstAt)}::timestamptz + o.at * interval '1 ms'`
  const kept = sql`d.state not in (${FINAL})`
  await sql`
    with o as (
      select * from unnest(
        ${items.map((item) => item.no)}::int[], ${items.map((item) => item.ids?.join(' ') ?? null)}::text[],
        ${items.map((item) => item.deliveredIds?.join(' ') ?? null)}::text[], ${items.map((item) => item.error ?? null)}::int[],
        ${items.map((item) => item.attempts)}::int[], ${items.map((item) => item.gateway ?? null)}::text[],
        ${items.map((item) => (item.acceptedAt === undefined ? null : item.acceptedAt - firstAt))}::int[],
        ${items.map((item) => item.at - firstAt)}::int[]
      ) as o(no, ids, delivered_ids, error_code, attempts, gateway, accepted_at, at)
    ), moved as (
      update deliveries d set
        state = ${state === undefined ? sql`d.state` : state === 'accepted' ? sql`case when ${kept} then 'accepted' else d.state end` : sql.lit(state)},
        message_ids = coalesce(string_to_array(o.ids, ' '), d.message_ids),
        delivered_ids = case when o.delivered_ids is null then d.delivered_ids
          else array(select distinct unnest(d.delivered_ids || string_to_array(o.delivered_ids, ' '))) end,
        attempts = d.attempts + o.attempts,
        gateway = coalesce(o.gateway, d.gateway),
        error_code = coalesce(o.error_code, d.error_code),
        accepted_at = coalesce(${iso(firstAt)}::timestamptz + o.accepted_at * interval '1 ms', d.accepted_at),
        in_doubt_at = ${state === 'in_doubt' ? at : sql`d.in_doubt_at`},
        settled_at = ${isFinal ? at : sql`d.settled_at`}
      from o
      where d.scheme_id = ${schemeId} and d.broadcast_id = ${broadcastId}::uuid and d.no = o.no
        -- A batch lies close together: the range keeps the planner from reading the whole broadcast for it.
        and d.no between ${firstNo}::int and ${lastNo}::int
        and ${
          state === undefined
            ? kept
            : state === 'accepted'
              ? // A submit answer written after its receipt still says when and under which ids.
                sql`(d.state = any (${sources(state)}) or d.accepted_at is null)`
              : sql`d.state = any (${sources(state)})`
        }
      returning old.state as was, new.state as became
    ), change as (
      select
        count(*) filter (where became = 'accepted') - count(*) filter (where was = 'accepted') as accepted,
        count(*) filter (where became = 'delivered' and was <> 'delivered') as delivered,
        count(*) filter (where became = 'in_doubt') - count(*) filter (where was = 'in_doubt') as in_doubt,
        count(*) filter (where became = 'failed' and was <> 'failed') as failed,
        count(*) filter (where became = 'expired' and was <> 'expired') as expired,
        count(*) filter (where became = 'withdrawn' and was <> 'withdrawn') as withdrawn
      from moved
    )
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
    where b.scheme_id = ${schemeId} and b.id = ${broadcastId}::uuid`.execute(deps.db)
}
