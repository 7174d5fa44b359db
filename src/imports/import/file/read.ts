import { Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { CsvError, type InfoRecord, parse } from 'csv-parse'
import iconv from 'iconv-lite'
import { AppError, type Problem } from '../../../errors.ts'
import { MAX_BYTES } from '../../list-files.ts'

export const MAX_ROWS = 200_000
export const MAX_COLUMNS = 100
export const MAX_CELL = 10_000

/** A row that is not empty. */
export interface TableRow {
  /** Line of the file on which it begins, counted from 1. */
  readonly line: number
  readonly cells: readonly string[]
  /** The answer that dates a charter that the row says is signed: a day (YYYY-MM-DD), or `joined` for that of joining. */
  readonly charterAnswer?: string | null
}

export interface Table {
  readonly header: TableRow
  readonly rows: readonly TableRow[]
}

export function refuseFile(file: string, ...problems: Problem[]): never {
  throw new AppError('invalid_file', { values: { file, problems: problems.length }, problems })
}

/**
 * Decodes the text of a file from any program: UTF-8 with or without BOM, UTF-16 with BOM (Excel's "Unicode text"), otherwise
 * Windows-1252 (Excel's "CSV"). Line ends become "\n".
 * @throws AppError `invalid_file`, `file_too_large`
 */
export function decodeText(bytes: Uint8Array, file: string): string {
  if (bytes.length > MAX_BYTES)
    throw new AppError('file_too_large', { values: { limit: MAX_BYTES / 1024 / 1024 } })
  // D0 CF 11 E0: the older XLS.
  if (isZip(bytes) || startsWith(bytes, [0xd0, 0xcf, 0x11, 0xe0]))
    refuseFile(file, { code: 'import.spreadsheet' })
  const kind = detectOtherKind(bytes)
  if (kind !== undefined) refuseFile(file, { code: 'import.not_list', values: { kind } })
  const text = decodeBytes(bytes)
  if (text.includes('\0')) refuseFile(file, { code: 'import.not_text' })
  return text.replace(/\r\n?/g, '\n')
}

/** "PK" marks a ZIP archive; XLSX and ODS files are such archives. */
export function isZip(bytes: Uint8Array): boolean {
  return startsWith(bytes, [0x50, 0x4b, 3, 4])
}

/** Recognises a file that is not a list by its first bytes, whatever its name; undefined if it may be one. */
function detectOtherKind(bytes: Uint8Array): 'pdf' | 'image' | 'rtf' | 'page' | undefined {
  const start = Buffer.from(bytes.subarray(0, 200)).toString('latin1')
  if (start.startsWith('%PDF-')) return 'pdf'
  if (/^(?:\x89PNG|\xff\xd8\xff|GIF8|RIFF....WEBP)/s.test(start)) return 'image'
  if (start.startsWith('{\\rtf')) return 'rtf'
  return /^(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|\?xml|table|head|meta)\b/i.test(start) ? 'page' : undefined
}

function startsWith(bytes: Uint8Array, start: readonly number[]): boolean {
  return start.every((byte, i) => bytes[i] === byte)
}

function decodeBytes(bytes: Uint8Array): string {
  if (startsWith(bytes, [0xff, 0xfe])) return new TextDecoder('utf-16le').decode(bytes)
  if (startsWith(bytes, [0xfe, 0xff])) return new TextDecoder('utf-16be').decode(bytes)
  const unmarked = detectUtf16(bytes)
  if (unmarked !== undefined) return new TextDecoder(unmarked).decode(bytes)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return iconv.decode(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), 'win1252')
  }
}

/** Recognises UTF-16 without a mark: one byte of nearly every character of a list is zero, the other is not. */
function detectUtf16(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  const start = bytes.subarray(0, 400)
  const zerosAt = (rest: number) => start.filter((byte, n) => n % 2 === rest && byte === 0).length
  const [first, second] = [zerosAt(0), zerosAt(1)]
  const most = start.length * 0.4
  if (second >= most && first === 0) return 'utf-16le'
  return first >= most && second === 0 ? 'utf-16be' : undefined
}

const SEPARATORS = [';', '\t', ',', '|'] as const
/** Lines that decide the separator: a title above the header has none, or others. */
const SNIFFED_LINES = 10

/**
 * Detects the separator of a list: of ; tab, comma and | outside quotes, the one that occurs equally often on most of the first
 * lines, weighted by how often.
 */
