import { type CountryCode, type PhoneNumber, parsePhoneNumberFromString } from 'libphonenumber-js/max'
import { plainOf } from '../cipher/plain.ts'
import type { Problem } from '../errors.ts'
import { formatMessage } from '../i18n/format.ts'
import { destinationOf, FICTION_MOBILE, regionOf } from '../identity/codes/destinations.ts'
import { segmentMessage } from '../message/segment.ts'
import type { MemberStatus } from '../schema.ts'
import { NAME_IN_SMS } from '../schemes/texts/service-texts.ts'
import { searchName } from '../territory/places/spelling.ts'

/** A parsed value, or the code of the error in it. */
export type Checked<T> = { readonly value: T } | { readonly problem: `${string}.${string}` }

const LA_POSTE = '356000000'

function luhn(digits: string): boolean {
  let sum = 0
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i])
    sum += i % 2 === 0 ? digit : digit < 5 ? digit * 2 : digit * 2 - 9
  }
  return sum % 10 === 0
}

/**
 * Tells whether 14 digits are a SIRET: it and its SIREN (first nine digits) pass the Luhn check. Establishments of La Poste
 * instead have digits whose sum is a multiple of five (INSEE).
 */
export function isSiret(digits: string): boolean {
  if (!/^\d{14}$/.test(digits) || !luhn(digits.slice(0, 9))) return false
  if (luhn(digits)) return true
  return digits.startsWith(LA_POSTE) && [...digits].reduce((sum, digit) => sum + Number(digit), 0) % 5 === 0
}

