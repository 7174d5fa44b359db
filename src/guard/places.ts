import { type Finding, type Reading, rangeOfWords } from './finding.ts'
import lexicon from './lexicon/message.json' with { type: 'json' }
import persons from './lexicon/persons.json' with { type: 'json' }
import shops from './lexicon/shops.json' with { type: 'json' }
import { addPhrase, indexPhrases, matchPhrase, type Phrases, wordSet } from './phrases.ts'
import { isCapitalised, isUpperCase, plainOf, type Token, tokenize } from './tokens.ts'

const placeWords = wordSet(persons['place words'])
const civilities = wordSet(persons.civilities, persons.titles, persons.particles)
const alsoWords = wordSet(lexicon['also words'])
/** Words of street and shop names that are no commune on their own: Château, Pont, Bois. */
const notShortNames = new Set([...alsoWords, ...placeWords, ...wordSet(shops.common), 'saint', 'sainte'])
const areas = indexPhrases(lexicon.areas)
const BEFORE_A_PLACE = new Set(['a', 'de', 'd', 'vers', 'sur', 'agglomeration', 'secteur'])
const elsewhere = wordSet(lexicon.elsewhere)
const namedAfterPlaces = wordSet(lexicon['named after places'])
const LOCATING = new Set(['a', 'au', 'aux'])
const LEADING = new Set(['le', 'la', 'les', 'l'])

/** Matches the suffix that people omit: Cournon-d'Auvergne is called Cournon, Clermont-Ferrand Clermont. */
const SHORT_NAME =
  /^(\p{L}{4,})-(?:d['’]|l['’]|(?:de|du|des|en|et|la|le|les|sur|sous|lès)(?!\p{L})|(?<=\p{L}{8}-)\p{L})/u

