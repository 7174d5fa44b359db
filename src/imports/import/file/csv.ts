import { Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { CsvError, type InfoRecord, parse } from 'csv-parse'
import { AppError } from '../../../errors.ts'
import { decodeText } from './decode.ts'
import { sniffSeparator } from './separator.ts'
import { createLimits, MAX_CELL, MAX_COLUMNS, refuseFile, type Table, type TableRow } from './table.ts'

/** Characters parsed before other work may run. */
const SLICE = 64 * 1024

/** Rows returned together. */
const BATCH = 500

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

/** Reads a whole table at once. @throws AppError as `readCsv` */
export async function readTable(bytes: Uint8Array, file: string): Promise<Table> {
  const rows: TableRow[] = []
  for await (const batch of readCsv(bytes, file)) rows.push(...batch)
  const [header, ...others] = rows
  if (header === undefined) throw new AppError('internal')
  return { header, rows: others }
}
