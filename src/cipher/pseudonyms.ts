import { AppError } from '../errors.ts'
import { type Cipher, keyOf } from './cipher.ts'

/**
 * Replaces phone numbers, mail addresses and account numbers (IBAN) by pseudonyms in the parameters of every statement of the
 * program, and pseudonyms by these values in the rows that it returns (`platform/db.ts` calls it). Below, a number is any of the three.
 * Rooms therefore work with numbers, and statements with pseudonyms: one number has one pseudonym in all columns, whatever the key, so
 * that joins, unique keys and comparisons need no other form. Addresses that differ in capitals only have one pseudonym, and come
 * back in lower case.
 *
 * In a parameter a number is a string in E.164, an address or an IBAN that is nothing else, also as an item of an array, or as a value
 * or key of a JSON text. A number inside a longer text (`%`, a sentence) stays as it is: statements do not look for parts of numbers, except for
 * endings (`endingOf`).
 *
 * Numbers belong to the installation, not to a scheme: a person signs in and opts out by a number over all schemes.
 */
export interface Pseudonyms {
  /**
   * Replaces the numbers in the parameters of a statement.
   * @returns undefined when there is none; `own`: the numbers by pseudonym, which its rows may have although nothing stores them
   * @throws AppError `invalid_input` when a text has the form of a pseudonym: the program has none to give
   */
  replace(
    values: readonly unknown[],
  ): { values: unknown[]; numbers: KeptNumbers; own: ReadonlyMap<string, string> } | undefined
  /**
   * Puts numbers into rows, in place.
   * @param learned numbers that `learnNumbers` or `replace` returned
   * @returns the pseudonyms whose numbers are not known yet, which stay in the rows: learn them, and restore again
   */
  restore(rows: readonly unknown[], learned?: ReadonlyMap<string, string>): Set<string>
  /**
   * Opens the numbers of pseudonyms, and knows them from then on.
   * @param wanted pseudonyms
   * @param sealed their sealed numbers
   * @param unreadable `leave`: those that are missing or were changed are left out, in place of an error
   * @returns their numbers, of which not all may stay known
   * @throws AppError `sealed_unreadable` as `Cipher.open`, and when the number of a pseudonym is missing or another one
   */
  learnNumbers(
    wanted: Iterable<string>,
    sealed: ReadonlyMap<string, string>,
    unreadable?: 'refuse' | 'leave',
  ): Map<string, string>
  /** Returns the pseudonym of a number. */
  pseudonymOf(number: string): string
  /** Seals numbers to be stored, by pseudonym. */
  sealNumbers(numbers: Iterable<string>): KeptNumbers
}

/** Parameters of `keep_numbers`: items of the same place belong together. */
export interface KeptNumbers {
  readonly names: string[]
  readonly sealed: string[]
  readonly ends4: string[]
  readonly ends7: string[]
}

/**
 * Numbers that a connection pool knows without asking: those of a large scheme, some 10 MB. Alerts go to the same numbers again and
 * again, and opening 1,000 takes 15 ms of processor time. A pseudonym never gets another number.
 */
const MAX_KNOWN = 50_000

const NUMBER = /^\+[1-9][0-9]{6,14}$/
/** A number that is a whole string of a JSON text: a quotation mark after a backslash is inside one. */
const NUMBERS_IN_JSON = /(?<=(?<!\\)")\+[1-9][0-9]{6,14}(?=")/g
const MAIL_FORM = `[^\\s@"'<>(),;:\\\\]{1,64}@[A-Za-z0-9-]{1,63}(?:\\.[A-Za-z0-9-]{1,63})+`
const MAIL = new RegExp(`^${MAIL_FORM}$`)
const MAILS_IN_JSON = new RegExp(`(?<=(?<!\\\\)")${MAIL_FORM}(?=")`, 'g')
const IBAN = /^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$/
const IBANS_IN_JSON = /(?<=(?<!\\)")[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}(?=")/g
const MAX_MAIL_LENGTH = 254
const PSEUDONYM = /n1\.[a-z2-7]{26}[mf]|[mi]1\.[a-z2-7]{26}/g
/** The length of the shortest pseudonym. */
const SHORTEST = 29
/** Whether a text may hold a pseudonym: cheaper than to look for one. */
const mayHold = (text: string) => text.includes('n1.') || text.includes('m1.') || text.includes('i1.')
/** Matches the same numbers as `is_landline` in SQL. */
const LANDLINE = /^\+(33[1-59]|(262|590|594|596)(26|59|9))/
/** Starts the ending of a number: a character that no text holds, since Unicode reserves it for use within a program. */
const END_MARK = '\ufdd4'
const ENDING = new RegExp(`^${END_MARK}\\d{4}(\\d{3})?$`)
/** Matches endings as items of a JSON text. */
const ENDINGS_IN_JSON = new RegExp(`(?<=")${END_MARK}\\d{4}(?:\\d{3})?(?=")`, 'g')

function isMail(text: string): boolean {
  return text.includes('@') && MAIL.test(text)
}

