import { isMonth, parseDay } from '../cells/days.ts'
import type { RowFacts } from './facts.ts'
import { cleanCell, type RowCells, shortenCell } from './row-cells.ts'

/** A cell that says that the charter is signed, but not when. */
export interface SaidCharter {
  readonly line: number
  /** The text as it stands in the list. */
  readonly as: string
  /** When the row says that it joined. */
  readonly joinedOn: string | null
  /** The answer that dates it: a day, or `joined`; undefined if none does. */
  readonly answer: string | undefined
}

/** Tells whether a cell says that the charter is signed, but not when. */
export function isSaidSigned(text: string): boolean {
  return /^(?:oui|o|yes|y|x|1|signée?|signed|vrai|true)$/i.test(cleanCell(text))
}

/** Matches “oui, le 12/03/2024” and “signed on 2024-03-12”, whose last part is the day. */
const SIGNED_ON = /^(?:oui|yes|x|signée?|signed)[\s,;:(]+(?:le\s|on\s)?([^)]+)\)?$/i

export const isSaidNo = (text: string) => /^(?:non|no|n|-|0|aucune?)$/i.test(text)

/** Reads the day on which the charter was signed on paper; null if the row says none or “no”, undefined for what is no day. */
export function readCharterDay(row: RowCells): string | null | undefined {
  const text = row.cell('charterOn')
  if (text === '' || isSaidNo(text)) return null
  return parseDay(text) ?? parseDay(SIGNED_ON.exec(text)?.[1] ?? '')
}

/** Reads when the charter was signed on paper, by an answer where the row says only that it is. */
export function readCharter(
  row: RowCells,
  facts: RowFacts,
  joinedOn: string | null,
): { readonly day: string | null; readonly said?: SaidCharter } {
  const column = row.columns.business.charterOn
  const text = row.cell('charterOn')
  if (!isSaidSigned(text)) {
    const day = readCharterDay(row)
    if (day === undefined) row.addWarning(column, 'day.unread')
    else if (day !== null && isMonth(text)) row.addWarning(column, 'day.first')
    return { day: day ?? null }
  }
  const answer = row.table.charterAnswer ?? facts.charterOn
  const joined = joinedOn !== null && joinedOn <= facts.today ? joinedOn : null
  const day = (answer === 'joined' ? joined : answer) ?? null
  // Evidence of consent needs its day.
  if (day === null) row.addWarning(column, 'charter.without_day')
  const cell = { line: row.table.line, as: shortenCell(text), joinedOn: joined }
  return { day, said: { ...cell, answer: day === null ? undefined : answer } }
}
