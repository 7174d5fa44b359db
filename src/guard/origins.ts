import { isAgeAt, isAmongThings, isListed } from './apposition.ts'
import {
  continuesWith,
  type Edit,
  type Finding,
  followsClosely,
  inTextOrder,
  type Reading,
  rangeOfWords,
} from './finding.ts'
import people from './lexicon/descriptions.json' with { type: 'json' }
import origins from './lexicon/origins.json' with { type: 'json' }
import { findPhrases, indexPhrases, matchPhrase, wordSet } from './phrases.ts'
import { isAfterPlaceWord, placeAt } from './places.ts'
import { isCapitalised, isNumber, type Token } from './tokens.ts'

const always = indexPhrases(origins.always, origins.slurs)
/** Features that describe a person and are never nouns for one. */
const features = indexPhrases(origins.skin, origins.accents, origins.faith)
const ofPeople = indexPhrases(origins['of people'])
const colours = wordSet(origins.colours)
const skinColours = wordSet(origins['skin colours'])
const alsoThings = wordSet(origins['also things'])
const announcing = wordSet(origins.announcing)
const notOfPeople = wordSet(origins['not of people'])
const notBefore = wordSet(origins['not before'])
const goods = wordSet(origins.goods)
const languageWords = wordSet(origins['language words'])
const looks = wordSet(people.looks)
const young = wordSet(people.young)
const otherColours = wordSet(people['other colours'])
const seen = wordSet(people['seen doing'])
const persons = wordSet(people.people, origins.occupations)

const COUNTS = new Set(
  'deux trois quatre cinq six des les plusieurs quelques certains certaines ces d jeunes groupe bande'.split(
    ' ',
  ),
)
const COPULAS = new Set('est sont etait etaient serait seraient semble semblent parait paraissent'.split(' '))
const ONE = new Set(['un', 'une', 'le', 'la', 'l', 'ce', 'cet', 'cette', 'jeune'])
/** Words between a person and a word of origin: “homme d'origine roumaine”, “femme très typée”. */
const LINKS = new Set(
  'de d du type accent origine origines nationalite nationalites apparence physique tres plutot probablement vraisemblablement sans doute confession religion ethnie race avec un une l des et a au la le aux en'.split(
    ' ',
  ),
)

/** Finds origin, skin colour and faith of persons, but not of cars, banknotes or dishes. */
export function findOrigins(reading: Reading): Finding[] {
  const { tokens } = reading
  const found: Finding[] = []
  const taken = new Set<number>()
  // The name of a commune: "Montaigut-le-Blanc".
  for (let i = 0; i < tokens.length; i++) {
    const count = placeAt(reading.places, tokens, i)
    for (let k = 0; k < count; k++) taken.add(i + k)
  }
  for (const { at, count } of [...findPhrases(features, tokens), ...findPhrases(always, tokens)]) {
    if (
      isAfterPlaceWord(tokens, at) ||
      isOfThing(tokens, at) ||
      (at > 0 && !tokens[at]!.breaks && notOfPeople.has(tokens[at - 1]!.plain))
    )
      continue
    for (let i = at; i < at + count; i++) taken.add(i)
    found.push(originFinding(reading, at, count))
  }
  for (const { at, count } of findPhrases(ofPeople, tokens)) {
    if (taken.has(at) || isAfterPlaceWord(tokens, at) || isOfThing(tokens, at)) continue
    if (isOfPerson(tokens, at) || isListedPerson(tokens, at)) found.push(originFinding(reading, at, count))
  }
  return mergeAdjacent(inTextOrder(found), reading.text)
}

/** Words between a thing and its description: "vase de type chinois", "meubles d'origine italienne", "tapis de style persan". */
const OF_THINGS = new Set(
  'd de du en type style genre facture fabrication provenance origine inspiration ecole epoque'.split(' '),
)
/** Number of words back in which a thing is searched for. */
const THING_REACH = 4
/** Verbs for what a person does or suffers: their subject is not a thing. */
const DOING =
  /^(?:ont|est|sont|volent|vue?s?|armee?s?|arrivent?|agressent?|menacent?|recherchee?s?|fuit|fuient|tentent?)$/
/** Participles for things that were taken or found: "ont été volés", "est dérobé". */
const TAKEN = /^(?:volee?s?|derobee?s?|retrouvee?s?)$/

