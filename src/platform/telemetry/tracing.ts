import type { Attributes, Span } from '@opentelemetry/api'
import type { Deps } from '../../deps.ts'

/** Time that the last spans may take to leave when the process stops. */
const STOP_GRACE_MS = 2000

/** The parts of OpenTelemetry that a span needs, loaded when traces are on. */
interface Tracing {
  readonly startRoot: (broadcastId: string, name: string, attributes: Attributes, at: Date) => Span
  readonly startChild: (broadcastId: string, name: string, attributes: Attributes) => Span
}

let tracing: Tracing | undefined

/**
 * Starts to send traces to a collector of OpenTelemetry by OTLP over HTTP; without an endpoint does nothing. A broadcast is one trace, from
 * its order to its last submission, in whichever processes: its id is the id of the trace, so nothing is passed on
 * between them.
 *
 * Attributes are ids of broadcasts and schemes, names of gateways and counts, never a name, a number or a text.
 * @param settings.endpoint base URL of the collector, as in `OTEL_EXPORTER_OTLP_ENDPOINT`
 * @param settings.headers as in `OTEL_EXPORTER_OTLP_HEADERS`
 * @returns a function that sends the last spans and stops
 */
export async function startTracing(
  settings: {
    readonly endpoint: string | undefined
    readonly headers?: string | undefined
    readonly service?: string
    readonly role: string
    readonly version: string
  },
  log: Pick<Deps['log'], 'warn'>,
): Promise<() => Promise<void>> {
  const { endpoint, headers = '', service = 'tocsin', role, version } = settings
  if (endpoint === undefined) return async () => {}
  const [api, { BatchSpanProcessor, TracerProvider }, { OTLPTraceExporter }, { resourceFromAttributes }] =
    await Promise.all([
      import('@opentelemetry/api'),
      import('@opentelemetry/sdk-trace'),
      import('@opentelemetry/exporter-trace-otlp-http'),
      import('@opentelemetry/resources'),
    ])
  const exporter = new OTLPTraceExporter({
    url: `${endpoint.replace(/\/+$/, '')}/v1/traces`,
    headers: parseHeaders(headers),
  })
  /** Ids of the next root span: the SDK asks for them while it starts the span. */
  let wanted: { readonly traceId: string; readonly spanId: string } | undefined
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      'service.name': service,
      'service.version': version,
      'tocsin.role': role,
    }),
    spanProcessors: [new BatchSpanProcessor({ exporter })],
    idGenerator: {
      generateTraceId: () => wanted?.traceId ?? randomHex(16),
      generateSpanId: () => wanted?.spanId ?? randomHex(8),
    },
  })
  const tracer = provider.getTracer('tocsin', version)
  tracing = {
    startRoot(broadcastId, name, attributes, at) {
      wanted = idsOf(broadcastId)
      try {
        return tracer.startSpan(name, { root: true, startTime: at, attributes })
      } finally {
        wanted = undefined
      }
    },
    startChild(broadcastId, name, attributes) {
      const parent = { ...idsOf(broadcastId), traceFlags: api.TraceFlags.SAMPLED, isRemote: true }
      return tracer.startSpan(name, { attributes }, api.trace.setSpanContext(api.ROOT_CONTEXT, parent))
    },
  }
  return async () => {
    tracing = undefined
    const limit = new Promise((resolve) => setTimeout(resolve, STOP_GRACE_MS).unref())
    await Promise.race([provider.shutdown(), limit]).catch((error: unknown) =>
      log.warn({ err: error }, 'last traces not sent'),
    )
  }
}

/** Reads headers as OpenTelemetry writes them. Without the `%` that it asks for, a value is taken as it is. */
function parseHeaders(text: string): Record<string, string> {
  const pairs = text.split(',').filter((pair) => pair.includes('='))
  return Object.fromEntries(
    pairs.map((pair) => {
      const [name = '', ...value] = pair.split('=')
      return [name.trim(), decode(value.join('=').trim())]
    }),
  )
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}

/** Ids of the trace and of the root span of a broadcast: its UUID, and the second half of it. */
function idsOf(broadcastId: string): { readonly traceId: string; readonly spanId: string } {
  const traceId = broadcastId.replaceAll('-', '')
  return { traceId, spanId: traceId.slice(16) }
}

function randomHex(bytes: number): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString('hex')
}

/** Records the order of a broadcast, which began at an instant and has just been written: the root of its trace. */
export function traceOrder(broadcastId: string, at: Date, attributes: Attributes): void {
  tracing?.startRoot(broadcastId, 'broadcast.order', attributes, at).end()
}

/** Starts a step of a broadcast; undefined while traces are off. The caller ends it. */
export function startStep(broadcastId: string, name: string, attributes: Attributes = {}): Span | undefined {
  return tracing?.startChild(broadcastId, name, attributes)
}
