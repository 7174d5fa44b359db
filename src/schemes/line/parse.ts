import type { PlaceName } from '../../territory/contract.ts'
import { usualName } from '../../territory/places/naming.ts'
import type { NameIndex } from '../../territory/places/nearest.ts'
import { simplifySpelling } from '../../territory/places/spelling.ts'
import { findCategory, type LineCategory } from './category.ts'
import { isNameWord } from './commune-names.ts'
import { findCommunes } from './communes.ts'
import { isKnown, isSeveral } from './known-words.ts'
import { ACCENTED, AFTER_TO, LINKS, PERSONS, SHORT_PERSONS, STREETS, VEHICLES } from './lexicon.ts'
import { findDetails } from './places.ts'
import { textBefore } from './spans.ts'
import { findWhen, type SaidWhen } from './when.ts'
import { type Word, wordsOf } from './words.ts'

export type { LineCategory } from './category.ts'
export type { SaidWhen } from './when.ts'

/** The meaning of a part of a line. */
export type LineRole = 'category' | 'commune' | 'place' | 'when' | 'facts'

/** A part of the line that was understood, in characters. */
export interface LineSpan {
  readonly start: number
  readonly end: number
  readonly role: LineRole
}

/** A line as it was understood. */
export interface UnderstoodLine {
  readonly categoryCode: string | null
  readonly commune: PlaceName | null
  /** The place within the commune, as typed; empty: none. */
  readonly place: string
  readonly when: SaidWhen | null
  /** Everything else that was typed, whether it was understood or not. */
  readonly facts: string
  /** Communes named as the direction of a flight; they are in the facts. */
  readonly directions: readonly PlaceName[]
  /** Words of the facts that were not understood. */
  readonly unknown: readonly string[]
  /** The parts that were understood, in the order of the line. */
  readonly spans: readonly LineSpan[]
}

/** The data needed to understand a line. */
export interface LineContext {
  readonly categories: readonly LineCategory[]
  /** The names of the communes of the scheme's territory. */
  readonly names: NameIndex
  /** The time of the call, in milliseconds since the epoch. */
  readonly now: number
  readonly timeZone: string
}

/** The role of a word; `lead`: it only introduces what follows; `kept`: it is a fact as well. */
interface Mark {
  readonly role: LineRole
  readonly isKept?: boolean
}

/** Gives words their role; `isKept`: they are facts as well. */
type MarkWords = (from: number, count: number, role: LineRole, isKept?: boolean) => void

/**
 * Understands one line as an operator types it during a call: category, commune, place within it, time. What is left over is
 * the facts, in the order in which it was typed; no word is lost.
 */
export function understandLine(typed: string, context: LineContext): UnderstoodLine {
  // Control characters, also those that only turn the writing, are no part of a message. Places stay the same.
  const line = typed.replace(/(?!\n)[\p{Cc}\p{Cf}]/gu, (character) => ' '.repeat(character.length))
  const words = wordsOf(line)
  const marks: (Mark | undefined)[] = words.map(() => undefined)
  const isTaken = (at: number) => at < 0 || at >= words.length || marks[at] !== undefined
  const mark: MarkWords = (from, count, role, isKept = false) => {
    for (let at = from; at < from + count; at++) marks[at] = { role, isKept }
  }

  const when = findWhen(words, context.now, context.timeZone)
  for (const at of when?.used ?? []) mark(at, 1, 'when', when?.facts.includes(at) ?? false)

  const category = findCategory(words, context.categories, isTaken, (key) => isNameWord(context.names, key))
  if (category !== undefined) {
    mark(category.from, category.count, 'category', category.isFact)
    if (!category.isFact) markAuxiliary(words, category.from, isTaken, mark)
    keepNotes(words, category.from + category.count, mark)
    keepArm(words, category.from + category.count, mark)
  }

  const communes = findCommunes(words, context.names, isTaken)
  const main = communes.find(({ isDirection }) => !isDirection)
  const directions = communes.filter(({ isDirection }) => isDirection)
  if (main !== undefined) mark(main.from, main.count, 'commune', main.isBetween)
  const directionAt = new Map(directions.map((one) => [one.from, one]))
  for (const { from, count } of directions) mark(from, count, 'facts', true)

  const details: string[] = []
  let last = -1
  for (const { from, count, lead } of findDetails(words, isTaken)) {
    mark(from, count, 'place')
    const text = textOf(line, words, from + lead, count - lead)
    // A street is a part of its own: after the sign of a shop it would be lost with it.
    const isStreet = STREETS.has(words[from + lead]?.key ?? '') || /^\d/.test(words[from + lead]?.key ?? '')
    if (details.length > 0 && last === from && lead === 0 && !isStreet && words[from]?.isBreak !== true)
      details.push(`${details.pop()} ${text}`)
    else details.push(text)
    last = from + count
  }

  const { facts, unknown } = factsOf(line, words, marks, directionAt)
  return {
    categoryCode: category?.code ?? null,
    commune: main?.place ?? null,
    place: details.map(lowered).join(', '),
    when: when?.when ?? null,
    facts: facts.join(', '),
    directions: directions.map(({ place }) => place),
    unknown,
    spans: spansOf(words, marks),
  }
}

