import { sql } from 'kysely'
import { z } from 'zod'
import type { Deps } from '../../deps.ts'
import { formatMessage, type Lang } from '../../i18n/format.ts'
import { type Actor, authorize, may } from '../../permissions.ts'
import type { Db } from '../../platform/db.ts'
import {
  type Circuit,
  GatewayReport,
  type RouteDetails,
  type RoutesView,
  type RouteView,
} from '../contract.ts'
import { WORKER_DEAD_SECONDS } from '../workers.ts'
import { describeRefusal } from './failures.ts'

/** The last heartbeat of one worker. */
export interface WorkerReading {
  readonly id: string
  readonly name: string
  readonly startedAt: Date
  readonly beatAt: Date
  /** Milliseconds since its last heartbeat, by the clock of the database. */
  readonly beatMs: number
  readonly isAlive: boolean
  readonly gateways: readonly GatewayReport[]
}

/**
 * Lists the workers of the installation, the latest started first. Works in any process, since it reads only what
 * workers wrote. Skips a gateway written by another release of the program in an unknown shape.
 */
export async function readWorkers(db: Db): Promise<WorkerReading[]> {
  const { rows } = await sql<{
    id: number
    name: string
    startedAt: Date
    beatAt: Date
    beatMs: number
    gateways: unknown
  }>`
    select id, name, started_at, beat_at, gateways,
      greatest(0, extract(epoch from clock_timestamp() - beat_at) * 1000)::float8 as beat_ms
    from workers order by started_at desc, id`.execute(db)
  return rows.map((row) => ({
    ...row,
    id: String(row.id),
    beatMs: Math.round(row.beatMs),
    isAlive: row.beatMs <= WORKER_DEAD_SECONDS * 1000,
    gateways: z
      .array(z.unknown())
      .catch([])
      .parse(row.gateways)
      .flatMap((gateway) => GatewayReport.safeParse(gateway).data ?? []),
  }))
}

/**
 * Returns the SMS routes and the workers. Any reader of the scheme sees whether messages can leave; the details need
 * `route.read`.
 */
export async function getRoutes(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  schemeId: string,
  lang: Lang,
): Promise<RoutesView> {
  authorize(actor, 'scheme.read', schemeId)
  const view = await readRoutes(deps, lang)
  if (may(actor, 'route.read', schemeId)) return view
  return { ...view, routes: view.routes.map((route) => ({ ...route, details: null })), workers: null }
}

/** Reads the routes for the administrator of the machine, without a permission check. */
export async function readRoutes(deps: Pick<Deps, 'db' | 'now'>, lang: Lang): Promise<RoutesView> {
  const workers = await readWorkers(deps.db)
  return {
    at: deps.now().toISOString(),
    routes: mergeReports(
      workers.filter((worker) => worker.isAlive),
      lang,
    ),
    workers: workers.map(({ id, name, startedAt, beatMs, isAlive }) => ({
      id,
      name,
      startedAt: startedAt.toISOString(),
      beatMs,
      isAlive,
    })),
  }
}

interface Sighting {
  readonly worker: WorkerReading
  readonly report: GatewayReport
}

/** Merges the gateways of live workers, each summed over those that have it, in the order of the workers' settings. */
export function mergeReports(workers: readonly WorkerReading[], lang: Lang): RouteView[] {
  const sightings = new Map<string, Sighting[]>()
  for (const worker of workers) {
    for (const report of worker.gateways) {
      const same = sightings.get(report.name)
      if (same) same.push({ worker, report })
      else sightings.set(report.name, [{ worker, report }])
    }
  }
  return [...sightings.values()].map((all) => merge(all, lang))
}

const STATES = ['bound', 'connecting', 'down', 'stopped'] as const

function merge(all: readonly Sighting[], lang: Lang): RouteView {
  const reports = all.map(({ report }) => report)
  const first = reports[0]!
  const sum = (value: (report: GatewayReport) => number) =>
    reports.reduce((total, report) => total + value(report), 0)
  const state = STATES.find((one) => reports.some((report) => report.state === one)) ?? 'stopped'
  // The latest of several errors; without an instant, the error of a worker that cannot send.
  const failing = reports
    .filter((report) => report.lastError !== null)
    .sort(
      (a, b) =>
        (b.errorSince ?? '').localeCompare(a.errorSince ?? '') ||
        STATES.indexOf(b.state) - STATES.indexOf(a.state),
    )[0]
  const stateSince = reports
    .filter((report) => report.state === state)
    .map((report) => report.stateSince)
    .filter((since) => since !== undefined)
    .sort()[0]
  const totals = sumTotals(reports)
  const details: RouteDetails = {
    kind: first.kind,
    inFlight: sum((report) => report.inFlight),
    window: sum((report) => report.window),
    partsPerSecond: reports.some((report) => report.partsPerSecond === null)
      ? null
      : sum((report) => report.partsPerSecond ?? 0),
    silentMs: Math.max(...reports.map((report) => report.silentMs)),
    lastError: failing?.lastError
      ? formatMessage(lang, failing.lastError.key, failing.lastError.values)
      : null,
    stateSince: stateSince ?? null,
    errorSince: failing?.errorSince ?? null,
    totalsAt: new Date(
      all.reduce((total, { worker }) => total + worker.beatAt.getTime(), 0) / all.length,
    ).toISOString(),
    totals,
    recentReceipts: {
      received: sum((report) => report.recentReceipts.received),
      unknown: sum((report) => report.recentReceipts.unknown),
    },
    refusals: Object.entries(totals.refusals)
      .map(([code, count]) => ({ code: Number(code), count, meaning: describeRefusal(lang, Number(code)) }))
      .sort((a, b) => b.count - a.count || a.code - b.code),
    workers: all.length,
  }
  return {
    name: first.name,
    simulated: first.simulated,
    state,
    circuit: circuitOf(reports.map((report) => report.circuit)),
    details,
  }
}

function circuitOf(circuits: readonly Circuit[]): Circuit {
  const [first] = circuits
  return first !== undefined && circuits.every((circuit) => circuit === first) ? first : 'half_open'
}

const COUNTS = [
  'submitted',
  'accepted',
  'refused',
  'throttled',
  'unanswered',
  'receipts',
  'unknownReceipts',
  'foundReceipts',
  'linksLost',
  'answerMs',
] as const

function sumTotals(reports: readonly GatewayReport[]): RouteDetails['totals'] {
  const counts = Object.fromEntries(
    COUNTS.map((name) => [name, reports.reduce((total, { totals }) => total + totals[name], 0)]),
  ) as Record<(typeof COUNTS)[number], number>
  const refusals: Record<string, number> = {}
  for (const { totals } of reports) {
    for (const [code, count] of Object.entries(totals.refusals))
      refusals[code] = (refusals[code] ?? 0) + count
  }
  return { ...counts, refusals }
}

/**
 * Parts accepted per second between two readings; null when they cannot be compared: no heartbeat between them, or a
 * worker came or went, so that the totals jump.
 */
export function acceptedPerSecond(before: RoutesView, after: RoutesView, name: string): number | null {
  const [from, to] = [before, after].map((view) => view.routes.find((route) => route.name === name)?.details)
  if (!from || !to || aliveOf(before) !== aliveOf(after)) return null
  const seconds = (Date.parse(to.totalsAt) - Date.parse(from.totalsAt)) / 1000
  return seconds <= 0 ? null : Math.max(0, to.totals.accepted - from.totals.accepted) / seconds
}

function aliveOf(view: RoutesView): string {
  return (view.workers ?? [])
    .filter((worker) => worker.isAlive)
    .map((worker) => worker.id)
    .sort()
    .join(' ')
}
