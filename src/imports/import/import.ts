import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { type OpenChange, openChange } from '../../changes/record.ts'
import { MAX_TAGS } from '../../changes/tags/contract.ts'
import { revertUnfinishedChange } from '../../changes/undo.ts'
import { planWelcome, type WelcomeChannel } from '../../changes/welcome.ts'
import type { Deps } from '../../deps.ts'
import type { ListedPayments } from '../../dues/bulk/contract.ts'
import { type ListedPayment, sumListed } from '../../dues/bulk/listed.ts'
import { findToday, lockDues } from '../../dues/ledger/ledger.ts'
import { AppError } from '../../errors.ts'
import { memberScopeOf } from '../../members/actions.ts'
import { type ImportRemark, type ImportReport, MemberStatusName } from '../../members/contract.ts'
import { communeKey, parseInseeCode, parsePostalCode } from '../../members/rules.ts'
import {
  type ContactRow,
  findSchemeRules,
  listMemberKeys,
  lockMemberList,
  lockMemberWrites,
  type MemberKeys,
  type MemberScope,
  refreshStatistics,
  splitIntoChunks,
} from '../../members/store.ts'
import { dayIn, METROPOLITAN_ZONE } from '../../message/clock.ts'
import { type Actor, actorName, authorize, may, personName } from '../../permissions.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import { createPace } from '../../platform/pace.ts'
import { isRememberable, listCellAnswers } from './cells/answers.ts'
import type { CellKind, CellOfKey, GuessedCell } from './cells/cells.ts'
import { readCommuneFacts, splitAddress, splitCommuneCell, type WantedCommunes } from './cells/communes.ts'
import {
  checkRow,
  latestJoiningOf,
  type MemberRow,
  type RowFacts,
  type RowResult,
  type SaidCharter,
} from './cells/rows.ts'
import { assignColumns } from './columns/assign.ts'
import { type Columns, columnsOf, isAside, missingColumns, requireColumns } from './columns/columns.ts'
import type { BusinessField, ColumnField } from './columns/fields.ts'
import { findHeader } from './columns/header.ts'
import { readCsv } from './file/csv.ts'
import { isZip } from './file/decode.ts'
import type { TableBatches, TableRow } from './file/table.ts'
import { readXlsx } from './file/xlsx.ts'
import { findDuplicates } from './match/duplicates.ts'
import { keysOf, type RowKeys } from './match/keys.ts'
import {
  type Answer,
  isQuestion,
  type Matches,
  type MatchFacts,
  type Move,
  matchRows,
} from './match/match.ts'
import { createTurns } from './turns.ts'
import {
  findDuesYear,
  findPaid,
  PaidCheck,
  type PaidRow,
  requirePayable,
  withPaid,
} from './write/payments.ts'
import type { ImportPlan } from './write/plan.ts'
import type { PreparedRow } from './write/prepared.ts'
import { auditImport, type Batch, finishChange, planBatch, writePlan } from './write/write.ts'

/** Maximum number of problems and warnings listed; the report still counts all. */
export const MAX_LISTED = 10_000

export type ImportPhase = 'read' | 'check' | 'write'
export type ImportDeps = Pick<Deps, 'database' | 'db' | 'now' | 'newId' | 'jobs' | 'mailer' | 'config'>
type Progress = (phase: ImportPhase, done: number, total: number) => void

/** The rows to import: from a file, or from an upload that was corrected. */
export interface ImportSource {
  /** File name that the user sees. */
  readonly fileName: string
  readonly header: TableRow
  /** The other sheets of a workbook, which are not read; absent if the file has no sheets. */
  readonly otherSheets?: { readonly sheet: string; readonly names: readonly string[] }
  /** The first rows below the header, by which columns are recognised; absent with `fields`. */
  readonly below?: readonly TableRow[]
  /** The field of each column; if absent, recognised by the headers. */
  readonly fields?: readonly (ColumnField | null)[]
  /** Reads the rows, without the header, in order. Called twice. */
  rows(onProgress?: (done: number, total: number) => void): TableBatches
  /** SHA-256 of the file. */
  readonly sha256: string
}

export interface RunOptions {
  /** Only checks and counts; writes nothing. */
  readonly dryRun?: boolean
  /** Skips rows with a problem instead of refusing the whole file. */
  readonly skipBad?: boolean
  /**
   * The user's decision about a row that shares a number with members; without one the row has a problem.
   */
  readonly answerOf?: MatchFacts['answerOf']
  /** Number of members that the user agreed to remove from alerts; nothing is written if the number differs. */
  readonly leaving?: number
  /** Channel by which added members are notified why they are in the list; none by default. */
  readonly welcome?: WelcomeChannel | undefined
  /** The settings for recording the dues that the list says are paid; without them, none are recorded. */
  readonly payments?: ListedPayments | undefined
  /** Without `payments`: the year for which the check counts dues that the list gives without a year or a day; none by default. */
  readonly duesYear?: number | 'latest' | undefined
  /** The day of charters that the list says are signed, but not when (YYYY-MM-DD), or `joined` for that of joining of each row. */
  readonly charterOn?: string | undefined
  /** Reports the progress of a phase; each phase has its own units. */
  readonly onProgress?: Progress
  /** Called first in each writing transaction; throws if the source changed since it was read. */
  readonly mustHold?: (tx: Tx) => Promise<void>
  /** Called last in the writing transaction; the change is null if nothing changed. */
  readonly onApplied?: (tx: Tx, changeId: string | null, report: ImportReport) => Promise<void>
  /** Stores the checked and matched rows, for a job to write, instead of writing them. */
  readonly store?: ImportStore
}