/** True when the word describes a thing: a named one, whatever words are between, or an implied one. */
function isOfThing(tokens: readonly Token[], at: number): boolean {
  for (let i = at; i > 0 && at - i < THING_REACH && followsClosely(tokens[i]); i--) {
    const { plain } = tokens[i - 1]!
    if (goods.has(plain)) return !isActing(tokens, at + 1)
    if (!OF_THINGS.has(plain)) break
  }
  return isNameOfShop(tokens, at) || isDatedThing(tokens, at) || isCountedThing(tokens, at)
}

/** True when the words after the origin are about a person: "en fuite", "recherché", "de 40 ans". */
function isActing(tokens: readonly Token[], from: number): boolean {
  const next = tokens[from]
  const after = tokens[from + 1]
  if (next === undefined || next.breaks) return false
  if (isAgeAt(tokens, from) || seen.has(next.plain)) return true
  if (next.plain === 'en') return after?.plain === 'fuite'
  // The verb "a", not the preposition "à".
  if (next.text !== 'a' && !DOING.test(next.plain)) return false
  const isTaken = ['a', 'ont'].includes(next.plain) ? after?.plain === 'ete' : TAKEN.test(after?.plain ?? '')
  return !(['a', 'ont', 'est', 'sont'].includes(next.plain) && isTaken)
}

/** True for the name of a shop: "restaurant L'Italien". */
function isNameOfShop(tokens: readonly Token[], at: number): boolean {
  const article = tokens[at - 1]
  const shop = tokens[at - 2]
  if (article === undefined || shop === undefined || !followsClosely(tokens[at]) || !followsClosely(article))
    return false
  if (!['l', 'le', 'la', 'au'].includes(article.plain)) return false
  return notOfPeople.has(shop.plain) && isCapitalised(tokens[at]!)
}

/** Places of period furniture and art, where things need not be named. */
const KEEPERS = /^(?:antiquaires?|brocant(?:es?|eurs?)|galeries?|musees?|chateaux?)$/

/** True when the sentence of a word is about things, before or after it. */
function namesThing(tokens: readonly Token[], at: number): boolean {
  const isOne = ({ plain }: Token) => goods.has(plain) || KEEPERS.test(plain)
  for (let i = at; i > 0 && !tokens[i]!.breaks; i--) if (isOne(tokens[i - 1]!)) return true
  for (let i = at + 1; i < tokens.length && !tokens[i]!.breaks; i++) if (isOne(tokens[i]!)) return true
  return false
}

/**
 * True for a period or a material next to a thing: "une commode, un italien du XVIIe", "un anglais de 1850", "deux chinois en
 * porcelaine".
 */
function isDatedThing(tokens: readonly Token[], at: number): boolean {
  const [link, what, after] = tokens.slice(at + 1, at + 4)
  if (link === undefined || what === undefined || link.breaks) return false
  // A century describes things, never persons.
  if (!isCentury(after) && !namesThing(tokens, at)) return false
  if (tokens.slice(Math.max(0, at - 3), at).some(({ plain }) => plain === 'par')) return false
  if (isActing(tokens, at + 3) || isActing(tokens, at + 4)) return false
  return isMaterialOrPeriod(link, what, after)
}

const isCentury = (token: Token | undefined) => token?.plain === 'siecle' && !token.breaks

/** True for "en porcelaine", "d'époque", "de 1850", "du XIXe" and "du début". @param after the word behind them */
function isMaterialOrPeriod(link: Token, what: Token, after: Token | undefined): boolean {
  if (link.plain === 'en')
    return /^(?:bois|bronze|marbre|porcelaine|faience|acajou|noyer|merisier)$/.test(what.plain)
  if (!['du', 'de', 'd'].includes(link.plain)) return false
  if (link.plain === 'd') return what.plain === 'epoque'
  // A year before the birth of anyone alive.
  if (link.plain === 'de') return /^1[0-8]\d\d$/.test(what.plain)
  if (after !== undefined && !after.breaks && after.plain === 'arrondissement') return false
  if (/^(?:debut|milieu|debut|fin)$/.test(what.plain)) return true
  return /^[xvi]+e(?:me)?$/.test(what.plain) || (/^1?\d(?:e|eme)$/.test(what.plain) && isCentury(after))
}

const NUMBERS = ['un', 'deux', 'trois', 'quatre', 'cinq', 'six', 'sept', 'huit', 'neuf', 'dix']

function numberOf(token: Token | undefined): number {
  if (token === undefined) return 0
  if (token.plain === 'une') return 1
  const written = NUMBERS.indexOf(token.plain)
  return written < 0 ? (/^\d{1,2}$/.test(token.plain) ? Number(token.plain) : 0) : written + 1
}

