import { sql } from 'kysely'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { memberScopeOf } from '../../members/actions.ts'
import type { ImportRemark } from '../../members/contract.ts'
import { authorize } from '../../permissions.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import { listOwnTrades } from '../../schemes/store.ts'
import { findTrade } from '../../schemes/trades.ts'
import { deleteCellAnswer, isRememberable, listCellAnswers, storeCellAnswer } from '../import/answers.ts'
import { CELL_KINDS, type CellKey, kindOfProblem } from '../import/cells.ts'
import { columnsOf } from '../import/columns.ts'
import { isAnswerAllowed } from '../import/import.ts'
import { cellKeyOf } from '../import/rows.ts'
import {
  checkUpload,
  fieldsOf,
  getOpenUpload,
  getUploadRow,
  headerOf,
  lockForChange,
  type UploadDeps,
  type UploadOwner,
} from './actions.ts'
import type { CellAnswer, UploadCells, UploadView } from './contract.ts'
import { listProblemRows, type Upload } from './store.ts'

/** Groups of cells returned at once, those with the most rows first. */
const MAX_GROUPS = 200

/**
 * Lists the cells of an upload that the last check could not read, one entry for all that are written alike, and those that it
 * read by an answer of the scheme.
 * @throws AppError `not_found`
 */
export async function listUploadCells(
  deps: Pick<Deps, 'db'>,
  whose: UploadOwner,
  id: string,
): Promise<UploadCells> {
  const upload = await getUploadRow(deps, whose, id)
  const only = memberScopeOf(authorize(whose.actor, 'member.import', whose.schemeId))
  return inScheme(deps.db, whose.schemeId, async (tx) => {
    const answers = await listCellAnswers(tx, whose.schemeId, only)
    const used = (upload.report?.answered ?? []).flatMap(({ kind, written, as = written, rows }) => {
      const code = answers.codes[kind].get(written)
      return code === undefined
        ? []
        : [{ kind, written, as, rows, code, isOwn: answers.isOwn({ kind, written }) }]
    })
    const names = await namesOf(
      tx,
      used.flatMap(({ kind, code }) => (kind === 'commune' ? code : [])),
    )
    const own = await listOwnTrades(tx, whose.schemeId)
    const nameOf = (kind: string, code: string) =>
      (kind === 'commune' ? names.get(code) : findTrade(code, own)?.nameFr) ?? code
    return {
      asked: (await groupProblems(tx, upload)).slice(0, MAX_GROUPS),
      answered: used.map(({ code, ...of }) => ({ ...of, answer: { code, name: nameOf(of.kind, code) } })),
    }
  })
}

async function namesOf(tx: Tx, codes: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const { rows } = await sql<{ code: string; name: string }>`
    select code, name from communes where code = any (${codes}::text[])`.execute(tx)
  return new Map(rows.map(({ code, name }) => [code, name]))
}

/** Groups the rows with problems by what their cells have in common. */
async function groupProblems(tx: Tx, upload: Upload): Promise<UploadCells['asked']> {
  const columns = columnsOf(headerOf(upload), fieldsOf(upload))
  const groups = new Map<string, UploadCells['asked'][number]>()
  for (const row of await listProblemRows(tx, upload)) {
    for (const kind of CELL_KINDS) {
      const problem = row.problems.find(({ code }) => kindOfProblem(code) === kind)
      const key = problem === undefined ? undefined : cellKeyOf(row, columns, kind)
      if (problem === undefined || key === undefined || !isRememberable(key)) continue
      const id = `${kind} ${key.written}`
      const { proposals = [] } = problem as ImportRemark
      const group = groups.get(id) ?? { ...key, rows: 0, line: row.line, proposals }
      groups.set(id, { ...group, rows: group.rows + 1 })
    }
  }
  return [...groups.values()].sort((a, b) => b.rows - a.rows || a.line - b.line)
}

/**
 * Answers for all cells that are written alike, in this list and the next ones of the scheme, and checks again; null forgets
 * the answer. That of a trade chamber is for its own lists.
 * @throws AppError `not_found`, `import_applied`; `invalid_input` for a text that the last check neither asked about nor read by
 * an answer, a commune outside the territory, a trade that the user may not give, or, of a trade chamber that forgets, an answer
 * of the scheme
 */
export async function answerUploadCells(
  deps: UploadDeps,
  whose: UploadOwner,
  id: string,
  { answer, ...key }: CellAnswer,
): Promise<UploadView> {
  const { actor, schemeId } = whose
  const upload = await getOpenUpload(deps, whose, id)
  const only = memberScopeOf(authorize(actor, 'member.import', schemeId))
  await inScheme(deps.db, schemeId, async (tx) => {
    await lockForChange(tx, deps, upload)
    const isKey = (one: CellKey) => one.kind === key.kind && one.written === key.written
    const isAnswered = upload.report?.answered?.some(isKey) === true
    if (!isAnswered && !(await groupProblems(tx, upload)).some(isKey)) throw refusalOf('written')
    const of = { actor, schemeId, only, uploadId: id }
    if (answer === null) {
      const isForgotten = await deleteCellAnswer(tx, of, key, deps.now())
      const { codes } = await listCellAnswers(tx, schemeId, only)
      if (!isForgotten && codes[key.kind].has(key.written)) throw refusalOf('written')
      return
    }
    if (!(await isAnswerAllowed(tx, schemeId, only, key.kind, answer))) throw refusalOf('answer')
    await storeCellAnswer(tx, of, key, answer, deps.now())
  })
  return checkUpload(deps, whose, id)
}

function refusalOf(path: keyof CellKey | 'answer'): AppError {
  return new AppError('invalid_input', { problems: [{ code: 'input.invalid', path }] })
}
