import { dayIn, dayWordsOn, hourOf, METROPOLITAN_ZONE } from '../message/clock.ts'
import { foldToGsm7 } from '../message/fold.ts'
import { countSeptets } from '../message/gsm0338.ts'
import { PART_UNITS, segmentMessage } from '../message/segment.ts'
import { capitaliseFirst } from './edit.ts'
import { type Finding, followsClosely, type Reading } from './finding.ts'
import descriptions from './lexicon/descriptions.json' with { type: 'json' }
import lexicon from './lexicon/message.json' with { type: 'json' }
import persons from './lexicon/persons.json' with { type: 'json' }
import shops from './lexicon/shops.json' with { type: 'json' }
import { findPhrases, indexPhrases, matchPhrase, wordSet } from './phrases.ts'
import { placeAt } from './places.ts'
import { findPlates } from './plates.ts'
import { isUpperCase, plainOf, type Token } from './tokens.ts'

const advice = indexPhrases(lexicon.advice)
const times = indexPhrases(lexicon.times)
const acronyms = wordSet(lexicon.acronyms)
const headings = wordSet(lexicon.headings)
const civilities = wordSet(persons.civilities)
const names = indexPhrases(descriptions.makes, shops.chains, persons.organisations)

const CLOCK =
  /(?<![\p{L}\p{N}.,/-])(?:[01]?\d|2[0-4])[ \u00a0]?(?:h(?:eures?)?[ \u00a0]?(?:[0-5]\d)?|:[0-5]\d)(?![\p{L}\p{N}])/iu
const DATE =
  /(?<![\p{L}\p{N}.,/-])(?:0?[1-9]|[12]\d|3[01])(?:[/.](?:0?[1-9]|1[0-2])(?:[/.]\d{2,4})?|er?[ ]|[ ](?:mars|mai)(?!\p{L}))/iu
const ROAD_OR_CODE =
  /(?<![\p{L}\p{N}])(?:[AND]|RN|RD)[ -]?\d{1,4}(?![\p{L}\p{N}])|(?<!\d)\d{5}(?!\d)|\(\d{2}\)|(?:dans|sur) le \d{2}(?!\d)/u

/** Returns whether the text gives advice, or contains the scheme's own advice. */
export function hasAdvice(reading: Reading, own: string): boolean {
  const given = plainOf(own)
    .replace(/[^a-z0-9]+/g, ' ')
    .trim()
  if (
    given !== '' &&
    plainOf(reading.text)
      .replace(/[^a-z0-9]+/g, ' ')
      .includes(given)
  )
    return true
  return findPhrases(advice, reading.tokens).length > 0
}

export function hasTime({ text, tokens }: Reading): boolean {
  return CLOCK.test(text) || DATE.test(text) || findPhrases(times, tokens).length > 0
}

/** Returns where the first place of the scheme ends, or undefined when there is none. */
export function placeEnd({ text, tokens, places }: Reading): number | undefined {
  for (let i = 0; i < tokens.length; i++) {
    const count = placeAt(places, tokens, i)
    if (count > 0) return tokens[i + count - 1]!.end
  }
  const road = ROAD_OR_CODE.exec(text)
  return road === null ? undefined : road.index + road[0].length
}

/** Appends the advice to the text, as a sentence of its own. */
export function withAdvice(text: string, own: string): string {
  const before = text.trimEnd()
  const mark = before === '' || /[.!?…:]$/u.test(before) ? '' : '.'
  return `${before}${mark}${before === '' ? '' : ' '}${capitaliseFirst(own.trim())}`
}

/** Matches the point where the event has been named: the hour, or the end of the first clause. */
const AFTER_THE_FACTS = new RegExp(`\\s*(?:\\s(?:à|vers)\\s+${CLOCK.source}|[.:,;!?(](?=\\s|$)|$)`, 'iu')

/** Inserts the place after the event: "Vol à main armée vers 2h10" becomes "Vol à main armée à Billom vers 2h10". */
export function withPlace(text: string, place: string): string {
  const at = AFTER_THE_FACTS.exec(text)?.index ?? text.length
  return `${text.slice(0, at)} ${place}${text.slice(at)}`
}

