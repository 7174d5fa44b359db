import { AppError, type Problem } from '../../../errors.ts'

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

/** Rows of a table, in batches. */
export type TableBatches = AsyncIterable<readonly TableRow[]>

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
