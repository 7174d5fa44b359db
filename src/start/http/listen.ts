import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { AppError } from '../../errors.ts'
import { formatMessage, langOf } from '../../i18n/format.ts'
import { isHttps } from '../../platform/http/cookies.ts'
import { type ConnectionLimits, limitConnections } from './connections.ts'

export interface Listening {
  /** http://localhost:3000, or with the address when it listens on another one. */
  readonly url: string
  /** The URL for a program on this machine, with an address in place of a name. */
  readonly localUrl: string
  /** The port that was asked for, or the free one or that of a socket which was taken in its place. */
  readonly port: number
  /** Passes requests to this handler from now on, in place of answering "starting". */
  serve(handler: (request: IncomingMessage, response: ServerResponse) => void): void
  /** Accepts no more connections; open ones end after their response or after `graceMs`. */
  stop(graceMs: number): Promise<void>
}

/** Maximum time that a client may take to send a request, in milliseconds. */
export interface TimeLimits {
  readonly headersMs: number
  /** The whole request, whatever its route allows. */
  readonly requestMs: number
  /** Time between two checks of open connections. */
  readonly checkMs: number
}

/** A list of members over a slow line takes two minutes; other bodies have a shorter limit (bodies.ts). */
const TIME_LIMITS: TimeLimits = { headersMs: 10_000, requestMs: 150_000, checkMs: 5000 }

/** Limits of the connections; each has a default. */
interface ListenOptions {
  readonly times?: TimeLimits
  readonly connections?: ConnectionLimits
  /** As TOCSIN_TRUSTED_PROXIES; none by default. */
  readonly trustedProxies?: readonly string[]
  /** As TOCSIN_BASE_URL. */
  readonly baseUrl?: string | undefined
  /** File descriptor of a socket that listens already, in place of the address; see `findInheritedSocket`. */
  readonly listenFd?: number | undefined
}

/**
 * Opens the port before the long part of the start, so that a port in use is reported at once and early clients
 * read that the program is starting.
 * @throws AppError `port_taken`, `cannot_listen`
 */
export async function listenOnPort(
  host: string,
  port: number,
  { times = TIME_LIMITS, connections, trustedProxies = [], baseUrl, listenFd }: ListenOptions = {},
): Promise<Listening> {
  let handler = (request: IncomingMessage, response: ServerResponse) =>
    answerStarting(request, response, baseUrl)
  const server = createServer(
    {
      headersTimeout: times.headersMs,
      requestTimeout: times.requestMs,
      connectionsCheckingInterval: times.checkMs,
    },
    (request, response) => {
      if (!isRefused(request.socket)) handler(request, response)
    },
  )
  const isRefused = limitConnections(server, trustedProxies, connections)
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE'
          ? new AppError('port_taken', { values: { port: String(port) }, cause: error })
          : new AppError('cannot_listen', {
              values: { host, port: String(port), reason: error.code ?? error.message },
              cause: error,
            }),
      )
    })
    if (listenFd === undefined) server.listen(port, host, resolve)
    else server.listen({ fd: listenFd }, resolve)
  })
  const { port: taken } = server.address() as AddressInfo
  return {
    url: `http://${LOCAL.has(host) ? 'localhost' : bracketIpv6(host)}:${taken}`,
    localUrl: `http://${bracketIpv6(ANY.get(host) ?? host)}:${taken}`,
    port: taken,
    serve(next) {
      handler = next
    },
    stop(graceMs) {
      return new Promise((resolve) => {
        const timer = setTimeout(() => server.closeAllConnections(), graceMs)
        server.close(() => {
          clearTimeout(timer)
          resolve()
        })
        server.closeIdleConnections()
      })
    },
  }
}

const LOCAL = new Set(['127.0.0.1', '0.0.0.0', '::', '::1', 'localhost'])

/** A server on all addresses is reachable by the loopback one. */
const ANY = new Map([
  ['0.0.0.0', '127.0.0.1'],
  ['::', '::1'],
])

function bracketIpv6(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}

/** Makes the headers of an answer that loads nothing and is shown nowhere else, for servers without those of the web app. */
export function bareHeaders(baseUrl: string | undefined): Readonly<Record<string, string>> {
  return {
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
    'referrer-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
    ...(isHttps(baseUrl) && { 'strict-transport-security': 'max-age=31536000; includeSubDomains' }),
  }
}

function answerStarting(
  request: IncomingMessage,
  response: ServerResponse,
  baseUrl: string | undefined,
): void {
  const lang = langOf(request.headers['accept-language'])
  const path = request.url ?? '/'
  response.setHeader('retry-after', '1')
  response.setHeader('cache-control', 'no-store')
  for (const [name, value] of Object.entries(bareHeaders(baseUrl))) response.setHeader(name, value)
  if (
    path.startsWith('/api/') ||
    path.startsWith('/readyz') ||
    !request.headers.accept?.includes('text/html')
  ) {
    response.writeHead(503, { 'content-type': 'application/json; charset=utf-8' })
    response.end(
      JSON.stringify({
        ready: false,
        code: 'starting',
        message: formatMessage(lang, 'start.wait'),
        problems: [],
      }),
    )
    return
  }
  response.writeHead(503, { 'content-type': 'text/html; charset=utf-8' })
  response.end(
    `<!doctype html><html lang="${lang}"><meta charset="utf-8"><meta http-equiv="refresh" content="1">` +
      `<title>${formatMessage(lang, 'start.wait_title')}</title><p>${formatMessage(lang, 'start.wait')}</p></html>`,
  )
}