/** The store for checked rows that a job writes later. */
export interface ImportStore {
  /** The change that the job writes, which excludes other changes of many members from now on. */
  readonly changeId: string
  /** Stores rows, in the order in which they will be written. */
  storeRows(tx: Tx, rows: readonly PreparedRow[]): Promise<void>
  /** Called after the last row, with the report; its counts of members are those of no row written. */
  finish(tx: Tx, report: ImportReport): Promise<void>
}

export interface ImportOptions
  extends Omit<RunOptions, 'onApplied' | 'answerOf' | 'mustHold' | 'store' | 'payments' | 'duesYear'> {
  /** One decision for all rows that share a number, and little else, with a member. */
  readonly samePhone?: Answer | undefined
  /** File name that the user sees, for errors about an unreadable file. */
  readonly fileName?: string
  /** The payments of `RunOptions`; without a day, payments for which the list gives none are of today. */
  readonly payments?:
    | { readonly way: ListedPayments['way']; readonly receivedOn?: string | undefined }
    | undefined
  /** The year of dues of which the list names neither a year nor a day; without it, these are left out. */
  readonly duesYear?: number | undefined
}

/**
 * Imports the members of a scheme from a file, as `runImport` does.
 * @returns the report, which includes rows with errors: they raise no exception
 * @throws AppError `invalid_file` (not a list, or columns missing), `file_too_large`, `import_leaving`, `unknown_scheme`,
 * `forbidden`, `invalid_input` for a day of charters to come
 */
export async function importMembers(
  deps: ImportDeps,
  actor: Actor,
  schemeId: string,
  bytes: Uint8Array,
  options: ImportOptions = {},
): Promise<ImportReport> {
  // Checked before anything of the file is read.
  authorize(actor, 'member.import', schemeId)
  const { charterOn } = options
  if (charterOn !== undefined && charterOn !== 'joined' && charterOn > daysOf(deps.now()).today)
    throw new AppError('invalid_input', { problems: [{ code: 'charter.ahead', path: 'charterOn' }] })
  const { fileName = 'CSV', samePhone, payments, ...run } = options
  const source = await openFile(bytes, fileName)
  const paidOn =
    payments?.receivedOn ?? (await inScheme(deps.db, schemeId, (tx) => findToday(tx, deps, schemeId)))
  return runImport(deps, actor, schemeId, source, {
    ...run,
    ...(payments !== undefined && {
      payments: { way: payments.way, receivedOn: paidOn, year: options.duesYear ?? null },
    }),
    answerOf: (_, [member, ...others]) => {
      if (samePhone !== 'same') return samePhone
      return member === undefined || others.length > 0 ? undefined : { same: member }
    },
  })
}

/** Returns the days that the cells of a row are compared with. */
function daysOf(now: Date): Pick<RowFacts, 'latestJoining' | 'today'> {
  return { latestJoining: latestJoiningOf(now), today: dayIn(METROPOLITAN_ZONE, now) }
}

/** A file, including the rows above its header. */
export interface FileSource extends ImportSource {
  /** The rows above the header. */
  readonly above: readonly TableRow[]
}

/** Rows by which the columns of a list are recognised. */
export const SAMPLE = 200

/**
 * Opens a file as the source of an import: CSV, or the first list of an XLSX. @throws AppError `invalid_file`,
 * `file_too_large`
 */
export async function openFile(bytes: Uint8Array, fileName: string): Promise<FileSource> {
  return isZip(bytes) ? openXlsx(bytes, fileName) : openCsv(bytes, fileName)
}

async function openXlsx(bytes: Uint8Array, fileName: string): Promise<FileSource> {
  const { rows: all, sheet, isFirst, others } = await readXlsx(bytes, fileName)
  const header = findHeader(all)
  if (header === undefined) throw new AppError('internal')
  const rows = all.filter(({ line }) => line > header.line)
  return {
    // Its name says which of several sheets was read.
    fileName: isFirst && others.length === 0 ? fileName : `${fileName} [${sheet}]`,
    otherSheets: { sheet, names: others },
    header,
    above: all.filter(({ line }) => line < header.line),
    below: rows.slice(0, SAMPLE),
    sha256: createHash('sha256').update(bytes).digest('hex'),
    async *rows(onProgress) {
      for (const batch of splitIntoChunks(rows)) yield batch
      onProgress?.(rows.length, rows.length)
    },
  }
}

