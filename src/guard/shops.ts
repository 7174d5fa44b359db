import {
  type Edit,
  type Finding,
  followsClosely,
  inTextOrder,
  type Reading,
  rangeOfWords,
  withoutOverlaps,
} from './finding.ts'
import origins from './lexicon/origins.json' with { type: 'json' }
import persons from './lexicon/persons.json' with { type: 'json' }
import lexicon from './lexicon/shops.json' with { type: 'json' }
import { isArticle, isOrdinaryName, isTrade, matchNames, type NameMatch } from './members.ts'
import { indexPhrases, matchPhrase, wordSet } from './phrases.ts'
import { isAfterPlaceWord, placeAt } from './places.ts'
import { isCapitalised, isUpperCase, type Token } from './tokens.ts'

const common = wordSet(lexicon.common)
const goesOn = wordSet(lexicon['goes on'])
const at_ = wordSet(lexicon.at)
const chains = indexPhrases(lexicon.chains)
const ambiguousChains = indexPhrases(lexicon['ambiguous chains'])
const atAmbiguous = wordSet(lexicon['at an ambiguous one'])
const tradeNouns = wordSet(lexicon['trade nouns'])
const notShopNames = wordSet(lexicon['not shop names'])
const placeWords = wordSet(persons['place words'])
const publicNames = indexPhrases(persons['public names'])
const ofPeople = wordSet(origins['of people'])
/** Words after which the name of a street or a square continues: “boulangerie de la place | du Marché”. */
const STREETS = new Set([
  'place',
  'rue',
  'avenue',
  'route',
  'faubourg',
  'carrefour',
  'quartier',
  'passage',
  'parc',
])

/** Finds the names of members' shops, as listed by the scheme. */
export function findMemberNames(reading: Reading): Finding[] {
  if (reading.members === undefined) return []
  const found: Finding[] = []
  for (const match of matchNames(reading.members, reading.tokens)) {
    if (!namesShop(reading, match)) continue
    const count = match.end === 'beside' ? match.count : withoutTown(reading, match)
    const own = reading.tokens.slice(match.at, match.at + count)
    const isPlace = (at: number) => placeAt(reading.places, reading.tokens, match.at + at) > 0
    found.push({
      ...rangeOfWords(reading.tokens, match.at, count),
      ...(isOrdinaryName(own, isPlace) && { isPassable: true }),
      edit: replaceByShop(reading, match.at, count),
    })
  }
  return inTextOrder(found)
}

/** Returns the words without the town at the end of a name ("Intermarché Thiers"), which gives the place and may stay. */
function withoutTown({ tokens, places }: Reading, { at, count }: NameMatch): number {
  for (let kept = 1; kept < count; kept++) {
    if (placeAt(places, tokens, at + kept) < count - kept) continue
    let last = kept
    while (last > 1 && isArticle(tokens[at + last - 1]!.plain)) last--
    return last
  }
  return count
}

function namesShop(reading: Reading, { at, count, end, exact }: NameMatch): boolean {
  const { tokens, inCapitals, places } = reading
  const own = tokens.slice(at, at + count)
  if (end === 'beside' && own.some(({ plain }) => isArticle(plain))) return false
  const hasTrade = own.some(({ plain }) => isTrade(plain))
  if (isOfLongerName(reading, at + count)) return false
  if (!hasTrade && (isAfterPlaceWord(tokens, at) || matchPhrase(publicNames, tokens, at) > 0)) return false
  if (count > 1 && end !== 'short')
    return placeAt(places, tokens, at) < count && isDistinctive(own, inCapitals)
  if (!isCapitalised(own[0]!) || placeAt(places, tokens, at) > 0) return false
  // A name with a typo, or in a text in capitals, counts only where a shop is expected.
  return isIntroduced(tokens, at) || (end === 'whole' && exact && !inCapitals)
}

