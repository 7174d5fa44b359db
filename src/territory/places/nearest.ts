import type { PlaceName } from '../contract.ts'
import { differsByAtMost, searchName, soundOf } from './spelling.ts'

/** Grades of the match of a typed text with a name, best first. */
export const LIKENESS = {
  /** The same name, but for case, accents, hyphens, "St" and the article. */
  same: 0,
  /** The name, once the usual abbreviations are written in full: "Clermont Fd". */
  abbreviated: 1,
  /** The first words of the name: "Cournon" of "Cournon-d'Auvergne". */
  begins: 2,
  /** A name that sounds the same: "Saint-Éloi", "Mauzac". */
  sounds: 3,
  /** One letter differs; from eight letters on two. */
  typo: 4,
  /** The first words of the name, with one letter that differs: "Courmon". */
  beginsTypo: 5,
  /** The first word is the same and the others are not: "Besse-en-Chandesse" of "Besse-et-Saint-Anastaise". */
  firstWord: 6,
} as const
export type Likeness = (typeof LIKENESS)[keyof typeof LIKENESS]

export interface NameMatch {
  readonly place: PlaceName
  readonly likeness: Likeness
}

/** Abbreviations that people use in names of communes. "St" is a matter of `searchName`. */
const ABBREVIATIONS: Readonly<Record<string, string>> = {
  fd: 'ferrand',
  ferd: 'ferrand',
  mt: 'mont',
  mts: 'monts',
  pt: 'pont',
  s: 'sur',
  ss: 'sous',
  nd: 'notre dame',
  bg: 'bourg',
  cht: 'chateau',
  chat: 'chateau',
  vx: 'vieux',
  vve: 'vieille',
}
const ARTICLE = /^(?:le|la|les|l|aux) (?=.)/
/** Words that carry no meaning of their own in a name. */
const LINKS = new Set([
  'le',
  'la',
  'les',
  'l',
  'de',
  'du',
  'des',
  'd',
  'en',
  'sur',
  'sous',
  'et',
  'aux',
  'a',
  'saint',
])

/** In a shorter text, a mistake could be anything. */
const TYPO_LENGTH = 4
const TWO_TYPOS_LENGTH = 8

interface NameForms {
  /** The form of `searchName`, without the article. */
  readonly bare: string
  readonly sound: string
  readonly words: readonly string[]
  /** The first words of the name, by their number, with how they sound. */
  readonly starts: readonly { readonly text: string; readonly sound: string }[]
}

interface IndexedName extends NameForms {
  readonly place: PlaceName
}

/** Names prepared for `nearestNames`. */
export interface NameIndex {
  readonly names: readonly IndexedName[]
  /** Names by their form without the article, so that the usual case needs no scan. */
  readonly byBare: ReadonlyMap<string, readonly IndexedName[]>
}

/** Prepares names for any number of searches. */
export function indexNames(places: readonly PlaceName[]): NameIndex {
  const names = places.map((place) => ({ place, ...formsOf(searchName(place.formerName ?? place.name)) }))
  return { names, byBare: Map.groupBy(names, ({ bare }) => bare) }
}

function formsOf(name: string): NameForms {
  const bare = name.replace(ARTICLE, '')
  const words = bare.split(' ')
  const starts = words.map((_, count) => words.slice(0, count).join(' '))
  return { bare, sound: soundOf(bare), words, starts: starts.map((text) => ({ text, sound: soundOf(text) })) }
}

/** Writes the usual abbreviations of a name in full. */
function inFull(name: string): string {
  return name
    .split(' ')
    .map((word) => ABBREVIATIONS[word] ?? word)
    .join(' ')
}

/**
 * Lists the places whose name is nearest to a typed one, best likeness first, among equals the own names and the more
 * populated first, each commune once. Takes a few milliseconds for the names of a region.
 */
export function nearestNames(index: NameIndex, typed: string, limit = 10): NameMatch[] {
  const name = searchName(typed)
  if (name === '') return []
  const best = new Map<string, NameMatch>()
  const wanted = formsOf(name)
  const full = formsOf(inFull(name))
  for (const one of index.names) {
    const likeness = likenessOf(one, wanted, full)
    if (likeness === undefined) continue
    const known = best.get(one.place.code)
    const match = { place: one.place, likeness }
    if (known === undefined || compareMatches(match, known) < 0) best.set(one.place.code, match)
  }
  return [...best.values()].sort(compareMatches).slice(0, limit)
}

/** Finds the place with exactly a typed name, abbreviations and the missing article apart. */
export function sameName(index: NameIndex, typed: string): NameMatch | undefined {
  const name = searchName(typed)
  const own = bestOf(index.byBare.get(formsOf(name).bare), LIKENESS.same)
  return own ?? bestOf(index.byBare.get(formsOf(inFull(name)).bare), LIKENESS.abbreviated)
}

function bestOf(names: readonly IndexedName[] | undefined, likeness: Likeness): NameMatch | undefined {
  return names?.map(({ place }) => ({ place, likeness })).sort(compareMatches)[0]
}

function compareMatches(a: NameMatch, b: NameMatch): number {
  return (
    a.likeness - b.likeness ||
    Number(a.place.formerName !== null) - Number(b.place.formerName !== null) ||
    b.place.population - a.place.population ||
    (a.place.code < b.place.code ? -1 : 1)
  )
}

function likenessOf(one: NameForms, wanted: NameForms, full: NameForms): Likeness | undefined {
  if (one.bare === wanted.bare) return LIKENESS.same
  if (one.bare === full.bare) return LIKENESS.abbreviated
  if (one.bare.startsWith(`${full.bare} `)) return LIKENESS.begins
  if (full.bare.length < TYPO_LENGTH) return undefined
  if (one.sound === full.sound) return LIKENESS.sounds
  if (isMistyped(one.bare, full.bare)) return LIKENESS.typo
  const start = one.starts[full.words.length]
  // Of a short word nothing certain remains.
  if (start !== undefined && start.text.length > TYPO_LENGTH)
    if (start.sound === full.sound || isMistyped(start.text, full.bare)) return LIKENESS.beginsTypo
  return sharesFirstWord(one.words, full.words) ? LIKENESS.firstWord : undefined
}

function sharesFirstWord(a: readonly string[], b: readonly string[]): boolean {
  const [first = ''] = a
  return a.length > 1 && b.length > 1 && first === b[0] && first.length >= TYPO_LENGTH && !LINKS.has(first)
}

function isMistyped(name: string, typed: string): boolean {
  // One of the first two letters is right: this spares the comparison with most names.
  const isPlausible =
    name[0] === typed[0] || name[1] === typed[1] || name[0] === typed[1] || name[1] === typed[0]
  if (!isPlausible) return false
  return differsByAtMost(name, typed, typed.length < TWO_TYPOS_LENGTH ? 1 : 2)
}