/** Opens a CSV file as the source of an import. @throws AppError `invalid_file`, `file_too_large` */
async function openCsv(bytes: Uint8Array, fileName: string): Promise<FileSource> {
  let first: readonly TableRow[] = []
  for await (const batch of readCsv(bytes, fileName)) {
    first = batch
    break
  }
  const header = findHeader(first)
  if (header === undefined) throw new AppError('internal')
  return {
    fileName,
    header,
    above: first.filter(({ line }) => line < header.line),
    below: first.filter(({ line }) => line > header.line).slice(0, SAMPLE),
    sha256: createHash('sha256').update(bytes).digest('hex'),
    async *rows(onProgress) {
      for await (const batch of readCsv(bytes, fileName, onProgress)) {
        yield batch.filter(({ line }) => line > header.line)
      }
    },
  }
}

/**
 * Imports the members of a scheme: all rows or none, unless `skipBad`. A row that identifies a member (by SIRET, else by a
 * number of its own, else by the same name in the same commune) updates it, and an empty cell erases nothing; other rows
 * become new members. If a row shares only a number with a member, a user must decide whether they are the same. Everything
 * is written in one transaction, as a change that can be undone, with its audit entry (counts and the file's SHA-256).
 * Members whose alerts end or resume are notified. A trade chamber imports and changes only members of its trades. Rows are
 * processed in batches; for all of them together only the identifying data and the checked rows, packed as text, are kept in
 * memory.
 * @returns the report, which includes rows with errors: they raise no exception
 * @throws AppError `invalid_file` (columns missing), `import_leaving`, `unknown_scheme`, `forbidden`
 */
export async function runImport(
  deps: ImportDeps,
  actor: Actor,
  schemeId: string,
  source: ImportSource,
  options: RunOptions = {},
): Promise<ImportReport> {
  const reach = authorize(actor, 'member.import', schemeId)
  const only = memberScopeOf(reach)
  const progress: Progress = options.onProgress ?? (() => {})
  const { header } = source
  const columns = columnsOf(header, source.fields ?? assignColumns(header, source.below))
  const { payments, charterOn } = options
  if (payments !== undefined)
    await inScheme(deps.db, schemeId, (tx) => requirePayable(tx, deps, actor, schemeId, payments))
  const { total, asides, wanted } = await readCommuneNames(source, columns, progress)

  // Read in a transaction of its own: the embedded database has one connection, and reading the rows takes time.
  const facts = await inScheme(deps.db, schemeId, async (tx) => {
    const trades = await readTrades(tx, schemeId, only)
    requireColumns(columns, trades.trades.length > 1, source.fileName)
    const days = { ...daysOf(deps.now()), ...(charterOn !== undefined && { charterOn }) }
    return readFacts(tx, schemeId, only, { ...trades, ...days }, wanted.all())
  })
  const checked = await checkRows(source, columns, facts, {
    warnings: [
      ...otherSheets(source),
      ...(source.fields === undefined ? unknownColumns(header, columns) : []),
      ...asides,
    ],
    onChecked: (done) => progress('check', Math.min(done, total), total),
  })
  const run: CheckedImport = {
    ...checked,
    schemeId,
    actor,
    source,
    options,
    columns,
    rows: total,
    mayTouch: ({ trade }) => only.trades?.includes(trade) ?? true,
    progress,
  }
  if (deps.database.embedded || options.store !== undefined) return importInParts(deps, run)
  return inScheme(deps.db, schemeId, async (tx) => {
    // This match blocks no other writer; it is repeated under lock before anything is written.
    if (options.dryRun !== true) {
      await lockMemberList(tx, schemeId)
      await lockDues(tx, schemeId)
      // Other writers of members or contacts wait here, so that the members matched now are the ones written.
      await lockMemberWrites(tx, schemeId)
    }
    const doIt: Parts['do'] = (work) => work(tx)
    return matchAndWrite(deps, run, {
      inParts: false,
      begin() {},
      size: () => WRITTEN,
      do: doIt,
      once: doIt,
    })
  })
}

/** Reads the rows for the first time: counts them, and collects the communes that they name and the lines that are no rows. */
async function readCommuneNames(source: ImportSource, columns: Columns, progress: Progress) {
  const wanted = new CommuneNames(columns)
  let total = 0
  const asides: ImportRemark[] = []
  for await (const batch of source.rows((done, of) => progress('read', done, of))) {
    const { true: aside = [], false: rows = [] } = Object.groupBy(batch, (row) =>
      isAside(row, columns) ? 'true' : 'false',
    )
    asides.push(...aside.map(({ line }) => asideRemark(line)))
    total += rows.length
    wanted.add(rows)
  }
  return { total, asides, wanted }
}

/** Rows that were checked one by one and among themselves. */
interface CheckedRows {
  readonly keys: readonly RowKeys[]
  /** The rows without problems, as text. */
  readonly packed: readonly Buffer[]
  readonly paid: readonly PaidRow[]
  readonly duplicates: ReadonlyMap<number, ImportRemark>
  readonly problems: Remarks
  readonly warnings: Remarks
  readonly answered: AnsweredCells
  readonly guessed: GuessedCells
  readonly charters: SaidCharters
}

