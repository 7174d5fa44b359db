import { foldToGsm7 } from '../message/fold.ts'
import { findLinks, findMails, findPhones } from './contacts.ts'
import { findPersonDescriptions, findSuspects } from './descriptions.ts'
import { applyEdit, capitaliseFirst } from './edit.ts'
import {
  type DescriptionLevel,
  type Edit,
  type Finding,
  type GuardLevel,
  guardLevels,
  inTextOrder,
  type Reading,
  withoutOverlaps,
} from './finding.ts'
import {
  clockOf,
  findCostlyCharacters,
  findExcess,
  findOtherDay,
  findOtherTime,
  findShouting,
  hasAdvice,
  hasTime,
  placeEnd,
  withAdvice,
  withPlace,
} from './form.ts'
import { findBirthDates, findDisabilities, findMinors, findNamesBeforeBirth } from './identity.ts'
import { indexNames, type NameIndex } from './members.ts'
import { findOrigins } from './origins.ts'
import { findPersonNames } from './persons.ts'
import type { Phrases } from './phrases.ts'
import { findOtherPlaces, indexPlaces, namesCommune } from './places.ts'
import { findPlates } from './plates.ts'
import { findMemberNames, findShopNames } from './shops.ts'
import { isInCapitals, plainOf, tokenize } from './tokens.ts'
import { findVehicleDescriptions, findVehicles } from './vehicles.ts'
import { findGuilt, findInsults } from './wording.ts'

export { type GuardLevel, guardLevels } from './finding.ts'

/**
 * The severity of each remark, the first level that allows its content (null: no level; for descriptions the scheme may
 * choose another), and the kind of its fix.
 */
export const remarkKinds = {
  plate: { severity: 'block', allowedFrom: 'precise', fix: 'plate' },
  phone: { severity: 'block', allowedFrom: 'precise', fix: 'phone' },
  email: { severity: 'block', allowedFrom: 'precise', fix: 'email' },
  link: { severity: 'block', allowedFrom: null, fix: 'link' },
  person_name: { severity: 'block', allowedFrom: null, fix: 'person' },
  birth_date: { severity: 'block', allowedFrom: null, fix: 'words' },
  minor: { severity: 'block', allowedFrom: null, fix: 'words' },
  disability: { severity: 'block', allowedFrom: null, fix: 'words' },
  member_name: { severity: 'block', allowedFrom: 'precise', fix: 'shop' },
  shop_name: { severity: 'warn', allowedFrom: 'precise', fix: 'shop' },
  origin: { severity: 'block', allowedFrom: null, fix: 'words' },
  insult: { severity: 'block', allowedFrom: null, fix: 'words' },
  guilt: { severity: 'block', allowedFrom: null, fix: 'words' },
  person_description: { severity: 'block', allowedFrom: 'precise', fix: 'words' },
  suspect: { severity: 'block', allowedFrom: 'established', fix: null },
  vehicle_description: { severity: 'block', allowedFrom: 'precise', fix: 'vehicle' },
  vehicle: { severity: 'block', allowedFrom: 'established', fix: 'words' },
  missing_advice: { severity: 'warn', allowedFrom: null, fix: 'advice' },
  missing_commune: { severity: 'block', allowedFrom: null, fix: 'place' },
  missing_place: { severity: 'warn', allowedFrom: null, fix: 'place' },
  other_place: { severity: 'warn', allowedFrom: null, fix: 'own' },
  missing_time: { severity: 'warn', allowedFrom: null, fix: 'time' },
  time_differs: { severity: 'warn', allowedFrom: null, fix: 'hour' },
  day_differs: { severity: 'warn', allowedFrom: null, fix: 'day' },
  capitals: { severity: 'warn', allowedFrom: null, fix: 'capitals' },
  not_gsm7: { severity: 'warn', allowedFrom: null, fix: 'fold' },
  long: { severity: 'warn', allowedFrom: null, fix: null },
  too_long: { severity: 'block', allowedFrom: null, fix: null },
} as const satisfies Record<
  string,
  { severity: 'block' | 'warn'; allowedFrom: GuardLevel | null; fix: string | null }
