import type { PlaceName } from '../../territory/contract.ts'
import {
  LIKENESS,
  type NameIndex,
  type NameMatch,
  nearestNames,
  sameName,
} from '../../territory/places/nearest.ts'
import { differsByAtMost, searchName, soundOf } from '../../territory/places/spelling.ts'
import {
  BESIDE,
  DIRECTION,
  FACT_WORDS,
  INSIDE,
  LINKS,
  PERSONS,
  PLACES,
  STREETS,
  TRADESPEOPLE,
  VEHICLES,
} from './lexicon.ts'
import type { Word } from './words.ts'

/** A commune in a line: its words, with the preposition before them. */
export interface CommuneFound {
  readonly place: PlaceName
  readonly from: number
  readonly count: number
  readonly isDirection: boolean
  /** Whether it is only one end of where it happened: "entre Lezoux et Thiers". */
  readonly isBetween: boolean
}

interface Candidate extends CommuneFound {
  readonly score: number
  /** The words of the name alone. */
  readonly start: number
}

/** A name of a commune has at most as many words. */
const LONGEST_NAME = 8
const INTRODUCTION =
  /(?:^| )((?:commune de|ville de|secteur de|secteur|commune d|a|au|aux|de|du|des|d|sur|en)(?: (?:la|le|les|l))?)$/
const FUZZY_LENGTH = 5
const FUZZY_WORDS = 5

type IsTaken = (index: number) => boolean

/** Tells whether a word means something by itself, so that it is not taken for a mistyped name. */
export function isKnown(key: string): boolean {
  return (
    LINKS.has(key) ||
    PERSONS.has(key) ||
    VEHICLES.has(key) ||
    FACT_WORDS.has(key) ||
    STREETS.has(key) ||
    PLACE_WORDS.has(key)
  )
}

/** Tells whether a number before a word counts what it names, also without its plural: "2 homme", "3 tabac", but not "10 tabac". */
export function isCountedBy(key: string, number: number): boolean {
  const isThing = PERSONS.has(key) || VEHICLES.has(key) || FACT_WORDS.has(key)
  return isThing || (number < 5 && PLACE_WORDS.has(key))
}

const writtenPlaces = PLACES.map((phrase) => phrase.split(' '))
const PLACE_WORDS: ReadonlySet<string> = new Set(writtenPlaces.flat())
/** Kinds of places with their small words left out ("caisse epargne"), or all in one ("superu"). */
const hastyPlaces = writtenPlaces.flatMap((keys) => {
  const bare = keys.filter((key) => !LINKS.has(key))
  const isShorter = bare.length > 1 && bare.length < keys.length
  return [
    ...(isShorter ? [bare] : []),
    ...(keys.length > 1 && keys.join('').length >= 6 ? [[keys.join('')]] : []),
  ]
})
const placePhrases = [...writtenPlaces, ...hastyPlaces].sort((a, b) => b.length - a.length)

/** Finds the communes of a line: where it happened first, then those named as a direction. */
export function findCommunes(words: readonly Word[], index: NameIndex, isTaken: IsTaken): CommuneFound[] {
  const found: Candidate[] = []
  const isFree = (at: number) => !isTaken(at) && !found.some((one) => covers(one, at))
  for (const match of [matchSame, matchWithoutLinks, matchGlued, matchBegin, matchNear]) {
    for (let start = 0; start < words.length; start++) {
      for (let count = Math.min(LONGEST_NAME, words.length - start); count >= 1; count--) {
        if (!isSpanFree(words, start, count, isFree)) continue
        const candidate = candidateOf(words, start, count, match(words, start, count, index), isFree)
        if (candidate === undefined) continue
        found.push(match === matchBegin ? extended(words, candidate, index, isFree) : candidate)
        break
      }
    }
    // A likeness is looked for only where no name is written as it is.
    if (found.some(({ isDirection }) => !isDirection) && match === matchBegin) break
  }
  const best = found.filter(({ isDirection }) => !isDirection).sort((a, b) => b.score - a.score)[0]
  const directions = found.filter(({ isDirection }) => isDirection)
  if (best !== undefined) return [best, ...directions]
  // "vma vers lezoux": nothing that could flee was named before, so it is about the place.
  const [near] = directions
  if (near === undefined || !/vers/.test(words[near.from]?.key ?? '') || !isAboutPlace(words, near, isTaken))
    return directions
  return [{ ...near, isDirection: false }, ...directions.slice(1)]
}