/**
 * Reads the rows again and checks them.
 * @param of `warnings`: about the file as a whole, which come first; `onChecked` is called with the number of lines checked
 */
async function checkRows(
  source: ImportSource,
  columns: Columns,
  facts: Parameters<typeof checkRow>[2],
  of: { readonly warnings: readonly ImportRemark[]; onChecked(lines: number): void },
): Promise<CheckedRows> {
  const problems = new Remarks()
  const warnings = new Remarks()
  warnings.add(of.warnings)
  const keys: RowKeys[] = []
  const packed: Buffer[] = []
  const paid: PaidRow[] = []
  const answered = new AnsweredCells()
  const guessed = new GuessedCells()
  const charters = new SaidCharters()
  let checked = 0
  const others = createTurns()
  for await (const batch of source.rows()) {
    const rows: MemberRow[] = []
    for (const one of batch) {
      if (isAside(one, columns)) continue
      await others.turn()
      const result = checkRow(one, columns, facts)
      problems.add(result.problems)
      warnings.add(result.warnings)
      answered.add(result.answered)
      guessed.add(result.guessed)
      if (result.saidCharter !== undefined) charters.add(result.saidCharter)
      if (result.row !== undefined) rows.push(result.row)
    }
    keys.push(...rows.map(keysOf))
    paid.push(...rows.flatMap((row) => (row.paid.length === 0 ? [] : [{ line: row.line, paid: row.paid }])))
    packed.push(Buffer.from(JSON.stringify(rows)))
    checked += batch.length
    of.onChecked(checked)
    await setImmediate()
  }
  const duplicates = await others.run(findDuplicates(keys))
  problems.add([...duplicates.values()].filter(({ code }) => code === 'import.duplicate_siret'))
  return { keys, packed, paid, duplicates, problems, warnings, answered, guessed, charters }
}

/** An import whose rows are read and checked; matching and writing follow. */
interface CheckedImport extends CheckedRows {
  readonly schemeId: string
  readonly actor: Actor
  readonly source: ImportSource
  readonly options: RunOptions
  readonly columns: Columns
  readonly rows: number
  readonly mayTouch: (member: MemberKeys) => boolean
  readonly progress: Progress
}

/** Runs the work of an import in transactions: one for everything, or one per part. */
interface Parts {
  readonly inParts: boolean
  /** Starts another kind of rows, for which the durations measured so far do not apply. */
  begin(): void
  /** Number of rows of the next part. */
  size(): number
  /** Processes as many rows as `size` returned. */
  do<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  /** Runs work that does not depend on rows. */
  once<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  /** Called with the change once it is open. */
  onChange?(change: OpenChange): void
}

/**
 * Imports, or stores for a job, in transactions of a tenth of a second: on the embedded database, whose one connection serves every request, in transactions of a sixth of a second. The
 * change is hidden until it ends, and no other change of many members can start. If a part fails, the earlier ones are
 * reverted; after a stop of the program the next start reverts them (`revertUnfinishedChange`).
 */
async function importInParts(deps: ImportDeps, run: CheckedImport): Promise<ImportReport> {
  const { schemeId, options } = run
  let pace = createPace()
  let change: OpenChange | undefined
  async function inPart<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    const result = await inScheme(deps.db, schemeId, async (tx) => {
      if (options.dryRun !== true) {
        await lockMemberList(tx, schemeId, change?.id ?? options.store?.changeId)
        await lockDues(tx, schemeId)
        await lockMemberWrites(tx, schemeId)
        await options.mustHold?.(tx)
      }
      return work(tx)
    })
    await setImmediate()
    return result
  }
  const parts: Parts = {
    inParts: true,
    begin() {
      pace = createPace()
    },
    size: () => pace.size(),
    do: (work) => inPart((tx) => pace.run(() => work(tx))),
    once: inPart,
    onChange: (begun) => {
      change = begun
    },
  }
  try {
    return await matchAndWrite(deps, run, parts)
  } catch (error) {
    if (change !== undefined) await revertUnfinishedChange(deps, schemeId, change.id)
    throw error
  }
}

/** Lists the stored members that rows may be about. */
async function listStored({ schemeId, keys }: CheckedImport, parts: Parts): Promise<MemberKeys[]> {
  const stored = new Map<string, MemberKeys>()
  parts.begin()
  for (let at = 0; at < keys.length; ) {
    const part = keys.slice(at, at + parts.size())
    at += part.length
    for (const member of await parts.do((tx) => listMemberKeys(tx, schemeId, part)))
      stored.set(member.id, member)
  }
  return [...stored.values()]
}

