import { AppError, type Problem } from '../../../errors.ts'
import type { TableRow } from '../file/table.ts'
import { assignColumns } from './assign.ts'
import { type BusinessField, type ColumnField, type ContactField, isPlainName } from './fields.ts'
import { yearsOfTitle } from './title-years.ts'

export interface Columns {
  /** The headers as written in the file. */
  readonly headers: readonly string[]
  /** Column numbers, counted from 0. */
  readonly business: Readonly<Partial<Record<BusinessField, number>>>
  /** The columns of dues paid, each with the years that its title names. */
  readonly dues: readonly { readonly column: number; readonly years: readonly number[] }[]
  /** One set of columns per contact. */
  readonly contacts: readonly Readonly<Partial<Record<ContactField, number>>>[]
  /** Whether the list has business names, or only persons (name and first name) who are the business. */
  readonly named: 'business' | 'person'
  /** Columns that are ignored. */
  readonly unknown: readonly number[]
}

/** Builds the columns of a table from the field of each. */
export function columnsOf(header: TableRow, fields: readonly (ColumnField | null)[]): Columns {
  const business: Partial<Record<BusinessField, number>> = {}
  const contacts: Partial<Record<ContactField, number>>[] = []
  const unknown: number[] = []
  const dues: { column: number; years: readonly number[] }[] = []
  header.cells.forEach((cell, column) => {
    const field = fields[column] ?? null
    if (field === 'duesPaid') dues.push({ column, years: yearsOfTitle(cell) })
    if (field === null) {
      if (cell.trim() !== '') unknown.push(column)
      return
    }
    const [name, n] = field.split('.') as [string, string | undefined]
    if (n === undefined) business[name as BusinessField] = column
    else {
      const rank = Number(n) - 1
      contacts[rank] ??= {}
      contacts[rank][name as ContactField] = column
    }
  })
  const isNamedByPerson =
    business.legalName === undefined &&
    isPlainName(header.cells[business.name ?? -1] ?? '') &&
    contacts[0]?.firstName !== undefined &&
    contacts[0].lastName === undefined
  return {
    headers: header.cells.map((cell) => cell.replace(/\s+/g, ' ').trim()),
    business,
    // Payments settle the oldest year first.
    dues: dues.sort((a, b) => (a.years[0] ?? 0) - (b.years[0] ?? 0)),
    contacts: Array.from(contacts, (contact) => contact ?? {}),
    named: isNamedByPerson ? 'person' : 'business',
    unknown,
  }
}

/**
 * Lists the columns that are missing, each by its usual headers, any of which would do.
 * @param needsTrade the scheme admits several trades, so each row must name its own
 */
export function missingColumns(columns: Columns, needsTrade: boolean): string[] {
  const has = (...fields: BusinessField[]) => fields.some((field) => columns.business[field] !== undefined)
  const missing: string[] = []
  if (!has('name', 'legalName')) missing.push('Enseigne, Raison sociale')
  if (!has('commune', 'insee', 'postalCode', 'address')) missing.push('Commune, Code INSEE')
  if (needsTrade && !has('trade', 'naf', 'naf2025')) missing.push('Métier, Code NAF')
  if (!columns.contacts.some((contact) => contact.mobile !== undefined || contact.phone !== undefined)) {
    missing.push('Mobile, Téléphone')
  }
  return missing
}

/**
 * Recognises the columns of a table by its header.
 * @throws AppError `invalid_file` with every missing column
 */
export function recognizeColumns(header: TableRow, needsTrade: boolean, file: string): Columns {
  const columns = columnsOf(header, assignColumns(header))
  requireColumns(columns, needsTrade, file)
  return columns
}

/** @throws AppError `invalid_file` with every missing column */
export function requireColumns(columns: Columns, needsTrade: boolean, file: string): void {
  const missing = missingColumns(columns, needsTrade)
  if (missing.length === 0) return
  const problems = missing.map(
    (names): Problem => ({ code: 'import.column_missing', values: { columns: names } }),
  )
  throw new AppError('invalid_file', { values: { file, problems: problems.length }, problems })
}

/** Matches the first word of a line of sums. */
const TOTAL = /^(?:sous[ -]?)?(?:total|totaux|totals?)\b|^nombre (?:total |d)|^soit \d+/i

/**
 * Tells whether a line below the header is no business: a sum at the end ("Total : 152 adhérents"), or the header again, as a
 * list printed on several pages has it.
 */
export function isAside(row: TableRow, columns: Columns): boolean {
  const cells = row.cells.map((cell) => cell.replace(/\s+/g, ' ').trim())
  const filled = cells.filter((cell) => cell !== '')
  const titles = columns.headers.filter((title) => title !== '')
  if (titles.length > 1 && filled.length === titles.length && filled.every((cell, n) => cell === titles[n]))
    return true
  const [first = ''] = filled
  if (!TOTAL.test(first)) return false
  const { business, contacts } = columns
  const places = [business.siret, business.commune, business.insee, business.postalCode]
  const numbers = contacts.flatMap(({ mobile, phone }) => [mobile, phone])
  const facts = [...places, ...numbers].map((column) => (column === undefined ? '' : (cells[column] ?? '')))
  // A petrol station may be called Total: it has a commune or a number.
  return facts.every((cell) => cell === '' || cell === first || /^\d{1,4}$/.test(cell))
}
