import type { Point } from '../../territory/contract.ts'
import { distanceKm, searchName } from '../../territory/rules.ts'
import type { Common } from './contract.ts'

/** What is known of an incident, to compare it with others. */
export interface Incident {
  readonly id: string
  readonly categoryCode: string
  readonly communeCode: string
  readonly communeName: string
  /** Null: the place of the commune is unknown. */
  readonly point: Point | null
  readonly occurredAt: Date
  /** What was told of it. */
  readonly words: string
}

/** Alike enough to be proposed as the work of the same people. */
export const ALIKE = 0.6

const HOUR_MS = 3_600_000
/** How much each thing weighs; what is unknown weighs nothing. */
const WEIGHT = { category: 0.35, distance: 0.25, time: 0.2, words: 0.2 }
/** Where distance and time count for a third (1/e): thieves work a valley in a week. */
const FADE_KM = 25
const FADE_HOURS = 96
/** Of a commune without a known place: neither near nor far. */
const SOMEWHERE = 0.5

/** How alike two incidents are, from 0 to 1, by category, distance, time and words. Symmetric; 1 for the same twice. */
export function likeness(a: Incident, b: Incident): number {
  const kilometres = apartKm(a, b)
  const distance = kilometres === null ? SOMEWHERE : Math.exp(-kilometres / FADE_KM)
  const time = Math.exp(-apartHours(a, b) / FADE_HOURS)
  const words = likeWords(a, b)
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

/** Words that tell nothing of an incident. */
const EMPTY = new Set(
  searchName(
    `alerte avec dans chez vers sont leur leurs pour puis sans vient cette cet ces des les une par sur sous ont est pas
     plus deux trois un au aux du de la le et ou qui que ses son elle il ils elles en a apres avant`,
  ).split(' '),
)

function tellingWords({ words, communeName }: Incident): string[] {
  const left = new Set(searchName(communeName).split(' '))
  return searchName(words)
    .split(' ')
    .filter((word) => word.length >= 3 && !EMPTY.has(word) && !left.has(word))
}

const trigramsKept = new WeakMap<Incident, Set<string>>()

/** Sequences of three letters, the beginning and the end of each word among them. */
function trigramsOf(incident: Incident): Set<string> {
  let known = trigramsKept.get(incident)
  if (known === undefined) {
    known = new Set(
      tellingWords(incident).flatMap((word) => {
        const padded = `  ${word} `
        return Array.from({ length: padded.length - 2 }, (_, i) => padded.slice(i, i + 3))
      }),
    )
    trigramsKept.set(incident, known)
  }
  return known
}

/** Two words or so: less is no description. */
const FEWEST_TRIGRAMS = 8

/** How much of the shorter description is in the other, from 0 to 1; null: one of them says too little. */
function likeWords(a: Incident, b: Incident): number | null {
  const [one, other] = [trigramsOf(a), trigramsOf(b)].sort((x, y) => x.size - y.size)
  if (one === undefined || other === undefined || one.size < FEWEST_TRIGRAMS) return null
  let shared = 0
  for (const trigram of one) if (other.has(trigram)) shared += 1
  return shared / one.size
}

/** Words told at most, those that most incidents share first. */
const MOST_WORDS = 5

/** What incidents have in common, in words and figures that can be shown. */
export function commonOf(incidents: readonly Incident[]): Common {
  const times = incidents.map(({ occurredAt }) => occurredAt.getTime())
  const distances = incidents.flatMap((one, i) =>
    incidents.slice(i + 1).flatMap((other) => {
      const kilometres = apartKm(one, other)
      return kilometres === null ? [] : [kilometres]
    }),
  )
  const counts = new Map<string, number>()
  for (const incident of incidents) {
    for (const word of new Set(tellingWords(incident))) counts.set(word, (counts.get(word) ?? 0) + 1)
  }
  return {
    sameCategory: new Set(incidents.map(({ categoryCode }) => categoryCode)).size === 1,
    kilometres: distances.length === 0 ? null : Math.round(Math.max(...distances)),
    hours: Math.round((Math.max(...times) - Math.min(...times)) / HOUR_MS),
    words: [...counts]
      .filter(([, count]) => count > 1)
      .sort(([a, m], [b, n]) => n - m || b.length - a.length || (a < b ? -1 : 1))
      .slice(0, MOST_WORDS)
      .map(([word]) => word),
  }
}