/** Keeps the notes of "faux billets de 50" as facts: the amount alone would say nothing. */
function keepNotes(words: readonly Word[], after: number, mark: MarkWords): void {
  const isAmount = words[after]?.key === 'de' && /^\d+(?:€|euros?)?$/.test(words[after + 1]?.key ?? '')
  if (isAmount && /^bi(?:ll?|y)[a-z]*$/.test(words[after - 1]?.key ?? ''))
    mark(after - 1, 1, 'category', true)
}

/** Verbs that say nothing without the category after them: "a été braqué", "vient de se faire braquer". */
const AUXILIARY =
  /(?:^| )((?:a|ont) ete|(?:vient|viennent) d (?:ete|etre)|(?:s est|se sont) faite?s?|(?:on )?(?:vient|viennent) de (?:se faire|me|nous)|ont|sont|est|etait)$/

function markAuxiliary(
  words: readonly Word[],
  from: number,
  isTaken: (at: number) => boolean,
  mark: MarkWords,
): void {
  const said = AUXILIARY.exec(textBefore(words, from, (at) => !isTaken(at)))?.[1]
  const count = said?.split(' ').length ?? 0
  if (count > 0 && /(?:e[es]*|er)$/.test(words[from]?.key ?? '')) mark(from - count, count, 'category')
}

/** Keeps the arm of "vol avec arme blanche" as a fact: its kind alone would say nothing. */
function keepArm(words: readonly Word[], after: number, mark: MarkWords): void {
  const kind = `${words[after]?.key} ${words[after + 1]?.key}`
  if (/^armes?$/.test(words[after - 1]?.key ?? '') && /^(?:blanches? |longues? |a feu$|de poing$)/.test(kind))
    mark(after - 1, 1, 'category', true)
}

function textOf(line: string, words: readonly Word[], from: number, count: number): string {
  const [first, last] = [words[from], words[from + count - 1]]
  return first === undefined || last === undefined
    ? ''
    : line.slice(first.start, last.end).replace(/\s+/gu, ' ')
}

/** Joins what is left over into facts, and lists the words among it that mean nothing to the parser. */
function factsOf(
  line: string,
  words: readonly Word[],
  marks: readonly (Mark | undefined)[],
  directionAt: ReadonlyMap<number, { readonly place: PlaceName; readonly count: number }>,
): { readonly facts: readonly string[]; readonly unknown: readonly string[] } {
  const facts: string[] = []
  const unknown: string[] = []
  const isSaidWhen = (at: number) => marks[at]?.role === 'when'
  const isFact = (at: number) => at < words.length && (marks[at] === undefined || marks[at].isKept === true)
  for (let at = 0; at < words.length; ) {
    const direction = directionAt.get(at)
    if (direction !== undefined) {
      const { formerName, name } = direction.place
      facts.push(`direction ${formerName ?? usualName(name)}`)
      at += direction.count
      continue
    }
    if (!isFact(at)) {
      at++
      continue
    }
    const from = at
    do at++
    while (
      isFact(at) &&
      !directionAt.has(at) &&
      !startsFlight(words, at) &&
      isSaidWhen(at) === isSaidWhen(from)
    )
    const segment = words.slice(from, at)
    if (segment.every(({ key }) => LINKS.has(key))) continue
    unknown.push(...segment.filter(({ key }, no) => isUnknown(key, marks[from + no])).map(({ text }) => text))
    facts.push(phrased(line, words, from, at))
  }
  return { facts, unknown }
}

/** A flight and its direction are facts of their own: "deux hommes, fuite à pied, direction l'A75". */
function startsFlight(words: readonly Word[], at: number): boolean {
  const key = words[at]?.key ?? ''
  if (/^(?:vers|direction|dir)$/.test(key)) return true
  return key === 'fuite' && !LINKS.has(words[at - 1]?.key ?? '')
}