/** Adds the words that go on a name whose beginning was found, with a mistake: "martres de vayre". */
function extended(
  words: readonly Word[],
  candidate: Candidate,
  index: NameIndex,
  isFree: IsTaken,
): Candidate {
  const { start, count, from, place } = candidate
  const own = count - (start - from)
  for (let more = FUZZY_WORDS - own; more > 0; more--) {
    const isWhole = start + own + more <= words.length && isSpanFree(words, start, own + more, isFree)
    if (!isWhole || words.slice(start + own, start + own + more).every(({ key }) => isKnown(key))) continue
    const match = nearest(index, typedOf(words, start, own + more), LIKENESS.sounds, LIKENESS.typo)
    if (match?.place.code === place.code && match.place.formerName === place.formerName)
      return { ...candidate, count: count + more }
  }
  return candidate
}

function isAboutPlace(words: readonly Word[], { from }: Candidate, isTaken: IsTaken): boolean {
  return words.slice(0, from).every(({ key }, no) => isTaken(no) || LINKS.has(key) || PLACE_WORDS.has(key))
}

function covers({ from, count }: { from: number; count: number }, at: number): boolean {
  return at >= from && at < from + count
}

function isSpanFree(words: readonly Word[], start: number, count: number, isFree: IsTaken): boolean {
  for (let at = start; at < start + count; at++) {
    const word = words[at]
    if (word === undefined || !isFree(at) || (at > start && word.isBreak)) return false
  }
  return true
}

type Match = (words: readonly Word[], start: number, count: number, index: NameIndex) => NameMatch | undefined

function typedOf(words: readonly Word[], start: number, count: number): string {
  return words
    .slice(start, start + count)
    .map(({ key }) => key)
    .join(' ')
}

/** A name as it is written; one that is an ordinary word only after a preposition of place. */
const matchSame: Match = (words, start, count, index) => {
  const match = sameName(index, typedOf(words, start, count))
  if (match === undefined) return undefined
  const isOrdinary = words.slice(start, start + count).every(({ key }) => isKnown(key))
  return isOrdinary && !/^(?:a|au|aux)$/.test(words[start - 1]?.key ?? '') ? undefined : match
}

/** A name without its small words: "pont chateau", "vic comte". */
const matchWithoutLinks: Match = (words, start, count, index) => {
  const keys = words.slice(start, start + count).map(({ key }) => key)
  const isLinked = LINKS.has(keys[0] ?? '') || LINKS.has(keys.at(-1) ?? '')
  if (count < 2 || isLinked || keys.every((key) => isKnown(key))) return undefined
  const place = withoutLinks(index).get(bareOf(searchName(keys.join(' ')).split(' ')))
  return place === undefined ? undefined : { place, likeness: LIKENESS.abbreviated }
}

/** Fewest letters of a name written in one. */
const GLUED_LENGTH = 7

