import { AppError, type Problem } from '../../../errors.ts'
import { parseStatus } from '../../../members/rules.ts'
import { searchName } from '../../../territory/places/spelling.ts'
import type { TableRow } from '../file/read.ts'
import { parseDay } from './days.ts'
import { parsePaid } from './paid.ts'
import { haveOwnYears, yearsOfTitle } from './title-years.ts'

/** A field that a column may hold, once per business. */
export type BusinessField =
  | 'name'
  | 'legalName'
  | 'siret'
  | 'naf'
  | 'naf2025'
  | 'trade'
  | 'commune'
  | 'postalCode'
  | 'insee'
  | 'address'
  | 'joinedOn'
  | 'latitude'
  | 'longitude'
  | 'status'
  | 'charterOn'
  | 'duesPaid'
  | 'tags'
  | 'note'

/** A field that a column may hold, once per contact. */
export type ContactField = 'person' | 'firstName' | 'lastName' | 'mobile' | 'phone' | 'mail'

/** The usual headers of each column in French and English lists (and in our exports), as `searchName` normalises them. */
const BUSINESS: Readonly<Record<BusinessField, string>> = {
  name: 'enseigne, nom commercial, nom du commerce, commerce, etablissement, nom etablissement, nom de l etablissement, nom de l enseigne, entreprise, nom entreprise, nom de l entreprise, societe, nom de la societe, exploitation, nom de l exploitation, nom du magasin, magasin, nom boutique, boutique, business, business name, shop, shop name, store, store name, company, company name, trading name, trade name',
  legalName:
    'raison sociale, denomination, denomination sociale, denomination usuelle, rs, legal name, registered name',
  siret:
    'siret, n siret, no siret, numero siret, num siret, code siret, siret etablissement, numero de siret, n de siret, registration number, siret number',
  naf: 'naf, ape, code naf, code ape, naf ape, ape naf, code naf ape, code ape naf, code activite, activite principale, naf code, activity code',
  naf2025:
    'code naf 2025, naf 2025, naf2025, naf25, code naf25, ape 2025, code ape 2025, naf ape 2025, code naf ape 2025',
  trade:
    'metier, activite, profession, secteur d activite, type de commerce, type d activite, trade, categorie, famille, activity, business type, type of business, sector',
  commune:
    'commune, ville, localite, nom de la commune, nom commune, libelle commune, city, town, cp ville, cp commune, code postal ville, code postal et ville, code postal commune, ville cp, bureau distributeur',
  postalCode: 'code postal, cp, codepostal, code post, postal code, zip, zip code, postcode',
  insee:
    'code insee, insee, code commune, code commune insee, code insee commune, code insee de la commune, codeinsee, cog',
  address:
    'adresse, rue, voie, adresse postale, adresse 1, adresse ligne 1, adresse du commerce, adresse complete, n et voie, numero et voie, n et rue, address, street, street address',
  joinedOn:
    'date d adhesion, date adhesion, date de l adhesion, adherent depuis, membre depuis, adherent depuis le, date d entree, date d inscription, inscrit le, adhere le, joined, joining date, joined on, member since',
  latitude: 'latitude, lat',
  longitude: 'longitude, lon, lng, long',
  // Not "Situation", which may be that of the shop: see `BY_CELLS`.
  status: 'statut, etat, status',
  charterOn:
    'charte, charte signee, charte signee le, charte papier, charte sur papier, charte papier signee le, date de la charte, date charte, date de signature, date signature charte, date de signature de la charte, signature charte, charter, charter signed, charter signed on, charter on paper, charter date',
  // Not "Cotisation" or "Dues" alone, often what is owed: see `BY_CELLS`.
  duesPaid:
    'cotisation payee, cotisations payees, cotisation reglee, cotisation a jour, a jour de cotisation, annee payee, annees payees, annee de cotisation, annee cotisation, annees cotisation, annees de cotisation, annee cotisee, annees cotisees, derniere cotisation, derniere cotisation payee, paye, payee, regle, reglee, reglement, montant paye, dues paid, paid, years paid, fee paid',
  tags: 'etiquettes, etiquette, mots cles, mot cle, groupes, groupe, tag, tags, labels, keywords',
  note: 'notes, note, remarques, remarque, obs, rmq, commentaires, commentaire, observations, observation, divers, notes de la chambre, comment, comments, remarks',
}
const CONTACT: Readonly<Record<ContactField, string>> = {
  person:
    'contact, responsable, gerant, gerante, interlocuteur, dirigeant, exploitant, nom du responsable, nom du contact, nom contact, nom du gerant, nom du dirigeant, nom et prenom, nom prenom, prenom et nom, prenom nom, personne, person, titulaire, proprietaire, contact name, owner, manager, contact person',
  firstName:
    'prenom, prenom du responsable, prenom du contact, prenom contact, prenom du gerant, first name, given name',
  lastName: 'nom de famille, nom responsable, nom gerant, nom dirigeant, last name, surname, family name',
  mobile:
    'mobile, portable, gsm, telephone portable, tel portable, telephone mobile, tel mobile, n portable, n de portable, numero de portable, no portable, n mobile, numero mobile, portable sms, mobile sms, mobile phone, tel port, cell, cell phone, mobile number, mob, port, tel mob',
  phone:
    'telephone, tel, n telephone, n de telephone, no telephone, numero de telephone, numero telephone, n tel, phone, telephone fixe, tel fixe, fixe, phone number, landline, telephones, tel mobile fixe, coordonnees telephoniques',
  mail: 'mail, email, e mail, courriel, mel, adresse mail, adresse email, adresse e mail, adresse electronique, adresse courriel, email address, e mail address',
}

