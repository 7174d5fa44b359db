import type { Deps } from '../../deps.ts'
import { sleep } from '../../platform/sleep.ts'
import { startStep } from '../../platform/telemetry/tracing.ts'
import { type ClaimedChunk, claimChunks, nextChunkInMs } from '../claim/claims.ts'
import { hasOrders, untilOrdersAreDone } from '../claim/precedence.ts'
import type { SubmitEnding } from '../gateway.ts'
import { LANES } from '../lanes.ts'
import { chunkSizeFor, FIRST_CHUNK } from '../plan/plan.ts'
import type { ReceiptMatcher } from '../receipt/receipts.ts'
import type { Outcome, OutcomeRecorder } from '../settle/recorder.ts'
import type { Worker } from '../workers.ts'
import type { Broadcast } from './broadcast.ts'
import type { Budget } from './budget.ts'
import type { RouteChooser } from './chooser.ts'
import { RecipientGroup } from './group.ts'
import type { ChunkReleaser } from './release.ts'
import type { Route } from './route.ts'

/** Interval of checks of the routes while none is usable, or this process has no share of them yet. */
const IDLE_MS = 100
/** Wait before a temporarily refused delivery is sent again: 1 s, 2 s, 4 s… */
const RETRY_BASE_MS = 1000
const RETRY_MAX_MS = 30_000
/** A broadcast that is not vital waits for orders in progress after its first messages, this long in all at most. */
export const ORDERS_FIRST_MS = 1000
/** ESME_RSUBMITFAIL (SMPP 3.4 table 5-2). */
const SUBMIT_FAILED = 0x45
/** Wait before a chunk whose route failed, or whose first message has not been sent, is claimed again. */
const SOON_MS = 100

/**
 * Maximum duration of a claim, in milliseconds; a slower one is released. The dispatcher releases chunks that its process
 * holds without knowing after twice this time, so that another process may have claimed them since.
 */
export const CLAIM_TIMEOUT_MS = 5000

/** Dependencies that all runs of a process share. */
export interface RunParts {
  readonly deps: Deps
  readonly worker: Worker
  readonly recorder: OutcomeRecorder
  readonly receipts: ReceiptMatcher
  readonly chooser: RouteChooser
  readonly releaser: ChunkReleaser
  /** Keys of the chunks that this process is sending. */
  readonly inHand: Set<string>
  /** Aborts when this process stops. */
  readonly stopping: AbortSignal
}

export function keyOf(
  broadcastId: string,
  chunk: { readonly firstNo: number; readonly claims: number },
): string {
  return `${broadcastId}:${chunk.firstNo}:${chunk.claims}`
}

/** One broadcast being sent by this process: claims chunks as its route has room, submits them and releases them. */
export class BroadcastRun {
  readonly broadcast: Broadcast
  readonly #parts: RunParts
  readonly #abort = new AbortController()
  /** Size of its chunks, as planned. */
  readonly #chunkSize: number
  readonly #firstSize: number
  readonly #inFlight = new Set<Promise<void>>()
  #sent = 0
  #isFirstClaim = true
  #yieldedMs = 0

  constructor(parts: RunParts, broadcast: Broadcast) {
    this.#parts = parts
    this.broadcast = broadcast
    const { gateways } = parts.deps.config
    this.#chunkSize = chunkSizeFor(gateways.filter(({ simulated }) => simulated === broadcast.simulated))
    this.#firstSize = Math.min(FIRST_CHUNK, this.#chunkSize)
  }

  /** Stops submitting. */
  end(ending: SubmitEnding): void {
    this.#abort.abort(ending)
  }

