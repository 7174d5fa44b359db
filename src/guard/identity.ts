import {
  type Finding,
  followsBySpace,
  followsClosely,
  indexOfWordAt,
  inTextOrder,
  type Reading,
  rangeOfWords,
} from './finding.ts'
import descriptions from './lexicon/descriptions.json' with { type: 'json' }
import lexicon from './lexicon/identity.json' with { type: 'json' }
import { findPhrases, indexPhrases, wordSet } from './phrases.ts'
import { isAfterPlaceWord } from './places.ts'
import { isNumber, type Token } from './tokens.ts'

const people = wordSet(descriptions.people)
const disabilities = indexPhrases(lexicon.disabilities)
const doubtfulDisabilities = wordSet(lexicon['disabilities with another sense'])
const notOfPerson = wordSet(lexicon['not of a person'])
const minors = indexPhrases(lexicon.minors)
const beforeMinor = wordSet(lexicon['before a minor'])
const groups = wordSet(lexicon['groups of minors'])
const inGeneral = wordSet(lexicon['about children in general'])
const born = wordSet(lexicon.born)
const bornThings = wordSet(lexicon['things that are born'])

const MONTHS = 'janvier|f[ée]vrier|mars|avril|mai|juin|juillet|ao[uû]t|septembre|octobre|novembre|d[ée]cembre'
const DAY = `\\d{1,2}(?:er)?[ ]?(?:[/.\\- ]{1,2}\\d{1,2}[/.\\- ]{1,2}(?:19|20)?\\d{2}|(?:${MONTHS})[ ](?:19|20)?\\d{2})(?!\\d)`
/** Matches what announces a birth, and its date or year: "né le 12/03/1985", "née à Riom en 1990", "DDN 04.07.79". */
const BIRTH = new RegExp(
  `(?<![\\p{L}\\p{N}])(?:n[ée](?:e|\\(e\\))?s?|na[iî]t|ddn|d\\.d\\.n\\.?|(?:date[ ](?:de[ ])?)?naissance)(?![\\p{L}\\p{N}])[ ]?:?[ ]?` +
    `(?:(?:à|a|au|aux)[ ][\\p{L}'’\\-]+(?:[ ][\\p{Lu}][\\p{L}'’\\-]+)*[ ])?(?:(?:le|en|du|vers|courant)[ ])?(?:${DAY}|(?:19|20)\\d{2}(?!\\d))` +
    `(?:[ ](?:à|a)[ ]\\p{Lu}[\\p{L}'’\\-]+)?`,
  'giu',
)
/** Matches a full date, which after a name is that of a birth: "DURAND Paul (12/05/1961)". */
const FULL_DATE = new RegExp(`(?<![\\p{L}\\p{N}/.-])${DAY}`, 'giu')
/** A later date beside a name is that of the facts. */
const LATEST_BIRTH = 2016

