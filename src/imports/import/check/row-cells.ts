import type { ImportRemark } from '../../../members/contract.ts'
import type { Checked } from '../../../members/rules.ts'
import type { CellOfKey, GuessedCell } from '../cells/cells.ts'
import type { Columns } from '../columns/columns.ts'
import type { BusinessField } from '../columns/fields.ts'
import type { TableRow } from '../file/table.ts'
import type { RowFacts } from './facts.ts'

/** Characters of a name or an address. */
export const MAX_TEXT = 200
/** Characters of a cell that a remark shows. */
const SHOWN = 60

/** Returns a cell as text, without invisible characters, repeated spaces, and the apostrophe that neutralises a formula. */
export function cleanCell(cell: string): string {
  return cell
    .replace(/^'(?=\s*[=+\-@＝＋－＠])/u, '')
    .replace(/[\u200b-\u200f\u2060\ufeff]/g, '')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
}

export function shortenCell(value: string): string {
  return value.length > SHOWN ? `${value.slice(0, SHOWN - 1)}…` : value
}

/** The cells of one row, and the remarks about them. */
export class RowCells {
  readonly table: TableRow
  readonly columns: Columns
  readonly problems: ImportRemark[] = []
  readonly warnings: ImportRemark[] = []
  /** Cells that were read by an answer. */
  readonly answered: CellOfKey[] = []
  readonly guessed: GuessedCell[] = []

  constructor(table: TableRow, columns: Columns) {
    this.table = table
    this.columns = columns
  }

  /** Returns a cell of a column; empty if the file has no such column. */
  cellAt(column: number | undefined): string {
    return column === undefined ? '' : cleanCell(this.table.cells[column] ?? '')
  }

  cell(field: BusinessField): string {
    return this.cellAt(this.columns.business[field])
  }

  /** @param column undefined if the problem is about the whole row */
  addProblem(
    column: number | undefined,
    code: string,
    values?: ImportRemark['values'],
    proposals?: ImportRemark['proposals'],
  ): void {
    const remark = this.#remark(column, code, values)
    this.problems.push(proposals === undefined || proposals.length === 0 ? remark : { ...remark, proposals })
  }

  addWarning(column: number | undefined, code: string, values?: ImportRemark['values']): void {
    this.warnings.push(this.#remark(column, code, values))
  }

  /** Parses a cell. Returns null if it is empty or has a problem. */
  check<T>(column: number | undefined, parse: (text: string) => Checked<T>): T | null {
    const text = this.cellAt(column)
    if (text === '') return null
    const checked = parse(text)
    if ('value' in checked) return checked.value
    this.addProblem(column, checked.problem)
    return null
  }

  /** Returns the answer for a cell, and records that it was used. */
  takeAnswer({ answers }: RowFacts, key: CellOfKey): string | undefined {
    const answer = answers?.[key.kind].get(key.written)
    if (answer !== undefined) this.answered.push(key)
    return answer
  }

  /** Records that a cell was guessed, so that its guess can be changed for all equal cells. */
  addGuess(key: CellOfKey, code: string): void {
    this.guessed.push({ ...key, code })
  }

  #remark(column: number | undefined, code: string, values: ImportRemark['values'] = {}): ImportRemark {
    const value = this.cellAt(column)
    return {
      line: this.table.line,
      column: column === undefined ? null : (this.columns.headers[column] ?? null),
      index: column ?? null,
      code,
      value: value === '' ? null : shortenCell(value),
      values,
    }
  }
}
