import type { Problem } from '../../errors.ts'
import { dayOfParts } from '../../message/clock.ts'

/** A year of the busiest account has a tenth of it. */
export const MAX_BYTES = 5 * 1024 * 1024

/** Members over whom one transfer is split: more shops than one payer has. */
export const MAX_SHARES = 20

export type StatementFormat = 'camt053' | 'cfonb120' | 'csv'

/** Money that arrived on the account, or came back to it, as the bank writes it. */
export interface StatementLine {
  /** Line of the file, or number of the entry in an XML file, counted from 1. */
  readonly line: number
  /** When the bank booked it: 2026-03-12. */
  readonly bookedOn: string
  /** Always positive. */
  readonly amountCents: number
  /** Whether the money of a returned transfer came in (`credit`) or went out (`debit`); null for any other credit. */
  readonly returned: 'credit' | 'debit' | null
  /** The payer; empty if the bank names it only within the text. */
  readonly name: string
  readonly text: string
  /** A batch of transfers of which the bank does not write each amount. */
  readonly isBatch?: boolean
  /** The bank's own id of the movement; null if it gives none. */
  readonly bankId: string | null
}

export interface Statement {
  readonly format: StatementFormat
  readonly lines: readonly StatementLine[]
  /** Number of debits, which are not kept. */
  readonly debits: number
  /** The accounts that it is of: IBAN; bank, branch and number as in a French IBAN; or the number alone. Empty: it names none. */
  readonly accounts: readonly string[]
}

/** The result of reading a file: the statement, or every problem of the file. */
export interface ReadStatement extends Statement {
  readonly problems: readonly Problem[]
}

/** Names the line of a problem, so that several problems of one kind stay apart. */
export function lineProblem(code: Problem['code'], line: number, value = ''): Problem {
  return { code, path: `line:${line}`, values: { line, value: value.slice(0, 60) } }
}

/**
 * Tells whether a text of the bank says that money came back: a bounced or cancelled movement. A payer writes some of these words
 * too ("règlement impayé 2025"), so that they alone do not make a credit a returned one.
 */
export function saysReturned(plain: string): boolean {
  return /\b(rejet(s|e|es|ee|ees)?|impayee?s?|extourne\w*|contre ?passation|annul(e|es|ee|ees|ation|ations)|retour (de |d )?(virement|vir|prelevement|prlv|impaye)\w*)\b/.test(
    plain,
  )
}

/** Checks the parts of a day. @returns 2026-03-12; undefined if there is no such day */
export function dayFrom(year: number, month: number, day: number): string | undefined {
  return year >= 2000 && year < 2100 ? dayOfParts(year, month, day) : undefined
}

/** Joins texts with single spaces, each once. */
export function joinTexts(texts: readonly (string | undefined)[]): string {
  const clean = texts.map((text) => (text ?? '').replace(/\s+/g, ' ').trim()).filter((text) => text !== '')
  return [...new Set(clean)].join(' ')
}

/** Tells whether an account that a statement names is the one of an IBAN. */
export function isAccountOf(account: string, iban: string): boolean {
  const compact = account.toUpperCase().replace(/[^A-Z0-9]/g, '')
  // In a French IBAN: bank and branch, 5 characters each, the number, 11, and its key, 2.
  return (
    compact === iban || (iban.startsWith('FR') && [iban.slice(4, 25), iban.slice(14, 25)].includes(compact))
  )
}
