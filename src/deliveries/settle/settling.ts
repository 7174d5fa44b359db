import type { Deps } from '../../deps.ts'
import { DAY_MS } from '../../message/clock.ts'
import {
  expireDeliveries,
  findHeldChunks,
  findSettlingWork,
  findUnfinished,
  releaseChunks,
  resendInDoubt,
  settleLostChunks,
} from '../claim/claims.ts'
import { pruneDepartures, withdrawDeparted } from '../claim/departures.ts'
import { withdrawStopped } from '../claim/stop.ts'
import type { ReceiptMatcher } from '../receipt/receipts.ts'
import { CLAIM_TIMEOUT_MS } from '../send/run.ts'
import type { Sending } from '../send/sending.ts'
import type { Worker } from '../workers.ts'
import { retryMemoryFull } from './memory-full.ts'
import { pruneDeliveries, pruneFormerNumbers, pruneUnknownReceipts } from './prune.ts'
import { tallyBroadcasts } from './tallies.ts'

/** Interval of checks for deliveries in doubt, expired broadcasts and chunks of dead workers. */
const SETTLE_MS = 1000
/** Age at which a claim on disk that this process does not know is released: far longer than a claim takes. */
const ORPHAN_MS = 2 * CLAIM_TIMEOUT_MS
/** Interval of deleting old deliveries and forgetting receipts no longer awaited, and the maximum deleted each time. */
const PRUNE_MS = 60_000
const PRUNE_MAX = 20_000
/** Broadcasts counted per check, so that a backlog of them does not delay expiry. */
const TALLY_MAX = 5
/** Interval of looking up the unknown receipts stored by other processes. */
const ADOPT_MS = 5000

/** The parts of a process used for settling. */
export interface SettlingParts {
  readonly deps: Deps
  readonly worker: Worker
  readonly receipts: ReceiptMatcher
  readonly sending: Sending
}

/**
 * Settles what sending leaves behind, once a second: chunks of dead workers, expired and stopped broadcasts, deliveries
 * in doubt, phones with full memory, counts, old rows.
 */
export class Settling {
  readonly #parts: SettlingParts
  #timer: NodeJS.Timeout | undefined
  #isStopping = false
  #settling = Promise.resolve()
  #departing = Promise.resolve()
  #prunedAt = performance.now()
  #adoptedAt = performance.now()

  constructor(parts: SettlingParts) {
    this.#parts = parts
  }

  /** Settles every second from now on, until `stop`. */
  start(): void {
    const { log } = this.#parts.deps
    this.#timer = setInterval(() => {
      this.#settling = this.#settling
        .then(() => this.#settle())
        .catch((error) => log.error({ err: error }, 'settling failed, trying again'))
    }, SETTLE_MS)
  }

  /** Begins nothing more. */
  stop(): void {
    this.#isStopping = true
    clearInterval(this.#timer)
  }

  /** Resolves when what has begun has ended. */
  async drain(): Promise<void> {
    await this.#settling
    await this.#departing
  }

  /**
   * Begins to send every broadcast that is not done.
   * @returns their number
   */
  async wakeAll(): Promise<number> {
    const unfinished = await findUnfinished(this.#parts.deps.db)
    for (const broadcast of unfinished) this.#parts.sending.wake(broadcast)
    return unfinished.length
  }

  /** Withdraws deliveries to departed numbers, one run at a time. */
  followDepartures(): Promise<void> {
    const { db, now, log } = this.#parts.deps
    this.#departing = this.#departing
      .then(async () => {
        if (!this.#isStopping) this.#publishProgress(await withdrawDeparted(db, now()))
      })
      .catch((error) => log.error({ err: error }, 'departures not followed, trying again'))
    return this.#departing
  }

  async #settle(): Promise<void> {
    if (this.#isStopping) return
    const { deps, worker, receipts } = this.#parts
    const { db, now, log } = deps
    const dead = await worker.settleDead()
    if (dead.length > 0)
      log.warn({ workers: dead.length }, 'workers gave no sign of life: what they held is settled')
    const { hasOpen, isToTally, isToRetry } = await findSettlingWork(db, now())
    if (isToRetry) await this.#retryFullPhones()
    await (hasOpen || isToRetry ? this.#settleOpen() : this.followDepartures())
    if (isToTally) await tallyBroadcasts(db, TALLY_MAX, now())
    if (performance.now() - this.#adoptedAt > ADOPT_MS) {
      this.#adoptedAt = performance.now()
      await receipts.adoptStrays()
    }
    if (performance.now() - this.#prunedAt > PRUNE_MS) {
      this.#prunedAt = performance.now()
      await this.#prune()
    }
  }

  async #prune(): Promise<void> {
    const { db, now, config } = this.#parts.deps
    const old = new Date(now().getTime() - config.keepDeliveriesDays * DAY_MS)
    await this.#parts.receipts.prune()
    await pruneDeliveries(db, old, PRUNE_MAX, now())
    await pruneUnknownReceipts(db, old)
    await pruneFormerNumbers(db, old)
    await pruneDepartures(db, now())
  }

  /** Sends messages once more to phones whose memory was full. */
  async #retryFullPhones(): Promise<void> {
    const { db, now, config } = this.#parts.deps
    const { memoryFullSeconds } = config
    if (memoryFullSeconds === 'never') return
    this.#publishProgress(await retryMemoryFull(db, { ...config, memoryFullSeconds }, now()))
  }

  /** Settles broadcasts that are not done. */
  async #settleOpen(): Promise<void> {
    const { db, now, log, config } = this.#parts.deps
    const put = await settleLostChunks(db, now())
    if (put > 0)
      log.warn({ deliveries: put }, 'a worker ended in the middle of its work: its submissions are in doubt')
    await this.#releaseOrphans()
    await expireDeliveries(db, now())
    await withdrawStopped(db, now())
    await this.followDepartures()
    await resendInDoubt(db, now(), config.inDoubt)
    await this.wakeAll()
  }

  /**
   * Releases chunks that this process holds on disk without knowing: the database committed a claim, and the connection
   * was lost before its answer. None of their deliveries was handed to a gateway.
   */
  async #releaseOrphans(): Promise<void> {
    const { deps, worker, sending } = this.#parts
    const { db, now } = deps
    const workerId = worker.id
    const held = await findHeldChunks(db, workerId, new Date(now().getTime() - ORPHAN_MS))
    const lost = held.filter((chunk) => !sending.isInHand(chunk.broadcastId, chunk))
    await releaseChunks(
      db,
      lost.map((chunk) => ({ ...chunk, workerId, again: now() })),
    )
  }

  #publishProgress(
    broadcasts: readonly { schemeId: string; broadcastId: string; alertId: string | null }[],
  ): void {
    for (const { schemeId, broadcastId, alertId } of broadcasts) {
      if (alertId !== null)
        this.#parts.deps.live.publish({ type: 'progress', schemeId, alertId, broadcastId })
    }
  }
}
