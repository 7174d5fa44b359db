import { Document, validateCreditorID } from 'sepa'
import { inEuros } from '../../message/money.ts'

/** Tells whether this is a SEPA creditor identifier (ICS) with valid check digits: FR72ZZZ123456. */
export function isCreditorId(text: string): boolean {
  return /^[A-Z]{2}\d{2}[A-Z0-9]{3}[A-Z0-9]{1,28}$/.test(text) && validateCreditorID(text)
}

export interface Debit {
  /** At most 35 characters, as in `endToEnd` and `mandate`. */
  readonly endToEnd: string
  readonly amountCents: number
  readonly mandate: string
  /** For example 2026-03-12. */
  readonly signedOn: string
  readonly holder: string
  readonly iban: string
  /** Whether it is the first debit of its mandate. */
  readonly first: boolean
  /** The text on the debtor's statement. */
  readonly label: string
}

/** A file of debits for the creditor's bank. */
export interface DebitFile {
  /** At most 24 characters: the ids of its debits begin with it. */
  readonly id: string
  readonly createdAt: Date
  readonly collectOn: string
  readonly creditor: {
    readonly name: string
    readonly iban: string
    readonly bic: string
    readonly sepaId: string
  }
  readonly debits: readonly Debit[]
}

/** Returns noon of the day in local time, since the library formats days in the machine's time zone. */
const localNoonOf = (day: string) => {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number)
  return new Date(year, month - 1, date, 12)
}

/**
 * Converts a name or label to the characters that every SEPA bank accepts (EPC217-08): letters lose their accents, other
 * characters become spaces.
 */
export function sepaText(text: string, length: number): string {
  const plain = text
    .replaceAll('œ', 'oe')
    .replaceAll('Œ', 'OE')
    .replaceAll('æ', 'ae')
    .replaceAll('Æ', 'AE')
    .replaceAll('ß', 'ss')
    .replaceAll('’', "'")
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/[^A-Za-z0-9+?:().,' -]/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
  return plain === '' ? '-' : plain.slice(0, length).trim()
}

/**
 * Writes the file as pain.008.001.08 (ISO 20022, SEPA core direct debit) with the library `sepa`: first and recurring debits
 * are in separate blocks.
 * @throws Error for an invalid IBAN or identifier: both are checked when entered
 */
export function writeDebitFile(file: DebitFile): string {
  const { creditor } = file
  const document = new Document('pain.008.001.08')
  document.grpHdr.id = file.id
  document.grpHdr.created = file.createdAt
  document.grpHdr.initiatorName = sepaText(creditor.name, 70)
  for (const first of [true, false]) {
    const debits = file.debits.filter((one) => one.first === first)
    if (debits.length === 0) continue
    const block = document.createPaymentInfo()
    block.sequenceType = first ? 'FRST' : 'RCUR'
    block.localInstrumentation = 'CORE'
    block.batchBooking = true
    block.collectionDate = localNoonOf(file.collectOn)
    block.creditorName = sepaText(creditor.name, 70)
    block.creditorIBAN = creditor.iban
    block.creditorBIC = creditor.bic
    block.creditorId = creditor.sepaId
    document.addPaymentInfo(block)
    for (const debit of debits) {
      const one = block.createTransaction()
      one.end2endId = debit.endToEnd
      one.amount = inEuros(debit.amountCents)
      one.mandateId = debit.mandate
      one.mandateSignatureDate = localNoonOf(debit.signedOn)
      one.debtorName = sepaText(debit.holder, 70)
      one.debtorIBAN = debit.iban
      one.remittanceInfo = sepaText(debit.label, 140)
      block.addTransaction(one)
    }
  }
  return document.toString()
}