/**
 * Lengths of account numbers by country, of SEPA (registry of ISO 13616). References of dues and ids of providers can look like
 * account numbers of other lengths.
 */
const IBAN_LENGTHS: Readonly<Record<string, number>> = Object.fromEntries(
  'AD24 AT20 BE16 BG22 CH21 CY28 CZ24 DE22 DK18 EE20 ES24 FI18 FR27 GB22 GI23 GR27 HR21 HU28 IE22 IS26 IT27 LI21 LT20 LU20 LV21 MC27 MT31 NL18 NO15 PL28 PT25 RO24 SE24 SI19 SK24 SM27 VA22'
    .split(' ')
    .map((one) => [one.slice(0, 2), Number(one.slice(2))]),
)

/** ISO 13616: the letters of the country and the check digits moved to the end, letters as numbers, modulo 97. */
function isIban(text: string): boolean {
  if (text.length !== IBAN_LENGTHS[text.slice(0, 2)] || !IBAN.test(text)) return false
  let rest = 0
  for (const letter of text.slice(4) + text.slice(0, 4)) {
    const value = Number.parseInt(letter, 36)
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97
  }
  return rest === 1
}

function kindOf(number: string): 'phone' | 'mail' | 'iban' {
  if (number.startsWith('+') && NUMBER.test(number)) return 'phone'
  return number.includes('@') ? 'mail' : 'iban'
}

/** An address in lower case, as `lower` in statements would make it, which changes a pseudonym no more. */
function asKept(number: string): string {
  return kindOf(number) === 'mail' ? number.toLowerCase() : number
}

/**
 * Returns a text or a value of JSON as it comes back from the database, whether encryption is on or not: addresses in lower case. What has a
 * digest is brought to this form first, since the digest is compared with one of what was read.
 */
export function asReadBack<T>(value: T): T {
  // A text that begins as JSON is taken for JSON, whatever it is.
  if (typeof value === 'string' && (value.startsWith('[') || value.startsWith('{')))
    return value.replace(MAILS_IN_JSON, (mail) => mail.toLowerCase()) as T
  return asItemReadBack(value) as T
}

function asItemReadBack(value: unknown): unknown {
  if (typeof value === 'string')
    return value.length <= MAX_MAIL_LENGTH && isMail(value) ? value.toLowerCase() : value
  if (Array.isArray(value)) return value.map(asItemReadBack)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [asItemReadBack(key), asItemReadBack(item)]),
  )
}

/** Returns the field to which the number of a pseudonym is bound. */
export function fieldOf(pseudonym: string): 'phone' | 'mail' | 'iban' {
  if (pseudonym.startsWith('n1.')) return 'phone'
  return pseudonym.startsWith('m1.') ? 'mail' : 'iban'
}

/** Returns whether a value has a pseudonym: it is a number and nothing else. */
export function hasPseudonym(text: string): boolean {
  return NUMBER.test(text) || (text.length <= MAX_MAIL_LENGTH && (isMail(text) || isIban(text)))
}

/** Returns whether a value is a pseudonym that was left in a row, since its number cannot be read. */
export function isUnreadable(text: string): boolean {
  return mayHold(text) && new RegExp(`^(?:${PSEUDONYM.source})$`).test(text)
}

/** Parameter of `numbers_ending`: the last four or seven digits of numbers. It goes to the database and nowhere else. */
export function endingOf(digits: string): string {
  return `${END_MARK}${digits}`
}

