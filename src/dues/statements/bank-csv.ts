import { parse } from 'csv-parse/sync'
import type { Problem } from '../../errors.ts'
import { simplifySpelling } from '../../territory/places/spelling.ts'
import {
  dayFrom,
  joinTexts,
  lineProblem,
  type ReadStatement,
  type StatementLine,
  saysReturned,
} from './entry.ts'

/** Banks write the holder, the account and the balance above the header. */
const LINES_ABOVE = 30

interface Columns {
  readonly day: number
  readonly amount: number
  readonly debit: number
  readonly credit: number
  readonly currency: number
  readonly name: number
  /** The account that a row is of. */
  readonly account: number
  readonly texts: readonly number[]
}

/**
 * Reads the CSV of a bank: cells apart by semicolons, tabs or commas, a header that names a date, a text, and one signed
 * amount or a debit and a credit, as Crédit Agricole, Crédit Mutuel, BNP Paribas, Société Générale, Banque Populaire, Caisse
 * d'Épargne, La Banque Postale and BoursoBank write them. Without a header, as LCL writes it, the cells say what the columns hold.
 */
export function readBankCsv(text: string): ReadStatement {
  const none: ReadStatement = { format: 'csv', lines: [], debits: 0, accounts: [], problems: [] }
  const tables = [';', '\t', ','].map((delimiter) => parseTable(text, delimiter))
  const found = firstOf(tables, findHeader) ?? firstOf(tables, findRows)
  if (found === undefined) return { ...none, problems: [missingColumns(tables)] }
  const { columns, rows, above } = found
  const problems: Problem[] = []
  const lines: StatementLine[] = []
  let debits = 0
  for (const row of rows) {
    const movement = readMovement(found, row, problems)
    if (movement === undefined) continue
    const { cents, bookedOn, words, name } = movement
    if (cents < 0 && !saysReturned(simplifySpelling(words))) debits += 1
    else
      lines.push({
        ...{ line: row.line, bookedOn, text: words, bankId: null, name },
        amountCents: Math.abs(cents),
        returned: cents < 0 ? 'debit' : null,
      })
  }
  const named = rows.map(({ cells }) => (cells[columns.account] ?? '').replace(/\s/g, ''))
  const accounts = [...new Set([...accountsIn(above), ...named.filter((one) => ACCOUNT.test(one))])]
  return { ...none, lines, debits, accounts, problems }
}

interface RowMovement {
  /** Negative for a debit, never 0. */
  readonly cents: number
  readonly bookedOn: string
  readonly words: string
  readonly name: string
}

/** Reads the movement of a row, and adds its problems; undefined for a total, a balance or a row that cannot be read. */
function readMovement(
  { columns, hasHeader }: Table,
  { line, cells }: Row,
  problems: Problem[],
): RowMovement | undefined {
  const cell = (index: number) => (index < 0 ? '' : (cells[index] ?? '').trim())
  const words = joinTexts(columns.texts.map(cell))
  const written = [cell(columns.amount), cell(columns.debit), cell(columns.credit)].filter(
    (one) => one !== '',
  )
  const bookedOn = dayOf(cell(columns.day))
  if (
    written.length === 0 ||
    isSum(bookedOn, simplifySpelling(bookedOn === undefined ? cells.join(' ') : words))
  )
    return undefined
  // Below rows without a header, the balance is an amount without a word.
  if (!hasHeader && words === '') return undefined
  const cents = centsOfRow(columns, cell)
  if (bookedOn === undefined) problems.push(lineProblem('statement.day', line, cell(columns.day)))
  if (cents === undefined) problems.push(lineProblem('statement.amount', line, written.join(' ')))
  const currency = cell(columns.currency)
  if (!/^(|eur|euros?|€)$/i.test(currency)) problems.push(lineProblem('statement.currency', line, currency))
  if (bookedOn === undefined || cents === undefined || cents === 0) return undefined
  return { cents, bookedOn, words, name: cell(columns.name) }
}

/**
 * Tells whether a row is a total or a balance: it has no day of its own, or its text says nothing else ("Solde créditeur au
 * 12/03/2026"). Payers are called Total, too.
 */
function isSum(day: string | undefined, words: string): boolean {
  return day === undefined
    ? /^(solde|total)/.test(words)
    : /^(ancien |nouveau )?solde( (crediteur|debiteur|initial|final|precedent|comptable|du|au|en|euros?|eur|\d+))*$/.test(
        words,
      )
}

interface Row {
  readonly line: number
  readonly cells: readonly string[]
}

/** A table of a file: its rows with their lines, and what is written above them. */
interface Table {
  readonly columns: Columns
  readonly rows: readonly Row[]
  readonly above: string
  readonly hasHeader: boolean
}

/** The 11 characters of a French account, or its IBAN. */
const ACCOUNT = /^([0-9A-Z]{11}|FR\d{2}[0-9A-Z]{23})$/

