import type { SchemeDefinition } from '../rules.ts'
import { findTrade, type Trade } from '../trades/trades.ts'
import type { SchemeFile } from './contract.ts'

/** Returns the definition that a file describes. */
export function toDefinition(file: SchemeFile): SchemeDefinition {
  return {
    id: file.id,
    name: file.name,
    territory: file.territory,
    ...(file.timeZone !== null && { timeZone: file.timeZone }),
    languages: file.languages,
    referencePrefix: file.referencePrefix,
    trades: file.trades.map((trade) => (typeof trade === 'string' ? trade : trade.code)),
    ownTrades: ownTradesOf(file),
    sender: file.sender,
    closingAdvice: file.closingAdvice,
    smsPriceMillicents: file.smsPriceMillicents,
    alertLifetimeHours: file.alertLifetimeHours,
    doctrine: file.doctrine,
    categories: file.categories.map(({ level, area, labelEn, ...category }) => ({
      ...category,
      labelEn: labelEn ?? category.labelFr,
      ...(level !== undefined && { level }),
      ...(area !== undefined && area !== null && { area }),
    })),
    agencies: file.agencies.map(({ zone = null, ...agency }) => ({ ...agency, zone })),
    sectors: file.sectors,
  }
}

function ownTradesOf({ trades, languages }: SchemeFile): Trade[] {
  return trades.flatMap((trade) => {
    if (typeof trade === 'string') return []
    const { code, naf, naf2025, words, without } = trade
    const builtIn = findTrade(code)
    return {
      code,
      nameFr: trade.nameFr ?? builtIn?.nameFr ?? '',
      nameEn: trade.nameEn ?? builtIn?.nameEn ?? (languages.includes('en') ? '' : (trade.nameFr ?? '')),
      naf,
      naf2025,
      words,
      ...(without !== undefined && { without }),
    }
  })
}
