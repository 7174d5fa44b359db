import { createHash } from 'node:crypto'
import { AppError } from '../../../errors.ts'
import { splitIntoChunks } from '../../../members/store.ts'
import type { ColumnField } from '../columns/fields.ts'
import { findHeader } from '../columns/header.ts'
import { readCsv } from './csv.ts'
import { isZip } from './decode.ts'
import type { TableBatches, TableRow } from './table.ts'
import { readXlsx } from './xlsx.ts'

/** The rows to import: from a file, or from an upload that was corrected. */
export interface ImportSource {
  /** File name that the user sees. */
  readonly fileName: string
  readonly header: TableRow
  /** The other sheets of a workbook, which are not read; absent if the file has no sheets. */
  readonly otherSheets?: { readonly sheet: string; readonly names: readonly string[] }
  /** The first rows below the header, by which columns are recognised; absent with `fields`. */
  readonly below?: readonly TableRow[]
  /** The field of each column; if absent, recognised by the headers. */
  readonly fields?: readonly (ColumnField | null)[]
  /** Reads the rows, without the header, in order. Called twice. */
  rows(onProgress?: (done: number, total: number) => void): TableBatches
  /** SHA-256 of the file. */
  readonly sha256: string
}

/** A file, including the rows above its header. */
export interface FileSource extends ImportSource {
  /** The rows above the header. */
  readonly above: readonly TableRow[]
}

/** Rows by which the columns of a list are recognised. */
export const SAMPLE = 200

/**
 * Opens a file as the source of an import: CSV, or the first list of an XLSX. @throws AppError `invalid_file`,
 * `file_too_large`
 */
export async function openFile(bytes: Uint8Array, fileName: string): Promise<FileSource> {
  return isZip(bytes) ? openXlsx(bytes, fileName) : openCsv(bytes, fileName)
}

async function openXlsx(bytes: Uint8Array, fileName: string): Promise<FileSource> {
  const { rows: all, sheet, isFirst, others } = await readXlsx(bytes, fileName)
  const header = findHeader(all)
  if (header === undefined) throw new AppError('internal')
  const rows = all.filter(({ line }) => line > header.line)
  return {
    // Its name says which of several sheets was read.
    fileName: isFirst && others.length === 0 ? fileName : `${fileName} [${sheet}]`,
    otherSheets: { sheet, names: others },
    header,
    above: all.filter(({ line }) => line < header.line),
    below: rows.slice(0, SAMPLE),
    sha256: createHash('sha256').update(bytes).digest('hex'),
    async *rows(onProgress) {
      for (const batch of splitIntoChunks(rows)) yield batch
      onProgress?.(rows.length, rows.length)
    },
  }
}

/** Opens a CSV file as the source of an import. @throws AppError `invalid_file`, `file_too_large` */
async function openCsv(bytes: Uint8Array, fileName: string): Promise<FileSource> {
  let first: readonly TableRow[] = []
  for await (const batch of readCsv(bytes, fileName)) {
    first = batch
    break
  }
  const header = findHeader(first)
  if (header === undefined) throw new AppError('internal')
  return {
    fileName,
    header,
    above: first.filter(({ line }) => line < header.line),
    below: first.filter(({ line }) => line > header.line).slice(0, SAMPLE),
    sha256: createHash('sha256').update(bytes).digest('hex'),
    async *rows(onProgress) {
      for await (const batch of readCsv(bytes, fileName, onProgress)) {
        yield batch.filter(({ line }) => line > header.line)
      }
    },
  }
}