async function matchAndWrite(deps: ImportDeps, run: CheckedImport, parts: Parts): Promise<ImportReport> {
  const { schemeId, options, keys, duplicates, problems, warnings } = run
  const steps = matchRows(keys, {
    stored: await listStored(run, parts),
    duplicates,
    mayTouch: run.mayTouch,
    answerOf: options.answerOf ?? (() => undefined),
  })
  // In one transaction, others do not wait for this connection, but for this thread.
  const match = await createTurns().run(steps)
  problems.add(match.problems)
  warnings.add(match.warnings)

  const paid = await checkPaid(deps, run, parts, match)
  warnings.add(paid.remarks())

  const refused = problems.lines.size > 0 && options.skipBad !== true
  const outcome = options.dryRun === true ? 'checked' : refused ? 'refused' : 'applied'
  const isGood = (line: number) => !problems.lines.has(line)
  const moves = match.moves.filter(({ line }) => isGood(line))
  const leaving = moves.filter(({ isLeaving }) => isLeaving).length
  if (outcome === 'applied' && leaving !== (options.leaving ?? 0))
    throw new AppError('import_leaving', { values: { leaving } })
  const isStored = outcome === 'applied' && options.store !== undefined
  if (isStored) await storeRows(deps, run, parts, { match, isGood })
  const { change, ...figures } =
    outcome === 'refused' || isStored
      ? { ...NO_CHANGES, change: undefined }
      : await writeRows(deps, run, parts, { match, isGood, isWritten: outcome === 'applied' })
  const report: ImportReport = {
    outcome,
    rows: run.rows,
    ...figures,
    leaving,
    skipped: problems.lines.size,
    undecided: match.problems.filter(isQuestion).length,
    toDecide: problems.lines.size - problems.closed.size,
    answered: run.answered.listed(),
    guessed: run.guessed.listed(),
    ...run.charters.listed(),
    paid: await paidReport(paid, parts, schemeId, change),
    problems: problems.listed(),
    problemCount: problems.count,
    warnings: warnings.listed(),
    warningCount: warnings.count,
  }
  if (isStored) await parts.once(async (tx) => options.store?.finish(tx, report))
  else if (outcome === 'applied')
    await parts.once((tx) => finishImport(tx, deps, run, { change, moves, report }))
  return report
}

/** Checks the dues that the good rows say are paid. They are shown only to an account that may record payments. */
async function checkPaid(
  deps: ImportDeps,
  { schemeId, actor, paid, columns, problems, options }: CheckedImport,
  parts: Parts,
  { matches, joined, aside }: Matches,
): Promise<PaidCheck> {
  if (!may(actor, 'dues.manage', schemeId)) return new PaidCheck(columns, null)
  const { payments, duesYear = null } = options
  const named = payments === undefined ? duesYear : payments.year
  const year = named === 'latest' ? await parts.once((tx) => findDuesYear(tx, deps, schemeId)) : named
  const check = new PaidCheck(columns, year ?? null)
  const good = paid.filter(({ line }) => !problems.lines.has(line) && !aside.has(line))
  const memberIdOf = (line: number) => (joined.get(line) ?? matches.get(line))?.id
  parts.begin()
  for (let at = 0; at < good.length; ) {
    const part = good.slice(at, at + parts.size())
    at += part.length
    await parts.do((tx) => check.add(tx, deps, schemeId, part, memberIdOf))
  }
  return check
}

async function paidReport(
  check: PaidCheck,
  parts: Parts,
  schemeId: string,
  change: OpenChange | undefined,
): Promise<ImportReport['paid']> {
  const report = check.report()
  if (report === undefined || change === undefined) return report
  const written = await parts.once((tx) => sumListed(tx, schemeId, change.id))
  return { ...report, written: written.payments === 0 ? null : written }
}

/** Stores the rows for a job, in the order in which they would be written. */
async function storeRows(
  deps: ImportDeps,
  { schemeId, options, keys, packed }: CheckedImport,
  parts: Parts,
  { match, isGood }: { readonly match: Matches; readonly isGood: (line: number) => boolean },
): Promise<void> {
  const { matches, joined, aside, moves } = match
  const givenTo = numbersGiven(keys, match)
  const moveOf = new Map(moves.map((move) => [move.line, move]))
  parts.begin()
  for await (const { rows, isJoined } of createPlanner(schemeId, match, keys, deps.newId).batches(
    packed,
    isGood,
    parts.size,
  )) {
    const prepared = rows.map((row): PreparedRow => {
      const memberId = (isJoined ? joined : matches).get(row.line)?.id ?? null
      const given = givenTo.get(memberId ?? '')
      const move = moveOf.get(row.line)
      return {
        row,
        ...(given === undefined ? {} : { given: [...given] }),
        memberId,
        isJoined,
        isAside: aside.has(row.line),
        notice: move?.kind ?? null,
        isLeaving: move?.isLeaving === true,
      }
    })
    await parts.do(async (tx) => options.store?.storeRows(tx, prepared))
  }
}

const NO_CHANGES = { created: 0, updated: 0, unchanged: 0 }

