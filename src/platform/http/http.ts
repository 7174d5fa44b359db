import type { RateLimitOptions } from '@fastify/rate-limit'
import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { z } from 'zod'
import { AppError } from '../../errors.ts'
import { type Lang, langOf } from '../../i18n/format.ts'
import type { Actor } from '../../permissions.ts'
import { type Declaration, type Endpoint, type RoutePermission, successStatus } from './endpoints.ts'
import { endInFlight } from './in-flight.ts'
import { networkOf } from './network.ts'

/** The server as seen by routes: the Zod schemas of a route give the types of its body, query and parameters. */
export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>

declare module 'fastify' {
  interface FastifyContextConfig {
    permission?: RoutePermission
    /** Absent on routes outside the documented API: the pages of the web app, webhooks, the endpoint of commands. */
    endpoint?: Endpoint
    beforePasswordChange?: boolean
    whileLocked?: boolean
    cacheable?: true
  }
  interface FastifyRequest {
    /** The caller. It is set on every endpoint that is not public; reading it on a public one throws. */
    actor: Actor
    /** Returns whether the caller's session and roles still allow this endpoint; long-lived streams ask it repeatedly. */
    stillAllowed(): Promise<boolean>
  }
}

type Parsed<D extends Declaration, Part extends 'params' | 'query' | 'body'> = D[Part] extends z.ZodType
  ? z.output<D[Part]>
  : unknown

/** A request whose parameters, query and body were validated by the declaration of its endpoint. */
export type EndpointRequest<D extends Declaration> = FastifyRequest<{
  Params: Parsed<D, 'params'>
  Querystring: Parsed<D, 'query'>
  Body: Parsed<D, 'body'>
}>

/** A handler returns the declared answer; nothing when there is none, or when it writes the response itself. */
type Answered<D extends Declaration> =
  | FastifyReply
  | (D extends { readonly answer: infer Answer extends z.ZodType; readonly produces?: undefined }
      ? z.output<Answer>
      : // biome-ignore lint/suspicious/noConfusingVoidType: such a handler returns nothing.
        void)

/** Registers an endpoint with the code behind it. The response has the declared status unless the handler sets another. */
export function addEndpoint<E extends Endpoint>(
  app: App,
  endpoint: E,
  handler: (request: EndpointRequest<E>, reply: FastifyReply) => Answered<E> | Promise<Answered<E>>,
): void {
  const { params, query, body, answer, produces, otherAnswers = {}, bodyLimit, rateLimit } = endpoint
  const { permission, beforePasswordChange, whileLocked, cacheable } = endpoint
  const status = successStatus(endpoint)
  const written = produces === undefined ? answer : undefined
  const answers = Object.entries({ ...otherAnswers, [status]: written }).filter(
    ([, schema]) => schema != null,
  )
  app.route({
    method: endpoint.method,
    url: endpoint.path,
    config: {
      endpoint,
      permission,
      ...(rateLimit !== undefined && { rateLimit: rateLimit as RateLimitOptions }),
      ...(beforePasswordChange !== undefined && { beforePasswordChange }),
      ...(whileLocked !== undefined && { whileLocked }),
      ...(cacheable !== undefined && { cacheable }),
    },
    ...(bodyLimit !== undefined && { bodyLimit }),
    schema: {
      ...(params !== undefined && { params }),
      ...(query !== undefined && { querystring: query }),
      ...(body !== undefined && { body }),
      ...(answers.length > 0 && { response: Object.fromEntries(answers) }),
    },
    handler(request, reply) {
      if (status !== 200) reply.status(status)
      return handler(request as unknown as EndpointRequest<E>, reply as unknown as FastifyReply) as never
    },
  })
}

/** Returns the language of the response, as requested by the reader's browser. */
export function langOfRequest(request: FastifyRequest): Lang {
  return langOf(request.headers['accept-language'])
}

const PING_MS = 15_000
/** A connection is closed when this much data waits for its reader, who reads the current state again on return. */
const MAX_BACKLOG_BYTES = 1024 * 1024

export interface EventStream {
  /** Sends one event: its value as JSON, with an event name if given. Does nothing after the stream is closed. */
  send(value: unknown, event?: string): void
  close(): void
}

/**
 * Answers with server-sent events (text/event-stream) and keeps the connection open, with regular comments so that proxies do
 * not close it. It ends by itself when the caller's session does.
 * @param onClose called once when the reader leaves or the server stops
 */
