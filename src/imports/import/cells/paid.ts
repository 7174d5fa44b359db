import type { ListedDues } from '../../../dues/bulk/listed-rules.ts'
import { searchName } from '../../../territory/places/spelling.ts'
import { parseDay } from './days.ts'

/** A day within other words: "31/01/2026", "2026-01-31", "3 février 2026". */
const DAY =
  /\b(?:\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|\d{1,2}(?:er)?\s+\p{L}{3,9}\.?\s+\d{4})\b/giu
/** The number of a day in a spreadsheet. */
const SERIAL = /^4\d{4}$/
/** "1 200,50 €", "1.200,50 €", "1,200.50 €"; never the end of a longer number. */
const AMOUNT =
  /(?<![\d.,])(?:(\d{1,3}(?:[ .\u00a0\u202f]\d{3})+|\d+)(?:,(\d{1,2}))?|(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d{1,2}))?)[ \u00a0\u202f]?(?:€|eur\b|euros?\b)/giu
const BARE_AMOUNT = /^(\d{1,5})(?:[.,](\d{1,2}))?$/
/** "150", "150,00", "1 200,00": fewer digits than a postal code, a number or a SIRET has, or with cents. */
const ONLY_AMOUNT = /^(?:\d{1,4}(?:[.,]\d)?|\d{1,3}(?:[ .\u00a0\u202f]?\d{3})*[.,]\d{2})$/
const YEARS = /\b20\d\d\b/g
/** "2024-2026", which names the year between too. */
const FROM_TO = /\b(20\d\d)\s*(?:[-–à]|au)\s*(20\d\d)\b/giu
/** Words that say that dues are paid. */
const YES = new Set(
  (
    'oui o yes y x ok fait vrai true paye payee payes payees regle reglee regles reglees acquitte acquittee recu recue ' +
    'encaisse encaissee paid'
  ).split(' '),
)
/** Phrases that say so: their words say nothing by themselves. */
const YES_PHRASES = /\b(?:a jour|up to date)\b/g
/** Words beside a day, a year or an amount, which say nothing by themselves: a means may be only the usual one. */
const BESIDE = new Set(
  (
    'cotisation cotisations cotis annee annees dues year years membership fee date le du de en pour par on of for by and et in the ' +
    'cheque cheques chq virement vir especes espece cb carte transfer cash card'
  ).split(' '),
)
/** "120 € dû": owed. As normalised it would read as in "du 12/01/2026". */
const OWED = /(?<!\p{L})d\u00fbe?s?(?!\p{L})/iu

/** Matches, among normalised words, what says that nothing is paid. */
const UNPAID = /^$|^(?:non?|n|pas|jamais|not|aucun|aucune|faux|false|impaye|impayee|impayes|unpaid)\b/

const MAX_YEARS = 10

/**
 * Reads the cell of a list that says what a member has paid: "oui", "2026", "2025, 2026", "12/01/2026", "120 €", "payé 120 € le
 * 12/01/2026".
 * @returns null if it says that nothing is paid, or nothing at all; undefined for other texts
 */
export function parsePaid(text: string): ListedDues | null | undefined {
  const whole = text.normalize('NFC').trim()
  if (UNPAID.test(searchName(whole)) || /^(?:-|0(?:[.,]0{1,2})?\s*€?)$/.test(whole)) return null
  const bare = BARE_AMOUNT.exec(whole)
  if (SERIAL.test(whole)) return dayOnly(parseDay(whole))
  if (bare !== null && !/^(?:20\d\d|1)$/.test(whole)) return { years: [], cents: centsOf(bare), on: null }
  const { days, amounts, years, words } = readPaidParts(whole)
  const isOwed = OWED.test(whole) || (words.includes('du') && years.length + days.length === 0)
  const isUnderstood = !isOwed && (whole === '1' || words.every((word) => YES.has(word) || BESIDE.has(word)))
  const [on = null, ...moreDays] = days
  const [cents = null, ...moreAmounts] = amounts
  const isBare = years.length + days.length + amounts.length === 0
  const saysNothing = isBare && whole !== '1' && !words.some((word) => YES.has(word))
  if (!isUnderstood || saysNothing || moreDays.length + moreAmounts.length > 0) return undefined
  if (days.length > 0 && on === null) return undefined
  if (cents === 0 || years.length > MAX_YEARS) return undefined
  return { years, cents, on }
}

/** Tells whether a cell is an amount, or has one in euros among its words. */
export function hasAmount(text: string): boolean {
  return ONLY_AMOUNT.test(text.trim()) || text.search(AMOUNT) >= 0
}

/** Takes the days, amounts and years out of a cell, and lists the words that are left. */
function readPaidParts(whole: string) {
  let rest = whole
  const take = (pattern: RegExp) => {
    const found = [...rest.matchAll(pattern)]
    rest = rest.replace(pattern, ' ')
    return found
  }
  const days = take(DAY).map(([day]) => parseDay(day))
  const amounts = take(AMOUNT).map(centsOf)
  const ranges = take(FROM_TO).flatMap(([, from, to]) => range(Number(from), Number(to)))
  const years = [...new Set([...ranges, ...take(YEARS).map(([year]) => Number(year))])].sort()
  const words = searchName(rest)
    .replace(YES_PHRASES, 'paye')
    .split(' ')
    .filter((word) => word !== '')
  return { days, amounts, years, words }
}

const dayOnly = (on: string | undefined): ListedDues | undefined =>
  on === undefined ? undefined : { years: [], cents: null, on }

function centsOf([, comma = '', cents = '', point = '', pointCents = '']: RegExpMatchArray): number {
  const [whole, part] = [comma || point, cents || pointCents]
  return Number(whole.replace(/\D/g, '')) * 100 + Number(part.padEnd(2, '0'))
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, Math.min(MAX_YEARS + 1, to - from + 1)) }, (_, n) => from + n)
}