function firstOf<Value, Found>(
  values: readonly Value[],
  find: (value: Value) => Found | undefined,
): Found | undefined {
  for (const value of values) {
    const found = find(value)
    if (found !== undefined) return found
  }
  return undefined
}

/** Parts a file into cells at this separator. */
function parseTable(text: string, delimiter: string): Row[] {
  const records = parse(text, {
    ...{ delimiter, info: true, relax_column_count: true, relax_quotes: true, skip_empty_lines: true },
    record_delimiter: '\n',
    skip_records_with_error: true,
  }) as unknown as { readonly record: string[]; readonly info: { readonly lines: number } }[]
  // The parser counts the line on which a record ends; it begins as many lines before as its cells have breaks.
  return records.map(({ record, info }) => ({
    line: info.lines - record.join('').split('\n').length + 1,
    cells: record,
  }))
}

const textAbove = (rows: readonly Row[]) => rows.map(({ cells }) => cells.join(' ')).join('\n')

/** Finds the header, and the rows below it. */
function findHeader(rows: readonly Row[]): Table | undefined {
  for (let i = 0; i < Math.min(LINES_ABOVE, rows.length); i++) {
    const columns = columnsOf(rows[i]!.cells)
    if (isWhole(columns))
      return { columns, rows: rows.slice(i + 1), above: textAbove(rows.slice(0, i)), hasHeader: true }
  }
  return undefined
}

/**
 * Finds the rows of a file without a header by their cells: a day, an amount with decimals, and words. Amounts are those of one
 * column with signs, or of two of which each row fills one, the debit first.
 */
function findRows(all: readonly Row[]): Table | undefined {
  const first = all
    .slice(0, LINES_ABOVE)
    .findIndex(({ cells }) => cells.some((cell) => dayOf(cell.trim()) !== undefined))
  if (first < 0) return undefined
  const day = all[first]!.cells.findIndex((cell) => dayOf(cell.trim()) !== undefined)
  const rows = all.slice(first)
  const dated = rows.filter(({ cells }) => dayOf((cells[day] ?? '').trim()) !== undefined)
  if (dated.length < rows.length * MIN_DATED_SHARE) return undefined
  const indices = [...all[first]!.cells.keys()]
  const columnAt = (index: number) => dated.map(({ cells }) => (cells[index] ?? '').trim())
  const amounts = indices.filter((index) => {
    const filled = columnAt(index).filter((cell) => cell !== '')
    return filled.length > 0 && filled.every((cell) => DECIMALS.test(cell) && centsOf(cell) !== undefined)
  })
  const money = moneyColumns(amounts, columnAt)
  const currency = indices.find((index) => columnAt(index).every((cell) => /^(eur|€)$/i.test(cell))) ?? -1
  const texts = indices.filter(
    (index) => index !== currency && columnAt(index).some((cell) => /\p{L}{3}/u.test(cell)),
  )
  if (money === undefined || texts.length === 0) return undefined
  const columns = { day, ...money, currency, name: -1, account: -1, texts }
  return { columns, rows, above: textAbove(all.slice(0, first)), hasHeader: false }
}

/** The part of the rows that have a day: a file ends with a balance. */
const MIN_DATED_SHARE = 0.8
const DECIMALS = /[.,]\d{2}\s*(€|eur(os?)?)?$/i

/** Tells the amount, or the debit and the credit, among columns of amounts, of which one may be the balance. */
function moneyColumns(
  amounts: readonly number[],
  columnAt: (index: number) => readonly string[],
): Pick<Columns, 'amount' | 'debit' | 'credit'> | undefined {
  const none = { amount: -1, debit: -1, credit: -1 }
  const partly = amounts.filter((index) => columnAt(index).includes(''))
  const [debit, credit] = partly
  if (debit !== undefined && credit !== undefined && partly.length === 2) {
    const others = columnAt(credit)
    const isEither = columnAt(debit).every((cell, row) => (cell === '') !== (others[row] === ''))
    return isEither ? { ...none, debit, credit } : undefined
  }
  // Without a sign, nothing says which sums came in.
  const signed = amounts.filter((index) => columnAt(index).some((cell) => /^[+\-−–]/.test(cell)))
  const moved = signed.filter((index) =>
    amounts.some((other) => other !== index && isBalanceOf(columnAt(other), columnAt(index))),
  )
  const [amount] = moved.length === 1 ? moved : signed
  return amount !== undefined && (moved.length === 1 || signed.length === 1) ? { ...none, amount } : undefined
}

/** Tells whether balances change by the amounts from row to row, in either direction. */
function isBalanceOf(balances: readonly string[], amounts: readonly string[]): boolean {
  const cents = (cells: readonly string[]) => cells.map((cell) => centsOf(cell) ?? Number.NaN)
  const [left, moved] = [cents(balances), cents(amounts)]
  const steps = left.slice(1).map((one, row) => one - left[row]!)
  return (
    steps.length > 0 &&
    (steps.every((step, row) => step === moved[row + 1]) || steps.every((step, row) => -step === moved[row]))
  )
}

