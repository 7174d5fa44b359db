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

const LENGTH = 120
/** The last digit of an amount carries its sign: { and A to I are 0 to 9 of a credit, } and J to R of a debit. */
const CREDITS = '{ABCDEFGHI'
const DEBITS = '}JKLMNOPQR'
/** The letters that the French 7-bit set (ISO 646-FR) has in place of { and }. */
const FRENCH_BRACES: Readonly<Record<string, string>> = { é: '{', è: '}' }

/** Tells whether a text begins as a CFONB 120 file: the opening balance of an account. */
export const isCfonb = (text: string): boolean => /^\s*01\d{5}.{4}\d{5}[A-Z ]{3}/.test(text)

/**
 * Reads a statement in CFONB 120, the format of French banks: lines of 120 characters, of which 01 is the opening balance of
 * an account, 04 a movement, 05 its details and 07 the closing balance. The balances show whether lines are missing.
 */
export function readCfonb(text: string): ReadStatement {
  const reader = new CfonbReader()
  for (const [i, raw] of recordsOf(text).entries()) if (raw.trim() !== '') reader.readRecord(raw, i + 1)
  return reader.finish()
}

/** Reads the records of a file one after the other. */
class CfonbReader {
  readonly #problems: Problem[] = []
  readonly #lines: StatementLine[] = []
  readonly #accounts: string[] = []
  #debits = 0
  /** The balance of the open account after the movements read so far; undefined when it cannot be checked. */
  #balance: { opened: number; line: number } | undefined
  /** The last movement, which may still get details. */
  #current: Movement | undefined

  readRecord(raw: string, line: number): void {
    const record = raw.padEnd(LENGTH)
    const type = record.slice(0, 2)
    if (!['01', '04', '05', '07'].includes(type) || raw.trimEnd().length > LENGTH) {
      this.#problems.push(lineProblem('statement.record', line, raw.slice(0, 20)))
      return
    }
    if (type === '05') {
      this.#addDetails(record, line)
      return
    }
    this.#endMovement()
    const { amount, day } = this.#readSum(record, line)
    if (type === '01') this.#openAccount(record, line, amount)
    else if (type === '07') this.#closeAccount(line, amount)
    else if (amount !== undefined && day !== undefined) {
      if (this.#balance !== undefined) this.#balance.opened += amount
      this.#current = { line, bookedOn: day, cents: amount, record, details: [] }
    } else this.#balance = undefined
  }

  finish(): ReadStatement {
    this.#endMovement()
    if (this.#balance !== undefined)
      this.#problems.push(lineProblem('statement.unfinished', this.#balance.line))
    return {
      format: 'cfonb120',
      lines: this.#lines,
      debits: this.#debits,
      accounts: this.#accounts,
      problems: this.#problems,
    }
  }

  #addDetails(record: string, line: number): void {
    this.#current?.details.push({ key: record.slice(45, 48), text: record.slice(48, 118) })
    if (this.#current === undefined) this.#problems.push(lineProblem('statement.record', line, '05'))
  }

  #endMovement(): void {
    const movement = this.#current
    this.#current = undefined
    if (movement === undefined || movement.cents === 0) return
    const returned = isReturned(movement)
    if (movement.cents < 0 && !returned) this.#debits += 1
    else this.#lines.push(toLine(movement, returned))
  }

  /** Reads the amount and the day that a balance and a movement have at the same places. */
  #readSum(record: string, line: number): { amount: number | undefined; day: string | undefined } {
    const amount = amountOf(record)
    const day = dayOf(record.slice(34, 40))
    if (amount === undefined)
      this.#problems.push(lineProblem('statement.amount', line, record.slice(90, 104)))
    if (day === undefined) this.#problems.push(lineProblem('statement.day', line, record.slice(34, 40)))
    const currency = record.slice(16, 19).trim()
    if (currency !== '' && currency !== 'EUR')
      this.#problems.push(lineProblem('statement.currency', line, currency))
    return { amount, day }
  }

  #openAccount(record: string, line: number, amount: number | undefined): void {
    this.#accounts.push(record.slice(2, 7) + record.slice(11, 16) + record.slice(21, 32))
    this.#balance = amount === undefined ? undefined : { opened: amount, line }
  }

  #closeAccount(line: number, amount: number | undefined): void {
    if (this.#balance !== undefined && amount !== undefined && this.#balance.opened !== amount)
      this.#problems.push(lineProblem('statement.balance', line))
    this.#balance = undefined
  }
}

interface Movement {
  readonly line: number
  readonly bookedOn: string
  readonly cents: number
  readonly record: string
  readonly details: { readonly key: string; readonly text: string }[]
}

/** Some programs write the records without line ends. */
function recordsOf(text: string): string[] {
  const lines = text.split('\n')
  if (lines.length > 1 || text.length <= LENGTH) return lines
  return text.match(/.{1,120}/gs) ?? []
}

/** The sign is in the last character; the number of decimals in the 20th, 2 if it is blank. */
function amountOf(record: string): number | undefined {
  const field = record.slice(90, 104)
  const written = field.slice(-1)
  const last = FRENCH_BRACES[written] ?? written
  const isDebit = DEBITS.includes(last)
  const digit = isDebit ? DEBITS.indexOf(last) : CREDITS.indexOf(last)
  const digits = field.slice(0, -1).trim().padStart(1, '0')
  const decimals = record[19] === ' ' ? 2 : Number(record[19])
  if (digit < 0 || !/^\d+$/.test(digits) || ![0, 1, 2, 3].includes(decimals)) return undefined
  const cents = Number(`${digits}${digit}`) * 10 ** (2 - decimals)
  return Number.isInteger(cents) ? (isDebit ? -cents : cents) : undefined
}

function dayOf(field: string): string | undefined {
  const match = /^(\d\d)(\d\d)(\d\d)$/.exec(field)
  return match === null ? undefined : dayFrom(2000 + Number(match[3]), Number(match[2]), Number(match[1]))
}

function isReturned({ cents, record }: Movement): boolean {
  // Characters 41 and 42: why a movement was rejected.
  const isRejected = /[0-9A-Z]/.test(record.slice(40, 42).replace(/^00$/, ''))
  return isRejected || (cents < 0 && saysReturned(simplifySpelling(record.slice(48, 79))))
}

function toLine({ line, bookedOn, cents, record, details }: Movement, returned: boolean): StatementLine {
  const textsOf = (keys: readonly string[]) =>
    details.filter(({ key }) => keys.includes(key)).map(({ text }) => text)
  const number = record.slice(81, 88).trim()
  return {
    ...{ line, bookedOn },
    amountCents: Math.abs(cents),
    returned: returned ? (cents > 0 ? 'credit' : 'debit') : null,
    // NPY: the payer, then its identifiers; NPO: on whose behalf.
    name: joinTexts(textsOf(['NPY', 'NPO'])),
    text: joinTexts([
      record.slice(48, 79),
      ...details.filter(({ key }) => !['NPY', 'NPO'].includes(key)).map(({ text }) => text),
      record.slice(104, 120),
    ]),
    bankId: /^0*$/.test(number) ? null : number,
  }
}
