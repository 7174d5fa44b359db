import type { Problem } from '../../errors.ts'
import { isMoved, NO_POINT, streetIn } from '../../members/rules.ts'
import type { MemberFields } from '../../members/store.ts'
import { type NafCodes, nafCodesOf, replaceNaf } from '../../schemes/naf/naf.ts'
import { findTrade } from '../../schemes/trades/trades.ts'
import { searchName } from '../../territory/places/spelling.ts'
import type { RowFacts } from '../import/check/facts.ts'
import { checkTypedBusiness } from '../import/check/typed.ts'
import type { BusinessField } from '../import/columns/fields.ts'
import type { MemberEdit } from './contract.ts'

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
  const fields = {
    name: isTyped('name') ? checked.name : before.name,
    searchName: isTyped('name') ? searchName(checked.name) : before.searchName,
    siret: isTyped('siret') ? checked.siret : before.siret,
    ...typedNaf(before, typed),
    trade: isNew || isTyped('trade') ? (checked.trade ?? '') : before.trade,
    ...typedAddress(before, typed, checked),
    joinedOn: isTyped('joinedOn') ? checked.joinedOn : before.joinedOn,
    charterOn: isTyped('charterOn') ? checked.charterOn : before.charterOn,
  }
  const place = isMoved(before, fields) || isTyped('point') ? (checked.point ?? NO_POINT) : before
  return { fields: { ...fields, latitude: place.latitude, longitude: place.longitude }, problems }
}

/** Returns the address after an edit. The postal code follows a typed commune, and the street stays if the commune does. */
function typedAddress(
  before: Fields,
  typed: TypedBusiness,
  checked: ReturnType<typeof checkTypedBusiness>,
): Pick<Fields, 'communeCode' | 'address' | 'postalCode'> {
  const moves = typed.commune !== undefined
  const communeCode = moves ? (checked.commune?.code ?? '') : before.communeCode
  return {
    communeCode,
    address: typed.address === undefined ? streetIn(communeCode, before) : checked.address,
    postalCode: moves || typed.postalCode !== undefined ? checked.postalCode : before.postalCode,
  }
}

/** Returns the codes of a business after an edit: typed ones are stored in their classification, and an empty one is removed. */
function typedNaf(before: Fields, { naf, naf2025 }: TypedBusiness): NafCodes {
  const kept = { naf: naf === '' ? null : before.naf, naf2025: naf2025 === '' ? null : before.naf2025 }
  return replaceNaf(kept, nafCodesOf(naf, naf2025))
}