const CLOCKS = new RegExp(CLOCK.source, 'giu')
/** Matches hours of a span or a rule, not of the facts: "entre 14h et 15h", "jusqu'à 18h", "ouvert à 9h". */
const NOT_THE_FACTS =
  /(?:entre|jusqu['’]?(?:à|a)|avant|après|apres|depuis|dès|des|ferme|ouvre|ouvert|fermé|(?:entre|de)\s+\S+\s+(?:et|à|a))(?:\s+(?:à|a))?\s*$/iu
/** Minutes by which a text may round the hour. */
const ROUNDED = 20

/**
 * Finds an hour in the text that is not the hour of the facts; those are known to the minute, the text may round. Finds
 * nothing when one of its hours matches, or is about something else.
 */
export function findOtherTime({ text }: Reading, occurredAt: string, timeZone?: string): Finding[] {
  const right = clockOf(occurredAt, timeZone)
  if (right === undefined) return []
  const clocks = [...text.matchAll(CLOCKS)].filter(({ index }) => !NOT_THE_FACTS.test(text.slice(0, index)))
  const [first] = clocks
  if (first === undefined || clocks.some(([clock]) => hourMatches(clock, right))) return []
  const start = first.index
  const end = start + first[0].length
  return [{ start, end, ...(clocks.length === 1 && { edit: { start, end, text: right } }) }]
}

const PART_OF_DAY = '(?:\\s+(?:matin|soir|midi|après-midi|apres-midi|dans la nuit))?'
/** Matches the words of a text that say a day relative to that of writing, or a date. */
const DAYS = new RegExp(
  `(?<![\\p{L}\\p{N}-])(?:(?<date>(?:le|du)\\s+(?<d>\\d{1,2})/(?<m>\\d{1,2}))(?!\\d)|(?<yesterday>hier${PART_OF_DAY})|(?<today>aujourd['’]hui|ce (?:matin|soir|midi)|cet (?:après|apres)-midi))(?![\\p{L}\\p{N}])`,
  'giu',
)
/** Words that say another day well enough: "avant-hier", "cette nuit", "samedi". */
const OTHER_DAYS =
  /(?<![\p{L}\p{N}])(?:avant[- ]hier|cette nuit|la nuit|ce week-?end|(?:lun|mar|mercre|jeu|vendre|same)di|dimanche)(?![\p{L}\p{N}])/iu

/**
 * Finds a day in the text that is not the day of the facts, or the hour of facts of another day that comes without its day.
 * @param today the calendar day on which the text is read: 2026-11-28
 */
export function findOtherDay(
  { text }: Reading,
  { occurredAt, today, timeZone = METROPOLITAN_ZONE }: Facts,
): Finding[] {
  const at = Date.parse(occurredAt)
  if (Number.isNaN(at) || OTHER_DAYS.test(text)) return []
  const day = dayIn(timeZone, at)
  const right = dayWordsOn(day, today)
  const dates = [...text.matchAll(DAYS)]
  const isRight = ({ groups }: RegExpMatchArray) => {
    if (groups?.date === undefined) return (groups?.yesterday ? 'hier' : null) === right
    return Number(groups.d) === Number(day.slice(8)) && Number(groups.m) === Number(day.slice(5, 7))
  }
  const [first] = dates
  if (dates.some(isRight)) return []
  if (first === undefined) {
    const [clock] = [...text.matchAll(CLOCKS)].filter(
      ({ index }) => !NOT_THE_FACTS.test(text.slice(0, index)),
    )
    if (right === null || clock === undefined) return []
    const start = /(?:(?:vers|à|a)\s+)?$/iu.exec(text.slice(0, clock.index))?.index ?? clock.index
    const edit = { start, end: start, text: `${right} ` }
    return [{ start: clock.index, end: clock.index + clock[0].length, edit }]
  }
  const start = first.index
  const end = start + first[0].length
  const gap = /^\s+/u.exec(text.slice(end))?.[0].length ?? 0
  return [
    { start, end, edit: right === null ? { start, end: end + gap, text: '' } : { start, end, text: right } },
  ]
}

interface Facts {
  readonly occurredAt: string
  readonly today: string
  readonly timeZone?: string | undefined
}

/** True when an hour without minutes matches: "17h" matches 17h42. */
function hourMatches(clock: string, right: string): boolean {
  const [hour = 0, minute] = (clock.match(/\d+/g) ?? []).map(Number)
  const [rightHour = 0, rightMinute = 0] = (right.match(/\d+/g) ?? []).map(Number)
  const at = rightHour * 60 + rightMinute
  const from = (hour % 24) * 60 + (minute ?? 0)
  const to = minute === undefined ? from + 59 : from
  return [-1440, 0, 1440].some((day) => at >= from - ROUNDED + day && at <= to + ROUNDED + day)
}

/** Formats an instant in local time, "17h30"; undefined when it is not an instant. */
export function clockOf(instant: string, timeZone: string = METROPOLITAN_ZONE): string | undefined {
  const at = Date.parse(instant)
  return Number.isNaN(at) ? undefined : hourOf(at, timeZone)
}

/** Minimum length of a word in capitals that counts as shouted; shorter ones are articles and acronyms. */
const SHORTEST_SHOUTED = 4

/** Finds several words in capitals, with the text in which they are in lower case. */
export function findShouting(reading: Reading): Finding[] {
  const { text, tokens } = reading
  const kept = keptInCapitals(reading)
  const shouted = tokens.map(
    (token, i) => isUpperCase(token) && token.text.length >= SHORTEST_SHOUTED && !kept.has(i),
  )
  const count = shouted.filter(Boolean).length
  const inRow = shouted.some((one, i) => one && isFollowedByAnother(tokens, shouted, i))
  if (count < 2 || !(inRow || reading.inCapitals || count >= 4)) return []
  const first = shouted.indexOf(true)
  const last = shouted.lastIndexOf(true)
  const start = tokens[first]!.start
  const end = tokens[last]!.end
  return [{ start, end, edit: { start: 0, end: text.length, text: lowerCapitals(reading, kept) } }]
}

function isFollowedByAnother(tokens: readonly Token[], shouted: readonly boolean[], at: number): boolean {
  for (let i = at + 1; i < tokens.length; i++) {
    if (shouted[i]) return true
    if (tokens[i]!.breaks || !isUpperCase(tokens[i]!) || tokens[i]!.text.length >= SHORTEST_SHOUTED) {
      if (!/^[A-ZÀ]$/u.test(tokens[i]!.text)) return false
    }
  }
  return false
}

/** Returns the words to keep in capitals: places, makes, acronyms, words with digits, and a heading. */
function keptInCapitals(reading: Reading): ReadonlySet<number> {
  const { tokens, places } = reading
  const kept = new Set<number>()
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i]!
    if (acronyms.has(token.plain) || /\d/.test(token.text) || headings.has(token.plain)) kept.add(i)
    const count = Math.max(placeAt(places, tokens, i), matchPhrase(names, tokens, i))
    for (let k = 0; k < count; k++) kept.add(i + k)
  }
  for (const plate of findPlates(reading)) {
    for (const [i, token] of tokens.entries()) {
      if (token.start >= plate.start && token.end <= plate.end) kept.add(i)
    }
  }
  return kept
}

