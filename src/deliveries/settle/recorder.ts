import type { Deps } from '../../deps.ts'
import { type Attempt, logAttempts, type NewState, type OutcomeRow, writeOutcomes } from './ledger.ts'
import { anyMemoryFullCodes } from './memory-full.ts'
import { isRefusedValue, writeInHalves } from './write-in-halves.ts'

/** An outcome of one delivery. */
export interface Outcome {
  readonly no: number
  /**
   * `part`: one more part of several is delivered. `retry`: refused temporarily, still planned. `deleted`: deleted by
   * the provider, so withdrawn when its broadcast was stopped, else failed.
   */
  readonly kind: NewState | 'part' | 'retry' | 'deleted'
  /**
   * Provider's ids: of every part when accepted, of the answered ones when in doubt, of the delivered ones for `part`.
   */
  readonly messageIds?: readonly string[]
  /** SMPP command_status or network error. */
  readonly errorCode?: number
  /** The gateway of the submission that ended, which then counts as an attempt. */
  readonly gateway?: string
  /**
   * The worker that submitted. When the others considered it dead meanwhile, the outcome only settles a delivery still
   * in doubt: a newer owner may have sent it again.
   */
  readonly workerId?: number
  /** A late answer to a submission already recorded as in doubt: it settles a delivery still in doubt, nothing else. */
  readonly late?: true
}

/** Outcomes of one delivery, merged into one row of a batch. */
type Pending = { -readonly [K in keyof OutcomeRow]: OutcomeRow[K] }

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
  // A provider may give no id, or not for every part: a part without one is matched by its reference.
  if (outcome.messageIds !== undefined)
    item.ids = outcome.messageIds.includes('')
      ? outcome.messageIds.filter((id) => id !== '')
      : outcome.messageIds
  const state = outcome.kind === 'deleted' ? 'failed' : outcome.kind
  if (item.state === undefined || strength[state] > strength[item.state]) {
    if (state === 'failed') item.error = outcome.errorCode
    item.state = state
    item.isDeleted = outcome.kind === 'deleted'
    item.at = at
  }
}

/** Keeps what receipts reported about the parts of a delivery, without the worker's outcome. */
function partsOf(item: Pending): Pending {
  const none = undefined
  return { ...item, state: none, ids: none, error: none, gateway: none, acceptedAt: none, attempts: 0 }
}

/** The outcomes of one shard of a broadcast not yet on disk, one item per delivery. */
interface Buffer {
  readonly schemeId: string
  readonly broadcastId: string
  readonly alertId: string | null
  readonly key: string
  readonly shard: string
  readonly items: Map<number, Pending>
  readonly attempts: Attempt[]
  readonly written: (() => void)[]
}

/** A flush starts at this many outcomes, or this long after the first one. */
const FLUSH_SIZE = 1000
const FLUSH_MS = 1
/** Broadcasts with fewer outcomes share a flush: each statement has a fixed cost. */
const SMALL = 250
const RETRY_MS = 500
/** Neighbouring deliveries share a shard, so that the rows of a batch lie close together. */
const SHARD_RUN = 512

const lateKeyOf = (shard: string) => `${shard}:late`
const sizeOf = (buffers: readonly Buffer[]) => buffers.reduce((sum, { items }) => sum + items.size, 0)

type RecorderDeps = Pick<Deps, 'db' | 'database' | 'now' | 'log' | 'live' | 'config'>

/**
 * Writes outcomes to the ledger in batches, by size and time; several batches at once where the database has several
 * connections. Each batch is one statement: the rows, then the figures of their broadcasts. A batch that the database
 * cannot take (during a restart, say) is kept and retried until it is written. A batch with a value that the database
 * cannot hold is split down to that row: only the provider's values of that delivery are left out.
 */
export class OutcomeRecorder {
  readonly #deps: RecorderDeps
  /** Maximum concurrent batches, which share no row. */
  readonly #maxFlushes: number
  readonly #shards: number
  readonly #buffers = new Map<string, Buffer>()
  /** Time of the first submission by broadcast, until it is on disk. */
  readonly #firstSubmitAt = new Map<string, number>()
  #flushes = 0
  /** Shards with a batch being written: another one could lock the same rows in another order. */
  readonly #shardsWriting = new Set<string>()
  /** Number of batches being written, by broadcast. */
  readonly #broadcastsWriting = new Map<string, number>()
  readonly #givenUp: AbortSignal
  readonly #memoryFull: ReadonlySet<number>
  #timer: NodeJS.Timeout | undefined
  #idle: (() => void)[] = []

