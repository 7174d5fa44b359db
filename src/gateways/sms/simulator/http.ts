import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { DAY_MS } from '../../../message/clock.ts'
import type { HandsetState } from './handsets.ts'
import type { Smsc } from './smsc.ts'

const MAX_BODY_BYTES = 65_536
/** A phone in a path: digits, with or without a plus sign. */
const NUMBER = /^\+?\d{1,20}$/
const STATES: readonly HandsetState[] = ['on', 'off', 'memoryFull']

export interface SmscHttp {
  readonly port: number
  stop(): Promise<void>
}

/** A refusal with its HTTP status and error code. */
class Refusal extends Error {
  readonly status: number
  readonly code: string

  constructor(status: number, code: string, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

async function readJson(request: http.IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > MAX_BODY_BYTES) throw new Refusal(413, 'bodyTooLarge', 'At most 64 KiB.')
    chunks.push(chunk)
  }
  try {
    const value: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'))
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as Record<string, unknown>
    }
  } catch {
    // The caller refuses it, like any body that is not an object.
  }
  throw new Refusal(400, 'invalidBody', 'A JSON object is expected.')
}

function sendJson(response: http.ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
  })
  response.end(JSON.stringify(value))
}

function readNumber(path: string): string {
  let number = path
  try {
    number = decodeURIComponent(path)
  } catch {
    // Refused by the check of the number.
  }
  if (!NUMBER.test(number)) throw new Refusal(400, 'invalidNumber', 'A number is digits, with or without +.')
  return number
}

/** Yields the log as NDJSON, in blocks. */
function* logLines(smsc: Smsc, since: number): Generator<string> {
  let lines = ''
  for (const entry of smsc.log(since)) {
    lines += `${JSON.stringify(entry)}\n`
    if (lines.length < 65_536) continue
    yield lines
    lines = ''
  }
  yield lines
}

/** Streams the log as NDJSON with backpressure. Rejects when the client disconnects before the end. */
async function sendLog(smsc: Smsc, since: number, response: http.ServerResponse): Promise<void> {
  response.writeHead(200, {
    'content-type': 'application/x-ndjson; charset=utf-8',
    'cache-control': 'no-store',
  })
  await pipeline(logLines(smsc, since), response)
}

function sendEvents(smsc: Smsc, request: http.IncomingMessage, response: http.ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' })
  response.write(': ready\n\n')
  const stop = smsc.onEvent((event) => {
    // A client that does not read loses events, so that they do not accumulate in memory.
    if (response.writableLength > MAX_BODY_BYTES * 16) return
    response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
  })
  request.on('close', stop)
}

function readHandsetChange(body: Record<string, unknown>): { state?: HandsetState; delayMs?: number } {
  const { state, delayMs } = body
  if (state !== undefined && !STATES.includes(state as HandsetState)) {
    throw new Refusal(400, 'invalidState', `state is one of ${STATES.join(', ')}.`)
  }
  if (delayMs !== undefined && !(typeof delayMs === 'number' && delayMs >= 0 && delayMs <= DAY_MS)) {
    throw new Refusal(400, 'invalidDelay', 'delayMs is from 0 to 86400000.')
  }
  return {
    ...(state === undefined ? {} : { state: state as HandsetState }),
    ...(delayMs === undefined ? {} : { delayMs: delayMs as number }),
  }
}

/** A call of an endpoint. */
interface Call {
  readonly smsc: Smsc
  readonly request: http.IncomingMessage
  readonly response: http.ServerResponse
  readonly query: URLSearchParams
  /** The number in the path; empty for an endpoint without one. */
  readonly number: string
}

const ENDPOINTS = new Map<string, (call: Call) => void | Promise<void>>([
  ['GET /state', ({ smsc, response }) => sendJson(response, 200, smsc.state())],
  ['GET /handsets', ({ smsc, response }) => sendJson(response, 200, smsc.handsets())],
  ['GET /log', handleLog],
  [
    'DELETE /log',
    ({ smsc, response }) => {
      smsc.clearLog()
      sendJson(response, 200, {})
    },
  ],
  ['GET /events', ({ smsc, request, response }) => sendEvents(smsc, request, response)],
  ['POST /faults', handleFaults],
  ['GET /handsets/:number', handleHandset],
  [
    'POST /handsets/:number',
    async ({ smsc, request, response, number }) =>
      sendJson(response, 200, smsc.setHandset(number, readHandsetChange(await readJson(request)))),
  ],
  ['POST /handsets/:number/reply', handleReply],
])

function handleLog({ smsc, response, query }: Call): Promise<void> {
  const since = Number(query.get('since') ?? 0)
  if (!Number.isSafeInteger(since) || since < 0) {
    throw new Refusal(400, 'invalidSince', 'since is the number of a log entry.')
  }
  return sendLog(smsc, since, response)
}

async function handleFaults({ smsc, request, response }: Call): Promise<void> {
  const result = smsc.setFaults(await readJson(request))
  if ('problem' in result) throw new Refusal(400, 'invalidFaults', result.problem)
  sendJson(response, 200, result)
}

function handleHandset({ smsc, response, number }: Call): void {
  const handset = smsc.handset(number)
  if (handset === undefined) throw new Refusal(404, 'unknownHandset', 'No message came to this number.')
  sendJson(response, 200, handset)
}

async function handleReply({ smsc, request, response, number }: Call): Promise<void> {
  const { text } = await readJson(request)
  if (typeof text !== 'string' || text === '' || text.length > 1600) {
    throw new Refusal(400, 'invalidText', 'text is a string of 1 to 1600 characters.')
  }
  if (!smsc.reply(number, text)) throw new Refusal(409, 'noReceiver', 'Nobody is bound to receive it.')
  sendJson(response, 200, {})
}

async function handleRequest(
  smsc: Smsc,
  request: http.IncomingMessage,
  response: http.ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost')
  const [, first, second, ...rest] = url.pathname.split('/')
  const hasNumber = first === 'handsets' && second !== undefined && rest.length < 2
  const number = hasNumber ? readNumber(second) : ''
  const path = hasNumber ? ['', first, ':number', ...rest].join('/') : url.pathname
  const endpoint = ENDPOINTS.get(`${request.method} ${path}`)
  if (endpoint === undefined) throw new Refusal(404, 'notFound', 'No such path.')
  await endpoint({ smsc, request, response, query: url.searchParams, number })
}

/**
 * Starts the simulator's control API; `Smsc` documents each operation. `GET /state /handsets /handsets/:number
 * /log?since= /events`, `POST /handsets/:number /handsets/:number/reply /faults`, `DELETE /log`. JSON in and out,
 * the log in NDJSON, events as SSE, refusals as `{ code, message }`. No authentication: for a trusted host.
 */
export async function startSmscHttp(
  smsc: Smsc,
  settings: { readonly port?: number; readonly host?: string } = {},
): Promise<SmscHttp> {
  const server = http.createServer((request, response) => {
    handleRequest(smsc, request, response).catch((error: unknown) => {
      if (response.headersSent) {
        response.destroy()
        return
      }
      // The rest of an oversized body must not be read as the next request.
      response.setHeader('connection', 'close')
      if (error instanceof Refusal) {
        sendJson(response, error.status, { code: error.code, message: error.message })
      } else sendJson(response, 500, { code: 'internal', message: 'Unexpected error.' })
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(settings.port ?? 0, settings.host ?? '127.0.0.1', resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}