/** Plans what the rows change, batch by batch, and writes it. */
async function writeRows(
  deps: ImportDeps,
  { schemeId, actor, source, keys, packed, progress, options }: CheckedImport,
  parts: Parts,
  what: {
    readonly match: Matches
    readonly isGood: (line: number) => boolean
    /** When false, changes are only counted. */
    readonly isWritten: boolean
  },
) {
  const { match, isGood, isWritten } = what
  const good = keys.filter(({ line }) => isGood(line)).length
  const figures = { ...NO_CHANGES }
  let change: OpenChange | undefined
  let analyzed = 0
  let done = 0
  /** Refreshes the planner statistics each time that the list has doubled. */
  const analyze = async (tx: Tx) => {
    if (figures.created < 2 * analyzed) return
    analyzed = figures.created
    await refreshStatistics(tx, figures.created)
  }
  const planner = createPlanner(schemeId, match, keys, deps.newId)
  parts.begin()
  for await (const batch of planner.batches(packed, isGood, parts.size)) {
    await parts.do(async (tx) => {
      const planned = await planner.plan(tx, batch)
      const { payments } = options
      const due = payments === undefined ? [] : await planner.paid(tx, deps, payments, batch)
      const plan = withPaid(planned, due)
      figures.created += plan.created.length
      figures.updated += plan.touched.length
      figures.unchanged += plan.unchanged
      if (!isWritten || plan.created.length + plan.touched.length === 0) return
      if (change === undefined) {
        const kind = { kind: 'import', actor, note: source.fileName } as const
        change = await openChange(tx, deps, schemeId, { ...kind, unfinished: parts.inParts })
        parts.onChange?.(change)
      }
      await writePlan(tx, deps, schemeId, plan, {
        change,
        author: { by: actorName(actor), byName: personName(actor) },
        paid: payments && { ...payments, due, list: source.fileName },
        onMembers: async () => {
          if (!parts.inParts) await analyze(tx)
        },
      })
    })
    if (isWritten && parts.inParts && figures.created >= 2 * analyzed) await parts.once(analyze)
    done += batch.rows.length
    if (isWritten) progress('write', done, good)
  }
  // Called last: ANALYZE locks its tables against another ANALYZE until the end of the transaction.
  if (isWritten) await parts.once((tx) => refreshStatistics(tx, figures.created + figures.updated))
  return { ...figures, change }
}

/** Finishes the import with its last rows: notices, the imported source, the audit entry. */
async function finishImport(
  tx: Tx,
  deps: ImportDeps,
  { schemeId, actor, source, options }: CheckedImport,
  what: {
    readonly change: OpenChange | undefined
    readonly moves: readonly Move[]
    readonly report: ImportReport
  },
): Promise<void> {
  const { change, moves, report } = what
  const by = actorName(actor)
  if (change !== undefined) {
    await finishChange(tx, deps, schemeId, { change, moves, by })
    const { welcome: channel } = options
    if (channel !== undefined) await planWelcome(tx, deps, schemeId, { changeId: change.id, channel, actor })
  }
  await options.onApplied?.(tx, change?.id ?? null, report)
  await auditImport(tx, deps, schemeId, { by, sha256: source.sha256, report })
}

function unknownColumns(header: TableRow, columns: Columns): ImportRemark[] {
  return columns.unknown.map((index) => {
    const name = columns.headers[index] ?? ''
    return {
      line: header.line,
      column: name,
      index,
      code: 'import.unknown_column',
      value: null,
      values: { name },
    }
  })
}

function otherSheets({ header, otherSheets: others }: ImportSource): ImportRemark[] {
  if (others === undefined || others.names.length === 0) return []
  const values = { sheet: others.sheet, names: others.names.join(', ') }
  return [{ line: header.line, column: null, index: null, code: 'import.other_sheets', value: null, values }]
}

function asideRemark(line: number): ImportRemark {
  return { line, column: null, index: null, code: 'import.aside', value: null, values: {} }
}

/** Rows written together when everything is one transaction. */
const WRITTEN = 2000

/** Unpacks the wanted rows, in batches for writing. @param size returns the size of the next batch */
async function* unpackRows(
  packed: readonly Buffer[],
  isWanted: (line: number) => boolean,
  size: () => number,
): AsyncGenerator<readonly MemberRow[]> {
  const rows: MemberRow[] = []
  for (const part of packed) {
    rows.push(...(JSON.parse(part.toString()) as MemberRow[]).filter(({ line }) => isWanted(line)))
    while (rows.length >= size()) {
      yield rows.splice(0, size())
      await setImmediate()
    }
  }
  if (rows.length > 0) yield rows
}

