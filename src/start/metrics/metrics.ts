import { sql } from 'kysely'
import { Counter, Gauge, type Registry } from 'prom-client'
import { BREAK_GLASS_STATES } from '../../break-glass/contract.ts'
import { readBreakGlassState } from '../../break-glass/seal.ts'
import { Circuit, GatewayReport } from '../../deliveries/contract.ts'
import { readCodeBudgets } from '../../deliveries/plan/code-budgets.ts'
import { readWorkers, type WorkerReading } from '../../deliveries/status/report.ts'
import type { Deps } from '../../deps.ts'
import type { App } from '../../platform/http/http.ts'
import { version } from '../../platform/process/version.ts'
import { metricsRoute } from '../../platform/telemetry/metrics.ts'
import { addBacklog, findLastBackup, readBacklog } from './backlog.ts'
import { formatBroadcastTimes, formatDeliveryTimes, readBroadcastTimes } from './durations.ts'

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
      const gauge = (name: string, help: string, labelNames: string[] = []) =>
        new Gauge({ name, help, labelNames, registers: [registry] })
      gauge('tocsin_info', 'Always 1.', ['version', 'role']).set({ version, role: deps.config.role }, 1)
      const isUp = gauge('tocsin_database_up', 'Whether the database answered this reading.')
      try {
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
        if (!deps.config.demo) {
          gauge(
            'tocsin_backup_last_timestamp_seconds',
            'When the last backup was made, in seconds since 1970; 0: none is known.',
          ).set((backup?.getTime() ?? 0) / 1000)
          gauge(
            'tocsin_backup_interval_seconds',
            'Time between two backups by the timer of the program.',
          ).set(deps.config.backup.hours * 3600)
        }
        const spent = gauge(
          'tocsin_code_budget_spent_ratio',
          'Share of the budget of today for codes by SMS that is spent, in the scheme that spent most of it.',
          ['budget'],
        )
        for (const budget of ['join', 'sign_in'] as const) {
          const ratios = budgets.filter((one) => one.budget === budget).map(({ ratio }) => ratio)
          spent.set({ budget }, Math.max(0, ...ratios))
        }
        const states = gauge('tocsin_break_glass', '1 for the state of the break-glass account.', ['state'])
        for (const state of BREAK_GLASS_STATES) states.set({ state }, state === breakGlass ? 1 : 0)
        isUp.set(1)
        // Dead workers are included: a series that went away would begin again with its first event.
        const broadcastTimes = formatBroadcastTimes(
          times,
          workers.flatMap(({ gateways }) => gateways),
        )
        return `${broadcastTimes}${formatDeliveryTimes(listWorkerGateways(workers.filter(({ isAlive }) => isAlive)))}`
      } catch (error) {
        // The figures of the process itself matter most when the database is down.
        deps.log.warn({ err: error }, 'database unreachable: metrics of this process only')
        isUp.set(0)
        return ''
      }
    },
  })
}

const COUNTS = {
  submitted: ['tocsin_gateway_parts_submitted_total', 'Parts written to the provider.'],
  receipts: ['tocsin_gateway_receipts_total', 'Receipts that came from the provider.'],
  unknownReceipts: [
    'tocsin_gateway_receipts_unknown_total',
    'Receipts stored because they matched no message.',
  ],
  foundReceipts: [
    'tocsin_gateway_receipts_found_total',
    'Receipts that matched no message at first and were matched later.',
  ],
  linksLost: ['tocsin_gateway_links_lost_total', 'Links to the provider that were lost.'],
} as const

/** Adds figures by worker: their sum would jump whenever a worker starts or stops. */
function addWorkers(registry: Registry, workers: readonly WorkerReading[]): void {
  const registers = [registry]
  const alive = workers.filter((worker) => worker.isAlive)
  const labels = ['gateway', 'worker']
  const gauge = (name: string, help: string, more: string[] = []) =>
    new Gauge({ name, help, labelNames: [...labels, ...more], registers })
  const counter = (name: string, help: string, more: string[] = []) =>
    new Counter({ name, help, labelNames: [...labels, ...more], registers })

  const known = new Gauge({
    name: 'tocsin_workers',
    help: 'Processes that send, by whether they are alive.',
    labelNames: ['alive'],
    registers,
  })
  known.set({ alive: 'true' }, alive.length)
  known.set({ alive: 'false' }, workers.length - alive.length)

  const states = gauge('tocsin_gateway_state', '1 for the state that a gateway is in.', [
    'state',
    'simulated',
  ])
  const circuits = gauge(
    'tocsin_gateway_circuit',
    '1 for the circuit of a gateway: closed (used), half_open (on trial), open (set aside).',
    ['circuit'],
  )
  const inFlight = gauge('tocsin_gateway_in_flight', 'Submissions without an answer.')
  const window = gauge('tocsin_gateway_window', 'Submissions without an answer at most.')
  const limit = gauge('tocsin_gateway_parts_per_second_limit', 'Parts a second at most; absent: no limit.')
  const silent = gauge(
    'tocsin_gateway_silent_seconds',
    'Time that submissions have waited without any answer.',
  )
  const unknown = gauge(
    'tocsin_gateway_receipts_unknown_ratio',
    'Share of the receipts of the last ten minutes that match no message; 0: none came.',
  )
  const answers = counter(
    'tocsin_gateway_parts_answered_total',
    'Parts by the result of their submission: accepted, refused, throttled, unanswered.',
    ['answer'],
  )
  const answerSeconds = counter(
    'tocsin_gateway_answer_seconds_total',
    'Time between submissions and their answers, summed.',
  )
  const refusals = counter('tocsin_gateway_refusals_total', 'Parts refused, by SMPP command_status.', [
    'code',
  ])
  const counts = Object.entries(COUNTS).map(
    ([key, [name, help]]) => [key as keyof typeof COUNTS, counter(name, help)] as const,
  )

  for (const { worker, report } of listWorkerGateways(alive)) {
    const at = { gateway: report.name, worker }
    for (const state of GatewayReport.shape.state.options)
      states.set({ ...at, state, simulated: String(report.simulated) }, state === report.state ? 1 : 0)
    for (const circuit of Circuit.options)
      circuits.set({ ...at, circuit }, circuit === report.circuit ? 1 : 0)
    inFlight.set(at, report.inFlight)
    window.set(at, report.window)
    if (report.partsPerSecond !== null) limit.set(at, report.partsPerSecond)
    silent.set(at, report.silentMs / 1000)
    const { received, unknown: unmatched } = report.recentReceipts
    unknown.set(at, received === 0 ? 0 : Math.min(1, unmatched / received))
    const { totals } = report
    for (const answer of ['accepted', 'refused', 'throttled', 'unanswered'] as const)
      answers.inc({ ...at, answer }, totals[answer])
    answerSeconds.inc(at, totals.answerMs / 1000)
    for (const [key, one] of counts) one.inc(at, totals[key])
    for (const [code, count] of Object.entries(totals.refusals)) {
      refusals.inc({ ...at, code: `0x${Number(code).toString(16).toUpperCase().padStart(2, '0')}` }, count)
    }
  }
}

/**
 * Lists each gateway of each worker. Workers are labelled by name, which survives a restart, and also by id when
 * two share a name.
 */
function listWorkerGateways(alive: readonly WorkerReading[]) {
  const names = Map.groupBy(alive, (worker) => worker.name)
  return alive.flatMap(({ id, name, gateways }) =>
    gateways.map((report) => ({
      worker: names.get(name)?.length === 1 ? name : `${name}#${id}`,
      report,
    })),
  )
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
