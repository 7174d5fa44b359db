import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import type { Lang } from '../../i18n/format.ts'
import { type Actor, actorName, authorize } from '../../permissions.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import { type ColumnField, isColumnField } from '../import/columns/fields.ts'
import { HEADER_ROWS } from '../import/columns/header.ts'
import type { ImportSource } from '../import/file/source.ts'
import type { TableRow } from '../import/file/table.ts'
import type { ImportDeps } from '../import/options.ts'
import { deleteFailedJob, findJob } from '../jobs/store.ts'
import { findUpload, listAnswers, listKeptRows, listRows, lockUpload, type Upload } from './store.ts'

export type UploadDeps = ImportDeps

/** The user, the scheme, and the language of an upload request. */
export interface UploadOwner {
  readonly actor: Actor
  readonly schemeId: string
  /** Language of the returned texts. */
  readonly lang: Lang
}

/** Rows read at a time. */
const PAGE = 1000

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

export async function updateUpload(
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
export function toImportSource(deps: Pick<Deps, 'db'>, upload: Upload): ImportSource {
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

export function answersOf(deps: Pick<Deps, 'db'>, { schemeId, id }: Upload) {
  return inScheme(deps.db, schemeId, (tx) => listAnswers(tx, schemeId, id))
}

/** Lists the first lines, one of which is the header. */
export function listFirstLines(tx: Tx, { schemeId, id }: Upload) {
  return listRows(tx, schemeId, id, { which: 'all', after: 0, limit: HEADER_ROWS })
}

/** Returns the error that explains why nothing is written. */
export async function outdatedError(tx: Tx, { schemeId, id }: Upload): Promise<AppError> {
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
