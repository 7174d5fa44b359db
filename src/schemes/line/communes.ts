import type { PlaceName } from '../../territory/contract.ts'
import { LIKENESS, type Likeness, type NameIndex, type NameMatch } from '../../territory/places/nearest.ts'
import { FUZZY_WORDS, matchBegin, NAME_MATCHES, nearestName, typedOf } from './commune-names.ts'
import { isKnown, PLACE_WORDS } from './known-words.ts'
import { DIRECTION, LINKS, PERSONS, STREETS } from './lexicon.ts'
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
  readonly likeness: Likeness
  /** The words of the name alone. */
  readonly start: number
}

/** A name of a commune has at most as many words. */
const LONGEST_NAME = 8
const INTRODUCTION =
  /(?:^| )((?:commune de|(?<!centre )ville de|secteur de|secteur|commune d|a|au|aux|de|du|des|d|sur|en)(?: (?:la|le|les|l))?)$/

/** The middle of a commune, which says no more than its name. */
const CENTRE =
  /(?:^| )((?:(?:en plein|au|dans le|le|sur la|de la|la|du) )?(?:centre|coeur|place) (?:de|du|des|d)(?: (?:la|le|les|l))?)$/

/** Finds the communes of a line: where it happened first, then those named as a direction. */
export function findCommunes(words: readonly Word[], index: NameIndex, isTaken: IsTaken): CommuneFound[] {
  const named = findCandidates(words, index, isTaken, isOfStreet)
  // "Place de Billom" names the commune where nothing else does.
  const isSure = named.some(({ isDirection }) => !isDirection)
  const found = isSure ? named : findCandidates(words, index, isTaken, isOfRoad)
  const directions = found.filter(({ isDirection }) => isDirection)
  const best = bestOf(
    words,
    found.filter(({ isDirection }) => !isDirection),
  )
  if (best !== undefined) return [best, ...directions]
  // "vma vers lezoux": nothing that could flee was named before, so it is about the place.
  const [near, ...others] = directions
  if (near === undefined || !/vers/.test(words[near.from]?.key ?? '') || !isAboutPlace(words, near, isTaken))
    return directions
  return [{ ...near, isDirection: false }, ...others]
}

/**
 * Chooses where it happened. The name that is said first is meant, whatever is said later of those who did it ("habite à
 * Thiers"), unless it may be the name of the shop: "garage Chamalières à Issoire".
 */
function bestOf(words: readonly Word[], found: readonly Candidate[]): Candidate | undefined {
  const [best] = found.toSorted((a, b) => b.score - a.score)
  if (best === undefined) return undefined
  const mayBeSign = ({ start, from, count }: Candidate) =>
    PLACE_WORDS.has(words[start - 1]?.key ?? '') &&
    !words.slice(from + count, best.start).some(({ key }) => PERSONS.has(key))
  const [first] = found
    .filter((one) => one.start < best.start && (one.likeness <= best.likeness || isBegunTown(words, one)))
    .filter((one) => !mayBeSign(one))
    .toSorted((a, b) => a.start - b.start)
  return first ?? best
}

function isTown({ place }: Candidate): boolean {
  return (place.population ?? 0) >= TOWN
}

/** Letters from which the beginning of a name means that commune alone: "Clermont", but not "Pont". */
const LONG_BEGIN = 6

/** Tells whether a town is named by the beginning of its name. */
function isBegunTown(words: readonly Word[], candidate: Candidate): boolean {
  return isTown(candidate) && (words[candidate.start]?.key.length ?? 0) >= LONG_BEGIN
}

