import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { memberScopeOf } from '../../members/actions.ts'
import type { ImportRemark, ImportReport } from '../../members/contract.ts'
import { actorName, authorize } from '../../permissions.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import { findMissingColumns } from '../import/check/facts.ts'
import { columnsOf } from '../import/columns/columns.ts'
import { runImport } from '../import/import.ts'
import type { UploadReport, UploadView } from './contract.ts'
import { findUpload, type Upload, withoutCell, writeProblems } from './store.ts'
import {
  answersOf,
  fieldsOf,
  getOpenUpload,
  headerOf,
  lockForChange,
  toImportSource,
  type UploadDeps,
  type UploadOwner,
} from './upload.ts'
import { toUploadView } from './view.ts'

/** Maximum number of warnings returned; all are counted. */
const MAX_WARNINGS = 200

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

export function shorten({ problems: _, warnings, ...report }: ImportReport): UploadReport {
  const first = warnings.toSorted((a, b) => warningOrder(a) - warningOrder(b))
  return { ...report, warnings: first.slice(0, MAX_WARNINGS).map(withoutCell) }
}

/** Warnings about members come before those about the text of a cell. */
function warningOrder({ code }: ImportRemark): number {
  if (code.startsWith('import.leaving_')) return 0
  return code.startsWith('import.') && code !== 'import.unknown_column' ? 1 : 2
}

/** Stores the result of a check; does nothing if the upload changed, or a newer check started. */
export async function storeReport(
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
