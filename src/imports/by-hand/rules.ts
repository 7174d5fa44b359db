import type { Problem } from '../../errors.ts'
import type { FoundContact } from '../../members/found.ts'
import { consentAtNumber } from '../../members/numbers/consent.ts'
import { isMoved, NO_POINT, streetIn } from '../../members/rules.ts'
import type { ContactRow, MemberFields } from '../../members/store.ts'
import { type NafCodes, nafCodesOf, replaceNaf } from '../../schemes/naf/naf.ts'
import { findTrade } from '../../schemes/trades/trades.ts'
import { searchName } from '../../territory/places/spelling.ts'
import type { RowFacts } from '../import/check/facts.ts'
import { checkTypedBusiness, checkTypedContact } from '../import/check/typed.ts'
import type { BusinessField } from '../import/columns/fields.ts'
import type { MemberEdit, TypedContact } from './contract.ts'

/** The values of a business as typed; absent ones are not changed. */
export type TypedBusiness = Omit<
  Partial<MemberEdit>,
  'version' | 'contacts' | 'answersName' | 'answersRequest'
>

/** The values of a business that a form holds. */
export interface EditedFields extends MemberFields {
  /** When it signed the charter on paper (YYYY-MM-DD). */
  readonly charterOn: string | null
}

type Fields = Omit<EditedFields, 'id' | 'status'>

export const EMPTY: Fields = {
  name: '',
  searchName: '',
  siret: null,
  naf: null,
  naf2025: null,
  trade: '',
  communeCode: '',
  address: null,
  postalCode: null,
  joinedOn: null,
  charterOn: null,
  latitude: null,
  longitude: null,
}

/** The field of the form at which a problem of a column is shown. */
const FIELD_OF = {
  name: 'name',
  siret: 'siret',
  naf: 'naf',
  naf2025: 'naf2025',
  trade: 'trade',
  insee: 'commune',
  address: 'address',
  postalCode: 'postalCode',
  joinedOn: 'joinedOn',
  charterOn: 'charterOn',
  latitude: 'point',
  longitude: 'point',
} as const satisfies Partial<Record<BusinessField, keyof TypedBusiness>>

/** Returns a business as the cells of a row: the typed values, beside the earlier ones that they are checked with. */
function cellsOf(before: Fields, typed: TypedBusiness, { ownTrades }: RowFacts) {
  const textOf = (field: 'name' | 'siret' | 'naf' | 'naf2025' | 'address') =>
    typed[field] ?? before[field] ?? ''
  const trade = typed.trade ?? before.trade
  return {
    name: textOf('name'),
    siret: textOf('siret'),
    naf: textOf('naf'),
    naf2025: textOf('naf2025'),
    trade: trade === '' ? '' : (findTrade(trade, ownTrades)?.nameFr ?? trade),
    insee: typed.commune ?? before.communeCode,
    address: textOf('address'),
    postalCode: typed.postalCode ?? '',
    joinedOn: typed.joinedOn ?? '',
    charterOn: typed.charterOn ?? '',
    latitude: String(typed.point?.latitude ?? ''),
    longitude: String(typed.point?.longitude ?? ''),
  }
}

/**
 * Applies typed values to a business, by the rules of a row of a list. A value that is not typed is kept unchecked, so that a newer
 * rule does not prevent the correction of another value. A business that moves without a location is located by its commune.
 * @param before `EMPTY` for a new business
 */
