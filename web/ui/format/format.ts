import { dayIn, yearIn } from '../../../src/message/clock.ts'
import { formatEuros } from '../../../src/message/money.ts'
import { readableShare } from '../../../src/message/written.ts'
import { timeZone } from '../../api/clock.ts'
import type { Lang } from './text.ts'

const locales: Record<Lang, string> = { fr: 'fr-FR', en: 'en-GB' }
const formats = new Map<string, Intl.DateTimeFormat | Intl.NumberFormat>()

/** Formats in the time zone of the scheme on screen, unless the options name another. */
function dateFormat(lang: Lang, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const zoned = { timeZone: timeZone(), ...options }
  const id = `d${lang}${JSON.stringify(zoned)}`
  let format = formats.get(id)
  if (format === undefined) {
    format = new Intl.DateTimeFormat(locales[lang], zoned)
    formats.set(id, format)
  }
  return format as Intl.DateTimeFormat
}

/** Formats a date; in French the first of a month is "1er". */
function formatDate(lang: Lang, date: Date, options: Intl.DateTimeFormatOptions): string {
  const text = dateFormat(lang, options).format(date)
  return lang === 'fr' ? text.replace(/(?<!\d)1(?= \p{L})/u, '1er') : text
}

function numberFormat(lang: Lang, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const id = `n${lang}${JSON.stringify(options)}`
  let format = formats.get(id)
  if (format === undefined) {
    format = new Intl.NumberFormat(locales[lang], options)
    formats.set(id, format)
  }
  return format as Intl.NumberFormat
}

const isSameDay = (date: Date, now: number) => dayIn(timeZone(), date) === dayIn(timeZone(), now)

/** 22:14 */
export function timeOf(lang: Lang, at: string | number): string {
  return formatDate(lang, new Date(at), { hour: '2-digit', minute: '2-digit' })
}

/** Formats a time with seconds: "22:14:07" today, otherwise "12 mars, 22:14:07". */
export function preciseTimeOf(lang: Lang, at: string, now: number): string {
  const date = new Date(at)
  const day: Intl.DateTimeFormatOptions = isSameDay(date, now) ? {} : { day: 'numeric', month: 'short' }
  return formatDate(lang, date, { ...day, hour: '2-digit', minute: '2-digit', second: '2-digit' })
}

/** Formats a day, with its year unless it is the current one. */
function shortDay(date: Date, now: number): Intl.DateTimeFormatOptions {
  const isThisYear = yearIn(timeZone(), date) === yearIn(timeZone(), now)
  return { day: 'numeric', month: 'short', ...(!isThisYear && { year: 'numeric' }) }
}

/** Formats a time: "22:14" today, otherwise "12 mars, 22:14". */
export function momentOf(lang: Lang, at: string | number, now: number): string {
  const date = new Date(at)
  if (isSameDay(date, now)) return timeOf(lang, at)
  return formatDate(lang, date, { ...shortDay(date, now), hour: '2-digit', minute: '2-digit' })
}

/**
 * Formats a time with its preposition: "à 22:14", "le 12 mars à 22:14", "on 12 Mar at 22:14"; with the year of another
 * year.
 */
export function whenOf(lang: Lang, at: string | number, now: number): string {
  const [on, to] = lang === 'fr' ? ['le', 'à'] : ['on', 'at']
  const date = new Date(at)
  if (isSameDay(date, now)) return `${to} ${timeOf(lang, at)}`
  return `${on} ${formatDate(lang, date, shortDay(date, now))} ${to} ${timeOf(lang, at)}`
}

/** Formats a time to follow "depuis" or "since": "22:14" today, otherwise "le 12 mars à 22:14", "12 Mar at 22:14". */
export function sinceOf(lang: Lang, at: string | number, now: number): string {
  const date = new Date(at)
  if (isSameDay(date, now)) return timeOf(lang, at)
  const day = formatDate(lang, date, { day: 'numeric', month: 'short' })
  return lang === 'fr' ? `le ${day} à ${timeOf(lang, at)}` : `${day} at ${timeOf(lang, at)}`
}