/** Indexes the names of communes and areas, to be found with or without their article: "au Mont-Dore". */
export function indexPlaces(names: readonly string[]): Phrases {
  const all: string[] = []
  for (const name of names) {
    all.push(name)
    const [first] = tokenize(name)
    if (first === undefined) continue
    if (LEADING.has(first.plain)) all.push(name.slice(first.end).replace(/^[\s'’-]+/u, ''))
    const short = SHORT_NAME.exec(name)?.[1]
    if (short !== undefined && !notShortNames.has(plainOf(short))) all.push(short)
  }
  return indexPhrases(all)
}

/** Returns how many words name a place of the scheme (or a département) from the word at `at` on. */
export function placeAt(places: Phrases | undefined, tokens: readonly Token[], at: number): number {
  const count = Math.max(places ? matchPhrase(places, tokens, at) : 0, matchPhrase(areas, tokens, at))
  const token = tokens[at]
  if (count !== 1 || token === undefined) return count
  return isPlaceHere(tokens, at) ? 1 : 0
}

/** Returns whether a single word that is the name of a place is used as one. */
function isPlaceHere(tokens: readonly Token[], at: number): boolean {
  const token = tokens[at]!
  if (isCapitalised(token)) return true
  // A short or ordinary word in lower case is a place only where one is expected, or never.
  if (alsoWords.has(token.plain)) return false
  return token.plain.length > 4 || BEFORE_A_PLACE.has(tokens[at - 1]?.plain ?? '')
}

const namesOf = new WeakMap<readonly string[], Phrases>()

/** Matches the part of a name with Saint that people use: "St-Éloy" is Saint-Éloy-les-Mines. */
const SHORT_SAINT = /^(Sainte?-\p{Lu}[\p{L}'’]*)-\P{Lu}/u

/** Returns whether a text contains one of the names of the commune of the facts, and not only another one with the same start. */
export function namesCommune({ tokens, places }: Reading, names: readonly string[]): boolean {
  let own = namesOf.get(names)
  if (own === undefined) {
    own = indexPlaces(names.flatMap((name) => [name, SHORT_SAINT.exec(name)?.[1] ?? name]))
    namesOf.set(names, own)
  }
  for (let i = 0; i < tokens.length; ) {
    const count = matchPhrase(own, tokens, i)
    const other = places === undefined ? 0 : matchPhrase(places, tokens, i)
    // The article of "Le Port" is not enough: "vers le port" is not a commune.
    const word = count === 2 && LEADING.has(tokens[i]!.plain) ? i + 1 : i
    const isOneWord = count === 1 || word > i
    if (count > 0 && count >= other && (!isOneWord || isPlaceHere(tokens, word))) return true
    i += Math.max(count, other, 1)
  }
  return false
}

/** Number of words back in which a street word is searched for: "rue du Docteur Jean Calmette". */
const REACH = 5

/** Returns whether the word at `at` is part of the name of a street, a square, a school… */
export function isAfterPlaceWord(tokens: readonly Token[], at: number): boolean {
  for (let i = at; i > 0 && at - i < REACH; i--) {
    const token = tokens[i]!
    if (token.breaks || /[,;:()"«»]/u.test(token.gap)) return false
    const before = tokens[i - 1]!
    if (placeWords.has(before.plain)) return true
    const linking = civilities.has(before.plain) || before.plain === 'saint' || before.plain === 'sainte'
    if (!linking && !isCapitalised(before)) return false
    if (isUpperCase(before) && before.plain.length > 9) return false
  }
  return false
}

/**
 * Finds the places of the scheme that a text names as the place of its facts and that are none of its own. Where somebody
 * goes, comes from or was seen is another matter: "vers Lezoux", "vus à Lezoux"; and so is a street: "route de Lezoux".
 * @param own names of the commune of the facts, and the words of the alerted area
 */
export function findOtherPlaces(reading: Reading, own: readonly string[]): Finding[] {
  const { tokens, places } = reading
  if (places === undefined) return []
  const names = indexPlaces([...own, ...own.flatMap((name) => [SHORT_SAINT.exec(name)?.[1] ?? name])])
  for (const name of own) addPlacesIn(name, places, names)
  const found: Finding[] = []
  for (let i = 0; i < tokens.length; ) {
    const count = matchPhrase(places, tokens, i)
    const isOwn = matchPhrase(names, tokens, i) >= count
    if (count > 0 && !isOwn && isOtherPlace(reading, i, count)) found.push(rangeOfWords(tokens, i, count))
    i += Math.max(count, matchPhrase(names, tokens, i), 1)
  }
  return found
}

/** Adds the places named inside the words of an area: Issoire in "agglomération d'Issoire". */
function addPlacesIn(words: string, places: Phrases, names: Phrases): void {
  const tokens = tokenize(words)
  for (let i = 0; i < tokens.length; i++) {
    const count = matchPhrase(places, tokens, i)
    if (count > 0) addPhrase(names.root, tokens.slice(i, i + count))
  }
}

function isOtherPlace({ tokens, inCapitals }: Reading, at: number, count: number): boolean {
  // The article of "Le Port" says nothing: the word after it must be a name.
  const first = tokens[at]!
  const hasArticle = count > 1 && LEADING.has(first.plain)
  const word = tokens[hasArticle ? at + 1 : at]!
  const before = tokens[at - 1]
  const isIntroduced = before !== undefined && !first.breaks && LOCATING.has(before.plain)
  if (count === (hasArticle ? 2 : 1)) {
    const isOrdinary = alsoWords.has(word.plain) || word.plain.length < 4
    if (
      isOrdinary
        ? !(isIntroduced && isCapitalised(word) && !inCapitals)
        : !isCapitalised(word) && !isIntroduced
    )
      return false
  }
  return !isElsewhere(tokens, at)
}

/** Returns whether the clause before the word at `at` makes it a direction, a street or a service, not the place of the facts. */
function isElsewhere(tokens: readonly Token[], at: number): boolean {
  for (let i = at; i > 0 && !tokens[i]!.breaks; i--) {
    if (/[:;()]/u.test(tokens[i]!.gap)) return false
    const before = tokens[i - 1]!
    // "vers 2h10 à Thiers" is an hour.
    if (elsewhere.has(before.plain) && !/^\d/.test(tokens[i]!.text)) return true
    if (/,/u.test(tokens[i]!.gap)) return false
    const isOf = !LOCATING.has(tokens[at - 1]!.plain) && at - i < REACH
    if (isOf && namedAfterPlaces.has(before.plain)) return true
  }
  return false
}