/** A name whose words are run together: "pontduchateau", "stgermain lembron". */
const matchGlued: Match = (words, start, count, index) => {
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

/** The first words of a name, the most populated one: "Cournon", "St Eloy". */
const matchBegin: Match = (words, start, count, index) => {
  const span = words.slice(start, start + count)
  const last = span.at(-1)?.key ?? ''
  if (count > FUZZY_WORDS || span.every(({ key }) => isKnown(key)) || LINKS.has(last) || last.length < 4)
    return undefined
  return nearest(index, typedOf(words, start, count), LIKENESS.begins, LIKENESS.begins)
}

/** A name that sounds the same, or in which a letter differs. */
const matchNear: Match = (words, start, count, index) => {
  const span = words.slice(start, start + count)
  const typed = typedOf(words, start, count)
  if (count > FUZZY_WORDS || typed.length < FUZZY_LENGTH || (isKnown(span[0]?.key ?? '') && count === 1))
    return undefined
  if (span.some(({ key }) => isKnown(key) && !LINKS.has(key)) || LINKS.has(span.at(-1)?.key ?? ''))
    return undefined
  const match = nearest(index, typed, LIKENESS.sounds, LIKENESS.beginsTypo)
  // People mistype the middle of a name: another first letter makes another name, "Ébreuil" is not "Le Breuil".
  const isSafe = match === undefined || match.likeness === LIKENESS.sounds || startsAlike(match.place, typed)
  return isSafe ? match : undefined
}

function startsAlike({ name, formerName }: PlaceName, typed: string): boolean {
  const first = (text: string) => text.replace(/^(?:le|la|les|l|aux) /u, '').charAt(0)
  return first(searchName(formerName ?? name)) === first(searchName(typed))
}

const memories = new WeakMap<NameIndex, Map<string, NameMatch | undefined>>()
const REMEMBERED = 4000

/** Finds the nearest name. A line grows letter by letter, so most of its parts were looked for before. */
function nearest(index: NameIndex, typed: string, from: number, to: number): NameMatch | undefined {
  let known = memories.get(index)
  if (known === undefined || known.size > REMEMBERED) {
    known = new Map()
    memories.set(index, known)
  }
  if (!known.has(typed)) known.set(typed, nearestNames(index, typed, 1)[0])
  const first = known.get(typed)
  return first !== undefined && first.likeness >= from && first.likeness <= to ? first : undefined
}

function candidateOf(
  words: readonly Word[],
  start: number,
  count: number,
  match: NameMatch | undefined,
  isFree: IsTaken,
): Candidate | undefined {
  if (match === undefined || isOfStreet(words, start, isFree)) return undefined
  const before = textBefore(words, start, isFree)
  const isArrow = /[-=]>|→/.test(words[start]?.gap ?? '')
  const isBetween = /(?:^| )entre$/.test(before)
  const direction = DIRECTION.exec(before)?.[1]
  const introduction = direction ?? INTRODUCTION.exec(before)?.[1]
  const lead = introduction === undefined ? 0 : introduction.split(' ').length
  const isIntroduced = introduction !== undefined && direction === undefined
  return {
    place: match.place,
    from: start - lead,
    count: count + lead,
    start,
    isDirection: direction !== undefined || isArrow,
    isBetween,
    score: 100 - 10 * match.likeness + 2 * count + (isIntroduced ? 8 : 0) - start / 2,
  }
}

/** Joins the free words right before an index, up to a break. */
function textBefore(words: readonly Word[], index: number, isFree: IsTaken): string {
  const keys: string[] = []
  for (let at = index - 1; at >= 0 && keys.length < 5 && isFree(at); at--) {
    if (words[at + 1]?.isBreak) break
    keys.unshift(words[at]?.key ?? '')
  }
  return keys.join(' ')
}

/** Tells whether a name is that of a street: "route de Thiers", "12 rue de Lyon". */
function isOfStreet(words: readonly Word[], start: number, isFree: IsTaken): boolean {
  const before = textBefore(words, start, isFree).split(' ')
  while (/^(?:de|du|des|d|la|le|les|l)$/.test(before.at(-1) ?? '')) before.pop()
  const linked = before.length < textBefore(words, start, isFree).split(' ').length
  const street = before.at(-1) ?? ''
  return linked && (STREETS.has(street) || /^(?:zac|za|zi|zone)$/.test(street))
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

/** The words of the place within the commune, each part as typed. */
export interface PlaceFound {
  readonly from: number
  readonly count: number
  /** Words before it that are dropped: "au", "dans un". */
  readonly lead: number
}

/** A place after one of these words is left, or on the way. */
const AWAY = /^(?:sortie|sortis?|sortant|fuite|par|via|prend|pris)$/

/** Finds the streets, kinds of shops and public places that are named. */
export function findDetails(words: readonly Word[], isTaken: IsTaken): PlaceFound[] {
  const found: PlaceFound[] = []
  for (let at = 0; at < words.length; at++) {
    if (isTaken(at)) continue
    const isFree = (index: number) => !isTaken(index) && !found.some((one) => covers(one, index))
    const count = streetAt(words, at, isFree) || shopAt(words, at, isFree) || hostAt(words, at, isFree)
    if (count === 0) continue
    const before = textBefore(words, at, isFree)
    if (DIRECTION.test(before) || AWAY.test(words[at - 1]?.key ?? '')) continue
    if (TRADESPEOPLE.has(words[at]?.key ?? '') && /(?:^| )(?:du|de la|de l|le|la|un|une)$/.test(before)) {
      if (!/(?:^| )chez (?:le|la|un|une)$/.test(before)) continue
    }
    const [beside, article] = besideBefore(before)
    const lead = beside > 0 ? 0 : wordsBefore(before, INSIDE)
    found.push({ from: at - beside - article - lead, count: count + beside + article + lead, lead })
    at += count - 1
  }
  return found
}

function wordsBefore(before: string, phrases: readonly string[]): number {
  const counts = phrases
    .filter((phrase) => before === phrase || before.endsWith(` ${phrase}`))
    .map((phrase) => phrase.split(' ').length)
  return Math.max(0, ...counts)
}

/** Counts the words of "devant" or "face à" before a place, and of the article between. */
function besideBefore(before: string): [beside: number, article: number] {
  const article = /(?:^| )(?:le|la|les|l|un|une)$/.test(before) ? 1 : 0
  const rest = article === 0 ? before : before.split(' ').slice(0, -1).join(' ')
  const beside = wordsBefore(rest, BESIDE)
  return beside === 0 ? [0, 0] : [beside, article]
}

const STREET_LINK = /^(?:de|du|des|d|la|le|les|l|et|a|au|aux)$/

/** Counts the words of a street that starts at an index, with its number. */
function streetAt(words: readonly Word[], at: number, isFree: IsTaken): number {
  let next = at
  if (/^\d{1,4}$/.test(words[next]?.key ?? '')) next++
  if (next > at && /^(?:bis|ter|quater|[ab])$/.test(words[next]?.key ?? '')) next++
  if (!STREETS.has(words[next]?.key ?? '') || /^(?:sur|en)$/.test(words[at - 1]?.key ?? '')) return 0
  if (!isSpanFree(words, at, next - at + 1, isFree)) return 0
  const first = next + 1
  let end = first
  while (end < words.length && end < first + 7 && isFree(end) && maySpellStreet(words, end)) end++
  while (end > first && STREET_LINK.test(words[end - 1]?.key ?? '')) end--
  return end > first ? end - at : 0
}

/** True when a word can belong to the name of a street. After “de” or “la” it can be any word: "rue de la gare". */
function maySpellStreet(words: readonly Word[], at: number): boolean {
  const word = words[at] as Word
  if (word.isBreak || /^(?:vers|direction|dir)$/.test(word.key)) return false
  if (STREET_LINK.test(words[at - 1]?.key ?? '')) return true
  return !/^\d/.test(word.key) && (STREET_LINK.test(word.key) || !isKnown(word.key))
}

const ROAD = /^(?:a|n|d|rn|rd)\d{1,4}[a-z]?$/

/** Counts the words of a kind of shop, a sign or a public place, with the name that an article introduces. */
function shopAt(words: readonly Word[], at: number, isFree: IsTaken): number {
  // "Audi A3" is no road.
  if (ROAD.test(words[at]?.key ?? '') && !FACT_WORDS.has(words[at - 1]?.key ?? '')) return 1
  const phrase =
    placePhrases.find(
      (keys) =>
        isSpanFree(words, at, keys.length, isFree) && keys.every((key, no) => words[at + no]?.key === key),
    ) ?? mistypedPlace(words[at]?.key ?? '')
  if (phrase === undefined) return 0
  const end = at + phrase.length
  return phrase.length + signAt(words, end, isFree)
}

/** Fewest letters of a kind of place that may be mistyped. */
const MISTYPED_LENGTH = 8
// Several of a kind, and people, are said in the facts.
const longPlaces = PLACES.filter(
  (word) =>
    !word.includes(' ') && word.length >= MISTYPED_LENGTH && !word.endsWith('s') && !TRADESPEOPLE.has(word),
)

/** Finds a long kind of place that is mistyped: "boulangeri". */
function mistypedPlace(typed: string): readonly string[] | undefined {
  if (typed.length < MISTYPED_LENGTH || typed.endsWith('s') || isKnown(typed)) return undefined
  const isMeant = longPlaces.some(
    (word) =>
      soundOf(word) === soundOf(typed) || (word.length > MISTYPED_LENGTH && differsByAtMost(word, typed, 1)),
  )
  return isMeant ? [typed] : undefined
}

/** Counts the words of a sign after a kind of shop: "le Balto", "de la halle", or a capital in a line that has others. */
function signAt(words: readonly Word[], end: number, isFree: IsTaken): number {
  let next = end
  while (next < end + 2 && /^(?:le|la|les|l|chez|de|du|des|d)$/.test(words[next]?.key ?? '')) next++
  const isIntroduced = next > end
  const isNamed = /^\p{Lu}\p{Ll}/u.test(words[next]?.text ?? '')
  if (!isIntroduced && !isNamed) return 0
  let count = 0
  while (count < 2 && isSignWord(words, next + count, isFree, count === 0 && isIntroduced)) count++
  return count === 0 || !isSpanFree(words, end, next - end + 1, isFree) ? 0 : next - end + count
}

function isSignWord(words: readonly Word[], at: number, isFree: IsTaken, mayBeKnown: boolean): boolean {
  const word = words[at]
  if (word === undefined || !isFree(at) || word.isBreak || LINKS.has(word.key)) return false
  return mayBeKnown ? !PERSONS.has(word.key) && word.key !== 'rue' : !isKnown(word.key)
}

/** Counts the words of "chez Paulette". */
function hostAt(words: readonly Word[], at: number, isFree: IsTaken): number {
  if (words[at]?.key !== 'chez') return 0
  return isSignWord(words, at + 1, isFree, false) ? 2 : 0
}
