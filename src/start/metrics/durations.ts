import { sql } from 'kysely'
import { LANES } from '../../deliveries/lanes.ts'
import { bucketOf, DELIVERY_BOUNDS_SECONDS } from '../../deliveries/receipt/delivery-times.ts'
import type { WorkerReading } from '../../deliveries/status/report.ts'
import type { Deps } from '../../deps.ts'
import { formatHistogram, type HistogramSeries } from '../../platform/telemetry/metrics.ts'
import type { Severity } from '../../schema.ts'
import { SeverityName } from '../../schemes/doctrine.ts'

/** The times of one broadcast of an alert, in seconds; null: not reached in the counted period, or not known. */
export interface BroadcastTimes {
  readonly severity: Severity
  readonly simulated: boolean
  /** Gateway of the first of its messages that has left; null: none has. */
  readonly route: string | null
  /** From the call to the order of the first message; null for follow-ups, and for reports without a call. */
  readonly callToOrder: number | null
  readonly orderToFirst: number | null
  readonly orderToAccepted: number | null
}

/**
 * Time for which the figures stay unchanged before a new month, and then at 0: longer than two readings of Prometheus are apart.
 */
const CHANGE_MS = 10 * 60_000

/**
 * Returns the period whose events are counted: the month (UTC). A count that begins again with each month costs the same in an old
 * ledger, and no purge makes it smaller; Prometheus takes its return to 0 for a restart. So that no event is lost there, a
 * reading has to see the whole old month and the 0: the old month is shown for ten minutes longer, then an empty period for
 * ten minutes, then the new month.
 */
export function countedPeriod(now: Date): { readonly from: Date; readonly to: Date } {
  const shown = new Date(now.getTime() - CHANGE_MS)
  const startOf = (month: number) => new Date(Date.UTC(shown.getUTCFullYear(), month))
  const from = startOf(shown.getUTCMonth())
  const isChanging = shown.getTime() - from.getTime() < CHANGE_MS
  return { from, to: isChanging ? from : startOf(shown.getUTCMonth() + 1) }
}

/** Reads the times of the broadcasts of alerts that were reached in the counted period, over all schemes. */
export async function readBroadcastTimes({ db, now }: Pick<Deps, 'db' | 'now'>): Promise<BroadcastTimes[]> {
  const { from, to } = countedPeriod(now())
  const isCounted = (column: string) => sql`${sql.ref(column)} >= ${from} and ${sql.ref(column)} < ${to}`
  const { rows } = await sql<BroadcastTimes>`
    select a.severity, b.simulated,
      case when b.first_submit_at is not null then coalesce(
        (select d.gateway from deliveries d
          where d.scheme_id = b.scheme_id and d.broadcast_id = b.id and d.gateway is not null order by d.no limit 1),
        -- Once its deliveries are deleted.
        (select min(nullif(t.gateway, '')) from delivery_tallies t where t.scheme_id = b.scheme_id and t.broadcast_id = b.id)
      ) end as route,
      case when b.kind = 'first' and ${isCounted('b.orderedAt')}
        then extract(epoch from b.ordered_at - r.called_at) end::float8 as call_to_order,
      case when ${isCounted('b.firstSubmitAt')}
        then extract(epoch from b.first_submit_at - b.ordered_at) end::float8 as order_to_first,
      case when ${isCounted('b.allAcceptedAt')}
        then extract(epoch from b.all_accepted_at - b.ordered_at) end::float8 as order_to_accepted
    from broadcasts b
    join alerts a on a.scheme_id = b.scheme_id and a.id = b.alert_id
    join reports r on r.scheme_id = a.scheme_id and r.id = a.report_id
    -- Ordered at the end of a month, accepted in the next one.
    where b.ordered_at >= ${from}::timestamptz - interval '7 days'`.execute(db)
  return rows
}

