import { parseStatus } from '../../../members/rules.ts'
import { searchName } from '../../../territory/places/spelling.ts'
import { parseDay } from '../cells/days.ts'
import { parsePaid } from '../cells/paid.ts'
import type { TableRow } from '../file/table.ts'
import {
  type BusinessField,
  businessFields,
  type ColumnField,
  type ContactField,
  contactFields,
  isPlainName,
  MAX_CONTACTS,
} from './fields.ts'
import { haveOwnYears } from './title-years.ts'

const YES_OR_NO = /^(?:oui|o|yes|y|x|ok|vrai|true|non?|n|faux|false|-)$/

/** Tells whether a cell says yes or no, as normalised by `searchName`. */
export const saysYesOrNo = (cell: string): boolean => YES_OR_NO.test(cell === '-' ? cell : searchName(cell))

/** Tells whether a cell says whether dues are paid, without an amount, which may be what is owed. */
function saysPaid(cell: string): boolean {
  const paid = parsePaid(cell)
  return paid === null || (paid !== undefined && paid.cents === null)
}

const MEMBERSHIP = /^(?:adhesion|adherents?|membership|membre|member)$/

/**
 * Titles that have two meanings: the cells tell which. A column of "Cotisation" with amounts is often what is owed, with "oui" what
 * is paid; one of "Adhésion" may be a fee, or the day on which a business joined.
 */
const BY_CELLS: readonly {
  readonly title: RegExp
  readonly field: BusinessField
  readonly has: (cell: string) => boolean
}[] = [
  {
    title: /^(?:cotis|cotisations?|dues|membership fee)$/,
    field: 'duesPaid',
    has: saysPaid,
  },
  {
    title: MEMBERSHIP,
    field: 'joinedOn',
    has: (cell) => saysYesOrNo(cell) || parseDay(cell) !== undefined,
  },
  { title: /^situation$/, field: 'status', has: (cell) => 'value' in parseStatus(cell) },
]

/** The years at the end of a title of dues: "cotisation payee en 2026", "cotisation 2025 2026". */
const TITLE_YEARS = /(?: (?:en|de|pour|l|annee|annees|saison|for|year))*(?: 20\d\d)(?: (?:a |au )?20\d\d)*$/

/** Lists the cells of a column that are not empty. */
const filledCells = (column: number, below: readonly TableRow[]) =>
  below.map((row) => (row.cells[column] ?? '').trim()).filter((cell) => cell !== '')

/** The cells of a column, and what the other columns have. */
interface ColumnCells {
  /** The cells that are not empty. */
  readonly cells: readonly string[]
  /** Tells whether another column has the trades. */
  readonly hasTrades: () => boolean
}

/** Returns the field that a title names, by the cells of its column if it has two meanings. */
function fieldOfTitle(name: string, of: ColumnCells): BusinessField | undefined {
  const own = fieldOfWords(name, of)
  if (own !== undefined || !TITLE_YEARS.test(name)) return own
  // Dues are the only field that belongs to a year, and "Adhésion 2026" are those of that year.
  const bare = name.replace(TITLE_YEARS, '')
  const isPaid = of.cells.length > 0 && of.cells.every(saysPaid)
  const field = MEMBERSHIP.test(bare) && isPaid ? 'duesPaid' : fieldOfWords(bare, of)
  return field === 'duesPaid' ? field : undefined
}

function fieldOfWords(name: string, { cells, hasTrades }: ColumnCells): BusinessField | undefined {
  const usual = businessFields.get(name)
  if (cells.length === 0) return usual
  // "Activité principale" is the title of codes in the register, and of words in other lists.
  if (usual === 'naf' && !cells.some((cell) => /\d/.test(cell))) return hasTrades() ? undefined : 'trade'
  return usual ?? BY_CELLS.find(({ title, has }) => title.test(name) && cells.every(has))?.field
}

/** Between a title and the same in another language, or a note: "Ville / Town", "SIRET (14 chiffres)". */
const BESIDE = /[/|()[\]\n:*]|\s[\u2010-\u2015-]\s/

