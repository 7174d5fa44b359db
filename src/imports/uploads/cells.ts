import { sql } from 'kysely'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { memberScopeOf } from '../../members/actions.ts'
import { type ImportRemark, MemberStatusName } from '../../members/contract.ts'
import { STATUS_NAMES } from '../../members/rules.ts'
import { dayIn, METROPOLITAN_ZONE } from '../../message/clock.ts'
import { authorize } from '../../permissions.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import { listOwnTrades } from '../../schemes/store.ts'
import { findTrade } from '../../schemes/trades/trades.ts'
import {
  deleteCellAnswer,
  isRememberable,
  listCellAnswers,
  storeCellAnswer,
} from '../import/cells/answers.ts'
import { CELL_KINDS, type CellKey, kindOfProblem } from '../import/cells/cells.ts'
import { parseDay } from '../import/cells/days.ts'
import { cellKeyOf } from '../import/check/cell-keys.ts'
import { isSaidSigned } from '../import/check/charter.ts'
import { isAnswerAllowed } from '../import/check/facts.ts'
import { columnsOf } from '../import/columns/columns.ts'
import type { TableRow } from '../import/file/table.ts'
import { checkUpload } from './check.ts'
import type { CellAnswer, UploadCells, UploadView } from './contract.ts'
import {
  deleteCharterAnswers,
  listKeptRows,
  listProblemRows,
  storeCharterAnswer,
  type Upload,
} from './store.ts'
import {
  fieldsOf,
  getOpenUpload,
  getUploadRow,
  headerOf,
  lockForChange,
  type UploadDeps,
  type UploadOwner,
} from './upload.ts'

/** Stands for every way to say that the charter is signed. */
const SIGNED = 'oui'

/** Groups of cells returned at once, those with the most rows first. */
const MAX_GROUPS = 200

/**
 * Lists the cells of an upload that the last check could not read, one entry for all that are written alike, those that it
 * guessed, and those that it read by an answer of the scheme.
 * @throws AppError `not_found`
 */
export async function listUploadCells(
  deps: Pick<Deps, 'db'>,
  requester: UploadOwner,
  id: string,
): Promise<UploadCells> {
  const upload = await getUploadRow(deps, requester, id)
  const only = memberScopeOf(authorize(requester.actor, 'member.import', requester.schemeId))
  return inScheme(deps.db, requester.schemeId, async (tx) => {
    const answers = await listCellAnswers(tx, requester.schemeId, only)
    const used = (upload.report?.answered ?? []).flatMap(({ kind, written, as = written, rows }) => {
      const code = answers.codes[kind].get(written)
      return code === undefined
        ? []
        : [{ kind, written, as, rows, code, isOwn: answers.isOwn({ kind, written }) }]
    })
    const guessed = upload.report?.guessed ?? []
    const names = await namesOf(
      tx,
      [...used, ...guessed].flatMap(({ kind, code }) => (kind === 'commune' ? code : [])),
    )
    const own = await listOwnTrades(tx, requester.schemeId)
    const nameOf = (kind: string, code: string) =>
      (kind === 'commune'
        ? names.get(code)
        : kind === 'trade'
          ? findTrade(code, own)?.nameFr
          : nameOfStatus(code)) ?? code
    const { undatedCharters } = upload.report ?? {}
    return {
      asked: [
        ...(undatedCharters === undefined
          ? []
          : [{ kind: 'charter' as const, written: SIGNED, proposals: [], ...undatedCharters }]),
        ...(await groupProblems(tx, upload)).slice(0, MAX_GROUPS),
      ],
      guessed: guessed.map(({ code, ...of }) => ({ ...of, guess: { code, name: nameOf(of.kind, code) } })),
      answered: [
        ...(upload.report?.datedCharters ?? []).map(({ answer: code, as, rows }) => {
          const of = { kind: 'charter' as const, written: code, as, rows, isOwn: true }
          return { ...of, answer: { code, name: code } }
        }),
        ...used.map(({ code, ...of }) => ({ ...of, answer: { code, name: nameOf(of.kind, code) } })),
      ],
    }
  })
}

