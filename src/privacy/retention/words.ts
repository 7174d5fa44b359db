import { holdsMail } from '../../members/rules.ts'
import { trades } from '../../schemes/trades.ts'
import { searchName } from '../../territory/rules.ts'

/** What may tell in writing who somebody was. */
export interface Named {
  /** Names of shops, as `searchName` writes them. */
  readonly shops: readonly string[]
  /** Names of their people, as they were written. */
  readonly people: readonly string[]
  readonly sirets: readonly string[]
  readonly addresses: readonly string[]
  /** E.164. */
  readonly phones: readonly string[]
  /** In small letters. */
  readonly mails: readonly string[]
}

/** Shorter ones stand in many a text: of people, of shops. */
const PERSON_WORD = 3
const SHOP_WORD = 5
const CIVILITY = new Set(['mme', 'mlle', 'madame', 'mademoiselle', 'monsieur', 'messieurs', 'mesdames'])
const OF_TRADES = new Set(
  trades.flatMap(({ nameFr, words }) => [nameFr, ...words].flatMap((text) => searchName(text).split(' '))),
)

function wordsOf(text: string): string[] {
  return searchName(text).split(' ').filter(Boolean)
}

/** A person's name, without how they are addressed and without initials. */
function ofPerson(name: string): string[] {
  return wordsOf(name).filter((word) => word.length > 1 && !CIVILITY.has(word))
}

/** Words of their names by which one of these could be meant, where no other name has them too. */
export function tellingWords({ shops, people }: Named): string[] {
  return [
    ...new Set([
      ...people.flatMap(ofPerson).filter((word) => word.length >= PERSON_WORD),
      ...shops.flatMap(wordsOf).filter((word) => word.length >= SHOP_WORD && !OF_TRADES.has(word)),
    ]),
  ]
}

/** A person's name by which it is told whether two are called the same, however they are written. */
export function personKey(name: string): string {
  return ofPerson(name).toSorted().join(' ')
}

/** What others are called too, who stay: it names none of those who go. */
export interface Others {
  /** Of all that are `tellingWords`. */
  readonly words: ReadonlySet<string>
  /** Whole: shops and addresses as `searchName` writes them, people as `personKey` does. */
  readonly names: ReadonlySet<string>
}

/**
 * Says of what somebody wrote whether it names one of these: by a number or an address, by a whole name, or by a telling word
 * that no other name has: "Quincampoix", but "Martin" only where nobody else is called so. With `closely`, of what concerns one
 * of them anyhow, any word of their people's names.
 */
export function namesOne(named: Named, others: Others): (text: string, closely?: boolean) => boolean {
  const digits = [...named.sirets, ...named.phones.map((phone) => phone.slice(-9))]
  const own = new Set(tellingWords(named).filter((word) => !others.words.has(word)))
  const people = named.people.map(ofPerson).filter((words) => words.length > 0)
  const whole = named.people
    .filter((person) => !others.names.has(personKey(person)))
    .map(ofPerson)
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
    const said = ` ${words.join(' ')} `
    if (phrases.some((phrase) => said.includes(` ${phrase} `))) return true
    const has = (word: string) => words.includes(word)
    const isOneWord = ofPerson(text).length === 1
    if (isOneWord && shopsOfOneWord.some(has)) return true
    if (closely && people.some((person) => person.some((word) => word.length >= PERSON_WORD && has(word))))
      return true
    return whole.some((person) => person.every(has) && (person.length > 1 || isOneWord))
  }
}

/** The same by a number, an address or a whole name alone: of what is about others, where a word of a name may mean anything. */
export function namesWholly(named: Named, names: ReadonlySet<string> = new Set()): (text: string) => boolean {
  return namesOne(named, { words: new Set(tellingWords(named)), names })
}