/** True when the word at `at` shows that the name before it is a part of another one, such as that of a street. */
function isOfLongerName({ tokens, inCapitals }: Reading, at: number): boolean {
  const next = tokens[at]
  if (next === undefined || !followsClosely(next)) return false
  if (goesOn.has(next.plain)) return true
  const isNamed = isCapitalised(next) || /^d[eu]?s?$/.test(next.plain)
  return STREETS.has(tokens[at - 1]!.plain) && isNamed && !inCapitals
}

/** True for several words that are a name wherever they are written, in small letters too. */
function isDistinctive(own: readonly Token[], inCapitals: boolean): boolean {
  const [first] = own
  if (own.some(({ plain }) => !isTrade(plain) && !common.has(plain) && !isArticle(plain))) return true
  return isTrade(first!.plain) || (isCapitalised(first!) && !first!.breaks && !inCapitals)
}

/** True after “au”, “chez”, a trade, or an opening quote. */
function isIntroduced(tokens: readonly Token[], at: number): boolean {
  const token = tokens[at]!
  const before = tokens[at - 1]
  if (before === undefined || token.breaks) return false
  return at_.has(before.plain) || isTrade(before.plain) || /["«“]\s*$/u.test(token.gap)
}

/**
 * Finds chains of shops, and shops named after their trade (“la bijouterie Morel”), as warnings because no list contains
 * them.
 */
export function findShopNames(reading: Reading, others: readonly Finding[]): Finding[] {
  return withoutOverlaps(inTextOrder([...findChains(reading), ...findNamedTrades(reading)]), others)
}

function findChains(reading: Reading): Finding[] {
  const { tokens, inCapitals } = reading
  const found: Finding[] = []
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i]!
    const before = tokens[i - 1]
    const clear = matchPhrase(chains, tokens, i)
    const count = Math.max(clear, matchPhrase(ambiguousChains, tokens, i))
    if (count === 0) continue
    const follows = before !== undefined && followsClosely(token)
    const introduced = follows && (at_.has(before.plain) || isTrade(before.plain))
    const certain = follows && atAmbiguous.has(before.plain)
    const named =
      clear > 0 ? introduced && !(inCapitals && before.plain === 'les') : certain && isCapitalised(token)
    if (named && !isAfterStreet(tokens, i)) {
      found.push({ ...rangeOfWords(tokens, i, count), edit: replaceByShop(reading, i, count) })
      i += count - 1
    }
  }
  return found
}

/** True for "avenue du Maréchal Leclerc", but not for "parking du Leclerc". */
function isAfterStreet(tokens: readonly Token[], at: number): boolean {
  for (let i = at - 1; i >= 0 && at - i <= 4; i--) {
    if (tokens[i + 1]!.breaks) return false
    const { plain } = tokens[i]!
    if (/^(?:general|marechal|philippe|gal|mal)$/.test(plain)) return true
    if (/^(?:rue|avenue|av|boulevard|bd|place|rond|point|quai|cours|square|pont|lycee|college)$/.test(plain))
      return true
    if (!isArticle(plain)) return false
  }
  return false
}

function findNamedTrades(reading: Reading): Finding[] {
  const { tokens, inCapitals, places } = reading
  if (inCapitals) return []
  const found: Finding[] = []
  for (let i = 0; i < tokens.length - 1; i++) {
    const at = tradeNouns.has(tokens[i]!.plain) ? startOfShopName(reading, i + 1) : undefined
    if (at === undefined || placeAt(places, tokens, i + 1) > 0) continue
    let last = at
    for (let next = last + 1; next - i < 6 && followsClosely(tokens[next]); next++) {
      if (isShopWord(reading, next)) last = next
      else if (!/^(?:un|une|du|de|la|des|et|l|d)$/.test(tokens[next]!.plain)) break
    }
    const count = last - i + 1
    found.push({ ...rangeOfWords(tokens, i, count), edit: replaceByShop(reading, i, count) })
    i = last
  }
  return found
}

