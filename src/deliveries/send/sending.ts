import { sql } from 'kysely'
import type { Deps } from '../../deps.ts'
import { acrossSchemes } from '../../platform/db.ts'
import { finishSubmitting } from '../claim/claims.ts'
import type { SubmitEnding } from '../gateway.ts'
import type { ReceiptMatcher } from '../receipt/receipts.ts'
import type { OutcomeRecorder } from '../settle/recorder.ts'
import type { Worker } from '../workers.ts'
import { type Broadcast, loadBroadcast } from './broadcast.ts'
import { RouteChooser } from './chooser.ts'
import { ChunkReleaser } from './release.ts'
import type { Route } from './route.ts'
import { BroadcastRun, keyOf, type RunParts } from './run.ts'

/** Interval of checks for running broadcasts that were stopped or have expired. */
const WATCH_MS = 400

/** The parts of a process used for sending. */
export interface SendingParts {
  readonly deps: Deps
  readonly worker: Worker
  readonly recorder: OutcomeRecorder
  readonly receipts: ReceiptMatcher
  readonly routes: ReadonlyMap<string, Route>
  /** Aborts when the process ends: nothing is awaited any more. */
  readonly givenUp: AbortSignal
}

/** Sends broadcasts through the routes of this process, from the wake of each until it has no chunks left. */
export class Sending {
  readonly #deps: Deps
  readonly #parts: RunParts
  readonly #stopping = new AbortController()
  readonly #running = new Map<string, Promise<void>>()
  readonly #runs = new Map<string, BroadcastRun>()
  /** Broadcasts without a gateway, logged once each. */
  readonly #withoutRoute = new Set<string>()
  readonly #watch: NodeJS.Timeout

  constructor({ deps, worker, recorder, receipts, routes, givenUp }: SendingParts) {
    this.#deps = deps
    this.#parts = {
      deps,
      worker,
      recorder,
      receipts,
      chooser: new RouteChooser(routes, deps.random),
      releaser: new ChunkReleaser(deps, givenUp),
      inHand: new Set(),
      stopping: this.#stopping.signal,
    }
    this.#watch = setInterval(() => {
      this.#endStopped().catch((error) => deps.log.error({ err: error }, 'state of broadcasts not read'))
    }, WATCH_MS)
  }

  /** Begins to send a broadcast, unless it is being sent already. */
  wake({ schemeId, broadcastId }: { readonly schemeId: string; readonly broadcastId: string }): void {
    if (this.#running.has(broadcastId) || this.#stopping.signal.aborted) return
    const work = loadBroadcast(this.#deps, schemeId, broadcastId)
      .then((broadcast) => broadcast && this.#send(broadcast))
      .catch((error) =>
        this.#deps.log.error({ err: error, schemeId, broadcastId }, 'broadcast interrupted, going on soon'),
      )
      .finally(() => this.#running.delete(broadcastId))
    this.#running.set(broadcastId, work)
  }

  /** Returns whether this process is sending the chunk. */
  isInHand(broadcastId: string, chunk: { readonly firstNo: number; readonly claims: number }): boolean {
    return this.#parts.inHand.has(keyOf(broadcastId, chunk))
  }

  /** Stops submitting claimed deliveries: this process no longer holds them. */
  lose(): void {
    this.#endAll('lost')
  }

  /** Stops sending. Resolves when everything in flight has ended. */
  async stop(): Promise<void> {
    clearInterval(this.#watch)
    this.#stopping.abort()
    this.#endAll('leaving')
    await Promise.all(this.#running.values())
  }

  async #send(broadcast: Broadcast): Promise<void> {
    const { schemeId, id: broadcastId } = broadcast
    if (broadcast.rules.length > 0) {
      const run = new BroadcastRun(this.#parts, broadcast)
      this.#runs.set(broadcastId, run)
      await run.run().finally(() => this.#runs.delete(broadcastId))
    } else if (!this.#withoutRoute.has(broadcastId)) {
      this.#deps.log.error({ schemeId, broadcastId }, 'no gateway for this broadcast')
      this.#withoutRoute.add(broadcastId)
    }
    // Also without a gateway, so that expired broadcasts end.
    await this.#finish(broadcast)
  }

  /** Ends the submitting of a broadcast that has no chunks left. */
  async #finish({ schemeId, id: broadcastId, alertId }: Broadcast): Promise<void> {
    const { db, now, jobs, live } = this.#deps
    await acrossSchemes(db, async (tx) => {
      const sentAlertId = await finishSubmitting(tx, schemeId, broadcastId, now())
      if (sentAlertId) await jobs.enqueue(tx, 'alert.broadcast_sent', { schemeId, alertId: sentAlertId })
    })
    if (alertId !== null) live.publish({ type: 'progress', schemeId, alertId, broadcastId })
  }

  #endAll(ending: SubmitEnding): void {
    for (const run of this.#runs.values()) run.end(ending)
  }

  /** Ends broadcasts that were stopped or have expired. */
  async #endStopped(): Promise<void> {
    const { db, now } = this.#deps
    for (const run of this.#runs.values()) if (now() >= run.broadcast.validUntil) run.end('over')
    if (this.#runs.size === 0) return
    const running = [...this.#runs.values()].map(({ broadcast }) => broadcast)
    const keys = running.map(({ schemeId, id }) => sql`(${schemeId}, ${id}::uuid)`)
    const { rows: stopped } = await sql<{ id: string }>`
      select id from broadcasts
      where (scheme_id, id) in (${sql.join(keys)}) and state = 'stopped'`.execute(db)
    for (const { id } of stopped) this.#runs.get(id)?.end('over')
  }
}
