import type { PlaceName } from '../../territory/contract.ts'
import {
  LIKENESS,
  type NameIndex,
  type NameMatch,
  nearestNames,
  sameName,
} from '../../territory/places/nearest.ts'
import { differsByAtMost, searchName } from '../../territory/places/spelling.ts'
import { isKnown } from './known-words.ts'
import { LINKS } from './lexicon.ts'
import type { Word } from './words.ts'

const FUZZY_LENGTH = 5
/** Most words of a name that is not written as it is. */
export const FUZZY_WORDS = 5

/** Recognises the name of a commune in the words of a span. */
type MatchName = (
  words: readonly Word[],
  start: number,
  count: number,
  index: NameIndex,
) => NameMatch | undefined

/** A name as it is written; one that is an ordinary word only after a preposition of place. */
const matchSame: MatchName = (words, start, count, index) => {
  const match = sameName(index, typedOf(words, start, count))
  if (match === undefined) return undefined
  const isOrdinary = words
    .slice(start, start + count)
    // A hyphen makes a name of them: "Neuf-Église".
    .every(({ key, gap }, no) => isKnown(key) && (no === 0 || gap !== '-'))
  return isOrdinary && !/^(?:a|au|aux)$/.test(words[start - 1]?.key ?? '') ? undefined : match
}

/** A name without its small words: "pont chateau", "vic comte". */
const matchWithoutLinks: MatchName = (words, start, count, index) => {
  const keys = words.slice(start, start + count).map(({ key }) => key)
  const isLinked = LINKS.has(keys[0] ?? '') || LINKS.has(keys.at(-1) ?? '')
  if (count < 2 || isLinked || keys.every((key) => isKnown(key))) return undefined
  const place = withoutLinks(index).get(bareOf(searchName(keys.join(' ')).split(' ')))
  return place === undefined ? undefined : { place, likeness: LIKENESS.abbreviated }
}

/** Fewest letters of a name written in one. */
const GLUED_LENGTH = 7

/** A name whose words are run together: "pontduchateau", "stgermain lembron". */
const matchGlued: MatchName = (words, start, count, index) => {
  const span = words.slice(start, start + count)
  if (span.every(({ key }) => isKnown(key)) || LINKS.has(span.at(-1)?.key ?? '')) return undefined
  const typed = span.map(({ key }) => key).join('')
  if (typed.length < GLUED_LENGTH || count > FUZZY_WORDS) return undefined
  const names = gluedNames(index)
  const place = names.get(typed) ?? names.get(typed.replace(/^ste?(?=.{4})/, 'saint'))
  return place === undefined ? undefined : { place, likeness: LIKENESS.abbreviated }
}

const gluedByIndex = new WeakMap<NameIndex, ReadonlyMap<string, PlaceName>>()

/** Indexes the names by their letters alone, and by those without small words; the most populated one of equals. */
function gluedNames(index: NameIndex): ReadonlyMap<string, PlaceName> {
  let names = gluedByIndex.get(index)
  if (names === undefined) {
    const sorted = index.names.toSorted((a, b) => (a.place.population ?? 0) - (b.place.population ?? 0))
    names = new Map([
      ...sorted.map(({ words, place }) => [bareOf(words).replaceAll(' ', ''), place] as const),
      ...sorted.map(({ words, place }) => [words.join(''), place] as const),
    ])
    gluedByIndex.set(index, names)
  }
  return names
}

const bareNames = new WeakMap<NameIndex, ReadonlyMap<string, PlaceName>>()

/** Indexes the names of several words by their words other than links; the most populated one of equals. */
function withoutLinks(index: NameIndex): ReadonlyMap<string, PlaceName> {
  let names = bareNames.get(index)
  if (names === undefined) {
    const sorted = index.names.toSorted((a, b) => (a.place.population ?? 0) - (b.place.population ?? 0))
    names = new Map(sorted.map(({ words, place }) => [bareOf(words), place]))
    bareNames.set(index, names)
  }
  return names
}

function bareOf(words: readonly string[]): string {
  return words.filter((word) => !LINKS.has(word)).join(' ')
}

const ARTICLE = /^(?:le|la|les|l|aux) /u
/** Names up to so many letters are those of persons as well: "roche" is La Roche-Blanche only with its article. */
const SHORT_NAME = 5

/** The first words of a name, the most populated one: "Cournon", "St Eloy". */
export const matchBegin: MatchName = (words, start, count, index) => {
  const span = words.slice(start, start + count)
  const last = span.at(-1)?.key ?? ''
  if (count > FUZZY_WORDS || span.every(({ key }) => isKnown(key)) || LINKS.has(last) || last.length < 4)
    return undefined
  // "Sainte Marie" is not Saint-Genès.
  if (count === 1 && /^saint(?:e|s|es)?$/.test(last)) return undefined
  const match = nearestName(index, typedOf(words, start, count), LIKENESS.begins, LIKENESS.begins)
  const isArticled = ARTICLE.test(searchName(match?.place.formerName ?? match?.place.name ?? ''))
  const isShort = count === 1 && last.length <= SHORT_NAME
  return isShort && isArticled && !ARTICLE.test(`${words[start - 1]?.key} `) ? undefined : match
}

