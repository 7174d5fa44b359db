import { createHash, timingSafeEqual } from 'node:crypto'
import type { SmsInbound, SmsReceipt } from '../../../deliveries/gateway.ts'
import type { ProviderWebhook, WebhookAnswer, WebhookRequest } from './provider.ts'

export const MAX_WEBHOOK_BYTES = 64 * 1024

/** In constant time, whatever their lengths. */
export function isSame(given: string | undefined, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return given !== undefined && timingSafeEqual(digest(given), digest(expected))
}

/** The first value of a header. */
export function headerOf(request: WebhookRequest, name: string): string | undefined {
  const value = request.headers[name.toLowerCase()]
  return typeof value === 'string' ? value : value?.[0]
}

/** The query of the address that was called, without its question mark. */
export function queryOf({ url }: WebhookRequest): string {
  const at = url.indexOf('?')
  return at < 0 ? '' : url.slice(at + 1)
}

/** Fields of a form or of a query; the last of those of one name. */
export function fieldsOf(form: string): Readonly<Record<string, string>> {
  return Object.fromEntries(new URLSearchParams(form))
}

/**
 * For providers that sign nothing: whether the address that was called holds the secret, at the end of its path
 * (`…/webhook/<secret>`) or as `token` in its query.
 */
export function hasToken(request: WebhookRequest, secret: string): boolean {
  const path = request.url.split('?', 1)[0] as string
  const last = path.slice(path.lastIndexOf('/') + 1)
  const isInQuery = isSame(new URLSearchParams(queryOf(request)).get('token') ?? undefined, secret)
  return isSame(decode(last), secret) || isInQuery
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

/** @param listeners each tells whether all listeners have done with what came */
export async function handleWebhook(
  name: string,
  webhook: ProviderWebhook | undefined,
  request: WebhookRequest,
  listeners: WebhookListeners,
): Promise<WebhookAnswer> {
  if (webhook === undefined) return { status: 404 }
  if (request.body.length > MAX_WEBHOOK_BYTES) return { status: 413 }
  if (!webhook.isAuthentic(request)) return { status: 403 }
  if (!webhook.methods.includes(request.method)) return { status: 405 }
  const content = webhook.read(request)
  if (content === undefined) return { status: 400 }
  const receipts = content.receipts.map((receipt) => ({ gateway: name, ...receipt }))
  const taken = await Promise.all([
    receipts.length === 0 || listeners.receipts(receipts),
    ...content.inbound.map((message) => listeners.inbound({ gateway: name, ...message })),
  ])
  if (taken.includes(false)) return { status: 503 }
  return webhook.thanks ?? { status: 204 }
}
