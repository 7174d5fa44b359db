import type { z } from 'zod'
import type { TradeView } from '../schemes/contract.ts'
import { findTrade } from '../schemes/trades.ts'

/** Lists the trades that a scheme admits, with their names. */
export function schemeTrades(codes: readonly string[]): z.infer<typeof TradeView>[] {
  return codes.map((code) => {
    const trade = findTrade(code)
    return { code, nameFr: trade?.nameFr ?? code, nameEn: trade?.nameEn ?? code }
  })
}