export function sniffSeparator(text: string): (typeof SEPARATORS)[number] {
  const lines: Record<string, number>[] = []
  let line: Record<string, number> = {}
  let quoted = false
  let seen = false
  for (const char of `${text.slice(0, 20_000)}\n`) {
    if (char === '"') quoted = !quoted
    else if (char === '\n' && !quoted) {
      if (seen) lines.push(line)
      if (lines.length === SNIFFED_LINES) break
      line = {}
      seen = false
    } else if (!quoted) line[char] = (line[char] ?? 0) + 1
    if (char.trim() !== '') seen = true
  }
  if (lines.length === 0) lines.push(line)
  const weights = SEPARATORS.map((separator) => {
    const byCount = Map.groupBy(lines, (one) => one[separator] ?? 0)
    return Math.max(...[...byCount].map(([count, equal]) => count * equal.length))
  })
  return SEPARATORS[weights.indexOf(Math.max(...weights))] ?? ';'
}

/** Characters parsed before other work may run. */
const SLICE = 64 * 1024

/** Rows returned together. */
const BATCH = 500

/** Rows of a table, in batches. */
export type TableBatches = AsyncIterable<readonly TableRow[]>

/**
 * Reads a CSV file in bounded memory without blocking the program. Empty rows are skipped; a first line "sep=;" sets the
 * separator.
 * @param onProgress characters read, and their total
 * @throws AppError `invalid_file`, `file_too_large`
 */
export async function* readCsv(
  bytes: Uint8Array,
  file: string,
  onProgress: (done: number, total: number) => void = () => {},
): AsyncGenerator<readonly TableRow[]> {
  const text = decodeText(bytes, file)
  const declared = /^sep=([;,|\t])\n/i.exec(text)
  const start = declared === null ? 0 : declared[0].length
  const linesBefore = declared === null ? 0 : 1
  const delimiter = declared === null ? sniffSeparator(text) : declared[1]!

  const parser = parse({
    delimiter,
    record_delimiter: '\n',
    info: true,
    relax_column_count: true,
    // Accepts a quote inside a cell that does not begin with one: Bar "Le Central".
    relax_quotes: true,
    max_record_size: MAX_COLUMNS * MAX_CELL,
  })
  async function* slices() {
    for (let at = start; at < text.length; at += SLICE) {
      yield text.slice(at, at + SLICE)
      onProgress(Math.min(text.length, at + SLICE), text.length)
      await setImmediate()
    }
  }
  let end = 0
  const limits = createLimits(file)
  let batch: TableRow[] = []
  const records: AsyncIterable<{ record: string[]; info: InfoRecord }> = Readable.from(slices()).pipe(parser)
  try {
    for await (const { record: cells, info } of records) {
      const line = linesBefore + end + 1
      end = info.lines
      if (cells.every((cell) => cell.trim() === '')) continue
      limits.check(line, cells)
      batch.push({ line, cells })
      if (batch.length === BATCH) {
        yield batch
        batch = []
      }
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    const line = linesBefore + end + 1
    // A record that is too long or unended has an unclosed quote; without any quote it is one line.
    const isQuoted = error.code !== 'CSV_MAX_RECORD_SIZE' || text.includes('"', startOfLine(text, line))
    refuseFile(file, { code: isQuoted ? 'import.quote_open' : 'import.line_too_long', values: { line } })
  }
  if (batch.length > 0) yield batch
  limits.end()
}

function startOfLine(text: string, line: number): number {
  let at = 0
  for (let n = 1; n < line; n++) {
    const end = text.indexOf('\n', at)
    if (end < 0) return at
    at = end + 1
  }
  return at
}

/** Checks the rows of a table, including its header, against the limits of an import. */
export function createLimits(file: string) {
  let rows = 0
  return {
    check(line: number, cells: readonly string[]): void {
      if (cells.length > MAX_COLUMNS)
        refuseFile(file, { code: 'import.too_many_columns', values: { line, limit: MAX_COLUMNS } })
      if (cells.some((cell) => cell.length > MAX_CELL))
        refuseFile(file, { code: 'import.cell_too_long', values: { line, limit: MAX_CELL } })
      if (rows++ > MAX_ROWS) refuseFile(file, { code: 'import.too_many_rows', values: { limit: MAX_ROWS } })
    },
    end(): void {
      if (rows === 0) refuseFile(file, { code: 'import.empty' })
    },
  }
}

/** Reads a whole table at once. @throws AppError as `readCsv` */
export async function readTable(bytes: Uint8Array, file: string): Promise<Table> {
  const rows: TableRow[] = []
  for await (const batch of readCsv(bytes, file)) rows.push(...batch)
  const [header, ...others] = rows
  if (header === undefined) throw new AppError('internal')
  return { header, rows: others }
}
