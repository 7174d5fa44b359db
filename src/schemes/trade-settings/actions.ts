import { recordAudit } from '../../audit/record.ts'
import type { Deps } from '../../deps.ts'
import { AppError, type Problem, refusalOf } from '../../errors.ts'
import { type Actor, actorName, authorize } from '../../permissions.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import { isSame } from '../../settings/rules.ts'
import { findNafLevel, searchNaf } from '../naf/levels.ts'
import type { Nomenclature } from '../naf/naf.ts'
import { repeatedTradeProblems, tradesProblems } from '../rules.ts'
import { wholeTrade } from '../trades/trade-words.ts'
import { trades as builtIns, tradeOfLevel } from '../trades/trades.ts'
import type { FoundActivities, TradeSetting, TradeSettings, TradesChange } from './contract.ts'
import { changeTrades, compareTrades, isBuiltIn, nameOfTrade, type SchemeTrades } from './rules.ts'
import { countTradeUses, findTrades, type TradeUse, updateTrades, type VersionedTrades } from './store.ts'

/** Activities that a search answers with. */
const FOUND = 20

/** Lists the trades of a scheme. @throws AppError `unknown_scheme` when it is not loaded */
export async function getTrades(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  schemeId: string,
): Promise<TradeSettings> {
  authorize(actor, 'trade.manage', schemeId)
  return inScheme(deps.db, schemeId, async (tx) =>
    toView(await requireTrades(tx, schemeId), await countTradeUses(tx, schemeId)),
  )
}

/**
 * Sets the trades of a scheme. Members keep theirs, whatever activities and words lead to it from now on. A trade that members or
 * waiting requests have stays in use.
 * @throws AppError `settings_changed` when the trades have another version by now, or every problem: `own_trade.unknown`,
 * `scheme.repeated`, `own_trade.activity`, `own_trade.word`, `own_trade.twice`, `trade.has_members`, `trade.has_requests`
 */
export async function setTrades(
  deps: Pick<Deps, 'db' | 'now' | 'live'>,
  actor: Actor,
  schemeId: string,
  { version, trades }: TradesChange,
): Promise<TradeSettings> {
  authorize(actor, 'trade.manage', schemeId)
  const view = await inScheme(deps.db, schemeId, async (tx) => {
    const { version: current, ...before } = await requireTrades(tx, schemeId, { lock: true })
    const after = changeTrades(before, trades)
    const uses = await countTradeUses(tx, schemeId)
    // The same request again, after its answer was lost.
    if (isSame(after, before)) return toView({ ...before, version: current }, uses)
    if (version !== current) throw new AppError('settings_changed')
    const changes = compareTrades(before, after)
    const problems = [
      ...tradesProblems(after),
      ...repeatedTradeProblems(after.trades),
      ...changes.removed.flatMap((code) => useProblems(code, before, uses)),
    ]
    if (problems.length > 0) throw refusalOf(problems)
    const saved = { ...after, version: current + 1 }
    await updateTrades(tx, schemeId, saved)
    const { added, removed, changed, reordered } = changes
    await recordAudit(tx, schemeId, deps.now(), {
      actor: actorName(actor),
      action: 'trade.set',
      subject: `scheme:${schemeId}`,
      details: {
        ...(added.length > 0 && { added }),
        ...(removed.length > 0 && { removed }),
        ...(changed.length > 0 && {
          changed,
          before: before.ownTrades.filter(({ code }) => changed.includes(code)),
          after: after.ownTrades.filter(({ code }) => changed.includes(code)),
        }),
        ...(reordered && { order: after.trades }),
      },
    })
    return toView(saved, uses)
  })
  deps.live.publish({ type: 'scheme', schemeId })
  return view
}

/** Finds activities of both classifications, with the trade of the scheme that each leads to. */
export async function findActivities(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  schemeId: string,
  q: string,
): Promise<FoundActivities> {
  authorize(actor, 'trade.manage', schemeId)
  return inScheme(deps.db, schemeId, async (tx) => {
    const { ownTrades } = await requireTrades(tx, schemeId)
    return {
      activities: searchNaf(q, FOUND).map((level) => ({
        ...level,
        trade: tradeOfLevel(level.nomenclature, level.code, ownTrades) ?? null,
      })),
    }
  })
}

async function requireTrades(
  tx: Tx,
  schemeId: string,
  options: { readonly lock?: boolean } = {},
): Promise<VersionedTrades> {
  const trades = await findTrades(tx, schemeId, options)
  if (trades === undefined) throw new AppError('unknown_scheme', { values: { scheme: schemeId } })
  return trades
}

function useProblems(code: string, { ownTrades }: SchemeTrades, uses: readonly TradeUse[]): Problem[] {
  const use = uses.find(({ trade }) => trade === code)
  const path = `trades.${code}`
  const trade = nameOfTrade(code, ownTrades)
  return [
    ...(use !== undefined && use.members > 0
      ? [{ code: 'trade.has_members' as const, path, values: { trade, count: use.members } }]
      : []),
    ...(use !== undefined && use.requests > 0
      ? [{ code: 'trade.has_requests' as const, path, values: { trade, count: use.requests } }]
      : []),
  ]
}

function toView({ version, trades, ownTrades }: VersionedTrades, uses: readonly TradeUse[]): TradeSettings {
  const settingOf = (code: string): TradeSetting => {
    const trade = wholeTrade(code, ownTrades)
    const levels = (nomenclature: Nomenclature, codes: readonly string[] = []) =>
      codes.toSorted().map((one) => {
        const level = findNafLevel(nomenclature, one)
        return {
          code: one,
          title: level?.title ?? null,
          example: level?.example ?? null,
          subclasses: level?.subclasses ?? 0,
        }
      })
    return {
      code,
      nameFr: trade?.nameFr ?? code,
      nameEn: trade?.nameEn ?? code,
      builtIn: isBuiltIn(code),
      members: uses.find((use) => use.trade === code)?.members ?? 0,
      naf: levels('rev2', trade?.naf),
      naf2025: levels('2025', trade?.naf2025),
      words: [...(trade?.words ?? [])],
    }
  }
  const all = [...new Set([...ownTrades, ...builtIns].map(({ code }) => code))]
  return {
    version,
    trades: trades.map(settingOf),
    unused: all.filter((code) => !trades.includes(code)).map(settingOf),
  }
}