export function openEventStream(
  request: FastifyRequest,
  reply: FastifyReply,
  onClose: () => void,
): EventStream {
  const streams = openStreams.get(request.server.server) ?? new Map<() => void, OpenStream>()
  const reader = readerOf(request)
  const seconds = STREAM_RETRY_SECONDS
  for (const [key, max] of STREAM_LIMITS) {
    const same = [...streams.values()].filter((one) => one[key] !== undefined && one[key] === reader[key])
    if (same.length < max) continue
    onClose()
    throw new AppError('rate_limited', { values: { seconds } })
  }
  endInFlight(request)
  reply.hijack()
  const { raw } = reply
  const headers = { ...reply.getHeaders() } as Record<string, string>
  raw.writeHead(200, {
    ...headers,
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    // Proxies that buffer responses (nginx) would delay the events.
    'x-accel-buffering': 'no',
  })
  raw.flushHeaders()
  let closed = false
  const ping = setInterval(() => {
    raw.write(':\n\n')
    request.stillAllowed().then((allowed) => {
      if (!allowed) close()
    }, close)
  }, PING_MS)
  function close(): void {
    if (closed) return
    closed = true
    clearInterval(ping)
    openStreams.get(request.server.server)?.delete(close)
    if (!raw.writableEnded) raw.end()
    onClose()
  }
  raw.on('close', close)
  raw.on('error', close)
  const retrySoon = () => raw.write(`retry: ${RENEWED_RETRY_MS}\n\n`)
  openStreams.set(request.server.server, streams.set(close, { ...reader, retrySoon }))
  // The session may have ended while the request was in transit.
  request.stillAllowed().then((allowed) => {
    if (!allowed) close()
  }, close)
  return {
    send(value, event) {
      if (closed) return
      raw.write(`${event === undefined ? '' : `event: ${event}\n`}data: ${JSON.stringify(value)}\n\n`)
      if (raw.writableLength > MAX_BACKLOG_BYTES) {
        raw.destroy()
        close()
      }
    },
    close,
  }
}

/** The open streams of each server, with the console account of each, if any. */
const openStreams = new WeakMap<object, Map<() => void, OpenStream>>()

/** Returns the account or the session of a contact that reads a stream, and its network. */
function readerOf(request: FastifyRequest): StreamReader {
  const network = networkOf(request.ip)
  const none = { owner: undefined, session: undefined, isOfConsole: false, network }
  if (request.routeOptions.config.permission === 'public') return none
  const { actor } = request
  if (actor.kind === 'user')
    return { owner: actor.userId, session: actor.session?.id, isOfConsole: true, network }
  return actor.kind === 'contact' ? { ...none, owner: actor.sessionId, session: actor.sessionId } : none
}

interface StreamReader {
  readonly owner: string | undefined
  readonly session: string | undefined
  readonly isOfConsole: boolean
  readonly network: string
}

interface OpenStream extends StreamReader {
  /** Lets the browser open the stream again at once when it ends. */
  readonly retrySoon: () => void
}

/**
 * Streams of one reader and of one network in a process. A control room is behind one address, with some tabs a person; so are
 * many members behind the address of a mobile operator.
 */
const STREAM_LIMITS = [
  ['owner', 20],
  ['network', 500],
] as const
const STREAM_RETRY_SECONDS = 30

/** Closes every open event stream of the server, or those of one account or session of the portal. */
export function closeEventStreams(app: App, reader?: string): void {
  for (const [close, { owner }] of [...(openStreams.get(app.server) ?? [])]) {
    if (reader === undefined || owner === reader) close()
  }
}

/** Ends every open event stream of the console; its screens open theirs again at once, and read what may have changed. */
export function reopenConsoleStreams(app: App): void {
  for (const [close, { retrySoon, isOfConsole }] of [...(openStreams.get(app.server) ?? [])]) {
    if (!isOfConsole) continue
    retrySoon()
    close()
  }
}

/** The browser has the new token of a session after this time. */
const RENEWED_MS = 1000
/** Delay before the browser opens the streams of a renewed session again. */
const RENEWED_RETRY_MS = 50

/** Lets the streams of a session be opened again with its new token. */
export function renewEventStreams(app: App, sessionId: string): void {
  const streams = [...(openStreams.get(app.server) ?? [])].filter(([, { session }]) => session === sessionId)
  setTimeout(() => {
    for (const [close, { retrySoon }] of streams) {
      retrySoon()
      close()
    }
  }, RENEWED_MS).unref()
}
