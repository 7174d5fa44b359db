import { sql } from 'kysely'
import { findRepeated } from '../../audit/repeat.ts'
import { openChange } from '../../changes/record.ts'
import { countNotified, findMemberChange, toChangeView } from '../../changes/store.ts'
import { markJsonForSealing } from '../../cipher/marked.ts'
import type { Deps } from '../../deps.ts'
import { AppError, type Problem } from '../../errors.ts'
import { formatMessage, type Lang } from '../../i18n/format.ts'
import { memberScopeOf } from '../../members/actions.ts'
import type { ImportRemark, ImportReport } from '../../members/contract.ts'
import { lockMemberList, splitIntoChunks } from '../../members/store.ts'
import { type Actor, actorName, authorize } from '../../permissions.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import { readNaf } from '../../schemes/naf/naf.ts'
import { type Answering, isRememberable, storeCellAnswer } from '../import/cells/answers.ts'
import { CELL_KINDS, kindOfProblem } from '../import/cells/cells.ts'
import { cellKeyOf } from '../import/check/cell-keys.ts'
import { findMissingColumns } from '../import/check/facts.ts'
import { checkSingleRow } from '../import/check/row.ts'
import { assignColumns, mayHoldAgain } from '../import/columns/assign.ts'
import { type Columns, columnsOf } from '../import/columns/columns.ts'
import { type ColumnField, isColumnField } from '../import/columns/fields.ts'
import { HEADER_ROWS, isPersonal, isWithoutTitles, titlesOf } from '../import/columns/header.ts'
import { isZip } from '../import/file/decode.ts'
import { type FileSource, type ImportSource, openFile, SAMPLE } from '../import/file/source.ts'
import type { TableRow } from '../import/file/table.ts'
import { runImport } from '../import/import.ts'
import { isQuestion } from '../import/match/match.ts'
import type { ImportDeps } from '../import/options.ts'
import { abandonJob } from '../jobs/run.ts'
import {
  deleteFailedJob,
  findJob,
  type ImportJob,
  insertJob,
  insertJobRows,
  listJobs,
  updateJob,
} from '../jobs/store.ts'
import type {
  AnswerAll,
  ApplyUpload,
  ColumnChoice,
  HeaderChoice,
  RemarkView,
  RowFix,
  UploadReport,
  UploadRow,
  UploadRowPage,
  UploadRowQuery,
  UploadSummary,
  UploadView,
} from './contract.ts'
import {
  countChosen,
  deleteCharterAnswers,
  deleteIdleUpload,
  deleteRows,
  findAnyUpload,
  findUpload,
  insertRows,
  isInState,
  listAnswers,
  listIdleUploads,
  listKeptRows,
  listRows,
  lockUpload,
  resetRowsBelowHeader,
  storeAnswerForAll,
  toRow,
  type Upload,
  type UploadedRow,
  withoutCell,
  writeProblems,
} from './store.ts'

export type UploadDeps = ImportDeps

/** The user, the scheme, and the language of an upload request. */
export interface UploadOwner {
  readonly actor: Actor
  readonly schemeId: string
  /** Language of the returned texts. */
  readonly lang: Lang
}

/** Maximum number of open uploads per user; the oldest are deleted. */
const MAX_OPEN = 5
const SAMPLES = 3
/** Maximum number of warnings returned; all are counted. */
const MAX_WARNINGS = 200
const PAGE = 1000

/**
 * Stores an uploaded file so that it can be corrected, recognises its columns, and checks it. Only its owner sees it.
 * @param id chosen by the client, so that a request whose answer was lost finds the upload of the first
 * @throws AppError `invalid_file` if it is not a list, `file_too_large`; `id_taken`
 */
export async function openUpload(
  deps: UploadDeps,
  requester: UploadOwner,
  bytes: Uint8Array,
  fileName: string,
  id?: string,
): Promise<UploadView> {
  const { actor, schemeId } = requester
  authorize(actor, 'member.import', schemeId)
  const source = await openFile(bytes, fileName)
  const claimed = await inScheme(deps.db, schemeId, (tx) =>
    claimUpload(tx, deps, requester, { id, source, format: isZip(bytes) ? 'xlsx' : 'csv' }),
  )
  if (claimed.rows === 0) await storeFile(deps, claimed, source)
  const upload = await getUploadRow(deps, requester, claimed.id)
  const isChecked = upload.report !== null || upload.appliedAt !== null
  return isChecked ? getUpload(deps, requester, upload.id) : checkUpload(deps, requester, upload.id)
}

