import {
  type Edit,
  type Finding,
  followsClosely,
  inTextOrder,
  type Reading,
  rangeOfWords,
} from './finding.ts'
import lexicon from './lexicon/descriptions.json' with { type: 'json' }
import { indexPhrases, matchPhrase, wordSet } from './phrases.ts'
import { isAfterPlaceWord } from './places.ts'
import { isCapitalised, isNumber, type Token } from './tokens.ts'

const makes = indexPhrases(lexicon.makes)
const wordMakes = wordSet(lexicon['makes that are words'])
const vehicles = wordSet(lexicon.vehicles)
const colours = wordSet(lexicon['vehicle colours'])
const garageWords = wordSet(lexicon['garage words'])
const sizes = wordSet(lexicon.young)
const seen = wordSet(lexicon['seen doing'])
const rides = wordSet(lexicon.rides)
const general = wordSet(lexicon['about vehicles in general'])

const ARTICLE = /^(?:une?|la|le|l|cette|cet|ce)$/
/** Number of words back in a sentence in which a word may show that it is about vehicles in general. */
const REACH = 6
const NUMBER = /^(?:deux|trois|quatre|cinq|six)$/

/**
 * Finds descriptions by which a vehicle can be recognised: its make or model, or its colour. The bare kind of a vehicle ("à
 * scooter", "une fourgonnette") is not a description.
 */
export function findVehicleDescriptions({ tokens }: Reading): Finding[] {
  const found: Finding[] = []
  for (let i = 0; i < tokens.length; i++) {
    const count = makeLength(tokens, i)
    if (count > 0) {
      const kind = kindBefore(tokens, i)
      found.push(
        kind === undefined
          ? replaceVehicle(tokens, i, count)
          : { ...rangeOfWords(tokens, kind, i + count - kind), edit: removalOf(tokens, kind + 1, i + count) },
      )
      i += count - 1
    } else if (vehicles.has(tokens[i]!.plain)) {
      const end = colourEnd(tokens, i)
      if (end === i + 1) continue
      found.push({ ...rangeOfWords(tokens, i, end - i), edit: removalOf(tokens, i + 1, end) })
      i = end - 1
    }
  }
  return inTextOrder(found)
}

/** Returns how many words name a make, with its model and colour, from the word at `at` on; 0 when there is none. */
function makeLength(tokens: readonly Token[], at: number): number {
  let count = matchPhrase(makes, tokens, at)
  if (count === 0 || isBusiness(tokens, at) || isAfterPlaceWord(tokens, at)) return 0
  // Includes the model and colour: "Peugeot 406 grise", "Audi A3".
  const named = count
  while (followsClosely(tokens[at + count]) && isModel(tokens, at + count)) count++
  const token = tokens[at]!
  const before = tokens[at - 1]
  const isBesideVehicle = before !== undefined && followsClosely(token) && vehicles.has(before.plain)
  // "un polo noir" is a shirt.
  const isShirt = token.text === 'polo' && count === named + 1
  if ((count > named && !isShirt) || isBesideVehicle || !wordMakes.has(token.plain)) return count
  return isCapitalised(token) && !token.breaks && !isPrepositionOf(tokens[at + count]) ? count : 0
}

/** True for "de" in any case: "TRAFIC DE STUPEFIANTS". */
function isPrepositionOf(token: Token | undefined): boolean {
  return token !== undefined && /^(?:de|d|des|du)$/.test(token.plain)
}

/** Finds the kind of vehicle before a make: "voiture Peugeot", "scooter de marque Yamaha". */
function kindBefore(tokens: readonly Token[], at: number): number | undefined {
  for (const words of [[], ['type'], ['de', 'marque'], ['de', 'type'], ['marque']]) {
    const kind = at - words.length - 1
    const linked = words.every((word, k) => tokens[kind + 1 + k]?.plain === word)
    if (linked && tokens[kind] && followsClosely(tokens[kind + 1]) && vehicles.has(tokens[kind]!.plain))
      return kind
  }
  return undefined
}

/** Returns where the colour of the vehicle at `at` ends, or the word after the vehicle when it has none. */
function colourEnd(tokens: readonly Token[], at: number): number {
  let end = at + 1
  for (let i = at + 1; tokens[i] && followsClosely(tokens[i]); i++) {
    const { plain } = tokens[i]!
    if (colours.has(plain)) end = i + 1
    // Handles "voiture de couleur noire", "scooter gris et noir", "moto 125 verte".
    else if (!/^(?:de|couleurs?|et|ou|tres|plutot|type)$/.test(plain) && !isCubic(tokens[i]!)) break
  }
  return end > at + 1 ? end : oneByOneEnd(tokens, at)
}

function isCubic(token: Token): boolean {
  return /^(?:50|80|125|250|500|600|750|1000)(?:cc|cm3)?$/.test(token.text)
}

/** Returns where a list of single vehicles ends: "deux scooters, un noir et un gris". */
function oneByOneEnd(tokens: readonly Token[], at: number): number {
  const words = tokens.slice(at + 1, at + 7)
  if (words.some(({ breaks }) => breaks)) return at + 1
  const phrase = words.map(({ plain }) => (colours.has(plain) ? 'colour' : plain)).join(' ')
  const match = /^(?:dont )?(?:l )?une? colour(?: et (?:l )?(?:une?|autre) colour)?/.exec(phrase)
  return match === null ? at + 1 : at + 1 + match[0].split(' ').length
}

