import { type ImportRemark, MemberStatusName } from '../../../members/contract.ts'
import type { MemberScope } from '../../../members/filters.ts'
import { parseStatus, STATUS_NAMES } from '../../../members/rules.ts'
import type { MemberFields } from '../../../members/store.ts'
import type { Tx } from '../../../platform/db.ts'
import type { MemberStatus } from '../../../schema.ts'
import { searchName } from '../../../territory/places/spelling.ts'
import type { CellKind, CellOfKey, GuessedCell } from '../cells/cells.ts'
import type { Columns } from '../columns/columns.ts'
import type { TableRow } from '../file/table.ts'
import { checkBusiness } from './business.ts'
import { keyOfCells } from './cell-keys.ts'
import { readCharter, type SaidCharter } from './charter.ts'
import { CommuneNames } from './commune-names.ts'
import { checkContacts, type RowContact } from './contacts.ts'
import { checkExtras, type PaidCell } from './extras.ts'
import { type RowFacts, readRowFacts } from './facts.ts'
import { RowCells } from './row-cells.ts'

/** A row without problems. Null values are not in the file: stored values stay. */
export interface MemberRow extends Omit<MemberFields, 'id' | 'latitude' | 'longitude' | 'status'> {
  readonly line: number
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

/** Reads the status, by an answer if the program does not know the word. */
function checkStatus(row: RowCells, facts: RowFacts): MemberStatus | null {
  const text = row.cell('status')
  if (text === '') return null
  const read = parseStatus(text)
  if ('value' in read) return read.value
  const answer = row.takeAnswer(facts, keyOfCells(row, 'status'))
  const answered = MemberStatusName.options.find((status) => status === answer)
  if (answered !== undefined) return answered
  const proposals = Object.entries(STATUS_NAMES).map(([code, name]) => ({ code, name }))
  row.addProblem(row.columns.business.status, read.problem, {}, proposals)
  return null
}

/** Checks one row on its own, without comparing it with others. */
export async function checkSingleRow(
  tx: Tx,
  schemeId: string,
  only: MemberScope,
  { columns, row }: { readonly columns: Columns; readonly row: TableRow },
  now: Date,
): Promise<Pick<RowResult, 'problems' | 'read'>> {
  const wanted = new CommuneNames(columns)
  wanted.add([row])
  return checkRow(row, columns, await readRowFacts(tx, schemeId, only, wanted.all(), now))
}