/** Says which columns of the header are missing, or that there is none. */
function missingColumns(tables: readonly (readonly Row[])[]): Problem {
  const headers = tables.flatMap((rows) =>
    rows.slice(0, LINES_ABOVE).map((row) => ({ row, columns: columnsOf(row.cells) })),
  )
  const partsOf = ({ columns }: (typeof headers)[number]) => [
    columns.day >= 0,
    hasMoney(columns),
    columns.texts.length > 0,
  ]
  const known = (one: (typeof headers)[number]) => partsOf(one).filter((has) => has).length
  const best = headers.toSorted((one, other) => known(other) - known(one))[0]
  if (best === undefined || best.row.cells.length < 2 || known(best) === 0)
    return { code: 'statement.columns' }
  const [day, money, text] = partsOf(best).map((has) => (has ? 'yes' : 'no'))
  const { line, cells } = best.row
  const titles = cells.map((cell) => cell.trim()).filter((cell) => cell !== '')
  return {
    ...{ code: 'statement.columns_missing', path: `line:${line}` },
    values: { line, day: day!, money: money!, text: text!, titles: titles.join(', ').slice(0, 200) },
  }
}

/** Finds the account that a bank names above the header: its IBAN, or the 11 characters of its number. */
function accountsIn(above: string): string[] {
  const iban = /\bFR\d{2}(?: ?[0-9A-Z]{4}){5} ?[0-9A-Z]{3}\b/.exec(above)?.[0]
  const number = /\bcompte\b[^\d\n]*\b(\d{11})\b/i.exec(above)?.[1]
  return [iban ?? number].filter((one) => one !== undefined)
}

/** Returns what the columns of a header hold. */
function columnsOf(header: readonly string[]): Columns {
  const names = header.map((name) => simplifySpelling(name))
  const first = (...patterns: readonly RegExp[]) =>
    patterns.map((one) => names.findIndex((name) => one.test(name))).find((index) => index >= 0) ?? -1
  return {
    day: first(
      ...[/^date (de )?compta/, /^date (de l |d )?(operation|ecriture)/, /^(dateop|booking date)$/, /^date$/],
      /^date/,
    ),
    amount: first(/^montant(?!.*(franc|devise))/, /^amount/),
    debit: first(/^(montant )?(du )?debit/),
    credit: first(/^(montant )?(du )?credit/),
    currency: first(/^devise/),
    name: first(/(tiers|contrepartie|emetteur|donneur d ordre|partner name)/),
    account: first(/^(accountnum|numero de compte|compte)$/),
    texts: names.flatMap((name, i) =>
      /^(libelle|label$|detail|information|reference|payment reference|description|motif|communication|nature|objet|intitule)/.test(
        name,
      )
        ? [i]
        : [],
    ),
  }
}

const hasMoney = ({ amount, credit }: Columns) => amount >= 0 || credit >= 0
const isWhole = (columns: Columns) => columns.day >= 0 && hasMoney(columns) && columns.texts.length > 0

function centsOfRow(columns: Columns, cell: (index: number) => string): number | undefined {
  const [debit, credit] = [cell(columns.debit), cell(columns.credit)]
  if (debit === '' && credit === '') return centsOf(cell(columns.amount))
  const [out, into] = [debit === '' ? 0 : centsOf(debit), credit === '' ? 0 : centsOf(credit)]
  // A debit is written as 10,00 or -10,00, depending on the bank.
  return out === undefined || into === undefined ? undefined : Math.abs(into) - Math.abs(out)
}

/** Reads 1 234,56, +1.234,56, -10.5 and 12 €. @returns undefined for anything else */
export function centsOf(text: string): number | undefined {
  const plain = text.replace(/[\s\u00a0\u202f']|€|eur(os?)?$/gi, '').replace(/^[−–]/, '-')
  const match =
    /^([+-]?)(\d{1,9})(?:[.,](\d{1,2}))?$/.exec(plain) ??
    // A mark of thousands counts as one only before decimals: 1.234 alone may be either.
    /^([+-]?)(\d{1,3}(?:\.\d{3})+),(\d{1,2})$/.exec(plain) ??
    /^([+-]?)(\d{1,3}(?:,\d{3})+)\.(\d{1,2})$/.exec(plain)
  if (match === null) return undefined
  const [, sign, euros = '', rest = ''] = match
  const cents = Number(euros.replace(/[.,]/g, '')) * 100 + Number(rest.padEnd(2, '0'))
  return cents > 1_000_000_000 ? undefined : sign === '-' ? -cents : cents
}

function dayOf(text: string): string | undefined {
  const french = /^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d\d)$/.exec(text)
  if (french !== null) {
    const year = Number(french[3])
    return dayFrom(year < 100 ? 2000 + year : year, Number(french[2]), Number(french[1]))
  }
  const iso = /^(\d{4})-(\d\d)-(\d\d)/.exec(text)
  return iso === null ? undefined : dayFrom(Number(iso[1]), Number(iso[2]), Number(iso[3]))
}
