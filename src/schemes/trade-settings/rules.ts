import { isSame } from '../../settings/rules.ts'
import { codeFromName } from '../codes.ts'
import { wholeTrade } from '../trades/trade-words.ts'
import { trades as builtIns, findTrade, type Trade, type TradeLists, withoutWords } from '../trades/trades.ts'
import type { TradeInput } from './contract.ts'

/** The trades of a scheme as they are stored. */
export interface SchemeTrades {
  /** Codes of those in use, in the order of display. */
  readonly trades: readonly string[]
  readonly ownTrades: readonly Trade[]
}

export function isBuiltIn(code: string): boolean {
  return builtIns.some((trade) => trade.code === code)
}

/**
 * Returns the trades of a scheme after a change. Own trades that are left out are retired, so that former members keep their name;
 * of a built-in trade, only what differs from it is stored.
 * @param given codes of trades that stay as they are, or whole trades
 */
export function changeTrades(before: SchemeTrades, given: readonly (string | TradeInput)[]): SchemeTrades {
  const own = new Map(before.ownTrades.map((trade) => [trade.code, trade]))
  const codes = given.map((one) => {
    if (typeof one === 'string') return one
    const code =
      one.code ??
      codeFromName(one.nameFr, { empty: 'metier', isTaken: (taken) => own.has(taken) || isBuiltIn(taken) })
    const changed = toOwnTrade(code, one)
    if (changed === undefined) own.delete(code)
    else own.set(code, changed)
    return code
  })
  return {
    trades: codes,
    ownTrades: [...own.values()].map(({ retired: _, ...trade }) =>
      codes.includes(trade.code) ? trade : { ...trade, retired: true },
    ),
  }
}

/** Returns what a scheme stores of a trade; undefined: nothing, since it is the built-in one. */
function toOwnTrade(
  code: string,
  { nameFr, nameEn = nameFr, naf, naf2025, words }: TradeInput,
): Trade | undefined {
  const lists: TradeLists = { naf: [...new Set(naf)], naf2025: [...new Set(naf2025)], words }
  const builtIn = isBuiltIn(code) ? wholeTrade(code) : undefined
  if (builtIn === undefined) return { code, nameFr, nameEn, ...lists }
  const added = listsWithout(lists, builtIn)
  const without = listsWithout(builtIn, lists)
  const isReduced = Object.values(without).some((list) => list.length > 0)
  const own = { code, nameFr, nameEn, ...added, ...(isReduced && { without }) }
  const { words: _, ...names } = builtIn
  return isSame(own, { ...names, naf: [], naf2025: [], words: [] }) ? undefined : own
}

function listsWithout(lists: TradeLists, others: TradeLists): TradeLists {
  return {
    naf: lists.naf.filter((code) => !others.naf.includes(code)),
    naf2025: lists.naf2025.filter((code) => !others.naf2025.includes(code)),
    words: withoutWords(lists.words, others.words),
  }
}

/** Lists the codes of the trades that a change adds to those in use, takes out of use, and otherwise changes. */
export function compareTrades(before: SchemeTrades, after: SchemeTrades) {
  const stays = after.trades.filter((code) => before.trades.includes(code))
  const ownOf = (of: SchemeTrades, code: string) => of.ownTrades.find((trade) => trade.code === code)
  return {
    added: after.trades.filter((code) => !before.trades.includes(code)),
    removed: before.trades.filter((code) => !after.trades.includes(code)),
    changed: stays.filter((code) => !isSame(ownOf(before, code), ownOf(after, code))),
    reordered: !isSame(
      stays,
      before.trades.filter((code) => stays.includes(code)),
    ),
  }
}

/** Returns the name of a trade in French, or its code. */
export function nameOfTrade(code: string, own: readonly Trade[]): string {
  return findTrade(code, own)?.nameFr ?? code
}
