import { sql } from 'kysely'
import type { Deps } from '../deps.ts'
import type { JobPayloads } from '../jobs.ts'
import { segmentMessage } from '../message/segment.ts'
import { asOwner } from '../platform/db.ts'
import {
  type ClaimedChunk,
  claimChunks,
  expireDeliveries,
  findHeldChunks,
  findUnfinished,
  finishSubmitting,
  nextChunkInMs,
  releaseChunks,
  resendInDoubt,
  settleDeadWorkers,
} from './claims.ts'
import type { SmsGateway, SmsMessage, SubmitOutcome } from './gateway.ts'
import { chunkSizeFor } from './plan.ts'
import { type BroadcastRef, ReceiptMatcher } from './receipts.ts'
import { type Outcome, OutcomeRecorder } from './recorder.ts'

/** How often a running broadcast is asked whether it was stopped or is out of date. */
const WATCH_MS = 400
/** How often what is in doubt, out of date or held by a dead worker is looked at. */
const SETTLE_MS = 1000
/** How long a claim may be on disk without being in hand: far longer than the answer to a claim takes. */
const ORPHAN_MS = 10_000
/** How often receipts that nobody awaits any more are forgotten. */
const PRUNE_MS = 60_000
/** Wait before what a provider refused for now, or could not be handed over, is tried again: 1 s, 2 s, 4 s… */
const RETRY_BASE_MS = 1000
const RETRY_MAX_MS = 30_000

export interface Dispatcher {
  /** Sends nothing more, waits for the answers on their way (`graceMs` at most), and writes all of them. */
  stop(graceMs: number): Promise<void>
}

interface Broadcast extends BroadcastRef {
  readonly message: SmsMessage
  readonly simulated: boolean
  readonly validUntil: Date
}

/**
 * Sends what broadcasts have planned, and accounts for it: claims chunks, hands them to a gateway, writes the
 * answers and receipts, settles what former processes left. Starts the gateways of `deps`; stopping them, after the
 * dispatcher, is the caller's.
 */