/** Finds dates of birth: announced by "né", "DDN", or a full date beside the name of a person. */
export function findBirthDates(reading: Reading, names: readonly Finding[]): Finding[] {
  const { text, tokens } = reading
  const found: Finding[] = []
  for (const match of text.matchAll(BIRTH)) {
    const at = indexOfWordAt(tokens, match.index)
    const [first = ''] = match
    // "né" without its accent is also a negation: "ne le 3 mars" needs the whole date.
    if (!born.has(tokens[at]?.plain ?? '') && !/^d/i.test(first)) continue
    if (tokens.slice(Math.max(0, at - 3), at).some(({ plain }) => bornThings.has(plain))) continue
    found.push(removal(text, match.index, match.index + first.length))
  }
  for (const match of text.matchAll(FULL_DATE)) {
    const [whole] = match
    const year = Number(/\d+$/.exec(whole)?.[0])
    if (isRecent(year)) continue
    const isBesideName = names.some(
      ({ end }) => /^[ ,:(]*$/u.test(text.slice(end, match.index)) && end <= match.index,
    )
    if (isBesideName || nameBefore(reading, match.index) !== undefined) {
      found.push(removal(text, match.index, match.index + whole.length))
    }
  }
  return inTextOrder(found)
}

/** True for a year too recent to be the birth of an offender; of two digits, those up to 30 are of this century. */
function isRecent(year: number): boolean {
  const full = year > 99 ? year : year + (year > 30 ? 1900 : 2000)
  return full > LATEST_BIRTH
}

function removal(text: string, start: number, end: number): Finding {
  const opening = /[ ]?[(,][ ]?$/u.exec(text.slice(0, start))?.[0].length ?? 0
  const closing = opening > 0 && text[end] === ')' ? 1 : 0
  return { start, end, edit: { start: start - opening, end: end + closing, text: '' } }
}

/** Returns two capitalised words right before an offset, which a date of birth shows to be a name. */
function nameBefore({ tokens, inCapitals }: Reading, start: number): Finding | undefined {
  if (inCapitals) return undefined
  const at = indexOfWordAt(tokens, start)
  const [first, second] = [tokens[at - 2], tokens[at - 1]]
  if (first === undefined || second === undefined || !followsBySpace(second)) return undefined
  if (![first, second].every(({ text }) => /^\p{Lu}[\p{L}\p{M}]+$/u.test(text))) return undefined
  return isAfterPlaceWord(tokens, at - 2) ? undefined : { start: first.start, end: second.end }
}

/** Finds names that nothing but the date of birth after them shows: "Leblanc Thierry 15/08/1970". */
export function findNamesBeforeBirth(reading: Reading): Finding[] {
  const dates = [...reading.text.matchAll(BIRTH), ...reading.text.matchAll(FULL_DATE)].filter(
    ([whole]) => !isRecent(Number(/\d+$/.exec(whole)?.[0] ?? '2999')) || /^n|naissance/i.test(whole),
  )
  return inTextOrder(
    dates.flatMap(({ index }) => {
      const name = nameBefore(reading, index)
      return name === undefined ? [] : [{ ...name, edit: { ...name, text: 'une personne' } }]
    }),
  )
}

/** Finds disabilities and illnesses of persons. */
export function findDisabilities({ tokens }: Reading): Finding[] {
  const found: Finding[] = []
  for (const { at, count } of findPhrases(disabilities, tokens)) {
    if (isAfterPlaceWord(tokens, at) || isNear(tokens, at, notOfPerson, 3)) continue
    found.push(disabilityAt(tokens, at, count))
  }
  for (const [i, token] of tokens.entries()) {
    if (!doubtfulDisabilities.has(token.plain)) continue
    const before = tokens[i - 1]
    const isOfPerson =
      before !== undefined &&
      followsClosely(token) &&
      (people.has(before.plain) || /^une?$/.test(before.plain))
    if (isOfPerson && !isNear(tokens, i, notOfPerson, 3)) found.push(disabilityAt(tokens, i, 1))
  }
  return inTextOrder(found)
}

const JOINING =
  /^(?:est|serait|etait|sont|et|atteinte?s?|souffrant|de|d|etant|presentant|des|visiblement|legerement|plutot|tres)$/

/** Removes the words that join it to the person: "atteint de troubles…"; a noun is replaced: "un autiste" → "un individu". */
function disabilityAt(tokens: readonly Token[], at: number, count: number): Finding {
  let from = at
  while (from > 0 && followsClosely(tokens[from]) && JOINING.test(tokens[from - 1]!.plain)) from--
  const range = rangeOfWords(tokens, from, at + count - from)
  const isNoun = from === at && /^(?:une?|le|la|cet|cette|ce)$/.test(tokens[at - 1]?.plain ?? '')
  if (!isNoun) return { ...range, edit: { ...range, text: '' } }
  const feminine = /^(?:une|la|cette)$/.test(tokens[at - 1]!.plain)
  return { ...range, edit: { ...range, text: feminine ? 'personne' : 'individu' } }
}

/** Finds children among the persons: nouns, and ages under eighteen. */
export function findMinors({ text, tokens }: Reading): Finding[] {
  const found: Finding[] = []
  for (const { at, count } of findPhrases(minors, tokens)) {
    if (isAfterPlaceWord(tokens, at) || isNear(tokens, at, inGeneral, 4)) continue
    if (!isCounted(tokens, at)) continue
    const range = rangeOfWords(tokens, at, count)
    found.push({ ...range, edit: minorEdit(tokens, at, range) })
  }
  for (const match of text.matchAll(ABOUT_AGE)) {
    const at = indexOfWordAt(tokens, match.index)
    if (!isOfPerson(tokens, at)) continue
    const end = match.index + match[0].length
    found.push({ start: match.index, end, edit: { start: leadingStart(tokens, at), end, text: '' } })
  }
  for (const match of text.matchAll(AGE)) {
    const [whole, first, second] = match
    if (Number(second ?? first) > 17) continue
    const at = indexOfWordAt(tokens, match.index)
    if (!isOfPerson(tokens, at)) continue
    const start = match.index
    const end = start + whole.length
    found.push({ start, end, edit: { start: leadingStart(tokens, at), end, text: '' } })
  }
  return inTextOrder(found)
}

const AGE = /(?<![\p{L}\p{N}.,])(\d{1,2})(?:[ ]?(?:\/|-|à|a|ou|et)[ ]?(\d{1,2}))?[ ]?ans(?![\p{L}\p{N}])/giu
/** An age under eighteen in other words: "une quinzaine d'années", "moins de 18 ans". */
const ABOUT_AGE =
  /(?<![\p{L}\p{N}])(?:(?:une[ ])?(?:dizaine|douzaine|quinzaine)[ ]d['’]ann[ée]es|moins[ ]de[ ](?:18|dix-huit)[ ]ans)(?![\p{L}\p{N}])/giu
const AGED = /^(?:age|agee|ages|agees|de|d|environ|entre)$/

function leadingStart(tokens: readonly Token[], at: number): number {
  let from = at
  while (from > 0 && followsClosely(tokens[from]) && AGED.test(tokens[from - 1]!.plain)) from--
  return tokens[from]!.start
}

/** True when the age is that of a person: "garçon de 12 ans", "âgé de 15 ans", but not "depuis 15 ans". */
function isOfPerson(tokens: readonly Token[], at: number): boolean {
  for (let i = at - 1; i >= 0 && at - i < 7; i--) {
    const { plain } = tokens[i]!
    if (/^(?:agee?s?)$/.test(plain) || people.has(plain)) return true
    if (tokens[i + 1]!.breaks || /^(?:depuis|pendant|durant|apres|avant|moins|plus)$/.test(plain))
      return false
  }
  return false
}

function isCounted(tokens: readonly Token[], at: number): boolean {
  const token = tokens[at]!
  const before = tokens[at - 1]
  if (before === undefined || token.breaks) return false
  if (!followsClosely(token)) return false
  if (beforeMinor.has(before.plain) || isNumber(before) || people.has(before.plain)) return true
  return /^(?:de|d)$/.test(before.plain) && groups.has(tokens[at - 2]?.plain ?? '')
}

function minorEdit(tokens: readonly Token[], at: number, range: { start: number; end: number }) {
  const { plain } = tokens[at]!
  const before = tokens[at - 1]
  // "auteurs mineurs" loses its adjective.
  if (before !== undefined && people.has(before.plain)) return { ...range, text: '' }
  const feminine = /^(?:une|la|cette)$/.test(before?.plain ?? '')
  const many = /s$/.test(plain) && !/^(?:une?|le|la|cet|cette|ce)$/.test(before?.plain ?? '')
  return { ...range, text: feminine ? 'personne' : many ? 'individus' : 'individu' }
}

/** True when one of the words is among the few before, in the same sentence. */
function isNear(tokens: readonly Token[], at: number, words: ReadonlySet<string>, reach: number): boolean {
  for (let i = at; i > 0 && at - i < reach; i--) {
    if (tokens[i]!.breaks) return false
    if (words.has(tokens[i - 1]!.plain)) return true
  }
  return false
}
