import { endsItem, isAgeAt, isAmongThings, isListed } from './apposition.ts'
import {
  type Finding,
  followsClosely,
  indexOfWordAt,
  inTextOrder,
  type Reading,
  rangeOfWords,
  withoutOverlaps,
} from './finding.ts'
import lexicon from './lexicon/descriptions.json' with { type: 'json' }
import { findPhrases, indexPhrases, matchPhrase, wordSet } from './phrases.ts'
import { isAfterPlaceWord } from './places.ts'
import { isCapitalised, isNumber, type Token } from './tokens.ts'

const people = wordSet(lexicon.people)
const looks = wordSet(lexicon.looks)
const looksOfPeople = wordSet(lexicon['looks of people only'])
const hair = wordSet(lexicon.hair)
const drinks = wordSet(lexicon.drinks)
const takenGoods = wordSet(lexicon['taken goods'])
const goodsLeft = wordSet(lexicon['goods left'])
const seen = wordSet(lexicon['seen doing'])
const young = wordSet(lexicon.young)
const traits = indexPhrases(lexicon.traits)
const notTraits = wordSet(lexicon['not traits'])
const wearing = indexPhrases(lexicon.wearing)
const carrying = wordSet(lexicon.carrying)
const garments = indexPhrases(lexicon.garments)
const between = wordSet(lexicon.between)
const afterGarment = indexPhrases(lexicon['after a garment'])
const counted = wordSet(lexicon.counted)
const suspects = wordSet(lexicon.suspects)

/** Words that continue a description: "vêtu d'un jean et d'un pull". */
const AND = new Set(['et', 'ou', 'puis'])
/** Words before a trait that are removed with it. */
const LEADING = new Set(
  'mesure mesurant d de du aux a au avec un une la le les l tres plutot assez environ portant ayant sans de corpulence'.split(
    ' ',
  ),
)

/**
 * Finds descriptions by which a person can be recognised: hair, build, age, face, clothing. Number, sex and actions are not
 * descriptions, nor are masks and weapons.
 * @param others findings of other kinds, which are not described again
 */
export function findPersonDescriptions(reading: Reading, others: readonly Finding[] = []): Finding[] {
  const { tokens } = reading
  const found = inTextOrder([
    ...findLooksAfterPerson(tokens),
    ...findYoungPersons(tokens),
    ...findListedLooks(tokens),
    ...findListedGarments(tokens),
    ...findTraits(tokens),
    ...findWornThings(tokens),
    ...findMeasures(reading),
  ])
  return mergeAdjacent(withoutOverlaps(found, others), reading)
}

function removalOf(start: number, end: number): Finding {
  return { start, end, edit: { start, end, text: '' } }
}

/** Finds looks after a person: "femme blonde", "individu très grand", "hommes bruns et barbus". */
function findLooksAfterPerson(tokens: readonly Token[]): Finding[] {
  const found: Finding[] = []
  for (const [i, token] of tokens.entries()) {
    // "les personnes âgées" are people in general.
    if (!people.has(token.plain) || (token.plain === 'personnes' && /^agee/.test(tokens[i + 1]?.plain ?? '')))
      continue
    const last = followsClosely(tokens[i + 1]) ? lastOfLooks(tokens, i + 1) : undefined
    if (last !== undefined) found.push(removalOf(tokens[i + 1]!.start, tokens[last]!.end))
  }
  return found
}

/** Returns the index of the last of the looks listed from `from` on: "très grand, bruns et barbus". */
function lastOfLooks(tokens: readonly Token[], from: number): number | undefined {
  let at = from
  if (followsClosely(tokens[at]) && /^(?:tres|plutot|assez)$/.test(tokens[at]!.plain)) at++
  let last: number | undefined
  const isLook = (i: number) => tokens[i] !== undefined && looks.has(tokens[i].plain)
  while (isLook(at) && (followsClosely(tokens[at]) || tokens[at]!.gap.trim() === ',')) {
    last = at
    at++
    if (AND.has(tokens[at]?.plain ?? '') && isLook(at + 1)) at++
  }
  return last
}

