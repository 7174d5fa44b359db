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
import { retryMemoryFull } from './settle/memory-full.ts'
import { pruneDeliveries, pruneFormerNumbers, pruneUnknownReceipts } from './settle/prune.ts'
import { OutcomeRecorder } from './settle/recorder.ts'
import { tallyBroadcasts } from './settle/tallies.ts'
import { withSince } from './status/since.ts'
import { startWorker } from './workers.ts'

/** Interval of checks for deliveries in doubt, expired broadcasts and chunks of dead workers. */
const SETTLE_MS = 1000
/** Interval of health checks of routes; it adds to the time until another takes over. */
const LOOK_MS = 100
/**
 * Beyond its lease, a process without the database for this long leaves the providers to the other workers: it cannot
 * write the receipts that it gets. The delay lets a process that wakes from a freeze send its heartbeat.
 */
const AWAY_MS = 1000
/** Age at which a claim on disk that this process does not know is released: far longer than a claim takes. */
const ORPHAN_MS = 2 * CLAIM_TIMEOUT_MS
/** Interval of deleting old deliveries and forgetting receipts no longer awaited, and the maximum deleted each time. */
const PRUNE_MS = 60_000
const PRUNE_MAX = 20_000
/** Broadcasts counted per check, so that a backlog of them does not delay expiry. */
const TALLY_MAX = 5
/** Interval of looking up the unknown receipts stored by other processes. */
const ADOPT_MS = 5000
/** Maximum wait for the last outcomes to be on disk when the process ends. */
const LAST_WRITE_MS = 5000

/** Interval of looking whether the first message has left, and the longest wait for it. */
const FIRST_LOOK_MS = 5
const FIRST_WAIT_MS = 500

export interface Dispatcher {
  /**
   * Resolves when the first message of the broadcasts that were unfinished at the start has left, at once when there were
   * none, and after half a second in any case: what the caller does next may keep the process busy.
   */
  underWay(): Promise<void>
  /** Stops sending, waits for the answers in flight (`graceMs` at most), and writes all of them. */
  stop(graceMs: number): Promise<void>
}

/**
 * Sends planned broadcasts and records their outcomes: claims chunks, submits them to a gateway, writes the answers and
 * receipts, settles the chunks of former processes. Starts the gateways of `deps`; the caller stops them, after the
 * dispatcher.
 */
export async function startDispatcher(deps: Deps): Promise<Dispatcher> {
  const { db, now, log } = deps
  const routes = createRoutes(deps)
  let sending: Sending | undefined
  let reports: GatewayReport[] = []
  const givenUp = new AbortController()
  const recorder = new OutcomeRecorder(deps, givenUp.signal)
  const receipts = new ReceiptMatcher(deps, recorder)
  const worker = await startWorker(deps, {
    reportGateways() {
      reports = withSince(
        reports,
        [...routes.values()].map((route) => route.report(receipts.countsOf(route.gateway.name))),
        now(),
      )
      return reports
    },
    shared(workers, rank) {
      for (const route of routes.values()) route.share(workers, rank)
    },
    lost: () => sending?.lose(),
  })
  sending = new Sending({ deps, worker, recorder, receipts, routes, givenUp: givenUp.signal })
  const wake = sending.wake.bind(sending)
  let isStopping = false

  await receipts.load()
  // Before the first link: a provider sends its queued receipts as soon as we are bound.
  for (const gateway of deps.gateways) {
    gateway.onReceipts((batch) => receipts.take(batch))
    gateway.onInbound((message) => takeInbound(deps, message))
  }
  await Promise.all(deps.gateways.map((gateway) => gateway.start()))

  await settleLostChunks(db, now())
  // A notification only wakes: the chunks on disk are the work, and the timer below finds missed ones.
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
  const unfinished = await wakeAll()

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

  /** Withdraws deliveries to departed numbers, on each notification and once a second, one run at a time. */
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

  /** @returns the number of broadcasts woken */
  async function wakeAll(): Promise<number> {
    const unfinished = await findUnfinished(db)
    for (const broadcast of unfinished) wake(broadcast)
    return unfinished.length
  }

  async function settle(): Promise<void> {
    if (isStopping) return
    const dead = await worker.settleDead()
    if (dead.length > 0)
      log.warn({ workers: dead.length }, 'workers gave no sign of life: what they held is settled')
    const { hasOpen, isToTally, isToRetry } = await findSettlingWork(db, now())
    if (isToRetry) await retryFullPhones()
    await (hasOpen || isToRetry ? settleOpen() : followDepartures())
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
      await pruneFormerNumbers(db, old)
      await pruneDepartures(db, now())
    }
  }

  /** Sends messages once more to phones whose memory was full. */
  async function retryFullPhones(): Promise<void> {
    const { memoryFullSeconds } = deps.config
    if (memoryFullSeconds === 'never') return
    for (const { schemeId, broadcastId, alertId } of await retryMemoryFull(
      db,
      { ...deps.config, memoryFullSeconds },
      now(),
    )) {
      if (alertId !== null) deps.live.publish({ type: 'progress', schemeId, alertId, broadcastId })
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
   * Releases chunks that this process holds on disk without knowing: the database committed a claim, and the connection
   * was lost before its answer. None of their deliveries was handed to a gateway.
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
    async underWay() {
      const endMs = performance.now() + FIRST_WAIT_MS
      const isWaiting = () => deps.gateways.every((gateway) => gateway.totals().submitted === 0)
      while (unfinished > 0 && isWaiting() && performance.now() < endMs) await sleep(FIRST_LOOK_MS)
    },
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
      // Without a database this never ends: unwritten outcomes are in doubt for the next process.
      await within(LAST_WRITE_MS, write())
      givenUp.abort()
    },
  }
}

/** Creates a route for each gateway of this process. */
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
