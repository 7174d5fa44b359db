import { markJsonForSealing } from '../../cipher/marked.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { memberScopeOf } from '../../members/actions.ts'
import type { ImportRemark } from '../../members/contract.ts'
import { authorize } from '../../permissions.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import { readNaf } from '../../schemes/naf/naf.ts'
import { type Answering, isRememberable, storeCellAnswer } from '../import/cells/answers.ts'
import { CELL_KINDS, kindOfProblem } from '../import/cells/cells.ts'
import { cellKeyOf } from '../import/check/cell-keys.ts'
import { findMissingColumns } from '../import/check/facts.ts'
import { checkSingleRow } from '../import/check/row.ts'
import { type Columns, columnsOf } from '../import/columns/columns.ts'
import type { TableRow } from '../import/file/table.ts'
import { isQuestion } from '../import/match/match.ts'
import { checkUpload } from './check.ts'
import type { AnswerAll, RowFix, UploadRow, UploadView } from './contract.ts'
import { membersOf, toUploadRow } from './rows.ts'
import { storeAnswerForAll, toRow, type UploadedRow, withoutCell } from './store.ts'
import {
  fieldsOf,
  getOpenUpload,
  headerOf,
  lockForChange,
  type UploadDeps,
  type UploadOwner,
} from './upload.ts'

/**
 * Corrects cells of a row, drops or restores it, or stores the decision about it. Problems of the row itself are returned at
 * once; those that depend on other rows (duplicates, possible members) by the next check.
 * @throws AppError `not_found`, `import_applied`, `invalid_input` for a column that the file does not have, or a decision
 * that was not asked for
 */
export async function fixRow(
  deps: UploadDeps,
  requester: UploadOwner,
  id: string,
  line: number,
  fix: RowFix,
): Promise<UploadRow> {
  const { cells, dropped } = fix
  const { actor, schemeId, lang } = requester
  const open = await getOpenUpload(deps, requester, id)
  const only = memberScopeOf(authorize(actor, 'member.import', schemeId))
  return inScheme(deps.db, schemeId, async (tx) => {
    const upload = await lockForChange(tx, deps, open)
    if (cells.some(({ index }) => index >= upload.headers.length)) throw invalidFix('cells')
    const columns = columnsOf(headerOf(upload), fieldsOf(upload))
    const row = line > upload.headerLine ? await lockRow(tx, schemeId, id, line) : undefined
    if (row === undefined) throw new AppError('not_found')
    const { decision, waiting } = decisionAfter(row, fix)
    const next = correctCells(row.cells, cells)
    const isDropped = dropped ?? row.dropped
    const problems = isDropped
      ? []
      : await checkFixed(tx, deps, {
          answering: { actor, schemeId, only, uploadId: id },
          columns,
          before: row,
          after: { line, cells: next },
          waiting,
        })
    const fresh = {
      line,
      cells: next,
      dropped: isDropped,
      edited: row.edited || cells.length > 0,
      problems: problems.length === 0 ? null : problems,
      decision,
      charterAnswer: cells.some(({ index }) => index === columns.business.charterOn)
        ? null
        : row.charterAnswer,
    }
    await writeRow(tx, schemeId, id, fresh)
    return toUploadRow(fresh, lang)
  })
}

const invalidFix = (path: 'cells' | 'answer') =>
  new AppError('invalid_input', { problems: [{ code: 'input.invalid', path }] })

/** Stores a row of a list as it is after a fix. */
async function writeRow(
  tx: Tx,
  schemeId: string,
  importId: string,
  {
    line,
    cells,
    dropped,
    edited,
    problems,
    decision,
    charterAnswer,
  }: Omit<UploadedRow, 'schemeId' | 'importId'>,
): Promise<void> {
  await tx
    .updateTable('memberImportRows')
    .set({
      cells: markJsonForSealing(schemeId, 'upload', cells),
      dropped,
      edited,
      problems: problems === null ? null : JSON.stringify(problems),
      decision: decision === null ? null : JSON.stringify(decision),
      charterAnswer,
    })
    .where('schemeId', '=', schemeId)
    .where('importId', '=', importId)
    .where('line', '=', line)
    .execute()
}

function correctCells(cells: readonly string[], corrections: RowFix['cells']): string[] {
  const corrected = [...cells]
  for (const { index, text } of corrections) {
    while (corrected.length < index) corrected.push('')
    corrected[index] = text
  }
  return corrected
}

