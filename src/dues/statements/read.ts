import { createHash } from 'node:crypto'
import iconv from 'iconv-lite'
import { AppError, type Problem } from '../../errors.ts'
import { readBankCsv } from './bank-csv.ts'
import { readCamt } from './camt.ts'
import { isCfonb, readCfonb } from './cfonb.ts'
import { MAX_BYTES, type ReadStatement, type Statement, type StatementLine } from './entry.ts'

/** More than a bank account of a chamber has in a year. */
const MAX_LINES = 20_000
/** Problems that are shown; a file with more of them is another kind of file. */
const MAX_PROBLEMS = 50

/**
 * Reads the statement of a bank account, and recognises its format by its content.
 * @throws AppError `file_too_large`; `invalid_file` with every problem of the file
 */
export function readStatement(bytes: Uint8Array, file: string): Statement {
  if (bytes.length > MAX_BYTES)
    throw new AppError('file_too_large', { values: { limit: MAX_BYTES / 1024 / 1024 } })
  const text = decode(bytes)
  const { problems, ...statement } = text === undefined ? notText : readText(text)
  const all: Problem[] = [...problems]
  if (all.length === 0 && statement.lines.length === 0) all.push({ code: 'statement.no_credit' })
  if (statement.lines.length > MAX_LINES)
    all.push({ code: 'statement.too_long', values: { most: MAX_LINES } })
  if (all.length > 0) {
    throw new AppError('invalid_file', {
      values: { file, problems: all.length },
      problems: all.slice(0, MAX_PROBLEMS),
    })
  }
  return statement
}

const notText: ReadStatement = {
  ...{ format: 'csv', lines: [], debits: 0, accounts: [] },
  problems: [{ code: 'statement.not_text' }],
}

function readText(text: string): ReadStatement {
  if (/^\s*</.test(text)) return readCamt(text)
  return isCfonb(text) ? readCfonb(text) : readBankCsv(text)
}

/** Decodes UTF-8 with or without a mark, UTF-16 with one, otherwise Windows-1252. Line ends become "\n". */
function decode(bytes: Uint8Array): string | undefined {
  const [first = 0, second = 0] = bytes
  let text: string
  if (first === 0xff && second === 0xfe) text = new TextDecoder('utf-16le').decode(bytes)
  else {
    try {
      text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    } catch {
      text = iconv.decode(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), 'win1252')
    }
  }
  // A PDF, a workbook or a picture.
  if (text.includes('\0') || text.startsWith('%PDF-') || text.startsWith('PK\u0003')) return undefined
  return text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n')
}

/**
 * Returns a digest a line, the same in every file that has this movement: of the bank's own id, day and amount, or of all that
 * the bank wrote. Equal movements of one file are counted, so that two customers who paid alike stay two.
 */
export function digestsOf(lines: readonly StatementLine[]): string[] {
  const seen = new Map<string, number>()
  return lines.map(({ returned, bookedOn, amountCents, bankId, name, text }) => {
    const what = bankId === null ? [name, text] : [bankId]
    const key = JSON.stringify([returned === null ? 'credit' : 'returned', bookedOn, amountCents, ...what])
    const count = seen.get(key) ?? 0
    seen.set(key, count + 1)
    return createHash('sha256').update(`${key}${count}`).digest('hex')
  })
}