/** Returns a title as `searchName` normalises it, then each of its parts. */
function titleForms(title: string): string[] {
  return [title, ...title.split(BESIDE)].map(searchName).filter((name) => name !== '')
}

/** Tells whether a column may hold a field that others hold already: dues, if the title of each names its own years. */
export function mayHoldAgain(
  field: string,
  column: number,
  titles: readonly string[],
  fields: readonly (string | null)[],
): boolean {
  const title = titles[column] ?? ''
  return (
    field === 'duesPaid' &&
    fields.every((held, n) => held !== field || n === column || haveOwnYears(title, titles[n] ?? ''))
  )
}

/** A field that a title names; of a contact with its rank, from 1. */
type NamedField =
  | { readonly business: BusinessField }
  | { readonly contact: ContactField; readonly rank: number }

/** Returns the field that one of the forms of a title names. */
function findField(forms: readonly string[], of: ColumnCells): NamedField | undefined {
  for (const name of forms) {
    const business = fieldOfTitle(name, of)
    if (business !== undefined) return { business }
    const found = contactOfTitle(name)
    if (found !== undefined) return found
  }
  return undefined
}

/** Returns the contact field that a title names: "Mobile" of the first contact, "Mobile 2" of the second. */
function contactOfTitle(name: string): NamedField | undefined {
  const usual = contactFields.get(name)
  if (usual !== undefined) return { contact: usual, rank: 1 }
  const [, bare = '', rank] = /^(.*\D)\s?([1-9])$/.exec(name) ?? []
  const contact = contactFields.get(bare.trim())
  return contact === undefined ? undefined : { contact, rank: Number(rank) }
}

/** The field of each column, as they are assigned one after the other. */
class AssignedFields {
  readonly fields: (ColumnField | null)[]
  readonly #titles: readonly string[]
  readonly #taken = new Set<ColumnField>()

  constructor(titles: readonly string[]) {
    this.#titles = titles
    this.fields = titles.map(() => null)
  }

  /** Tells whether a column has the names of the businesses. */
  hasNames(): boolean {
    return this.#taken.has('name') || this.#taken.has('legalName')
  }

  /** Assigns a field, unless another column holds it already. */
  putBusiness(field: BusinessField, column: number): void {
    if (!this.#put(field, column) && mayHoldAgain(field, column, this.#titles, this.fields))
      this.fields[column] = field
  }

  /** Assigns a field of a contact: of the first one, from the wanted rank on, whose field no other column holds. */
  putContact(field: ContactField, rank: number, column: number): void {
    for (let n = rank; n <= MAX_CONTACTS; n++) if (this.#put(`${field}.${n}`, column)) return
  }

  #put(field: ColumnField, column: number): boolean {
    if (this.#taken.has(field)) return false
    this.#taken.add(field)
    this.fields[column] = field
    return true
  }
}

/**
 * Recognises columns by their usual French headers, or English headers, ignoring case, accents and punctuation. "Mobile 2", "Contact 2" and a
 * second column of the same name describe a second contact. Several columns may hold dues, each of its own years.
 * @param below the first rows below the header, which tell what a title with two meanings names
 * @returns the field of each column; null if not recognised
 */
export function assignColumns(header: TableRow, below: readonly TableRow[] = []): (ColumnField | null)[] {
  const titles = header.cells
  const assigned = new AssignedFields(titles)
  const hasTrades = () =>
    titles.some(
      (title, column) =>
        titleForms(title).some((name) => businessFields.get(name) === 'trade') &&
        filledCells(column, below).length > 0,
    )
  titles.forEach((title, column) => {
    if (isPlainName(title)) return
    const found = findField(titleForms(title), { cells: filledCells(column, below), hasTrades })
    if (found === undefined) return
    if ('business' in found) assigned.putBusiness(found.business, column)
    else assigned.putContact(found.contact, found.rank, column)
  })
  // "Nom" is the business, unless another column is: then it is the person.
  titles.forEach((title, column) => {
    if (!isPlainName(title)) return
    if (assigned.hasNames()) assigned.putContact('lastName', 1, column)
    else assigned.putBusiness('name', column)
  })
  return assigned.fields
}
