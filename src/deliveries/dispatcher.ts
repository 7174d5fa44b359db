import type { Deps } from '../deps.ts'
import {
  expireDeliveries,
  findHeldChunks,
  findSettlingWork,
  findUnfinished,
  releaseChunks,
  resendInDoubt,
  settleLostChunks,
} from './claim/claims.ts'
import { DEPARTURES_CHANNEL, pruneDepartures, withdrawDeparted } from './claim/departures.ts'
import { withdrawStopped } from './claim/stop.ts'
import type { GatewayReport } from './contract.ts'
import { DISPATCH_CHANNEL } from './plan/plan.ts'
import { takeInbound } from './receipt/inbound.ts'
import { ReceiptMatcher } from './receipt/receipts.ts'
import { startProbes } from './send/probe.ts'
import { Route } from './send/route.ts'
import { CLAIM_TIMEOUT_MS } from './send/run.ts'
import { Sending } from './send/sending.ts'
import { sleep } from './send/sleep.ts'
import { startAsking } from './settle/asking.ts'
import { pruneDeliveries, pruneUnknownReceipts } from './settle/prune.ts'
import { OutcomeRecorder } from './settle/recorder.ts'
import { tallyBroadcasts } from './settle/tallies.ts'
import { withSince } from './status/since.ts'
import { startWorker } from './workers.ts'

/** How often what is in doubt, out of date or held by a dead worker is looked at. */
const SETTLE_MS = 1000
/** How often the health of routes is looked at: part of the time in which another takes over. */
const LOOK_MS = 100
/**
 * A process without the database for so long, beyond its lease, leaves the providers to the other workers: the receipts
 * that it gets cannot be written. One just woken from a freeze has the time to beat.
 */
const AWAY_MS = 1000
/** How long a claim may be on disk without being in hand: far longer than the answer to a claim takes. */
const ORPHAN_MS = 2 * CLAIM_TIMEOUT_MS
/** How often receipts that nobody awaits any more are forgotten, and old deliveries removed, so many at most. */
const PRUNE_MS = 60_000
const PRUNE_MAX = 20_000
/** Broadcasts counted at each look: what is out of date does not wait for a history of them. */
const TALLY_MAX = 5
/** How often the unknown receipts that other processes wrote are looked up. */
const ADOPT_MS = 5000
/** How long the last outcomes may take to be on disk when the process ends. */
const LAST_WRITE_MS = 5000

export interface Dispatcher {
  /** Sends nothing more, waits for the answers on their way (`graceMs` at most), and writes all of them. */
  stop(graceMs: number): Promise<void>
}

/**
 * Sends what broadcasts have planned, and accounts for it: claims chunks, hands them to a gateway, writes the
 * answers and receipts, settles what former processes left. Starts the gateways of `deps`; stopping them, after the
 * dispatcher, is the caller's.
 */