function nameOfStatus(code: string): string | undefined {
  const status = MemberStatusName.options.find((one) => one === code)
  return status && STATUS_NAMES[status]
}

async function namesOf(tx: Tx, codes: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const { rows } = await sql<{ code: string; name: string }>`
    select code, name from communes where code = any (${codes}::text[])`.execute(tx)
  return new Map(rows.map(({ code, name }) => [code, name]))
}

type AskedCells = UploadCells['asked'][number] & CellKey

/** Groups the rows with problems by what their cells have in common. */
async function groupProblems(tx: Tx, upload: Upload): Promise<AskedCells[]> {
  const columns = columnsOf(headerOf(upload), fieldsOf(upload))
  const groups = new Map<string, AskedCells>()
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
 * @throws AppError `not_found`, `import_applied`; `invalid_input` for a text that the last check neither asked about, guessed nor
 * read by an answer, a commune outside the territory, a trade that the user may not give, a day to come, or, of a trade chamber that
 * forgets, an answer of the scheme
 */
export async function answerUploadCells(
  deps: UploadDeps,
  requester: UploadOwner,
  id: string,
  { answer, kind, written }: CellAnswer,
): Promise<UploadView> {
  const { actor, schemeId } = requester
  const upload = await getOpenUpload(deps, requester, id)
  const only = memberScopeOf(authorize(actor, 'member.import', schemeId))
  if (kind === 'charter') {
    const { undatedCharters, datedCharters = [] } = upload.report ?? {}
    const isKnown =
      answer === null
        ? datedCharters.some((one) => one.answer === written)
        : undatedCharters !== undefined && written === SIGNED
    if (!isKnown) throw refusalOf('written')
    const latest = dayIn(METROPOLITAN_ZONE, deps.now())
    const day = answer === null || answer === 'joined' ? answer : parseDay(answer)
    if (day === undefined || (day !== null && day !== 'joined' && day > latest)) throw refusalOf('answer')
    await inScheme(deps.db, schemeId, async (tx) => {
      await lockForChange(tx, deps, upload)
      if (day === null) await deleteCharterAnswers(tx, upload, written)
      else await dateCharters(tx, upload, day, latest)
    })
    return checkUpload(deps, requester, id)
  }
  const key = { kind, written }
  await inScheme(deps.db, schemeId, async (tx) => {
    await lockForChange(tx, deps, upload)
    const isKey = (one: CellKey) => one.kind === key.kind && one.written === key.written
    const { answered = [], guessed = [] } = upload.report ?? {}
    if (![...answered, ...guessed].some(isKey) && !(await groupProblems(tx, upload)).some(isKey))
      throw refusalOf('written')
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
  return checkUpload(deps, requester, id)
}

const DATED_AT_ONCE = 1000

/**
 * Stores the answer with the rows whose charter is said to be signed and that no answer dates. `joined`: a row without a day of
 * joining, or with one to come, stays as it is.
 */
async function dateCharters(tx: Tx, upload: Upload, answer: string, latest: string): Promise<void> {
  const { charterOn, joinedOn } = columnsOf(headerOf(upload), fieldsOf(upload)).business
  if (charterOn === undefined) return
  const isDating = (given: string | null | undefined, { cells }: TableRow) => {
    const day = given === 'joined' ? parseDay(cells[joinedOn ?? -1] ?? '') : given
    return typeof day === 'string' && day <= latest
  }
  for (let after = upload.headerLine, rows = [] as TableRow[]; ; after = rows.at(-1)?.line ?? after) {
    rows = await listKeptRows(tx, upload.schemeId, upload.id, { after, limit: DATED_AT_ONCE })
    const undated = rows.filter(
      (row) =>
        isSaidSigned(row.cells[charterOn] ?? '') &&
        !isDating(row.charterAnswer, row) &&
        isDating(answer, row),
    )
    await storeCharterAnswer(
      tx,
      upload,
      answer,
      undated.map(({ line }) => line),
    )
    if (rows.length < DATED_AT_ONCE) return
  }
}

function refusalOf(path: keyof CellKey | 'answer'): AppError {
  return new AppError('invalid_input', { problems: [{ code: 'input.invalid', path }] })
}