const STEPS = [
  {
    key: 'callToOrder',
    name: 'tocsin_call_to_order_seconds',
    help: 'Time from the call to 17 to the order of the alert, for orders since the beginning of the month.',
    bounds: [30, 60, 120, 180, 300, 600, 900, 1800, 3600, 7200],
    hasRoute: false,
  },
  {
    key: 'orderToFirst',
    name: 'tocsin_order_to_first_sms_seconds',
    help: 'Time from an order to its first SMS, for first SMS since the beginning of the month.',
    bounds: [0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60],
    hasRoute: true,
  },
  {
    key: 'orderToAccepted',
    name: 'tocsin_order_to_all_accepted_seconds',
    help: 'Time from an order until providers have accepted its last SMS, for last SMS since the beginning of the month.',
    bounds: [0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 1800],
    hasRoute: true,
  },
] as const

type Step = (typeof STEPS)[number]

/** A gateway that sends, or did. */
export interface KnownGateway {
  readonly name: string
  readonly simulated: boolean
}

/**
 * Formats the times of broadcasts as histograms by severity, simulation and, except from the call to the order, route: a call has
 * none before its order. Each severity has a series for each gateway before its first event: Prometheus sees no increase in a
 * series that begins at 1. A broadcast uses simulated gateways only, or none of them.
 */
export function formatBroadcastTimes(
  times: readonly BroadcastTimes[],
  gateways: readonly KnownGateway[],
): string {
  return STEPS.map((step) => {
    const { key, name, help, bounds } = step
    const series = new StepSeries(step)
    for (const labels of labelsBeforeEvents(step, gateways)) series.open(labels)
    for (const one of times) {
      const seconds = one[key]
      if (seconds !== null) series.count(one, seconds)
    }
    return formatHistogram({ name, help, bounds }, series.list())
  }).join('')
}

type Labels = Pick<BroadcastTimes, 'severity' | 'simulated' | 'route'>

function labelsBeforeEvents({ hasRoute }: Step, gateways: readonly KnownGateway[]): Labels[] {
  const paths = hasRoute
    ? gateways.map(({ name: route, simulated }) => ({ route, simulated }))
    : [false, true].map((simulated) => ({ route: null, simulated }))
  return SeverityName.options.flatMap((severity) => paths.map((path) => ({ severity, ...path })))
}

/** The series of one step's histogram, by labels. */
class StepSeries {
  readonly #step: Step
  readonly #series = new Map<string, { labels: Record<string, string>; counts: number[]; sum: number }>()

  constructor(step: Step) {
    this.#step = step
  }

  /** Returns the series of these labels, which begins at 0. */
  open({ severity, simulated, route }: Labels) {
    const { bounds, hasRoute } = this.#step
    const labels = { severity, simulated: String(simulated), ...(hasRoute && { route: route ?? '' }) }
    const id = JSON.stringify(labels)
    const known = this.#series.get(id) ?? { labels, counts: Array(bounds.length + 1).fill(0), sum: 0 }
    this.#series.set(id, known)
    return known
  }

  count(labels: Labels, seconds: number): void {
    const known = this.open(labels)
    const index = bucketOf(seconds, this.#step.bounds)
    known.counts[index] = (known.counts[index] ?? 0) + 1
    known.sum += Math.max(0, seconds)
  }

  list(): HistogramSeries[] {
    return [...this.#series.values()]
  }
}

/** Formats the times from acceptance to delivery that live workers report, by gateway, lane and worker. */
export function formatDeliveryTimes(
  reports: readonly { readonly worker: string; readonly report: WorkerReading['gateways'][number] }[],
): string {
  const series = reports.flatMap(({ worker, report }): HistogramSeries[] => {
    return LANES.flatMap((lane) => {
      const { counts, seconds } = report.laneTimes[lane] ?? { counts: [], seconds: 0 }
      // Without a receipt there are no counts; a worker of another release may have other bounds.
      if (counts.length !== 0 && counts.length !== DELIVERY_BOUNDS_SECONDS.length + 1) return []
      return [{ labels: { gateway: report.name, lane, worker }, counts, sum: seconds }]
    })
  })
  return formatHistogram(
    {
      name: 'tocsin_accepted_to_delivered_seconds',
      help: 'Time from the acceptance of an SMS by a provider to its delivery receipt, one a part. The lane of an alert follows from its severity.',
      bounds: DELIVERY_BOUNDS_SECONDS,
    },
    series,
  )
}