/** Finds looks that replace the person: "un barbu", "le grand blond", "à 14h, chauve, en fuite". */
function findListedLooks(tokens: readonly Token[]): Finding[] {
  const found: Finding[] = []
  for (const [i, token] of tokens.entries()) {
    const own = looksOfPeople.has(token.plain)
    if (!(own || looks.has(token.plain)) || isAfterPlaceWord(tokens, i)) continue
    const noun = nounStart(tokens, i, own)
    if (noun !== undefined) {
      found.push({ start: tokens[noun]!.start, end: token.end, edit: nounEdit(tokens, noun, i) })
    } else if (isLookInList(tokens, i, own)) {
      const text = token.breaks && !endsItem(tokens, i + 1) ? individual(token) : ''
      const { start, end } = token
      found.push({ start, end, edit: { start, end, text } })
    }
  }
  return found
}

/** True for a look in a list that can only be of a person. `own`: the word describes nothing but people. */
function isLookInList(tokens: readonly Token[], at: number, own: boolean): boolean {
  if (!isListed(tokens, at) && !endsLooks(tokens, at)) return false
  const token = tokens[at]!
  const next = tokens[at + 1]
  const isAboutPerson =
    isAgeAt(tokens, at + 1) || (next !== undefined && !next.breaks && isOfSomeone(tokens, at + 1))
  const standsAlone = endsItem(tokens, at + 1)
  if (token.breaks && !isAboutPerson && !(own && standsAlone)) return false
  if (!standsAlone && !isAboutPerson) return false
  if (own) return true
  // "grand" and "brun" also describe things.
  const behind = tokens[at - 1]
  const amongLooks = behind !== undefined && !token.breaks && isLookOrAge(behind)
  return (isAboutPerson || amongLooks) && !isAmongThings(tokens, at)
}

function individual(token: Token): string {
  return /s$/.test(token.plain) && token.plain !== 'gros' ? 'individus' : 'individu'
}

/** True for the last one of several looks: "gros, moustachu et chauve". */
function endsLooks(tokens: readonly Token[], at: number): boolean {
  const [second, before] = [tokens[at - 2], tokens[at - 1]]
  return (
    before?.plain === 'et' && followsClosely(tokens[at]) && second !== undefined && looks.has(second.plain)
  )
}

/** Replaces the noun: "une grande brune" → "une personne", "le barbu" → "l'individu", "deux chauves" → "deux individus". */
function nounEdit(tokens: readonly Token[], from: number, at: number): NonNullable<Finding['edit']> {
  const article = tokens[from - 1]!
  const { end } = tokens[at]!
  if (/^(?:une|la|cette)$/.test(article.plain)) return { start: tokens[from]!.start, end, text: 'personne' }
  if (article.plain === 'le') return { start: article.start, end, text: "l'individu" }
  if (article.plain === 'ce') return { start: article.start, end, text: 'cet individu' }
  const many = /^(?:les|des|ces|deux|trois|quatre|[2-9])$/.test(article.plain)
  return { start: tokens[from]!.start, end, text: many ? 'individus' : 'individu' }
}

const ARTICLES = /^(?:une?|le|la|l|les|des|ce|cet|cette|ces|deux|trois|quatre|d|\d)$/

/** Returns where the noun phrase starts ("un grand barbu" for "barbu"), or undefined when the word is not a noun. */
function nounStart(tokens: readonly Token[], at: number, own: boolean): number | undefined {
  const token = tokens[at]!
  if (!own && !hair.has(token.plain)) return undefined
  let from = at
  while (from > 1 && followsClosely(tokens[from]) && young.has(tokens[from - 1]!.plain)) from--
  const before = tokens[from - 1]
  if (before === undefined || !followsClosely(tokens[from]) || !ARTICLES.test(before.plain)) return undefined
  // "Le Barbu" and "La Blonde" are names of shops.
  if (isCapitalised(token)) return undefined
  if (!own) {
    const near = tokens.slice(Math.max(0, at - 6), at + 6)
    if (near.some((one) => drinks.has(one.plain)) || isAmongThings(tokens, at)) return undefined
    const next = tokens[at + 1]
    if (next && followsClosely(next) && /^(?:foncee?s?|claire?s?)$/.test(next.plain)) return undefined
  }
  return from
}