/** Creates a planner that plans the changes batch by batch; rows that identify a member through a merged one come last. */
function createPlanner(
  schemeId: string,
  { matches, joined, aside }: Matches,
  keys: readonly RowKeys[],
  newId: () => string,
) {
  const givenTo = numbersGiven(keys, { matches, joined })
  /** The contacts planned so far of members of joined rows. */
  const planned = new Map<string, ContactRow[]>()
  const memberIdIn =
    ({ isJoined }: Batch) =>
    ({ line }: MemberRow) =>
      (isJoined ? joined : matches).get(line)?.id
  const keep = (contacts: readonly ContactRow[]) => {
    for (const contact of contacts) {
      if (!givenTo.has(contact.memberId)) continue
      planned.set(contact.memberId, [...(planned.get(contact.memberId) ?? []), contact])
    }
  }
  return {
    /** The rows in the order in which they are written. */
    async *batches(
      packed: readonly Buffer[],
      isGood: (line: number) => boolean,
      size: () => number,
    ): AsyncGenerator<Batch> {
      const alone = (line: number) => isGood(line) && !joined.has(line)
      for await (const rows of unpackRows(packed, alone, size)) yield { rows, isJoined: false }
      if (joined.size === 0) return
      const together = (line: number) => isGood(line) && joined.has(line)
      for await (const rows of unpackRows(packed, together, size)) yield { rows, isJoined: true }
    },
    /** Plans the changes of a batch, from the current members. */
    async plan(tx: Tx, batch: Batch): Promise<ImportPlan> {
      const plan = await planBatch(tx, schemeId, batch, {
        memberIdOf: memberIdIn(batch),
        isAside: ({ line }) => aside.has(line),
        givenTo,
        plannedOf: (id) => planned.get(id) ?? [],
        newId,
      })
      keep([...plan.changedContacts, ...plan.newContacts])
      return plan
    },
    /** Lists the payments that a batch brings. */
    paid(tx: Tx, deps: Pick<Deps, 'now'>, payments: ListedPayments, batch: Batch): Promise<ListedPayment[]> {
      const taken = batch.rows.filter(({ line }) => !aside.has(line))
      return findPaid(tx, deps, schemeId, taken, { year: payments.year, memberIdOf: memberIdIn(batch) })
    },
  }
}

/** Returns all numbers that the list gives each member of joined rows, on any of its rows. */
function numbersGiven(
  keys: readonly RowKeys[],
  { matches, joined }: Pick<Matches, 'matches' | 'joined'>,
): ReadonlyMap<string, ReadonlySet<string>> {
  const givenTo = new Map([...joined.values()].map(({ id }) => [id, new Set<string>()]))
  if (givenTo.size === 0) return givenTo
  for (const row of keys) {
    const given = givenTo.get((matches.get(row.line) ?? joined.get(row.line))?.id ?? '')
    for (const phone of row.phones) given?.add(phone)
  }
  return givenTo
}

/** Counts the rows whose charter is signed, but not when: those that an answer dates, and the others. */
class SaidCharters {
  #undated: ImportReport['undatedCharters']
  readonly #dated = new Map<string, { answer: string; as: string; rows: number }>()

  add({ line, as, joinedOn, answer }: SaidCharter): void {
    if (answer === undefined) {
      const { rows, joined, ...first } = this.#undated ?? { rows: 0, joined: 0, line, as }
      this.#undated = { rows: rows + 1, joined: joined + (joinedOn === null ? 0 : 1), ...first }
      return
    }
    const known = this.#dated.get(answer)
    if (known === undefined) this.#dated.set(answer, { answer, as, rows: 1 })
    else known.rows++
  }