  /** Sends until no chunk remains, or until it is stopped. Resolves when everything in flight has ended. */
  async run(): Promise<void> {
    const { deps, worker, chooser } = this.#parts
    const { schemeId, id } = this.broadcast
    const { signal } = this.#abort
    const step = startStep(id, 'broadcast.send', { worker: worker.id })
    try {
      while (!signal.aborted) {
        const canClaim = worker.isHeld() && worker.dividedBy !== undefined
        const route = canClaim ? chooser.findMainRoute(this.broadcast) : undefined
        if (route !== undefined && (await this.#claimAndSend(route))) continue
        const inMs = await nextChunkInMs(deps.db, schemeId, id, deps.now())
        if (inMs === undefined && this.#inFlight.size === 0) break
        // Chunks in flight may be released to be sent again.
        const waitMs = route === undefined ? IDLE_MS : inMs === undefined ? RETRY_BASE_MS : Math.max(inMs, 20)
        await Promise.race([...this.#inFlight, sleep(waitMs, { signal })])
      }
    } finally {
      await Promise.all(this.#inFlight)
      step?.end()
    }
  }

  /**
   * Claims chunks for the free room of a route and begins to send them.
   * @returns whether to claim again at once
   */
  async #claimAndSend(route: Route): Promise<boolean> {
    const { deps, worker, inHand } = this.#parts
    const { id: broadcastId } = this.broadcast
    const { budget } = route
    const workerId = worker.id
    const signal = AbortSignal.any([this.#abort.signal, route.signal])
    const room = await this.#reserveRoom(budget, signal)
    if (room === 0) return true
    const askedAt = performance.now()
    const step = startStep(broadcastId, 'chunks.claim', { gateway: route.gateway.name })
    const claimed = await this.#claim(route, room, workerId).catch((error) => {
      budget.releaseRoom(room)
      step?.setAttribute('failed', true).end()
      throw error
    })
    step?.setAttribute('chunks', claimed.length).end()
    if (performance.now() - askedAt > CLAIM_TIMEOUT_MS) {
      budget.releaseRoom(room)
      await this.#release(claimed, workerId, deps.now())
      return true
    }
    const recipients = claimed.reduce((sum, chunk) => sum + chunk.recipients.length, 0)
    this.#sent += recipients
    budget.releaseRoom(room - recipients)
    if (claimed.length > 0) {
      const keys = claimed.map((chunk) => keyOf(broadcastId, chunk))
      for (const key of keys) inHand.add(key)
      const work = this.#sendChunks(route, claimed, workerId).finally(() => {
        this.#inFlight.delete(work)
        for (const key of keys) inHand.delete(key)
      })
      this.#inFlight.add(work)
    }
    const claimsAgain = this.#isFirstClaim || claimed.length > 0
    this.#isFirstClaim = false
    return claimsAgain
  }

  /**
   * Reserves room for the next claim. While an order is in progress, the first claim takes only the first chunk, and
   * the next one waits.
   * @returns 0 when `signal` aborts first
   */
  async #reserveRoom(budget: Budget, signal: AbortSignal): Promise<number> {
    const { lane } = this.broadcast.message
    const yields = lane !== 'vital' && this.#yieldedMs < ORDERS_FIRST_MS
    if (yields && !this.#isFirstClaim)
      this.#yieldedMs += await untilOrdersAreDone(ORDERS_FIRST_MS - this.#yieldedMs)
    // Several chunks at once where there are many broadcasts: a claim costs the same for all of them.
    const least = this.#isFirstClaim
      ? this.#firstSize
      : Math.max(this.#chunkSize, Math.floor(budget.size / 4))
    const room = await budget.reserveRoom(least, { lane, claimed: this.#sent }, signal)
    if (!yields || !this.#isFirstClaim || !hasOrders() || room <= least) return room
    budget.releaseRoom(room - least)
    return least
  }

  #claim(route: Route, room: number, workerId: number): Promise<ClaimedChunk[]> {
    const { deps } = this.#parts
    const { schemeId, id: broadcastId, chain } = this.broadcast
    return claimChunks(deps.db, {
      schemeId,
      broadcastId,
      chain,
      resentLanes: LANES.filter((lane) => deps.config.inDoubt[lane] !== 'never'),
      workerId,
      // A route that is being tried gets one chunk.
      limit: route.circuit.state === 'closed' ? Math.max(1, Math.floor(room / this.#chunkSize)) : 1,
      most: this.#isFirstClaim ? Math.max(room, this.#firstSize) : undefined,
      now: deps.now(),
    })
  }

  /** Submits chunks and releases them once all their outcomes are on disk. */
  async #sendChunks(main: Route, chunks: readonly ClaimedChunk[], workerId: number): Promise<void> {
    const { deps, chooser, stopping } = this.#parts
    const byRoute = chooser.groupByRoute(
      this.broadcast,
      main,
      chunks.flatMap((chunk) => chunk.recipients),
    )
    const groups: RecipientGroup[] = []
    const sendGroup = (route: Route, recipients: ClaimedChunk['recipients']) => {
      const { broadcast } = this
      const { signal } = this.#abort
      const parts = { ...this.#parts, now: deps.now, isHeld: this.#parts.worker.isHeld }
      const group = new RecipientGroup(parts, { broadcast, route, recipients, workerId, signal })
      groups.push(group)
      const step = startStep(broadcast.id, 'sms.submit', {
        gateway: route.gateway.name,
        recipients: recipients.length,
      })
      return group.submit().finally(() => step?.end())
    }
    await Promise.all(
      [...byRoute].map(async ([route, recipients]) => {
        // None when each recipient waits for its first message.
        if (recipients.length === 0) return
        if (route === main) return sendGroup(main, recipients)
        main.budget.releaseRoom(recipients.length)
        // Recipients for which their route has no room stay planned: the chunk is claimed again soon, with them alone.
        const room = route?.budget.reserveFreeRoom(recipients.length, this.broadcast.message.lane) ?? 0
        if (route !== undefined && room > 0) await sendGroup(route, recipients.slice(0, room))
      }),
    )
    await this.#withdraw(
      chunks.flatMap((chunk) => chunk.unreached),
      workerId,
    )
    await this.#failUnreadable(
      chunks.flatMap((chunk) => chunk.unreadable),
      workerId,
    )
    const backoffMs = RETRY_BASE_MS * 2 ** Math.max(0, ...chunks.map((chunk) => chunk.claims - 1))
    const isRefusedForNow = groups.some((group) => group.isRefusedForNow)
    const waitMs = isRefusedForNow ? Math.min(RETRY_MAX_MS, backoffMs) : SOON_MS
    // A clean stop releases its chunks at once, for the next process.
    await this.#release(chunks, workerId, new Date(deps.now().getTime() + (stopping.aborted ? 0 : waitMs)))
  }

  #release(chunks: readonly ClaimedChunk[], workerId: number, again: Date): Promise<void> {
    const { schemeId, id: broadcastId } = this.broadcast
    return this.#parts.releaser.release(
      chunks.map(({ firstNo, claims }) => ({ schemeId, broadcastId, firstNo, claims, workerId, again })),
    )
  }

  /** Follow-ups only: withdraws the deliveries to recipients not reached by the first message. */
  #withdraw(nos: readonly number[], workerId: number): Promise<void> {
    return this.#settle(nos, { workerId, kind: 'withdrawn' })
  }

  /** Ends the deliveries whose numbers cannot be read, so that the others leave. */
  #failUnreadable(nos: readonly number[], workerId: number): Promise<void> {
    if (nos.length > 0) {
      const { schemeId, id: broadcastId } = this.broadcast
      this.#parts.deps.log.error({ schemeId, broadcastId, nos }, 'numbers of recipients cannot be read')
    }
    return this.#settle(nos, { workerId, kind: 'failed', errorCode: SUBMIT_FAILED })
  }

  async #settle(nos: readonly number[], outcome: Omit<Outcome, 'no'>): Promise<void> {
    await Promise.all(
      nos.map(
        (no) =>
          new Promise<void>((written) =>
            this.#parts.recorder.add(this.broadcast, { ...outcome, no }, written),
          ),
      ),
    )
  }
}
