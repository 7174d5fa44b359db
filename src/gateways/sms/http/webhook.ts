import { createHash, timingSafeEqual } from 'node:crypto'
import type { SmsInbound, SmsReceipt } from '../../../deliveries/gateway.ts'
import type { GatewayLog } from '../log.ts'
import { isTimelyInbound, isTimelyReceipt } from './freshness.ts'
import type { ProviderWebhook, WebhookAnswer, WebhookRequest } from './provider.ts'

export const MAX_WEBHOOK_BYTES = 64 * 1024

/** Compares in constant time, whatever the lengths. */
export function isSameSecret(given: string | undefined, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return given !== undefined && timingSafeEqual(digest(given), digest(expected))
}

/** Returns the first value of a header. */
export function firstHeader(request: WebhookRequest, name: string): string | undefined {
  const value = request.headers[name.toLowerCase()]
  return typeof value === 'string' ? value : value?.[0]
}

/** Returns the query of the requested URL without its question mark. */
export function queryString({ url }: WebhookRequest): string {
  const at = url.indexOf('?')
  return at < 0 ? '' : url.slice(at + 1)
}

/** Parses the fields of a form or query; the last one of each name wins. */
export function parseForm(form: string): Readonly<Record<string, string>> {
  return Object.fromEntries(new URLSearchParams(form))
}

/**
 * For providers without signatures: returns true when the requested URL contains the secret, at the end of its
 * path (`…/webhook/<secret>`) or as `token` in its query.
 */
export function hasToken(request: WebhookRequest, secret: string): boolean {
  const path = request.url.split('?', 1)[0] as string
  const last = path.slice(path.lastIndexOf('/') + 1)
  const isInQuery = isSameSecret(new URLSearchParams(queryString(request)).get('token') ?? undefined, secret)
  return isSameSecret(decode(last), secret) || isInQuery
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

export interface WebhookListeners {
  receipts(receipts: readonly SmsReceipt[]): Promise<boolean>
  inbound(message: SmsInbound): Promise<boolean>
}

/**
 * Passes an authentic call to the listeners, without what is too old in it.
 * @param listeners return true when they succeeded
 */
export async function handleWebhook(
  name: string,
  webhook: ProviderWebhook | undefined,
  request: WebhookRequest,
  listeners: WebhookListeners,
  { nowMs, log }: { readonly nowMs: number; readonly log: GatewayLog | undefined },
): Promise<WebhookAnswer> {
  if (webhook === undefined) return { status: 404 }
  if (request.body.length > MAX_WEBHOOK_BYTES) return { status: 413 }
  if (!webhook.isAuthentic(request)) return { status: 403 }
  if (!webhook.methods.includes(request.method)) return { status: 405 }
  if (webhook.isTimely?.(request, nowMs) === false) {
    log?.warn(
      { gateway: name },
      'refused a call of the provider: its signed time is too old or ahead of ours',
    )
    return { status: 400 }
  }
  const content = webhook.read(request)
  if (content === undefined) return { status: 400 }
  const receipts = content.receipts
    .filter((receipt) => isTimelyReceipt(receipt, nowMs))
    .map(({ sentMs: _, ...receipt }) => ({ gateway: name, ...receipt }))
  const inbound = content.inbound.filter((message) => isTimelyInbound(message, nowMs))
  const refused = {
    receipts: content.receipts.length - receipts.length,
    messages: content.inbound.length - inbound.length,
  }
  if (refused.receipts + refused.messages > 0) {
    log?.warn(
      { gateway: name, ...refused },
      'refused receipts or messages that the provider dated too long ago or ahead of our clock',
    )
    if (receipts.length + inbound.length === 0) return { status: 400 }
  }
  const taken = await Promise.all([
    receipts.length === 0 || listeners.receipts(receipts),
    ...inbound.map((message) => listeners.inbound({ gateway: name, ...message })),
  ])
  if (taken.includes(false)) return { status: 503 }
  return webhook.thanks ?? { status: 204 }
}
