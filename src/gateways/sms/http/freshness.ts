import { INBOUND_WINDOW_MS } from '../../../deliveries/gateway.ts'
import { DAY_MS } from '../../../message/clock.ts'
import { readText } from './providers/answers.ts'

/**
 * Maximum age of a receipt, by the time that its provider gives: a month. It concerns its own message only, which it settles once,
 * so an old one gains nobody anything; and none may be lost because the server was down, or because a phone was off for weeks.
 */
export const RECEIPT_WINDOW_MS = 30 * DAY_MS
/** Time by which a provider's clock may be ahead of ours. */
const AHEAD_MS = 5 * 60_000
/** Offset of a time without a zone: the summer time of France. An hour or two change nothing in a window of days. */
const USUAL_OFFSET = '+02:00'

/** The time of an item of a call; undefined: its provider gives none. NaN: the time that it has to have is missing or unreadable. */
export interface Dated {
  readonly sentMs?: number | undefined
}

/** Returns whether a receipt may be handled at this time. */
export function isTimelyReceipt({ sentMs }: Dated, nowMs: number): boolean {
  return isWithin(sentMs, RECEIPT_WINDOW_MS, nowMs)
}

/** Returns whether a message from a phone may be handled at this time. */
export function isTimelyInbound({ sentMs }: Dated, nowMs: number): boolean {
  return isWithin(sentMs, INBOUND_WINDOW_MS, nowMs)
}

/** Returns whether a time is not older than a window, nor ahead of the clock. */
export function isWithin(sentMs: number | undefined, windowMs: number, nowMs: number): boolean {
  return sentMs === undefined || (sentMs >= nowMs - windowMs && sentMs <= nowMs + AHEAD_MS)
}

/**
 * Reads a time: seconds or milliseconds since 1970, as a number or digits, or ISO 8601, with a blank in place of the T too.
 * @returns undefined for anything else
 */
export function readTime(value: unknown): number | undefined {
  const text = readText(value)?.trim() ?? ''
  // Not a date in digits, such as YYMMDDhhmm, which is beyond the last second of 32 bits.
  if (/^\d{10}$/.test(text) && Number(text) < 2 ** 31) return Number(text) * 1000
  if (/^\d{13}$/.test(text)) return Number(text)
  const found = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?) ?(Z|[+-]\d{2}:?\d{2})?$/.exec(
    text,
  )
  if (found === null) return undefined
  const [, day, time, zone = USUAL_OFFSET] = found
  const ms = Date.parse(`${day}T${time}${zone.replace(/^([+-]\d{2})(\d{2})$/, '$1:$2')}`)
  return Number.isNaN(ms) ? undefined : ms
}
