import type {
  TradeSetting,
  TradeSettings,
  TradesChange,
} from '../../../../src/schemes/trade-settings/contract.ts'
import { plainWords } from '../../../../src/schemes/trades/plain-words.ts'

export type Activity = TradeSetting['naf'][number]
export type TradeList = 'naf' | 'naf2025' | 'words'
type WholeTrade = Exclude<TradesChange['trades'][number], string>

/** An activity or a word that moves here from another trade. */
interface Moved {
  /** Code of the other trade. */
  readonly from: string
  readonly list: TradeList
  readonly said: string
}

export interface TradeDraft {
  readonly nameFr: string
  readonly nameEn: string
  readonly naf: readonly Activity[]
  readonly naf2025: readonly Activity[]
  readonly words: readonly string[]
  readonly moved: readonly Moved[]
}

/** Returns the draft of a trade as it is, or of a new one. */
export function draftOf(trade: TradeSetting | undefined): TradeDraft {
  if (trade === undefined) return { nameFr: '', nameEn: '', naf: [], naf2025: [], words: [], moved: [] }
  const { nameFr, nameEn, naf, naf2025, words } = trade
  return { nameFr, nameEn, naf, naf2025, words, moved: [] }
}

/** Returns the words that were typed, separated by commas, semicolons or lines, without those already there. */
export function readWords(text: string, known: readonly string[]): string[] {
  const seen = new Set(known.map(plainWords))
  return text
    .split(/[,;\n]/)
    .map((word) => word.trim().replace(/\s+/g, ' '))
    .filter((word) => {
      const plain = plainWords(word)
      if (word === '' || seen.has(plain)) return false
      seen.add(plain)
      return true
    })
}

/** Finds the trade in use, other than this one, to which a word leads, with the word as it has it; null: by its name. */
export function ownerOfWord(
  { trades }: TradeSettings,
  word: string,
  own: string | null,
): { readonly trade: TradeSetting; readonly said: string | null } | undefined {
  const plain = plainWords(word)
  for (const trade of trades) {
    if (trade.code === own) continue
    if ([trade.nameFr, trade.nameEn].some((name) => plainWords(name) === plain)) return { trade, said: null }
    const said = trade.words.find((one) => plainWords(one) === plain)
    if (said !== undefined) return { trade, said }
  }
  return undefined
}

/** Finds the trade in use, other than this one, that has the activity itself, not a part of it or a larger one. */
export function ownerOfActivity(
  { trades }: TradeSettings,
  list: 'naf' | 'naf2025',
  activity: Activity,
  own: string | null,
): { readonly trade: TradeSetting; readonly said: string } | undefined {
  for (const trade of trades) {
    if (trade.code === own) continue
    const same = trade[list].find((one) => isSameActivity(one, activity))
    if (same !== undefined) return { trade, said: same.code }
  }
  return undefined
}

/** 47.24 has no other subclass than 47.24Z: they are the same activity. */
export function isSameActivity(one: Activity, other: Activity): boolean {
  if (one.code === other.code) return true
  const isPart = one.code.startsWith(other.code) || other.code.startsWith(one.code)
  return isPart && one.subclasses === other.subclasses
}

/** Returns the change that saves a draft: of a new trade (`code` null), or of one, which is used from then on. */
export function changeOf(settings: TradeSettings, code: string | null, draft: TradeDraft): TradesChange {
  const whole: WholeTrade = {
    ...(code !== null && { code }),
    nameFr: draft.nameFr,
    ...(draft.nameEn.trim() !== '' && { nameEn: draft.nameEn }),
    naf: draft.naf.map((one) => one.code),
    naf2025: draft.naf2025.map((one) => one.code),
    words: [...draft.words],
  }
  const isNew = !settings.trades.some((trade) => trade.code === code)
  const trades = settings.trades.map((trade) => {
    if (trade.code === code) return whole
    const moved = draft.moved.filter(({ from }) => from === trade.code)
    return moved.length === 0 ? trade.code : withoutMoved(wholeOf(trade), moved)
  })
  return { version: settings.version, trades: isNew ? [...trades, whole] : trades }
}

function withoutMoved(trade: WholeTrade, moved: readonly Moved[]): WholeTrade {
  const keep = (list: TradeList) => (said: string) =>
    !moved.some((one) => one.list === list && one.said === said)
  return {
    ...trade,
    naf: trade.naf.filter(keep('naf')),
    naf2025: trade.naf2025.filter(keep('naf2025')),
    words: trade.words.filter(keep('words')),
  }
}

/** Returns the change that sets which trades are used, and in which order. */
export function orderOf(settings: TradeSettings, codes: readonly string[]): TradesChange {
  return { version: settings.version, trades: [...codes] }
}

/** Returns the change that sets everything as it was. */
export function restoreOf(before: TradeSettings, now: Pick<TradeSettings, 'version'>): TradesChange {
  return { version: now.version, trades: before.trades.map(wholeOf) }
}

function wholeOf({ code, nameFr, nameEn, naf, naf2025, words }: TradeSetting): WholeTrade {
  return {
    code,
    nameFr,
    nameEn,
    naf: naf.map((one) => one.code),
    naf2025: naf2025.map((one) => one.code),
    words,
  }
}

/** Returns the codes with one of them moved by one place. */
export function moveCode(codes: readonly string[], code: string, by: -1 | 1): string[] {
  const at = codes.indexOf(code)
  const rest = codes.filter((one) => one !== code)
  return [...rest.slice(0, at + by), code, ...rest.slice(at + by)]
}
