import { parseInseeCode, parsePostalCode } from '../../../members/rules.ts'
import { plainWords } from '../../../schemes/trades/plain-words.ts'
import { searchName } from '../../../territory/places/spelling.ts'
import { type CommuneCells, splitCommuneCell } from './communes.ts'

/** Kinds of cells of which one answer is that of all equal cells. */
export const CELL_KINDS = ['commune', 'trade', 'status'] as const
export type CellKind = (typeof CELL_KINDS)[number]

/** Identifies a group of cells whose texts differ in accents, case and punctuation only. */
export interface CellKey {
  readonly kind: CellKind
  /** The text in a form without accents, case and punctuation. */
  readonly written: string
}

/** A cell of a group. */
export interface CellOfKey extends CellKey {
  /** The text as it stands in the list. */
  readonly as: string
}

/** A cell that was guessed from words that are not exactly a name, with the code of the guess. */
export interface GuessedCell extends CellOfKey {
  readonly code: string
}

/** Answers by what was written: the code of a commune or of a trade, or a status. */
export type CellAnswers = Readonly<Record<CellKind, ReadonlyMap<string, string>>>

/** The kind of cell that a problem is about; undefined if one answer does not solve it for others. */
export function kindOfProblem(code: string): CellKind | undefined {
  if (COMMUNE_PROBLEMS.includes(code)) return 'commune'
  if (code === 'status.unknown') return 'status'
  return TRADE_PROBLEMS.includes(code) ? 'trade' : undefined
}

const COMMUNE_PROBLEMS = ['commune.unknown', 'commune.ambiguous', 'commune.postal_code', 'commune.outside']
const TRADE_PROBLEMS = ['trade.unknown', 'trade.ambiguous', 'trade.not_admitted', 'trade.of_naf']

/** Returns the key of the commune of a row: its postal code and name, in one cell or two; else its INSEE code. */
export function communeAnswerKey({ insee, postalCode, commune }: CommuneCells): string {
  const { name, code } = splitCommuneCell(commune)
  const own = parsePostalCode(postalCode) ?? code
  const text = [own, searchName(name)].filter((part) => part !== undefined && part !== '').join(' ')
  return text === '' ? (parseInseeCode(insee) ?? searchName(insee)) : text
}

export function tradeKey(text: string): string {
  return plainWords(text)
}

export function statusKey(text: string): string {
  return searchName(text)
}
