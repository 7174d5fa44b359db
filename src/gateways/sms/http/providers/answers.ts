import type { LocalisedText } from '../../../../deliveries/gateway.ts'
import { REFUSALS, THROTTLED } from '../codes.ts'
import type { BatchAnswer, Health, ProviderAnswer } from '../provider.ts'

/** Characters that a ledger, a URL and a log can hold: ids of providers are letters, digits and a few signs. */
const ID = /^[\x21-\x7e]{1,255}$/

/** More than any provider requests; a mistaken value must not stop a gateway for a day. */
const RETRY_AFTER_MAX_MS = 60_000

/** Parses `Retry-After` (RFC 9110 section 10.2.3), seconds or a date; undefined when absent or unreadable. */
export function retryAfterMs(answer: ProviderAnswer, nowMs: number): number | undefined {
  const text = answer.header('retry-after')?.trim()
  if (!text) return undefined
  const ms = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs
  return Number.isNaN(ms) ? undefined : Math.min(RETRY_AFTER_MAX_MS, Math.max(0, ms))
}

export const credentialsRefused: LocalisedText = { key: 'link.http.credentials' }
export const noCredit: LocalisedText = { key: 'link.http.no_credit' }
export const statusText = (status: number): LocalisedText => ({ key: 'link.http.status', values: { status } })

export const accountRefused = (said: LocalisedText): BatchAnswer => ({
  kind: 'refused',
  refusal: REFUSALS.account,
  said,
  isAccount: true,
})

/**
 * Interprets an HTTP status where the provider gives no more precise reason; undefined for 2xx and for the 4xx
 * that only mean an invalid request.
 *
 * A server error may come after the message was accepted, so it leaves it in doubt. So does 503 with
 * `Retry-After`: a proxy may send it after passing the request on; later requests then wait for that time.
 */
export function readStatus(answer: ProviderAnswer, nowMs: number): BatchAnswer | undefined {
  const { status } = answer
  if (status >= 200 && status < 300) return undefined
  const wait = retryAfterMs(answer, nowMs)
  if (status === 429 || status === 425) return { kind: 'throttled', code: THROTTLED, retryAfterMs: wait }
  if (status === 503 && wait !== undefined) {
    return { kind: 'unknown', said: statusText(status), retryAfterMs: wait }
  }
  if (status === 408 || status >= 500) return { kind: 'unknown', said: statusText(status) }
  if (status === 401 || status === 403) return accountRefused(credentialsRefused)
  if (status === 402) return { kind: 'refused', refusal: REFUSALS.account, said: noCredit }
  // Redirects are not followed: they would send the credentials elsewhere. These statuses may follow an accepted
  // request.
  if (status < 200 || status === 300 || status === 302 || status === 303) {
    return { kind: 'unknown', said: statusText(status) }
  }
  if (status < 400) return { kind: 'refused', refusal: REFUSALS.provider, said: statusText(status) }
  return undefined
}

/** Interprets the response to a probe: any response but a server error shows that the provider is up. */
export function readHealth(answer: ProviderAnswer): Health {
  if (answer.status === 401 || answer.status === 403) {
    return { isUp: false, said: credentialsRefused, isAccount: true }
  }
  if (answer.status >= 500) return { isUp: false, said: statusText(answer.status), isAccount: false }
  return { isUp: true }
}

/** Reads a field of a value that may be an object. */
export function readField(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined
}

export function readText(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : undefined
}

/** Reads a message id; undefined for a value that cannot be one. */
export function readMessageId(value: unknown): string | undefined {
  // Larger numbers lost digits when the JSON was parsed.
  if (typeof value === 'number' && !Number.isSafeInteger(value)) return undefined
  const id = readText(value)
  return id !== undefined && ID.test(id) ? id : undefined
}

/** Reads an integer that fits a column of 32 bits. */
export function readErrorCode(value: unknown): number | undefined {
  const code = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value
  return typeof code === 'number' && Number.isInteger(code) && code >= 0 && code < 2 ** 31 ? code : undefined
}

/** Reads a reference from 1 to 65535; undefined for anything else. */
export function readReference(value: unknown): number | undefined {
  const reference = readErrorCode(value)
  return reference !== undefined && reference >= 1 && reference <= 65_535 ? reference : undefined
}

/** Converts an international number with `+`, `00` or neither to E.164 with its plus sign. */
export function toE164(value: unknown): string | undefined {
  const digits = /^(?:\+|00)?([1-9]\d{5,14})$/.exec(readText(value)?.trim() ?? '')?.[1]
  return digits === undefined ? undefined : `+${digits}`
}
