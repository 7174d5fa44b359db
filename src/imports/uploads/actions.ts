import { countNotified, findChange, toChangeView } from '../../changes/store.ts'
import type { Deps } from '../../deps.ts'
import { AppError, type Problem } from '../../errors.ts'
import { type Lang, say } from '../../i18n/say.ts'
import { memberScopeOf } from '../../members/actions.ts'
import type { ImportRemark, ImportReport } from '../../members/contract.ts'
import { chunks } from '../../members/store.ts'
import { type Actor, actorName, authorize } from '../../permissions.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import {
  assignColumns,
  type ColumnField,
  columnsOf,
  HEADER_ROWS,
  isColumnField,
  titlesOf,
} from '../import/columns.ts'
import { checkAlone, type ImportSource, missingOf, openFile, runImport } from '../import/import.ts'
import { QUESTION } from '../import/plan.ts'
import { isZip, type TableRow } from '../import/read.ts'
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
  answerAll,
  countChosen,
  findUpload,
  insertRows,
  listAnswers,
  listRows,
  listTaken,
  startBelow,
  takeUp,
  type Upload,
  type UploadedRow,
  writeProblems,
} from './store.ts'

type UploadDeps = Pick<Deps, 'database' | 'db' | 'now' | 'newId'>

/** Whose file it is, and where. */
interface Whose {
  readonly actor: Actor
  readonly schemeId: string
  /** Of the words that come back. */
  readonly lang: Lang
}

/** What one person may have begun at once; the oldest go. */
const MAX_OPEN = 5
const SAMPLES = 3
/** Warnings that come back; all are counted. */
const MAX_WARNINGS = 200
const PAGE = 1000

/**
 * Lays a file down to be corrected, with its columns recognised, and checks it. Nobody but its giver sees it.
 * @throws AppError `invalid_file` for what is no list, `file_too_large`
 */
export async function openUpload(
  deps: UploadDeps,
  { actor, schemeId, lang }: Whose,
  bytes: Uint8Array,
  fileName: string,
): Promise<UploadView> {
  authorize(actor, 'member.import', schemeId)
  const owner = actorName(actor)
  const source = await openFile(bytes, fileName)
  const id = deps.newId()
  const { header } = source
  const at = deps.now()
  await inScheme(deps.db, schemeId, async (tx) => {
    await dropOldest(tx, schemeId, owner)
    await tx
      .insertInto('memberImports')
      .values({
        schemeId,
        id,
        owner,
        fileName,
        format: isZip(bytes) ? 'xlsx' : 'csv',
        sha256: source.sha256,
        ...columnsFor(header, []),
        rows: 0,
        createdAt: at,
        touchedAt: at,
      })
      .execute()
  })
  try {
    let rows = 0
    let below: readonly TableRow[] | undefined
    await inScheme(deps.db, schemeId, (tx) => insertRows(tx, schemeId, id, [...source.above, header]))
    for await (const batch of source.rows()) {
      rows += batch.length
      below ??= batch
      // Each in a transaction of its own: the embedded database has one connection.
      for (const part of chunks(batch)) {
        await inScheme(deps.db, schemeId, (tx) => insertRows(tx, schemeId, id, part))
      }
    }
    await inScheme(deps.db, schemeId, (tx) =>
      set(tx, { schemeId, id }, { rows, ...columnsFor(header, below ?? []) }),
    )
  } catch (error) {
    await inScheme(deps.db, schemeId, (tx) => deleteOf(tx, schemeId, id))
    throw error
  }
  return checkUpload(deps, { actor, schemeId, lang }, id)
}

/** What a row of titles makes of the columns. */
function columnsFor(header: TableRow, below: readonly TableRow[]) {
  const headers = titlesOf(header, below)
  return { headers, headerLine: header.line, fields: assignColumns({ line: header.line, cells: headers }) }
}

async function dropOldest(tx: Tx, schemeId: string, owner: string): Promise<void> {
  const open = await tx
    .selectFrom('memberImports')
    .select('id')
    .where('schemeId', '=', schemeId)
    .where('owner', '=', owner)
    .where('appliedAt', 'is', null)
    .orderBy('touchedAt', 'desc')
    .offset(MAX_OPEN - 1)
    .execute()
  for (const { id } of open) await deleteOf(tx, schemeId, id)
}

