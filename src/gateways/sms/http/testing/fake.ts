import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import type { SmsReceipt } from '../../../../deliveries/gateway.ts'
import type { WebhookRequest } from '../provider.ts'
import type { HttpGatewaySettings } from '../settings.ts'

/** A request as read by a fake provider. */
export interface Seen {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly url: string
  readonly headers: http.IncomingHttpHeaders
  readonly body: string
}

export interface Reply {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** A message that a fake provider accepted. */
export interface Taken {
  readonly id: string
  readonly phone: string
  readonly sender: string
  readonly text: string
  readonly validity: number | undefined
  readonly reference: string | undefined
}

/**
 * A fault of one submission. Before acceptance: `throttle`, `error`. After it: `errorAfter` (a proxy answers 502),
 * `hang` (no response until the client closes), `cut`, `truncate` (cut in the middle of the response), `garble` (a
 * response that is not JSON), `omit` (a response that lacks the last recipient).
 */
export type Fault = 'throttle' | 'error' | 'errorAfter' | 'hang' | 'cut' | 'truncate' | 'garble' | 'omit'

/** Behaviour of one provider's API; the fake server adds faults common to any server. */
export interface FakeRules {
  answer(seen: Seen, fake: FakeProvider): Reply
  /** Removes the last recipient from a response. */
  omit(reply: Reply): Reply
  /** Returns true for a request that sends messages; only these have faults. */
  isSubmission(seen: Seen): boolean
  /** Makes the response that requests to slow down. */
  throttled(retryAfter: string | undefined): Reply
  settings(url: string): Record<string, unknown>
  wrongCredentials: Record<string, unknown>
  /** Makes the provider's call about a message; a forged one has no valid proof. */
  receipt(message: Taken, state: SmsReceipt['state'], settings: HttpGatewaySettings): WebhookRequest
  forge(call: WebhookRequest): WebhookRequest
  inbound?(from: string, text: string, settings: HttpGatewaySettings): WebhookRequest
}

export const CALLBACK_URL = 'https://alerte.example/api/gateways/fake/webhook'

/** A fake provider on this machine. */
export interface FakeProvider {
  readonly url: string
  readonly rules: FakeRules
  readonly taken: Taken[]
  readonly seen: Seen[]
  /** Maximum concurrent submissions so far. */
  mostAtOnce: number
  readonly refusedPhones: Set<string>
  readonly refusedSenders: Set<string>
  hasCredit: boolean
  /** Number of submissions still to be throttled. */
  throttles: number
  retryAfter: string | undefined
  /** Delay of responses to submissions. */
  delayMs: number
  /** Number of submissions still to be accepted with the connection cut. */
  cuts: number
  /** Status of the next submissions. */
  failures: { status: number; left: number; headers?: Readonly<Record<string, string>> } | undefined
  /** Chooses the fault of each submission. */
  fault: () => Fault | undefined
  /** Called for each accepted message. */
  onTaken: (message: Taken) => void
  /** Clock of the server in milliseconds. */
  now: () => number
  take(message: Omit<Taken, 'id'>): string
  submissions(): Seen[]
  stop(): Promise<void>
}

export async function startFake(rules: FakeRules, port = 0): Promise<FakeProvider> {
  let atOnce = 0
  let nextId = 1
  const fake: FakeProvider = {
    url: '',
    rules,
    taken: [],
    seen: [],
    mostAtOnce: 0,
    refusedPhones: new Set(),
    refusedSenders: new Set(),
    hasCredit: true,
    throttles: 0,
    retryAfter: undefined,
    delayMs: 0,
    cuts: 0,
    failures: undefined,
    fault: () => undefined,
    onTaken: () => {},
    now: Date.now,
    take(message) {
      const id = `${7_000_000 + nextId++}`
      const taken = { id, ...message }
      fake.taken.push(taken)
      fake.onTaken(taken)
      return id
    },
    submissions: () => fake.seen.filter((seen) => rules.isSubmission(seen)),
    stop() {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }

  const server = http.createServer(async (request, response) => {
    const seen = await readSeen(request, fake.url)
    fake.seen.push(seen)
    let reply: Reply | undefined
    let fault: Fault | undefined
    if (rules.isSubmission(seen)) {
      fault = fake.fault()
      atOnce++
      fake.mostAtOnce = Math.max(fake.mostAtOnce, atOnce)
      reply = takePlannedFailure()
      if (reply === undefined && fake.cuts > 0) {
        fake.cuts--
        rules.answer(seen, fake)
        atOnce--
        request.socket.destroy()
        return
      }
      if (fake.delayMs > 0) await waitOrClose(response, fake.delayMs)
      reply ??= fault === undefined ? undefined : suffer(fault, seen)
      if (fault === 'hang') await once(response, 'close')
      atOnce--
      if (response.closed) return
    }
    reply ??= rules.answer(seen, fake)
    if (fault === 'cut') request.socket.destroy()
    else if (fault === 'truncate') sendHalf(response, reply)
    else {
      response.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers })
      response.end(reply.body ?? '')
    }
  })
  /** Uses up one of the throttles, else one of the failures that a test has planned. */
  function takePlannedFailure(): Reply | undefined {
    if (fake.throttles > 0) {
      fake.throttles--
      return rules.throttled(fake.retryAfter)
    }
    if (fake.failures === undefined || fake.failures.left <= 0) return undefined
    fake.failures.left--
    const { status, headers } = fake.failures
    return { status, body: '<html>error</html>', ...(headers && { headers }) }
  }
  /** @returns the response to a submission with this fault, accepted or not. */
  function suffer(fault: Fault, seen: Seen): Reply {
    if (fault === 'throttle') return rules.throttled(undefined)
    if (fault === 'error') return { status: 503, body: '<html>error</html>' }
    const reply = rules.answer(seen, fake)
    if (fault === 'errorAfter') return { status: 502, body: '<html>error</html>' }
    if (fault === 'garble') return { ...reply, body: `${reply.body?.slice(0, -1)}` }
    return fault === 'omit' ? rules.omit(reply) : reply
  }

  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  Object.assign(fake, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
  return fake
}

async function readSeen(request: http.IncomingMessage, origin: string): Promise<Seen> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  const url = `${origin}${request.url}`
  const { pathname, searchParams } = new URL(url)
  return {
    method: request.method ?? '',
    path: pathname,
    query: searchParams,
    url,
    headers: request.headers,
    body: Buffer.concat(chunks).toString('utf8'),
  }
}

/** Waits for a time, or until the client closes. */
function waitOrClose(response: http.ServerResponse, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, delayMs)
    response.once('close', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}

/** Sends half of the body, then cuts the connection. */
function sendHalf(response: http.ServerResponse, { status, body = '' }: Reply): void {
  response.writeHead(status, { 'content-length': Buffer.byteLength(body) })
  response.write(body.slice(0, body.length / 2), () => response.socket?.destroy())
}

export function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status, body: JSON.stringify(value), headers }
}
