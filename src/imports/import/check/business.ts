import { parseSiret } from '../../../members/rules.ts'
import { searchName } from '../../../territory/places/spelling.ts'
import { isMonth, parseDay } from '../cells/days.ts'
import { unroundNumber } from '../cells/phones.ts'
import { saysYesOrNo } from '../columns/assign.ts'
import { isSaidNo } from './charter.ts'
import type { RowFacts } from './facts.ts'
import { addressOf, checkCommune, checkPoint, checkPostalCode } from './place.ts'
import { MAX_TEXT, type RowCells } from './row-cells.ts'
import { checkNaf, checkTrade } from './trade.ts'

/** Matches the beginning of a spreadsheet formula that no apostrophe neutralises. */
const FORMULA = /^\s*(?:[=@＝＠]|[+\-＋－]\s*[\d(])/u

export function checkBusiness(row: RowCells, facts: RowFacts) {
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
export const LOST_SIRETS: readonly string[] = ['siret.scientific', 'siret.siren']

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
