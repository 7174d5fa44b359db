import { HOUR_MS } from '../../message/clock.ts'
import type { Point } from '../../territory/contract.ts'
import { distanceKm } from '../../territory/distance.ts'
import { searchName } from '../../territory/places/spelling.ts'
import type { Common } from './contract.ts'

/** The data of an incident that is compared with others. */
export interface Incident {
  readonly id: string
  readonly categoryCode: string
  readonly communeCode: string
  readonly communeName: string
  /** Null if the location of the commune is unknown. */
  readonly point: Point | null
  readonly occurredAt: Date
  /** The description of the incident. */
  readonly words: string
}

/** Similarity from which incidents are proposed as the work of the same people. */
export const ALIKE = 0.6

/** Weight of each criterion; unknown values have none. */
const WEIGHT = { category: 0.35, distance: 0.25, time: 0.2, words: 0.2 }
/** The distance and the time at which similarity falls to a third (1/e): thieves work a valley in a week. */
const FADE_KM = 25
const FADE_HOURS = 96
/** Used for a commune without a known location: neither near nor far. */
const UNKNOWN_PLACE_SCORE = 0.5

/**
 * Computes the similarity of two incidents, from 0 to 1, by category, distance, time and words. Symmetric; 1 for identical
 * incidents.
 */
export function similarityOf(a: Incident, b: Incident): number {
  const kilometres = apartKm(a, b)
  const distance = kilometres === null ? UNKNOWN_PLACE_SCORE : Math.exp(-kilometres / FADE_KM)
  const time = Math.exp(-apartHours(a, b) / FADE_HOURS)
  const words = wordSimilarityOf(a, b)
  const sum =
    (a.categoryCode === b.categoryCode ? WEIGHT.category : 0) +
    WEIGHT.distance * distance +
    WEIGHT.time * time +
    (words === null ? 0 : WEIGHT.words * words)
  return sum / (words === null ? 1 - WEIGHT.words : 1)
}

function apartKm(a: Incident, b: Incident): number | null {
  if (a.communeCode === b.communeCode) return 0
  return a.point === null || b.point === null ? null : distanceKm(a.point, b.point)
}

function apartHours(a: Incident, b: Incident): number {
  return Math.abs(a.occurredAt.getTime() - b.occurredAt.getTime()) / HOUR_MS
}

/** Words that carry no information about an incident. */
const UNINFORMATIVE_WORDS = new Set(
  searchName(
    `alerte avec dans chez vers sont leur leurs pour puis sans vient cette cet ces des les une par sur sous ont est pas
     plus deux trois un au aux du de la le et ou qui que ses son elle il ils elles en a apres avant`,
  ).split(' '),
)

function distinctiveWords({ words, communeName }: Incident): string[] {
  const left = new Set(searchName(communeName).split(' '))
  return searchName(words)
    .split(' ')
    .filter((word) => word.length >= 3 && !UNINFORMATIVE_WORDS.has(word) && !left.has(word))
}

const trigramCache = new WeakMap<Incident, Set<string>>()

/** Returns the sequences of three letters, including the beginning and end of each word. */
function trigramsOf(incident: Incident): Set<string> {
  let known = trigramCache.get(incident)
  if (known === undefined) {
    known = new Set(
      distinctiveWords(incident).flatMap((word) => {
        const padded = `  ${word} `
        return Array.from({ length: padded.length - 2 }, (_, i) => padded.slice(i, i + 3))
      }),
    )
    trigramCache.set(incident, known)
  }
  return known
}

/** About two words; a shorter text is no description. */
const FEWEST_TRIGRAMS = 8

/** Computes how much of the shorter description is in the other, from 0 to 1; null if one of them is too short. */
function wordSimilarityOf(a: Incident, b: Incident): number | null {
  const [one, other] = [trigramsOf(a), trigramsOf(b)].sort((x, y) => x.size - y.size)
  if (one === undefined || other === undefined || one.size < FEWEST_TRIGRAMS) return null
  let shared = 0
  for (const trigram of one) if (other.has(trigram)) shared += 1
  return shared / one.size
}

/** Maximum number of common words, those of most incidents first. */
const MAX_WORDS = 5

/** Describes the common traits of incidents, in words and figures to display. */
export function describeCommon(incidents: readonly Incident[]): Common {
  const times = incidents.map(({ occurredAt }) => occurredAt.getTime())
  const distances = incidents.flatMap((one, i) =>
    incidents.slice(i + 1).flatMap((other) => {
      const kilometres = apartKm(one, other)
      return kilometres === null ? [] : [kilometres]
    }),
  )
  const counts = new Map<string, number>()
  for (const incident of incidents) {
    for (const word of new Set(distinctiveWords(incident))) counts.set(word, (counts.get(word) ?? 0) + 1)
  }
  return {
    sameCategory: new Set(incidents.map(({ categoryCode }) => categoryCode)).size === 1,
    kilometres: distances.length === 0 ? null : Math.round(Math.max(...distances)),
    hours: Math.round((Math.max(...times) - Math.min(...times)) / HOUR_MS),
    words: [...counts]
      .filter(([, count]) => count > 1)
      .sort(([a, m], [b, n]) => n - m || b.length - a.length || (a < b ? -1 : 1))
      .slice(0, MAX_WORDS)
      .map(([word]) => word),
  }
}
