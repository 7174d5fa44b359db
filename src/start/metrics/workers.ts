import { Counter, Gauge, type Registry } from 'prom-client'
import { Circuit, GatewayReport } from '../../deliveries/contract.ts'
import type { WorkerReading } from '../../deliveries/status/report.ts'

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
export function addWorkers(registry: Registry, workers: readonly WorkerReading[]): void {
  const alive = workers.filter((worker) => worker.isAlive)
  const known = new Gauge({
    name: 'tocsin_workers',
    help: 'Processes that send, by whether they are alive.',
    labelNames: ['alive'],
    registers: [registry],
  })
  known.set({ alive: 'true' }, alive.length)
  known.set({ alive: 'false' }, workers.length - alive.length)
  const metrics = createGatewayMetrics(registry)
  for (const { worker, report } of listWorkerGateways(alive)) {
    const at = { gateway: report.name, worker }
    setGatewayState(metrics, at, report)
    addGatewayTotals(metrics, at, report.totals)
  }
}

type GatewayMetrics = ReturnType<typeof createGatewayMetrics>
type GatewayFigures = WorkerReading['gateways'][number]

type GatewayLabels = Readonly<Record<'gateway' | 'worker', string>>

function createGatewayMetrics(registry: Registry) {
  const registers = [registry]
  const labels = ['gateway', 'worker']
  const gauge = (name: string, help: string, more: string[] = []) =>
    new Gauge({ name, help, labelNames: [...labels, ...more], registers })
  const counter = (name: string, help: string, more: string[] = []) =>
    new Counter({ name, help, labelNames: [...labels, ...more], registers })
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
  return {
    states,
    circuits,
    inFlight,
    window,
    limit,
    silent,
    unknown,
    answers,
    answerSeconds,
    refusals,
    counts,
  }
}

function setGatewayState(metrics: GatewayMetrics, at: GatewayLabels, report: GatewayFigures): void {
  const simulated = String(report.simulated)
  for (const state of GatewayReport.shape.state.options)
    metrics.states.set({ ...at, state, simulated }, state === report.state ? 1 : 0)
  for (const circuit of Circuit.options)
    metrics.circuits.set({ ...at, circuit }, circuit === report.circuit ? 1 : 0)
  metrics.inFlight.set(at, report.inFlight)
  metrics.window.set(at, report.window)
  if (report.partsPerSecond !== null) metrics.limit.set(at, report.partsPerSecond)
  metrics.silent.set(at, report.silentMs / 1000)
  const { received, unknown } = report.recentReceipts
  metrics.unknown.set(at, received === 0 ? 0 : Math.min(1, unknown / received))
}

function addGatewayTotals(
  { answers, answerSeconds, counts, refusals }: GatewayMetrics,
  at: GatewayLabels,
  totals: GatewayFigures['totals'],
): void {
  for (const answer of ['accepted', 'refused', 'throttled', 'unanswered'] as const)
    answers.inc({ ...at, answer }, totals[answer])
  answerSeconds.inc(at, totals.answerMs / 1000)
  for (const [key, one] of counts) one.inc(at, totals[key])
  for (const [code, count] of Object.entries(totals.refusals)) {
    refusals.inc({ ...at, code: `0x${Number(code).toString(16).toUpperCase().padStart(2, '0')}` }, count)
  }
}

/**
 * Lists each gateway of each worker. Workers are labelled by name, which survives a restart, and also by id when
 * two share a name.
 */
export function listWorkerGateways(alive: readonly WorkerReading[]) {
  const names = Map.groupBy(alive, (worker) => worker.name)
  return alive.flatMap(({ id, name, gateways }) =>
    gateways.map((report) => ({
      worker: names.get(name)?.length === 1 ? name : `${name}#${id}`,
      report,
    })),
  )
}
