import type { ImportRemark } from '../../members/contract.ts'
import {
  type Checked,
  type CommuneIndex,
  isForeign,
  type KnownCommune,
  matchCommune,
  type Phone,
  parseContactPhone,
  parseInseeCode,
  parseMail,
  parsePostalCode,
  parseSiret,
  parseStatus,
} from '../../members/rules.ts'
import type { MemberStatus } from '../../schema.ts'
import { findTrade, normalizeNaf, tradeOfNaf, tradeOfWords } from '../../schemes/trades.ts'
import { searchName } from '../../territory/rules.ts'
import type { BusinessField, Columns, ContactField } from './columns.ts'
import type { TableRow } from './read.ts'

export interface RowContact {
  readonly person: string
  readonly phone: Phone
  readonly mail: string | null
}

/** A row without problems. Null values are not in the file: stored values stay. */
export interface MemberRow {
  readonly line: number
  readonly name: string
  readonly searchName: string
  readonly siret: string | null
  readonly naf: string | null
  readonly trade: string
  readonly communeCode: string
  readonly address: string | null
  readonly point: { readonly latitude: number; readonly longitude: number } | null
  readonly status: MemberStatus | null
  readonly contacts: readonly RowContact[]
}

export interface RowFacts {
  readonly communes: CommuneIndex
  /** Trade codes that the scheme admits and the user may write. */
  readonly trades: readonly string[]
  /** Trade codes that the scheme admits but another chamber manages. */
  readonly tradesOfOthers?: readonly string[]
}