/** True when clothing, a look or flight at or after `at` describe a person. */
function isOfSomeone(tokens: readonly Token[], at: number): boolean {
  const token = tokens[at]!
  const { plain } = token
  if (plain === 'en') return tokens[at + 1]?.plain === 'fuite'
  if (plain === 'et') return tokens[at + 1] !== undefined && looks.has(tokens[at + 1]!.plain)
  return (
    seen.has(plain) ||
    looks.has(plain) ||
    matchPhrase(traits, tokens, at) > 0 ||
    matchPhrase(garments, tokens, at) > 0 ||
    matchPhrase(wearing, tokens, at) > 0 ||
    /^1m\d\d$/.test(plain)
  )
}

function isLookOrAge(token: Token): boolean {
  return (
    looks.has(token.plain) || people.has(token.plain) || token.plain === 'ans' || /^1m\d\d$/.test(token.plain)
  )
}

/** Finds clothing as an item of a list, unless it is goods: "à 14h, casquette rouge, en fuite". */
function findListedGarments(tokens: readonly Token[]): Finding[] {
  const found: Finding[] = []
  for (let i = 0; i < tokens.length; i++) {
    const count = matchPhrase(garments, tokens, i)
    if (count === 0 || !isListed(tokens, i)) continue
    const tail = matchPhrase(afterGarment, tokens, i + count)
    const next = tokens[i + count + tail]
    const isAboutPerson = next !== undefined && !next.breaks && isOfSomeone(tokens, i + count + tail)
    if (tail === 0 && !isAboutPerson) continue
    const end = Math.max(i + count + tail, endOfWear(tokens, i, false))
    if (goodsLeft.has(tokens[end]?.plain ?? '') || isTaken(tokens, i)) continue
    found.push(removalOf(tokens[i]!.start, tokens[end - 1]!.end))
    i = end - 1
  }
  return found
}

/** True for goods that were taken or sold, mentioned in the same sentence: "Vol de vêtements : veste noire". */
function isTaken(tokens: readonly Token[], at: number): boolean {
  for (let i = at; i > 0 && at - i < 8; i--) {
    if (tokens[i]!.breaks) return false
    const { plain } = tokens[i - 1]!
    // "vol à l'étalage à 14h, casquette rouge" does not say what was taken.
    if (takenGoods.has(plain) && !(/^vols?$/.test(plain) && !isPrepositionOf(tokens[i]))) return true
  }
  return false
}

function isPrepositionOf(token: Token | undefined): boolean {
  return token !== undefined && /^(?:de|d|des|du)$/.test(token.plain)
}

/** Finds the adjective before a person: "jeune homme", "deux grands individus". */
function findYoungPersons(tokens: readonly Token[]): Finding[] {
  const found: Finding[] = []
  for (let i = 0; i + 1 < tokens.length; i++) {
    const token = tokens[i]!
    const next = tokens[i + 1]!
    if (
      !young.has(token.plain) ||
      !people.has(next.plain) ||
      !followsClosely(next) ||
      /^jeunes?$|^types?$|^auteurs?$|^clients?$/.test(next.plain)
    )
      continue
    found.push(removalOf(token.start, token.end))
  }
  return found
}