function isUnknown(key: string, mark: Mark | undefined): boolean {
  return mark === undefined && !isKnown(key) && !/^[\d€%°]/.test(key)
}

/** Returns words as facts: without a link at the start, with the one between a person and a vehicle. */
function phrased(line: string, words: readonly Word[], from: number, to: number): string {
  let start = from
  let end = to
  while (end > start + 1 && LINKS.has(words[end - 1]?.key ?? '')) end--
  while (start < end - 1 && /^(?:et|de|du|des|d|sont)$/.test(words[start]?.key ?? '')) start++
  // "Braqué par deux hommes"; but "par effraction".
  if (words[start]?.key === 'par' && countsPersons(words, start + 1, end)) start++
  const cased = isLoud(line.slice(words[start]?.start, words[end - 1]?.end))
    ? loweredWord
    : (word: string) => word
  const shown = (at: number) => {
    const text = cased(words[at]?.text ?? '')
    return writtenOut(words, at) ?? accented(text, words[at + 1]?.key ?? '') ?? text
  }
  let text = ''
  for (let at = start; at < end; at++) {
    const word = words[at] as Word
    const into = at > start && !word.isBreak ? intoVehicle(words[at - 1], word) : undefined
    if (into !== undefined) text += ` ${into} ${shown(at)}`
    else text += at === start ? shown(at) : `${word.gap}${shown(at)}`
  }
  return text
    .replace(/\s+/gu, ' ')
    .replace(/^(?:vers|dir|direction)\b(?= )/iu, (said) => (/^direction$/i.test(said) ? said : 'direction'))
    .trim()
}

/** Writes out the abbreviations of people that only the forces use: "2 ind", "1 h". */
function writtenOut(words: readonly Word[], at: number): string | undefined {
  const key = words[at]?.key ?? ''
  const count = words[at - 1]?.key ?? ''
  const written = SHORT_PERSONS.get(key)
  if (written === undefined) return undefined
  // "Pendant 1 h" is an hour.
  const isCounted = /^[1-9]$/.test(count) && !/^(?:pendant|durant|dure|apres)$/.test(words[at - 2]?.key ?? '')
  if (key.length === 1 && !isCounted) return undefined
  return isSeveral(count) || count === 'des' || count === 'les' ? `${written}s` : written
}

/** Tells whether words name people, with their number: "deux hommes", "un individu", "trois jeunes femmes". */
function countsPersons(words: readonly Word[], from: number, to: number): boolean {
  const key = words[from]?.key ?? ''
  const isCount = key === 'un' || key === 'une' || key === 'des' || isSeveral(key)
  return isCount && words.slice(from + 1, Math.min(to, from + 3)).some((word) => PERSONS.has(word.key))
}

const accentedWords = new Map(
  ACCENTED.flatMap((word) => [word, `${word}s`]).map((word) => [simplifySpelling(word), word]),
)

/** Returns a word of the facts with the accents that were left out. */
function accented(text: string, next: string): string | undefined {
  return text === 'a' && AFTER_TO.has(next) ? 'à' : accentedWords.get(text)
}

function intoVehicle(before: Word | undefined, word: Word): string | undefined {
  // "Conducteur bus" drives it.
  const isIn =
    before !== undefined && PERSONS.has(before.key) && !/^(?:conducteur|chauffeur)$/.test(before.key)
  return isIn ? VEHICLES.get(word.key) : undefined
}

/** Tells whether a text is typed in capitals. */
function isLoud(text: string): boolean {
  return !/\p{Ll}/u.test(text) && /\p{Lu}{4}/u.test(text)
}

/** Lowers a word, except what looks like a number plate or a road. */
function loweredWord(word: string): string {
  return /\d/.test(word) ? word : word.toLowerCase()
}

function lowered(text: string): string {
  return isLoud(text) ? text.replace(/\S+/gu, loweredWord) : text
}

/** Joins neighbouring words of one role into spans. */
function spansOf(words: readonly Word[], marks: readonly (Mark | undefined)[]): LineSpan[] {
  const spans: LineSpan[] = []
  for (const [at, word] of words.entries()) {
    const role = marks[at]?.role ?? (isKnown(word.key) && !LINKS.has(word.key) ? 'facts' : undefined)
    if (role === undefined) continue
    const before = spans.at(-1)
    if (before?.role === role && before.end === words[at - 1]?.end)
      spans[spans.length - 1] = { ...before, end: word.end }
    else spans.push({ start: word.start, end: word.end, role })
  }
  return spans
}