/** Changes each word in capitals to lower case, with capitals at the start of sentences and places. */
function lowerCapitals({ text, tokens, places }: Reading, kept: ReadonlySet<number>): string {
  const inPlace = new Set<number>()
  for (let i = 0; i < tokens.length; i++) {
    const count = placeAt(places, tokens, i)
    for (let k = 0; k < count; k++) inPlace.add(i + k)
  }
  let result = ''
  let end = 0
  for (const [i, token] of tokens.entries()) {
    result += token.gap + lowerWord(tokens, i, { kept, inPlace })
    end = token.end
  }
  return result + text.slice(end)
}

/** @param of `kept`: words that stay in capitals; `inPlace`: words of places */
function lowerWord(
  tokens: readonly Token[],
  at: number,
  { kept, inPlace }: { readonly kept: ReadonlySet<number>; readonly inPlace: ReadonlySet<number> },
): string {
  const token = tokens[at]!
  const { text: word } = token
  const lower = word.toLowerCase()
  if (/^\d{1,2}H(?:\d\d)?$/.test(word)) return lower
  const alone = /^\p{Lu}$/u.test(word)
  const neighbour = [tokens[at - 1], tokens[at + 1]].some((one) => one !== undefined && isUpperCase(one))
  if (!(isUpperCase(token) || (alone && neighbour))) return word
  if (inPlace.has(at)) return capitaliseFirst(lower)
  if (kept.has(at) && !(headings.has(token.plain) && !token.breaks)) return word
  if (civilities.has(tokens[at - 1]?.plain ?? '')) return capitaliseFirst(lower)
  if (word === 'A' && isPreposition(tokens, at, inPlace)) return 'à'
  if (alone && /^[-.]/.test(tokens[at + 1]?.gap ?? '')) return word
  return token.breaks ? capitaliseFirst(lower) : lower
}

