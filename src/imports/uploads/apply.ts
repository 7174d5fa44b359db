import { openChange } from '../../changes/record.ts'
import { AppError } from '../../errors.ts'
import type { ImportReport } from '../../members/contract.ts'
import { lockMemberList } from '../../members/store.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import { runImport } from '../import/import.ts'
import { abandonJob } from '../jobs/run.ts'
import { deleteFailedJob, findJob, insertJob, insertJobRows, updateJob } from '../jobs/store.ts'
import { getUpload } from './actions.ts'
import { shorten, storeReport } from './check.ts'
import type { ApplyUpload, UploadReport, UploadView } from './contract.ts'
import { deleteRows, findUpload, type Upload } from './store.ts'
import {
  answersOf,
  getOpenUpload,
  outdatedError,
  toImportSource,
  type UploadDeps,
  type UploadOwner,
} from './upload.ts'

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
