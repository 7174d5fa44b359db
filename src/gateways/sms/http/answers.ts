import type { Said } from '../../../deliveries/gateway.ts'
import { REFUSALS, THROTTLED } from './codes.ts'
import type { BatchAnswer, Health, ProviderAnswer } from './provider.ts'

/** Nothing that a ledger, an address or a log could not hold: providers' ids are letters, digits and a few signs. */
const ID = /^[\x21-\x7e]{1,255}$/

/** More than any provider asks; a mistake must not stop a gateway for a day. */
const RETRY_AFTER_MAX_MS = 60_000

/** `Retry-After` (RFC 9110 section 10.2.3), seconds or a date; undefined when absent or unreadable. */
export function retryAfterMs(answer: ProviderAnswer, nowMs: number): number | undefined {
  const text = answer.header('retry-after')?.trim()
  if (!text) return undefined
  const ms = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs
  return Number.isNaN(ms) ? undefined : Math.min(RETRY_AFTER_MAX_MS, Math.max(0, ms))
}

export const credentialsRefused: Said = { key: 'link.http.credentials' }
export const noCredit: Said = { key: 'link.http.no_credit' }
export const saidStatus = (status: number): Said => ({ key: 'link.http.status', values: { status } })

export const accountRefused = (said: Said): BatchAnswer => ({
  kind: 'refused',
  refusal: REFUSALS.account,
  said,
  isAccount: true,
})

/**
 * What a status means whoever answers, where a provider says nothing more precise; undefined for 2xx and for the
 * 4xx that say only that the request is wrong.
 *
 * A server error may have come after the message was taken, so it puts it in doubt. So does 503 with `Retry-After`: a
 * proxy may say it once it has passed the request on; what follows waits for as long as it says.
 */
export function readStatus(answer: ProviderAnswer, nowMs: number): BatchAnswer | undefined {
  const { status } = answer
  if (status >= 200 && status < 300) return undefined
  const wait = retryAfterMs(answer, nowMs)
  if (status === 429 || status === 425) return { kind: 'throttled', code: THROTTLED, retryAfterMs: wait }
  if (status === 503 && wait !== undefined) {
    return { kind: 'unknown', said: saidStatus(status), retryAfterMs: wait }
  }
  if (status === 408 || status >= 500) return { kind: 'unknown', said: saidStatus(status) }
  if (status === 401 || status === 403) return accountRefused(credentialsRefused)
  if (status === 402) return { kind: 'refused', refusal: REFUSALS.account, said: noCredit }
  // A redirection is not followed: it would take the credentials elsewhere. These may follow a request that was taken.
  if (status < 200 || status === 300 || status === 302 || status === 303) {
    return { kind: 'unknown', said: saidStatus(status) }
  }
  if (status < 400) return { kind: 'refused', refusal: REFUSALS.provider, said: saidStatus(status) }
  return undefined
}

/** What a probe's status means: the provider is there, whatever it thinks of the request, unless it fails. */
export function healthOf(answer: ProviderAnswer): Health {
  if (answer.status === 401 || answer.status === 403) {
    return { isUp: false, said: credentialsRefused, isAccount: true }
  }
  if (answer.status >= 500) return { isUp: false, said: saidStatus(answer.status), isAccount: false }
  return { isUp: true }
}

/** A field of what may be an object. */
export function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined
}

export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : undefined
}

/** A message's id as a provider gives it; undefined for what cannot be one. */
export function idOf(value: unknown): string | undefined {
  // Beyond that, digits were lost when the JSON was read.
  if (typeof value === 'number' && !Number.isSafeInteger(value)) return undefined
  const id = textOf(value)
  return id !== undefined && ID.test(id) ? id : undefined
}

/** A whole number that a column of 32 bits takes. */
export function codeOf(value: unknown): number | undefined {
  const code = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value
  return typeof code === 'number' && Number.isInteger(code) && code >= 0 && code < 2 ** 31 ? code : undefined
}

/** 1 to 65535; undefined for anything else. */
export function referenceOf(value: unknown): number | undefined {
  const reference = codeOf(value)
  return reference !== undefined && reference >= 1 && reference <= 65_535 ? reference : undefined
}

/** E.164 with its plus sign, from an international number with `+`, with `00` or with neither. */
export function phoneOf(value: unknown): string | undefined {
  const digits = /^(?:\+|00)?([1-9]\d{5,14})$/.exec(textOf(value)?.trim() ?? '')?.[1]
  return digits === undefined ? undefined : `+${digits}`
}
