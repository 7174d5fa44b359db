import type { GatewayTotals, SmsReceipt, SubmittedMessage } from '../../../deliveries/gateway.ts'
import { sleep } from '../../../platform/sleep.ts'
import type { HttpClientSettings, HttpGatewayDeps } from './client-settings.ts'
import { Connection } from './connection.ts'
import { HttpCounts } from './counts.ts'
import type { HttpProvider, ProviderAnswer, ProviderRequest, WebhookGateway } from './provider.ts'
import { Receiving } from './receiving.ts'
import { Sending } from './sending.ts'
import { handleWebhook } from './webhook.ts'

/** Maximum concurrent queries and cancellations. */
const ASKS_AT_ONCE = 4

/**
 * Makes a gateway of an HTTP provider: requests of up to `batchSize` recipients, as many at once as the window
 * allows.
 *
 * - No response in time: `unknown` `timeout`; the response is awaited for a while more and reported as late, and
 *   keeps its place in the window: a provider that hangs never has more open requests than it allows. Connection
 *   cut once the request may have been sent, or a server error: `unknown` `linkLost`. Neither is sent again here.
 * - No connection (name, route, refused, certificate): `notSent` `noLink`, and the gateway is down. A cheap
 *   request every two seconds detects when it is up again. Messages waiting meanwhile are `notSent` after a
 *   second.
 * - 429 is not an outcome: everything pauses for the time that the provider requests, then continues with fewer
 *   messages in flight, growing as they are accepted. After a minute of it a message is refused. 503 with
 *   `Retry-After` also pauses, and leaves its own messages in doubt.
 * - A request refused as a whole, possibly because of one recipient, is sent again with one recipient per request.
 * - A refused account (401, 403): refused temporarily, and the gateway is down until a probe succeeds.
 * - After `validUntil`, unsent messages are `notSent` `stopped`.
 * - Providers split long texts themselves and return one id per message, whatever its parts.
 */
export function createHttpClient(
  settings: HttpClientSettings,
  provider: HttpProvider,
  deps: HttpGatewayDeps = {},
): WebhookGateway {
  const { name, responseSeconds } = settings
  const { now = Date.now, random = Math.random, log, fetch = globalThis.fetch, timing = {} } = deps
  const counts = new HttpCounts()
  const connection: Connection = new Connection({
    name,
    get probes() {
      return provider.probes
    },
    counts,
    responseSeconds,
    probeMs: timing.probeMs ?? 2000,
    now,
    random,
    fetch,
    log,
    onUp: () => sending.sendWaiting(),
  })
  const sending = new Sending(settings, { provider, connection, counts, timing, now, fetch, log })
  const receiving = new Receiving(name, counts, { log, isStopped: () => connection.isStopped })
  /** Promises of listeners and queries that are still pending. */
  const held = new Set<Promise<unknown>>()

  async function trackPending<T>(promise: Promise<T>): Promise<T> {
    held.add(promise)
    try {
      return await promise
    } finally {
      held.delete(promise)
    }
  }

  /** Makes one request per message, a few at a time; failed ones are left out. */
  async function askEach(
    messages: readonly SubmittedMessage[],
    request: (message: SubmittedMessage, nowMs: number) => ProviderRequest,
    onAnswer: (answer: ProviderAnswer, message: SubmittedMessage) => void,
  ): Promise<void> {
    const rest = messages.values()
    async function walk(): Promise<void> {
      for (const message of rest) {
        if (!connection.isRunning || !connection.isUp) return
        const result = await connection.request(request(message, now()))
        if (result.kind === 'answer') onAnswer(result.answer, message)
      }
    }
    await trackPending(Promise.all(Array.from({ length: ASKS_AT_ONCE }, walk)))
  }

  const { query, cancel } = provider
  return {
    name,
    kind: provider.kind,
    simulated: false,
    submit: sending.submit.bind(sending),
    limit: (limits) => sending.limit(limits),
    totals: (): GatewayTotals => ({ ...counts.totals, refusals: { ...counts.refusals } }),
    onReceipts: (listener) => receiving.onReceipts(listener),
    onInbound: (listener) => receiving.onInbound(listener),
    state: () => ({
      name,
      state: connection.state,
      inFlight: sending.inFlight,
      ...sending.limits,
      silentMs: sending.silentMs(),
      lastError: connection.lastError,
    }),

    ...(query !== undefined && {
      async query(messages: readonly SubmittedMessage[]) {
        const receipts: SmsReceipt[] = []
        await askEach(messages, query.request, (answer, message) => {
          const receipt = query.read(answer, message)
          if (receipt !== undefined) receipts.push({ gateway: name, ...receipt })
        })
        if (receipts.length > 0) await trackPending(receiving.passReceipts(receipts))
      },
    }),

    ...(cancel !== undefined && {
      cancel: (messages: readonly SubmittedMessage[], onCancelled: (no: number) => void) =>
        askEach(messages, cancel.request, (answer, { no }) => {
          if (cancel.read(answer)) onCancelled(no)
        }),
    }),

    webhook: {
      path: `/api/gateways/${encodeURIComponent(name)}/webhook`,
      handle: (request) =>
        trackPending(
          handleWebhook(
            name,
            provider.webhook,
            request,
            {
              receipts: (receipts) => receiving.passReceipts(receipts),
              inbound: (message) => receiving.passInbound(message),
            },
            { nowMs: now(), log },
          ),
        ),
    },

    start: () => connection.start(),

    async stop(graceMs) {
      if (!connection.beginStop()) return
      sending.abandonAll()
      const deadline = performance.now() + graceMs
      await sending.untilIdle(graceMs)
      await Promise.race([
        Promise.allSettled(held),
        sleep(Math.max(0, deadline - performance.now()), { unref: true }),
      ])
      connection.cut()
      sending.close()
      connection.endStop()
    },
  }
}