/** Returns the decision of a row after a fix, and its question as long as it waits for an answer. */
function decisionAfter(
  row: UploadedRow,
  { cells, answer, member }: RowFix,
): { readonly decision: UploadedRow['decision']; readonly waiting: ImportRemark | undefined } {
  const question = row.decision?.remark ?? row.problems?.find(isQuestion)
  if (typeof answer === 'string' && (question === undefined || !isAnswerTo(question, answer, member)))
    throw invalidFix('answer')
  // The earlier decision concerned the cells before the correction.
  if (cells.length > 0 || question === undefined) return { decision: null, waiting: undefined }
  const decision = decideRow(row.decision, question, { answer, member })
  return { decision, waiting: decision === null ? question : undefined }
}

/** Returns the decision of a row after an answer: undefined keeps the decision before it, and null withdraws it. */
function decideRow(
  before: UploadedRow['decision'],
  question: ImportRemark,
  { answer, member }: Pick<RowFix, 'answer' | 'member'>,
): UploadedRow['decision'] {
  const is = answer === undefined ? (before?.is ?? null) : answer
  const chosen = answer === undefined ? before?.member : member
  if (is === null) return null
  return { is, remark: question, ...(chosen === undefined || is === 'other' ? {} : { member: chosen }) }
}

/** Locks a row of a list and reads it. */
async function lockRow(
  tx: Tx,
  schemeId: string,
  importId: string,
  line: number,
): Promise<UploadedRow | undefined> {
  const stored = await tx
    .selectFrom('memberImportRows')
    .selectAll()
    .where('schemeId', '=', schemeId)
    .where('importId', '=', importId)
    .where('line', '=', line)
    .forUpdate()
    .executeTakeFirst()
  return stored === undefined ? undefined : toRow(stored)
}

/** Lists the problems of a row after a fix: none while the list lacks a column, and its question while that is open. */
async function checkFixed(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  of: Parameters<typeof checkCorrected>[2] & { readonly waiting: ImportRemark | undefined },
): Promise<ImportRemark[]> {
  const { answering, columns, waiting } = of
  const missing = await findMissingColumns(tx, answering.schemeId, answering.only, columns)
  if (missing.length > 0) return []
  if (waiting !== undefined) return [waiting]
  return (await checkCorrected(tx, deps, of)).map(withoutCell)
}

/**
 * Checks a corrected row. Where the correction made a commune or a trade readable, it is the answer for all cells that are
 * written as it was before.
 */
async function checkCorrected(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  of: {
    readonly answering: Answering
    readonly columns: Columns
    readonly before: TableRow & Pick<UploadedRow, 'problems'>
    readonly after: TableRow
  },
): Promise<ImportRemark[]> {
  const { answering, columns, before, after } = of
  const { schemeId, only } = answering
  const { problems, read } = await checkSingleRow(tx, schemeId, only, { columns, row: after }, deps.now())
  for (const kind of CELL_KINDS) {
    const isOf = ({ code }: ImportRemark) => kindOfProblem(code) === kind
    const answer = read[kind]
    const key = cellKeyOf(before, columns, kind)
    const isSolved = before.problems?.some(isOf) === true && !problems.some(isOf)
    if (!isSolved || answer === undefined || !isRememberable(key)) continue
    // A code is corrected for its business: others that have it may be in another trade.
    if (kind === 'trade' && readNaf(key.as) !== undefined) continue
    if (cellKeyOf(after, columns, kind).written !== key.written)
      await storeCellAnswer(tx, answering, key, answer, deps.now())
  }
  return problems
}

/** Tells whether an answer chooses one of the members of a question, or none of them. */
function isAnswerTo(question: ImportRemark, answer: 'same' | 'other', member: string | undefined): boolean {
  if (answer === 'other') return true
  const members = membersOf(question)
  return member === undefined ? members.length === 1 : members.some(({ id }) => id === member)
}

/**
 * Stores one decision for all rows that need one, or drops them all, and checks again.
 * @throws AppError `not_found`, `import_applied`
 */
export async function answerRows(
  deps: UploadDeps,
  requester: UploadOwner,
  id: string,
  { answer }: AnswerAll,
): Promise<UploadView> {
  const upload = await getOpenUpload(deps, requester, id)
  await inScheme(deps.db, requester.schemeId, async (tx) => {
    await lockForChange(tx, deps, upload)
    await storeAnswerForAll(tx, requester.schemeId, id, answer)
  })
  return checkUpload(deps, requester, id)
}
