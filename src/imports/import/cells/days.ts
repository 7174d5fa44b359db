import { DAY_MS, dayOfParts } from '../../../message/clock.ts'
import { searchName } from '../../../territory/places/spelling.ts'

const MONTHS = [
  ['janvier', 'janv', 'jan', 'january'],
  ['fevrier', 'fevr', 'fev', 'february', 'feb'],
  ['mars', 'march', 'mar'],
  ['avril', 'avr', 'april', 'apr'],
  ['mai', 'may'],
  ['juin', 'june', 'jun'],
  ['juillet', 'juil', 'july', 'jul'],
  ['aout', 'august', 'aug'],
  ['septembre', 'sept', 'sep', 'september'],
  ['octobre', 'oct', 'october'],
  ['novembre', 'nov', 'november'],
  ['decembre', 'dec', 'december'],
] as const
const monthOf = new Map<string, number>(
  MONTHS.flatMap((names, n) => names.map((name): [string, number] => [name, n + 1])),
)

/** Day 0 of spreadsheets, which count 29 February 1900. */
const SPREADSHEET = Date.UTC(1899, 11, 30)
const FIRST_YEAR = 1900
const LAST_YEAR = 2100
/** Two digits up to this are of this century. */
const THIS_CENTURY = 50

/**
 * Parses a day as lists have it: "01/02/2019", "1.2.19", "2019-02-01", "1er février 2019", "févr. 2019", "janv-24" and "2019"
 * (their first day), or the number of a spreadsheet.
 * @returns YYYY-MM-DD; undefined for other texts
 */
export function parseDay(text: string): string | undefined {
  const words = searchName(text.replace(/[T ]\d{1,2}:\d{2}.*$/, '').replace(/\b1er\b/i, '1')).split(' ')
  const [a = '', b = '', c = ''] = words
  if (words.length > 3) return undefined
  if (words.length === 1) return /^\d{4}$/.test(a) ? dayOf(a, 1, '1') : spreadsheetDay(a)
  if (words.length === 2) {
    const named = monthOf.get(a)
    return named !== undefined || /^\d{4}$/.test(b) ? dayOf(b, named ?? Number(a), '1') : undefined
  }
  if (/^\d{4}$/.test(a)) return dayOf(a, Number(b), c)
  return dayOf(c, monthOf.get(b) ?? Number(b), a)
}

/** Tells whether a text names a month and a year without a day, which `parseDay` reads as the first of the month. */
export function isMonth(text: string): boolean {
  const [a = '', b = '', ...more] = searchName(text).split(' ')
  return more.length === 0 && monthOf.has(a) && /^(?:\d{2}|\d{4})$/.test(b)
}

function spreadsheetDay(text: string): string | undefined {
  const days = /^\d{5}$/.test(text) ? Number(text) : Number.NaN
  return Number.isNaN(days) ? undefined : new Date(SPREADSHEET + days * DAY_MS).toISOString().slice(0, 10)
}

function dayOf(year: string, month: number, day: string): string | undefined {
  if (!/^(?:\d{2}|\d{4})$/.test(year) || !/^\d{1,2}$/.test(day)) return undefined
  const short = Number(year)
  const full = year.length === 4 ? short : short + (short <= THIS_CENTURY ? 2000 : 1900)
  return full >= FIRST_YEAR && full <= LAST_YEAR ? dayOfParts(full, month, Number(day)) : undefined
}