/** Finds hair, eyes, build and age anywhere, except in the name of a trade or of goods. */
function findTraits(tokens: readonly Token[]): Finding[] {
  const found: Finding[] = []
  for (const { at, count } of findPhrases(traits, tokens)) {
    const around = [tokens[at - 1], tokens[at - 2], tokens[at + count], tokens[at + count + 1]]
    if (around.some((token) => token !== undefined && notTraits.has(token.plain))) continue
    if (/^(?:la|une)$/.test(tokens[at]!.plain) && !isAge(tokens, at)) continue
    let end = at + count
    // Extends to "âgé d'environ 30 ans", "mesurant environ 1m80", "cheveux bruns mi-longs".
    while (tokens[end] && isTraitTail(tokens, end)) end++
    let from = at
    while (from > 0 && followsClosely(tokens[from]) && LEADING.has(tokens[from - 1]!.plain)) from--
    found.push({
      ...rangeOfWords(tokens, at, end - at),
      edit: { start: tokens[from]!.start, end: tokens[end - 1]!.end, text: '' },
    })
  }
  return found
}

/** True for "la trentaine" and "une vingtaine d'années", but not for "une vingtaine d'années de tabac". */
function isAge(tokens: readonly Token[], at: number): boolean {
  const before = tokens[at - 1]
  return before === undefined || !/^(?:depuis|pendant|durant|apres|avant|voila|a)$/.test(before.plain)
}

const BODY = new Set('cou bras visage main mains front joue joues nez menton jambe poignet epaule'.split(' '))

function isTraitTail(tokens: readonly Token[], at: number): boolean {
  const token = tokens[at]!
  const { plain } = token
  if (!followsClosely(token)) return token.gap.trim() === ',' && !token.breaks && looks.has(plain)
  // "tatoué au cou" continues the trait.
  if (BODY.has(plain)) return true
  if (/^(?:au|aux|sur|le|la|les)$/.test(plain))
    return [1, 2].some((k) => BODY.has(tokens[at + k]?.plain ?? ''))
  if (
    looks.has(plain) ||
    /^(?:ans|an|annees|environ|ronde|cm|m|mi|longs?|courts?|mat|claire?s?|foncee?s?)$/.test(plain)
  )
    return true
  if (isNumber(tokens[at]!) || /^\d+(?:m\d*|cm)$/.test(plain)) return true
  return (plain === 'd' || plain === 'a' || plain === 'de') && isNumber(tokens[at + 1] ?? tokens[at]!)
}

/** Finds clothing that is worn: "vêtu de noir", "portant une casquette rouge", "en survêtement gris" after a person. */
function findWornThings(tokens: readonly Token[]): Finding[] {
  const found: Finding[] = []
  for (let i = 0; i < tokens.length; i++) {
    const end = endOfWorn(tokens, i)
    if (end === undefined) continue
    found.push(removalOf(tokens[i]!.start, tokens[end - 1]!.end))
    i = end - 1
  }
  return found
}

/** Returns where what a person wears or carries ends, if it starts at `at`. */
function endOfWorn(tokens: readonly Token[], at: number): number | undefined {
  const worn = matchPhrase(wearing, tokens, at)
  if (worn > 0) {
    const end = endOfWear(tokens, at + worn, true)
    return end > at + worn || isBehindPerson(tokens, at) ? end : undefined
  }
  if (isListedGarment(tokens, at))
    return isBehindPerson(tokens, at) ? endOfWear(tokens, at, false) : undefined
  if (!carrying.has(tokens[at]!.plain)) return undefined
  const end = endOfWear(tokens, at + 1, false)
  const isWeak = /^(?:avec|en|porte)$/.test(tokens[at]!.plain)
  return end === at + 1 || (isWeak && !isBehindPerson(tokens, at)) ? undefined : end
}

/** True for clothing without a verb: "homme grand, blouson bleu". */
function isListedGarment(tokens: readonly Token[], at: number): boolean {
  const count = matchPhrase(garments, tokens, at)
  if (count === 0 || matchPhrase(afterGarment, tokens, at + count) === 0) return false
  if (tokens[at]!.gap.trim() === ',') return true
  const before = tokens[at - 1]
  return (
    before !== undefined &&
    followsClosely(tokens[at]) &&
    (people.has(before.plain) || looks.has(before.plain))
  )
}