export function applyTyped(
  before: Fields,
  typed: TypedBusiness,
  facts: RowFacts,
): { readonly fields: Fields; readonly problems: Problem[] } {
  const isTyped = (field: keyof TypedBusiness) => typed[field] !== undefined
  const isNew = before === EMPTY
  const checked = checkTypedBusiness(cellsOf(before, typed, facts), facts)
  const problems = checked.problems
    .map(({ field, code, values }) => ({ code, path: FIELD_OF[field as keyof typeof FIELD_OF], values }))
    .filter(({ path }) => isNew || isTyped(path) || (path === 'postalCode' && isTyped('commune')))
  const afterEdit = <Field extends 'siret' | 'joinedOn' | 'charterOn'>(field: Field) =>
    isTyped(field) ? checked[field] : before[field]
  const communeCode = isTyped('commune') ? (checked.commune?.code ?? '') : before.communeCode
  const fields: Omit<Fields, 'latitude' | 'longitude'> = {
    ...(isTyped('name')
      ? { name: checked.name, searchName: searchName(checked.name) }
      : { name: before.name, searchName: before.searchName }),
    siret: afterEdit('siret'),
    ...typedNaf(before, typed),
    trade: isNew || isTyped('trade') ? (checked.trade ?? '') : before.trade,
    communeCode,
    address: isTyped('address') ? checked.address : streetIn(communeCode, before),
    postalCode: isTyped('postalCode') || isTyped('commune') ? checked.postalCode : before.postalCode,
    joinedOn: afterEdit('joinedOn'),
    charterOn: afterEdit('charterOn'),
  }
  const place = isMoved(before, fields) || isTyped('point') ? (checked.point ?? NO_POINT) : before
  return { fields: { ...fields, latitude: place.latitude, longitude: place.longitude }, problems }
}

/** Returns the codes of a business after an edit: typed ones are stored in their classification, and an empty one is removed. */
function typedNaf(before: Fields, { naf, naf2025 }: TypedBusiness): NafCodes {
  const kept = { naf: naf === '' ? null : before.naf, naf2025: naf2025 === '' ? null : before.naf2025 }
  return replaceNaf(kept, nafCodesOf(naf, naf2025))
}

/** The changes of a member's people, as rows to write. */
export interface PeoplePlan {
  readonly added: readonly ContactRow[]
  readonly changed: readonly ContactRow[]
  /** Ids of the contacts that are removed. */
  readonly removed: readonly string[]
  /** Ids of the contacts whose number is cleared first, because another one of the member takes it. */
  readonly cleared: readonly string[]
  /** Ids of the contacts to opt in again, with proof. */
  readonly optedIn: readonly string[]
  /** Number of contacts that get another number. */
  readonly numbers: number
}

export const NO_PEOPLE: PeoplePlan = {
  added: [],
  changed: [],
  removed: [],
  cleared: [],
  optedIn: [],
  numbers: 0,
}

/** A person whose typed values are valid. */
export interface CheckedPerson {
  readonly id: string
  readonly person: string
  readonly mail: string | null
  /** Null for a stored contact that has no number, and gets none. */
  readonly phone: { readonly e164: string; readonly kind: 'mobile' | 'landline' } | null
  readonly known: FoundContact | undefined
}

/**
 * Checks the people of a member, each by the rules of a row of a list. A stored contact may stay without a number, and with a
 * number or a mail address that would be refused today.
 */
export function checkPeople(
  typed: readonly TypedContact[],
  stored: readonly FoundContact[],
): { readonly people: CheckedPerson[]; readonly problems: Problem[] } {
  const problems: Problem[] = []
  const people: CheckedPerson[] = []
  const numbers = new Set<string>()
  const ids = new Set<string>()
  if (typed.length === 0) problems.push({ code: 'phone.missing', path: 'contacts' })
  for (const [i, one] of typed.entries()) {
    const at = (field: string) => `contacts.${i}.${field}`
    const known = stored.find(({ id }) => id === one.id)
    if (ids.has(one.id)) problems.push({ code: 'id_taken', path: at('id') })
    ids.add(one.id)
    const checked = checkTypedContact(one)
    const keepsNumber = known !== undefined && isSameNumber(one.phone, known.mobile)
    const keepsMail = known !== undefined && one.mail === (known.mail ?? '')
    const isKept = { phone: keepsNumber, mail: keepsMail, person: false }
    const found = checked.problems.filter(({ field }) => !isKept[field])
    problems.push(...found.map(({ field, code, values }) => ({ code, path: at(field), values })))
    const { phone } = checked
    const number = keepsNumber ? known.mobile : (phone?.e164 ?? null)
    if (number !== null && numbers.has(number))
      problems.push({ code: 'contact.phone_taken', path: at('phone') })
    if (number !== null) numbers.add(number)
    const mail = keepsMail ? known.mail : checked.mail
    people.push({ id: one.id, person: checked.person, mail, phone: keepsNumber ? null : phone, known })
  }
  return { people, problems }
}