>

export type RemarkCode = keyof typeof remarkKinds

export interface Remark {
  readonly code: RemarkCode
  /** Position in UTF-16 code units of the text; 0 and 0 for a remark on the whole text. */
  readonly start: number
  readonly end: number
  /** `block`: must not be sent; `warn`: should be checked. */
  readonly severity: 'block' | 'warn'
  /** The first level of content that allows it; null: no level. */
  readonly allowedFrom: GuardLevel | null
  /** Whether a chief may let these words stand although they are the name of a member (`passed`), or has done so. */
  readonly pass?: 'possible' | 'done' | undefined
  /** The whole text after the fix, and the message key that describes the fix (messages/). */
  readonly fix: { readonly text: string; readonly label: string } | null
}

export interface GuardInput {
  readonly text: string
  /** The level of content of the alert. */
  readonly level: GuardLevel
  /**
   * Names of the scheme's members. The index is cached for each array, so pass the same array again and never change it: a
   * new list must be a new array.
   */
  readonly memberNames?: readonly string[]
  /** Words that a chief allowed although they are the name of a member: they get a remark, and no longer forbid the text. */
  readonly passed?: readonly string[]
  /** Names of the scheme's communes and areas, also an unchanging array. Without it, a missing place is not remarked. */
  readonly places?: readonly string[]
  /** Time of the facts, ISO 8601: inserted when the text has no time, and compared with the hours of the text. */
  readonly occurredAt?: string
  /** Calendar day on which the text leaves (2026-11-28): compared with the day of the facts. */
  readonly today?: string
  /** False for a text that may lack the time, since the template of its category has none; true by default. */
  readonly needsTime?: boolean
  /** Time zone of the place; metropolitan France by default. */
  readonly timeZone?: string
  /**
   * Names of the commune of the facts, and the words of the alerted area: another place of the scheme is pointed out. Absent:
   * none is.
   */
  readonly ownPlaces?: readonly string[]
  /** Names of the commune of the facts; the text must contain one of them. Absent: the commune is not required. */
  readonly communes?: readonly string[]
  /**
   * The place in the words of a message ("agglomération d'Issoire"): counts as a place, and is inserted when the text has
   * none.
   */
  readonly place?: string
  /** The closing advice of the scheme. */
  readonly advice?: string
  /** The lowest level at which the scheme allows descriptions of persons and vehicles; by default `precise`. */
  readonly descriptionLevel?: DescriptionLevel
  /** Maximum number of SMS parts of an alert. */
  readonly maxParts?: number
  /** Whether sending replaces the characters that GSM-7 lacks: then only those that it cannot replace are remarked. */
  readonly fold?: boolean
  /** Whether the message must give place and advice, as the first message of an alert about an offence; otherwise they are only advised. */
  readonly aboutOffence?: boolean
}

const ADVICE = 'Ne pas intervenir, appelez le 17.'
const MAX_PARTS = 3
/** Maximum number of remarks of one kind that get a fix; with more, the text is not an alert. */
const MAX_FIXES = 6

const placesOf = new WeakMap<readonly string[], Phrases>()
const namesOf = new WeakMap<readonly string[], Map<readonly string[] | undefined, NameIndex>>()

/**
 * Checks a message against the doctrine and reports everything that should not be sent: identities, plates, shops, origins,
 * judgements, and anything missing or badly written. Remarks are in the order of the text, those on the whole text last.
 * Content that the level allows is not remarked. Never throws. An empty text has no remark.
 *
 * @example
 * guardText({ text: 'Vol à Issoire à 17h30, Clio AB-123-CD. Ne pas intervenir.', level: 'established' })
 * // [{ code: 'plate', start: 29, end: 38, severity: 'block', allowedFrom: 'precise',
 * //    fix: { text: 'Vol à Issoire à 17h30, Clio. Ne pas intervenir.', label: 'guard.fix.plate' } }]
 */