/** Returns the index of the first word after the clothing; `start` when there is none. */
function endOfWear(tokens: readonly Token[], start: number, colourAlone: boolean): number {
  let end = start
  for (let i = start; i < tokens.length && i - start < 24; ) {
    const token = tokens[i]!
    if (token.breaks || /[:;()"«»]/u.test(token.gap)) break
    const garment = matchPhrase(garments, tokens, i)
    const tail = end > start || colourAlone ? matchPhrase(afterGarment, tokens, i) : 0
    const count = Math.max(garment, tail)
    if (count > 0) {
      i += count
      end = i
    } else if (
      between.has(token.plain) ||
      (end > start && AND.has(token.plain)) ||
      (colourAlone && token.plain === 'en')
    )
      i++
    else break
  }
  return end
}

/** True when a person precedes in the same sentence, not far away. */
function isBehindPerson(tokens: readonly Token[], at: number): boolean {
  for (let i = at; i > 0 && at - i < 7; i--) {
    if (tokens[i]!.breaks) return false
    if (people.has(tokens[i - 1]!.plain)) return true
  }
  return false
}

/** Finds heights and ages of a person. */
function findMeasures(reading: Reading): Finding[] {
  return [...findHeights(reading), ...findAges(reading)]
}

/** Finds heights after a person or in a list of features: "1m80", "1,80 m". */
function findHeights({ tokens, text }: Reading): Finding[] {
  const found: Finding[] = []
  for (const match of text.matchAll(
    /(?<![\p{L}\p{N}.,])1(?:[ ]?m[ ]?|,)[4-9]\d(?:[ ]?(?:m|cm))?(?![\p{L}\p{N}]|[.,]\d)/giu,
  )) {
    const at = indexOfWordAt(tokens, match.index)
    const priced = match[0].includes(',') && !/m/i.test(match[0])
    const after = indexOfWordAt(tokens, match.index + match[0].length)
    const listed =
      /m/i.test(match[0]) && isListed(tokens, at) && endsItem(tokens, after) && !isAmongThings(tokens, at)
    if (priced || !(isBehindPerson(tokens, at) || listed)) continue
    found.push(removalOf(withLeading(tokens, at), match.index + match[0].length))
  }
  return found
}

/** Finds ages after a person or between commas: "homme de 30 ans", "25-30 ans", "X, 45 ans, …". */
function findAges({ tokens, text }: Reading): Finding[] {
  const found: Finding[] = []
  for (const [i, token] of tokens.entries()) {
    const from = token.plain === 'ans' ? startOfAge(tokens, i - 1) : undefined
    if (from === undefined || isDuration(tokens, from)) continue
    const apart =
      tokens[from]!.gap.trim() === ',' &&
      /^(?:,| environ|[ ]?\.|$)/u.test(text.slice(token.end, token.end + 9))
    if (!apart && !isBehindPerson(tokens, from)) continue
    found.push({
      start: tokens[from]!.start,
      end: token.end,
      edit: { start: withLeading(tokens, from), end: token.end, text: '' },
    })
  }
  return found
}

/** Returns the index of the first number of an age whose last number is at `at`: "25-30", "25 à 30"; undefined for other words. */
function startOfAge(tokens: readonly Token[], at: number): number | undefined {
  const last = tokens[at]
  if (last === undefined || !isNumber(last) || last.text.length > 2) return undefined
  const isNumberAt = (index: number) => tokens[index] !== undefined && isNumber(tokens[index])
  if (isNumberAt(at - 1) && /^[-/]$/.test(last.gap)) return at - 1
  return isNumberAt(at - 2) && ['a', 'ou', 'et'].includes(tokens[at - 1]!.plain) ? at - 2 : at
}

/** True for years that are no age: "depuis 20 ans", "les 20 ans"; not for "un homme, les 20 ans". */
function isDuration(tokens: readonly Token[], at: number): boolean {
  const before = tokens[at - 1]?.plain ?? ''
  if (/^(?:depuis|pendant|durant|apres|avant|voila|sur)$/.test(before)) return true
  return (
    /^(?:a|les|plus|moins)$/.test(before) && !/^(?:homme|femme|individu)/.test(tokens[at - 2]?.plain ?? '')
  )
}

function withLeading(tokens: readonly Token[], at: number): number {
  let from = at
  while (
    from > 0 &&
    followsClosely(tokens[from]) &&
    (LEADING.has(tokens[from - 1]!.plain) || /^agee?s?$/.test(tokens[from - 1]!.plain))
  )
    from--
  return tokens[from]!.start
}

/** Merges adjacent descriptions into one, so that they make one remark with one fix. */
function mergeAdjacent(findings: readonly Finding[], { text }: Reading): Finding[] {
  const merged: Finding[] = []
  for (const one of findings) {
    const last = merged.at(-1)
    const from = one.edit?.start ?? one.start
    const gap = last === undefined ? '?' : text.slice(last.end, Math.max(last.end, from))
    if (last === undefined || !/^(?:[ ,\u00a0]|et)*$/u.test(gap)) {
      merged.push(one)
      continue
    }
    const start = last.edit?.start ?? last.start
    merged[merged.length - 1] = { start: last.start, end: one.end, edit: { start, end: one.end, text: '' } }
  }
  return merged
}

/**
 * Finds the offenders, single or counted, with their sex: they are part of the method. A prevention message describes methods
 * only.
 */
export function findSuspects({ tokens }: Reading): Finding[] {
  const found: Finding[] = []
  for (const [i, token] of tokens.entries()) {
    if (suspects.has(token.plain)) {
      const suspect = suspectAt(tokens, i)
      if (suspect !== undefined) found.push(suspect)
    } else if (/^(?:personnes|clients|clientes)$/.test(token.plain) && isGroup(tokens, i)) {
      found.push({ start: tokens[i - 1]!.start, end: token.end })
    }
  }
  return inTextOrder(found)
}

function suspectAt(tokens: readonly Token[], i: number): Finding | undefined {
  const token = tokens[i]!
  const next = tokens[i + 1]
  // An individual who was seen: "Individu repéré près des commerces".
  if (token.breaks && next && followsClosely(next) && seen.has(next.plain)) {
    return { start: token.start, end: token.end }
  }
  let at = i - 1
  if (tokens[at] && young.has(tokens[at]!.plain)) at--
  const before = tokens[at]
  if (
    before === undefined ||
    !followsClosely(tokens[at + 1]) ||
    !(counted.has(before.plain) || isNumber(before))
  )
    return undefined
  // "un homme averti" and "l'homme de la situation" mean people in general.
  if (token.plain === 'homme' && before.plain === 'l') return undefined
  if (next && /^(?:averti|avertie)$/.test(next.plain)) return undefined
  if (/^(?:les|la|le)$/.test(before.plain) && /^(?:hommes?|femmes?|jeunes|conducteur)$/.test(token.plain))
    return undefined
  return { start: before.start, end: token.end }
}

/** True for "deux personnes à bord", but not for "restez à deux personnes minimum". */
function isGroup(tokens: readonly Token[], at: number): boolean {
  const before = tokens[at - 1]
  if (before === undefined || !followsClosely(tokens[at])) return false
  if (!(isNumber(before) || /^(?:deux|trois|quatre|cinq|six)$/.test(before.plain))) return false
  return !tokens.slice(Math.max(0, at - 5), at + 3).some(({ plain }) => ADVISED.test(plain))
}

/** Words about the shopkeepers' own staff. */
const ADVISED = /^(?:soyez|restez|minimum|moins|toujours|gardez|employez|prevoyez|par)$/
