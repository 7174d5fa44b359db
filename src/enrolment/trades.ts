import type { z } from 'zod'
import type { TradeView } from '../schemes/contract.ts'
import { findTrade, type Trade } from '../schemes/trades/trades.ts'

/** Lists the trades that a scheme admits, with their names. */
export function schemeTrades({
  trades: codes,
  ownTrades,
}: {
  readonly trades: readonly string[]
  readonly ownTrades: readonly Trade[]
}): z.infer<typeof TradeView>[] {
  return codes.map((code) => {
    const trade = findTrade(code, ownTrades)
    return { code, nameFr: trade?.nameFr ?? code, nameEn: trade?.nameEn ?? code }
  })
}
