import { readNaf } from '../../../schemes/naf/naf.ts'
import { type CellKind, type CellOfKey, communeAnswerKey, statusKey, tradeKey } from '../cells/cells.ts'
import { type CommuneCells, splitAddress } from '../cells/communes.ts'
import type { Columns } from '../columns/columns.ts'
import type { TableRow } from '../file/table.ts'
import { RowCells, shortenCell } from './row-cells.ts'

/** Returns the key of the cells of a row of a table that an answer of a kind is for. */
export function cellKeyOf(table: TableRow, columns: Columns, kind: CellKind): CellOfKey {
  return keyOfCells(new RowCells(table, columns), kind)
}

/** Returns what the cells of a row that an answer of a kind is for have in common with those of other rows, and as they stand. */
export function keyOfCells(row: RowCells, kind: CellKind): CellOfKey {
  const written = {
    commune: () => communeAnswerKey(communeCells(row)),
    trade: () => tradeKey(tradeTextOf(row)),
    status: () => statusKey(row.cell('status')),
  }[kind]()
  return { kind, written, as: cellText(row, kind) }
}

/** Returns the cells of a row that an answer of a kind is for, as they stand in the list. */
function cellText(row: RowCells, kind: CellKind): string {
  if (kind === 'trade') return shortenCell(tradeTextOf(row))
  if (kind === 'status') return shortenCell(row.cell('status'))
  const { insee, postalCode, commune } = communeCells(row)
  return shortenCell([postalCode, commune].filter((cell) => cell !== '').join(' ') || insee)
}

/** Returns the words that name the trade of a row; without any, its code. */
export function tradeTextOf(row: RowCells): string {
  const codes = [row.cell('naf2025'), row.cell('naf')].map((text) => readNaf(text)?.code)
  return row.cell('trade') || (codes.find((code) => code !== undefined) ?? '')
}

/** Returns the cells that name the commune; in a list without any, the end of the address: "3 place du Marché 63500 Issoire". */
export function communeCells(row: RowCells): CommuneCells {
  const { business } = row.columns
  const own = { insee: row.cell('insee'), postalCode: row.cell('postalCode'), commune: row.cell('commune') }
  const hasOwn = [business.insee, business.postalCode, business.commune].some((one) => one !== undefined)
  return hasOwn ? own : { ...own, commune: splitAddress(row.cell('address')).commune }
}