export function createPseudonyms(cipher: Cipher): Pseudonyms {
  function nameOf(number: string): string {
    const kind = kindOf(number)
    if (kind === 'mail') return `m1.${cipher.index('', 'mail', number.toLowerCase())}`
    if (kind === 'iban') return `i1.${cipher.index('', 'iban', number)}`
    return `n1.${cipher.index('', 'phone', number)}${LANDLINE.test(number) ? 'f' : 'm'}`
  }
  const endOf = (digits: string) => `*${cipher.index('', `phone end ${digits.length}`, digits)}`

  const known = new Map<string, string>()
  function know(name: string, number: string): void {
    if (known.size >= MAX_KNOWN)
      for (const oldest of [...known.keys()].slice(0, MAX_KNOWN / 2)) known.delete(oldest)
    known.set(name, number)
  }

  function openNumber(name: string, stored: string | undefined): string {
    if (stored === undefined)
      throw new AppError('sealed_unreadable', { values: { key: '?', reason: 'missing' } })
    // The cipher returns what is in clear as it is, bound to nothing: anybody could have put it there.
    if (keyOf(stored) === undefined)
      throw new AppError('sealed_unreadable', { values: { key: '?', reason: 'changed' } })
    return cipher.open(name, fieldOf(name), stored)
  }

  function replaceIn(value: unknown, found: Map<string, string>): unknown {
    if (typeof value === 'string') return replaceText(value, found)
    if (Array.isArray(value)) {
      const items = value.map((item) => replaceIn(item, found))
      return items.some((item, index) => item !== value[index]) ? items : value
    }
    if (typeof value !== 'object' || value === null || value instanceof Date || ArrayBuffer.isView(value))
      return value
    // The driver would write the same JSON text.
    return replaceText(JSON.stringify(value), found)
  }
  function nameFound(number: string, found: Map<string, string>): string {
    const known = found.get(number)
    if (known !== undefined) return known
    const name = nameOf(number)
    found.set(number, name)
    know(name, asKept(number))
    return name
  }
  function replaceText(text: string, found: Map<string, string>): string {
    if (mayHold(text) && new RegExp(PSEUDONYM).test(text)) throw new AppError('invalid_input')
    const start = text.charCodeAt(0)
    if (start === PLUS) return NUMBER.test(text) ? nameFound(text, found) : text
    if (start === END_CODE) return ENDING.test(text) ? endOf(text.slice(1)) : text
    if (start === BRACKET || start === BRACE) return replaceInJson(text, found)
    return text.length <= MAX_MAIL_LENGTH && (isMail(text) || isIban(text)) ? nameFound(text, found) : text
  }
  function replaceInJson(text: string, found: Map<string, string>): string {
    let replaced = text
    if (text.includes('"+'))
      replaced = replaced.replace(NUMBERS_IN_JSON, (number) => nameFound(number, found))
    if (text.includes(END_MARK)) replaced = replaced.replace(ENDINGS_IN_JSON, (end) => endOf(end.slice(1)))
    if (text.includes('@')) replaced = replaced.replace(MAILS_IN_JSON, (mail) => nameFound(mail, found))
    return replaced.replace(IBANS_IN_JSON, (iban) => (isIban(iban) ? nameFound(iban, found) : iban))
  }

  function sealNumbers(numbers: Iterable<string>): KeptNumbers {
    const kept: KeptNumbers = { names: [], sealed: [], ends4: [], ends7: [] }
    const names = new Set<string>()
    for (const number of numbers) {
      const name = nameOf(number)
      if (names.has(name)) continue
      names.add(name)
      const kind = kindOf(number)
      const ending = (digits: number) => (kind === 'phone' ? endOf(number.slice(-digits)) : '')
      kept.names.push(name)
      kept.sealed.push(cipher.seal(name, kind, asKept(number)))
      kept.ends4.push(ending(4))
      kept.ends7.push(ending(7))
    }
    return kept
  }

  return {
    pseudonymOf: nameOf,
    sealNumbers,
    replace(values) {
      const found = new Map<string, string>()
      let isChanged = false
      const replaced = values.map((value) => {
        const other = replaceIn(value, found)
        isChanged ||= other !== value
        return other
      })
      if (!isChanged) return undefined
      const own = new Map([...found].map(([number, name]) => [name, asKept(number)]))
      return { values: replaced, numbers: sealNumbers(found.keys()), own }
    },
    restore(rows, learned) {
      const unknown = new Set<string>()
      walk(rows, (text) =>
        text.replace(PSEUDONYM, (name) => {
          const number = learned?.get(name) ?? known.get(name)
          if (number === undefined) unknown.add(name)
          return number ?? name
        }),
      )
      return unknown
    },
    learnNumbers(wanted, sealed, unreadable = 'refuse') {
      const learned = new Map<string, string>()
      for (const name of wanted) {
        try {
          const number = openNumber(name, sealed.get(name))
          learned.set(name, number)
          know(name, number)
        } catch (error) {
          // Without its key every number is unreadable until the key is there.
          const isOfNumber = error instanceof AppError && error.values.reason !== 'key'
          if (unreadable === 'refuse' || !isOfNumber) throw error
        }
      }
      return learned
    },
  }
}

const PLUS = '+'.charCodeAt(0)
const END_CODE = END_MARK.charCodeAt(0)
const BRACKET = '['.charCodeAt(0)
const BRACE = '{'.charCodeAt(0)

/** Replaces, in place, each string and key at any depth that may hold a pseudonym. */
function walk(value: unknown, change: (text: string) => string): void {
  if (typeof value !== 'object' || value === null) return
  if (Array.isArray(value)) walkItems(value, change)
  else if (!(value instanceof Date) && !ArrayBuffer.isView(value))
    walkFields(value as Record<string, unknown>, change)
}

function walkItems(items: unknown[], change: (text: string) => string): void {
  // A contour has thousands of coordinates.
  if (typeof items[0] === 'number') return
  for (let index = 0; index < items.length; index++) {
    const item = items[index]
    if (typeof item !== 'string') walk(item, change)
    else if (mayHold(item)) items[index] = change(item)
  }
}

function walkFields(record: Record<string, unknown>, change: (text: string) => string): void {
  let isRenamed = false
  for (const key in record) {
    const item = record[key]
    if (typeof item !== 'string') walk(item, change)
    else if (mayHold(item)) record[key] = change(item)
    isRenamed ||= key.length >= SHORTEST && mayHold(key)
  }
  // Keys of a JSON object.
  if (!isRenamed) return
  const entries = Object.entries(record)
  for (const [key] of entries) delete record[key]
  for (const [key, item] of entries) record[change(key)] = item
}