  /** @param givenUp aborts at the end of the process, when unwritten outcomes are abandoned. */
  constructor(deps: RecorderDeps, givenUp: AbortSignal) {
    this.#deps = deps
    this.#givenUp = givenUp
    this.#memoryFull = anyMemoryFullCodes(deps.config)
    this.#maxFlushes = deps.database.embedded ? 1 : 4
    this.#shards = deps.database.embedded ? 1 : 3
  }

  /** Adds an outcome. Calls `written` once it is on disk. */
  add(
    broadcast: { readonly schemeId: string; readonly id: string; readonly alertId: string | null },
    outcome: Outcome,
    written?: () => void,
  ): void {
    const { no } = outcome
    const { schemeId, id: broadcastId, alertId } = broadcast
    const shard = `${broadcastId}:${Math.floor(no / SHARD_RUN) % this.#shards}`
    const key = outcome.late ? lateKeyOf(shard) : shard
    let buffer = this.#buffers.get(key)
    if (buffer === undefined) {
      buffer = { schemeId, broadcastId, alertId, key, shard, items: new Map(), attempts: [], written: [] }
      this.#buffers.set(key, buffer)
    }
    const at = this.#deps.now().getTime()
    let item = buffer.items.get(no)
    if (item === undefined) {
      item = {
        schemeId,
        broadcastId,
        no,
        state: undefined,
        isDeleted: false,
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

  /** Records that the first message of a broadcast is handed to a gateway now. */
  submitting(broadcastId: string): void {
    if (!this.#firstSubmitAt.has(broadcastId))
      this.#firstSubmitAt.set(broadcastId, this.#deps.now().getTime())
  }

  /** Resolves when all outcomes are on disk. */
  async drain(): Promise<void> {
    while (this.#buffers.size > 0 || this.#flushes > 0) {
      this.#flushAll()
      await new Promise<void>((resolve) => this.#idle.push(resolve))
    }
  }

  #schedule({ shard, items }: Buffer): void {
    if (items.size >= FLUSH_SIZE && this.#mayStart(shard)) this.#start(this.#ofShard(shard))
    else this.#timer ??= setTimeout(() => this.#flushAll(), FLUSH_MS)
  }

  #mayStart(shard: string): boolean {
    return this.#flushes < this.#maxFlushes && !this.#shardsWriting.has(shard)
  }

  /**
   * Returns the waiting buffers of a shard. Late answers are not written before earlier outcomes: they settle their
   * doubt.
   */
  #ofShard(shard: string): Buffer[] {
    const buffers = [this.#buffers.get(shard), this.#buffers.get(lateKeyOf(shard))]
    return buffers.filter((buffer) => buffer !== undefined)
  }

  #flushAll(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const small: Buffer[][] = []
    for (const shard of new Set(Array.from(this.#buffers.values(), (buffer) => buffer.shard))) {
      if (!this.#mayStart(shard)) continue
      const buffers = this.#ofShard(shard)
      if (sizeOf(buffers) >= SMALL) this.#start(buffers)
      else small.push(buffers)
    }
    let together: Buffer[] = []
    let size = 0
    for (const buffers of small) {
      const [{ shard, broadcastId }] = buffers as [Buffer]
      if (!this.#mayStart(shard)) continue
      // Two batches of the same broadcasts could lock their figures in different orders.
      if (this.#broadcastsWriting.has(broadcastId)) continue
      together.push(...buffers)
      size += sizeOf(buffers)
      if (size < FLUSH_SIZE) continue
      this.#start(together)
      together = []
      size = 0
    }
    if (together.length > 0) this.#start(together)
  }

  #start(buffers: readonly Buffer[]): void {
    this.#flushes += 1
    const broadcastIds = new Set(buffers.map(({ broadcastId }) => broadcastId))
    for (const buffer of buffers) {
      // Outcomes added meanwhile go into a new buffer.
      this.#buffers.delete(buffer.key)
      this.#shardsWriting.add(buffer.shard)
    }
    for (const id of broadcastIds) this.#broadcastsWriting.set(id, (this.#broadcastsWriting.get(id) ?? 0) + 1)
    const written = () => {
      this.#flushes -= 1
      for (const id of broadcastIds) {
        const left = (this.#broadcastsWriting.get(id) ?? 1) - 1
        if (left > 0) this.#broadcastsWriting.set(id, left)
        else this.#broadcastsWriting.delete(id)
      }
      for (const buffer of buffers) {
        this.#shardsWriting.delete(buffer.shard)
        for (const done of buffer.written) done()
      }
      for (const { schemeId, broadcastId, alertId } of buffers)
        if (alertId !== null) this.#deps.live.publish({ type: 'progress', schemeId, alertId, broadcastId })
      for (const next of this.#buffers.values()) this.#schedule(next)
      const idle = this.#idle
      this.#idle = []
      for (const resolve of idle) resolve()
    }
    this.#write(buffers).then(written, (error) =>
      this.#deps.log.error({ err: error }, 'outcomes lost at the end of the process'),
    )
  }

  async #write(buffers: readonly Buffer[]): Promise<void> {
    // One statement per state: with a known state, the database evaluates no CASE for each row.
    const groups = Map.groupBy(
      buffers.flatMap(({ items }) => [...items.values()]),
      (item) =>
        `${item.state} ${item.isDeleted} ${item.workerId ?? ''} ${item.late} ${item.acceptedAt === undefined}`,
    )
    // A late answer settles a doubt that may be in the same batch.
    for (const late of [false, true])
      for (const rows of groups.values()) if (rows[0]?.late === late) await this.#writeRows(rows)
    for (const { schemeId, broadcastId, attempts } of buffers) {
      this.#firstSubmitAt.delete(broadcastId)
      await writeInHalves(
        attempts,
        (some) =>
          this.#untilWritten(some.length, () => logAttempts(this.#deps.db, schemeId, broadcastId, some)),
        (attempt, error) => this.#logBare(schemeId, broadcastId, attempt, error),
      )
    }
  }

  /** Writes the rows of one group. */
  #writeRows(group: readonly Pending[]): Promise<void> {
    return writeInHalves(
      group,
      async (rows) => {
        const [{ state, workerId, late }] = rows as [Pending]
        const retry = state === 'failed' ? this.#retryOf(rows) : undefined
        const batch = { state, workerId, late, rows, firstSubmitAt: this.#firstSubmitAt, retry }
        if (await this.#untilWritten(rows.length, () => writeOutcomes(this.#deps.db, batch))) return
        // Considered dead meanwhile: the outcomes settle deliveries in doubt; a newer owner settles its own.
        this.#deps.log.warn({ outcomes: rows.length }, 'outcomes of chunks that have another owner by now')
        const settles = state !== 'in_doubt' && state !== 'withdrawn'
        const settlingRows = settles
          ? rows
          : rows.filter(({ deliveredIds }) => deliveredIds !== undefined).map(partsOf)
        if (settlingRows.length === 0) return
        const settling = settles ? batch : { ...batch, state: undefined, rows: settlingRows }
        await this.#untilWritten(settlingRows.length, () =>
          writeOutcomes(this.#deps.db, { ...settling, workerId: undefined, late: true }),
        )
      },
      (row, error) => this.#writeBare(row, error),
    )
  }

  /** Returns the broadcasts of failed rows that have phones to try again, whose memory was full. */
  #retryOf(rows: readonly Pending[]) {
    const seconds = this.#deps.config.memoryFullSeconds
    const full = rows.filter(({ error }) => error !== undefined && this.#memoryFull.has(error))
    if (seconds === 'never' || full.length === 0) return undefined
    const at = Math.min(...full.map((row) => row.at)) + seconds * 1000
    return { broadcastIds: [...new Set(full.map(({ broadcastId }) => broadcastId))], at }
  }

  /** Writes an outcome without the provider's values, one of which the database refused. */
  async #writeBare(row: Pending, error: unknown): Promise<void> {
    const { broadcastId, no } = row
    this.#deps.log.error({ err: error, broadcastId, no }, 'a value of a provider left out of the ledger')
    const bare = { ...row, ids: undefined, deliveredIds: undefined, error: undefined }
    const { state, workerId, late } = bare
    const batch = { state, workerId, late, rows: [bare], firstSubmitAt: this.#firstSubmitAt }
    await this.#untilWritten(1, () => writeOutcomes(this.#deps.db, batch)).catch((second) => {
      if (!isRefusedValue(second)) throw second
      this.#deps.log.error({ err: second, broadcastId, no }, 'an outcome not written')
    })
  }

  async #logBare(schemeId: string, broadcastId: string, attempt: Attempt, error: unknown): Promise<void> {
    const { no } = attempt
    this.#deps.log.error({ err: error, broadcastId, no }, 'a value of a provider left out of an attempt')
    const bare = { ...attempt, errorCode: undefined, messageIds: undefined }
    await this.#untilWritten(1, () => logAttempts(this.#deps.db, schemeId, broadcastId, [bare])).catch(
      (second) => {
        if (!isRefusedValue(second)) throw second
        this.#deps.log.error({ err: second, broadcastId, no }, 'an attempt not written')
      },
    )
  }

  /** @throws errors that a retry cannot fix: `isRefusedValue`, or any at the end of the process. */
  async #untilWritten<T>(outcomes: number, write: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await write()
      } catch (error) {
        if (this.#givenUp.aborted || isRefusedValue(error)) throw error
        this.#deps.log.error({ err: error, outcomes }, 'outcomes not written yet, trying again')
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
      }
    }
  }
}
