import { dayWords, hourOf } from '../../message/clock.ts'
import { zoneWords } from '../../territory/places/naming.ts'
import type { SchemeView } from '../contract.ts'
import { composeText } from './compose.ts'
import { communeWords, factsPlaceWords, type Whereabouts } from './whereabouts.ts'

/** The data of a call from which its message is proposed. */
export interface ProposalFacts {
  readonly categoryCode: string | null
  readonly commune: Whereabouts['commune'] | null
  readonly place: string
  /** The warned area as `areaWords` names it; null: the commune of the facts. */
  readonly areaWords: string | null
  /** Time of the facts, and of the proposal, in milliseconds since the epoch. */
  readonly occurredAt: number
  readonly now: number
  /** Codes of the warned trades; empty: all. */
  readonly trades: readonly string[]
  readonly facts: string
}

/** Facts that say the day themselves: "vitrine brisée cette nuit". */
const NAMES_DAY =
  /(?<![\p{L}\p{N}-])(?:(?:avant-)?hier|cette nuit|ce matin|(?:lun|mar|mercre|jeu|vendre|same)di|dimanche)(?!\p{L})/iu

/** Facts that say the hours themselves: "entre 14h et 16h", "entre hier 19h et ce matin 7h". */
const NAMES_HOURS =
  /(?<![\p{L}\p{N}])entre (?:[^,.;:]*\s)?(?:\d{1,2} ?h(?:\d\d)?|midi|minuit|(?:\p{L}+di|hier)(?: soir)?) et \S/iu

/**
 * Returns the message that the category's template proposes from what is known so far; empty without a category. Messages are
 * in French.
 */
export function proposeText(
  scheme: Pick<SchemeView, 'categories' | 'trades' | 'timeZone' | 'closingAdvice'>,
  known: ProposalFacts,
): string {
  const { categoryCode, commune, trades, occurredAt, now } = known
  const category = scheme.categories.find(({ code }) => code === categoryCode)
  if (category === undefined) return ''
  const only = trades.length === 1 ? scheme.trades.find(({ code }) => code === trades[0]) : undefined
  return composeText(category.template, {
    lieu: commune && factsPlaceWords({ commune, place: known.place }),
    zone: known.areaWords === null ? commune && communeWords({ commune }) : zoneWords(known.areaWords),
    heure: NAMES_HOURS.test(known.facts) ? null : hourOf(occurredAt, scheme.timeZone),
    // Advice is about no day in particular.
    date:
      category.level === 'prevention' || NAMES_DAY.test(known.facts)
        ? null
        : dayWords(occurredAt, now, scheme.timeZone),
    metier: only?.nameFr.toLowerCase(),
    faits: known.facts,
    conseil: scheme.closingAdvice,
  })
}
