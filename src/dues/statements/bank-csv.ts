import { parse } from 'csv-parse/sync'
import type { Problem } from '../../errors.ts'
import { simplify } from '../../territory/spelling.ts'
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
  readonly texts: readonly number[]
}

/**
 * Reads the CSV of a bank: cells apart by semicolons, tabs or commas, a header that names a date, a text, and one signed
 * amount or a debit and a credit, as Crédit Agricole, Crédit Mutuel, BNP Paribas, Société Générale, Banque Populaire, Caisse
 * d'Épargne and La Banque Postale write them.
 */
export function readBankCsv(text: string): ReadStatement {
  const none: ReadStatement = { format: 'csv', lines: [], debits: 0, accounts: [], problems: [] }
  const found = [';', '\t', ','].map((mark) => findTable(text, mark)).find((one) => one !== undefined)
  if (found === undefined) return { ...none, problems: [{ code: 'statement.columns' }] }
  const { columns, rows, above } = found
  const problems: Problem[] = []
  const lines: StatementLine[] = []
  let debits = 0
  for (const { line, cells } of rows) {
    const cell = (index: number) => (index < 0 ? '' : (cells[index] ?? '').trim())
    const words = joinTexts(columns.texts.map(cell))
    const written = [cell(columns.amount), cell(columns.debit), cell(columns.credit)].filter(
      (one) => one !== '',
    )
    const day = dayOf(cell(columns.day))
    if (written.length === 0 || isSum(day, simplify(day === undefined ? cells.join(' ') : words))) continue
    const cents = centsOfRow(columns, cell)
    if (day === undefined) problems.push(lineProblem('statement.day', line, cell(columns.day)))
    if (cents === undefined) problems.push(lineProblem('statement.amount', line, written.join(' ')))
    const currency = cell(columns.currency)
    if (!/^(|eur|euros?|€)$/i.test(currency)) problems.push(lineProblem('statement.currency', line, currency))
    if (day === undefined || cents === undefined || cents === 0) continue
    if (cents < 0 && !saysReturned(simplify(words))) debits += 1
    else
      lines.push({
        ...{ line, bookedOn: day, text: words, bankId: null },
        amountCents: Math.abs(cents),
        returned: cents < 0 ? 'debit' : null,
        name: cell(columns.name),
      })
  }
  return { ...none, lines, debits, accounts: accountsIn(above), problems }
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

/** Finds the header with this separator, and the rows below it. */
function findTable(
  text: string,
  delimiter: string,
): { readonly columns: Columns; readonly rows: readonly Row[]; readonly above: string } | undefined {
  const records = parse(text, {
    ...{ delimiter, info: true, relax_column_count: true, relax_quotes: true, skip_empty_lines: true },
    record_delimiter: '\n',
    skip_records_with_error: true,
  }) as unknown as { readonly record: string[]; readonly info: { readonly lines: number } }[]
  for (let i = 0; i < Math.min(LINES_ABOVE, records.length); i++) {
    const columns = columnsOf(records[i]!.record)
    if (columns === undefined) continue
    // The parser counts the line on which a record ends; it begins as many lines before as its cells have breaks.
    const rows = records.slice(i + 1).map(({ record, info }) => ({
      line: info.lines - record.join('').split('\n').length + 1,
      cells: record,
    }))
    const above = records
      .slice(0, i)
      .map(({ record }) => record.join(' '))
      .join('\n')
    return { columns, rows, above }
  }
  return undefined
}

/** Finds the account that a bank names above the header: its IBAN, or the 11 characters of its number. */
function accountsIn(above: string): string[] {
  const iban = /\bFR\d{2}(?: ?[0-9A-Z]{4}){5} ?[0-9A-Z]{3}\b/.exec(above)?.[0]
  const number = /\bcompte\b[^\d\n]*\b(\d{11})\b/i.exec(above)?.[1]
  return [iban ?? number].filter((one) => one !== undefined)
}

/** Returns what the columns of a header hold; undefined if this is no header of a statement. */
function columnsOf(header: readonly string[]): Columns | undefined {
  const names = header.map((name) => simplify(name))
  const first = (...patterns: readonly RegExp[]) =>
    patterns.map((one) => names.findIndex((name) => one.test(name))).find((index) => index >= 0) ?? -1
  const columns: Columns = {
    day: first(/^date (de )?compta/, /^date (de l |d )?(operation|ecriture)/, /^date$/, /^date/),
    amount: first(/^montant(?!.*(franc|devise))/, /^amount/),
    debit: first(/^(montant )?(du )?debit/),
    credit: first(/^(montant )?(du )?credit/),
    currency: first(/^devise/),
    name: first(/(tiers|contrepartie|emetteur|donneur d ordre)/),
    texts: names.flatMap((name, i) =>
      /^(libelle|detail|information|reference|motif|communication|nature|objet|intitule)/.test(name)
        ? [i]
        : [],
    ),
  }
  const hasAmount = columns.amount >= 0 || columns.credit >= 0
  return columns.day >= 0 && hasAmount && columns.texts.length > 0 ? columns : undefined
}

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
