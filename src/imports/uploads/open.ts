import { findRepeated } from '../../audit/repeat.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { splitIntoChunks } from '../../members/store.ts'
import { actorName, authorize } from '../../permissions.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import { isWithoutTitles } from '../import/columns/header.ts'
import { isZip } from '../import/file/decode.ts'
import { type FileSource, openFile } from '../import/file/source.ts'
import type { TableRow } from '../import/file/table.ts'
import { getUpload } from './actions.ts'
import { checkUpload } from './check.ts'
import { columnsFor, NO_HEADER } from './columns.ts'
import type { UploadView } from './contract.ts'
import {
  deleteIdleUpload,
  deleteRows,
  findAnyUpload,
  insertRows,
  isInState,
  listIdleUploads,
  lockUpload,
  type Upload,
} from './store.ts'
import { getUploadRow, type UploadDeps, type UploadOwner, updateUpload } from './upload.ts'

/** Maximum number of open uploads per user; the oldest are deleted. */
const MAX_OPEN = 5

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

async function dropOldest(tx: Tx, schemeId: string, owner: string): Promise<void> {
  for (const id of await listIdleUploads(tx, schemeId, owner, MAX_OPEN - 1))
    await deleteIdleUpload(tx, schemeId, id)
}