/** A name that sounds the same, or in which a letter differs. */
const matchNear: MatchName = (words, start, count, index) => {
  const span = words.slice(start, start + count)
  const typed = typedOf(words, start, count)
  if (count > FUZZY_WORDS || typed.length < FUZZY_LENGTH || (isKnown(span[0]?.key ?? '') && count === 1))
    return undefined
  if (span.some(({ key }) => isKnown(key) && !LINKS.has(key)) || LINKS.has(span.at(-1)?.key ?? ''))
    return undefined
  const match = nearestName(index, typed, LIKENESS.sounds, LIKENESS.beginsTypo)
  return match === undefined || isSafe(match, typed) ? match : undefined
}

/** Tells whether a name is near enough to be warned unasked: a business is often named after a person whose name is like it. */
function isSafe({ place, likeness }: NameMatch, typed: string): boolean {
  const [name, said] = [place.formerName ?? place.name, typed].map((one) =>
    searchName(one)
      .replace(ARTICLE, '')
      .replace(/^saint /u, ''),
  ) as [string, string]
  // Names that sound the same have nearly the same letters: "Mauzac" is Mozac, but "Jaude" is not Joze.
  if (likeness === LIKENESS.sounds)
    return differsByAtMost(name, said, said.length <= SHORT_NAME ? 1 : Math.max(2, said.length / 4))
  const start = likeness === LIKENESS.beginsTypo ? name.split(' ', said.split(' ').length).join(' ') : name
  // People mistype the middle of a name: another first letter makes another name, "Ébreuil" is not "Le Breuil".
  return (
    name.charAt(0) === said.charAt(0) &&
    differsByAtMost(start, said, said.length < TWO_SLIPS_LENGTH ? 1 : 2) &&
    isSlip(start, said)
  )
}

/** In a shorter name, "Saint" apart, two mistakes make another name. */
const TWO_SLIPS_LENGTH = 8

/** Rows of a French keyboard. */
const KEYS = ['azertyuiop', 'qsdfghjklm', 'wxcvbn']
/** Letters that are written for one another by their sound. */
const ALIKE = /^(?:[aeiouy]{2}|[mn]{2}|[td]{2}|[szcx]{2}|[ckq]{2}|[bp]{2}|[fv]{2}|[gj]{2}|[iylj]{2}|[rl]{2})$/

/** Tells whether letters that were changed were slipped to their neighbour or sound like it: "Lezouc" is Lezoux, "Leroux" is not. */
function isSlip(name: string, said: string): boolean {
  if (said.length !== name.length) return true
  const changed = [...said].flatMap((letter, at) => (letter === name[at] ? [] : [letter + name.charAt(at)]))
  const [first = '', second = ''] = changed
  const isSwapped = changed.length === 2 && first === second.charAt(1) + second.charAt(0)
  return isSwapped || changed.every((pair) => ALIKE.test(pair) || areNeighbours(pair))
}

function areNeighbours(pair: string): boolean {
  const [a, b] = [...pair].map((letter) => {
    const row = KEYS.findIndex((keys) => keys.includes(letter))
    return { row, column: KEYS[row]?.indexOf(letter) ?? 0 }
  })
  return (
    a !== undefined && b !== undefined && Math.abs(a.row - b.row) <= 1 && Math.abs(a.column - b.column) <= 1
  )
}

/** The manners in which a name is recognised, the surest first. */
export const NAME_MATCHES: readonly MatchName[] = [
  matchSame,
  matchWithoutLinks,
  matchGlued,
  matchBegin,
  matchNear,
]

/** Joins the words of a span as they are compared with names. */
export function typedOf(words: readonly Word[], start: number, count: number): string {
  return words
    .slice(start, start + count)
    .map(({ key }) => key)
    .join(' ')
}

const memories = new WeakMap<NameIndex, Map<string, NameMatch | undefined>>()
const REMEMBERED = 4000

/** Finds the nearest name. A line grows letter by letter, so most of its parts were looked for before. */
export function nearestName(
  index: NameIndex,
  typed: string,
  from: number,
  to: number,
): NameMatch | undefined {
  let known = memories.get(index)
  if (known === undefined || known.size > REMEMBERED) {
    known = new Map()
    memories.set(index, known)
  }
  if (!known.has(typed)) known.set(typed, nearestNames(index, typed, 1)[0])
  const first = known.get(typed)
  return first !== undefined && first.likeness >= from && first.likeness <= to ? first : undefined
}

const nameWords = new WeakMap<NameIndex, ReadonlySet<string>>()

/** Tells whether a word is part of the name of a commune. */
export function isNameWord(index: NameIndex, key: string): boolean {
  let words = nameWords.get(index)
  if (words === undefined) {
    words = new Set(index.names.flatMap((name) => name.words))
    nameWords.set(index, words)
  }
  return words.has(key)
}
