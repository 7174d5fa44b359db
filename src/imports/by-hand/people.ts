import type { Problem } from '../../errors.ts'
import type { FoundContact } from '../../members/found.ts'
import { consentAtNumber } from '../../members/numbers/consent.ts'
import type { ContactRow } from '../../members/store.ts'
import { checkTypedContact } from '../import/check/typed.ts'
import type { TypedContact } from './contract.ts'

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
    if (ids.has(one.id)) problems.push({ code: 'id_taken', path: at('id') })
    ids.add(one.id)
    const {
      person,
      number,
      problems: found,
    } = checkPerson(
      one,
      stored.find(({ id }) => id === one.id),
    )
    problems.push(...found.map(({ field, code, values }) => ({ code, path: at(field), values })))
    if (number !== null && numbers.has(number))
      problems.push({ code: 'contact.phone_taken', path: at('phone') })
    if (number !== null) numbers.add(number)
    people.push(person)
  }
  return { people, problems }
}

/** Checks one person. Its number after the edit is the stored one when it was not changed. */
function checkPerson(typed: TypedContact, known: FoundContact | undefined) {
  const checked = checkTypedContact(typed)
  const keepsNumber = known !== undefined && isSameNumber(typed.phone, known.mobile)
  const keepsMail = known !== undefined && typed.mail === (known.mail ?? '')
  const isKept = { phone: keepsNumber, mail: keepsMail, person: false }
  const person: CheckedPerson = {
    id: typed.id,
    person: checked.person,
    mail: keepsMail ? known.mail : checked.mail,
    phone: keepsNumber ? null : checked.phone,
    known,
  }
  const number = keepsNumber ? known.mobile : (checked.phone?.e164 ?? null)
  return { person, number, problems: checked.problems.filter(({ field }) => !isKept[field]) }
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
    cleared: stored
      .filter(({ id, mobile }) => renumbered.has(id) && mobile !== null && taken.has(mobile))
      .map(({ id }) => id),
    numbers: renumbered.size,
  }
}
