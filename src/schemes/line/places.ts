import { differsByAtMost, soundOf } from '../../territory/places/spelling.ts'
import { isKnown, isSeveral, placePhrases } from './known-words.ts'
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
} from './lexicon.ts'
import { covers, type IsTaken, isSpanFree, textBefore } from './spans.ts'
import { MONTHS } from './when.ts'
import type { Word } from './words.ts'

/** The words of the place within the commune, each part as typed. */
export interface PlaceFound {
  readonly from: number
  readonly count: number
  /** Words before it that are dropped: "au", "dans un". */
  readonly lead: number
}

const AWAY = /^(?:sortie|sortis?|sortant|fuite|par|via|prend|pris)$/

/** Words before a bank that is not where it happened: "faux chèque de banque". */
const OF_BANK = /(?:^| )(?:cheques?|cartes?|employee?|conseillere?|agent) (?:de|de la|d une)$/

/** Finds the streets, kinds of shops and public places that are named. */
export function findDetails(words: readonly Word[], isTaken: IsTaken): PlaceFound[] {
  const found: PlaceFound[] = []
  for (let at = 0; at < words.length; at++) {
    if (isTaken(at)) continue
    const isFree = (index: number) => !isTaken(index) && !found.some((one) => covers(one, index))
    const count = streetAt(words, at, isFree) || shopAt(words, at, isFree) || hostAt(words, at, isFree)
    if (count === 0) continue
    const before = textBefore(words, at, isFree)
    const key = words[at]?.key ?? ''
    if (isOnTheWay(words, at, before) || isPerson(key, before) || isOneOfSeveral(words, at)) continue
    const [beside, article] = besideBefore(before)
    const lead = beside > 0 ? 0 : wordsBefore(before, INSIDE)
    found.push({ from: at - beside - article - lead, count: count + beside + article + lead, lead })
    at += count - 1
  }
  return found
}

/** Tells whether a place is left, passed or fled to: "sortie de la gare", "direction la poste". */
function isOnTheWay(words: readonly Word[], at: number, before: string): boolean {
  return DIRECTION.test(before) || AWAY.test(words[at - 1]?.key ?? '') || OF_BANK.test(before)
}

/** Tells whether a word names a person by their trade, "la coiffeuse", and not their shop, "chez la coiffeuse". */
function isPerson(key: string, before: string): boolean {
  if (!TRADESPEOPLE.has(key) || !/(?:^| )(?:du|de la|de l|le|la|un|une)$/.test(before)) return false
  return !/(?:^| )chez (?:le|la|un|une)$/.test(before)
}

/** Tells whether several shops of a kind are counted, which names no place: "plusieurs commerces". */
function isOneOfSeveral(words: readonly Word[], at: number): boolean {
  return words[at]?.key.endsWith('s') === true && isSeveral(words[at - 1]?.key ?? '')
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
  // "Rue du 8 mai 1945"
  if (/^\d{4}$/.test(word.key) && MONTHS.includes(words[at - 1]?.key ?? '')) return true
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
  while (count < 2 && isSignWord(words, next + count, isFree, count === 0 ? isIntroduced : isNamed)) count++
  return count === 0 || !isSpanFree(words, end, next - end + 1, isFree) ? 0 : next - end + count
}

/** @param mayBeKnown whether a word that means something else may be a part of the sign: "le Cerf Rouge" */
function isSignWord(words: readonly Word[], at: number, isFree: IsTaken, mayBeKnown: boolean): boolean {
  const word = words[at]
  if (word === undefined || !isFree(at) || word.isBreak || LINKS.has(word.key)) return false
  return mayBeKnown
    ? !PERSONS.has(word.key) && word.key !== 'rue'
    : !isKnown(word.key) && !/^\d/.test(word.key)
}

/** Counts the words of "chez Paulette". */
function hostAt(words: readonly Word[], at: number, isFree: IsTaken): number {
  if (words[at]?.key !== 'chez') return 0
  return isSignWord(words, at + 1, isFree, false) ? 2 : 0
}
