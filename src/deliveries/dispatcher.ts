import type { Deps } from '../deps.ts'
import { sleep } from '../platform/sleep.ts'
import { settleLostChunks } from './claim/claims.ts'
import { DEPARTURES_CHANNEL } from './claim/departures.ts'
import type { GatewayReport } from './contract.ts'
import { DISPATCH_CHANNEL } from './plan/plan.ts'
import { takeInbound } from './receipt/inbound.ts'
import { ReceiptMatcher } from './receipt/receipts.ts'
import { startProbes } from './send/probe.ts'
import { Route } from './send/route.ts'
import { Sending } from './send/sending.ts'
import { startAsking } from './settle/asking.ts'
import { OutcomeRecorder } from './settle/recorder.ts'
import { Settling } from './settle/settling.ts'
import { withSince } from './status/since.ts'
import { startWorker, type Worker } from './workers.ts'

/** Interval of health checks of routes; it adds to the time until another takes over. */
const HEALTH_CHECK_EVERY_MS = 100
/**
 * Beyond its lease, a process without the database for this long leaves the providers to the other workers: it cannot
 * write the receipts that it gets. The delay lets a process that wakes from a freeze send its heartbeat.
 */
const AWAY_MS = 1000
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
  const givenUp = new AbortController()
  const recorder = new OutcomeRecorder(deps, givenUp.signal)
  const receipts = new ReceiptMatcher(deps, recorder)
  const worker = await startWorker(deps, {
    reportGateways: createReporter(deps, routes, receipts),
    shared(workers, rank) {
      for (const route of routes.values()) route.share(workers, rank)
    },
    lost: () => sending?.lose(),
  })
  sending = new Sending({ deps, worker, recorder, receipts, routes, givenUp: givenUp.signal })
  const settling = new Settling({ deps, worker, receipts, sending })

  await receipts.load()
  await startGateways(deps, receipts)
  await settleLostChunks(db, now())
  const stopListening = await listenForWork(deps, sending, settling)
  const unfinished = await settling.wakeAll()

  const stopProbes = startProbes(deps, worker, routes, receipts)
  const stopAsking = startAsking(deps, routes, recorder)
  settling.start()
  const stopWatching = watchRoutes(deps, worker, routes)

  return {
    async underWay() {
      const endMs = performance.now() + FIRST_WAIT_MS
      const isWaiting = () => deps.gateways.every((gateway) => gateway.totals().submitted === 0)
      while (unfinished > 0 && isWaiting() && performance.now() < endMs) await sleep(FIRST_LOOK_MS)
    },
    async stop(graceMs) {
      settling.stop()
      stopWatching()
      stopProbes()
      stopAsking()
      const within = async (ms: number, work: Promise<unknown>, leftBehind: string) => {
        const isOver = work
          .then(() => true)
          .catch((error) => {
            log.error({ err: error }, 'not all could be written at the end')
            return true
          })
        const isLate = sleep(ms).then(() => false)
        if (!(await Promise.race([isOver, isLate]))) log.warn({ ms }, leftBehind)
      }
      const write = async () => {
        await settling.drain()
        await receipts.settle()
        await recorder.drain()
        await worker.stop()
      }
      await within(
        graceMs,
        stopListening().then(() => sending.stop()),
        'stopped before all submitted messages were answered: these are in doubt',
      )
      // Without a database this never ends: unwritten outcomes are in doubt for the next process.
      await within(LAST_WRITE_MS, write(), 'stopped before all outcomes were written: these are in doubt')
      givenUp.abort()
    },
  }
}

/** Returns what reports the state of this process's gateways, each with the time since which it is so. */
function createReporter(
  { now }: Pick<Deps, 'now'>,
  routes: ReadonlyMap<string, Route>,
  receipts: ReceiptMatcher,
): () => GatewayReport[] {
  let reports: GatewayReport[] = []
  return () => {
    reports = withSince(
      reports,
      [...routes.values()].map((route) => route.report(receipts.countsOf(route.gateway.name))),
      now(),
    )
    return reports
  }
}

/** Starts the gateways, which receive from their first link on: a provider sends its queued receipts as it is bound. */
async function startGateways(deps: Deps, receipts: ReceiptMatcher): Promise<void> {
  for (const gateway of deps.gateways) {
    gateway.onReceipts((batch) => receipts.take(batch))
    gateway.onInbound((message) => takeInbound(deps, message))
  }
  await Promise.all(deps.gateways.map((gateway) => gateway.start()))
}

/**
 * Wakes sending and settling by the database's notifications. These only save time: the chunks on disk are the work, and
 * settling finds what a lost notification left.
 * @returns a function that stops it
 */
async function listenForWork(
  { database }: Pick<Deps, 'database'>,
  sending: Sending,
  settling: Settling,
): Promise<() => Promise<unknown>> {
  const dispatches = await database.listen(
    DISPATCH_CHANNEL,
    (payload) => {
      const [schemeId, broadcastId] = payload.split(' ')
      if (schemeId !== undefined && broadcastId !== undefined) sending.wake({ schemeId, broadcastId })
    },
    () => {},
  )
  const follow = () => settling.followDepartures()
  const departures = await database.listen(DEPARTURES_CHANNEL, follow, follow)
  return () => Promise.all([dispatches.close(), departures.close()])
}

/**
 * Checks the health of routes, and leaves the providers to other workers while this process has no database.
 * @returns a function that stops it
 */
function watchRoutes(
  { gateways }: Pick<Deps, 'gateways'>,
  worker: Worker,
  routes: ReadonlyMap<string, Route>,
): () => void {
  let heldAt = performance.now()
  const timer = setInterval(() => {
    for (const route of routes.values()) route.updateCircuit()
    heldAt = worker.isHeld() || !worker.hasOthers ? performance.now() : heldAt
    for (const gateway of gateways) gateway.setAway?.(performance.now() - heldAt > AWAY_MS)
  }, HEALTH_CHECK_EVERY_MS)
  return () => clearInterval(timer)
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