export async function startDispatcher(deps: Deps): Promise<Dispatcher> {
  const { db, now, log } = deps
  const workerId = Math.floor(deps.random() * Number.MAX_SAFE_INTEGER)
  const releaseWorkerLock = await holdWorkerLock(deps, workerId)
  const recorder = new OutcomeRecorder(deps)
  const receipts = new ReceiptMatcher(deps, recorder)
  const budget = new Budget(deps.config.smpp.window * deps.config.smpp.links)
  const stopping = new AbortController()
  const running = new Map<string, Promise<void>>()
  /** Chunks that this process works on. */
  const inHand = new Set<string>()
  /** Broadcasts that no gateway fits: said once. */
  const withoutRoute = new Set<string>()

  await receipts.load()
  // Before the first link: a provider sends what it kept as soon as we are bound.
  for (const gateway of deps.gateways) gateway.onReceipts((batch) => receipts.take(batch))
  await Promise.all(deps.gateways.map((gateway) => gateway.start()))

  await settleDeadWorkers(db, workerId, now(), (id) => isDead(deps, id))
  // The job only wakes: the chunks on disk are the work, and the look-out below finds those whose job was lost.
  await deps.jobs.work('broadcast.dispatch', 4, async (payload) => wake([payload]))
  wake(await findUnfinished(db))

  let prunedAt = performance.now()
  let settling = Promise.resolve()
  const timer = setInterval(() => {
    settling = settling
      .then(settle)
      .catch((error) => log.error({ err: error }, 'settling failed, trying again'))
  }, SETTLE_MS)

  async function settle(): Promise<void> {
    if (stopping.signal.aborted) return
    const put = await settleDeadWorkers(db, workerId, now(), (id) => isDead(deps, id))
    if (put > 0)
      log.warn({ deliveries: put }, 'a worker ended in the middle of its work: its submissions are in doubt')
    await releaseOrphans()
    await expireDeliveries(db, now())
    await resendInDoubt(db, now(), deps.config.inDoubtSeconds)
    wake(await findUnfinished(db))
    if (performance.now() - prunedAt > PRUNE_MS) {
      prunedAt = performance.now()
      await receipts.prune()
    }
  }

  /**
   * Gives back what this process holds on disk without knowing: the database took a claim, and the connection ended
   * before its answer. Nothing of it was handed to a gateway.
   */
  async function releaseOrphans(): Promise<void> {
    const held = await findHeldChunks(db, workerId, new Date(now().getTime() - ORPHAN_MS))
    for (const chunk of held) {
      if (inHand.has(keyOf(chunk.broadcastId, chunk))) continue
      await releaseChunks(db, chunk.schemeId, chunk.broadcastId, workerId, [chunk], now())
    }
  }

  function wake(broadcasts: readonly JobPayloads['broadcast.dispatch'][]): void {
    for (const { schemeId, broadcastId } of broadcasts) {
      if (running.has(broadcastId) || stopping.signal.aborted) continue
      const work = loadBroadcast(deps, schemeId, broadcastId)
        .then((broadcast) => broadcast && submitAll(broadcast))
        .catch((error) =>
          log.error({ err: error, schemeId, broadcastId }, 'broadcast interrupted, going on soon'),
        )
        .finally(() => running.delete(broadcastId))
      running.set(broadcastId, work)
    }
  }

  async function submitAll(broadcast: Broadcast): Promise<void> {
    const { schemeId, id: broadcastId } = broadcast
    const gateway = chooseGateway(deps.gateways, broadcast)
    if (gateway === undefined) {
      if (!withoutRoute.has(broadcastId))
        log.error({ schemeId, broadcastId }, 'no gateway for this broadcast')
      withoutRoute.add(broadcastId)
      return
    }
    const abort = new AbortController()
    const endWatch = watchForStop(deps, broadcast, abort)
    const chunkSize = chunkSizeFor(deps.config.smpp)
    const inFlight = new Set<Promise<void>>()
    const onStopping = () => abort.abort()
    stopping.signal.addEventListener('abort', onStopping)
    try {
      for (;;) {
        if (abort.signal.aborted) break
        const room = await budget.take(chunkSize, broadcast.message.priority, abort.signal)
        if (room === 0) break
        const limit = Math.max(1, Math.floor(room / chunkSize))
        const claim = { schemeId, broadcastId, workerId, limit, now: now() }
        const chunks = await claimChunks(db, claim).catch((error) => {
          budget.give(room)
          throw error
        })
        const claimed = chunks.reduce((sum, chunk) => sum + chunk.recipients.length, 0)
        budget.give(room - claimed)
        if (chunks.length > 0) {
          const keys = chunks.map((chunk) => keyOf(broadcastId, chunk))
          for (const key of keys) inHand.add(key)
          const work = submitChunks(broadcast, gateway, chunks, abort.signal).finally(() => {
            inFlight.delete(work)
            for (const key of keys) inHand.delete(key)
          })
          inFlight.add(work)
          continue
        }
        const inMs = await nextChunkInMs(db, schemeId, broadcastId, now())
        if (inMs === undefined && inFlight.size === 0) break
        // Chunks in work may come back to be sent again.
        await Promise.race([
          ...inFlight,
          sleep(inMs === undefined ? RETRY_BASE_MS : Math.max(inMs, 20), abort.signal),
        ])
      }
    } finally {
      await Promise.all(inFlight)
      endWatch()
      stopping.signal.removeEventListener('abort', onStopping)
    }
    await asOwner(db, async (tx) => {
      const alertId = await finishSubmitting(tx, schemeId, broadcastId, now())
      if (alertId !== undefined) await deps.jobs.enqueue(tx, 'alert.broadcast_sent', { schemeId, alertId })
    })
    deps.live.publish({ type: 'progress', schemeId, alertId: broadcast.alertId, broadcastId })
  }

  /** Submits chunks and gives them back once every outcome of theirs is on disk. */
  async function submitChunks(
    broadcast: Broadcast,
    gateway: SmsGateway,
    chunks: readonly ClaimedChunk[],
    signal: AbortSignal,
  ): Promise<void> {
    const recipients = chunks.flatMap((chunk) => chunk.recipients)
    if (recipients.length > 0) {
      recorder.submitting(broadcast.id)
      let left = recipients.length
      let freed = 0
      await new Promise<void>((resolve) => {
        const written = () => {
          left -= 1
          freed += 1
          // The window is given back in pieces, not one by one.
          if (freed >= 50 || left === 0) {
            budget.give(freed)
            freed = 0
          }
          if (left === 0) resolve()
        }
        void gateway.submit(
          broadcast.message,
          recipients,
          (outcome) => {
            const learnt = outcomeOf(broadcast, outcome, gateway.name, signal)
            if (outcome.kind === 'accepted') receipts.expect(broadcast, outcome.no, outcome.messageIds)
            if ('late' in outcome) {
              // Its attempt was counted when it was put in doubt; a late "not now" leaves it so.
              if (learnt !== undefined && learnt.kind !== 'retry') {
                const { gateway: _, ...known } = learnt
                recorder.add(broadcast, known)
              }
              return
            }
            if (learnt === undefined) return written()
            recorder.add(broadcast, learnt, written)
          },
          signal,
        )
      })
    }
    const delay = Math.min(
      RETRY_MAX_MS,
      RETRY_BASE_MS * 2 ** Math.max(0, ...chunks.map((chunk) => chunk.claims - 1)),
    )
    // A clean stop gives its chunks back at once, for the next process.
    const again = new Date(now().getTime() + (stopping.signal.aborted ? 0 : delay))
    await untilDone(deps, () => releaseChunks(db, broadcast.schemeId, broadcast.id, workerId, chunks, again))
  }

  /** What an answer means for the ledger; undefined: nothing to write, the delivery stays planned. */
  function outcomeOf(
    broadcast: Broadcast,
    outcome: SubmitOutcome,
    gateway: string,
    signal: AbortSignal,
  ): Outcome | undefined {
    const { no } = outcome
    switch (outcome.kind) {
      case 'accepted':
        return { no, kind: 'accepted', messageIds: outcome.messageIds, gateway }
      case 'refused':
        return { no, kind: outcome.permanent ? 'failed' : 'retry', errorCode: outcome.code, gateway }
      case 'unknown':
        return { no, kind: 'in_doubt', gateway }
      case 'notSent':
        if (outcome.reason === 'stopped' && !stopping.signal.aborted && signal.aborted) {
          return { no, kind: now() >= broadcast.validUntil ? 'expired' : 'withdrawn' }
        }
        return undefined
    }
  }

  return {
    async stop(graceMs) {
      stopping.abort()
      clearInterval(timer)
      await Promise.race([Promise.all(running.values()), sleep(graceMs)])
      await settling
      await Promise.race([receipts.settle().then(() => recorder.drain()), sleep(graceMs)])
      await releaseWorkerLock()
    },
  }
}