/** True for a preposition that lost its accent in capitals: “A LURE”, “A 17H30”, “A LA BOULANGERIE”. */
function isPreposition(tokens: readonly Token[], at: number, inPlace: ReadonlySet<number>): boolean {
  const next = tokens[at + 1]
  if (next === undefined || !followsClosely(next)) return false
  return (
    inPlace.has(at + 1) ||
    /^\d/.test(next.text) ||
    /^(?:la|l|cote|mains?|proximite|pieds?|bord|moto|velo|scooter|domicile|hauteur)$/.test(next.plain)
  )
}

/** Pictographs, which say nothing that words do not. */
const PICTURES =
  /(?:\p{Extended_Pictographic}|\p{Emoji_Modifier}|\p{Regional_Indicator}|\u200d|\ufe0f|\u20e3)+ ?/gu

/**
 * Finds characters missing from GSM-7, from the first to the last. Most are folded, as when sending; emoji are removed; a
 * foreign alphabet is kept, because nothing readable would be left.
 */
export function findCostlyCharacters({ text }: Reading): Finding[] {
  const composed = text.toWellFormed().normalize('NFC')
  let start = -1
  let end = 0
  let at = 0
  for (const character of text) {
    if (countSeptets(character) === 0) {
      if (start < 0) start = at
      end = at + character.length
    }
    at += character.length
  }
  if (start < 0) return []
  // A letter and its separate accent (é as e + ´) cost nothing once they are composed.
  if ([...composed].every((character) => countSeptets(character) > 0)) return []
  const folded = foldToGsm7(composed)?.text ?? foldToGsm7(withoutPictures(composed))?.text
  return [
    { start, end, ...(folded === undefined ? {} : { edit: { start: 0, end: text.length, text: folded } }) },
  ]
}

function withoutPictures(text: string): string {
  return text.replace(PICTURES, '').trim()
}

/** Finds the text beyond the first part; `tooLong` when it takes more parts than allowed. */
export function findExcess(
  text: string,
  maxParts: number,
): { readonly finding: Finding; readonly tooLong: boolean } | undefined {
  const { parts, encoding } = segmentMessage(text, { fold: true })
  if (parts.length <= 1) return undefined
  const tooLong = parts.length > maxParts
  const { single, multi } = PART_UNITS[encoding]
  const room = tooLong ? multi * maxParts : single
  let used = 0
  let at = 0
  for (const character of text) {
    used += unitsOf(character, encoding)
    if (used > room) break
    at += character.length
  }
  return { finding: { start: Math.min(at, text.length - 1), end: text.length }, tooLong }
}

function unitsOf(character: string, encoding: 'GSM-7' | 'UCS-2'): number {
  if (encoding === 'UCS-2') return character.length
  let units = 0
  for (const one of foldToGsm7(character)?.text ?? character) units += countSeptets(one)
  return units
}
