import lexicon from './lexicon/descriptions.json' with { type: 'json' }
import { wordSet } from './phrases.ts'
import { isNumber, type Token } from './tokens.ts'

const things = wordSet(lexicon.vehicles, lexicon['described things'])
const people = wordSet(lexicon.people)

/** Number of words back in which a thing is searched for that the word may describe. */
const REACH = 8

/** True for an item of a list: "à 14h, barbu, en fuite", "(chauve)", "auteur : barbu", "vers 14h casquette rouge". */
export function isListed(tokens: readonly Token[], at: number): boolean {
  const token = tokens[at]
  if (token === undefined) return false
  if (token.breaks) return true
  if (/^\s*(?:[,:(/+]|[-–—])\s*$/u.test(token.gap)) return !/^[-/]$/.test(token.gap)
  const before = tokens[at - 1]?.plain ?? ''
  return /^\d{1,2}(?:h\d{0,2}|heures?)$/.test(before) || before === 'fuite'
}

/** True when nothing of the same item follows: a comma, the end, or words for flight. */
export function endsItem(tokens: readonly Token[], at: number): boolean {
  const next = tokens[at]
  if (next === undefined || next.breaks) return true
  if (/[,:;()/+]/u.test(next.gap)) return true
  return /^(?:et|en|a|au|avec|sur|dans|vers|mesurant|environ)$/.test(next.plain) || isNumber(next)
}

/** True for "20 ans", "de 20 ans", "d'environ 20 ans", "d'une vingtaine d'années", after a word and an optional comma. */
export function isAgeAt(tokens: readonly Token[], at: number): boolean {
  for (let i = at; i < at + 5; i++) {
    const token = tokens[i]
    if (token === undefined || token.breaks) return false
    const { plain } = token
    if (plain === 'ans' || plain === 'annees') return true
    if (/^(?:vingt|trent|quarant|cinquant|soixant)aine$/.test(plain)) return true
    if (!(isNumber(token) || /^(?:de|d|env|environ|age|agee|ages|agees|la|une|a|ou)$/.test(plain)))
      return false
  }
  return false
}

/** True when a vehicle, goods or a building precede in the sentence, and no person since: the word may describe those. */
export function isAmongThings(tokens: readonly Token[], at: number, first = 0): boolean {
  for (let i = at; i > first && at - i < REACH; i--) {
    if (tokens[i]?.breaks) return false
    const before = tokens[i - 1]!
    if (people.has(before.plain)) return false
    // "en fuite à vélo" describes how someone moves.
    const rides = ['a', 'en'].includes(tokens[i - 2]?.plain ?? '')
    if (things.has(before.plain) && !rides) return true
  }
  return false
}