function invert<F extends string>(fields: Readonly<Record<F, string>>): Map<string, F> {
  return new Map(
    (Object.entries(fields) as [F, string][]).flatMap(([field, names]) =>
      names.split(', ').map((name): [string, F] => [name, field]),
    ),
  )
}
const businessFields = invert(BUSINESS)
const contactFields = invert(CONTACT)

/** Recognised titles from which on a row is the header of a list. */
const HEADER_TITLES = 2

/** Maximum number of contacts per row. */
const MAX_CONTACTS = 9

/** The field of a column: for example `siret`, or `mobile.2` for the second contact. */
export type ColumnField = BusinessField | `${ContactField}.${number}`

const CONTACT_FIELDS = Object.keys(CONTACT) as ContactField[]

/** Every field that a column may hold, in the order of an exported list. */
export const COLUMN_FIELDS: readonly ColumnField[] = [
  ...(Object.keys(BUSINESS) as BusinessField[]),
  ...Array.from({ length: MAX_CONTACTS }, (_, n) => n + 1).flatMap((n) =>
    CONTACT_FIELDS.map((field): ColumnField => `${field}.${n}`),
  ),
]
const known: ReadonlySet<string> = new Set(COLUMN_FIELDS)
export function isColumnField(text: string): text is ColumnField {
  return known.has(text)
}

export interface Columns {
  /** The headers as written in the file. */
  readonly headers: readonly string[]
  /** Column numbers, counted from 0. */
  readonly business: Readonly<Partial<Record<BusinessField, number>>>
  /** The columns of dues paid, each with the years that its title names. */
  readonly dues: readonly { readonly column: number; readonly years: readonly number[] }[]
  /** One set of columns per contact. */
  readonly contacts: readonly Readonly<Partial<Record<ContactField, number>>>[]
  /** Whether the list has business names, or only persons (name and first name) who are the business. */
  readonly named: 'business' | 'person'
  /** Columns that are ignored. */
  readonly unknown: readonly number[]
}

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

const isPlainName = (header: string) => ['nom', 'name', 'nom name', 'name nom'].includes(searchName(header))

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

/**
 * Recognises columns by their usual French headers, or English headers, ignoring case, accents and punctuation. "Mobile 2", "Contact 2" and a
 * second column of the same name describe a second contact. Several columns may hold dues, each of its own years.
 * @param below the first rows below the header, which tell what a title with two meanings names
 * @returns the field of each column; null if not recognised
 */
