import type { PlaceName } from '../../territory/contract.ts'
import { LIKENESS, type NameIndex, type NameMatch } from '../../territory/places/nearest.ts'
import { FUZZY_WORDS, matchBegin, NAME_MATCHES, nearestName, typedOf } from './commune-names.ts'
import { isKnown, PLACE_WORDS } from './known-words.ts'
import { DIRECTION, LINKS, STREETS } from './lexicon.ts'
import { covers, type IsTaken, isSpanFree, textBefore } from './spans.ts'
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

/** Finds the communes of a line: where it happened first, then those named as a direction. */
export function findCommunes(words: readonly Word[], index: NameIndex, isTaken: IsTaken): CommuneFound[] {
  const found = findCandidates(words, index, isTaken)
  const directions = found.filter(({ isDirection }) => isDirection)
  const best = found.filter(({ isDirection }) => !isDirection).sort((a, b) => b.score - a.score)[0]
  if (best !== undefined) return [best, ...directions]
  // "vma vers lezoux": nothing that could flee was named before, so it is about the place.
  const [near, ...others] = directions
  if (near === undefined || !/vers/.test(words[near.from]?.key ?? '') || !isAboutPlace(words, near, isTaken))
    return directions
  return [{ ...near, isDirection: false }, ...others]
}

/** Finds names in each manner, the surest first; words of a name found are not part of another. */
function findCandidates(words: readonly Word[], index: NameIndex, isTaken: IsTaken): Candidate[] {
  const found: Candidate[] = []
  const isFree = (at: number) => !isTaken(at) && !found.some((one) => covers(one, at))
  for (const match of NAME_MATCHES) {
    for (let start = 0; start < words.length; start++) {
      const candidate = longestFrom(words, start, (count) => match(words, start, count, index), isFree)
      if (candidate === undefined) continue
      const whole = match === matchBegin ? extended(words, candidate, index, isFree) : candidate
      if (!isPartOfOther(words, whole)) found.push(whole)
    }
    // A likeness is looked for only where no name is written as it is.
    if (match === matchBegin && found.some(({ isDirection }) => !isDirection)) break
  }
  return found
}

/** Returns the longest name whose words, with an introduction, start at an index. */
function longestFrom(
  words: readonly Word[],
  start: number,
  matchOf: (count: number) => NameMatch | undefined,
  isFree: IsTaken,
): Candidate | undefined {
  for (let count = Math.min(LONGEST_NAME, words.length - start); count >= 1; count--) {
    if (!isSpanFree(words, start, count, isFree)) continue
    const candidate = candidateOf(words, start, count, matchOf(count), isFree)
    if (candidate !== undefined) return candidate
  }
  return undefined
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
    const match = nearestName(index, typedOf(words, start, own + more), LIKENESS.sounds, LIKENESS.typo)
    if (match?.place.code === place.code && match.place.formerName === place.formerName)
      return { ...candidate, count: count + more }
  }
  return candidate
}

/** More inhabitants have a town: "agression Issoire sur pharmacienne" is about a person. */
const TOWN = 10_000

/**
 * Tells whether a name goes on as that of a commune outside the territory: "Lempdes-sur-Allagnon" is not Lempdes,
 * "Gourdon-Murat" not Murat-le-Quaire.
 */
function isPartOfOther(words: readonly Word[], { start, from, count, place }: Candidate): boolean {
  const end = from + count
  const isJoined = (at: number) => /^[-’']$/.test(words[at]?.gap ?? '')
  const isStrange = (word: Word | undefined) => word !== undefined && !word.isBreak && !isKnown(word.key)
  const isLink = (at: number) => LINKS.has(words[at]?.key ?? '') || NAME_LINK.test(words[at]?.key ?? '')
  let before = start - 1
  while (isLink(before) && isJoined(before + 1)) before--
  if (isJoined(start) && before >= 0 && !PLACE_WORDS.has(words[before]?.key ?? '')) return true
  if (words[end]?.isBreak !== false) return false
  if (isJoined(end)) return isLink(end) || isStrange(words[end])
  let next = end
  while (isLink(next)) next++
  if (next === end || (place.population ?? 0) >= TOWN || !isStrange(words[next])) return false
  const link = words[end]?.key ?? ''
  return NAME_LINK.test(link) || (link !== 'les' && /^(?:saint|st)e?$/.test(words[start]?.key ?? ''))
}

/** Words that only join the name of a commune, besides `LINKS`. */
const NAME_LINK = /^(?:sur|sous|lez|es)$/

function isAboutPlace(words: readonly Word[], { from }: Candidate, isTaken: IsTaken): boolean {
  return words.slice(0, from).every(({ key }, no) => isTaken(no) || LINKS.has(key) || PLACE_WORDS.has(key))
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

/** Tells whether a name is that of a street: "route de Thiers", "12 rue de Lyon". */
function isOfStreet(words: readonly Word[], start: number, isFree: IsTaken): boolean {
  const before = textBefore(words, start, isFree).split(' ')
  while (/^(?:de|du|des|d|la|le|les|l)$/.test(before.at(-1) ?? '')) before.pop()
  const linked = before.length < textBefore(words, start, isFree).split(' ').length
  const street = before.at(-1) ?? ''
  return linked && (STREETS.has(street) || /^(?:zac|za|zi|zone)$/.test(street))
}
