import type { TableRow } from '../file/table.ts'
import { assignColumns } from './assign.ts'

/** Number of first rows among which the header is searched. */
export const HEADER_ROWS = 10

/** Recognised titles from which on a row is the header of a list. */
const HEADER_TITLES = 2

function countKnown(row: TableRow): number {
  return assignColumns(row).filter((field) => field !== null).length
}

/**
 * Finds the header row: the first row, unless one of the next rows has more recognised headers, at least two. Rows above it
 * are a title or a date.
 */
export function findHeader(rows: readonly TableRow[]): TableRow | undefined {
  let [best] = rows
  let most = best === undefined ? 0 : Math.max(1, countKnown(best))
  for (const row of rows.slice(0, HEADER_ROWS)) {
    const known = countKnown(row)
    if (known > most) [best, most] = [row, known]
  }
  return best
}

/** Tells whether rows are a list, with a header that is recognised. */
export function isList(rows: readonly TableRow[]): boolean {
  const header = findHeader(rows)
  return header !== undefined && countKnown(header) >= HEADER_TITLES
}

/** Cells that a row of a business has at least: its name, its commune, a number. */
const BUSINESS_CELLS = 3

/** Tells whether rows without known titles may be a list: one below the first looks like a business. */
export function looksLikeList(rows: readonly TableRow[]): boolean {
  return rows
    .slice(1)
    .some(
      ({ cells }) =>
        cells.filter((cell) => cell.trim() !== '').length >= BUSINESS_CELLS && cells.some(isPersonal),
    )
}

/** Matches dates and runs of years, whose digits are no number of a person: “12/03/2024 14:30”, “2023/2024/2025”. */
const DATES =
  /\b(?:(?:0?[1-9]|[12]\d|3[01])[/.-](?:0?[1-9]|1[0-2])[/.-](?:(?:19|20)\d\d|\d\d)|(?:19|20)\d\d-\d\d-\d\d)(?![/.\d-])(?:[T ]\d\d?[:h]\d\d(?::\d\d)?)?|\b(?:19|20)\d\d(?:\s?[/–-]\s?(?:19|20)\d\d)+\b/g

/** Tells whether a cell may contain a number, an account or a mail address, which no title does. */
export function isPersonal(cell: string): boolean {
  return /@|(?:\d\D{0,2}){9}/.test(cell.replace(DATES, ' '))
}

/**
 * Tells whether what was taken for the header is a row: it has one known title at most, as a business may be called like one, and
 * numbers or mail addresses where most of the next rows have some too. A heading above the titles may have the chamber's.
 */
export function isWithoutTitles(header: TableRow, below: readonly TableRow[]): boolean {
  const columns = header.cells.flatMap((cell, column) => (isPersonal(cell) ? [column] : []))
  if (columns.length === 0 || isList([header])) return false
  const cells = below
    .slice(0, HEADER_ROWS)
    .flatMap((row) => columns.map((column) => row.cells[column] ?? ''))
    .filter((cell) => cell.trim() !== '')
  if (cells.length === 0) return header.cells.filter((cell) => cell.trim() !== '').length > 1
  return 2 * cells.filter(isPersonal).length >= cells.length
}

/**
 * Returns the titles of the header; if hardly any is recognised, one for each column of the rows below, so that each can be
 * assigned.
 */
export function titlesOf(header: TableRow, below: readonly TableRow[]): string[] {
  const titles = header.cells.map((cell) => cell.replace(/\s+/g, ' ').trim())
  if (countKnown(header) >= HEADER_TITLES) return titles
  const widths = below.map(({ cells }) => cells.findLastIndex((cell) => cell.trim() !== '') + 1)
  const width = Math.max(titles.length, ...widths)
  return Array.from({ length: width }, (_, n) => titles[n] ?? '')
}
