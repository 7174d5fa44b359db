import { sql } from 'kysely'
import { bucketOf, DELIVERY_BOUNDS_SECONDS } from '../deliveries/receipt/delivery-times.ts'
import type { WorkerReading } from '../deliveries/status/report.ts'
import type { Deps } from '../deps.ts'
import { formatHistogram, type HistogramSeries } from '../platform/metrics.ts'
import type { Severity } from '../schema.ts'

/** The times of one broadcast of an alert, in seconds; null: not reached, or not known. */
export interface BroadcastTimes {
  readonly severity: Severity
  readonly simulated: boolean
  /** Gateway of its first message; null: none has left. */
  readonly route: string | null
  /** From the call to the order of the first message; null for follow-ups. */
  readonly callToOrder: number | null
  readonly orderToFirst: number | null
  readonly orderToAccepted: number | null
}

/**
 * Reads the times of the broadcasts of alerts ordered since the beginning of the month (UTC), over all schemes. A count that
 * begins again with each month costs the same in an old ledger, and no purge makes it smaller: Prometheus takes its
 * return to nearly 0 for a restart.
 */
export async function readBroadcastTimes({ db, now }: Pick<Deps, 'db' | 'now'>): Promise<BroadcastTimes[]> {
  const { rows } = await sql<BroadcastTimes>`
    select a.severity, b.simulated,
      (select d.gateway from deliveries d where d.scheme_id = b.scheme_id and d.broadcast_id = b.id and d.no = 1) as route,
      case when b.kind = 'first' then extract(epoch from b.ordered_at - r.called_at) end::float8 as call_to_order,
      extract(epoch from b.first_submit_at - b.ordered_at)::float8 as order_to_first,
      extract(epoch from b.all_accepted_at - b.ordered_at)::float8 as order_to_accepted
    from broadcasts b
    join alerts a on a.scheme_id = b.scheme_id and a.id = b.alert_id
    join reports r on r.scheme_id = a.scheme_id and r.id = a.report_id
    where b.ordered_at >= date_trunc('month', ${now()}::timestamptz, 'UTC')`.execute(db)
  return rows
}

const STEPS = [
  {
    key: 'callToOrder',
    name: 'tocsin_call_to_order_seconds',
    help: 'Time from the call to 17 to the order of the alert, for alerts ordered since the beginning of the month.',
    bounds: [30, 60, 120, 180, 300, 600, 900, 1800, 3600, 7200],
    hasRoute: false,
  },
  {
    key: 'orderToFirst',
    name: 'tocsin_order_to_first_sms_seconds',
    help: 'Time from an order to its first SMS, for broadcasts ordered since the beginning of the month.',
    bounds: [0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60],
    hasRoute: true,
  },
  {
    key: 'orderToAccepted',
    name: 'tocsin_order_to_all_accepted_seconds',
    help: 'Time from an order until providers have accepted its last SMS, for broadcasts ordered since the beginning of the month.',
    bounds: [0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 1800],
    hasRoute: true,
  },
] as const

/** Formats the times of broadcasts as histograms by severity, simulation and, where it is known, route. */
export function formatBroadcastTimes(times: readonly BroadcastTimes[]): string {
  return STEPS.map(({ key, name, help, bounds, hasRoute }) => {
    const series = new Map<string, { labels: Record<string, string>; counts: number[]; sum: number }>()
    for (const one of times) {
      const seconds = one[key]
      if (seconds === null) continue
      const { severity, simulated, route } = one
      const labels = {
        severity,
        simulated: String(simulated),
        ...(hasRoute && { route: route ?? '' }),
      }
      const id = JSON.stringify(labels)
      const known = series.get(id) ?? { labels, counts: Array(bounds.length + 1).fill(0), sum: 0 }
      series.set(id, known)
      const index = bucketOf(seconds, bounds)
      known.counts[index] = (known.counts[index] ?? 0) + 1
      known.sum += Math.max(0, seconds)
    }
    return formatHistogram({ name, help, bounds }, [...series.values()])
  }).join('')
}

/** Formats the times from acceptance to delivery that live workers report, by gateway and worker. */
export function formatDeliveryTimes(
  reports: readonly { readonly worker: string; readonly report: WorkerReading['gateways'][number] }[],
): string {
  const series = reports.flatMap(({ worker, report }): HistogramSeries[] => {
    const { counts, seconds } = report.deliveryTimes
    if (counts.length !== DELIVERY_BOUNDS_SECONDS.length + 1) return []
    return [{ labels: { gateway: report.name, worker }, counts, sum: seconds }]
  })
  return formatHistogram(
    {
      name: 'tocsin_accepted_to_delivered_seconds',
      help: 'Time from the acceptance of an SMS by a provider to its delivery receipt, one a part.',
      bounds: DELIVERY_BOUNDS_SECONDS,
    },
    series,
  )
}
