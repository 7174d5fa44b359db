import { holdsMail } from '../../members/rules.ts'
import { trades } from '../../schemes/trades/trades.ts'
import { searchName } from '../../territory/places/spelling.ts'

/** Names and identifiers by which a text may name erased people. */
export interface Named {
  /** Names of shops, as `searchName` writes them. */
  readonly shops: readonly string[]
  /** Names of their contacts, as written. */
  readonly people: readonly string[]
  readonly sirets: readonly string[]
  readonly addresses: readonly string[]
  /** E.164. */
  readonly phones: readonly string[]
  /** Lower case. */
  readonly mails: readonly string[]
}

/** Minimum length of identifying words: shorter ones are found in many texts. */
const PERSON_WORD = 3
const SHOP_WORD = 5
const CIVILITY = new Set(['mme', 'mlle', 'madame', 'mademoiselle', 'monsieur', 'messieurs', 'mesdames'])
const OF_TRADES = new Set(
  trades.flatMap(({ nameFr, words }) => [nameFr, ...words].flatMap((text) => searchName(text).split(' '))),
)

function wordsOf(text: string): string[] {
  return searchName(text).split(' ').filter(Boolean)
}

/** Returns the words of a person's name without civility and initials. */
function personWords(name: string): string[] {
  return wordsOf(name).filter((word) => word.length > 1 && !CIVILITY.has(word))
}

/** Returns the words of the names that identify one of these people when no other name contains them. */
export function identifyingWords({ shops, people }: Named): string[] {
  return [
    ...new Set([
      ...people.flatMap(personWords).filter((word) => word.length >= PERSON_WORD),
      ...shops.flatMap(wordsOf).filter((word) => word.length >= SHOP_WORD && !OF_TRADES.has(word)),
    ]),
  ]
}

/** Returns the key that equal names share however they are written. */
export function personKey(name: string): string {
  return personWords(name).toSorted().join(' ')
}

/** Names of members that are kept: a text that holds only these names no erased person. */
export interface Others {
  /** The `tellingWords` that kept members share. */
  readonly words: ReadonlySet<string>
  /** Whole names: shops and addresses as `searchName` writes them, people as `personKey` does. */
  readonly names: ReadonlySet<string>
}

/**
 * Returns a predicate: a text names one of these people by a number or an address, by a whole name, or by an identifying word
 * that no other name has: "Quincampoix", but "Martin" only where nobody else has that name. With `closely`, for texts about one
 * of them, any word of their contacts' names matches.
 */
export function createNameMatcher(
  named: Named,
  others: Others,
): (text: string, closely?: boolean) => boolean {
  const digits = [...named.sirets, ...named.phones.map((phone) => phone.slice(-9))]
  const own = new Set(identifyingWords(named).filter((word) => !others.words.has(word)))
  const people = named.people.map(personWords).filter((words) => words.length > 0)
  const whole = named.people
    .filter((person) => !others.names.has(personKey(person)))
    .map(personWords)
    .filter((words) => words.length > 0)
  const shops = named.shops.filter((name) => !others.names.has(name))
  const addresses = named.addresses.map(searchName).filter((address) => !others.names.has(address))
  const phrases = [...shops, ...addresses].filter((name) => name.includes(' '))
  const shopsOfOneWord = shops.filter((name) => name !== '' && !name.includes(' '))
  return (text, closely = false) => {
    const numbers = text.replace(/\D/g, '')
    if (digits.some((one) => numbers.includes(one))) return true
    const small = text.toLowerCase()
    if (named.mails.some((mail) => holdsMail(small, mail))) return true
    const words = wordsOf(text)
    if (words.some((word) => own.has(word))) return true
    const spaced = ` ${words.join(' ')} `
    if (phrases.some((phrase) => spaced.includes(` ${phrase} `))) return true
    const has = (word: string) => words.includes(word)
    const isOneWord = personWords(text).length === 1
    if (isOneWord && shopsOfOneWord.some(has)) return true
    if (closely && people.some((person) => person.some((word) => word.length >= PERSON_WORD && has(word))))
      return true
    return whole.some((person) => person.every(has) && (person.length > 1 || isOneWord))
  }
}

/** Returns a predicate that matches numbers, addresses and whole names only, for texts about others, where a single word proves nothing. */
export function createWholeNameMatcher(
  named: Named,
  names: ReadonlySet<string> = new Set(),
): (text: string) => boolean {
  return createNameMatcher(named, { words: new Set(identifyingWords(named)), names })
}