const keyOf = (broadcastId: string, chunk: { readonly firstNo: number; readonly claims: number }) =>
  `${broadcastId}:${chunk.firstNo}:${chunk.claims}`

/** The first gateway that may carry the broadcast: a simulated one has only simulated routes, and the reverse. */
function chooseGateway(
  gateways: readonly SmsGateway[],
  broadcast: { readonly simulated: boolean },
): SmsGateway | undefined {
  const fit = gateways.filter((gateway) => gateway.simulated === broadcast.simulated)
  return fit.find((gateway) => gateway.state().state === 'bound') ?? fit[0]
}

async function loadBroadcast(
  deps: Pick<Deps, 'db'>,
  schemeId: string,
  broadcastId: string,
): Promise<Broadcast | undefined> {
  const row = await deps.db
    .selectFrom('broadcasts')
    .selectAll()
    .where('schemeId', '=', schemeId)
    .where('id', '=', broadcastId)
    .where('state', '=', 'running')
    .executeTakeFirst()
  if (row === undefined) return undefined
  return {
    schemeId,
    id: row.id,
    alertId: row.alertId,
    simulated: row.simulated,
    validUntil: row.validUntil,
    message: {
      sender: row.sender,
      segmentation: segmentMessage(row.text),
      validUntil: row.validUntil,
      priority: row.priority as SmsMessage['priority'],
    },
  }
}

