import { sql } from 'kysely'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { actorName, authorize } from '../../permissions.ts'
import { inScheme } from '../../platform/db.ts'
import { listJobs } from '../jobs/store.ts'
import type { UploadSummary, UploadView } from './contract.ts'
import { deleteIdleUpload } from './store.ts'
import { getUploadRow, type UploadDeps, type UploadOwner } from './upload.ts'
import { jobView, toUploadView } from './view.ts'

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

/** Returns an upload. @throws AppError `not_found` */
export async function getUpload(deps: UploadDeps, requester: UploadOwner, id: string): Promise<UploadView> {
  const upload = await getUploadRow(deps, requester, id)
  return inScheme(deps.db, requester.schemeId, (tx) => toUploadView(tx, deps, requester, upload))
}

/** Deletes an upload that is not to be imported. @throws AppError `not_found`, `import_running` */
export async function dropUpload(deps: UploadDeps, requester: UploadOwner, id: string): Promise<void> {
  await getUploadRow(deps, requester, id)
  const isGone = await inScheme(deps.db, requester.schemeId, (tx) =>
    deleteIdleUpload(tx, requester.schemeId, id),
  )
  if (!isGone) throw new AppError('import_running')
}