/** True for a business: "garages Renault et Peugeot". */
function isBusiness(tokens: readonly Token[], at: number): boolean {
  for (let i = at; i > 0 && at - i < 5; i--) {
    if (!followsClosely(tokens[i]) && tokens[i]!.gap.trim() !== ',') return false
    const before = tokens[i - 1]!
    // Handles "scooter de marque Yamaha".
    if (/^(?:marque|type)$/.test(before.plain) && kindBefore(tokens, at) !== undefined) return false
    if (garageWords.has(before.plain) && !/^(?:une?|la|le|l|cette|ce)$/.test(tokens[i - 2]?.plain ?? ''))
      return true
    if (before.plain !== 'et' && before.plain !== 'ou' && matchPhrase(makes, tokens, i - 1) === 0)
      return false
  }
  return false
}

function isModel(tokens: readonly Token[], at: number): boolean {
  const token = tokens[at]!
  // "Scénic 4521 VK 63" continues with a plate.
  if (isNumber(token) && /^[A-Z]{1,3}$/.test(tokens[at + 1]?.text ?? '')) return false
  return (
    colours.has(token.plain) ||
    /^\d{1,4}$/.test(token.text) ||
    /^[A-Z]{1,2}\d{1,2}$/i.test(token.text) ||
    (isCapitalised(token) && /^[\p{L}\d]{1,10}$/u.test(token.text) && makes.root.next.has(token.plain))
  )
}

function removalOf(tokens: readonly Token[], from: number, until: number): Edit {
  return { start: tokens[from]!.start, end: tokens[until - 1]!.end, text: '' }
}

/** Replaces the description: "une Clio grise" → "un véhicule". */
function replaceVehicle(tokens: readonly Token[], at: number, count: number): Finding {
  const { start, end } = rangeOfWords(tokens, at, count)
  const before = tokens[at - 1]
  if (before && followsClosely(tokens[at]) && /^(?:une?|la|le|cette|ce|des|les)$/.test(before.plain)) {
    const many = /^(?:des|les)$/.test(before.plain)
    return { start, end, edit: { start: before.start, end, text: many ? 'des véhicules' : 'un véhicule' } }
  }
  const bare = before && followsClosely(tokens[at]) && before.plain === 'en'
  return { start, end, edit: { start, end, text: bare ? 'véhicule' : 'un véhicule' } }
}

/**
 * Finds the offenders' vehicles of a bare kind: they are part of the method. A prevention message contains none, but may be
 * about vehicles of shopkeepers and stolen ones.
 */
export function findVehicles({ tokens }: Reading): Finding[] {
  const found = tokens.flatMap((token, i) => {
    if (!vehicles.has(token.plain) || isGeneral(tokens, i)) return []
    return findRiddenAt(tokens, i) ?? findSeenAt(tokens, i) ?? []
  })
  return inTextOrder(found)
}

/** Finds a vehicle that is ridden or driven: "à scooter", "en voiture", "à bord d'une fourgonnette". */
function findRiddenAt(tokens: readonly Token[], at: number): Finding | undefined {
  const { end } = tokens[at]!
  if (!followsClosely(tokens[at])) return undefined
  const before = tokens[at - 1]
  const without = (start: number): Finding => ({ start, end, edit: { start, end, text: '' } })
  if (before?.plain === 'en' || (before?.plain === 'a' && before.text !== 'a')) return without(before.start)
  const article = articleBefore(tokens, at)
  if (article === undefined) return undefined
  const [second, first] = [tokens[article - 2], tokens[article - 1]]
  if (first && /^(?:dans|sur|avec|par)$/.test(first.plain)) return without(first.start)
  if (first === undefined || !isPrepositionOf(first) || second === undefined || !rides.has(second.plain))
    return undefined
  // Handles "à bord d'un" and "au volant d'un".
  const lead = tokens[article - 3]
  return without(lead && /^(?:a|au)$/.test(lead.plain) ? lead.start : second.start)
}

/** Finds a vehicle that was seen: "une fourgonnette tourne autour des tabacs", "Fourgon repéré à Thiers". */
function findSeenAt(tokens: readonly Token[], at: number): Finding | undefined {
  const token = tokens[at]!
  const next = tokens[at + 1]
  const isBelier = next?.plain === 'belier' || next?.plain === 'beliers'
  const article = isBelier ? undefined : articleBefore(tokens, at)
  // In "vol d'une voiture" and "plaque d'un véhicule" the subject precedes.
  if (article !== undefined && !isPrepositionOf(tokens[article - 1])) {
    return { start: tokens[article]!.start, end: token.end }
  }
  const isSeen = next !== undefined && followsClosely(next) && seen.has(next.plain)
  return token.breaks && isSeen ? { start: token.start, end: token.end } : undefined
}

/** Returns where the article or number before a vehicle is: "une petite voiture". */
function articleBefore(tokens: readonly Token[], at: number): number | undefined {
  let from = at
  while (from > 0 && followsClosely(tokens[from]) && sizes.has(tokens[from - 1]!.plain)) from--
  const before = tokens[from - 1]
  if (before === undefined || !followsClosely(tokens[from])) return undefined
  const isOne = ARTICLE.test(before.plain) || NUMBER.test(before.plain) || isNumber(before)
  return isOne ? from - 1 : undefined
}

/**
 * True for the shopkeepers' own vehicles, or any vehicle: "ne laissez rien dans une voiture", "signalez au 17 un véhicule
 * suspect".
 */
function isGeneral(tokens: readonly Token[], at: number): boolean {
  for (let i = at; i > 0 && at - i < REACH; i--) {
    const token = tokens[i]!
    if (token.breaks || /[:()]/u.test(token.gap)) return false
    if (general.has(tokens[i - 1]!.plain)) return true
  }
  return false
}