/** Parses a SIRET as people type it: with spaces, or without the leading zeros that a spreadsheet dropped. */
export function parseSiret(text: string): Checked<string> {
  const bare = withoutDecimal(text).replace(/[\s.'"=\u00a0\u202f-]/g, '')
  if (/^\d[.,]?\d*e\+?\d+$/i.test(bare)) return { problem: 'siret.scientific' }
  if (!/^\d+$/.test(bare)) return { problem: 'siret.characters' }
  if (bare.length === 9) return { problem: 'siret.siren' }
  const digits = bare.length === 13 ? `0${bare}` : bare
  if (digits.length !== 14) return { problem: 'siret.length' }
  return isSiret(digits) ? { value: digits } : { problem: 'siret.check' }
}

/** Removes the decimal that programs add to a column of numbers: "63500.0". */
function withoutDecimal(text: string): string {
  return text.replace(/^(\s*\d{4,14})[.,]0\s*$/, '$1')
}

export interface Phone {
  /** E.164 with its plus sign. */
  readonly e164: string
  /** Landlines (including box numbers) are stored so that their calls are recognised; they receive no SMS. */
  readonly kind: 'mobile' | 'landline'
}

/** Landlines that ARCEP reserves for fiction: no operator serves them, so the numbering plan does not list them. */
const FICTION_LANDLINE = /^\+33(?:19900|26191|35301|46571|53649)\d{4}$/

/** Overseas numbers are typed like those of the mainland; each territory has its own country code. */
const OVERSEAS: readonly CountryCode[] = ['RE', 'YT', 'GP', 'MQ', 'GF', 'PM']

/**
 * Parses a phone number as people type it: "06.39.98.00.01", "+33 (0)6 39…", "0033…", "6 39 98 00 01" when a spreadsheet
 * dropped the zero. It is taken as French (overseas included) unless it has another country code.
 */
export function parsePhone(text: string): Checked<Phone> {
  const bare = text.normalize('NFKC').replace(/\(0\)/g, '').replace(/["'=]/g, '').trim()
  if (/^\d[.,]\d+e\+?\d+$/i.test(bare)) return { problem: 'phone.scientific' }
  // Removes a decimal that a spreadsheet added.
  const typed = /^\d{9,14}[.,]0$/.test(bare) ? bare.slice(0, -2) : bare
  if (!/^\+?[\d\s.()/\u2010-\u2015-]+$/.test(typed)) {
    const digits = typed.replace(/\D/g, '')
    return { problem: digits.length >= 18 ? 'phone.several' : 'phone.characters' }
  }
  const digits = typed.replace(/\D/g, '')
  if (digits.length >= 18) return { problem: 'phone.several' }
  if (digits.length < 6) return { problem: 'phone.short' }
  const international = internationalOf(digits, typed.startsWith('+'))
  if (international !== undefined) return classify(international)
  const national = digits.length === 9 && !digits.startsWith('0') ? `0${digits}` : digits
  if (!/^0[1-9]\d{8}$/.test(national)) return { problem: 'phone.length' }
  const french = classify(`+33${national.slice(1)}`)
  if ('value' in french || french.problem !== 'phone.unknown') return french
  for (const country of OVERSEAS) {
    const number = parsePhoneNumberFromString(national, country)
    if (number?.isValid()) return kindOf(number)
  }
  return french
}

/** Tells whether a stored number (E.164) can receive SMS. */
export function isMobile(e164: string): boolean {
  const phone = classify(e164)
  return 'value' in phone && phone.value.kind === 'mobile'
}

/**
 * Country codes of the French numbering plan, overseas included (identity/codes/destinations.ts explains why the Pacific is not).
 */
const FRENCH = /^\+(?:33|262|508|590|594|596)/

/** Tells whether a stored number (E.164) is outside the French numbering plan. */
export function isForeign(e164: string): boolean {
  return !FRENCH.test(e164)
}

/**
 * Parses a mobile number that a visitor or member types, to E.164. Only French numbers are accepted, overseas included, since
 * one-time codes are sent to them; each scheme may accept fewer (`requestCode`).
 */
export function parseMobile(text: string): Checked<string> {
  if (text.trim() === '') return { problem: 'input.required' }
  const phone = parsePhone(text)
  if ('problem' in phone) return phone
  const { e164, kind } = phone.value
  if (kind === 'landline') return { problem: 'mobile.landline' }
  return regionOf(e164) === undefined ? { problem: 'mobile.abroad' } : { value: e164 }
}

/** Parses a number that the chamber enters for a member; refuses mobiles of countries that are not neighbours. */
export function parseContactPhone(text: string): Checked<Phone> {
  const phone = parsePhone(text)
  if ('problem' in phone || phone.value.kind === 'landline') return phone
  const destination = destinationOf(phone.value.e164)
  return destination === 'home' || destination === 'neighbour' ? phone : { problem: 'mobile.far' }
}

function internationalOf(digits: string, plus: boolean): string | undefined {
  if (plus) return `+${digits.replace(/^330(?=\d{9}$)/, '33')}`
  if (digits.startsWith('00')) return `+${digits.slice(2).replace(/^330(?=\d{9}$)/, '33')}`
  if (/^33[1-9]\d{8}$/.test(digits) || /^(?:262|590|594|596)\d{9}$/.test(digits)) return `+${digits}`
  return undefined
}

function classify(international: string): Checked<Phone> {
  if (FICTION_MOBILE.test(international)) return { value: { e164: international, kind: 'mobile' } }
  if (FICTION_LANDLINE.test(international)) return { value: { e164: international, kind: 'landline' } }
  const number = parsePhoneNumberFromString(international)
  if (number === undefined || !number.isPossible()) return { problem: 'phone.length' }
  if (!number.isValid()) return { problem: 'phone.unknown' }
  return kindOf(number)
}

function kindOf(number: PhoneNumber): Checked<Phone> {
  // Satellite phones and networks without a country: some are classified as mobile.
  if (number.country === undefined) return { problem: 'phone.special' }
  switch (number.getType()) {
    case 'MOBILE':
    case 'FIXED_LINE_OR_MOBILE':
      return { value: { e164: number.number, kind: 'mobile' } }
    case 'FIXED_LINE':
    case 'VOIP':
      return { value: { e164: number.number, kind: 'landline' } }
    default:
      // Toll-free, shared-cost, premium and personal numbers: no identifiable person answers, or calls cost extra.
      return { problem: 'phone.special' }
  }
}

/** Masks a number as "•• •• •• •• 01": enough to recognise a known number, too little to call an unknown one. */
export function maskPhone(phone: string): string {
  return `•• •• •• •• ${phone.slice(-2)}`
}

export function parseMail(text: string): Checked<string> {
  const mail = text.trim().toLowerCase()
  const shaped = /^[^\s@<>()[\]",;:\\]{1,64}@[a-z0-9-]+(?:\.[a-z0-9-]+)+$/u.test(mail)
  return shaped && mail.length <= 254 ? { value: mail } : { problem: 'mail.invalid' }
}

/** The French name of each status, which lists are exported with. */
export const STATUS_NAMES: Readonly<Record<MemberStatus, string>> = {
  active: 'Actif',
  pending: 'En attente',
  suspended: 'Suspendu',
  left: 'Parti',
}

const STATUS_WORDS: Readonly<Record<MemberStatus, readonly string[]>> = {
  active: [
    'active',
    'actif',
    'adherent',
    'adherente',
    'membre',
    'a jour',
    'oui',
    'valide',
    'inscrit',
    'inscrite',
  ],
  pending: ['pending', 'en attente', 'attente', 'a valider', 'en cours', 'nouveau', 'nouvelle'],
  suspended: ['suspended', 'suspendu', 'suspendue', 'inactif', 'inactive', 'en pause'],
  left: [
    'left',
    'parti',
    'partie',
    'radie',
    'radiee',
    'demission',
    'demissionnaire',
    'resilie',
    'resiliee',
    'ancien',
    'ferme',
    'fermee',
    'sorti',
  ],
}
const statusOf = new Map(
  (Object.entries(STATUS_WORDS) as [MemberStatus, readonly string[]][]).flatMap(([status, words]) =>
    words.map((word): [string, MemberStatus] => [word, status]),
  ),
)

export function parseStatus(text: string): Checked<MemberStatus> {
  const status = statusOf.get(searchName(text))
  return status === undefined ? { problem: 'status.unknown' } : { value: status }
}

/** The data of a commune that matching needs. */
export interface KnownCommune {
  readonly code: string
  readonly name: string
  readonly departementCode: string
  readonly postalCodes: readonly string[]
  /** Whether it is in the scheme's territory. */
  readonly inside: boolean
  readonly latitude: number | null
  readonly longitude: number | null
}

export interface CommuneIndex {
  readonly byCode: ReadonlyMap<string, KnownCommune>
  readonly byName: ReadonlyMap<string, readonly KnownCommune[]>
  readonly byPostalCode: ReadonlyMap<string, readonly KnownCommune[]>
}

export function indexCommunes(communes: Iterable<KnownCommune>): CommuneIndex {
  const byCode = new Map<string, KnownCommune>()
  const byName = new Map<string, KnownCommune[]>()
  const byPostalCode = new Map<string, KnownCommune[]>()
  const add = (map: Map<string, KnownCommune[]>, key: string, commune: KnownCommune) => {
    const list = map.get(key)
    if (list) list.push(commune)
    else map.set(key, [commune])
  }
  for (const commune of communes) {
    byCode.set(commune.code, commune)
    add(byName, searchName(commune.name), commune)
    for (const postalCode of commune.postalCodes) add(byPostalCode, postalCode, commune)
  }
  return { byCode, byName, byPostalCode }
}

/** Normalises a commune's name from a list for comparison: "LE PUY EN VELAY CEDEX 2", "Cendre (Le)", "Lyon 3e". */
export function communeKey(text: string): string {
  const name = text
    .replace(/\bcedex\b.*$/i, '')
    .replace(/^(.*\S)\s*\((le|la|les|l['’])\)\s*$/i, '$2 $1')
    .replace(/\s+\d{1,2}\s*(?:er?|e|è|ème|eme)?(?:\s+arr.*)?$/iu, '')
  return searchName(name)
}

/** Parses "63500", "63 500", or "1000" without its zero; returns undefined for other texts. */
export function parsePostalCode(text: string): string | undefined {
  const digits = withoutDecimal(text.replace(/\s+cedex\b.*$/i, ''))
    .replace(/[\s.'"=\u00a0\u202f]/g, '')
    .replace(/^F-?/i, '')
  if (/^\d{5}$/.test(digits)) return digits
  return /^\d{4}$/.test(digits) ? `0${digits}` : undefined
}

/** Parses "63178", "1004" without its zero, or "2a004"; returns undefined for other texts. */
export function parseInseeCode(text: string): string | undefined {
  const code = withoutDecimal(text)
    .replace(/[\s.'"=\u00a0\u202f]/g, '')
    .toUpperCase()
  if (/^(?:\d{2}|2[AB])\d{3}$/.test(code)) return code
  return /^\d{4}$/.test(code) ? `0${code}` : undefined
}

export type CommuneMatch =
  | { readonly commune: KnownCommune; readonly instead?: 'insee' }
  | {
      readonly problem: 'commune.unknown' | 'commune.ambiguous' | 'commune.outside' | 'commune.postal_code'
      readonly candidates: readonly KnownCommune[]
    }

const CANDIDATES_SHOWN = 6

/**
 * Finds the commune of a row: by its INSEE code, otherwise by name and postal code. A name that several communes share is
 * resolved by the postal code, then by the territory. A postal code that the commune does not have (a CEDEX) still gives the
 * département.
 */
export function matchCommune(
  index: CommuneIndex,
  row: {
    readonly insee?: string | undefined
    readonly name?: string | undefined
    readonly postalCode?: string | undefined
  },
): CommuneMatch {
  const byInsee = row.insee === undefined ? undefined : index.byCode.get(row.insee)
  if (byInsee !== undefined) return inside(byInsee)
  const atPostalCode = row.postalCode === undefined ? [] : (index.byPostalCode.get(row.postalCode) ?? [])
  if (row.name === undefined || row.name === '') return matchUnnamed(atPostalCode, row.insee)
  const named = index.byName.get(communeKey(row.name)) ?? []
  if (named.length === 0) {
    return { problem: 'commune.unknown', candidates: atPostalCode.slice(0, CANDIDATES_SHOWN) }
  }
  const narrowed = narrow(named, row.postalCode)
  if (narrowed.length === 0)
    return { problem: 'commune.postal_code', candidates: named.slice(0, CANDIDATES_SHOWN) }
  const chosen = narrowed.length === 1 ? narrowed : narrowed.filter((commune) => commune.inside)
  if (chosen.length === 1)
    return { ...inside(chosen[0]!), ...(row.insee === undefined ? {} : { instead: 'insee' as const }) }
  const candidates = (chosen.length > 0 ? chosen : narrowed).slice(0, CANDIDATES_SHOWN)
  return { problem: chosen.length === 0 ? 'commune.outside' : 'commune.ambiguous', candidates }
}

/** Finds the commune of a row that has a postal code at most: the only one there, unless an INSEE code says another. */
function matchUnnamed(atPostalCode: readonly KnownCommune[], insee: string | undefined): CommuneMatch {
  const candidates = atPostalCode.slice(0, CANDIDATES_SHOWN)
  const [first, ...others] = atPostalCode
  if (insee !== undefined || first === undefined) return { problem: 'commune.unknown', candidates }
  return others.length === 0 ? inside(first) : { problem: 'commune.ambiguous', candidates }
}

function narrow(named: readonly KnownCommune[], postalCode: string | undefined): readonly KnownCommune[] {
  if (postalCode === undefined) return named
  const exact = named.filter((commune) => commune.postalCodes.includes(postalCode))
  if (exact.length > 0) return exact
  const prefix = postalCode.slice(0, /^9[78]/.test(postalCode) ? 3 : 2)
  return named.filter(
    (commune) =>
      commune.departementCode.startsWith(prefix) || (prefix === '20' && /^2[AB]/.test(commune.code)),
  )
}

function inside(commune: KnownCommune): CommuneMatch {
  return commune.inside ? { commune } : { problem: 'commune.outside', candidates: [commune] }
}

/** The point of a business that is located by its commune. */
export const NO_POINT = { latitude: null, longitude: null }

/** The place of a business by name. */
interface NamedPlace {
  readonly communeCode: string
  readonly address: string | null
}

/**
 * Tells whether a business moves. Its stored point is then that of the place before, and alerts around a place must not use it.
 * An address that is only spelled with other capitals, accents or punctuation is the same place.
 */
export function isMoved(before: NamedPlace, after: NamedPlace): boolean {
  return (
    before.communeCode !== after.communeCode ||
    searchName(before.address ?? '') !== searchName(after.address ?? '')
  )
}

/** Returns the street of a business whose change gives none: it stays in its commune, and is not kept in another one. */
export function streetIn(communeCode: string, before: NamedPlace): string | null {
  return communeCode === before.communeCode ? before.address : null
}

/** Maximum length of a name. */
const MAX_NAME = 100

/** Normalises a typed line and removes invisible characters. */
export function cleanLine(text: string): string {
  return text
    .normalize('NFC')
    .replace(/[\u200b-\u200f\u2060\ufeff]/g, '')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
}

/** Cleans a required line; adds a problem if it is empty or too long. */
export function requireLine(path: string, text: string, problems: Problem[]): string {
  const value = cleanLine(text)
  if (value === '') problems.push({ code: 'input.required', path })
  else if (value.length > MAX_NAME)
    problems.push({ code: 'input.too_long', path, values: { maximum: MAX_NAME } })
  return value
}

/** Tells whether a text contains a mail address, both in lower case: "martin@x.fr" is not in "jmartin@x.fr". */
export function holdsMail(text: string, mail: string): boolean {
  for (let at = text.indexOf(mail); at >= 0; at = text.indexOf(mail, at + 1)) {
    const isWhole =
      !/[\p{L}\d._%+-]$/u.test(text.slice(0, at)) &&
      !/^(?:[\p{L}\d-]|\.[\p{L}\d])/u.test(text.slice(at + mail.length))
    if (isWhole) return true
  }
  return false
}

/**
 * Words by which a name would speak as the police, the courts or a bank, or ask the reader to do something, in plain letters.
 */
const IMITATION =
  /\b(?:polic(?:e|ier)|gendarm|procureur|parquet de|tribunal|interpol|prefecture|impots|urssaf|antai|amende|banque?s?\b|carte bleue|cb\b|paypal|iban|virement|paie(?:ment|r|z)|pay(?:er|ez)|rembours|valid|confirm|verifi|identifi|authentif|cliqu|click|connect|appel(?:er|ez)|rappel|tele?charg|suspendu|bloque|urgen|http|www)|mot de passe|\bcode\b/
/** A link as phones recognise it, also without a path: a word, a dot and two letters or more. */
const DOMAIN = /[\p{L}\p{Nd}-]{2,}\.\p{L}{2,}/u
/** Five or more digits may be a number to call, however they are separated. */
const NUMBER_TO_CALL = /\p{Nd}(?:[^\p{L}\p{Nd}]*\p{Nd}){4}/u
/** Letters of other alphabets can look like Latin ones. */
const OTHER_ALPHABET = /[\p{L}--\p{Script=Latin}]/v

/**
 * Returns the name of a business as it may appear in an SMS to its own contacts: shortened, with letters, digits, `&`, spaces,
 * apostrophes and hyphens only, so that it is no sentence, link, address or number to call. A name that imitates the police or
 * a bank, that holds a link or a number, or that has no form in GSM-7 is replaced by neutral words.
 */
export function nameInSms(name: string): string {
  const typed = name.normalize('NFKC')
  const words = typed.replace(/[^\p{L}\p{Nd}&'’-]+/gu, ' ').trim()
  if (words === '' || isMisleading(typed)) return formatMessage('fr', 'name.hidden')
  return words.length <= NAME_IN_SMS ? words : `${words.slice(0, NAME_IN_SMS - 1).trimEnd()}.`
}

function isMisleading(name: string): boolean {
  if (DOMAIN.test(name) || NUMBER_TO_CALL.test(name) || OTHER_ALPHABET.test(name)) return true
  if (segmentMessage(name, { fold: true }).encoding !== 'GSM-7') return true
  const plain = plainOf(name)
  // Also with figures for letters, and spelled out: "p0lice", "p o l i c e", "p-o-l-i-c-e".
  const disguised = plain.replace(/0/g, 'o').replace(/1/g, 'i').replace(/3/g, 'e').replace(/5/g, 's')
  const joined = disguised.replace(/(?<=\b\p{L})[\s.\-_]+(?=\p{L}\b)/gu, '')
  return [plain, disguised, joined].some((one) => IMITATION.test(one))
}