async function deleteOf(tx: Tx, schemeId: string, id: string): Promise<void> {
  await tx.deleteFrom('memberImports').where('schemeId', '=', schemeId).where('id', '=', id).execute()
}

/**
 * Begins to change it: what the last check found does not hold any more.
 * @throws AppError `import_applied` when it was imported meanwhile, `not_found` when it is gone
 */
async function change(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  upload: Upload,
  { keepsReport = false } = {},
): Promise<Upload> {
  const set = { touchedAt: deps.now(), ...(keepsReport ? {} : { report: null }) }
  const now = await takeUp(tx, upload, set)
  if (now !== undefined) return now
  throw await outdated(tx, upload)
}

async function set(
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

/** @throws AppError `not_found`, also for what somebody else gave; `import_applied` for one that takes no change any more */
async function getOpen(deps: UploadDeps, { actor, schemeId }: Whose, id: string): Promise<Upload> {
  const upload = await getUploadRow(deps, { actor, schemeId }, id)
  if (upload.appliedAt !== null) throw new AppError('import_applied')
  return upload
}

async function getUploadRow(
  deps: Pick<Deps, 'db'>,
  { actor, schemeId }: Pick<Whose, 'actor' | 'schemeId'>,
  id: string,
): Promise<Upload> {
  authorize(actor, 'member.import', schemeId)
  const upload = await inScheme(deps.db, schemeId, (tx) => findUpload(tx, schemeId, actorName(actor), id))
  if (upload === undefined) throw new AppError('not_found')
  return upload
}

const headerOf = (upload: Upload): TableRow => ({ line: upload.headerLine, cells: upload.headers })
const fieldsOf = (upload: Upload): (ColumnField | null)[] =>
  upload.fields.map((field) => (field !== null && isColumnField(field) ? field : null))

/** What was laid down, as the source of an import. */
function sourceOf(deps: Pick<Deps, 'db'>, upload: Upload): ImportSource {
  const { schemeId, id, fileName, sha256 } = upload
  return {
    fileName,
    sha256,
    header: headerOf(upload),
    fields: fieldsOf(upload),
    async *rows() {
      let after = upload.headerLine
      for (;;) {
        const rows = await inScheme(deps.db, schemeId, (tx) =>
          listTaken(tx, schemeId, id, { after, limit: PAGE }),
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

/** What one has begun and not imported, latest first. */
export async function listUploads(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  schemeId: string,
): Promise<UploadSummary[]> {
  authorize(actor, 'member.import', schemeId)
  const rows = await inScheme(deps.db, schemeId, (tx) =>
    tx
      .selectFrom('memberImports')
      .select(['id', 'fileName', 'createdAt', 'rows'])
      .where('schemeId', '=', schemeId)
      .where('owner', '=', actorName(actor))
      .where('appliedAt', 'is', null)
      // Not before all of them are laid down.
      .where('rows', '>', 0)
      .orderBy('touchedAt', 'desc')
      .execute(),
  )
  return rows.map((row) => ({ ...row, createdAt: row.createdAt.toISOString() }))
}

/** @throws AppError `not_found` */
export async function getUpload(deps: UploadDeps, whose: Whose, id: string): Promise<UploadView> {
  const upload = await getUploadRow(deps, whose, id)
  return inScheme(deps.db, whose.schemeId, (tx) => viewOf(tx, deps, whose, upload))
}

/**
 * Says what the columns hold, and checks anew.
 * @throws AppError `invalid_input` for fields that are none, or that two columns hold; `not_found`, `import_applied`
 */
export async function setColumns(
  deps: UploadDeps,
  whose: Whose,
  id: string,
  { fields }: ColumnChoice,
): Promise<UploadView> {
  const upload = await getOpen(deps, whose, id)
  await inScheme(deps.db, whose.schemeId, async (tx) => {
    // As it is by now: somebody may have said that the titles stand on another line.
    const { headers } = await change(tx, deps, upload)
    const problems = fieldProblems(fields, headers)
    if (problems.length > 0) throw new AppError('invalid_input', { problems })
    await set(tx, upload, { fields })
  })
  return checkUpload(deps, whose, id)
}

function fieldProblems(fields: ColumnChoice['fields'], headers: readonly string[]): Problem[] {
  const problems: Problem[] = []
  if (fields.length !== headers.length) problems.push({ code: 'input.invalid', path: 'fields' })
  const taken = new Set<string>()
  fields.forEach((field, n) => {
    if (field === null) return
    const path = `fields.${n}`
    if (!isColumnField(field)) problems.push({ code: 'input.invalid', path })
    else if (taken.has(field))
      problems.push({ code: 'import.column_twice', path, values: { name: headers[n] ?? '' } })
    taken.add(field)
  })
  return problems
}

/**
 * Says which of the first lines holds the titles of the columns, which are recognised anew, and checks.
 * @throws AppError `invalid_input` for a line that is none of them; `not_found`, `import_applied`
 */
export async function setHeader(
  deps: UploadDeps,
  whose: Whose,
  id: string,
  { line }: HeaderChoice,
): Promise<UploadView> {
  const upload = await getOpen(deps, whose, id)
  const { schemeId } = whose
  await inScheme(deps.db, schemeId, async (tx) => {
    await change(tx, deps, upload)
    const first = await listFirst(tx, upload)
    const header = first.find((row) => row.line === line)
    if (header === undefined)
      throw new AppError('invalid_input', { problems: [{ code: 'input.invalid', path: 'line' }] })
    const below = first.filter((row) => row.line > line)
    await set(tx, upload, {
      ...columnsFor(header, below),
      rows: await startBelow(tx, schemeId, id, line),
    })
  })
  return checkUpload(deps, whose, id)
}

/** The lines of which one holds the titles. */
function listFirst(tx: Tx, { schemeId, id }: Upload) {
  return listRows(tx, schemeId, id, { which: 'all', after: 0, limit: HEADER_ROWS })
}

/**
 * Checks all rows as they stand, as an import would, and writes nothing but what it found.
 * @throws AppError `not_found`, `import_applied`
 */
export async function checkUpload(deps: UploadDeps, whose: Whose, id: string): Promise<UploadView> {
  const { actor, schemeId } = whose
  const open = await getOpen(deps, whose, id)
  // By its number this check is told from one that begins later.
  const upload = await inScheme(deps.db, schemeId, (tx) => change(tx, deps, open, { keepsReport: true }))
  const only = memberScopeOf(authorize(actor, 'member.import', schemeId))
  const columns = columnsOf(headerOf(upload), fieldsOf(upload))
  const missing = await inScheme(deps.db, schemeId, (tx) => missingOf(tx, schemeId, only, columns))
  const report =
    missing.length > 0
      ? undefined
      : await runImport(deps, actor, schemeId, sourceOf(deps, upload), {
          dryRun: true,
          answerOf: await answersOf(deps, upload),
        })
  return inScheme(deps.db, schemeId, async (tx) => {
    await keepReport(tx, deps, upload, report)
    const now = await findUpload(tx, schemeId, actorName(actor), id)
    if (now === undefined) throw new AppError('not_found')
    return viewOf(tx, deps, whose, now)
  })
}

function shorten({ problems: _, warnings, ...report }: ImportReport): UploadReport {
  const first = warnings.toSorted((a, b) => weight(a) - weight(b))
  return { ...report, warnings: first.slice(0, MAX_WARNINGS) }
}

/** What a list does to members comes before what it does to the text of a cell. */
function weight({ code }: ImportRemark): number {
  if (code.startsWith('import.leaving_')) return 0
  return code.startsWith('import.') && code !== 'import.unknown_column' ? 1 : 2
}

/** Writes down what was found of it as it was read: nothing where it is another by now, or a newer check began. */
async function keepReport(
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

/** @throws AppError `not_found` */
export async function listUploadRows(
  deps: UploadDeps,
  whose: Whose,
  id: string,
  query: UploadRowQuery,
): Promise<UploadRowPage> {
  const { schemeId, lang } = whose
  const { headerLine } = await getUploadRow(deps, whose, id)
  const rows = await inScheme(deps.db, schemeId, (tx) =>
    listRows(tx, schemeId, id, {
      ...query,
      after: Math.max(query.after, headerLine),
      limit: query.limit + 1,
    }),
  )
  const shown = rows.slice(0, query.limit)
  return {
    rows: shown.map((row) => viewRow(row, lang)),
    next: rows.length > query.limit ? (shown.at(-1)?.line ?? null) : null,
  }
}

function viewRow(
  { line, cells, dropped, edited, problems, decision }: Omit<UploadedRow, 'schemeId' | 'importId'>,
  lang: Lang,
): UploadRow {
  const asked = decision?.remark ?? problems?.find(({ code }) => code === QUESTION)
  return {
    line,
    cells,
    dropped,
    edited,
    problems: (problems ?? []).filter((remark) => remark !== asked).map((remark) => viewRemark(remark, lang)),
    question:
      asked === undefined
        ? null
        : { message: say(lang, asked.code, asked.values), answer: decision?.is ?? null },
  }
}

function viewRemark({ line, column, index, code, values }: ImportRemark, lang: Lang): RemarkView {
  const key = `${code}.hint`
  const hint = say(lang, key, values)
  return {
    line,
    column,
    index,
    code,
    message: say(lang, code, values),
    hint: hint === key || hint === '' ? null : hint,
  }
}

/**
 * Corrects cells of a row, leaves it out or takes it again, or answers its question. What is wrong with it by itself is said at
 * once; what others say of it (doubles, members that it may be about), by the next check.
 * @throws AppError `not_found`, `import_applied`, `invalid_input` for a column that the file has not, or an answer to no
 * question
 */
export async function fixRow(
  deps: UploadDeps,
  whose: Whose,
  id: string,
  line: number,
  { cells, dropped, answer }: RowFix,
): Promise<UploadRow> {
  const { actor, schemeId, lang } = whose
  const open = await getOpen(deps, whose, id)
  const only = memberScopeOf(authorize(actor, 'member.import', schemeId))
  return inScheme(deps.db, schemeId, async (tx) => {
    const upload = await change(tx, deps, open)
    if (cells.some(({ index }) => index >= upload.headers.length)) {
      throw new AppError('invalid_input', { problems: [{ code: 'input.invalid', path: 'cells' }] })
    }
    const columns = columnsOf(headerOf(upload), fieldsOf(upload))
    const row = await tx
      .selectFrom('memberImportRows')
      .selectAll()
      .where('schemeId', '=', schemeId)
      .where('importId', '=', id)
      .where('line', '=', line)
      .forUpdate()
      .executeTakeFirst()
    if (row === undefined || line <= upload.headerLine) throw new AppError('not_found')
    const asked = row.decision?.remark ?? row.problems?.find(({ code }) => code === QUESTION)
    if (typeof answer === 'string' && asked === undefined) {
      throw new AppError('invalid_input', { problems: [{ code: 'input.invalid', path: 'answer' }] })
    }
    const next = [...row.cells]
    for (const { index, text } of cells) {
      while (next.length < index) next.push('')
      next[index] = text
    }
    const isDropped = dropped ?? row.dropped
    // Who the row may be about was asked of its cells as they were.
    const is = cells.length > 0 ? null : answer === undefined ? (row.decision?.is ?? null) : answer
    const decision = is === null || asked === undefined ? null : { is, remark: asked }
    const isWaiting = asked !== undefined && decision === null && cells.length === 0
    const problems =
      isDropped || (await missingOf(tx, schemeId, only, columns)).length > 0
        ? []
        : isWaiting
          ? [asked]
          : await checkAlone(tx, schemeId, only, columns, { line, cells: next })
    const fresh = {
      line,
      cells: next,
      dropped: isDropped,
      edited: row.edited || cells.length > 0,
      problems: problems.length === 0 ? null : problems,
      decision,
    }
    await tx
      .updateTable('memberImportRows')
      .set({
        cells: JSON.stringify(next),
        dropped: fresh.dropped,
        edited: fresh.edited,
        problems: fresh.problems === null ? null : JSON.stringify(fresh.problems),
        decision: decision === null ? null : JSON.stringify(decision),
      })
      .where('schemeId', '=', schemeId)
      .where('importId', '=', id)
      .where('line', '=', line)
      .execute()
    return viewRow(fresh, lang)
  })
}

/**
 * Gives one answer to all rows that wait for one, or leaves them all out, and checks anew.
 * @throws AppError `not_found`, `import_applied`
 */
export async function answerRows(
  deps: UploadDeps,
  whose: Whose,
  id: string,
  { answer }: AnswerAll,
): Promise<UploadView> {
  const upload = await getOpen(deps, whose, id)
  await inScheme(deps.db, whose.schemeId, async (tx) => {
    await change(tx, deps, upload)
    await answerAll(tx, whose.schemeId, id, answer)
  })
  return checkUpload(deps, whose, id)
}

/**
 * Imports what was laid down: all rows that are not left out, or none when some are wrong, unless those are to be left out too.
 * Its rows are forgotten then. What it did can be undone as a change, for a day.
 * @throws AppError `not_found`, `import_applied`; `import_changed` when it was corrected or checked, or members were erased, while it
 * ran; `invalid_file` when columns are missing; `import_leaving` when it takes another number of members out of alerts than was
 * agreed to
 */
export async function applyUpload(
  deps: UploadDeps,
  whose: Whose,
  id: string,
  { skipBad = false, leaving = 0 }: ApplyUpload,
): Promise<UploadView> {
  const { actor, schemeId } = whose
  const upload = await getOpen(deps, whose, id)
  const report = await runImport(deps, actor, schemeId, sourceOf(deps, upload), {
    skipBad,
    leaving,
    answerOf: await answersOf(deps, upload),
    async mustHold(tx) {
      const now = await findUpload(tx, schemeId, upload.owner, id)
      if (now?.stateNo !== upload.stateNo) throw await outdated(tx, upload)
    },
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
      // Pressed twice, or it is no more what was read: what was written goes with its transaction.
      if (numUpdatedRows === 0n) throw await outdated(tx, upload)
      await tx
        .deleteFrom('memberImportRows')
        .where('schemeId', '=', schemeId)
        .where('importId', '=', id)
        .execute()
    },
  })
  if (report.outcome === 'refused') {
    await inScheme(deps.db, schemeId, (tx) => keepReport(tx, deps, upload, report))
  }
  return getUpload(deps, whose, id)
}

/** Why nothing is written of what was read. */
async function outdated(tx: Tx, { schemeId, id }: Upload): Promise<AppError> {
  const row = await tx
    .selectFrom('memberImports')
    .select('appliedAt')
    .where('schemeId', '=', schemeId)
    .where('id', '=', id)
    .executeTakeFirst()
  if (row === undefined) return new AppError('not_found')
  return new AppError(row.appliedAt === null ? 'import_changed' : 'import_applied')
}

/** Forgets a file that one does not import after all. @throws AppError `not_found` */
export async function dropUpload(deps: UploadDeps, whose: Whose, id: string): Promise<void> {
  await getUploadRow(deps, whose, id)
  await inScheme(deps.db, whose.schemeId, (tx) => deleteOf(tx, whose.schemeId, id))
}

async function viewOf(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  { actor, schemeId, lang }: Whose,
  upload: Upload,
): Promise<UploadView> {
  const only = memberScopeOf(authorize(actor, 'member.import', schemeId))
  const fields = fieldsOf(upload)
  const { headerLine } = upload
  const samples = await listRows(tx, schemeId, upload.id, { which: 'all', after: headerLine, limit: SAMPLES })
  const change = upload.changeId === null ? undefined : await findChange(tx, schemeId, upload.changeId)
  const told = change && (await countNotified(tx, schemeId, [change.id], deps.now())).get(change.id)
  const { report } = upload
  return {
    id: upload.id,
    fileName: upload.fileName,
    format: upload.format,
    createdAt: upload.createdAt.toISOString(),
    rows: upload.rows,
    erased: upload.erased,
    ...(await countChosen(tx, schemeId, upload.id)),
    headerLine,
    firstLines: (await listFirst(tx, upload)).map(({ line, cells }) => ({
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
    missing: await missingOf(tx, schemeId, only, columnsOf(headerOf(upload), fields)),
    report:
      report === null
        ? null
        : { ...report, warnings: report.warnings.map((remark) => viewRemark(remark, lang)) },
    appliedAt: upload.appliedAt?.toISOString() ?? null,
    change: change === undefined ? null : toChangeView(change, deps.now(), told),
  }
}
