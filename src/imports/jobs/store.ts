import { type Selectable, sql } from 'kysely'
import { markJsonForSealing, readSealedJson } from '../../cipher/marked.ts'
import type { Tx } from '../../platform/db.ts'
import type { Schema } from '../../schema.ts'
import type { PreparedContent, PreparedRow } from '../import/write/prepared.ts'

export type ImportJob = Selectable<Schema['memberImportJobs']>

/** The list that a job imports. */
export interface JobKey {
  readonly schemeId: string
  readonly importId: string
}

export async function findJob(tx: Tx, { schemeId, importId }: JobKey): Promise<ImportJob | undefined> {
  return tx
    .selectFrom('memberImportJobs')
    .selectAll()
    .where('schemeId', '=', schemeId)
    .where('importId', '=', importId)
    .executeTakeFirst()
}

/** Lists the jobs of a scheme by list. */
export async function listJobs(tx: Tx, schemeId: string): Promise<ReadonlyMap<string, ImportJob>> {
  const jobs = await tx.selectFrom('memberImportJobs').selectAll().where('schemeId', '=', schemeId).execute()
  return new Map(jobs.map((job) => [job.importId, job]))
}

export async function insertJob(
  tx: Tx,
  { schemeId, importId }: JobKey,
  { payments, ...values }: Pick<ImportJob, 'changeId' | 'stateNo' | 'startedAt' | 'payments'>,
): Promise<void> {
  await tx
    .insertInto('memberImportJobs')
    .values({
      ...{ schemeId, importId, ...values, touchedAt: values.startedAt },
      payments: payments === null ? null : JSON.stringify(payments),
    })
    .execute()
}

/** Changes a job that has not ended. @returns whether there is one: its list may have another job by now */
export async function updateJob(
  tx: Tx,
  { schemeId, importId, changeId }: JobKey & Pick<ImportJob, 'changeId'>,
  values: Partial<Omit<ImportJob, 'schemeId' | 'importId' | 'changeId' | 'payments'>>,
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('memberImportJobs')
    .set(values)
    .where('schemeId', '=', schemeId)
    .where('importId', '=', importId)
    .where('changeId', '=', changeId)
    .where('endedAt', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** Deletes a job and its rows. */
export async function deleteJob(tx: Tx, { schemeId, importId }: JobKey): Promise<void> {
  await tx
    .deleteFrom('memberImportJobs')
    .where('schemeId', '=', schemeId)
    .where('importId', '=', importId)
    .execute()
}

/** Deletes a job whose rows are not all stored, and its rows. @returns whether there was one */
export async function deleteUnreadyJob(
  tx: Tx,
  { schemeId, importId }: JobKey,
  changeId: string,
): Promise<boolean> {
  const { numDeletedRows } = await tx
    .deleteFrom('memberImportJobs')
    .where('schemeId', '=', schemeId)
    .where('importId', '=', importId)
    .where('changeId', '=', changeId)
    .where('isReady', '=', false)
    .executeTakeFirst()
  return numDeletedRows > 0n
}

/** Deletes the job of a list if it failed: its failure no longer concerns the list as it is now. */
export async function deleteFailedJob(tx: Tx, { schemeId, importId }: JobKey): Promise<void> {
  await tx
    .deleteFrom('memberImportJobs')
    .where('schemeId', '=', schemeId)
    .where('importId', '=', importId)
    .where('endedAt', 'is not', null)
    .execute()
}

/** Stores rows in the order in which they will be written. @param from the position of the first, counted from 1 */
export async function insertJobRows(
  tx: Tx,
  { schemeId, importId }: JobKey,
  from: number,
  rows: readonly PreparedRow[],
): Promise<void> {
  const contents = rows.map(({ row, given }) =>
    markJsonForSealing(schemeId, 'upload', {
      row,
      ...(given === undefined ? {} : { given }),
    } satisfies PreparedContent),
  )
  await sql`
    insert into member_import_job_rows (scheme_id, import_id, position, content, member_id, is_joined, is_aside, notice, is_leaving)
    select ${schemeId}, ${importId}::uuid, r.n + ${from - 1}, r.content, r.member_id, r.is_joined, r.is_aside, r.notice, r.is_leaving
    from unnest(${contents}::jsonb[], ${rows.map(({ memberId }) => memberId)}::uuid[],
      ${rows.map(({ isJoined }) => isJoined)}::boolean[], ${rows.map(({ isAside }) => isAside)}::boolean[],
      ${rows.map(({ notice }) => notice)}::text[], ${rows.map(({ isLeaving }) => isLeaving)}::boolean[])
      with ordinality as r (content, member_id, is_joined, is_aside, notice, is_leaving, n)`.execute(tx)
}

/** Lists the next rows to write, in order. */
export async function listJobRows(
  tx: Tx,
  { schemeId, importId }: JobKey,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<(PreparedRow & { readonly position: number })[]> {
  const rows = await tx
    .selectFrom('memberImportJobRows')
    .select(['position', 'content', 'memberId', 'isJoined', 'isAside', 'notice', 'isLeaving'])
    .where('schemeId', '=', schemeId)
    .where('importId', '=', importId)
    .where('position', '>', after)
    .orderBy('position')
    .limit(limit)
    .execute()
  return rows.map(({ content, ...row }) => ({ ...row, ...readSealedJson<PreparedContent>(content) }))
}

/** Deletes the written rows up to a position, but those whose members are to be notified at the end. */
export async function deleteWrittenRows(
  tx: Tx,
  { schemeId, importId }: JobKey,
  position: number,
): Promise<void> {
  await tx
    .deleteFrom('memberImportJobRows')
    .where('schemeId', '=', schemeId)
    .where('importId', '=', importId)
    .where('position', '<=', position)
    .where('notice', 'is', null)
    .execute()
}

/** Lists the members that are notified when the import is finished. */
export async function listMoves(tx: Tx, { schemeId, importId }: JobKey) {
  const rows = await tx
    .selectFrom('memberImportJobRows')
    .select(['memberId', 'notice', 'isLeaving'])
    .where('schemeId', '=', schemeId)
    .where('importId', '=', importId)
    .where('notice', 'is not', null)
    .execute()
  return rows.flatMap(({ memberId, notice, isLeaving }) =>
    memberId === null || notice === null ? [] : [{ memberId, kind: notice, isLeaving }],
  )
}

/** Deletes all rows of a job. */
export async function deleteJobRows(tx: Tx, { schemeId, importId }: JobKey): Promise<void> {
  await tx
    .deleteFrom('memberImportJobRows')
    .where('schemeId', '=', schemeId)
    .where('importId', '=', importId)
    .execute()
}