  listed(): Pick<ImportReport, 'undatedCharters' | 'datedCharters'> {
    const dated = [...this.#dated.values()].slice(0, MAX_ANSWERED)
    return {
      ...(this.#undated !== undefined && { undatedCharters: this.#undated }),
      ...(dated.length > 0 && { datedCharters: dated }),
    }
  }
}

/** Counts the rows that each answer of the scheme was used for. */
class AnsweredCells {
  readonly #byKey = new Map<string, CellOfKey & { rows: number }>()

  add(cells: readonly CellOfKey[]): void {
    for (const { kind, written, as } of cells) {
      const known = this.#byKey.get(`${kind} ${written}`)
      if (known === undefined) this.#byKey.set(`${kind} ${written}`, { kind, written, as, rows: 1 })
      else known.rows++
    }
  }

  /** Lists the answers, those of the most rows first. */
  listed(): NonNullable<ImportReport['answered']> {
    return [...this.#byKey.values()].sort((a, b) => b.rows - a.rows).slice(0, MAX_ANSWERED)
  }
}

/** Counts the rows that each guess was used for; a text that no answer is remembered for is left out. */
class GuessedCells {
  readonly #byKey = new Map<string, GuessedCell & { rows: number }>()

  add(cells: readonly GuessedCell[]): void {
    for (const cell of cells) {
      const { kind, written } = cell
      const known = this.#byKey.get(`${kind} ${written}`)
      if (known !== undefined) known.rows++
      else if (isRememberable(cell)) this.#byKey.set(`${kind} ${written}`, { ...cell, rows: 1 })
    }
  }

  /** Lists the guesses, those of the most rows first. */
  listed(): NonNullable<ImportReport['guessed']> {
    return [...this.#byKey.values()].sort((a, b) => b.rows - a.rows).slice(0, MAX_ANSWERED)
  }
}

/** Maximum number of answers listed. */
const MAX_ANSWERED = 200

/** A list of remarks, limited in size, with full counts and the lines concerned. */
class Remarks {
  readonly lines = new Set<number>()
  /** The lines with a remark that has no proposals and is no question. */
  readonly closed = new Set<number>()
  count = 0
  readonly #kept: ImportRemark[] = []

  add(remarks: readonly ImportRemark[]): void {
    for (const remark of remarks) {
      this.lines.add(remark.line)
      if (!isQuestion(remark) && (remark.proposals ?? []).length === 0) this.closed.add(remark.line)
      this.count++
      if (this.#kept.length < MAX_LISTED) this.#kept.push(remark)
    }
  }

  listed(): ImportRemark[] {
    return this.#kept.toSorted((a, b) => a.line - b.line)
  }
}

/** Reads the scheme's trades and the user's, which rows are checked against. @throws AppError `unknown_scheme` */
async function readTrades(tx: Tx, schemeId: string, only: MemberScope) {
  const scheme = await findSchemeRules(tx, schemeId)
  if (scheme === undefined) throw new AppError('unknown_scheme', { values: { scheme: schemeId } })
  const { true: trades = [], false: tradesOfOthers = [] } = Object.groupBy(scheme.trades, (trade) =>
    (only.trades?.includes(trade) ?? true) ? 'true' : 'false',
  )
  return { territory: scheme.territory, trades, tradesOfOthers, ownTrades: scheme.ownTrades }
}

/** Lists the columns that an upload still lacks. @throws AppError `unknown_scheme` */
export async function findMissingColumns(
  tx: Tx,
  schemeId: string,
  only: MemberScope,
  columns: Columns,
): Promise<string[]> {
  const { trades } = await readTrades(tx, schemeId, only)
  return missingColumns(columns, trades.length > 1)
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

/** Reads what a row that names these communes is checked against. @throws AppError `unknown_scheme` */
export async function readRowFacts(
  tx: Tx,
  schemeId: string,
  only: MemberScope,
  wanted: WantedCommunes,
  now: Date,
): Promise<RowFacts> {
  const trades = await readTrades(tx, schemeId, only)
  return readFacts(tx, schemeId, only, { ...trades, ...daysOf(now) }, wanted)
}

async function readFacts(
  tx: Tx,
  schemeId: string,
  only: MemberScope,
  {
    territory,
    ...known
  }: Awaited<ReturnType<typeof readTrades>> & Pick<RowFacts, 'latestJoining' | 'today' | 'charterOn'>,
  wanted: WantedCommunes,
): Promise<RowFacts> {
  const { codes: answers } = await listCellAnswers(tx, schemeId, only)
  const codes = [...wanted.codes, ...answers.commune.values()]
  const tags = await tx
    .selectFrom('memberTags')
    .select('name')
    .where('schemeId', '=', schemeId)
    .where('removedAt', 'is', null)
    .execute()
  return {
    ...known,
    answers,
    tags: { known: new Set(tags.map(({ name }) => name.toLowerCase())), most: MAX_TAGS },
    communes: await readCommuneFacts(tx, territory, { ...wanted, codes }),
  }
}

/** Tells whether a cell may be answered by a commune, which is in the territory, a trade, which is one of the user's, or a status. */
export async function isAnswerAllowed(
  tx: Tx,
  schemeId: string,
  only: MemberScope,
  kind: CellKind,
  answer: string,
): Promise<boolean> {
  if (kind === 'status') return MemberStatusName.safeParse(answer).success
  const { trades, territory } = await readTrades(tx, schemeId, only)
  if (kind === 'trade') return trades.includes(answer)
  const { byCode } = await readCommuneFacts(tx, territory, { codes: [answer], names: [], postalCodes: [] })
  return byCode.get(answer)?.inside === true
}

/** Collects every commune that some row may refer to. */
class CommuneNames {
  readonly #columns: Columns
  readonly #codes = new Set<string>()
  readonly #names = new Set<string>()
  readonly #postalCodes = new Set<string>()
  constructor(columns: Columns) {
    this.#columns = columns
  }

  add(rows: readonly TableRow[]): void {
    const { business } = this.#columns
    const hasOwn = [business.insee, business.postalCode, business.commune].some((one) => one !== undefined)
    for (const { cells } of rows) {
      const cell = (field: BusinessField) => (cells[business[field] ?? -1] ?? '').trim()
      this.#take(this.#codes, parseInseeCode(cell('insee')))
      this.#take(this.#postalCodes, parsePostalCode(cell('postalCode')))
      const { name, code } = splitCommuneCell(
        hasOwn ? cell('commune') : splitAddress(cell('address')).commune,
      )
      this.#take(this.#names, communeKey(name))
      this.#take(this.#codes, code)
      this.#take(this.#postalCodes, code)
    }
  }

  #take(into: Set<string>, found: string | undefined): void {
    if (found !== undefined && found !== '') into.add(found)
  }

  all(): { codes: string[]; names: string[]; postalCodes: string[] } {
    return { codes: [...this.#codes], names: [...this.#names], postalCodes: [...this.#postalCodes] }
  }
}
