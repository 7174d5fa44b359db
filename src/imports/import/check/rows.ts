import { setImmediate } from 'node:timers/promises'
import type { ImportRemark } from '../../../members/contract.ts'
import type { MemberKeys } from '../../../members/keys.ts'
import type { Actor } from '../../../permissions.ts'
import { type Columns, isAside } from '../columns/columns.ts'
import type { ImportSource } from '../file/source.ts'
import type { TableRow } from '../file/table.ts'
import { findDuplicates } from '../match/duplicates.ts'
import { keysOf, type RowKeys } from '../match/keys.ts'
import type { Progress, RunOptions } from '../options.ts'
import { createTurns } from '../turns.ts'
import type { PaidRow } from '../write/payments.ts'
import { AnsweredCells, GuessedCells, SaidCharters } from './answered.ts'
import { CommuneNames } from './commune-names.ts'
import { Remarks } from './remarks.ts'
import { checkRow, type MemberRow } from './row.ts'

/** Rows that were checked one by one and among themselves. */
interface CheckedRows {
  readonly keys: readonly RowKeys[]
  /** The rows without problems, as text. */
  readonly packed: readonly Buffer[]
  readonly paid: readonly PaidRow[]
  readonly duplicates: ReadonlyMap<number, ImportRemark>
  readonly problems: Remarks
  readonly warnings: Remarks
  readonly answered: AnsweredCells
  readonly guessed: GuessedCells
  readonly charters: SaidCharters
}

/** An import whose rows are read and checked; matching and writing follow. */
export interface CheckedImport extends CheckedRows {
  readonly schemeId: string
  readonly actor: Actor
  readonly source: ImportSource
  readonly options: RunOptions
  readonly columns: Columns
  readonly rows: number
  readonly mayTouch: (member: MemberKeys) => boolean
  readonly progress: Progress
}

/** Reads the rows for the first time: counts them, and collects the communes that they name and the lines that are no rows. */
export async function readCommuneNames(source: ImportSource, columns: Columns, progress: Progress) {
  const wanted = new CommuneNames(columns)
  let total = 0
  const asides: ImportRemark[] = []
  for await (const batch of source.rows((done, of) => progress('read', done, of))) {
    const { true: aside = [], false: rows = [] } = Object.groupBy(batch, (row) =>
      isAside(row, columns) ? 'true' : 'false',
    )
    asides.push(...aside.map(({ line }) => asideRemark(line)))
    total += rows.length
    wanted.add(rows)
  }
  return { total, asides, wanted }
}

/**
 * Reads the rows again and checks them.
 * @param of `warnings`: about the file as a whole, which come first; `onChecked` is called with the number of lines checked
 */
export async function checkRows(
  source: ImportSource,
  columns: Columns,
  facts: Parameters<typeof checkRow>[2],
  of: { readonly warnings: readonly ImportRemark[]; onChecked(lines: number): void },
): Promise<CheckedRows> {
  const problems = new Remarks()
  const warnings = new Remarks()
  warnings.add(of.warnings)
  const keys: RowKeys[] = []
  const packed: Buffer[] = []
  const paid: PaidRow[] = []
  const answered = new AnsweredCells()
  const guessed = new GuessedCells()
  const charters = new SaidCharters()
  let checked = 0
  const others = createTurns()
  for await (const batch of source.rows()) {
    const rows: MemberRow[] = []
    for (const one of batch) {
      if (isAside(one, columns)) continue
      await others.turn()
      const result = checkRow(one, columns, facts)
      problems.add(result.problems)
      warnings.add(result.warnings)
      answered.add(result.answered)
      guessed.add(result.guessed)
      if (result.saidCharter !== undefined) charters.add(result.saidCharter)
      if (result.row !== undefined) rows.push(result.row)
    }
    keys.push(...rows.map(keysOf))
    paid.push(...rows.flatMap((row) => (row.paid.length === 0 ? [] : [{ line: row.line, paid: row.paid }])))
    packed.push(Buffer.from(JSON.stringify(rows)))
    checked += batch.length
    of.onChecked(checked)
    await setImmediate()
  }
  const duplicates = await others.run(findDuplicates(keys))
  problems.add([...duplicates.values()].filter(({ code }) => code === 'import.duplicate_siret'))
  return { keys, packed, paid, duplicates, problems, warnings, answered, guessed, charters }
}

function asideRemark(line: number): ImportRemark {
  return { line, column: null, index: null, code: 'import.aside', value: null, values: {} }
}

export function unknownColumns(header: TableRow, columns: Columns): ImportRemark[] {
  return columns.unknown.map((index) => {
    const name = columns.headers[index] ?? ''
    return {
      line: header.line,
      column: name,
      index,
      code: 'import.unknown_column',
      value: null,
      values: { name },
    }
  })
}

export function otherSheets({ header, otherSheets: others }: ImportSource): ImportRemark[] {
  if (others === undefined || others.names.length === 0) return []
  const values = { sheet: others.sheet, names: others.names.join(', ') }
  return [{ line: header.line, column: null, index: null, code: 'import.other_sheets', value: null, values }]
}
