import { sql } from 'kysely'
import { Counter, Gauge, type Registry } from 'prom-client'
import { BREAK_GLASS_STATES } from '../../break-glass/contract.ts'
import { readBreakGlassState } from '../../break-glass/seal.ts'
import { readCodeBudgets } from '../../deliveries/plan/code-budgets.ts'
import { readWorkers } from '../../deliveries/status/report.ts'
import type { Deps } from '../../deps.ts'
import type { App } from '../../platform/http/http.ts'
import { version } from '../../platform/process/version.ts'
import { metricsRoute } from '../../platform/telemetry/metrics.ts'
import { addBacklog, findLastBackup, readBacklog } from './backlog.ts'
import { formatBroadcastTimes, formatDeliveryTimes, readBroadcastTimes } from './durations.ts'
import { addWorkers, listWorkerGateways } from './workers.ts'

/**
 * Registers GET /metrics when TOCSIN_METRICS_TOKEN is set. The figures of the installation (gateways, workers,
 * deliveries) come from the database, so every process reports the same ones. They contain no personal data. Call
 * it before registering the routes whose time is to be measured.
 */
export function metricsRoutes(app: App, deps: Pick<Deps, 'db' | 'config' | 'log' | 'now'>): void {
  const token = deps.config.metricsToken
  if (token === undefined) return
  metricsRoute(app, {
    token,
    async more(registry) {
      addInfo(registry, deps)
      const isUp = new Gauge({
        name: 'tocsin_database_up',
        help: 'Whether the database answered this reading.',
        registers: [registry],
      })
      try {
        const times = await addFigures(registry, deps)
        isUp.set(1)
        return times
      } catch (error) {
        // The figures of the process itself matter most when the database is down.
        deps.log.warn({ err: error }, 'database unreachable: metrics of this process only')
        isUp.set(0)
        return ''
      }
    },
  })
}

function addInfo(registry: Registry, { config }: Pick<Deps, 'config'>): void {
  new Gauge({
    name: 'tocsin_info',
    help: 'Always 1.',
    labelNames: ['version', 'role'],
    registers: [registry],
  }).set({ version, role: config.role }, 1)
}

/** Reads the figures of the installation and adds them. @returns the histograms of times, which the registry cannot hold */
async function addFigures(
  registry: Registry,
  deps: Pick<Deps, 'db' | 'config' | 'log' | 'now'>,
): Promise<string> {
  const [workers, deliveries, times, backlog, backup, budgets, breakGlass] = await Promise.all([
    readWorkers(deps.db),
    countDeliveries(deps),
    readBroadcastTimes(deps),
    readBacklog(deps),
    deps.config.demo ? undefined : findLastBackup(deps),
    readCodeBudgets(deps.db, deps.now()),
    readBreakGlassState(deps),
  ])
  addWorkers(registry, workers)
  addDeliveries(registry, deliveries)
  addBacklog(registry, backlog)
  if (!deps.config.demo) addBackups(registry, backup, deps.config.backup.hours)
  addCodeBudgets(registry, budgets)
  addBreakGlass(registry, breakGlass)
  // Dead workers are included: a series that went away would begin again with its first event.
  const broadcastTimes = formatBroadcastTimes(
    times,
    workers.flatMap(({ gateways }) => gateways),
  )
  return `${broadcastTimes}${formatDeliveryTimes(listWorkerGateways(workers.filter(({ isAlive }) => isAlive)))}`
}

function addBackups(registry: Registry, last: Date | undefined, hours: number): void {
  const registers = [registry]
  new Gauge({
    name: 'tocsin_backup_last_timestamp_seconds',
    help: 'When the last backup was made, in seconds since 1970; 0: none is known.',
    registers,
  }).set((last?.getTime() ?? 0) / 1000)
  new Gauge({
    name: 'tocsin_backup_interval_seconds',
    help: 'Time between two backups by the timer of the program.',
    registers,
  }).set(hours * 3600)
}

