import { parentPort, workerData } from 'node:worker_threads'
import { unzipSync, zipSync } from 'fflate'
import type { TableRow } from './table.ts'

export type SheetTask =
  | { readonly kind: 'read'; readonly bytes: Uint8Array; readonly maxBytes: number }
  | {
      readonly kind: 'write'
      readonly sheet: string
      readonly rows: readonly (readonly string[])[]
      /** The text of a second sheet, which the import does not read. */
      readonly note: string | undefined
    }

/** The rows of the sheet that is read. */
export interface SheetRows {
  readonly rows: TableRow[]
  readonly sheet: string
  /** Whether it is the first of the workbook. */
  readonly isFirst: boolean
  /** The names of the other sheets that are not empty. */
  readonly others: readonly string[]
}

export type SheetAnswer =
  | ({ readonly kind: 'rows' } & SheetRows)
  | { readonly kind: 'file'; readonly bytes: Uint8Array }
  | { readonly kind: 'beyond' }
  /** Not a readable workbook. */
  | { readonly kind: 'unreadable' }

/** Rows of a sheet among which its header is, with empty ones. */
const TOP_ROWS = 50

// A task has a thread of its own, most of whose time is the loading of modules: each is loaded where it is needed.
const task = workerData as SheetTask
parentPort?.postMessage(
  task.kind === 'read' ? await readSheet(task.bytes, task.maxBytes) : await writeSheet(task),
)

async function readSheet(bytes: Uint8Array, maxBytes: number): Promise<SheetAnswer> {
  let parts: Readonly<Record<string, Uint8Array>>
  try {
    const unpacked = unpackText(bytes, maxBytes)
    if (unpacked === 'beyond') return { kind: 'beyond' }
    parts = unpacked
  } catch {
    return { kind: 'unreadable' }
  }
  try {
    const { default: readWorkbook } = await import('read-excel-file/node')
    const plain = zipSync(parts, { level: 0 })
    // Digits stay text: as numbers, SIRETs and phones would lose some.
    const sheets = await readWorkbook(Buffer.from(plain), { parseNumber: (digits: string) => digits })
    const filled = sheets.filter(({ data }) => data.length > 0)
    const list = filled.length > 1 ? await findList(filled) : filled[0]
    const { sheet, data } = list ?? { sheet: '', data: [] }
    const others = filled.flatMap((other) => (other.sheet === sheet ? [] : [other.sheet]))
    const position = sheets.findIndex((one) => one.data === data)
    const rows = rowsOf(hasMergedCells(parts) ? await fillMerged(parts, position, data) : data)
    return { kind: 'rows', rows, sheet, isFirst: sheet === sheets[0]?.sheet, others }
  } catch (error) {
    const isKnown = error instanceof Error && /^Invalid(Input|Spreadsheet)Error$/.test(error.name)
    if (isKnown && 'code' in error && error.code === 'NO_DATA')
      return { kind: 'rows', rows: [], sheet: '', isFirst: true, others: [] }
    return { kind: 'unreadable' }
  }
}

/** Tells whether cells of a sheet may be merged. */
function hasMergedCells(parts: Readonly<Record<string, Uint8Array>>): boolean {
  return Object.values(parts).some(({ buffer, byteOffset, byteLength }) =>
    Buffer.from(buffer, byteOffset, byteLength).includes('mergeCell'),
  )
}

async function fillMerged(
  parts: Readonly<Record<string, Uint8Array>>,
  position: number,
  data: Cells,
): Promise<Cells> {
  const { fillMergedCells, listMergedCells } = await import('./xlsx-merges.ts')
  return fillMergedCells(data, listMergedCells(parts, position))
}

/** Finds the sheet that is a list: a cover or an explanation comes first in some workbooks. Default: the first one. */
async function findList<T extends { readonly data: Cells }>(sheets: readonly T[]): Promise<T | undefined> {
  // They load the rules of numbers and trades, which most workbooks, of one sheet, do without.
  const { isList, looksLikeList } = await import('../columns/header.ts')
  const list = sheets.find(({ data }) => {
    const top = rowsOf(data.slice(0, TOP_ROWS))
    return isList(top) || looksLikeList(top)
  })
  return list ?? sheets[0]
}

type Cells = readonly (readonly unknown[])[]

/** Returns the rows of a sheet that are not empty. */
function rowsOf(data: Cells): TableRow[] {
  return data
    .map((row, n) => ({ line: n + 1, cells: trimEnd(row.map(cellText)) }))
    .filter((row) => row.cells.length > 0)
}

/**
 * Unpacks the text parts of a workbook, by path. Each part is cut at the size that the archive declares, so a small file cannot
 * expand into a huge one.
 */
function unpackText(bytes: Uint8Array, maxBytes: number): Record<string, Uint8Array> | 'beyond' {
  let total = 0
  const parts = unzipSync(bytes, {
    filter: ({ name, originalSize }) => {
      if (!/\.(xml|rels)$/i.test(name)) return false
      total += originalSize
      return total <= maxBytes
    },
  })
  return total > maxBytes ? 'beyond' : parts
}

/** Returns a cell as a CSV list would contain it. */
function cellText(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (value instanceof Date) return value.toISOString().slice(0, 10)
  if (typeof value === 'boolean') return value ? 'oui' : 'non'
  const text = String(value)
  // Excel may write a number that it displays in full as 6.39980001E8.
  if (/^-?\d+(\.\d+)?E[+-]?\d+$/i.test(text) && Number.isSafeInteger(Number(text)))
    return String(Number(text))
  return text
}

function trimEnd(cells: string[]): string[] {
  const last = cells.findLastIndex((cell) => cell.trim() !== '')
  return cells.slice(0, last + 1)
}

async function writeSheet({
  sheet,
  rows,
  note,
}: Extract<SheetTask, { kind: 'write' }>): Promise<SheetAnswer> {
  const [header = [], ...others] = rows
  const data = [
    header.map((value) => ({ value, type: String, fontWeight: 'bold' as const })),
    ...others.map((cells) =>
      cells.map((value) => (value === '' ? null : { value, type: String, format: '@' })),
    ),
  ]
  const main = { sheet, stickyRowsCount: 1 }
  const { default: writeWorkbook } = await import('write-excel-file/node')
  const file =
    note === undefined
      ? writeWorkbook(data, main)
      : writeWorkbook([
          { data, ...main },
          { data: [[{ value: note, type: String }]], sheet: 'À lire' },
        ])
  const bytes = await file.toBuffer()
  return { kind: 'file', bytes: new Uint8Array(bytes) }
}