/**
 * True when as many things are listed as were counted, in at least two items: "deux pianos, un allemand et un japonais".
 * Otherwise the ones counted after a thing may be the offenders.
 */
function isCountedThing(tokens: readonly Token[], at: number): boolean {
  let from = at
  while (from > 0 && !tokens[from]!.breaks) from--
  for (let i = at - 1; i > from; i--) {
    const counted = numberOf(tokens[i - 1])
    if (counted < 2 || !goods.has(tokens[i]!.plain)) continue
    const items = itemsBehind(tokens, i + 1)
    if (items.length < 2 || !items.some((item) => item.at === at)) return false
    if (items.reduce((sum, { count }) => sum + count, 0) !== counted) return false
    return !isActing(tokens, items.at(-1)!.at + 1)
  }
  return false
}

/** Matches styles and schools that describe things like a nationality and are not listed for people. */
const SCHOOLS =
  /^(?:flamand|autrichien|persan|venitien|florentin|provencal|breton|alsacien|lorrain|normand|comtois)n?e?s?$/

/** Lists the items after a thing: "un allemand et un japonais", "un anglais du XIXe, deux italiens". */
function itemsBehind(tokens: readonly Token[], from: number): { at: number; count: number }[] {
  const items: { at: number; count: number }[] = []
  for (let i = from; i < tokens.length - 1 && !tokens[i]!.breaks; i++) {
    const count = numberOf(tokens[i])
    const isItem = matchPhrase(ofPeople, tokens, i + 1) > 0 || SCHOOLS.test(tokens[i + 1]!.plain)
    if (count > 0 && isItem) items.push({ at: i + 1, count })
    else if (persons.has(tokens[i]!.plain)) break
  }
  return items
}

/** Merges adjacent findings, so that "typé méditerranéen" is one remark. */
function mergeAdjacent(findings: readonly Finding[], text: string): Finding[] {
  const all: Finding[] = []
  for (const one of findings) {
    const last = all.at(-1)
    const from = last && text.slice(last.end, one.start).trim() === '' ? last : undefined
    if (from === undefined) all.push(one)
    else {
      const start = from.edit?.start ?? from.start
      all[all.length - 1] = { start: from.start, end: one.end, edit: { start, end: one.end, text: '' } }
    }
  }
  return all
}

function isOfPerson(tokens: readonly Token[], at: number): boolean {
  const { plain } = tokens[at]!
  const before = tokens[at - 1]
  if (before === undefined || !followsClosely(tokens[at])) return false
  if (isAfterPlaceWord(tokens, at) || notOfPeople.has(before.plain)) return false
  if (persons.has(before.plain))
    return !(before.plain === 'type' && colours.has(plain)) || before.text === 'type'
  if (announcing.has(before.plain)) return before.plain !== 'famille' || !colours.has(plain)
  return judgeByWordBefore(tokens, at, before) ?? isNounForPerson(tokens, at)
}

/** Decides by a person two words before; undefined when there is none, or the word between them does not decide. */
function judgeByWordBefore(tokens: readonly Token[], at: number, before: Token): boolean | undefined {
  const second = tokens[at - 2]
  if (second === undefined) return undefined
  // Handles "l'auteur serait italien".
  if (COPULAS.has(before.plain) && persons.has(second.plain) && followsClosely(before)) return true
  // In "deux femmes et un homme roumains" the nearest person decides; "individu très noir" has an adverb in between.
  if (!before.breaks && persons.has(second.plain)) {
    if (['tres', 'plutot'].includes(before.plain)) return true
    // Handles "homme jeune roumain" and "femme blonde russe".
    if (!colours.has(tokens[at]!.plain) && !ONE.has(before.plain) && !LINKS.has(before.plain))
      return !isVerbLike(before.plain)
  }
  const isAnnounced = ['d', 'de', 'nationalite'].includes(before.plain) && announcing.has(second.plain)
  return isAnnounced ? true : undefined
}

const INDEFINITE = new Set(['un', 'une', 'ce', 'cet', 'cette', 'd', 'quelques', 'certains', 'certaines'])