/** Returns a stored contact as one that is not edited. */
export function asUneditedPerson(known: FoundContact): CheckedPerson {
  const { id, person, mail } = known
  return { id, person, mail, phone: null, known }
}

/** Tells whether the typed values of a person are those that are stored. */
export function isSamePerson(typed: TypedContact, known: FoundContact): boolean {
  const { people, problems } = checkPeople([typed], [known])
  const [one] = people
  return (
    problems.length === 0 &&
    one !== undefined &&
    one.person === known.person &&
    one.mail === known.mail &&
    (one.phone === null || one.phone.e164 === known.mobile)
  )
}

function isSameNumber(typed: string, stored: string | null): boolean {
  const bare = typed.replace(/[\s.()/-]/g, '')
  return stored === null ? bare === '' : bare === stored
}

type Place = { readonly position: number; readonly id: string }

/** Compares two contacts in the order in which they are listed. */
function comparePlaces(a: Place, b: Place): number {
  return a.position - b.position || (a.id < b.id ? -1 : Number(a.id > b.id))
}

/** Returns the position of a contact that follows another: its own if it is listed after it already. */
const positionAfter = (last: Place, own: Place | undefined) =>
  own !== undefined && comparePlaces(own, last) > 0 ? own.position : last.position + 1

const isOtherContact = (a: StoredValues, b: StoredValues) =>
  (['person', 'mail', 'mobile', 'sms', 'position'] as const).some((key) => a[key] !== b[key])

type StoredValues = Pick<ContactRow, 'person' | 'mail' | 'mobile' | 'sms' | 'position'>

/**
 * Plans the people of a member in their new order; people whose order does not change keep their positions.
 * @param optedOut those of their numbers that opted out in the scheme
 */
export function planPeople(
  memberId: string,
  people: readonly CheckedPerson[],
  stored: readonly (FoundContact & { readonly position: number })[],
  optedOut: ReadonlySet<string>,
): PeoplePlan {
  const added: ContactRow[] = []
  const changed: ContactRow[] = []
  const optedIn: string[] = []
  const renumbered = new Map<string, string>()
  let last: Place = { position: -1, id: '' }
  for (const { id, person, mail, phone, known } of people) {
    const before = stored.find((one) => one.id === id)
    const position = positionAfter(last, before)
    last = { position, id }
    const contact = { id, memberId, person, mail, position }
    if (known === undefined) {
      const sms = phone?.kind === 'mobile' && !optedOut.has(phone.e164)
      added.push({ ...contact, mobile: phone?.e164 ?? null, sms })
      continue
    }
    const isSame = phone === null || phone.e164 === known.mobile
    const consent = isSame ? { sms: known.sms, optsIn: false } : consentAtNumber(known, phone, optedOut)
    const after = { ...contact, mobile: isSame ? known.mobile : phone.e164, sms: consent.sms }
    if (before === undefined || isOtherContact(after, before)) changed.push(after)
    if (consent.optsIn) optedIn.push(id)
    if (!isSame) renumbered.set(id, phone.e164)
  }
  const kept = new Set(people.map(({ id }) => id))
  const taken = new Set(renumbered.values())
  return {
    added,
    changed,
    optedIn,
    removed: stored.filter(({ id }) => !kept.has(id)).map(({ id }) => id),
    cleared: [
      ...stored.filter(({ id, mobile }) => renumbered.has(id) && mobile !== null && taken.has(mobile)),
    ].map(({ id }) => id),
    numbers: renumbered.size,
  }
}
