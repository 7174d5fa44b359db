import type { ImportRemark } from '../../../members/contract.ts'
import { type Phone, parseMail } from '../../../members/rules.ts'
import { parseDay } from '../cells/days.ts'
import { columnsOf } from '../columns/columns.ts'
import type { BusinessField, ColumnField } from '../columns/fields.ts'
import { checkBusiness, LOST_SIRETS } from './business.ts'
import { readCharterDay } from './charter.ts'
import { checkContacts, type RowContact } from './contacts.ts'
import type { RowFacts } from './facts.ts'
import type { MemberRow } from './row.ts'
import { cleanCell, RowCells } from './row-cells.ts'

/** A problem of a value that a user typed into the field of a form. */
export interface FieldProblem<Field> {
  readonly field: Field
  readonly code: `${string}.${string}`
  readonly values: ImportRemark['values']
}

const TYPED_BUSINESS = [
  'name',
  'siret',
  'naf',
  'naf2025',
  'trade',
  'insee',
  'address',
  'postalCode',
  'joinedOn',
  'charterOn',
  'latitude',
  'longitude',
] as const satisfies readonly BusinessField[]

/** Checks a business typed into a form, by the rules of a row of a list. A field that is absent or empty has no value. */
export function checkTypedBusiness(
  typed: Readonly<Partial<Record<BusinessField, string>>>,
  facts: RowFacts,
): ReturnType<typeof checkBusiness> &
  Pick<MemberRow, 'charterOn'> & { readonly problems: FieldProblem<BusinessField>[] } {
  const { row, problemsBy } = typedRow(TYPED_BUSINESS, typed)
  const business = checkBusiness(row, facts)
  const charterOn = readCharterDay(row)
  // Unlike in a list, the user is there to write it again.
  if (charterOn === undefined) row.addProblem(row.columns.business.charterOn, 'charter.day')
  const { joinedOn, postalCode, siret } = row.columns.business
  const lost = row.warnings.find(({ code }) => LOST_SIRETS.includes(code))
  if (lost !== undefined) row.addProblem(siret, lost.code)
  if (row.cell('joinedOn') !== '' && business.joinedOn === null)
    row.addProblem(joinedOn, parseDay(row.cell('joinedOn')) === undefined ? 'joined.day' : 'joined.ahead')
  const isRefused = row.problems.some(({ index }) => index === postalCode)
  const remark = row.warnings.find(({ code }) => code.startsWith('postal_code.'))
  if (remark !== undefined && !isRefused) row.addProblem(postalCode, remark.code, remark.values)
  return { ...business, charterOn: charterOn ?? null, problems: problemsBy('name') }
}

const TYPED_CONTACT = ['person.1', 'phone.1', 'mail.1'] as const satisfies readonly ColumnField[]

const CONTACT_FIELD = { 'person.1': 'person', 'phone.1': 'phone', 'mail.1': 'mail' } as const

interface RowContactValues extends Omit<RowContact, 'phone'> {
  readonly phone: Phone | null
}

/** Checks a person typed into a form, by the rules of a row of a list. A value with a problem is null. */
export function checkTypedContact(
  typed: Readonly<Record<'person' | 'phone' | 'mail', string>>,
): RowContactValues & { readonly problems: FieldProblem<'person' | 'phone' | 'mail'>[] } {
  const { row, problemsBy } = typedRow(TYPED_CONTACT, {
    'person.1': typed.person,
    'phone.1': typed.phone,
    'mail.1': typed.mail,
  })
  const [contact, second] = checkContacts(row, '')
  if (second !== undefined) row.addProblem(1, 'phone.several')
  const mail = parseMail(typed.mail)
  return {
    person: cleanCell(typed.person),
    phone: contact?.phone ?? null,
    mail: 'value' in mail ? mail.value : null,
    problems: problemsBy('phone.1').map(({ field, ...problem }) => ({
      ...problem,
      field: CONTACT_FIELD[field],
    })),
  }
}

/** Makes a row of values by field. `problemsBy`: its problems by field; those about no column are of the given field. */
function typedRow<Field extends ColumnField>(
  fields: readonly Field[],
  typed: Readonly<Partial<Record<Field, string>>>,
) {
  const columns = columnsOf({ line: 1, cells: [...fields] }, fields)
  const row = new RowCells({ line: 1, cells: fields.map((field) => typed[field] ?? '') }, columns)
  return {
    row,
    problemsBy: (otherwise: Field): FieldProblem<Field>[] =>
      row.problems.map(({ index, code, values }) => ({
        field: fields[index ?? -1] ?? otherwise,
        code: code as FieldProblem<Field>['code'],
        values,
      })),
  }
}