/** True when an article or a number makes the word a person: "un black", "deux Noirs", "le musulman", "un grand asiatique". */
function isNounForPerson(tokens: readonly Token[], at: number): boolean {
  const token = tokens[at]!
  let from = at
  while (from > 1 && young.has(tokens[from - 1]!.plain) && followsClosely(tokens[from - 1])) from--
  const before = tokens[from - 1]!
  if (!isDeterminedBy(before, token) || isInName(tokens, from, at)) return false
  if (isLanguageShopOrManner(tokens, from - 1) || isCountry(before, token)) return false
  if (isCapitalised(token) && !/^[a-z]$/.test(token.plain) && from === at) return true
  if (skinColours.has(token.plain)) return isColourOfPerson(tokens, from, at)
  return !(alsoThings.has(token.plain) && !INDEFINITE.has(before.plain))
}

/** True when `before` is an article, or a number and the noun a plural or a capitalised word. */
function isDeterminedBy(before: Token, noun: Token): boolean {
  const isMany = COUNTS.has(before.plain) || isNumber(before)
  return isMany ? /[sx]$/.test(noun.plain) || isCapitalised(noun) : ONE.has(before.plain)
}

/**
 * True inside names: "Montaigut-le-Blanc", "Black Friday", "Black & Decker", "Le Petit Noir".
 * @param from where the adjectives before the word start
 */
function isInName(tokens: readonly Token[], from: number, at: number): boolean {
  const token = tokens[at]!
  if (token.gap === '-' && tokens[at - 1]!.gap === '-') return true
  if (continuesWith(tokens, at + 1, notBefore)) return true
  return from < at && isCapitalised(tokens[at - 1]!) && isCapitalised(token)
}

/**
 * True when the article at `at` follows a word that makes its noun a manner, a language or a shop: "à l'italienne",
 * "parle le roumain", "traduit en un anglais correct", "au comptoir de l'Asiatique".
 */
function isLanguageShopOrManner(tokens: readonly Token[], at: number): boolean {
  const article = tokens[at]!
  const before = tokens[at - 1]
  if (before === undefined || article.breaks) return false
  return (
    languageWords.has(before.plain) ||
    (before.plain === 'de' && notOfPeople.has(tokens[at - 2]?.plain ?? '')) ||
    (before.plain === 'a' && ['l', 'la'].includes(article.plain))
  )
}

/** True for "à l'étranger" and "vers la Suisse". */
function isCountry(article: Token, noun: Token): boolean {
  return (
    (article.plain === 'l' && /^etrangers?$/.test(noun.plain)) ||
    (article.plain === 'la' && noun.plain === 'suisse')
  )
}

/**
 * True for "un noir de 20 ans" and "par deux noirs"; false for "deux scooters, un noir et un gris", "un petit noir", "le
 * noir".
 */
function isColourOfPerson(tokens: readonly Token[], from: number, at: number): boolean {
  const before = tokens[from - 1]!
  if (isAgeAt(tokens, at + 1)) return true
  if (!INDEFINITE.has(before.plain) && !isNumber(before) && !COUNTS.has(before.plain)) return false
  if (tokens[from - 2]?.plain === 'par' && !before.breaks) return true
  // “Un petit noir” is a coffee.
  if (from < at && /^petite?s?$/.test(tokens[at - 1]!.plain)) return false
  const around = tokens.slice(at + 1, at + 4)
  if (around.some((one) => otherColours.has(one.plain) || skinColours.has(one.plain))) return false
  const behind = tokens.slice(Math.max(0, at - 5), from)
  if (behind.some((one) => otherColours.has(one.plain))) return false
  return !isAmongThings(tokens, at)
}

/**
 * True for a listed word without an article that can only mean a person: "auteur : asiatique, 20 ans", "à 14h, noir, en
 * fuite", "Musulman en fuite".
 */
function isListedPerson(tokens: readonly Token[], at: number): boolean {
  const next = at + 1
  if (continuesWith(tokens, next, notBefore)) return false
  const isShown =
    isAgeAt(tokens, next) ||
    continuesWith(tokens, next, looks) ||
    continuesWith(tokens, next, seen) ||
    isFleeing(tokens, next)
  if (tokens[at]!.breaks) return isShown && !isAmongThings(tokens, at + 2, at)
  if (!isListed(tokens, at)) return false
  const holder = tokens[at - 1]
  const known =
    holder !== undefined && (persons.has(holder.plain) || looks.has(holder.plain) || isAgeBefore(tokens, at))
  return (known || isShown) && !isAmongThings(tokens, at)
}

