import type { MemberEdit, NewMember } from '../../../../src/imports/by-hand/contract.ts'
import type { MemberView } from '../../../../src/members/contract.ts'
import { readablePhone } from '../../../../src/message/phone.ts'
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
export type FormField = (typeof FIELDS)[number]

/** Returns whether two values of a field are the same. */
export const isSameValue = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)

/** Lists the fields that differ. */
export function changedFields(before: FormValues, after: FormValues): readonly FormField[] {
  return FIELDS.filter((field) =>
    field === 'commune'
      ? before.commune?.code !== after.commune?.code
      : field === 'contacts'
        ? !isSameValue(filled(before.contacts), filled(after.contacts))
        : !isSameValue(before[field], after[field]),
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
    // A move without a street would leave the shop without one.
    ...(moved && { address: after.address }),
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
const UNSEEN = ['point', 'naf', 'naf2025'] as const satisfies readonly FormField[]
const isUnseen = (field: FormField): field is (typeof UNSEEN)[number] => UNSEEN.some((one) => one === field)

/** A value that another user changed while the form was open. */
export interface Overtaken {
  readonly field: Exclude<FormField, (typeof UNSEEN)[number]>
  readonly before: string
  readonly now: string
}

const textOf = (values: FormValues, field: FormField): string => {
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
