import {
  type Edit,
  type Finding,
  followsBySpace,
  followsClosely,
  inTextOrder,
  type Reading,
  rangeOfWords,
  withoutOverlaps,
} from './finding.ts'
import lexicon from './lexicon/persons.json' with { type: 'json' }
import shops from './lexicon/shops.json' with { type: 'json' }
import { indexPhrases, matchPhrase, wordSet } from './phrases.ts'
import { isAfterPlaceWord, placeAt } from './places.ts'
import { isCapitalised, isUpperCase, type Token } from './tokens.ts'

const civilities = wordSet(lexicon.civilities)
const ranks = wordSet(lexicon.ranks)
const titles = wordSet(lexicon.titles)
const namings = indexPhrases(lexicon.namings)
const weakNamings = indexPhrases(lexicon['weak namings'])
const namedThings = wordSet(lexicon['named things'])
const organisations = indexPhrases(lexicon.organisations)
const givenNames = wordSet(lexicon['given names'])
const givenNamesAlsoWords = wordSet(lexicon['given names that are words'])
const publicNames = indexPhrases(lexicon['public names'])
const chains = indexPhrases(shops.chains)
const notSurnames = wordSet(lexicon['not surnames'], lexicon.civilities)
const particles = wordSet(lexicon.particles)
const ordinaryWords = wordSet(shops['not shop names'], shops.trades)

const LONGEST_NAME = 5
/** Determiners removed with the name before “alias X” and similar words. */
const DETERMINING = new Set(['le', 'la', 'les', 'l', 'un', 'une', 'du', 'au', 'ledit', 'ladite'])
/** Small words after “alias” or “dénommé” that are not a name in lower case. */
const NO_NAME = new Set(
  'le la les un une des du de d l et est a au aux qui que dans sur par pour ce cet cette en avec se ne pas'.split(
    ' ',
  ),
)

/**
 * Finds names of persons: after a civility, after “nommé”, “alias” or similar words, or as a given name before a surname
 * (then as a warning only). Names of streets, historical figures and chains of shops are not reported.
 */
export function findPersonNames(reading: Reading): Finding[] {
  const announced = inTextOrder([
    ...findNamesAfterNaming(reading),
    ...findNamesAfterCivility(reading),
    ...findNamesAfterRank(reading),
  ])
  return inTextOrder([
    ...announced,
    ...withoutOverlaps(findGivenNamesWithSurname(reading), announced),
    ...withoutOverlaps(findNamesInSmallLetters(reading), announced),
  ])
}

/** Words before a given name in small letters that show a person: "vol par romain girard". */
const BEFORE_A_NAME = new Set(
  'par auteur auteurs suspect suspecte identifie identifiee recherche recherchee'.split(' '),
)

/** Finds a given name and a surname typed in small letters, after a word that announces a person. */
function findNamesInSmallLetters(reading: Reading): Finding[] {
  const { tokens, places } = reading
  return tokens.flatMap((token, i): Finding[] => {
    const before = tokens[i - 1]
    const next = tokens[i + 1]
    if (before === undefined || !BEFORE_A_NAME.has(before.plain) || token.breaks) return []
    if (!givenNames.has(token.plain) || givenNamesAlsoWords.has(token.plain) || isCapitalised(token))
      return []
    if (!followsBySpace(next) || !/^\p{Ll}{3,}$/u.test(next!.text) || NO_NAME.has(next!.plain)) return []
    if (placeAt(places, tokens, i + 1) > 0 || notSurnames.has(next!.plain)) return []
    return [{ ...rangeOfWords(tokens, i, 2), severity: 'warn', edit: replaceByPerson(reading, i, 2) }]
  })
}

function findNamesAfterCivility(reading: Reading): Finding[] {
  const { tokens } = reading
  return tokens.flatMap((token, i): Finding[] => {
    if (!civilities.has(token.plain) || !isCivility(reading, i)) return []
    const at = startOfNameAfterCivility(reading, i)
    if (at === undefined || isAfterPlaceWord(tokens, i) || matchPhrase(chains, tokens, i) > 0) return []
    const count = at - i + nameLength(reading, at)
    return [{ ...rangeOfWords(tokens, i, count), edit: replaceByPerson(reading, i, count) }]
  })
}