/** Aborts when the broadcast is stopped or its validity ends. @returns the function that ends the watch. */
function watchForStop(
  deps: Pick<Deps, 'db' | 'now' | 'log'>,
  broadcast: Broadcast,
  abort: AbortController,
): () => void {
  const timer = setInterval(() => {
    if (deps.now() >= broadcast.validUntil) return abort.abort()
    deps.db
      .selectFrom('broadcasts')
      .select('state')
      .where('schemeId', '=', broadcast.schemeId)
      .where('id', '=', broadcast.id)
      .executeTakeFirst()
      .then((row) => {
        if (row?.state === 'stopped') abort.abort()
      })
      .catch((error) => deps.log.error({ err: error }, 'state of a broadcast not read'))
  }, WATCH_MS)
  return () => clearInterval(timer)
}

/**
 * On PostgreSQL, a session lock under the worker's number says to the others that it lives: the server frees it when
 * the process ends, however it ends. The embedded database has one process only: every other worker is dead.
 */
async function holdWorkerLock(
  deps: Pick<Deps, 'database' | 'log'>,
  workerId: number,
): Promise<() => Promise<void>> {
  if (deps.database.embedded) return async () => {}
  let released = false
  let release = () => {}

  async function hold(): Promise<void> {
    const client = await deps.database.pool.connect()
    release = () => client.release(true)
    client.once('error', (error) => {
      if (released) return
      deps.log.error({ err: error }, 'the connection that shows this worker lives was lost, taking another')
      client.release(true)
      again()
    })
    await client.query('select pg_advisory_lock($1)', [workerId])
  }
  function again(): void {
    setTimeout(() => released || hold().catch(again), 500).unref()
  }

  await hold()
  return async () => {
    released = true
    release()
  }
}

async function isDead(deps: Pick<Deps, 'db' | 'database'>, workerId: number): Promise<boolean> {
  if (deps.database.embedded) return true
  return asOwner(deps.db, async (tx) => {
    const { rows } = await sql<{
      free: boolean
    }>`select pg_try_advisory_xact_lock(${workerId}) as free`.execute(tx)
    return rows[0]?.free === true
  })
}

/** Does a write until the database takes it. */
async function untilDone(deps: Pick<Deps, 'log'>, work: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      return await work()
    } catch (error) {
      deps.log.error({ err: error }, 'database did not take a write, trying again')
      await sleep(500)
    }
  }
}

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms)
    function done() {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    signal?.addEventListener('abort', done)
  })
}

/**
 * How many submissions may be claimed and not yet accounted for, over all broadcasts. The most urgent is served first,
 * then the first come: an urgent alert overtakes a large one within a window.
 */
class Budget {
  #free: number
  #waiting: { least: number; priority: number; resolve: (room: number) => void }[] = []

  constructor(size: number) {
    this.#free = size
  }

  /** Waits until `least` are free, then takes all that are free. @returns 0 when `signal` aborts first. */
  take(least: number, priority: number, signal: AbortSignal): Promise<number> {
    if (signal.aborted) return Promise.resolve(0)
    return new Promise((resolve) => {
      const entry = {
        least,
        priority,
        resolve: (room: number) => {
          signal.removeEventListener('abort', onAbort)
          resolve(room)
        },
      }
      const onAbort = () => {
        this.#waiting = this.#waiting.filter((other) => other !== entry)
        entry.resolve(0)
      }
      signal.addEventListener('abort', onAbort)
      const behind = this.#waiting.findIndex((other) => other.priority < priority)
      this.#waiting.splice(behind < 0 ? this.#waiting.length : behind, 0, entry)
      this.#serve()
    })
  }

  give(room: number): void {
    this.#free += room
    this.#serve()
  }

  #serve(): void {
    const first = this.#waiting[0]
    if (first === undefined || this.#free < first.least) return
    this.#waiting.shift()
    const room = this.#free
    this.#free = 0
    first.resolve(room)
  }
}
