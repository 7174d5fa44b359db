import { AppError, type Problem } from '../../errors.ts'
import { inScheme } from '../../platform/db.ts'
import { assignColumns, mayHoldAgain } from '../import/columns/assign.ts'
import { isColumnField } from '../import/columns/fields.ts'
import { HEADER_ROWS, isPersonal, titlesOf } from '../import/columns/header.ts'
import { SAMPLE } from '../import/file/source.ts'
import type { TableRow } from '../import/file/table.ts'
import { checkUpload } from './check.ts'
import type { ColumnChoice, HeaderChoice, UploadView } from './contract.ts'
import { deleteCharterAnswers, listRows, resetRowsBelowHeader } from './store.ts'
import { getOpenUpload, lockForChange, type UploadDeps, type UploadOwner, updateUpload } from './upload.ts'

/** The header of a list that has none: all of its lines are rows. */
export const NO_HEADER: TableRow = { line: 0, cells: [] }

/** Recognises the columns by a header row. Titles are stored in clear, so that what may be personal is no title. */
export function columnsFor(header: TableRow, below: readonly TableRow[]) {
  const headers = titlesOf(header, below).map((title) => (isPersonal(title) ? '' : title))
  return {
    headers,
    headerLine: header.line,
    fields: assignColumns({ line: header.line, cells: headers }, below),
  }
}

/**
 * Sets the field of each column, and checks again.
 * @throws AppError `invalid_input` for unknown fields, or fields set twice; `not_found`, `import_applied`
 */
export async function setColumns(
  deps: UploadDeps,
  requester: UploadOwner,
  id: string,
  { fields }: ColumnChoice,
): Promise<UploadView> {
  const upload = await getOpenUpload(deps, requester, id)
  await inScheme(deps.db, requester.schemeId, async (tx) => {
    // Read again under lock: the header may have been moved to another line meanwhile.
    const before = await lockForChange(tx, deps, upload)
    const problems = fieldProblems(fields, before.headers)
    if (problems.length > 0) throw new AppError('invalid_input', { problems })
    // An answer was given for the cells of one column.
    if (fields.indexOf('charterOn') !== before.fields.indexOf('charterOn'))
      await deleteCharterAnswers(tx, before)
    await updateUpload(tx, upload, { fields })
  })
  return checkUpload(deps, requester, id)
}

function fieldProblems(fields: ColumnChoice['fields'], headers: readonly string[]): Problem[] {
  const problems: Problem[] = []
  if (fields.length !== headers.length) problems.push({ code: 'input.invalid', path: 'fields' })
  const assigned = new Set<string>()
  fields.forEach((field, n) => {
    if (field === null) return
    const path = `fields.${n}`
    if (!isColumnField(field)) problems.push({ code: 'input.invalid', path })
    else if (assigned.has(field) && !mayHoldAgain(field, n, headers, fields))
      problems.push({ code: 'import.column_twice', path, values: { name: headers[n] ?? '' } })
    assigned.add(field)
  })
  return problems
}

/**
 * Sets which of the first lines is the header, or 0 if none is, recognises its columns, and checks again.
 * @throws AppError `invalid_input` if the line is not one of them; `not_found`, `import_applied`
 */
export async function setHeader(
  deps: UploadDeps,
  requester: UploadOwner,
  id: string,
  { line }: HeaderChoice,
): Promise<UploadView> {
  const upload = await getOpenUpload(deps, requester, id)
  const { schemeId } = requester
  await inScheme(deps.db, schemeId, async (tx) => {
    await lockForChange(tx, deps, upload)
    const first = await listRows(tx, schemeId, id, { which: 'all', after: 0, limit: SAMPLE })
    const header =
      line === NO_HEADER.line ? NO_HEADER : first.slice(0, HEADER_ROWS).find((row) => row.line === line)
    if (header === undefined)
      throw new AppError('invalid_input', { problems: [{ code: 'input.invalid', path: 'line' }] })
    const below = first.filter((row) => row.line > line)
    await updateUpload(tx, upload, {
      ...columnsFor(header, below),
      rows: await resetRowsBelowHeader(tx, schemeId, id, line),
    })
  })
  return checkUpload(deps, requester, id)
}
