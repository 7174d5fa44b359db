import { isForeign, type Phone, parseMail } from '../../../members/rules.ts'
import { parsePhoneCell } from '../cells/phones.ts'
import type { Columns } from '../columns/columns.ts'
import type { ContactField } from '../columns/fields.ts'
import { MAX_TEXT, type RowCells } from './row-cells.ts'

export interface RowContact {
  readonly person: string
  readonly phone: Phone
  readonly mail: string | null
}

type ContactColumns = Columns['contacts'][number]

function personIn(row: RowCells, fields: ContactColumns): string {
  const value = (field: ContactField) => row.cellAt(fields[field])
  return value('person') || [value('firstName'), value('lastName')].filter(Boolean).join(' ')
}

/** Reads the numbers of a cell, each once. @param seen the numbers of the row so far */
function checkPhones(row: RowCells, column: number | undefined, seen: Set<string>): RowContact['phone'][] {
  const read = row.check(column, parsePhoneCell)
  if (read?.hasWords) row.addWarning(column, 'phone.words')
  const fresh = (read?.phones ?? []).filter(({ e164 }) => {
    const isFresh = !seen.has(e164)
    seen.add(e164)
    return isFresh
  })
  if (fresh.some(({ e164, kind }) => kind === 'mobile' && isForeign(e164)))
    row.addWarning(column, 'number.foreign')
  return fresh
}

/** @param name the name of the business, which is also that of its first contact if the column names a person */
export function checkContacts(row: RowCells, name: string): RowContact[] {
  const { columns } = row
  const contacts: RowContact[] = []
  const seen = new Set<string>()
  const landlines: (number | undefined)[] = []
  let person = ''
  for (const [i, fields] of columns.contacts.entries()) {
    const own = i === 0 && columns.named === 'person' ? name : ''
    person = own || personIn(row, fields) || person
    if (person.length > MAX_TEXT)
      row.addProblem(fields.person ?? fields.lastName, 'import.too_long', { limit: MAX_TEXT })
    const mail = row.check(fields.mail, parseMail)
    const phones = [fields.mobile, fields.phone].flatMap((column) => {
      const read = checkPhones(row, column, seen)
      if (read.some(({ kind }) => kind === 'landline')) landlines.push(column)
      return read
    })
    for (const [k, phone] of phones.entries()) contacts.push({ person, phone, mail: k === 0 ? mail : null })
  }
  // Beside a mobile a landline needs no remark.
  if (!contacts.some(({ phone }) => phone.kind === 'mobile'))
    for (const column of landlines) row.addWarning(column, 'phone.landline')
  const numbers = columns.contacts.flatMap((fields) => [fields.mobile, fields.phone])
  if (numbers.every((column) => row.cellAt(column) === ''))
    row.addProblem(
      numbers.find((one) => one !== undefined),
      'phone.missing',
    )
  // Mobiles first: the first contact is the name by which a caller is greeted.
  return contacts.sort((a, b) => Number(a.phone.kind === 'landline') - Number(b.phone.kind === 'landline'))
}
