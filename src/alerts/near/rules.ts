import { MINUTE_MS } from '../../message/clock.ts'
import type { Point } from '../../territory/contract.ts'
import { distanceKm } from '../../territory/distance.ts'
import { searchName } from '../../territory/places/spelling.ts'

/** Limits within which two alerts of the same category or similar words may be about one incident. */
const NEAR_MINUTES = 30
const NEAR_KM = 5

/** The facts by which an incident is compared with another. */
export interface Incident {
  readonly categoryCode: string
  readonly communeCode: string
  /** Null: the commune's place is unknown. */
  readonly point: Point | null
  readonly occurredAt: Date
  /** Texts about the incident: the message, the facts. */
  readonly words: string
}

/** An incident whose alert has left or is about to leave. */
export interface AlertedIncident extends Incident {
  /** When it left, or when it was created if it has not. */
  readonly leftAt: Date
}

export interface Nearness {
  /** Time between the two incidents, or since the other alert left, whichever is less. */
  readonly minutes: number
  /** 0 in the same commune; null: one of the two communes has no known place. */
  readonly kilometres: number | null
  readonly like: 'category' | 'words'
}

/**
 * Decides whether an alert may be about the same incident: within 30 minutes and 5 km, with the same category or similar words.
 * If one of the communes has no known place, similar words suffice.
 * @param common words that every message contains: the closing advice, the names of places
 * @returns undefined: it is about another one
 */
export function findNearness(
  incident: Incident,
  other: AlertedIncident,
  now: Date,
  common: readonly string[],
): Nearness | undefined {
  const minutes = Math.min(
    Math.abs(incident.occurredAt.getTime() - other.occurredAt.getTime()) / MINUTE_MS,
    Math.abs(now.getTime() - other.leftAt.getTime()) / MINUTE_MS,
  )
  if (minutes > NEAR_MINUTES) return undefined
  const kilometres = apartKm(incident, other)
  if (kilometres !== null && kilometres > NEAR_KM) return undefined
  // Comparing words is the slowest step, so it runs only when the result depends on it.
  const isLikeCategory = incident.categoryCode === other.categoryCode
  if ((!isLikeCategory || kilometres === null) && !haveSimilarWords(incident.words, other.words, common)) {
    return undefined
  }
  return {
    minutes: Math.round(minutes),
    kilometres: kilometres === null ? null : Math.round(kilometres * 10) / 10,
    like: isLikeCategory ? 'category' : 'words',
  }
}

function apartKm(a: Incident, b: Incident): number | null {
  if (a.communeCode === b.communeCode) return 0
  return a.point === null || b.point === null ? null : distanceKm(a.point, b.point)
}

const SHORTEST_WORD = 4
/** "voleur", "volé" and "vol" are not one word; "boulangerie" and "boulangère" are. */
const STEM = 6
const FEWEST_COMMON = 2

/** Words that do not describe an incident. */
const EMPTY = new Set(
  `alerte avec dans chez vers sont leur pour puis sans vient cette deux trois quatre homme hommes femme femmes individu personne
    suspect auteur`
    .split(/\s+/)
    .map(stemOf),
)

/** Returns whether two texts share half of the words of the shorter one, at least two, not counting words common to all texts. */
export function haveSimilarWords(a: string, b: string, common: readonly string[] = []): boolean {
  const left = new Set([...EMPTY, ...common.flatMap(stemsOf)])
  const [wordsA, wordsB] = [a, b].map((text) => new Set(stemsOf(text).filter((word) => !left.has(word))))
  if (wordsA === undefined || wordsB === undefined) return false
  const shared = [...wordsA].filter((word) => wordsB.has(word)).length
  return shared >= FEWEST_COMMON && shared * 2 >= Math.min(wordsA.size, wordsB.size)
}

function stemsOf(text: string): string[] {
  return searchName(text)
    .split(' ')
    .filter((word) => word.length >= SHORTEST_WORD)
    .map(stemOf)
}

function stemOf(word: string): string {
  return word.slice(0, STEM)
}