/**
 * Returns the upload that an earlier request with the same id stored, or else a new one, still without its rows. An earlier one
 * without rows is taken over: its request can no longer store any.
 * @throws AppError `id_taken`
 */
async function claimUpload(
  tx: Tx,
  deps: Pick<Deps, 'newId' | 'now'>,
  { actor, schemeId }: UploadOwner,
  {
    id,
    source,
    format,
  }: { readonly id: string | undefined; readonly source: FileSource; readonly format: Upload['format'] },
): Promise<Upload> {
  const owner = actorName(actor)
  const known = await findRepeated(tx, schemeId, {
    id,
    creator: owner,
    find: (one) => findAnyUpload(tx, schemeId, one),
    isSame: ({ sha256, fileName }) => sha256 === source.sha256 && fileName === source.fileName,
    creatorOf: (upload) => upload.owner,
  })
  if (known !== undefined && known.rows > 0) return known
  const at = deps.now()
  if (known !== undefined) {
    const locked = await lockUpload(tx, known, { touchedAt: at })
    if (locked === undefined) throw new AppError('not_found')
    // The lock waited for the request that stored them.
    if (locked.rows > 0) return locked
    await deleteRows(tx, locked)
    return locked
  }
  await dropOldest(tx, schemeId, owner)
  return tx
    .insertInto('memberImports')
    .values({
      schemeId,
      id: id ?? deps.newId(),
      owner,
      fileName: source.fileName,
      format,
      sha256: source.sha256,
      otherSheets: source.otherSheets?.names.length ? JSON.stringify(source.otherSheets) : null,
      ...columnsFor(NO_HEADER, []),
      rows: 0,
      createdAt: at,
      touchedAt: at,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
}

/** Stores the rows of a file and the columns that it recognises; if it fails, the upload is deleted. */
async function storeFile(deps: Pick<Deps, 'db'>, upload: Upload, source: FileSource): Promise<void> {
  const { schemeId, id } = upload
  // Each in a transaction of its own: the embedded database has one connection.
  const store = (work: (tx: Tx) => Promise<unknown>) =>
    inScheme(deps.db, schemeId, async (tx) => {
      if (!(await isInState(tx, upload))) throw new AppError('not_found')
      await work(tx)
    })
  try {
    let count = 0
    let below: readonly TableRow[] | undefined
    await store((tx) => insertRows(tx, schemeId, id, [...source.above, source.header]))
    for await (const batch of source.rows()) {
      count += batch.length
      below ??= batch
      for (const part of splitIntoChunks(batch)) await store((tx) => insertRows(tx, schemeId, id, part))
    }
    const first = below ?? []
    const columns = isWithoutTitles(source.header, first)
      ? columnsFor(NO_HEADER, [...source.above, source.header, ...first])
      : columnsFor(source.header, first)
    const rows = columns.headerLine === NO_HEADER.line ? count + source.above.length + 1 : count
    await store((tx) => updateUpload(tx, { schemeId, id }, { rows, ...columns }))
  } catch (error) {
    await inScheme(deps.db, schemeId, async (tx) => {
      if (await isInState(tx, upload)) await deleteIdleUpload(tx, schemeId, id)
    })
    throw error
  }
}

/** The header of a list that has none: all of its lines are rows. */
const NO_HEADER: TableRow = { line: 0, cells: [] }

/** Recognises the columns by a header row. Titles are stored in clear, so that what may be personal is no title. */
function columnsFor(header: TableRow, below: readonly TableRow[]) {
  const headers = titlesOf(header, below).map((title) => (isPersonal(title) ? '' : title))
  return {
    headers,
    headerLine: header.line,
    fields: assignColumns({ line: header.line, cells: headers }, below),
  }
}

async function dropOldest(tx: Tx, schemeId: string, owner: string): Promise<void> {
  for (const id of await listIdleUploads(tx, schemeId, owner, MAX_OPEN - 1))
    await deleteIdleUpload(tx, schemeId, id)
}

/**
 * Locks an upload to change it; its last check becomes invalid.
 * @throws AppError `import_applied` if it was imported meanwhile, `import_running` while it is, `not_found` if it was deleted
 */
export async function lockForChange(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  upload: Upload,
  { keepsReport = false } = {},
): Promise<Upload> {
  const set = { touchedAt: deps.now(), ...(keepsReport ? {} : { report: null }) }
  const now = await lockUpload(tx, upload, set)
  if (now !== undefined) {
    if (!keepsReport) await deleteFailedJob(tx, { schemeId: upload.schemeId, importId: upload.id })
    return now
  }
  throw await outdatedError(tx, upload)
}

async function updateUpload(
  tx: Tx,
  { schemeId, id }: Pick<Upload, 'schemeId' | 'id'>,
  values: { rows?: number; headers?: string[]; headerLine?: number; fields?: (string | null)[] },
): Promise<void> {
  await tx
    .updateTable('memberImports')
    .set(values)
    .where('schemeId', '=', schemeId)
    .where('id', '=', id)
    .execute()
}

/** @throws AppError `not_found`, also for another user's upload; `import_applied` if it can no longer be changed */
export async function getOpenUpload(
  deps: UploadDeps,
  { actor, schemeId }: UploadOwner,
  id: string,
): Promise<Upload> {
  const upload = await getUploadRow(deps, { actor, schemeId }, id)
  if (upload.appliedAt !== null) throw new AppError('import_applied')
  return upload
}

export async function getUploadRow(
  deps: Pick<Deps, 'db'>,
  { actor, schemeId }: Pick<UploadOwner, 'actor' | 'schemeId'>,
  id: string,
): Promise<Upload> {
  authorize(actor, 'member.import', schemeId)
  const upload = await inScheme(deps.db, schemeId, (tx) => findUpload(tx, schemeId, actorName(actor), id))
  if (upload === undefined) throw new AppError('not_found')
  return upload
}

export const headerOf = (upload: Upload): TableRow => ({ line: upload.headerLine, cells: upload.headers })
export const fieldsOf = (upload: Upload): (ColumnField | null)[] =>
  upload.fields.map((field) => (field !== null && isColumnField(field) ? field : null))

/** Returns an upload as the source of an import. */
function toImportSource(deps: Pick<Deps, 'db'>, upload: Upload): ImportSource {
  const { schemeId, id, fileName, sha256 } = upload
  return {
    fileName,
    sha256,
    header: headerOf(upload),
    ...(upload.otherSheets !== null && { otherSheets: upload.otherSheets }),
    fields: fieldsOf(upload),
    async *rows() {
      let after = upload.headerLine
      for (;;) {
        const rows = await inScheme(deps.db, schemeId, (tx) =>
          listKeptRows(tx, schemeId, id, { after, limit: PAGE }),
        )
        if (rows.length > 0) yield rows
        const last = rows.at(-1)
        if (rows.length < PAGE || last === undefined) return
        after = last.line
      }
    },
  }
}

function answersOf(deps: Pick<Deps, 'db'>, { schemeId, id }: Upload) {
  return inScheme(deps.db, schemeId, (tx) => listAnswers(tx, schemeId, id))
}

/** Lists the user's uploads: those that are not imported, then the imported ones, last used first. */
export async function listUploads(
  deps: Pick<Deps, 'db'>,
  { actor, schemeId, lang }: UploadOwner,
): Promise<UploadSummary[]> {
  authorize(actor, 'member.import', schemeId)
  return inScheme(deps.db, schemeId, async (tx) => {
    const rows = await tx
      .selectFrom('memberImports')
      .select(['id', 'fileName', 'createdAt', 'rows', 'appliedAt', 'report'])
      .where('schemeId', '=', schemeId)
      .where('owner', '=', actorName(actor))
      // Only complete ones.
      .where('rows', '>', 0)
      .orderBy(sql`applied_at is not null`)
      .orderBy('touchedAt', 'desc')
      .execute()
    const jobs = await listJobs(tx, schemeId)
    return rows.map(({ id, fileName, createdAt, rows: count, appliedAt, report }) => ({
      id,
      fileName,
      createdAt: createdAt.toISOString(),
      rows: count,
      ...jobView(jobs.get(id), lang),
      appliedAt: appliedAt?.toISOString() ?? null,
      written:
        appliedAt === null || report === null ? null : { created: report.created, updated: report.updated },
    }))
  })
}

/** Returns the job of an upload as its user sees it: its progress or its failure. */
function jobView(job: ImportJob | undefined, lang: Lang): Pick<UploadView, 'running' | 'failure'> {
  if (job === undefined) return { running: null, failure: null }
  const { startedAt, done, total, isReady, failure, endedAt } = job
  if (endedAt === null) {
    const running = { startedAt: startedAt.toISOString(), done, total: isReady ? total : null }
    return { running: { ...running, isReverting: failure !== null }, failure: null }
  }
  const code = failure ?? 'internal'
  return { running: null, failure: { code, message: formatMessage(lang, `error.${code}`, {}) } }
}

/** Returns an upload. @throws AppError `not_found` */
export async function getUpload(deps: UploadDeps, requester: UploadOwner, id: string): Promise<UploadView> {
  const upload = await getUploadRow(deps, requester, id)
  return inScheme(deps.db, requester.schemeId, (tx) => toUploadView(tx, deps, requester, upload))
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

/** Lists the first lines, one of which is the header. */
function listFirstLines(tx: Tx, { schemeId, id }: Upload) {
  return listRows(tx, schemeId, id, { which: 'all', after: 0, limit: HEADER_ROWS })
}

/**
 * Checks all rows as an import would, and stores the result of the check only.
 * @throws AppError `not_found`, `import_applied`
 */
export async function checkUpload(deps: UploadDeps, requester: UploadOwner, id: string): Promise<UploadView> {
  const { actor, schemeId } = requester
  const open = await getOpenUpload(deps, requester, id)
  // Its number distinguishes this check from a later one.
  const upload = await inScheme(deps.db, schemeId, (tx) =>
    lockForChange(tx, deps, open, { keepsReport: true }),
  )
  const only = memberScopeOf(authorize(actor, 'member.import', schemeId))
  const columns = columnsOf(headerOf(upload), fieldsOf(upload))
  const missing = await inScheme(deps.db, schemeId, (tx) => findMissingColumns(tx, schemeId, only, columns))
  const report =
    missing.length > 0
      ? undefined
      : await runImport(deps, actor, schemeId, toImportSource(deps, upload), {
          dryRun: true,
          // The screen shows it, and applies the list with what it showed.
          duesYear: 'latest',
          answerOf: await answersOf(deps, upload),
        })
  return inScheme(deps.db, schemeId, async (tx) => {
    await storeReport(tx, deps, upload, report)
    const now = await findUpload(tx, schemeId, actorName(actor), id)
    if (now === undefined) throw new AppError('not_found')
    return toUploadView(tx, deps, requester, now)
  })
}

function shorten({ problems: _, warnings, ...report }: ImportReport): UploadReport {
  const first = warnings.toSorted((a, b) => warningOrder(a) - warningOrder(b))
  return { ...report, warnings: first.slice(0, MAX_WARNINGS).map(withoutCell) }
}

/** Warnings about members come before those about the text of a cell. */
function warningOrder({ code }: ImportRemark): number {
  if (code.startsWith('import.leaving_')) return 0
  return code.startsWith('import.') && code !== 'import.unknown_column' ? 1 : 2
}

/** Stores the result of a check; does nothing if the upload changed, or a newer check started. */
async function storeReport(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  { schemeId, id, stateNo }: Upload,
  report: ImportReport | undefined,
): Promise<void> {
  const { numUpdatedRows } = await tx
    .updateTable('memberImports')
    .set({
      touchedAt: deps.now(),
      report: report === undefined ? null : JSON.stringify(shorten(report)),
    })
    .where('schemeId', '=', schemeId)
    .where('id', '=', id)
    .where('stateNo', '=', stateNo)
    .executeTakeFirst()
  if (numUpdatedRows > 0n) await writeProblems(tx, schemeId, id, report?.problems ?? [])
}

/** Lists the rows of an upload. @throws AppError `not_found` */
export async function listUploadRows(
  deps: UploadDeps,
  requester: UploadOwner,
  id: string,
  query: UploadRowQuery,
): Promise<UploadRowPage> {
  const { schemeId, lang } = requester
  const { headerLine } = await getUploadRow(deps, requester, id)
  const rows = await inScheme(deps.db, schemeId, (tx) =>
    listRows(tx, schemeId, id, {
      ...query,
      after: Math.max(query.after, headerLine),
      limit: query.limit + 1,
    }),
  )
  const shown = rows.slice(0, query.limit)
  return {
    rows: shown.map((row) => toUploadRow(row, lang)),
    next: rows.length > query.limit ? (shown.at(-1)?.line ?? null) : null,
  }
}

function toUploadRow(
  { line, cells, dropped, edited, problems, decision }: Omit<UploadedRow, 'schemeId' | 'importId'>,
  lang: Lang,
): UploadRow {
  const question = decision?.remark ?? problems?.find(isQuestion)
  return {
    line,
    cells,
    dropped,
    edited,
    problems: (problems ?? [])
      .filter((remark) => remark !== question)
      .map((remark) => toRemarkView(remark, lang)),
    question:
      question === undefined
        ? null
        : {
            message: formatMessage(lang, question.code, question.values),
            members: membersOf(question),
            answer: decision?.is ?? null,
            member: decision?.is === 'same' ? (decision.member ?? membersOf(question)[0]?.id ?? null) : null,
          },
  }
}

/** Returns the members that a row may be about. */
function membersOf({ proposals = [] }: ImportRemark): { id: string; name: string }[] {
  return proposals.map(({ code, name }) => ({ id: code, name }))
}

function toRemarkView({ line, column, index, code, values }: ImportRemark, lang: Lang): RemarkView {
  const key = `${code}.hint`
  const hint = formatMessage(lang, key, values)
  return {
    line,
    column,
    index,
    code,
    message: formatMessage(lang, code, values),
    hint: hint === key || hint === '' ? null : hint,
  }
}

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

/** From this many rows on, an import is stored and written by a job. */
export const STORED_FROM = 1000

/**
 * Imports an upload: all rows that are not dropped, or none if some have problems, unless those are to be skipped. Its rows
 * are deleted afterwards. The import can be undone as a change, for a day. A long one is checked here and written by a job: the
 * upload is returned as running.
 * @throws AppError `not_found`, `import_applied`; `import_changed` if it was corrected or checked, or members were erased,
 * while it ran; `import_running` while it, or another list, is imported; `invalid_file` if columns are missing; `import_leaving` if
 * it removes another number of members from alerts than the user agreed to
 */
export async function applyUpload(
  deps: UploadDeps,
  requester: UploadOwner,
  id: string,
  choices: ApplyUpload,
): Promise<UploadView> {
  const upload = await getOpenUpload(deps, requester, id)
  const report = await (upload.rows < STORED_FROM ? importAtOnce : storeImport)(
    deps,
    requester,
    upload,
    choices,
  )
  if (report.outcome === 'refused') {
    await inScheme(deps.db, requester.schemeId, (tx) => storeReport(tx, deps, upload, report))
  }
  return getUpload(deps, requester, id)
}

/** Throws unless an upload is as it was read. */
async function requireUnchanged(tx: Tx, upload: Upload): Promise<void> {
  const now = await findUpload(tx, upload.schemeId, upload.owner, upload.id)
  if (now?.stateNo !== upload.stateNo || now.appliedAt !== null) throw await outdatedError(tx, upload)
}

async function importAtOnce(
  deps: UploadDeps,
  { actor, schemeId }: UploadOwner,
  upload: Upload,
  { skipBad = false, leaving = 0, payments }: ApplyUpload,
): Promise<ImportReport> {
  const { id } = upload
  return runImport(deps, actor, schemeId, toImportSource(deps, upload), {
    skipBad,
    leaving,
    payments,
    answerOf: await answersOf(deps, upload),
    mustHold: (tx) => requireUnchanged(tx, upload),
    async onApplied(tx, changeId, applied) {
      const { numUpdatedRows } = await tx
        .updateTable('memberImports')
        .set((eb) => ({
          appliedAt: deps.now(),
          touchedAt: deps.now(),
          changeId,
          report: JSON.stringify(shorten(applied)),
          stateNo: eb('stateNo', '+', 1),
        }))
        .where('schemeId', '=', schemeId)
        .where('id', '=', id)
        .where('stateNo', '=', upload.stateNo)
        .executeTakeFirst()
      // Submitted twice, or changed since it was read: everything written is rolled back.
      if (numUpdatedRows === 0n) throw await outdatedError(tx, upload)
      await deleteFailedJob(tx, { schemeId, importId: id })
      await deleteRows(tx, { schemeId, id })
    },
  })
}

/** Checks and matches the rows of an upload and stores them for a job, which starts with the last of them. */
async function storeImport(
  deps: UploadDeps,
  { actor, schemeId }: UploadOwner,
  upload: Upload,
  { skipBad = false, leaving = 0, payments }: ApplyUpload,
): Promise<ImportReport> {
  const key = { schemeId, importId: upload.id }
  const changeId = await inScheme(deps.db, schemeId, async (tx) => {
    await lockMemberList(tx, schemeId)
    await requireUnchanged(tx, upload)
    await deleteFailedJob(tx, key)
    // It failed, and is about to end.
    if ((await findJob(tx, key)) !== undefined) throw new AppError('import_running')
    const change = { kind: 'import', actor, note: upload.fileName, unfinished: true, byJob: true } as const
    const { id } = await openChange(tx, deps, schemeId, change)
    await insertJob(tx, key, {
      ...{ changeId: id, stateNo: upload.stateNo, startedAt: deps.now() },
      payments: payments ?? null,
    })
    return id
  })
  const job = { ...key, changeId }
  let stored = 0
  try {
    const report = await runImport(deps, actor, schemeId, toImportSource(deps, upload), {
      skipBad,
      leaving,
      payments,
      answerOf: await answersOf(deps, upload),
      async mustHold(tx) {
        await requireUnchanged(tx, upload)
        if (!(await updateJob(tx, job, { touchedAt: deps.now() }))) throw new AppError('import_changed')
      },
      store: {
        changeId,
        async storeRows(tx, rows) {
          await insertJobRows(tx, key, stored + 1, rows)
          stored += rows.length
        },
        async finish(tx, checked) {
          const report = JSON.stringify({ ...shorten(checked), outcome: 'checked' } satisfies UploadReport)
          const set = { report, touchedAt: deps.now() }
          await tx
            .updateTable('memberImports')
            .set(set)
            .where('schemeId', '=', schemeId)
            .where('id', '=', upload.id)
            .execute()
          await updateJob(tx, job, { isReady: true, total: stored, touchedAt: deps.now() })
          await deps.jobs.enqueue(tx, 'import.run', key, 'first')
        },
      },
    })
    if (report.outcome === 'refused') await abandonJob(deps, key, changeId)
    return report
  } catch (error) {
    await abandonJob(deps, key, changeId)
    throw error
  }
}

/** Returns the error that explains why nothing is written. */
async function outdatedError(tx: Tx, { schemeId, id }: Upload): Promise<AppError> {
  const row = await tx
    .selectFrom('memberImports')
    .select('appliedAt')
    .where('schemeId', '=', schemeId)
    .where('id', '=', id)
    .executeTakeFirst()
  if (row === undefined) return new AppError('not_found')
  if (row.appliedAt !== null) return new AppError('import_applied')
  const job = await findJob(tx, { schemeId, importId: id })
  return new AppError(job === undefined || job.endedAt !== null ? 'import_changed' : 'import_running')
}

/** Deletes an upload that is not to be imported. @throws AppError `not_found`, `import_running` */
export async function dropUpload(deps: UploadDeps, requester: UploadOwner, id: string): Promise<void> {
  await getUploadRow(deps, requester, id)
  const isGone = await inScheme(deps.db, requester.schemeId, (tx) =>
    deleteIdleUpload(tx, requester.schemeId, id),
  )
  if (!isGone) throw new AppError('import_running')
}

async function toUploadView(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  { actor, schemeId, lang }: UploadOwner,
  upload: Upload,
): Promise<UploadView> {
  const only = memberScopeOf(authorize(actor, 'member.import', schemeId))
  const fields = fieldsOf(upload)
  const { headerLine } = upload
  const samples = await listRows(tx, schemeId, upload.id, { which: 'all', after: headerLine, limit: SAMPLES })
  const change = upload.changeId === null ? undefined : await findMemberChange(tx, schemeId, upload.changeId)
  const counts = change && (await countNotified(tx, schemeId, [change.id], deps.now())).get(change.id)
  const { report } = upload
  return {
    id: upload.id,
    fileName: upload.fileName,
    format: upload.format,
    otherSheets: upload.otherSheets,
    createdAt: upload.createdAt.toISOString(),
    rows: upload.rows,
    erased: upload.erased,
    ...(await countChosen(tx, schemeId, upload.id)),
    headerLine,
    firstLines: (await listFirstLines(tx, upload)).map(({ line, cells }) => ({
      line,
      text: cells
        .filter((cell) => cell.trim() !== '')
        .join(' · ')
        .slice(0, 120),
    })),
    columns: upload.headers.map((header, n) => ({
      header,
      field: fields[n] ?? null,
      samples: samples.map(({ cells }) => (cells[n] ?? '').slice(0, 60)).filter((cell) => cell !== ''),
    })),
    missing: await findMissingColumns(tx, schemeId, only, columnsOf(headerOf(upload), fields)),
    report:
      report === null
        ? null
        : { ...report, warnings: report.warnings.map((remark) => toRemarkView(remark, lang)) },
    ...jobView(await findJob(tx, { schemeId, importId: upload.id }), lang),
    appliedAt: upload.appliedAt?.toISOString() ?? null,
    change: change === undefined ? null : toChangeView(change, deps.now(), counts),
  }
}