function addCodeBudgets(registry: Registry, budgets: Awaited<ReturnType<typeof readCodeBudgets>>): void {
  const spent = new Gauge({
    name: 'tocsin_code_budget_spent_ratio',
    help: 'Share of the budget of today for codes by SMS that is spent, in the scheme that spent most of it.',
    labelNames: ['budget'],
    registers: [registry],
  })
  for (const budget of ['join', 'sign_in'] as const) {
    const ratios = budgets.filter((one) => one.budget === budget).map(({ ratio }) => ratio)
    spent.set({ budget }, Math.max(0, ...ratios))
  }
}

function addBreakGlass(registry: Registry, current: Awaited<ReturnType<typeof readBreakGlassState>>): void {
  const states = new Gauge({
    name: 'tocsin_break_glass',
    help: '1 for the state of the break-glass account.',
    labelNames: ['state'],
    registers: [registry],
  })
  for (const state of BREAK_GLASS_STATES) states.set({ state }, state === current ? 1 : 0)
}

interface Deliveries {
  readonly open: number
  readonly waiting: number
  readonly accepted: number
  readonly inDoubt: number
  readonly delivered: number
  readonly failed: number
  readonly expired: number
  readonly withdrawn: number
  readonly possibleDuplicates: number
  /** Seconds since the order of the oldest unsubmitted message; null: none is waiting. */
  readonly oldestSeconds: number | null
}

/** Counts over all schemes from the totals of broadcasts, without reading deliveries. */
async function countDeliveries(deps: Pick<Deps, 'db'>): Promise<Deliveries> {
  const { rows } = await sql<Deliveries>`
    with b as (
      select *, state <> 'done' as is_open,
        planned - accepted - delivered - in_doubt - failed - expired - withdrawn as waiting
      from broadcasts
    )
    select (count(*) filter (where is_open))::int as open,
      coalesce(sum(waiting) filter (where is_open), 0)::float8 as waiting,
      coalesce(sum(accepted) filter (where is_open), 0)::float8 as accepted,
      coalesce(sum(in_doubt) filter (where is_open), 0)::float8 as in_doubt,
      coalesce(sum(delivered), 0)::float8 as delivered, coalesce(sum(failed), 0)::float8 as failed,
      coalesce(sum(expired), 0)::float8 as expired, coalesce(sum(withdrawn), 0)::float8 as withdrawn,
      coalesce(sum(possible_duplicates), 0)::float8 as possible_duplicates,
      extract(epoch from clock_timestamp() - min(ordered_at) filter (where is_open and waiting > 0))::float8
        as oldest_seconds
    from b`.execute(deps.db)
  return rows[0]!
}

function addDeliveries(registry: Registry, deliveries: Deliveries): void {
  const registers = [registry]
  new Gauge({ name: 'tocsin_broadcasts_open', help: 'Broadcasts under way.', registers }).set(deliveries.open)
  const open = new Gauge({
    name: 'tocsin_deliveries_open',
    help: 'Messages of the broadcasts under way that are not settled, by state.',
    labelNames: ['state'],
    registers,
  })
  open.set({ state: 'waiting' }, deliveries.waiting)
  open.set({ state: 'accepted' }, deliveries.accepted)
  open.set({ state: 'in_doubt' }, deliveries.inDoubt)
  new Gauge({
    name: 'tocsin_delivery_oldest_waiting_seconds',
    help: 'Time since the order of the oldest message that has not left; 0: none waits.',
    registers,
  }).set(Math.max(0, deliveries.oldestSeconds ?? 0))
  const settled = new Counter({
    name: 'tocsin_deliveries_settled_total',
    help: 'Messages whose outcome is written for good, by state, over all broadcasts in the database.',
    labelNames: ['state'],
    registers,
  })
  for (const state of ['delivered', 'failed', 'expired', 'withdrawn'] as const)
    settled.inc({ state }, deliveries[state])
  new Counter({
    name: 'tocsin_deliveries_possible_duplicates_total',
    help: 'Messages that may have reached their phone twice.',
    registers,
  }).inc(deliveries.possibleDuplicates)
}
