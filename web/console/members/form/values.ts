import type { MemberEdit, NewMember, RegisterAnswer } from '../../../../src/imports/by-hand/contract.ts'
import type { MemberView } from '../../../../src/members/contract.ts'
import { readablePhone } from '../../../../src/message/phone.ts'
import { readableSiret } from '../../../../src/message/written.ts'
import { newId } from '../../../api/ids.ts'

export interface FormPerson {
  readonly id: string
  readonly person: string
  readonly phone: string
  readonly mail: string
}

/** The values of the form of a member, as typed. */
export interface FormValues {
  readonly siret: string
  readonly name: string
  readonly naf: string
  readonly naf2025: string
  readonly trade: string
  readonly commune: { readonly code: string; readonly name: string } | null
  readonly address: string
  readonly postalCode: string
  /** YYYY-MM-DD; empty if nobody said. */
  readonly joinedOn: string
  /** YYYY-MM-DD; empty if it was not. */
  readonly charterOn: string
  readonly point: MemberView['point']
  readonly contacts: readonly FormPerson[]
}

export const newPerson = (): FormPerson => ({ id: newId(), person: '', phone: '', mail: '' })

/** @param onlyTrade the trade of a scheme that has one only */
export function emptyValues(onlyTrade: string): FormValues {
  const none = {
    siret: '',
    name: '',
    naf: '',
    naf2025: '',
    address: '',
    postalCode: '',
    joinedOn: '',
    charterOn: '',
    commune: null,
    point: null,
  }
  return { ...none, trade: onlyTrade, contacts: [newPerson()] }
}

export function valuesOf(member: MemberView): FormValues {
  return {
    siret: member.siret ?? '',
    name: member.name,
    naf: member.naf ?? '',
    naf2025: member.naf2025 ?? '',
    trade: member.trade,
    commune: member.commune,
    address: member.address ?? '',
    postalCode: member.postalCode ?? '',
    joinedOn: member.joinedOn ?? '',
    charterOn: member.charterOn ?? '',
    point: member.point,
    contacts: member.contacts.map(({ id, person, phone, mail }) => ({
      id,
      person,
      phone: phone === null ? '' : readablePhone(phone),
      mail: mail ?? '',
    })),
  }
}

const FIELDS = [
  'siret',
  'name',
  'naf',
  'naf2025',
  'trade',
  'address',
  'postalCode',
  'commune',
  'joinedOn',
  'charterOn',
  'point',
  'contacts',
] as const
type Field = (typeof FIELDS)[number]

const isSame = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)

/** Lists the fields that differ. */
export function changedFields(before: FormValues, after: FormValues): readonly Field[] {
  return FIELDS.filter((field) =>
    field === 'commune'
      ? before.commune?.code !== after.commune?.code
      : field === 'contacts'
        ? !isSame(filled(before.contacts), filled(after.contacts))
        : !isSame(before[field], after[field]),
  )
}

/** Returns the people with at least one typed value. */
function filled(contacts: readonly FormPerson[]): FormPerson[] {
  return contacts.filter(({ person, phone, mail }) => `${person}${phone}${mail}`.trim() !== '')
}

export function toNewMember(id: string, values: FormValues, welcome: NewMember['welcome']): NewMember {
  const { commune, contacts, ...rest } = values
  const people = filled(contacts)
  // If no person is typed, the first line is sent, so that its problems are shown there.
  return {
    ...rest,
    id,
    welcome,
    commune: commune?.code ?? '',
    contacts: people.length === 0 ? contacts.slice(0, 1) : people,
  }
}

/** Returns the changed values with the version that the user saw. */
export function toEdit(version: string, before: FormValues, after: FormValues): MemberEdit {
  const changed = new Set(changedFields(before, after))
  const moved = changed.has('address') || changed.has('commune')
  return {
    version,
    ...(changed.has('siret') && { siret: after.siret }),
    ...(changed.has('name') && { name: after.name }),
    ...(changed.has('naf') && { naf: after.naf }),
    ...(changed.has('naf2025') && { naf2025: after.naf2025 }),
    ...(changed.has('trade') && { trade: after.trade }),
    ...(changed.has('address') && { address: after.address }),
    ...(changed.has('postalCode') && { postalCode: after.postalCode }),
    ...(changed.has('joinedOn') && { joinedOn: after.joinedOn }),
    ...(changed.has('charterOn') && { charterOn: after.charterOn }),
    ...(changed.has('commune') && { commune: after.commune?.code ?? '' }),
    // The location of the earlier address is not sent with a new address.
    ...(changed.has('point') && { point: after.point }),
    ...(moved && !changed.has('point') && { point: null }),
    ...(changed.has('contacts') && { contacts: filled(after.contacts) }),
  }
}

