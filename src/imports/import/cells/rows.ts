import type { ListedDues } from '../../../dues/bulk/listed-rules.ts'
import { type ImportRemark, MemberStatusName } from '../../../members/contract.ts'
import {
  type Checked,
  isForeign,
  type KnownCommune,
  type Phone,
  parseInseeCode,
  parseMail,
  parsePostalCode,
  parseSiret,
  parseStatus,
  STATUS_NAMES,
} from '../../../members/rules.ts'
import { dayIn, METROPOLITAN_ZONE } from '../../../message/clock.ts'
import type { MemberStatus } from '../../../schema.ts'
import { type NafCodes, normalizeNaf, readNaf, titleOfNaf, withNaf } from '../../../schemes/naf/naf.ts'
import { listNearTrades, readTradeWords } from '../../../schemes/trades/trade-words.ts'
import {
  findTrade,
  listTradesNearNaf,
  type Trade,
  tradeOfCodes,
  tradeOfNaf,
  tradeOfWords,
} from '../../../schemes/trades/trades.ts'
import { searchName } from '../../../territory/places/spelling.ts'
import { saysYesOrNo } from '../columns/assign.ts'
import { type Columns, columnsOf } from '../columns/columns.ts'
import type { BusinessField, ColumnField, ContactField } from '../columns/fields.ts'
import type { TableRow } from '../file/table.ts'
import {
  type CellAnswers,
  type CellKind,
  type CellOfKey,
  communeAnswerKey,
  type GuessedCell,
  statusKey,
  tradeKey,
} from './cells.ts'
import {
  type CommuneCells,
  type CommuneFacts,
  isOfDepartement,
  readCommune,
  splitAddress,
  splitCommuneCell,
} from './communes.ts'
import { isMonth, parseDay } from './days.ts'
import { parsePaid } from './paid.ts'
import { parsePhoneCell, unroundNumber } from './phones.ts'

export interface RowContact {
  readonly person: string
  readonly phone: Phone
  readonly mail: string | null
}

/** A cell that says that dues are paid. */
export interface PaidCell extends ListedDues {
  readonly column: number
}

/** A row without problems. Null values are not in the file: stored values stay. */
export interface MemberRow {
  readonly line: number
  readonly name: string
  readonly searchName: string
  readonly siret: string | null
  readonly naf: string | null
  readonly naf2025: string | null
  readonly trade: string
  readonly communeCode: string
  readonly address: string | null
  readonly postalCode: string | null
  /** YYYY-MM-DD. */
  readonly joinedOn: string | null
  readonly point: { readonly latitude: number; readonly longitude: number } | null
  readonly status: MemberStatus | null
  /** When it signed the charter on paper (YYYY-MM-DD). */
  readonly charterOn: string | null
  /** Names of tags to add; none is taken off. */
  readonly tags: readonly string[]
  /** Notes to add, unless they are there. */
  readonly notes: readonly string[]
  /** The dues that it has paid, the oldest first. */
  readonly paid: readonly PaidCell[]
  readonly contacts: readonly RowContact[]
}

export interface RowFacts {
  readonly communes: CommuneFacts
  /** Trade codes that the scheme admits and the user may write. */
  readonly trades: readonly string[]
  /** Trades that the scheme defines itself. */
  readonly ownTrades?: readonly Trade[]
  /** Trade codes that the scheme admits but another chamber manages. */
  readonly tradesOfOthers?: readonly string[]
  /** Answers of the scheme, or of the trade chamber, for cells that the program cannot read. */
  readonly answers?: CellAnswers
  /** The tags of the scheme. */
  readonly tags?: TagNames
  /** See `latestJoiningOf`. */
  readonly latestJoining: string
  readonly today: string
  /** The day of charters that the list says are signed, but not when, as `charterOn` of an import. */
  readonly charterOn?: string
}

/** Names of tags in lower case, with those that the list adds so far. */
export interface TagNames {
  readonly known: Set<string>
  readonly most: number
}