/** Returns where a name after a trade starts, behind its article: "tabac Le Longchamp"; undefined when none follows. */
function startOfShopName(reading: Reading, from: number): number | undefined {
  const { tokens } = reading
  const first = tokens[from]!
  if (first.breaks || !/^[ \u00a0]+["«“]?[ \u00a0]?$/u.test(first.gap)) return undefined
  const quoted = /["«“]/u.test(first.gap)
  const hasArticle = isArticle(first.plain)
  const isOwnArticle = hasArticle && isCapitalised(first) && followsClosely(tokens[from + 1])
  if (hasArticle && !isOwnArticle) return undefined
  const at = isOwnArticle ? from + 1 : from
  return isShopWord(reading, at) || (quoted && /^\p{L}{2,}$/u.test(tokens[at]!.text)) ? at : undefined
}

function isShopWord({ tokens, places }: Reading, at: number): boolean {
  const token = tokens[at]
  if (token === undefined || !/^\p{Lu}[\p{L}\p{M}]+$/u.test(token.text)) return false
  if (isUpperCase(token) && token.text.length < 5) return false
  if (notShopNames.has(token.plain) || placeWords.has(token.plain) || ofPeople.has(token.plain)) return false
  return placeAt(places, tokens, at) === 0
}

/** Parts of a shop. */
const PARTS = new Set(['parking', 'facade', 'vitrine', 'caisse', 'reserve', 'entree', 'devanture', 'galerie'])
/** Words after which "un commerce" needs no further preposition. */
const LEADING = new Set(
  'dans devant derriere contre vers visant par sur pour avec et ou entre sous cible ciblant vise'.split(' '),
)
const IN = new Set(['au', 'aux', 'chez', 'a'])
const OF = new Set(['du', 'de', 'des', 'd'])
const ONE = new Set(['le', 'la', 'les', 'l', 'un', 'une', 'ce', 'cette'])

/** Returns the words that replace a shop, and where they start: before its trades and the small words before these. */
function wordsForShop(tokens: readonly Token[], at: number): { from: number; text: string } {
  let from = at
  const before = (steps: number) => {
    const token = tokens[from - steps]
    return token !== undefined && followsClosely(tokens[from - steps + 1]) ? token.plain : ''
  }
  while (isTrade(before(1)) && before(1) !== 'point') from--
  const word = before(1)
  if (PARTS.has(word)) return { from, text: "d'un commerce" }
  if (IN.has(word)) return { from: from - 1, text: 'dans un commerce' }
  if (OF.has(word)) return { from: from - 1, text: "d'un commerce" }
  if (ONE.has(word)) {
    if (IN.has(before(2))) return { from: from - 2, text: 'dans un commerce' }
    if (OF.has(before(2))) return { from: from - 2, text: "d'un commerce" }
    return { from: from - 1, text: 'un commerce' }
  }
  return { from, text: word === '' || LEADING.has(word) ? 'un commerce' : 'dans un commerce' }
}

/** Replaces the shop by "un commerce", with its trade and the small words before: "à la boulangerie X" → "dans un commerce". */
function replaceByShop(reading: Reading, at: number, count: number): Edit {
  const { tokens, inCapitals } = reading
  const { end } = rangeOfWords(tokens, at, count)
  const { from, text } = wordsForShop(tokens, at)
  const opening = /["«“]\s*$/u.exec(tokens[from]!.gap)
  const closing = /^\s*["»”]/u.exec(reading.text.slice(end))
  const quoted = tokens.slice(from, at + count).some((token, i) => i > 0 && /["«“]/u.test(token.gap))
  const wrapped = closing && (opening || quoted)
  const start = tokens[from]!.start - (closing && opening && !quoted ? opening[0].length : 0)
  return { start, end: wrapped ? end + closing[0].length : end, text: inCapitals ? text.toUpperCase() : text }
}
