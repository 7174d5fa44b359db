import type { ImportRemark } from '../../../members/contract.ts'
import { type NafCodes, normalizeNaf, readNaf, titleOfNaf, withNaf } from '../../../schemes/naf/naf.ts'
import { listNearTrades, readTradeWords } from '../../../schemes/trades/trade-words.ts'
import {
  findTrade,
  listTradesNearNaf,
  tradeOfCodes,
  tradeOfNaf,
  tradeOfWords,
} from '../../../schemes/trades/trades.ts'
import { keyOfCells } from './cell-keys.ts'
import type { RowFacts } from './facts.ts'
import type { RowCells } from './row-cells.ts'

interface Activity {
  readonly codes: NafCodes
  /** The trade named after a code in its cell, as in "99.99Z boulangerie"; the title of the code, which some lists add, is none. */
  readonly named: string | undefined
}

/** Reads the codes of both classifications, each as written, whichever column it is in. */
export function checkNaf(row: RowCells, facts: RowFacts): Activity {
  const { business } = row.columns
  let codes: NafCodes = { naf: null, naf2025: null }
  let named: string | undefined
  for (const column of [business.naf, business.naf2025]) {
    const read = row.check(column, (text) => {
      const value = readNaf(text)
      return value === undefined ? { problem: 'naf.unknown' } : { value }
    })
    if (read === null) continue
    codes = withNaf(codes, read.code)
    const title = titleOfNaf(read.code)
    if (read.rest.toLowerCase() !== title?.toLowerCase()) named ??= tradeOfWords(read.rest, facts.ownTrades)
    if (title === undefined) row.addWarning(column, 'naf.unlisted', { naf: read.code })
  }
  return { codes, named }
}

/** Returns the trade of a row: by its words, otherwise by its codes, otherwise the only one of the scheme. */
export function checkTrade(row: RowCells, facts: RowFacts, activity: Activity): string | undefined {
  return row.cell('trade') === ''
    ? checkTradeCodes(row, facts, activity)
    : checkTradeWords(row, facts, activity)
}

/** Returns the code of an activity that says most about the trade, and the trade that its codes, or words beside them, name. */
function tradeOfActivity({ codes, named }: Activity, { ownTrades }: RowFacts) {
  return { code: codes.naf2025 ?? codes.naf, ofCodes: named ?? tradeOfCodes(codes, ownTrades) }
}

/** Returns the trade of a row without words for it. */
function checkTradeCodes(row: RowCells, facts: RowFacts, activity: Activity): string | undefined {
  const { code, ofCodes } = tradeOfActivity(activity, facts)
  const column = columnOfCodes(row)
  const isOfScheme = ofCodes !== undefined && isTradeOfScheme(facts, ofCodes)
  const answer = isOfScheme || code === null ? undefined : row.takeAnswer(facts, keyOfCells(row, 'trade'))
  const trade = answer ?? ofCodes
  if (trade !== undefined) return admitTrade(row, facts, column, trade, code)
  // Neither code was readable: that is the problem of the row.
  if (code === null && (row.cell('naf') !== '' || row.cell('naf2025') !== '')) return undefined
  if (facts.trades.length === 1) return facts.trades[0]
  addUnknownTrade(row, facts, column, code)
  return undefined
}

/** Returns the column of the code of a row. */
function columnOfCodes(row: RowCells): number | undefined {
  const { naf, naf2025 } = row.columns.business
  return row.cell('naf') !== '' || naf2025 === undefined ? naf : naf2025
}

/** Adds the problem of a row that names no trade, or a code that belongs to none. */
function addUnknownTrade(
  row: RowCells,
  facts: RowFacts,
  column: number | undefined,
  code: string | null,
): void {
  const at = row.columns.business.trade ?? column
  if (code === null) {
    row.addProblem(at, 'trade.missing')
    return
  }
  const near = listTradesNearNaf(code, facts.trades, facts.ownTrades)
  const values = { naf: code, trades: namesOfTrades(facts) }
  row.addProblem(at, 'trade.of_naf', values, proposalsOf(facts, near))
}

/** Tells whether the scheme admits a trade, also if another chamber manages it: an answer is for what the program cannot read. */
function isTradeOfScheme({ trades, tradesOfOthers = [] }: RowFacts, trade: string): boolean {
  return trades.includes(trade) || tradesOfOthers.includes(trade)
}

/** Returns the trade that the words of a row name; a guess is a warning, and words that name none a problem. */
function checkTradeWords(row: RowCells, facts: RowFacts, activity: Activity): string | undefined {
  const { code, ofCodes } = tradeOfActivity(activity, facts)
  const words = row.cell('trade')
  const column = row.columns.business.trade
  const read = readTradeWords(words, facts.ownTrades)
  // A common word that is not one of our trades, next to a code that a trade claims: the code decides.
  const trade = (read.isExact ? read.trade : undefined) ?? tradeOfNaf(words, facts.ownTrades) ?? ofCodes
  if (trade !== undefined && isTradeOfScheme(facts, trade)) return admitTrade(row, facts, column, trade)
  const answer = row.takeAnswer(facts, keyOfCells(row, 'trade')) ?? trade
  if (answer !== undefined) return admitTrade(row, facts, column, answer)
  const likely = read.candidates.filter((one) => facts.trades.includes(one))
  if (read.trade !== undefined && likely.length > 0) {
    row.addWarning(column, 'trade.understood', { trade: nameOfTrade(facts, read.trade) })
    row.addGuess(keyOfCells(row, 'trade'), read.trade)
    return read.trade
  }
  if (read.trade !== undefined) return admitTrade(row, facts, column, read.trade)
  const near = likely.length > 0 ? likely : listNear(facts, words, normalizeNaf(words) ?? code)
  const proposals = proposalsOf(facts, near)
  row.addProblem(
    column,
    likely.length > 1 ? 'trade.ambiguous' : 'trade.unknown',
    { trades: namesOfTrades(facts), candidates: proposals.map(({ name }) => name).join(', ') },
    proposals,
  )
  return undefined
}

/** Returns a trade of the scheme; another one is a problem of the row. */
function admitTrade(
  row: RowCells,
  facts: RowFacts,
  column: number | undefined,
  trade: string,
  code: string | null = null,
): string | undefined {
  if (facts.trades.includes(trade)) return trade
  const isOfOthers = facts.tradesOfOthers?.includes(trade) === true
  const name = nameOfTrade(facts, trade)
  const near = isOfOthers ? [] : listNear(facts, row.cell('trade'), code)
  row.addProblem(
    column,
    isOfOthers ? 'trade.not_yours' : 'trade.not_admitted',
    { trade: name, trades: namesOfTrades(facts) },
    proposalsOf(facts, near),
  )
  return undefined
}

/** Lists the trades near to the words of a row; if there are none, those near to its code. */
function listNear({ trades, ownTrades }: RowFacts, words: string, code: string | null): readonly string[] {
  const near = listNearTrades(words, trades, ownTrades)
  return near.length > 0 || code === null ? near : listTradesNearNaf(code, trades, ownTrades)
}

function nameOfTrade(facts: RowFacts, code: string): string {
  return findTrade(code, facts.ownTrades)?.nameFr ?? code
}

function proposalsOf(facts: RowFacts, trades: readonly string[]): NonNullable<ImportRemark['proposals']> {
  return trades.map((one) => ({ code: one, name: nameOfTrade(facts, one) }))
}

function namesOfTrades(facts: RowFacts): string {
  return facts.trades.map((code) => nameOfTrade(facts, code)).join(', ')
}
