import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { collectDefaultMetrics, Histogram, Registry } from 'prom-client'
import { AppError } from '../../errors.ts'
import type { App } from '../http/http.ts'

const HTTP_BUCKETS_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
/** Fine enough to show a block of a few milliseconds; each sample costs a timer. */
const LOOP_PRECISION_MS = 10

/**
 * Serves figures of this process in the Prometheus text format at GET /metrics: memory, processor, event loop, duration of
 * HTTP requests by endpoint, and the figures that `more` adds at each reading. Call it before the endpoints to be timed.
 *
 * Declared public because a program has no session: it requires the token and answers 401 without it.
 */
export function metricsRoute(
  app: App,
  options: {
    readonly token: string
    /** Adds figures to a registry created for one reading. @returns further figures as text */
    readonly more: (registry: Registry) => Promise<string>
  },
): void {
  const own = new Registry()
  collectDefaultMetrics({ register: own, eventLoopMonitoringPrecision: LOOP_PRECISION_MS })
  const durations = new Histogram({
    name: 'tocsin_http_request_duration_seconds',
    help: 'Time to answer HTTP requests, by route. Event streams are left out.',
    labelNames: ['method', 'route', 'status'],
    buckets: HTTP_BUCKETS_SECONDS,
    registers: [own],
  })

  app.addHook('onResponse', async (request, reply) => {
    // A stream lasts as long as its reader stays.
    if (request.headers.accept === 'text/event-stream') return
    durations.observe(
      {
        method: request.method,
        // The path pattern, not the requested path, which may contain a number or a name.
        route: request.routeOptions.url ?? '(none)',
        status: `${Math.floor(reply.statusCode / 100)}xx`,
      },
      reply.elapsedTime / 1000,
    )
  })

  app.get(
    '/metrics',
    {
      config: { permission: 'public' },
      onRequest: async (request, reply) => {
        if (hasBearerToken(request, options.token)) return
        reply.header('www-authenticate', 'Bearer')
        throw new AppError('not_signed_in')
      },
    },
    async (_request, reply) => {
      const now = new Registry()
      const text = await options.more(now)
      return reply
        .type(own.contentType)
        .header('cache-control', 'no-store')
        .send(`${await own.metrics()}\n${await now.metrics()}\n${text}`)
    },
  )
}

/** Returns whether the request has this bearer token, in a time that does not depend on its content. */
function hasBearerToken(request: FastifyRequest, token: string): boolean {
  const given = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? ''
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(token))
}

/** The counts of one set of labels of a histogram. */
export interface HistogramSeries {
  readonly labels: Readonly<Record<string, string>>
  /** Observations up to each bound that exceed the one before, then those beyond the last. */
  readonly counts: readonly number[]
  readonly sum: number
}

/**
 * Formats counts that were made elsewhere as a histogram in the Prometheus text format; prom-client's own counts single
 * observations only.
 */
export function formatHistogram(
  {
    name,
    help,
    bounds,
  }: { readonly name: string; readonly help: string; readonly bounds: readonly number[] },
  series: readonly HistogramSeries[],
): string {
  const lines = series.flatMap(({ labels, counts, sum }) => {
    const own = Object.entries(labels).map(([key, value]) => `${key}="${escapeLabel(value)}"`)
    let total = 0
    const buckets = [...bounds, '+Inf'].map((bound, index) => {
      total += counts[index] ?? 0
      return `${name}_bucket{${[`le="${bound}"`, ...own].join(',')}} ${total}`
    })
    return [...buckets, `${name}_sum{${own.join(',')}} ${sum}`, `${name}_count{${own.join(',')}} ${total}`]
  })
  return [`# HELP ${name} ${help}`, `# TYPE ${name} histogram`, ...lines, ''].join('\n')
}

/** Escapes a label value (Prometheus text format 0.0.4). */
function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