export function assignColumns(header: TableRow, below: readonly TableRow[] = []): (ColumnField | null)[] {
  const fields: (ColumnField | null)[] = header.cells.map(() => null)
  const taken = new Set<ColumnField>()
  const put = (field: ColumnField, column: number): boolean => {
    if (taken.has(field)) return false
    taken.add(field)
    fields[column] = field
    return true
  }
  const putContact = (field: ContactField, wanted: number, column: number): boolean => {
    for (let n = wanted; n <= MAX_CONTACTS; n++) if (put(`${field}.${n}`, column)) return true
    return false
  }
  const hasTrades = () =>
    header.cells.some(
      (cell, column) =>
        titleForms(cell).some((name) => businessFields.get(name) === 'trade') &&
        filledCells(column, below).length > 0,
    )
  header.cells.forEach((cell, column) => {
    if (isPlainName(cell)) return
    const cells = filledCells(column, below)
    for (const name of titleForms(cell)) {
      const field = fieldOfTitle(name, { cells, hasTrades })
      if (field !== undefined) {
        if (!put(field, column) && mayHoldAgain(field, column, header.cells, fields)) fields[column] = field
        return
      }
      const numbered = /^(.*\D)\s?([1-9])$/.exec(name)
      const contact = contactFields.get(name) ?? contactFields.get(numbered?.[1]?.trim() ?? '')
      const wanted = contactFields.has(name) ? 1 : Number(numbered?.[2] ?? 1)
      if (contact === undefined) continue
      putContact(contact, wanted, column)
      return
    }
  })
  // "Nom" is the business, unless another column is: then it is the person.
  header.cells.forEach((cell, column) => {
    if (!isPlainName(cell)) return
    if (!taken.has('name') && !taken.has('legalName')) put('name', column)
    else putContact('lastName', 1, column)
  })
  return fields
}

/** Number of first rows among which the header is searched. */
export const HEADER_ROWS = 10

function countKnown(row: TableRow): number {
  return assignColumns(row).filter((field) => field !== null).length
}

/**
 * Finds the header row: the first row, unless one of the next rows has more recognised headers, at least two. Rows above it
 * are a title or a date.
 */
export function findHeader(rows: readonly TableRow[]): TableRow | undefined {
  let [best] = rows
  let most = best === undefined ? 0 : Math.max(1, countKnown(best))
  for (const row of rows.slice(0, HEADER_ROWS)) {
    const known = countKnown(row)
    if (known > most) [best, most] = [row, known]
  }
  return best
}

/** Tells whether rows are a list, with a header that is recognised. */
export function isList(rows: readonly TableRow[]): boolean {
  const header = findHeader(rows)
  return header !== undefined && countKnown(header) >= HEADER_TITLES
}

/** Cells that a row of a business has at least: its name, its commune, a number. */
const BUSINESS_CELLS = 3

/** Tells whether rows without known titles may be a list: one below the first looks like a business. */
export function looksLikeList(rows: readonly TableRow[]): boolean {
  return rows
    .slice(1)
    .some(
      ({ cells }) =>
        cells.filter((cell) => cell.trim() !== '').length >= BUSINESS_CELLS && cells.some(isPersonal),
    )
}

/** Matches dates and runs of years, whose digits are no number of a person: “12/03/2024 14:30”, “2023/2024/2025”. */
const DATES =
  /\b(?:(?:0?[1-9]|[12]\d|3[01])[/.-](?:0?[1-9]|1[0-2])[/.-](?:(?:19|20)\d\d|\d\d)|(?:19|20)\d\d-\d\d-\d\d)(?![/.\d-])(?:[T ]\d\d?[:h]\d\d(?::\d\d)?)?|\b(?:19|20)\d\d(?:\s?[/–-]\s?(?:19|20)\d\d)+\b/g

/** Tells whether a cell may contain a number, an account or a mail address, which no title does. */
export function isPersonal(cell: string): boolean {
  return /@|(?:\d\D{0,2}){9}/.test(cell.replace(DATES, ' '))
}

/**
 * Tells whether what was taken for the header is a row: it has one known title at most, as a business may be called like one, and
 * numbers or mail addresses where most of the next rows have some too. A heading above the titles may have the chamber's.
 */
export function isWithoutTitles(header: TableRow, below: readonly TableRow[]): boolean {
  const columns = header.cells.flatMap((cell, column) => (isPersonal(cell) ? [column] : []))
  if (columns.length === 0 || isList([header])) return false
  const cells = below
    .slice(0, HEADER_ROWS)
    .flatMap((row) => columns.map((column) => row.cells[column] ?? ''))
    .filter((cell) => cell.trim() !== '')
  if (cells.length === 0) return header.cells.filter((cell) => cell.trim() !== '').length > 1
  return 2 * cells.filter(isPersonal).length >= cells.length
}

/**
 * Returns the titles of the header; if hardly any is recognised, one for each column of the rows below, so that each can be
 * assigned.
 */
export function titlesOf(header: TableRow, below: readonly TableRow[]): string[] {
  const titles = header.cells.map((cell) => cell.replace(/\s+/g, ' ').trim())
  if (countKnown(header) >= HEADER_TITLES) return titles
  const widths = below.map(({ cells }) => cells.findLastIndex((cell) => cell.trim() !== '') + 1)
  const width = Math.max(titles.length, ...widths)
  return Array.from({ length: width }, (_, n) => titles[n] ?? '')
}