/** A cell that says that the charter is signed, but not when. */
export interface SaidCharter {
  readonly line: number
  /** The text as it stands in the list. */
  readonly as: string
  /** When the row says that it joined. */
  readonly joinedOn: string | null
  /** The answer that dates it: a day, or `joined`; undefined if none does. */
  readonly answer: string | undefined
}

export interface RowResult {
  /** Undefined if there is a problem. */
  readonly row: MemberRow | undefined
  /** The commune, the trade and the status as they were read, also if the row has problems. */
  readonly read: Readonly<Record<CellKind, string | undefined>>
  /** Cells that were read by an answer. */
  readonly answered: readonly CellOfKey[]
  /** Cells whose commune or trade was guessed; an answer takes precedence. */
  readonly guessed: readonly GuessedCell[]
  /** Undefined if the row says nothing of the charter, or says when it was signed. */
  readonly saidCharter: SaidCharter | undefined
  readonly problems: ImportRemark[]
  readonly warnings: ImportRemark[]
}

const MAX_TEXT = 200
const SHOWN = 60
/** Degrees from its commune beyond which a point is considered an error (about 50 km). */
const FAR_DEGREES = 0.6

/** Matches the beginning of a spreadsheet formula that no apostrophe neutralises. */
const FORMULA = /^\s*(?:[=@＝＠]|[+\-＋－]\s*[\d(])/u

/** Returns a cell as text, without invisible characters, repeated spaces, and the apostrophe that neutralises a formula. */
function cleanCell(cell: string): string {
  return cell
    .replace(/^'(?=\s*[=+\-@＝＋－＠])/u, '')
    .replace(/[\u200b-\u200f\u2060\ufeff]/g, '')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
}

export function shortenCell(value: string): string {
  return value.length > SHOWN ? `${value.slice(0, SHOWN - 1)}…` : value
}

/** Checks one row. Returns the member that it describes, or every problem. */
export function checkRow(table: TableRow, columns: Columns, facts: RowFacts): RowResult {
  const row = new RowCells(table, columns)
  const { trade, commune, ...business } = checkBusiness(row, facts)
  const status = checkStatus(row, facts)
  const contacts = checkContacts(row, business.name)
  const charter = readCharter(row, facts, business.joinedOn)
  const extras = checkExtras(row, facts)
  const { problems, warnings, answered, guessed } = row
  const saidCharter = charter.said
  const read = { commune: commune?.code, trade, status: status ?? undefined }
  if (problems.length > 0 || trade === undefined || commune === undefined)
    return { row: undefined, read, answered, guessed, saidCharter, problems, warnings }
  return {
    row: {
      line: table.line,
      ...business,
      searchName: searchName(business.name),
      trade,
      communeCode: commune.code,
      status,
      charterOn: charter.day,
      ...extras,
      contacts,
    },
    read,
    answered,
    guessed,
    saidCharter,
    problems,
    warnings,
  }
}

function checkBusiness(row: RowCells, facts: RowFacts) {
  checkTexts(row)
  const name = checkName(row)
  const siret = checkSiret(row)
  const activity = checkNaf(row, facts)
  const trade = checkTrade(row, facts, activity)
  const commune = checkCommune(row, facts)
  const point = checkPoint(row, commune)
  return {
    name,
    siret,
    ...activity.codes,
    trade,
    commune,
    point,
    address: addressOf(row),
    postalCode: checkPostalCode(row, facts, commune),
    joinedOn: checkJoined(row, facts),
  }
}

/**
 * Reads the postal code of letters to the business: one of its commune, or a CEDEX of its département, which no commune has. A code
 * that is neither, or is absent where the commune has several, is left out with a remark.
 */
function checkPostalCode(
  row: RowCells,
  { communes }: RowFacts,
  commune: KnownCommune | undefined,
): string | null {
  const { business } = row.columns
  const cells = communeCells(row)
  const own = parsePostalCode(cells.postalCode)
  const code = own ?? parsePostalCode(splitCommuneCell(cells.commune).code ?? '')
  if (commune === undefined) return null
  if (code !== undefined && commune.postalCodes.includes(code)) return code
  const isOwn = own !== undefined || /\bcedex\b/i.test(cells.commune)
  const isOfOthers = code !== undefined && communes.byPostalCode.has(code) && commune.postalCodes.length > 0
  if (isOwn && code !== undefined && !isOfOthers && isOfDepartement(commune, code)) return code
  const values = { commune: commune.name, codes: commune.postalCodes.join(', ') }
  if (own !== undefined) row.addWarning(business.postalCode, 'postal_code.other', values)
  else if (commune.postalCodes.length > 1 && cells.postalCode === '')
    row.addWarning(business.postalCode ?? business.commune ?? business.insee, 'postal_code.several', values)
  return null
}

/** Reads the day of joining. One that cannot be read, or is too far ahead to be meant, is left out. */
function checkJoined(row: RowCells, { latestJoining }: RowFacts): string | null {
  const text = row.cell('joinedOn')
  const day = text === '' ? null : (parseDay(text) ?? null)
  // "oui" says that it joined, as every row of a list does.
  const isNo = isSaidNo(text)
  if (text !== '' && day === null && (isNo || !saysYesOrNo(text)))
    row.addWarning(row.columns.business.joinedOn, isNo ? 'joined.no' : 'day.unread')
  if (day !== null && isMonth(text)) row.addWarning(row.columns.business.joinedOn, 'day.first')
  if (day === null || day <= latestJoining) return day
  row.addWarning(row.columns.business.joinedOn, 'joined.ahead')
  return null
}

/** Returns the last day on which a member may be said to join: a year from now; no dues are called before that day. */
export function latestJoiningOf(now: Date): string {
  const [year = '', ...rest] = dayIn(METROPOLITAN_ZONE, now).split('-')
  return [Number(year) + 1, ...rest].join('-')
}

const MAX_TAG = 40
const MAX_NOTE = 1000
/** Between the notes of an exported cell. */
export const NOTE_SEPARATOR = ' | '
/** Returns a note as a cell of a list holds it. */
export const noteInCell = (text: string) => text.replace(/[\s|]+/g, ' ').trim()

/** Tells whether a cell says that the charter is signed, but not when. */
export function isSaidSigned(text: string): boolean {
  return /^(?:oui|o|yes|y|x|1|signée?|signed|vrai|true)$/i.test(cleanCell(text))
}

/** Matches “oui, le 12/03/2024” and “signed on 2024-03-12”, whose last part is the day. */
const SIGNED_ON = /^(?:oui|yes|x|signée?|signed)[\s,;:(]+(?:le\s|on\s)?([^)]+)\)?$/i

/** Reads the day on which the charter was signed on paper; null if the row says none or “no”, undefined for what is no day. */
function readCharterDay(row: RowCells): string | null | undefined {
  const text = row.cell('charterOn')
  if (text === '' || isSaidNo(text)) return null
  return parseDay(text) ?? parseDay(SIGNED_ON.exec(text)?.[1] ?? '')
}

/** Reads when the charter was signed on paper, by an answer where the row says only that it is. */
function readCharter(
  row: RowCells,
  facts: RowFacts,
  joinedOn: string | null,
): { readonly day: string | null; readonly said?: SaidCharter } {
  const column = row.columns.business.charterOn
  const text = row.cell('charterOn')
  if (!isSaidSigned(text)) {
    const day = readCharterDay(row)
    if (day === undefined) row.addWarning(column, 'day.unread')
    else if (day !== null && isMonth(text)) row.addWarning(column, 'day.first')
    return { day: day ?? null }
  }
  const answer = row.table.charterAnswer ?? facts.charterOn
  const joined = joinedOn !== null && joinedOn <= facts.today ? joinedOn : null
  const day = (answer === 'joined' ? joined : answer) ?? null
  // Evidence of consent needs its day.
  if (day === null) row.addWarning(column, 'charter.without_day')
  const cell = { line: row.table.line, as: shortenCell(text), joinedOn: joined }
  return { day, said: { ...cell, answer: day === null ? undefined : answer } }
}

/** Reads what the chamber keeps beside a business: nothing depends on it, so that what cannot be read is left out, with a remark. */
function checkExtras(row: RowCells, facts: RowFacts): Pick<MemberRow, 'tags' | 'notes' | 'paid'> {
  const { business } = row.columns
  const notes = row
    .cell('note')
    .split(NOTE_SEPARATOR.trim())
    .map((note) => note.trim())
    .filter((note) => note !== '')
  if (notes.some((note) => note.length > MAX_NOTE))
    row.addWarning(business.note, 'note.shortened', { limit: MAX_NOTE })
  return {
    paid: readPaid(row),
    tags: readTags(row, facts),
    notes: [...new Set(notes.map((note) => note.slice(0, MAX_NOTE)))],
  }
}

/** Reads the dues that a row says are paid: of the years of the title, unless the cell names others. */
function readPaid(row: RowCells): PaidCell[] {
  return row.columns.dues.flatMap(({ column, years }) => {
    const paid = parsePaid(row.cellAt(column))
    if (paid === undefined) row.addWarning(column, 'paid.unread')
    if (paid == null) return []
    return [{ ...paid, column, years: paid.years.length > 0 ? paid.years : years }]
  })
}

const isSaidNo = (text: string) => /^(?:non|no|n|-|0|aucune?)$/i.test(text)

/** Reads the tags of a cell: "Salon, Bureau". Those beyond the number that a scheme may have are left out. */
function readTags(row: RowCells, { tags }: RowFacts): string[] {
  const column = row.columns.business.tags
  const names = row
    .cell('tags')
    .split(/[,;/|]/)
    .map((name) => cleanCell(name))
    .filter((name) => name !== '')
  const read: string[] = []
  for (const name of names) {
    const key = name.toLowerCase()
    if (name.length > MAX_TAG) row.addWarning(column, 'tag.too_long', { limit: MAX_TAG })
    else if (tags !== undefined && !tags.known.has(key) && tags.known.size >= tags.most)
      row.addWarning(column, 'tag.left_out', { limit: tags.most })
    else if (!read.some((one) => one.toLowerCase() === key)) {
      tags?.known.add(key)
      read.push(name)
    }
  }
  return read
}

/** Returns the street; the commune at its end is a fact of its own. */
function addressOf(row: RowCells): string | null {
  const { business } = row.columns
  const hasCommune = [business.insee, business.postalCode, business.commune].some((one) => one !== undefined)
  const cell = row.cell('address')
  return (hasCommune ? cell : splitAddress(cell).street) || null
}

/** A problem of a value that a user typed into the field of a form. */
export interface FieldProblem<Field> {
  readonly field: Field
  readonly code: `${string}.${string}`
  readonly values: ImportRemark['values']
}

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

interface RowContactValues extends Omit<RowContact, 'phone'> {
  readonly phone: Phone | null
}

const CONTACT_FIELD = { 'person.1': 'person', 'phone.1': 'phone', 'mail.1': 'mail' } as const
const TYPED_CONTACT = ['person.1', 'phone.1', 'mail.1'] as const satisfies readonly ColumnField[]

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

/** The cells of one row, and what was found wrong with them. */
class RowCells {
  readonly table: TableRow
  readonly columns: Columns
  readonly problems: ImportRemark[] = []
  readonly warnings: ImportRemark[] = []
  /** Cells that were read by an answer. */
  readonly answered: CellOfKey[] = []
  readonly guessed: GuessedCell[] = []

  constructor(table: TableRow, columns: Columns) {
    this.table = table
    this.columns = columns
  }

  /** Returns a cell of a column; empty if the file has no such column. */
  cellAt(column: number | undefined): string {
    return column === undefined ? '' : cleanCell(this.table.cells[column] ?? '')
  }

  cell(field: BusinessField): string {
    return this.cellAt(this.columns.business[field])
  }

  /** @param column undefined if the problem is about the whole row */
  addProblem(
    column: number | undefined,
    code: string,
    values?: ImportRemark['values'],
    proposals?: ImportRemark['proposals'],
  ): void {
    const remark = this.#remark(column, code, values)
    this.problems.push(proposals === undefined || proposals.length === 0 ? remark : { ...remark, proposals })
  }

  addWarning(column: number | undefined, code: string, values?: ImportRemark['values']): void {
    this.warnings.push(this.#remark(column, code, values))
  }

  /** Parses a cell. Returns null if it is empty or has a problem. */
  check<T>(column: number | undefined, parse: (text: string) => Checked<T>): T | null {
    const text = this.cellAt(column)
    if (text === '') return null
    const checked = parse(text)
    if ('value' in checked) return checked.value
    this.addProblem(column, checked.problem)
    return null
  }

  /** Returns the answer for a cell, and records that it was used. */
  answerOf({ answers }: RowFacts, kind: CellKind, written: string): string | undefined {
    const answer = answers?.[kind].get(written)
    if (answer !== undefined) this.answered.push({ kind, written, as: cellText(this, kind) })
    return answer
  }

  /** Records that a cell was guessed, so that its guess can be changed for all equal cells. */
  addGuess(kind: CellKind, written: string, code: string): void {
    this.guessed.push({ kind, written, as: cellText(this, kind), code })
  }

  #remark(column: number | undefined, code: string, values: ImportRemark['values'] = {}): ImportRemark {
    const value = this.cellAt(column)
    return {
      line: this.table.line,
      column: column === undefined ? null : (this.columns.headers[column] ?? null),
      index: column ?? null,
      code,
      value: value === '' ? null : shortenCell(value),
      values,
    }
  }
}

/** Checks the number of cells, and that texts are neither too long nor formulas. */
function checkTexts(row: RowCells): void {
  const { table, columns } = row
  const { business, headers } = columns
  if (table.cells.slice(headers.length).some((extra) => extra.trim() !== '')) {
    row.addProblem(undefined, 'import.too_many_cells', {
      expected: headers.length,
      found: table.cells.length,
    })
  }
  const texts = [business.name, business.legalName, business.address]
  for (const column of texts) {
    if (row.cellAt(column).length > MAX_TEXT) row.addProblem(column, 'import.too_long', { limit: MAX_TEXT })
  }
  for (const column of [...texts, ...columns.contacts.map(({ person }) => person)]) {
    const raw = column === undefined ? '' : (table.cells[column] ?? '')
    if (FORMULA.test(raw)) row.addWarning(column, 'import.formula')
  }
}

function checkName(row: RowCells): string {
  const { business, contacts, named } = row.columns
  let name = row.cell('name') || row.cell('legalName')
  if (named === 'person') name = [row.cellAt(contacts[0]?.firstName), name].filter(Boolean).join(' ')
  if (searchName(name) === '') row.addProblem(business.name ?? business.legalName, 'import.name_missing')
  return name
}

/** Problems of a SIRET that nobody can solve by the list: a spreadsheet rounded it, or the column has those of companies. */
const LOST_SIRETS: readonly string[] = ['siret.scientific', 'siret.siren']

/** Reads the SIRET. A row whose SIRET is lost is imported without it. */
function checkSiret(row: RowCells): string | null {
  const column = row.columns.business.siret
  const read = row.cellAt(column) === '' ? undefined : parseSiret(row.cellAt(column))
  const isLost = read !== undefined && 'problem' in read && LOST_SIRETS.includes(read.problem)
  if (!isLost) return row.check(column, parseSiret)
  const exact = parseSiret(unroundNumber(row.cellAt(column)) ?? '')
  if ('value' in exact) return exact.value
  row.addWarning(column, read.problem)
  return null
}

interface Activity {
  readonly codes: NafCodes
  /** The trade named after a code in its cell, as in "99.99Z boulangerie"; the title of the code, which some lists add, is none. */
  readonly named: string | undefined
}

/** Reads the codes of both classifications, each as written, whichever column it is in. */
function checkNaf(row: RowCells, facts: RowFacts): Activity {
  const { business } = row.columns
  let codes: NafCodes = { naf: null, naf2025: null }
  let named: string | undefined
  for (const column of [business.naf, business.naf2025]) {
    const read = row.check(column, (text) => {
      const value = readNaf(text)
      return value === undefined ? { problem: 'naf.unknown' } : { value }
    })
    if (read === null) continue
    codes = withNaf(codes, read.code)
    const title = titleOfNaf(read.code)
    if (read.rest.toLowerCase() !== title?.toLowerCase()) named ??= tradeOfWords(read.rest, facts.ownTrades)
    if (title === undefined) row.addWarning(column, 'naf.unlisted', { naf: read.code })
  }
  return { codes, named }
}

/** Returns the trade of a row: by its words, otherwise by its codes, otherwise the only one of the scheme. */
function checkTrade(row: RowCells, facts: RowFacts, { codes, named }: Activity): string | undefined {
  const { business } = row.columns
  const code = codes.naf2025 ?? codes.naf
  const ofCodes = named ?? tradeOfCodes(codes, facts.ownTrades)
  const words = row.cell('trade')
  if (words !== '') return checkTradeWords(row, facts, words, { code, ofCodes })
  const column = row.cell('naf') !== '' || business.naf2025 === undefined ? business.naf : business.naf2025
  const isOfScheme = ofCodes !== undefined && isTradeOfScheme(facts, ofCodes)
  const answer =
    isOfScheme || code === null ? undefined : row.answerOf(facts, 'trade', tradeKey(tradeTextOf(row)))
  const trade = answer ?? ofCodes
  if (trade !== undefined) return admitTrade(row, facts, column, trade, code)
  // Neither code was readable: that is the problem of the row.
  if (code === null && (row.cell('naf') !== '' || row.cell('naf2025') !== '')) return undefined
  if (facts.trades.length === 1) return facts.trades[0]
  if (code === null) row.addProblem(business.trade ?? column, 'trade.missing')
  else {
    const near = listTradesNearNaf(code, facts.trades, facts.ownTrades)
    const values = { naf: code, trades: namesOfTrades(facts) }
    row.addProblem(business.trade ?? column, 'trade.of_naf', values, proposalsOf(facts, near))
  }
  return undefined
}

/** Tells whether the scheme admits a trade, also if another chamber manages it: an answer is for what the program cannot read. */
function isTradeOfScheme({ trades, tradesOfOthers = [] }: RowFacts, trade: string): boolean {
  return trades.includes(trade) || tradesOfOthers.includes(trade)
}

/** Returns the words that name the trade of a row; without any, its code. */
function tradeTextOf(row: RowCells): string {
  const codes = [row.cell('naf2025'), row.cell('naf')].map((text) => readNaf(text)?.code)
  return row.cell('trade') || (codes.find((code) => code !== undefined) ?? '')
}

function checkTradeWords(
  row: RowCells,
  facts: RowFacts,
  words: string,
  { code, ofCodes }: { readonly code: string | null; readonly ofCodes: string | undefined },
): string | undefined {
  const column = row.columns.business.trade
  const read = readTradeWords(words, facts.ownTrades)
  // A common word that is not one of our trades, next to a code that a trade claims: the code decides.
  const trade = (read.isExact ? read.trade : undefined) ?? tradeOfNaf(words, facts.ownTrades) ?? ofCodes
  if (trade !== undefined && isTradeOfScheme(facts, trade)) return admitTrade(row, facts, column, trade)
  const answer = row.answerOf(facts, 'trade', tradeKey(words)) ?? trade
  if (answer !== undefined) return admitTrade(row, facts, column, answer)
  const likely = read.candidates.filter((one) => facts.trades.includes(one))
  if (read.trade !== undefined && likely.length > 0) {
    row.addWarning(column, 'trade.understood', { trade: nameOfTrade(facts, read.trade) })
    row.addGuess('trade', tradeKey(words), read.trade)
    return read.trade
  }
  if (read.trade !== undefined) return admitTrade(row, facts, column, read.trade)
  const near = likely.length > 0 ? likely : listNear(facts, words, normalizeNaf(words) ?? code)
  const proposals = proposalsOf(facts, near)
  row.addProblem(
    column,
    likely.length > 1 ? 'trade.ambiguous' : 'trade.unknown',
    { trades: namesOfTrades(facts), candidates: proposals.map(({ name }) => name).join(', ') },
    proposals,
  )
  return undefined
}

/** Returns a trade of the scheme; another one is a problem of the row. */
function admitTrade(
  row: RowCells,
  facts: RowFacts,
  column: number | undefined,
  trade: string,
  code: string | null = null,
): string | undefined {
  if (facts.trades.includes(trade)) return trade
  const isOfOthers = facts.tradesOfOthers?.includes(trade) === true
  const name = nameOfTrade(facts, trade)
  const near = isOfOthers ? [] : listNear(facts, row.cell('trade'), code)
  row.addProblem(
    column,
    isOfOthers ? 'trade.not_yours' : 'trade.not_admitted',
    { trade: name, trades: namesOfTrades(facts) },
    proposalsOf(facts, near),
  )
  return undefined
}

/** Lists the trades near to the words of a row; if there are none, those near to its code. */
function listNear({ trades, ownTrades }: RowFacts, words: string, code: string | null): readonly string[] {
  const near = listNearTrades(words, trades, ownTrades)
  return near.length > 0 || code === null ? near : listTradesNearNaf(code, trades, ownTrades)
}

function nameOfTrade(facts: RowFacts, code: string): string {
  return findTrade(code, facts.ownTrades)?.nameFr ?? code
}

function proposalsOf(facts: RowFacts, trades: readonly string[]): NonNullable<ImportRemark['proposals']> {
  return trades.map((one) => ({ code: one, name: nameOfTrade(facts, one) }))
}

function namesOfTrades(facts: RowFacts): string {
  return facts.trades.map((code) => nameOfTrade(facts, code)).join(', ')
}

/** Reads the status, by an answer if the program does not know the word. */
function checkStatus(row: RowCells, facts: RowFacts): MemberStatus | null {
  const text = row.cell('status')
  if (text === '') return null
  const read = parseStatus(text)
  if ('value' in read) return read.value
  const answer = row.answerOf(facts, 'status', statusKey(text))
  const answered = MemberStatusName.options.find((status) => status === answer)
  if (answered !== undefined) return answered
  const proposals = Object.entries(STATUS_NAMES).map(([code, name]) => ({ code, name }))
  row.addProblem(row.columns.business.status, read.problem, {}, proposals)
  return null
}

function checkCommune(row: RowCells, facts: RowFacts): KnownCommune | undefined {
  const { business } = row.columns
  const cells = communeCells(row)
  const { insee, postalCode, commune: typed } = cells
  const column = columnOfCommune(row, cells)
  if (insee === '' && postalCode === '' && typed === '') {
    row.addProblem(business.commune ?? business.insee ?? business.address, 'commune.missing')
    return undefined
  }
  if (postalCode !== '' && parsePostalCode(postalCode) === undefined) {
    row.addProblem(business.postalCode, 'postal_code.invalid')
  }
  const read = readCommune(facts.communes, { ...cells, insee: parseInseeCode(insee) ?? insee })
  const isSure = 'commune' in read && read.remark?.code !== 'commune.understood'
  const answer = isSure ? undefined : row.answerOf(facts, 'commune', communeAnswerKey(cells))
  const answered = answer === undefined ? undefined : facts.communes.byCode.get(answer)
  if (answered !== undefined) return answered
  if (!('commune' in read)) {
    row.addProblem(
      column,
      read.problem,
      {
        candidates: read.candidates.map((one) => `${one.name} (${one.code})`).join(', '),
        count: read.candidates.length,
      },
      read.proposals.map(({ code, name }) => ({ code, name })),
    )
    return undefined
  }
  const { remark } = read
  if (!isSure) row.addGuess('commune', communeAnswerKey(cells), read.commune.code)
  if (remark !== undefined)
    row.addWarning(
      remark.code === 'commune.insee_replaced' ? business.insee : column,
      remark.code,
      remark.values,
    )
  return read.commune
}

/** Returns the column that says most about the commune of a row. */
function columnOfCommune({ columns }: RowCells, { insee, commune }: CommuneCells): number | undefined {
  const { business } = columns
  if (commune !== '') return business.commune ?? business.address
  return insee !== '' ? business.insee : business.postalCode
}

/** Returns the cells that name the commune; in a list without any, the end of the address: "3 place du Marché 63500 Issoire". */
function communeCells(row: RowCells): CommuneCells {
  const { business } = row.columns
  const own = { insee: row.cell('insee'), postalCode: row.cell('postalCode'), commune: row.cell('commune') }
  const hasOwn = [business.insee, business.postalCode, business.commune].some((one) => one !== undefined)
  return hasOwn ? own : { ...own, commune: splitAddress(row.cell('address')).commune }
}

/** Returns the cells of a row that an answer of a kind is for, as they stand in the list. */
function cellText(row: RowCells, kind: CellKind): string {
  if (kind === 'trade') return shortenCell(tradeTextOf(row))
  if (kind === 'status') return shortenCell(row.cell('status'))
  const { insee, postalCode, commune } = communeCells(row)
  return shortenCell([postalCode, commune].filter((cell) => cell !== '').join(' ') || insee)
}

/** Returns what the cells of a row that an answer of a kind is for have in common with those of other rows, and as they stand. */
export function cellKeyOf(table: TableRow, columns: Columns, kind: CellKind): CellOfKey {
  const row = new RowCells(table, columns)
  const written = {
    commune: () => communeAnswerKey(communeCells(row)),
    trade: () => tradeKey(tradeTextOf(row)),
    status: () => statusKey(row.cell('status')),
  }[kind]()
  return { kind, written, as: cellText(row, kind) }
}

function checkPoint(row: RowCells, commune: KnownCommune | undefined): MemberRow['point'] {
  const { latitude: latitudeColumn, longitude: longitudeColumn } = row.columns.business
  const [latitude, longitude] = [row.cell('latitude'), row.cell('longitude')].map((text) =>
    text === '' ? undefined : Number(text.replace(',', '.')),
  )
  if (latitude === undefined && longitude === undefined) return null
  if (latitude === undefined || longitude === undefined) {
    row.addProblem(latitude === undefined ? latitudeColumn : longitudeColumn, 'point.half')
    return null
  }
  const isBad = (value: number, limit: number) => !Number.isFinite(value) || Math.abs(value) > limit
  if (isBad(latitude, 90)) row.addProblem(latitudeColumn, 'point.invalid')
  if (isBad(longitude, 180)) row.addProblem(longitudeColumn, 'point.invalid')
  if (isBad(latitude, 90) || isBad(longitude, 180)) return null
  if (commune !== undefined && commune.latitude !== null && commune.longitude !== null) {
    const degrees = Math.max(Math.abs(latitude - commune.latitude), Math.abs(longitude - commune.longitude))
    if (degrees > FAR_DEGREES) {
      row.addProblem(latitudeColumn, 'point.far', { commune: commune.name })
      return null
    }
  }
  return { latitude, longitude }
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
  for (const { kind, e164 } of fresh) {
    if (kind === 'landline') row.addWarning(column, 'phone.landline')
    else if (isForeign(e164)) row.addWarning(column, 'number.foreign')
  }
  return fresh
}

/** @param name the name of the business, which is also that of its first contact if the column names a person */
function checkContacts(row: RowCells, name: string): RowContact[] {
  const { columns } = row
  const contacts: RowContact[] = []
  const seen = new Set<string>()
  let person = ''
  for (const [i, fields] of columns.contacts.entries()) {
    const own = i === 0 && columns.named === 'person' ? name : ''
    person = own || personIn(row, fields) || person
    if (person.length > MAX_TEXT)
      row.addProblem(fields.person ?? fields.lastName, 'import.too_long', { limit: MAX_TEXT })
    const mail = row.check(fields.mail, parseMail)
    const phones = [fields.mobile, fields.phone].flatMap((column) => checkPhones(row, column, seen))
    for (const [k, phone] of phones.entries()) contacts.push({ person, phone, mail: k === 0 ? mail : null })
  }
  const numbers = columns.contacts.flatMap((fields) => [fields.mobile, fields.phone])
  if (numbers.every((column) => row.cellAt(column) === ''))
    row.addProblem(
      numbers.find((one) => one !== undefined),
      'phone.missing',
    )
  // Mobiles first: the first contact is the name by which a caller is greeted.
  return contacts.sort((a, b) => Number(a.phone.kind === 'landline') - Number(b.phone.kind === 'landline'))
}