/** Returns the index of the name that a civility introduces, after its particles: "M. de Villiers"; undefined for none. */
function startOfNameAfterCivility(reading: Reading, civility: number): number | undefined {
  const { tokens } = reading
  const next = tokens[civility + 1]
  // In "M. et Mme Durand" the second civility finds the name; "Me Dr Durand" is found once.
  if (next === undefined || civilities.has(next.plain)) return undefined
  if (next.breaks || next.gap === '' || !/^\.?[ \u00a0\u202f]*$/u.test(next.gap)) return undefined
  let at = civility + 1
  while (isParticleOfName(reading, at)) at++
  return startsName(reading, at) && !titles.has(tokens[at]!.plain) ? at : undefined
}

/** True for a civility; “M” and “Me” are other words unless written as abbreviations. */
function isCivility({ tokens, inCapitals }: Reading, at: number): boolean {
  const { text } = tokens[at]!
  const next = tokens[at + 1]
  if (text === 'M' || text === 'MM')
    return next?.gap.startsWith('.') === true || (!inCapitals && followsBySpace(next))
  if (text === 'Me' || text === 'Pr') return next !== undefined && isUpperOrName(next)
  return !/^(?:mm?|me|pr)$/i.test(text)
}

function isUpperOrName(token: Token): boolean {
  return isUpperCase(token) || /^\p{Lu}\p{Ll}+$/u.test(token.text)
}

/** Finds names after a rank: "l'adjudant Mercier", "la gendarme Faure". */
function findNamesAfterRank(reading: Reading): Finding[] {
  const { tokens, inCapitals } = reading
  if (inCapitals) return []
  return tokens.flatMap((token, i): Finding[] => {
    const at = i + 1
    if (!ranks.has(token.plain) || !followsBySpace(tokens[at]) || !startsName(reading, at)) return []
    if (titles.has(tokens[at]!.plain) || isAcronym(tokens[at]!) || isAfterPlaceWord(tokens, i)) return []
    if (placeAt(reading.places, tokens, at) > 0 || matchPhrase(organisations, tokens, at) > 0) return []
    const count = 1 + nameLength(reading, at)
    const { start, end } = rangeOfWords(tokens, i, count)
    return [{ start, end, edit: { start: token.end, end, text: '' } }]
  })
}

/** Finds names after “dénommé”, “alias”, “s'appelle” and similar words. */
function findNamesAfterNaming(reading: Reading): Finding[] {
  const { tokens, text } = reading
  const found: Finding[] = []
  for (let i = 0; i < tokens.length; i++) {
    const strong = matchPhrase(namings, tokens, i) > 0
    const count = Math.max(matchPhrase(namings, tokens, i), matchPhrase(weakNamings, tokens, i))
    const at = count === 0 ? undefined : startOfNamed(reading, i, count)
    if (at === undefined) continue
    const nameCount = countNameAfterNaming(reading, at, strong)
    if (nameCount === 0) continue
    const length = at - (i + count) + nameCount
    const { start, end } = rangeOfWords(tokens, i + count, length)
    const closing = /["«“]/u.test(tokens[i + count]!.gap) ? /^["»”]/u.exec(text.slice(end).trimStart()) : null
    const from = tokens[i - 1] && DETERMINING.has(tokens[i - 1]!.plain) && !tokens[i]!.breaks ? i - 1 : i
    const until = closing ? end + text.slice(end).indexOf(closing[0]) + 1 : end
    const edit = namingEdit(reading, i, count + length, from, until)
    found.push({ start, end, ...(edit ? { edit } : {}) })
    i = at
  }
  return found
}

/**
 * Returns the index of the word after a naming of `count` words, its civility and article: "dénommé M. Le Goff"; undefined
 * when a place, an organisation or a thing is named.
 */