/** True for "en fuite" in the same sentence. */
function isFleeing(tokens: readonly Token[], at: number): boolean {
  const token = tokens[at]
  return token?.plain === 'en' && !token.breaks && tokens[at + 1]?.plain === 'fuite'
}

/** True when an age precedes: "homme, 20 ans, noir". */
function isAgeBefore(tokens: readonly Token[], at: number): boolean {
  return tokens[at - 1]?.plain === 'ans'
}

function isVerbLike(plain: string): boolean {
  return /(?:ent|ant|ait|ont|est|sont|nt)$/.test(plain)
}

const QUALIFYING = new Set(
  'd de des du un une avec type origine origines nationalite nationalites apparence ethnie race confession religion accent physique allure'.split(
    ' ',
  ),
)
function originFinding(reading: Reading, at: number, count: number): Finding {
  const place = rangeOfWords(reading.tokens, at, count)
  const edit = nounEdit(reading, at, count, place) ?? featureEdit(reading.tokens, at, count, place)
  return { ...place, edit }
}

/** Builds the change of a word that stands for a person: "deux Roumains" → "deux personnes"; undefined for other words. */
function nounEdit(
  { tokens, inCapitals }: Reading,
  at: number,
  count: number,
  place: { readonly start: number; readonly end: number },
): Edit | undefined {
  const token = tokens[at]!
  if (matchPhrase(features, tokens, at) > 0 || /^(?:type|pays|europe|afrique|issus?)$/.test(token.plain))
    return undefined
  const words = (text: string) => (inCapitals ? text.toUpperCase() : text)
  const inNumber = (noun: string) => words(/s$/.test(token.plain) ? `${noun}s` : noun)
  const before = followsClosely(token) ? tokens[at - 1] : undefined
  if (before !== undefined) {
    // Handles "un grand black" and "Musulman en fuite".
    const isQualified = young.has(before.plain) && !persons.has(before.plain)
    if (isQualified && at > 1 && isNounForPerson(tokens, at)) return { ...place, text: inNumber('individu') }
    const number = numberBefore(before)
    if (number === 'many') return { ...place, text: words('personnes') }
    if (number === 'one') return { start: before.start, end: place.end, text: words('une personne') }
  }
  if (count === 1 && isLoneNoun(tokens, at)) return { ...place, text: inNumber('personne') }
  return undefined
}

/** True for a noun with nothing before it: "Migrants signalés", "gitans et roms". */
function isLoneNoun(tokens: readonly Token[], at: number): boolean {
  const token = tokens[at]!
  if (persons.has(token.plain)) return false
  if (token.breaks) return true
  const isLinked = followsClosely(token) && tokens[at - 1]?.plain === 'et'
  return isLinked && !persons.has(tokens[at - 2]?.plain ?? '')
}

/** Tells whether a word announces one person or several; undefined when it is neither an article nor a number. */
function numberBefore(before: Token): 'one' | 'many' | undefined {
  if (['d', 'groupe', 'bande', 'jeunes', 'jeune'].includes(before.plain)) return undefined
  if (COUNTS.has(before.plain) || (isNumber(before) && before.plain !== '1')) return 'many'
  return isNumber(before) || ONE.has(before.plain) ? 'one' : undefined
}

/** Builds the change that removes a feature and the words that link it to the person. */
function featureEdit(
  tokens: readonly Token[],
  at: number,
  count: number,
  { end }: { readonly end: number },
): Edit {
  // The fix keeps the person in "homme de couleur".
  if (count > 1 && persons.has(tokens[at]!.plain) && tokens[at]!.plain !== 'type')
    return { start: tokens[at + 1]!.start, end, text: '' }
  let from = at
  while (from > 0 && followsClosely(tokens[from]) && LINKS.has(tokens[from - 1]!.plain) && at - from < 5)
    from--
  // The fix keeps linking words without a person before them.
  const holder = tokens[from - 1]
  const held =
    holder !== undefined &&
    followsClosely(tokens[from]) &&
    (persons.has(holder.plain) || isVerbLike(holder.plain) || from === at)
  return { start: held ? tokens[from]!.start : linkStart(tokens, at), end, text: '' }
}

/** Returns the start of the linking words, so that "d'origine roumaine" is removed as a whole, wherever it is. */
function linkStart(tokens: readonly Token[], at: number): number {
  let from = at
  while (from > 0 && followsClosely(tokens[from]) && at - from < 3) {
    const { plain } = tokens[from - 1]!
    if (!QUALIFYING.has(plain)) break
    from--
  }
  return tokens[from]!.start
}