export function guardText(input: GuardInput): Remark[] {
  if (input.text.trim() === '') return []
  const reading = readText(input)
  const found = collectFindings(input, reading)
  const remarks: Remark[] = []
  const counts = new Map<RemarkCode, number>()
  for (const [code] of found) counts.set(code, (counts.get(code) ?? 0) + 1)
  for (const [code, finding] of found) {
    const kind = remarkKinds[code]
    const pass = passOf(input, finding)
    remarks.push({
      code,
      start: finding.start,
      end: finding.end,
      severity: pass === 'done' ? 'warn' : (finding.severity ?? kind.severity),
      allowedFrom: firstLevelOf(code, input),
      ...(pass !== undefined && { pass }),
      fix: kind.fix === null ? null : fixOf(input, code, finding.edit, counts.get(code) ?? 1),
    })
  }
  return remarks
}

function passOf({ text, passed = [] }: GuardInput, { isPassable, start, end }: Finding): Remark['pass'] {
  if (isPassable !== true) return undefined
  const words = plainOf(text.slice(start, end))
  return passed.some((one) => plainOf(one) === words) ? 'done' : 'possible'
}

/** Returns whether a text describes a person: hair, build, age, face or clothing. */
export function describesPerson(text: string): boolean {
  return text.trim() !== '' && finderOf(readText({ text }))('person_description').length > 0
}

function readText({ text, memberNames, places }: Omit<GuardInput, 'level'>): Reading {
  return {
    text,
    tokens: tokenize(text),
    inCapitals: isInCapitals(text),
    places: places && indexedPlaces(places),
    members: memberNames && indexedNames(memberNames, places),
  }
}

function indexedPlaces(places: readonly string[]): Phrases {
  let index = placesOf.get(places)
  if (index === undefined) {
    index = indexPlaces(places)
    placesOf.set(places, index)
  }
  return index
}

function indexedNames(names: readonly string[], places: readonly string[] | undefined): NameIndex {
  let byPlaces = namesOf.get(names)
  if (byPlaces === undefined) {
    byPlaces = new Map()
    namesOf.set(names, byPlaces)
  }
  let index = byPlaces.get(places)
  if (index === undefined) {
    index = indexNames(names, places && indexedPlaces(places))
    byPlaces.set(places, index)
  }
  return index
}

/** Returns the first level that allows the content of a remark; for descriptions the scheme chooses it. */
function firstLevelOf(code: RemarkCode, { descriptionLevel }: GuardInput): GuardLevel | null {
  const isDescription = code === 'person_description' || code === 'vehicle_description'
  return isDescription && descriptionLevel !== undefined ? descriptionLevel : remarkKinds[code].allowedFrom
}

/** Returns whether remarks of this kind apply at the level of the message. */
function isRemarked(code: RemarkCode, input: GuardInput): boolean {
  const { level } = input
  // Prevention needs no hour, nor a place unless the message is about an offence all the same.
  if (code === 'missing_time' || code === 'time_differs' || code === 'day_differs')
    return level !== 'prevention'
  if (code === 'missing_place') return level !== 'prevention' || input.aboutOffence === true
  const allowedFrom = firstLevelOf(code, input)
  return allowedFrom === null || guardLevels.indexOf(level) < guardLevels.indexOf(allowedFrom)
}

type WordCode = Exclude<
  RemarkCode,
  MissingCode | 'long' | 'too_long' | 'time_differs' | 'day_differs' | 'other_place'
>
/** Returns the findings of another kind, so that a range of the text is not remarked twice. */
type Others = (code: WordCode) => readonly Finding[]