export interface RowResult {
  /** Undefined if there is a problem. */
  readonly row: MemberRow | undefined
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

export function shorten(value: string): string {
  return value.length > SHOWN ? `${value.slice(0, SHOWN - 1)}…` : value
}

/** Checks one row. Returns the member that it describes, or every problem. */
export function checkRow(table: TableRow, columns: Columns, facts: RowFacts): RowResult {
  const problems: ImportRemark[] = []
  const warnings: ImportRemark[] = []
  const cellAt = (column: number | undefined) =>
    column === undefined ? '' : cleanCell(table.cells[column] ?? '')
  const cell = (field: BusinessField) => cellAt(columns.business[field])
  const remark = (
    list: ImportRemark[],
    column: number | undefined,
    code: string,
    values: ImportRemark['values'] = {},
  ) => {
    const value = cellAt(column)
    list.push({
      line: table.line,
      column: column === undefined ? null : (columns.headers[column] ?? null),
      index: column ?? null,
      code,
      value: value === '' ? null : shorten(value),
      values,
    })
  }
  const check = <T>(column: number | undefined, parse: (text: string) => Checked<T>): T | null => {
    const text = cellAt(column)
    if (text === '') return null
    const checked = parse(text)
    if ('value' in checked) return checked.value
    remark(problems, column, checked.problem)
    return null
  }

  if (table.cells.slice(columns.headers.length).some((extra) => extra.trim() !== '')) {
    remark(problems, undefined, 'import.too_many_cells', {
      expected: columns.headers.length,
      found: table.cells.length,
    })
  }
  for (const field of ['name', 'legalName', 'address'] as const) {
    if (cell(field).length > MAX_TEXT)
      remark(problems, columns.business[field], 'import.too_long', { limit: MAX_TEXT })
  }

  const texts = [columns.business.name, columns.business.legalName, columns.business.address]
  for (const column of [...texts, ...columns.contacts.map(({ person }) => person)]) {
    const raw = column === undefined ? '' : (table.cells[column] ?? '')
    if (FORMULA.test(raw)) remark(warnings, column, 'import.formula')
  }

  let name = cell('name') || cell('legalName')
  if (columns.named === 'person')
    name = [cellAt(columns.contacts[0]?.firstName), name].filter(Boolean).join(' ')
  if (searchName(name) === '')
    remark(problems, columns.business.name ?? columns.business.legalName, 'import.name_missing')

  const siret = check(columns.business.siret, parseSiret)
  const naf = check(columns.business.naf, (text) => {
    const code = normalizeNaf(text)
    return code === undefined ? { problem: 'naf.unknown' } : { value: code }
  })
  const trade = checkTrade()
  const commune = checkCommune()
  const point = checkPoint(commune)
  const status = check(columns.business.status, parseStatus)
  const contacts = checkContacts()

  const row =
    problems.length > 0 || trade === undefined || commune === undefined
      ? undefined
      : {
          line: table.line,
          name,
          searchName: searchName(name),
          siret,
          naf,
          trade,
          communeCode: commune.code,
          address: cell('address') || null,
          point,
          status,
          contacts,
        }
  return { row, problems, warnings }

  function checkTrade(): string | undefined {
    const admitted = () => facts.trades.map((code) => findTrade(code)?.nameFr ?? code).join(', ')
    const column = cell('trade') !== '' ? columns.business.trade : columns.business.naf
    const words = cell('trade')
    if (words !== '') {
      const trade = tradeOfWords(words) ?? tradeOfNaf(words)
      // A common word that is not one of our trades, next to a valid NAF code: the code decides.
      if (trade === undefined && naf === null) {
        remark(problems, column, 'trade.unknown', { trades: admitted() })
        return undefined
      }
      return admit(trade ?? tradeOfNaf(naf!)!)
    }
    if (naf !== null) return admit(tradeOfNaf(naf)!)
    if (cell('naf') !== '') return undefined
    if (facts.trades.length === 1) return facts.trades[0]
    remark(problems, columns.business.trade ?? columns.business.naf, 'trade.missing')
    return undefined

    function admit(trade: string): string | undefined {
      if (facts.trades.includes(trade)) return trade
      const isOfOthers = facts.tradesOfOthers?.includes(trade) === true
      remark(problems, column, isOfOthers ? 'trade.not_yours' : 'trade.not_admitted', {
        trade: findTrade(trade)?.nameFr ?? trade,
        trades: admitted(),
      })
      return undefined
    }
  }

  function checkCommune(): KnownCommune | undefined {
    const insee = cell('insee')
    const postalCode = cell('postalCode')
    const typed = cell('commune')
    const { business } = columns
    if (insee === '' && postalCode === '' && typed === '') {
      remark(problems, business.commune ?? business.insee, 'commune.missing')
      return undefined
    }
    if (postalCode !== '' && parsePostalCode(postalCode) === undefined) {
      remark(problems, business.postalCode, 'postal_code.invalid')
    }
    const match = matchCommune(facts.communes, {
      insee: insee === '' ? undefined : (parseInseeCode(insee) ?? insee),
      name: typed === '' ? undefined : typed,
      postalCode: parsePostalCode(postalCode),
    })
    if ('commune' in match) {
      if (match.instead === 'insee') {
        remark(warnings, business.insee, 'commune.insee_replaced', {
          name: match.commune.name,
          code: match.commune.code,
        })
      }
      return match.commune
    }
    remark(
      problems,
      typed !== '' ? business.commune : insee !== '' ? business.insee : business.postalCode,
      match.problem,
      {
        candidates: match.candidates.map((one) => `${one.name} (${one.code})`).join(', '),
        count: match.candidates.length,
      },
    )
    return undefined
  }

  function checkPoint(commune: KnownCommune | undefined): MemberRow['point'] {
    const { latitude: latitudeColumn, longitude: longitudeColumn } = columns.business
    const [latitude, longitude] = [cell('latitude'), cell('longitude')].map((text) =>
      text === '' ? undefined : Number(text.replace(',', '.')),
    )
    if (latitude === undefined && longitude === undefined) return null
    if (latitude === undefined || longitude === undefined) {
      remark(problems, latitude === undefined ? latitudeColumn : longitudeColumn, 'point.half')
      return null
    }
    const bad = (value: number, limit: number) => !Number.isFinite(value) || Math.abs(value) > limit
    if (bad(latitude, 90)) remark(problems, latitudeColumn, 'point.invalid')
    if (bad(longitude, 180)) remark(problems, longitudeColumn, 'point.invalid')
    if (bad(latitude, 90) || bad(longitude, 180)) return null
    if (commune !== undefined && commune.latitude !== null && commune.longitude !== null) {
      const far =
        Math.max(Math.abs(latitude - commune.latitude), Math.abs(longitude - commune.longitude)) > FAR_DEGREES
      if (far) {
        remark(problems, latitudeColumn, 'point.far', { commune: commune.name })
        return null
      }
    }
    return { latitude, longitude }
  }

  function checkContacts(): RowContact[] {
    const contacts: RowContact[] = []
    const seen = new Set<string>()
    let typed = false
    let person = ''
    for (const [i, fields] of columns.contacts.entries()) {
      const value = (field: ContactField) => cellAt(fields[field])
      person =
        (i === 0 && columns.named === 'person' ? name : '') ||
        value('person') ||
        [value('firstName'), value('lastName')].filter(Boolean).join(' ') ||
        person
      if (person.length > MAX_TEXT)
        remark(problems, fields.person ?? fields.lastName, 'import.too_long', { limit: MAX_TEXT })
      const mail = check(fields.mail, parseMail)
      let first = true
      for (const column of [fields.mobile, fields.phone]) {
        if (cellAt(column) === '') continue
        typed = true
        const phone = check(column, parseContactPhone)
        if (phone === null || seen.has(phone.e164)) continue
        seen.add(phone.e164)
        if (phone.kind === 'landline') remark(warnings, column, 'phone.landline')
        else if (isForeign(phone.e164)) remark(warnings, column, 'number.foreign')
        contacts.push({ person, phone, mail: first ? mail : null })
        first = false
      }
    }
    if (!typed) {
      const column = columns.contacts
        .flatMap((fields) => [fields.mobile, fields.phone])
        .find((one) => one !== undefined)
      remark(problems, column, 'phone.missing')
    }
    // Mobiles first: the first contact is the name by which a caller is greeted.
    return contacts.sort((a, b) => Number(a.phone.kind === 'landline') - Number(b.phone.kind === 'landline'))
  }
}