/** Finds names in each manner, the surest first; words of a name found are not part of another. */
function findCandidates(
  words: readonly Word[],
  index: NameIndex,
  isTaken: IsTaken,
  isStreet: typeof isOfStreet,
): Candidate[] {
  const found: Candidate[] = []
  const isFree = (at: number) => !isTaken(at) && !found.some((one) => covers(one, at))
  for (const match of NAME_MATCHES) {
    for (let start = 0; start < words.length; start++) {
      const candidate = longestFrom(
        words,
        start,
        (count) => match(words, start, count, index),
        isFree,
        isStreet,
      )
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
  isStreet: typeof isOfStreet,
): Candidate | undefined {
  for (let count = Math.min(LONGEST_NAME, words.length - start); count >= 1; count--) {
    if (!isSpanFree(words, start, count, isFree)) continue
    const candidate = isStreet(words, start, isFree)
      ? undefined
      : candidateOf(words, start, count, matchOf(count), isFree)
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

/** A commune of so many inhabitants is a town, which is seldom a part of another name: "agression Issoire sur vigile". */
const TOWN = 10_000

/**
 * Tells whether a name goes on as that of a commune outside the territory: "Lempdes-sur-Allagnon" is not Lempdes,
 * "Gourdon-Murat" not Murat-le-Quaire.
 */
function isPartOfOther(words: readonly Word[], whole: Candidate): boolean {
  const { start, from, count } = whole
  const end = from + count
  // By a hyphen: "d'Issoire" is Issoire.
  const isJoined = (at: number) => words[at]?.gap === '-'
  const isStrange = (word: Word | undefined) => word !== undefined && !word.isBreak && !isKnown(word.key)
  const isLink = (at: number) => LINKS.has(words[at]?.key ?? '') || NAME_LINK.test(words[at]?.key ?? '')
  let before = start - 1
  while (isLink(before) && isJoined(before + 1)) before--
  if (isJoined(start) && before >= 0 && !PLACE_WORDS.has(words[before]?.key ?? '')) return true
  if (words[end]?.isBreak !== false) return false
  if (isJoined(end)) return isLink(end) || isStrange(words[end])
  let next = end
  while (isLink(next)) next++
  if (next === end || isTown(whole) || !isStrange(words[next])) return false
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
  if (match === undefined) return undefined
  const before = textBefore(words, start, isFree)
  const isArrow = /[-=]>|→/.test(words[start]?.gap ?? '')
  const isBetween = /(?:^| )entre$/.test(before)
  const direction = DIRECTION.exec(before)?.[1]
  const introduction = direction ?? CENTRE.exec(before)?.[1] ?? INTRODUCTION.exec(before)?.[1]
  const lead = introduction === undefined ? 0 : introduction.split(' ').length
  const isIntroduced = introduction !== undefined && direction === undefined
  return {
    place: match.place,
    from: start - lead,
    count: count + lead,
    start,
    isDirection: direction !== undefined || isArrow,
    isBetween,
    likeness: match.likeness,
    score: 100 - 10 * match.likeness + 2 * count + (isIntroduced ? 8 : 0) - start / 2,
  }
}

/** Tells whether a name is that of a street: "route de Thiers", "12 rue de Lyon", "quartier Saint-Jacques". */
function isOfStreet(words: readonly Word[], start: number, isFree: IsTaken): boolean {
  const { street, isLinked } = streetBefore(words, start, isFree)
  return street === 'quartier' || (isLinked && (STREETS.has(street) || ZONE.test(street)))
}

/** Tells whether a name can only be that of a street. A place, a centre or a zone may be that of the commune. */
function isOfRoad(words: readonly Word[], start: number, isFree: IsTaken): boolean {
  const { street } = streetBefore(words, start, isFree)
  return isOfStreet(words, start, isFree) && !ZONE.test(street) && !/^(?:place|centre)$/.test(street)
}

const ZONE = /^(?:zac|za|zi|zone)$/

function streetBefore(words: readonly Word[], start: number, isFree: IsTaken) {
  const before = textBefore(words, start, isFree).split(' ')
  const count = before.length
  while (/^(?:de|du|des|d|la|le|les|l)$/.test(before.at(-1) ?? '')) before.pop()
  return { street: before.at(-1) ?? '', isLinked: before.length < count }
}