const finders: Readonly<Record<WordCode, (reading: Reading, others: Others) => readonly Finding[]>> = {
  plate: findPlates,
  phone: findPhones,
  email: findMails,
  link: (reading, others) => withoutOverlaps(findLinks(reading), others('email')),
  member_name: findMemberNames,
  person_name: (reading, others) =>
    withoutOverlaps(
      inTextOrder([...findPersonNames(reading), ...findNamesBeforeBirth(reading)]),
      others('member_name'),
    ),
  birth_date: (reading, others) => findBirthDates(reading, others('person_name')),
  minor: findMinors,
  disability: (reading, others) => withoutOverlaps(findDisabilities(reading), others('minor')),
  shop_name: (reading, others) =>
    findShopNames(reading, [...others('member_name'), ...others('person_name')]),
  origin: findOrigins,
  insult: (reading, others) =>
    withoutOverlaps(findInsults(reading), [...others('origin'), ...others('disability')]),
  guilt: findGuilt,
  person_description: (reading, others) =>
    findPersonDescriptions(reading, [...others('origin'), ...others('minor'), ...others('disability')]),
  suspect: (reading, others) => withoutOverlaps(findSuspects(reading), others('minor')),
  vehicle_description: (reading, others) =>
    withoutOverlaps(findVehicleDescriptions(reading), [...others('plate'), ...others('shop_name')]),
  vehicle: (reading, others) => withoutOverlaps(findVehicles(reading), others('vehicle_description')),
  capitals: findShouting,
  not_gsm7: findCostlyCharacters,
}
const wordCodes = Object.keys(finders) as WordCode[]

/** Caches the findings of each kind, and runs a finder only when needed. */
function finderOf(reading: Reading): Others {
  const found = new Map<WordCode, readonly Finding[]>()
  const find: Others = (code) => {
    let findings = found.get(code)
    if (findings === undefined) {
      findings = finders[code](reading, find)
      found.set(code, findings)
    }
    return findings
  }
  return find
}

type Found = readonly [RemarkCode, Finding]

function collectFindings(input: GuardInput, reading: Reading): Found[] {
  const find = finderOf(reading)
  const found: Found[] = wordCodes
    .filter((code) => isRemarked(code, input) && !(code === 'not_gsm7' && isFolded(input)))
    .flatMap((code) => find(code).map((finding) => [code, finding] as const))
  const excess = findExcess(input.text, input.maxParts ?? MAX_PARTS)
  if (excess) found.push([excess.tooLong ? 'too_long' : 'long', excess.finding])
  if (isRemarked('time_differs', input)) {
    for (const finding of findOtherTimes(input, reading)) found.push(['time_differs', finding])
    for (const finding of findOtherDays(input, reading)) found.push(['day_differs', finding])
  }
  for (const finding of otherPlaces(input, reading, find)) found.push(['other_place', finding])
  found.sort(([, a], [, b]) => a.start - b.start || a.end - b.end)
  for (const code of listMissing(input, reading)) {
    if (!isRemarked(code, input)) continue
    const isRequired = input.aboutOffence === true && (code === 'missing_place' || code === 'missing_advice')
    found.push([
      code,
      { start: 0, end: 0, ...(isRequired && { severity: 'block' }), ...editOfMissing(code, input, reading) },
    ])
  }
  return found
}

/** True when sending replaces every character that GSM-7 lacks, so that they cost nothing. */
function isFolded({ text, fold }: GuardInput): boolean {
  return fold === true && foldToGsm7(text.toWellFormed().normalize('NFC')) !== undefined
}

function findOtherTimes({ occurredAt, timeZone }: GuardInput, reading: Reading): Finding[] {
  return occurredAt === undefined ? [] : findOtherTime(reading, occurredAt, timeZone)
}

function findOtherDays({ occurredAt, today, timeZone }: GuardInput, reading: Reading): Finding[] {
  if (occurredAt === undefined || today === undefined) return []
  return findOtherDay(reading, { occurredAt, today, timeZone })
}

/**
 * Finds other places than the text's own. A text about an area may name some of its communes besides it, so that they are
 * found only where it names neither the commune nor the area.
 */