/** Formats an end: "jusqu’à 22:14" today, otherwise "jusqu’au 12 mars à 22:14", "until 12 Mar at 22:14". */
export function untilOf(lang: Lang, at: string, now: number): string {
  const date = new Date(at)
  const [until, to] = lang === 'fr' ? ['jusqu’au', 'à'] : ['until', 'at']
  if (isSameDay(date, now)) return `${lang === 'fr' ? 'jusqu’à' : until} ${timeOf(lang, at)}`
  return `${until} ${formatDate(lang, date, shortDay(date, now))} ${to} ${timeOf(lang, at)}`
}

/** 12 mars 2026, 1er mars 2026 */
export function dayOf(lang: Lang, at: string): string {
  return formatDate(lang, new Date(at), { day: 'numeric', month: 'short', year: 'numeric' })
}

/** lundi 30 novembre 2026 */
export function longDayOf(lang: Lang, at: number): string {
  return formatDate(lang, new Date(at), { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' })
}

/** Formats a running clock: 01:12 under an hour, 2 h 10 under two days, then days. Milliseconds in. */
export function clockOf(lang: Lang, milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000))
  const minutes = Math.floor(seconds / 60)
  const two = (n: number) => String(n).padStart(2, '0')
  if (minutes < 60) return `${two(minutes)}:${two(seconds % 60)}`
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return `${hours} h ${two(minutes % 60)}`
  return `${Math.floor(hours / 24)} ${lang === 'fr' ? 'j' : 'd'}`
}

/** Formats a short span: "38 ms", "1,2 s", "2 min 04". Milliseconds in. */
export function spanOf(lang: Lang, milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`
  if (milliseconds < 60_000)
    return `${numberFormat(lang, { maximumFractionDigits: 1 }).format(milliseconds / 1000)} s`
  const seconds = Math.round(milliseconds / 1000)
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')}`
  return `${Math.floor(seconds / 3600)} h ${String(Math.floor((seconds % 3600) / 60)).padStart(2, '0')}`
}

export function countOf(lang: Lang, count: number): string {
  return numberFormat(lang, {}).format(count)
}

export function moneyOf(lang: Lang, cents: number): string {
  return formatEuros(cents, lang)
}

/** Writes a share as papers do: 97,5 %. */
export function percentOf(lang: Lang, share: number): string {
  return readableShare(locales[lang], share)
}

/** Returns the name of a commune, with the former name used by the caller: "Dallet (Mur-sur-Allier)". */
export function communeNameOf({
  name,
  formerName,
}: {
  readonly name: string
  readonly formerName?: string | null
}): string {
  return formerName ? `${formerName} (${name})` : name
}

/** Formats an age: "il y a 2 minutes", "2 hours ago". Milliseconds in. */
export function agoOf(lang: Lang, milliseconds: number): string {
  const format = new Intl.RelativeTimeFormat(locales[lang], { numeric: 'always' })
  const minutes = Math.max(0, Math.floor(milliseconds / 60_000))
  if (minutes < 60) return format.format(-minutes, 'minute')
  if (minutes < 48 * 60) return format.format(-Math.floor(minutes / 60), 'hour')
  return format.format(-Math.floor(minutes / 1440), 'day')
}

/** Formats a month: "mars 2026" for 2026-03. */
export function monthOf(lang: Lang, month: string): string {
  return formatDate(lang, new Date(`${month}-01T00:00:00Z`), {
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  })
}

/** Formats a month by its name alone: "mars" for 2026-03. */
export function monthNameOf(lang: Lang, month: string): string {
  return formatDate(lang, new Date(`${month}-01T00:00:00Z`), { month: 'long', timeZone: 'UTC' })
}
