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
import { type Lang, langOf } from '../i18n/say.ts'
import type { Actor, OwnPermission, Permission } from '../permissions.ts'

/** The server as routes see it: the Zod schemas of a route give the types of its body, query and parameters. */
export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>

/**
 * Who may call a route. Every route declares it in `config`, or the server does not start:
 * a permission (asked for the scheme named by `:scheme`), anyone with an account signed in, or anyone at all; of the portal,
 * an own permission (asked for the shop named by `:scheme` and `:member`), or any contact signed in (`portal`).
 */
export type RoutePermission = Permission | OwnPermission | 'signedIn' | 'portal' | 'public'

declare module 'fastify' {
  interface FastifyContextConfig {
    permission?: RoutePermission
    /** Whether it answers to an account whose first password is not changed yet. No by default. */
    beforePasswordChange?: boolean
    /** The answer is public data, the same for everybody who may ask: it sets its own `cache-control`. */
    cacheable?: true
  }
  interface FastifyRequest {
    /** Who calls. Set on every route that is not public; reading it on a public one throws. */
    actor: Actor
    /** Whether the caller's session and roles still allow this route: asked by what stays open for long. */
    stillAllowed(): Promise<boolean>
  }
}

/** The language of the answer: what the reader's browser asks for. */
export function langOfRequest(request: FastifyRequest): Lang {
  return langOf(request.headers['accept-language'])
}

const PING_MS = 15_000
/** A reader that takes nothing is cut off when this much waits for it: it reads the facts again when it returns. */
const MAX_BACKLOG_BYTES = 1024 * 1024

export interface EventStream {
  /** Sends one event: its value as JSON, under a name when given. Does nothing once closed. */
  send(value: unknown, event?: string): void
  close(): void
}

/**
 * Answers with server-sent events (text/event-stream) and keeps the connection open, with a comment now and then
 * so that proxies do not cut it. Ends by itself when the caller's session does.
 * @param onClose called once when the reader leaves or the server stops.
 */
export function eventStream(request: FastifyRequest, reply: FastifyReply, onClose: () => void): EventStream {
  reply.hijack()
  const { raw } = reply
  const headers = { ...reply.getHeaders() } as Record<string, string>
  raw.writeHead(200, {
    ...headers,
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    // Proxies that buffer answers (nginx) would hold the events back.
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
  const streams = openStreams.get(request.server.server) ?? new Map()
  openStreams.set(request.server.server, streams.set(close, userOf(request)))
  // The session may have ended while the request was on its way here.
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

/** The open streams of each server, with the account of the console that each belongs to, if any. */
const openStreams = new WeakMap<object, Map<() => void, string | undefined>>()

function userOf(request: FastifyRequest): string | undefined {
  const permission = request.routeOptions.config.permission
  if (permission === 'public') return undefined
  return request.actor.kind === 'user' ? request.actor.userId : undefined
}

/** Ends every open event stream of the server, or those of one account. */
export function closeEventStreams(app: App, userId?: string): void {
  for (const [close, owner] of [...(openStreams.get(app.server) ?? [])]) {
    if (userId === undefined || owner === userId) close()
  }
}