/** Fields that come from the register and have no place in the form. */
const UNSEEN = ['point', 'naf', 'naf2025'] as const satisfies readonly Field[]
const isUnseen = (field: Field): field is (typeof UNSEEN)[number] => UNSEEN.some((one) => one === field)

/** A value that another user changed while the form was open. */
export interface Overtaken {
  readonly field: Exclude<Field, (typeof UNSEEN)[number]>
  readonly before: string
  readonly now: string
}

const textOf = (values: FormValues, field: Field): string => {
  if (field === 'commune') return values.commune?.name ?? ''
  if (field === 'contacts')
    return values.contacts.map(({ person, phone }) => [person, phone].filter(Boolean).join(' ')).join(', ')
  return String(values[field] ?? '')
}

/**
 * Merges typed values with those that another user stored meanwhile: edited fields keep the typed value, others take the stored
 * one.
 */
export function rebaseValues(typed: FormValues, before: FormValues, now: FormValues) {
  const touched = new Set(changedFields(before, typed))
  const values = {
    ...now,
    ...Object.fromEntries([...touched].map((field) => [field, typed[field]])),
  } as FormValues
  const overtaken = changedFields(before, now).flatMap((field): Overtaken[] =>
    isUnseen(field) ? [] : [{ field, before: textOf(before, field), now: textOf(now, field) }],
  )
  return { values, overtaken }
}

/** A business that was picked from the register, with the values of the form before and after it. */
export interface RegisterPick {
  readonly before: FormValues
  readonly after: FormValues
  /** The fields that the user has edited after this or an earlier pick. */
  readonly edited: ReadonlySet<PickedField>
}

/** Fields that the register fills and the user may edit; the others always are those of the last business picked. */
const PICKED = ['name', 'trade', 'commune', 'address', 'postalCode'] as const satisfies readonly Field[]
type PickedField = (typeof PICKED)[number]

/**
 * Fills the form from the register. Another business replaces all that the last pick filled, also where the register does not know a
 * value for it, so that two businesses are never mixed; what the user has edited since is kept.
 * @param last the pick before this one, null for the first
 */
export function pickBusiness(
  values: FormValues,
  last: RegisterPick | null,
  business: RegisterAnswer['businesses'][number],
): RegisterPick {
  const edited = new Set(last?.edited)
  if (last !== null) {
    for (const field of PICKED)
      if (!isSame(values[field], last.after[field]) && !isEmpty(values[field])) edited.add(field)
  }
  const before = last === null ? values : withoutPick(values, last, edited)
  const isElsewhere = business.commune?.code !== values.commune?.code
  const commune = edited.has('commune') || business.commune === null ? before.commune : business.commune
  const postalCode = edited.has('postalCode') && !isElsewhere ? values.postalCode : business.postalCode
  const isKept = edited.has('commune') || edited.has('address')
  const after: FormValues = {
    ...before,
    siret: readableSiret(business.siret),
    // A name that the chamber typed is kept.
    name: before.name.trim() === '' ? business.name : before.name,
    naf: business.naf ?? '',
    naf2025: business.naf2025 ?? '',
    trade: edited.has('trade') ? before.trade : (business.trade ?? before.trade),
    commune,
    address: edited.has('address') ? before.address : (business.address ?? ''),
    postalCode: commune === business.commune ? (postalCode ?? '') : before.postalCode,
    point: isKept ? null : business.point,
  }
  return { before, after, edited }
}

/** Returns to the values before a pick in the fields that it filled, except those that were edited since. */
function withoutPick(values: FormValues, pick: RegisterPick, edited: ReadonlySet<PickedField>): FormValues {
  const filled = PICKED.filter((field) => isSame(values[field], pick.after[field]) && !edited.has(field))
  return {
    ...values,
    ...Object.fromEntries(filled.map((field) => [field, pick.before[field]])),
    // The postal code belongs to its commune.
    ...(filled.includes('commune') && { postalCode: pick.before.postalCode }),
  } as FormValues
}

const isEmpty = (value: unknown) => value === null || (typeof value === 'string' && value.trim() === '')