/** Builds the columns of a table from the field of each. */
export function columnsOf(header: TableRow, fields: readonly (ColumnField | null)[]): Columns {
  const business: Partial<Record<BusinessField, number>> = {}
  const contacts: Partial<Record<ContactField, number>>[] = []
  const unknown: number[] = []
  const dues: { column: number; years: readonly number[] }[] = []
  header.cells.forEach((cell, column) => {
    const field = fields[column] ?? null
    if (field === 'duesPaid') dues.push({ column, years: yearsOfTitle(cell) })
    if (field === null) {
      if (cell.trim() !== '') unknown.push(column)
      return
    }
    const [name, n] = field.split('.') as [string, string | undefined]
    if (n === undefined) business[name as BusinessField] = column
    else {
      const rank = Number(n) - 1
      contacts[rank] ??= {}
      contacts[rank][name as ContactField] = column
    }
  })
  const isNamedByPerson =
    business.legalName === undefined &&
    isPlainName(header.cells[business.name ?? -1] ?? '') &&
    contacts[0]?.firstName !== undefined &&
    contacts[0].lastName === undefined
  return {
    headers: header.cells.map((cell) => cell.replace(/\s+/g, ' ').trim()),
    business,
    // Payments settle the oldest year first.
    dues: dues.sort((a, b) => (a.years[0] ?? 0) - (b.years[0] ?? 0)),
    contacts: Array.from(contacts, (contact) => contact ?? {}),
    named: isNamedByPerson ? 'person' : 'business',
    unknown,
  }
}

/**
 * Lists the columns that are missing, each by its usual headers, any of which would do.
 * @param needsTrade the scheme admits several trades, so each row must name its own
 */
export function missingColumns(columns: Columns, needsTrade: boolean): string[] {
  const has = (...fields: BusinessField[]) => fields.some((field) => columns.business[field] !== undefined)
  const missing: string[] = []
  if (!has('name', 'legalName')) missing.push('Enseigne, Raison sociale')
  if (!has('commune', 'insee', 'postalCode', 'address')) missing.push('Commune, Code INSEE')
  if (needsTrade && !has('trade', 'naf', 'naf2025')) missing.push('Métier, Code NAF')
  if (!columns.contacts.some((contact) => contact.mobile !== undefined || contact.phone !== undefined)) {
    missing.push('Mobile, Téléphone')
  }
  return missing
}

/**
 * Recognises the columns of a table by its header.
 * @throws AppError `invalid_file` with every missing column
 */
export function recognizeColumns(header: TableRow, needsTrade: boolean, file: string): Columns {
  const columns = columnsOf(header, assignColumns(header))
  requireColumns(columns, needsTrade, file)
  return columns
}

/** @throws AppError `invalid_file` with every missing column */
export function requireColumns(columns: Columns, needsTrade: boolean, file: string): void {
  const missing = missingColumns(columns, needsTrade)
  if (missing.length === 0) return
  const problems = missing.map(
    (names): Problem => ({ code: 'import.column_missing', values: { columns: names } }),
  )
  throw new AppError('invalid_file', { values: { file, problems: problems.length }, problems })
}

/** Matches the first word of a line of sums. */
const TOTAL = /^(?:sous[ -]?)?(?:total|totaux|totals?)\b|^nombre (?:total |d)|^soit \d+/i

/**
 * Tells whether a line below the header is no business: a sum at the end ("Total : 152 adhérents"), or the header again, as a
 * list printed on several pages has it.
 */
export function isAside(row: TableRow, columns: Columns): boolean {
  const cells = row.cells.map((cell) => cell.replace(/\s+/g, ' ').trim())
  const filled = cells.filter((cell) => cell !== '')
  const titles = columns.headers.filter((title) => title !== '')
  if (titles.length > 1 && filled.length === titles.length && filled.every((cell, n) => cell === titles[n]))
    return true
  const [first = ''] = filled
  if (!TOTAL.test(first)) return false
  const { business, contacts } = columns
  const places = [business.siret, business.commune, business.insee, business.postalCode]
  const numbers = contacts.flatMap(({ mobile, phone }) => [mobile, phone])
  const facts = [...places, ...numbers].map((column) => (column === undefined ? '' : (cells[column] ?? '')))
  // A petrol station may be called Total: it has a commune or a number.
  return facts.every((cell) => cell === '' || cell === first || /^\d{1,4}$/.test(cell))
}
