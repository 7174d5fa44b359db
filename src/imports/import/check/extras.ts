import type { ListedDues } from '../../../dues/bulk/listed-rules.ts'
import { parsePaid } from '../cells/paid.ts'
import type { RowFacts } from './facts.ts'
import type { MemberRow } from './row.ts'
import { cleanCell, type RowCells } from './row-cells.ts'

/** A cell that says that dues are paid. */
export interface PaidCell extends ListedDues {
  readonly column: number
}

const MAX_TAG = 40

const MAX_NOTE = 1000

/** Between the notes of an exported cell. */
export const NOTE_SEPARATOR = ' | '

/** Returns a note as a cell of a list holds it. */
export const noteInCell = (text: string) => text.replace(/[\s|]+/g, ' ').trim()

/** Reads what the chamber keeps beside a business: nothing depends on it, so that what cannot be read is left out, with a remark. */
export function checkExtras(row: RowCells, facts: RowFacts): Pick<MemberRow, 'tags' | 'notes' | 'paid'> {
  const { business } = row.columns
  const notes = row
    .cell('note')
    .split(NOTE_SEPARATOR.trim())
    .map((note) => note.trim())
    .filter((note) => note !== '')
  if (notes.some((note) => note.length > MAX_NOTE))
    row.addWarning(business.note, 'note.shortened', { limit: MAX_NOTE })
  return {
    paid: readPaid(row),
    tags: readTags(row, facts),
    notes: [...new Set(notes.map((note) => note.slice(0, MAX_NOTE)))],
  }
}

/** Reads the dues that a row says are paid: of the years of the title, unless the cell names others. */
function readPaid(row: RowCells): PaidCell[] {
  return row.columns.dues.flatMap(({ column, years }) => {
    const paid = parsePaid(row.cellAt(column))
    if (paid === undefined) row.addWarning(column, 'paid.unread')
    if (paid == null) return []
    return [{ ...paid, column, years: paid.years.length > 0 ? paid.years : years }]
  })
}

/** Reads the tags of a cell: "Salon, Bureau". Those beyond the number that a scheme may have are left out. */
function readTags(row: RowCells, { tags }: RowFacts): string[] {
  const column = row.columns.business.tags
  const names = row
    .cell('tags')
    .split(/[,;/|]/)
    .map((name) => cleanCell(name))
    .filter((name) => name !== '')
  const read: string[] = []
  for (const name of names) {
    const key = name.toLowerCase()
    if (name.length > MAX_TAG) row.addWarning(column, 'tag.too_long', { limit: MAX_TAG })
    else if (tags !== undefined && !tags.known.has(key) && tags.known.size >= tags.most)
      row.addWarning(column, 'tag.left_out', { limit: tags.most })
    else if (!read.some((one) => one.toLowerCase() === key)) {
      tags?.known.add(key)
      read.push(name)
    }
  }
  return read
}
