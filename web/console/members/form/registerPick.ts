import type { RegisterAnswer } from '../../../../src/imports/by-hand/contract.ts'
import { readableSiret } from '../../../../src/message/written.ts'
import { type FormField, type FormValues, isSameValue } from './values.ts'

/** A business that was picked from the register, with the values of the form before and after it. */
export interface RegisterPick {
  readonly before: FormValues
  readonly after: FormValues
  /** The fields that the user has edited after this or an earlier pick. */
  readonly edited: ReadonlySet<PickedField>
}

/** Fields that the register fills and the user may edit; the others always are those of the last business picked. */
const PICKED = ['name', 'trade', 'commune', 'address', 'postalCode'] as const satisfies readonly FormField[]
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
  const edited = editedFields(values, last)
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

/** Lists the fields that the user has edited after the last pick or an earlier one. */
function editedFields(values: FormValues, last: RegisterPick | null): ReadonlySet<PickedField> {
  if (last === null) return new Set()
  const changed = PICKED.filter(
    (field) => !isSameValue(values[field], last.after[field]) && !isEmpty(values[field]),
  )
  return new Set([...last.edited, ...changed])
}

/** Returns to the values before a pick in the fields that it filled, except those that were edited since. */
function withoutPick(values: FormValues, pick: RegisterPick, edited: ReadonlySet<PickedField>): FormValues {
  const filled = PICKED.filter((field) => isSameValue(values[field], pick.after[field]) && !edited.has(field))
  return {
    ...values,
    ...Object.fromEntries(filled.map((field) => [field, pick.before[field]])),
    // The postal code belongs to its commune.
    ...(filled.includes('commune') && { postalCode: pick.before.postalCode }),
  } as FormValues
}

const isEmpty = (value: unknown) => value === null || (typeof value === 'string' && value.trim() === '')