function otherPlaces(input: GuardInput, reading: Reading, find: Others): Finding[] {
  const { ownPlaces, communes, place } = input
  if (ownPlaces === undefined) return []
  const namesOwn = namesCommune(reading, ownPlaces) || ownPlaces.some((own) => containsWords(input.text, own))
  if (communes === undefined && namesOwn) return []
  const named = [...find('member_name'), ...find('person_name'), ...find('shop_name')]
  const found = withoutOverlaps(findOtherPlaces(reading, ownPlaces), named)
  const [only] = found
  const own = place?.trim()
  if (found.length !== 1 || only === undefined || namesOwn || !own) return found
  // "à Thiers" is replaced with its preposition, so that "à Billom" takes its place.
  const introduced = /(?:^|\s)(?:à|a|aux?)\s+$/iu.exec(input.text.slice(0, only.start))
  if (introduced === null) return found
  const start = introduced.index + (/^\s/.test(introduced[0]) ? 1 : 0)
  return [{ ...only, edit: { start, end: only.end, text: own } }]
}

/** Counts the remarks of one kind on a text. */
function countOf(code: RemarkCode, input: GuardInput): number {
  if (input.text.trim() === '') return 0
  const reading = readText(input)
  if (code in finders) return finderOf(reading)(code as WordCode).length
  if (code === 'time_differs') return findOtherTimes(input, reading).length
  if (code === 'day_differs') return findOtherDays(input, reading).length
  if (code === 'other_place') return otherPlaces(input, reading, finderOf(reading)).length
  return listMissing(input, reading).filter((one) => one === code).length
}

type MissingCode = 'missing_commune' | 'missing_place' | 'missing_time' | 'missing_advice'

function listMissing(input: GuardInput, reading: Reading): MissingCode[] {
  const codes: MissingCode[] = []
  const isPlaceNamed =
    input.place !== undefined && input.place.trim() !== '' && containsWords(input.text, input.place)
  if (input.communes !== undefined && !namesCommune(reading, input.communes)) codes.push('missing_commune')
  else if (input.places !== undefined && !isPlaceNamed && placeEnd(reading) === undefined) {
    // Also outside the scheme, as in an alert that another scheme relayed.
    const isAtFacts = input.ownPlaces !== undefined && namesCommune(reading, input.ownPlaces)
    if (!isAtFacts) codes.push('missing_place')
  }
  if (input.needsTime !== false && !hasTime(reading)) codes.push('missing_time')
  if (!hasAdvice(reading, input.advice ?? ADVICE)) codes.push('missing_advice')
  return codes
}

function containsWords(text: string, words: string): boolean {
  return text.toLowerCase().includes(words.trim().toLowerCase())
}

function editOfMissing(code: MissingCode, input: GuardInput, reading: Reading): { edit?: Edit } {
  const { text } = input
  const whole = (changed: string) => ({ edit: { start: 0, end: text.length, text: changed } })
  if (code === 'missing_advice') return whole(withAdvice(text, input.advice?.trim() || ADVICE))
  const place = input.place?.trim()
  const isPlace = code === 'missing_commune' || code === 'missing_place'
  if (code === 'missing_commune') {
    const [other] = otherPlaces(input, reading, finderOf(reading))
    if (other?.edit !== undefined) return { edit: other.edit }
  }
  // A place with its preposition goes where a sentence has it; an area by name goes first.
  if (isPlace && place && (code === 'missing_commune' || /^(?:à|aux?) /u.test(place)))
    return whole(withPlace(text, place))
  const clock = input.occurredAt && clockOf(input.occurredAt, input.timeZone)
  const added = isPlace ? place : clock
  if (!added) return {}
  const at = code === 'missing_time' ? placeEnd(reading) : undefined
  return whole(
    at === undefined
      ? `${capitaliseFirst(added)} : ${text}`
      : `${text.slice(0, at)} vers ${added}${text.slice(at)}`,
  )
}

/** Returns the fix if it removes at least one remark of its kind. */
function fixOf(input: GuardInput, code: RemarkCode, edit: Edit | undefined, count: number): Remark['fix'] {
  if (edit === undefined || count > MAX_FIXES) return null
  const whole = edit.start === 0 && edit.end === input.text.length && edit.text !== ''
  const text = whole ? edit.text : applyEdit(input.text, edit)
  if (text === input.text) return null
  const left = countOf(code, { ...input, text })
  return left < count ? { text, label: `guard.fix.${remarkKinds[code].fix}` } : null
}