function startOfNamed(reading: Reading, naming: number, count: number): number | undefined {
  const { tokens } = reading
  let at = naming + count
  const next = tokens[at]
  if (next === undefined || next.breaks || !/^[ \u00a0\u202f:"«“']*$/u.test(next.gap)) return undefined
  const civil = civilities.has(next.plain) && isCivility(reading, at) && tokens[at + 1] !== undefined
  if (civil && /^\.? $/.test(tokens[at + 1]!.gap)) at++
  if (matchPhrase(organisations, tokens, at) > 0 || placeAt(reading.places, tokens, at) > 0) return undefined
  const before = tokens[naming - 1]
  if (before && !tokens[naming]!.breaks && namedThings.has(before.plain)) return undefined
  return /^(?:le|la)$/.test(next.plain) && startsName(reading, at + 1) ? at + 1 : at
}

/** Returns the number of words of the name at `at`; 0 for no name. After a `strong` naming, a word in lower case is one too. */
function countNameAfterNaming(reading: Reading, at: number, strong: boolean): number {
  const { tokens, inCapitals } = reading
  const word = tokens[at]!
  if (!startsName(reading, at)) {
    return strong && /^\p{L}{2,}$/u.test(word.text) && !NO_NAME.has(word.plain) ? 1 : 0
  }
  if (!strong && (inCapitals ? NO_NAME.has(word.plain) : isAcronym(word))) return 0
  return nameLength(reading, at)
}

const NAMING_VERBS = new Set(['s', 'se', 'repond', 'identite', 'prenom', 'nom', 'l'])

/**
 * Builds the change: "le dénommé X" → "une personne"; "un individu nommé X" → "un individu"; "il s'appelle X et fuit" → "il
 * fuit".
 */
function namingEdit(
  reading: Reading,
  at: number,
  count: number,
  from: number,
  until: number,
): Edit | undefined {
  const { tokens, text } = reading
  const first = tokens[at]!
  if (from < at || /^une?$/.test(first.plain)) return replaceByPerson(reading, at, count, until)
  if (!NAMING_VERBS.has(first.plain) || first.breaks) return { start: first.start, end: until, text: '' }
  const and = /^[ \u00a0]+et[ \u00a0]+(?=\p{Ll})/u.exec(text.slice(until))
  if (and) return { start: first.start, end: until + and[0].length, text: '' }
  // "se faisant appeler X" is removed; without its name, a verb would be left over.
  const clause = tokens[at + 1]?.plain === 'faisant' || tokens[at + 1]?.plain.endsWith('ant')
  return clause ? { start: first.start, end: until, text: '' } : undefined
}

/**
 * True for at most five capital letters: EDF, SNCF. A short surname in capitals is taken for an acronym too, which is the
 * lesser harm.
 */
function isAcronym(token: Token): boolean {
  return isUpperCase(token) && token.text.length < 5
}

function findGivenNamesWithSurname(reading: Reading): Finding[] {
  const { tokens } = reading
  const found = tokens.flatMap((_, i): Finding[] => {
    const name = isGivenName(reading, i) ? nameAround(reading, i) : undefined
    if (name === undefined) return []
    const { at, count } = name
    return [
      {
        ...rangeOfWords(tokens, at, count),
        severity: 'warn',
        edit: replaceByPerson(reading, at, count),
      },
    ]
  })
  return inTextOrder(found)
}

/** True for a given name that is not a part of the name of a saint, a chain, a place or a public figure. */
function isGivenName({ tokens, inCapitals, places }: Reading, at: number): boolean {
  const token = tokens[at]!
  if (!givenNames.has(token.plain) || !isCapitalised(token)) return false
  if (inCapitals && givenNamesAlsoWords.has(token.plain)) return false
  const before = token.breaks ? undefined : tokens[at - 1]
  if (before && (token.gap === '-' || /^(?:saint|sainte|st|ste|san|santa)$/.test(before.plain))) return false
  if (publicNameAround(tokens, at) || matchPhrase(chains, tokens, at) > 0) return false
  return placeAt(places, tokens, at) === 0 && !isAfterPlaceWord(tokens, at)
}

/** Returns the words of a name with its given name at `at`, before or behind the surname; undefined without a surname. */
function nameAround(reading: Reading, at: number): { at: number; count: number } | undefined {
  const { tokens, places } = reading
  // A compound given name: Jean-Pierre Durand.
  let last = at
  while (tokens[last + 1]?.gap === '-' && givenNames.has(tokens[last + 1]!.plain)) last++
  const next = last + 1
  if (followsBySpace(tokens[next]) && startsName(reading, next) && !ordinaryWords.has(tokens[next]!.plain)) {
    if (placeAt(places, tokens, next) > 0) return undefined
    return { at, count: next - at + nameLength(reading, next) }
  }
  const isBehind = isSurnameInCapitals(reading, at - 1) && followsBySpace(tokens[at])
  return isBehind ? { at: at - 1, count: last - at + 2 } : undefined
}

/** True for "DURAND Jean" in a text that is not in capitals. */
function isSurnameInCapitals({ tokens, inCapitals, places }: Reading, at: number): boolean {
  const token = tokens[at]
  if (inCapitals || token === undefined || !isUpperCase(token) || token.text.length < 4) return false
  if (ordinaryWords.has(token.plain) || notSurnames.has(token.plain)) return false
  return (
    placeAt(places, tokens, at) === 0 &&
    !isAfterPlaceWord(tokens, at) &&
    matchPhrase(organisations, tokens, at) === 0
  )
}

function publicNameAround(tokens: readonly Token[], at: number): boolean {
  if (matchPhrase(publicNames, tokens, at) > 0) return true
  // Finds "Pierre et Marie Curie" from "Marie" on.
  for (let back = 1; back <= 2 && at - back >= 0; back++) {
    if (matchPhrase(publicNames, tokens, at - back) > back) return true
  }
  return false
}

/** True for a capitalised word of letters that may start a surname. */
function startsName({ tokens }: Reading, at: number): boolean {
  const token = tokens[at]
  if (token === undefined || !/^\p{Lu}[\p{L}\p{M}]+$/u.test(token.text)) return false
  return !notSurnames.has(token.plain)
}

/** True for a particle right before a word that may start a surname: "de" in "M. de Villiers". */
function isParticleOfName(reading: Reading, at: number): boolean {
  const token = reading.tokens[at]
  if (token === undefined || !particles.has(token.plain)) return false
  return startsName(reading, at + 1) && followsClosely(reading.tokens[at + 1])
}

/** Returns the number of words of the name from the word at `at` on: in capitals one, or two when the first is a given name. */
function nameLength(reading: Reading, at: number): number {
  const { tokens, inCapitals } = reading
  const most = inCapitals ? (givenNames.has(tokens[at]!.plain) ? 2 : 1) : LONGEST_NAME
  let length = 1
  for (let i = at + 1; i < tokens.length && i - at < most; i++) {
    const part = partOfName(reading, i)
    if (part === undefined) break
    if (part === 'name') length = i - at + 1
  }
  return length
}

/** Returns how a word goes on the name before it, a particle only together with the next word; undefined when it does not. */
function partOfName(reading: Reading, at: number): 'name' | 'particle' | undefined {
  const { tokens, inCapitals, places } = reading
  const token = tokens[at]!
  if (!followsClosely(token)) return undefined
  if (startsName(reading, at) && (placeAt(places, tokens, at) === 0 || token.gap === '-')) {
    const isOrdinary = !inCapitals && isUpperCase(token) && ordinaryWords.has(token.plain)
    return isOrdinary ? undefined : 'name'
  }
  // "Mme Durand de Thiers" lives in Thiers; "M. Durand de La Tour" has that name.
  return isParticleOfName(reading, at) && placeAt(places, tokens, at + 1) === 0 ? 'particle' : undefined
}

/** Replaces the name and the small word before it: "M. Durand" → "une personne", "de M. Durand" → "d'une personne". */
function replaceByPerson(
  reading: Reading,
  at: number,
  count: number,
  until?: number,
): { start: number; end: number; text: string } {
  const { tokens, inCapitals } = reading
  const { start, end } = rangeOfWords(tokens, at, count)
  const before = tokens[at - 1]
  const words = (text: string) => (inCapitals ? text.toUpperCase() : text)
  const rest = { end: until ?? end }
  if (before && followsBySpace(tokens[at])) {
    if (before.plain === 'de') return { start: before.start, ...rest, text: words("d'une personne") }
    if (before.plain === 'du') return { start: before.start, ...rest, text: words("d'une personne") }
    if (before.plain === 'au') return { start: before.start, ...rest, text: words('à une personne') }
    if (DETERMINING.has(before.plain)) return { start: before.start, ...rest, text: words('une personne') }
    const linked = before.plain === 'et' && tokens[at - 2] && civilities.has(tokens[at - 2]!.plain)
    if (linked) return { start: tokens[at - 2]!.start, ...rest, text: words('des personnes') }
  }
  return { start, ...rest, text: words('une personne') }
}
