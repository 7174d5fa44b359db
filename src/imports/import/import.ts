import type { ListedPayments } from '../../dues/bulk/contract.ts'
import { findToday } from '../../dues/ledger/ledger.ts'
import { AppError } from '../../errors.ts'
import { memberScopeOf } from '../../members/actions.ts'
import type { ImportReport } from '../../members/contract.ts'
import { type Actor, authorize } from '../../permissions.ts'
import { inScheme } from '../../platform/db.ts'
import { daysOf, readFacts, readTrades } from './check/facts.ts'
import { type CheckedImport, checkRows, otherSheets, readCommuneNames, unknownColumns } from './check/rows.ts'
import { assignColumns } from './columns/assign.ts'
import { columnsOf, requireColumns } from './columns/columns.ts'
import { type ImportSource, openFile } from './file/source.ts'
import { findMatches } from './match/find.ts'
import type { Answer } from './match/match.ts'
import type { ImportDeps, Progress, RunOptions } from './options.ts'
import { type Parts, runInOneTransaction, runInParts } from './parts.ts'
import { createReport, judgeImport } from './report.ts'
import { checkPaid, reportPaid, requirePayable } from './write/payments.ts'
import { finishImport, NO_CHANGES, writeRows } from './write/rows.ts'
import { storeRows } from './write/store.ts'

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

/**
 * Imports the members of a scheme: all rows or none, unless `skipBad`. The columns are recognised (`columns/`), each row is checked
 * (`check/`) and matched with the members (`match/`), and the changes are planned and written (`write/`). A row that identifies a member (by SIRET, else by a
 * number of its own, else by the same name in the same commune) updates it, and an empty cell erases nothing; other rows
 * become new members. If a row shares only a number with a member, a user must decide whether they are the same. Everything
 * is written in one transaction, as a change that can be undone (`changes/undo.ts`), with its audit entry (counts and the file's SHA-256).
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
  const isInParts = deps.database.embedded || options.store !== undefined
  const runWork = isInParts ? runInParts : runInOneTransaction
  return runWork(deps, run, (parts) => matchAndWrite(deps, run, parts))
}

/** Matches the checked rows with the members, and writes what they change, or stores them for a job, unless they are refused. */
async function matchAndWrite(deps: ImportDeps, run: CheckedImport, parts: Parts): Promise<ImportReport> {
  const { schemeId, options, problems, warnings } = run
  const match = await findMatches(run, parts)
  problems.add(match.problems)
  warnings.add(match.warnings)
  const paid = await checkPaid(deps, run, parts, match)
  warnings.add(paid.remarks())

  const verdict = judgeImport(run, match)
  const { outcome, isGood, moves } = verdict
  const isStored = outcome === 'applied' && options.store !== undefined
  if (isStored) await storeRows(deps, run, parts, { match, isGood })
  const { change, ...figures } =
    outcome === 'refused' || isStored
      ? { ...NO_CHANGES, change: undefined }
      : await writeRows(deps, run, parts, { match, isGood, isWritten: outcome === 'applied' })

  const report = createReport(run, {
    verdict,
    match,
    figures,
    paid: await reportPaid(paid, parts, schemeId, change),
  })
  if (isStored) await parts.once(async (tx) => options.store?.finish(tx, report))
  else if (outcome === 'applied')
    await parts.once((tx) => finishImport(tx, deps, run, { change, moves, report }))
  return report
}