export async function startDispatcher(deps: Deps): Promise<Dispatcher> {
  const { db, now, log } = deps
  const routes = createRoutes(deps)
  let sending: Sending | undefined
  let reports: GatewayReport[] = []
  const givenUp = new AbortController()
  const worker = await startWorker(deps, {
    reportGateways() {
      reports = withSince(
        reports,
        [...routes.values()].map((route) => route.report()),
        now(),
      )
      return reports
    },
    shared(workers, rank) {
      for (const route of routes.values()) route.share(workers, rank)
    },
    lost: () => sending?.lose(),
  })
  const recorder = new OutcomeRecorder(deps, givenUp.signal)
  const receipts = new ReceiptMatcher(deps, recorder)
  sending = new Sending({ deps, worker, recorder, receipts, routes, givenUp: givenUp.signal })
  const wake = sending.wake.bind(sending)
  let isStopping = false

  await receipts.load()
  // Before the first link: a provider sends what it kept as soon as we are bound.
  for (const gateway of deps.gateways) {
    gateway.onReceipts((batch) => receipts.take(batch))
    gateway.onInbound((message) => takeInbound(deps, message))
  }
  await Promise.all(deps.gateways.map((gateway) => gateway.start()))

  await settleLostChunks(db, now())
  // A notification only wakes: the chunks on disk are the work, and the look-out below finds those it missed.
  const listening = await deps.database.listen(
    DISPATCH_CHANNEL,
    (payload) => {
      const [schemeId, broadcastId] = payload.split(' ')
      if (schemeId !== undefined && broadcastId !== undefined) wake({ schemeId, broadcastId })
    },
    () => {},
  )
  let departing = Promise.resolve()
  const departures = await deps.database.listen(DEPARTURES_CHANNEL, followDepartures, followDepartures)
  await wakeAll()

  const stopProbes = startProbes(deps, worker, routes, receipts)
  const stopAsking = startAsking(deps, routes, recorder)
  let prunedAt = performance.now()
  let adoptedAt = prunedAt
  let heldAt = prunedAt
  let settling = Promise.resolve()
  const settleTimer = setInterval(() => {
    settling = settling
      .then(settle)
      .catch((error) => log.error({ err: error }, 'settling failed, trying again'))
  }, SETTLE_MS)
  const lookTimer = setInterval(() => {
    for (const route of routes.values()) route.look()
    heldAt = worker.isHeld() || !worker.hasOthers ? performance.now() : heldAt
    for (const gateway of deps.gateways) gateway.setAway?.(performance.now() - heldAt > AWAY_MS)
  }, LOOK_MS)

  /** At once when told, and once a second: one at a time, whoever asks. */
  function followDepartures(): Promise<void> {
    departing = departing.then(async () => {
      if (isStopping) return
      for (const { schemeId, broadcastId, alertId } of await withdrawDeparted(db, now())) {
        if (alertId !== null) deps.live.publish({ type: 'progress', schemeId, alertId, broadcastId })
      }
    })
    departing = departing.catch((error) => log.error({ err: error }, 'departures not followed, trying again'))
    return departing
  }

  async function wakeAll(): Promise<void> {
    for (const broadcast of await findUnfinished(db)) wake(broadcast)
  }

  async function settle(): Promise<void> {
    if (isStopping) return
    const dead = await worker.settleDead()
    if (dead.length > 0)
      log.warn({ workers: dead.length }, 'workers gave no sign of life: what they held is settled')
    const { hasOpen, isToTally } = await findSettlingWork(db)
    await (hasOpen ? settleOpen() : followDepartures())
    if (isToTally) await tallyBroadcasts(db, TALLY_MAX, now())
    if (performance.now() - adoptedAt > ADOPT_MS) {
      adoptedAt = performance.now()
      await receipts.adoptStrays()
    }
    if (performance.now() - prunedAt > PRUNE_MS) {
      prunedAt = performance.now()
      await receipts.prune()
      const old = new Date(now().getTime() - deps.config.keepDeliveriesDays * 86_400_000)
      await pruneDeliveries(db, old, PRUNE_MAX, now())
      await pruneUnknownReceipts(db, old)
      await pruneDepartures(db, now())
    }
  }

  /** Settles broadcasts that are not done. */
  async function settleOpen(): Promise<void> {
    const put = await settleLostChunks(db, now())
    if (put > 0)
      log.warn({ deliveries: put }, 'a worker ended in the middle of its work: its submissions are in doubt')
    await releaseOrphans()
    await expireDeliveries(db, now())
    await withdrawStopped(db, now())
    await followDepartures()
    await resendInDoubt(db, now(), deps.config.inDoubt)
    await wakeAll()
  }

  /**
   * Gives back what this process holds on disk without knowing: the database took a claim, and the connection ended
   * before its answer. Nothing of it was handed to a gateway.
   */
  async function releaseOrphans(): Promise<void> {
    const workerId = worker.id
    const held = await findHeldChunks(db, workerId, new Date(now().getTime() - ORPHAN_MS))
    const lost = held.filter((chunk) => !sending?.isInHand(chunk.broadcastId, chunk))
    await releaseChunks(
      db,
      lost.map((chunk) => ({ ...chunk, workerId, again: now() })),
    )
  }

  return {
    async stop(graceMs) {
      isStopping = true
      clearInterval(settleTimer)
      clearInterval(lookTimer)
      stopProbes()
      stopAsking()
      const within = (ms: number, work: Promise<unknown>) =>
        Promise.race([
          work.catch((error) => log.error({ err: error }, 'not all could be written at the end')),
          sleep(ms),
        ])
      const write = async () => {
        await settling
        await departing
        await receipts.settle()
        await recorder.drain()
        await worker.stop()
      }
      await within(
        graceMs,
        Promise.all([listening.close(), departures.close()]).then(() => sending?.stop()),
      )
      // Without a database this does not end: what is not on disk is in doubt for the next process.
      await within(LAST_WRITE_MS, write())
      givenUp.abort()
    },
  }
}

/** A route for each gateway of this process. */
function createRoutes({ gateways, config }: Pick<Deps, 'gateways' | 'config'>): ReadonlyMap<string, Route> {
  const simulated = gateways.filter((gateway) => gateway.simulated).length
  return new Map(
    gateways.map((gateway) => {
      const hasAlternative = gateway.simulated
        ? simulated > 1
        : config.routes.some(
            (rule) => rule.gateways.length > 1 && rule.gateways.some(({ name }) => name === gateway.name),
          )
      return [gateway.name, new Route(gateway, hasAlternative)]
    }),
  )
}
