import { type Selectable, sql } from 'kysely'
import { markJsonForSealing, readSealedJson } from '../../cipher/marked.ts'
import type { ImportRemark } from '../../members/contract.ts'
import { splitIntoChunks } from '../../members/store.ts'
import { HOUR_MS } from '../../message/clock.ts'
import type { Tx } from '../../platform/db.ts'
import type { Schema } from '../../schema.ts'
import type { TableRow } from '../import/file/table.ts'
import { type Answer, type Decision, QUESTIONS } from '../import/match/match.ts'
import { UPLOAD_HOURS, type UploadRowQuery } from './contract.ts'

export type Upload = Selectable<Schema['memberImports']>
type StoredRow = Selectable<Schema['memberImportRows']>
export type UploadedRow = Omit<StoredRow, 'cells'> & { readonly cells: string[] }

/** Returns a row with its cells. */
export function toRow<T extends Pick<StoredRow, 'cells'>>(
  row: T,
): Omit<T, 'cells'> & { readonly cells: string[] } {
  return { ...row, cells: readSealedJson(row.cells) }
}

/** A problem that waits for a decision: it has members among which to choose (`isQuestion`). */
const QUESTION_PATH = `$[*] ? (exists (@.proposals[*]) && (${QUESTIONS.map((code) => `@.code == "${code}"`).join(' || ')}))`

/** Rows that need a decision, with or without other problems. */
const needsAnswer = sql<boolean>`jsonb_path_exists(problems, ${QUESTION_PATH}::text::jsonpath)`

/** Finds one of the user's own uploads. */
export async function findUpload(
  tx: Tx,
  schemeId: string,
  owner: string,
  id: string,
): Promise<Upload | undefined> {
  return tx
    .selectFrom('memberImports')
    .selectAll()
    .where('schemeId', '=', schemeId)
    .where('id', '=', id)
    .where('owner', '=', owner)
    .executeTakeFirst()
}

/** Finds an upload of any user. */
export async function findAnyUpload(tx: Tx, schemeId: string, id: string): Promise<Upload | undefined> {
  return tx
    .selectFrom('memberImports')
    .selectAll()
    .where('schemeId', '=', schemeId)
    .where('id', '=', id)
    .executeTakeFirst()
}

/** Returns whether an upload is as it was read; if so, it stays so until the transaction ends. */
export async function isInState(tx: Tx, { schemeId, id, stateNo }: Upload): Promise<boolean> {
  const row = await tx
    .selectFrom('memberImports')
    .select('id')
    .where('schemeId', '=', schemeId)
    .where('id', '=', id)
    .where('stateNo', '=', stateNo)
    .forShare()
    .executeTakeFirst()
  return row !== undefined
}

export async function deleteRows(tx: Tx, { schemeId, id }: Pick<Upload, 'schemeId' | 'id'>): Promise<void> {
  await tx
    .deleteFrom('memberImportRows')
    .where('schemeId', '=', schemeId)
    .where('importId', '=', id)
    .execute()
}

/** Inserts rows in one statement; callers pass a chunk. */
export async function insertRows(
  tx: Tx,
  schemeId: string,
  importId: string,
  rows: readonly TableRow[],
): Promise<void> {
  const cells = rows.map((row) => markJsonForSealing(schemeId, 'upload', row.cells))
  await sql`
    insert into member_import_rows (scheme_id, import_id, line, cells)
    select ${schemeId}, ${importId}::uuid, r.line, r.cells
    from unnest(${rows.map(({ line }) => line)}::integer[], ${cells}::jsonb[]) as r (line, cells)`.execute(tx)
}

/** Stores the answer that dates the charters of rows, in one statement; callers pass a chunk. */
export async function storeCharterAnswer(
  tx: Tx,
  { schemeId, id }: Pick<Upload, 'schemeId' | 'id'>,
  answer: string,
  lines: readonly number[],
): Promise<void> {
  await sql`
    update member_import_rows set charter_answer = ${answer}
    where scheme_id = ${schemeId} and import_id = ${id}::uuid and line = any (${lines}::integer[])`.execute(
    tx,
  )
}

/** Removes an answer that dates charters from the rows that have it; all such answers if none is given. */
export async function deleteCharterAnswers(
  tx: Tx,
  { schemeId, id }: Pick<Upload, 'schemeId' | 'id'>,
  answer?: string,
): Promise<void> {
  await sql`
    update member_import_rows set charter_answer = null
    where scheme_id = ${schemeId} and import_id = ${id}::uuid
      and charter_answer = coalesce(${answer ?? null}, charter_answer)`.execute(tx)
}

/** Condition on `member_imports`: no job is writing it. */
const isIdle = sql<boolean>`not exists (
  select from member_import_jobs j
  where j.scheme_id = member_imports.scheme_id and j.import_id = member_imports.id and j.ended_at is null)`

/**
 * Locks an upload to change or check it: later readers and writers wait for this transaction, and checks that started earlier
 * become void.
 * @returns its current state; undefined if it was imported or deleted, or is being imported
 */
export async function lockUpload(
  tx: Tx,
  { schemeId, id }: Pick<Upload, 'schemeId' | 'id'>,
  set: { touchedAt: Date; report?: null },
): Promise<Upload | undefined> {
  return tx
    .updateTable('memberImports')
    .set((eb) => ({ ...set, stateNo: eb('stateNo', '+', 1) }))
    .where('schemeId', '=', schemeId)
    .where('id', '=', id)
    .where('appliedAt', 'is', null)
    .where(isIdle)
    .returningAll()
    .executeTakeFirst()
}

/** Counts the rows below the header, and deletes what was found and answered about rows before. */
export async function resetRowsBelowHeader(
  tx: Tx,
  schemeId: string,
  importId: string,
  headerLine: number,
): Promise<number> {
  await sql`update member_import_rows
    set problems = null, decision = null, charter_answer = null, dropped = dropped and line > ${headerLine}
    where scheme_id = ${schemeId} and import_id = ${importId}::uuid
      and (problems is not null or decision is not null or charter_answer is not null or dropped)`.execute(tx)
  const { rows } = await sql<{ rows: number }>`select count(*)::int as rows from member_import_rows
    where scheme_id = ${schemeId} and import_id = ${importId}::uuid and line > ${headerLine}`.execute(tx)
  return rows[0]?.rows ?? 0
}

/** Lists rows that are not dropped, after a line. */
export async function listKeptRows(
  tx: Tx,
  schemeId: string,
  importId: string,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<TableRow[]> {
  const rows = await tx
    .selectFrom('memberImportRows')
    .select(['line', 'cells', 'charterAnswer'])
    .where('schemeId', '=', schemeId)
    .where('importId', '=', importId)
    .where('line', '>', after)
    .where('dropped', '=', false)
    .orderBy('line')
    .limit(limit)
    .execute()
  return rows.map(toRow)
}

export async function listRows(
  tx: Tx,
  schemeId: string,
  importId: string,
  { which, after, limit }: UploadRowQuery,
): Promise<UploadedRow[]> {
  let query = tx
    .selectFrom('memberImportRows')
    .selectAll()
    .where('schemeId', '=', schemeId)
    .where('importId', '=', importId)
    .where('line', '>', after)
  if (which === 'bad')
    query = query
      .where('problems', 'is not', null)
      .where('dropped', '=', false)
      .where(sql<boolean>`not ${needsAnswer}`)
  if (which === 'asked')
    query = query.where('dropped', '=', false).where(sql<boolean>`(${needsAnswer} or decision is not null)`)
  if (which === 'dropped') query = query.where('dropped', '=', true)
  return (await query.orderBy('line').limit(limit).execute()).map(toRow)
}

/** Lists the rows that the last check found wrong, with all of their cells. */
export async function listProblemRows(
  tx: Tx,
  { schemeId, id }: Pick<Upload, 'schemeId' | 'id'>,
): Promise<(TableRow & { readonly problems: readonly ImportRemark[] })[]> {
  const rows = await tx
    .selectFrom('memberImportRows')
    .select(['line', 'cells', 'problems'])
    .where('schemeId', '=', schemeId)
    .where('importId', '=', id)
    .where('problems', 'is not', null)
    .where('dropped', '=', false)
    .orderBy('line')
    .execute()
  return rows.map((row) => ({ ...toRow(row), problems: row.problems ?? [] }))
}

/** Removes the content of the cell from a remark: the cells of the row have it, sealed. */
export function withoutCell(remark: ImportRemark): ImportRemark {
  return { ...remark, value: null }
}

/** Stores the problems that a check found, replacing earlier ones. */
export async function writeProblems(
  tx: Tx,
  schemeId: string,
  importId: string,
  problems: readonly ImportRemark[],
): Promise<void> {
  const byLine = [...Map.groupBy(problems, ({ line }) => line)]
  await sql`update member_import_rows set problems = null
    where scheme_id = ${schemeId} and import_id = ${importId}::uuid and problems is not null`.execute(tx)
  for (const part of splitIntoChunks(byLine)) {
    const found = part.map(([line, remarks]) => ({ line, remarks: remarks.map(withoutCell) }))
    await sql`
      update member_import_rows r set problems = f.remarks
      from jsonb_to_recordset(${JSON.stringify(found)}::jsonb) as f (line integer, remarks jsonb)
      where r.scheme_id = ${schemeId} and r.import_id = ${importId}::uuid and r.line = f.line`.execute(tx)
  }
}

/** Counts the dropped rows, and the decided ones among the others. */
export async function countChosen(
  tx: Tx,
  schemeId: string,
  importId: string,
): Promise<{ dropped: number; answered: number }> {
  const { rows } = await sql<{ dropped: number; answered: number }>`
    select (select count(*)::int from member_import_rows
        where scheme_id = ${schemeId} and import_id = ${importId}::uuid and dropped) as dropped,
      (select count(*)::int from member_import_rows
        where scheme_id = ${schemeId} and import_id = ${importId}::uuid and decision is not null and not dropped) as answered`.execute(
    tx,
  )
  return rows[0] ?? { dropped: 0, answered: 0 }
}

/** Lists the decisions by line, each for the members that it was about. */
export async function listAnswers(
  tx: Tx,
  schemeId: string,
  importId: string,
): Promise<(line: number, memberIds: readonly string[]) => Decision | undefined> {
  const rows = await tx
    .selectFrom('memberImportRows')
    .select(['line', 'decision'])
    .where('schemeId', '=', schemeId)
    .where('importId', '=', importId)
    .where('decision', 'is not', null)
    .execute()
  const byLine = new Map(rows.map(({ line, decision }) => [line, decision]))
  return (line, memberIds) => {
    const decision = byLine.get(line)
    if (decision === undefined || decision === null) return undefined
    const proposed = (decision.remark.proposals ?? []).map(({ code }) => code)
    if (decision.is === 'other') return memberIds.every((id) => proposed.includes(id)) ? 'other' : undefined
    const same = decision.member ?? proposed[0]
    return same !== undefined && proposed.includes(same) && memberIds.includes(same) ? { same } : undefined
  }
}

/**
 * Stores one decision for all rows that need one, or drops them. `same` leaves rows without a decision whose number several
 * members have: nobody said which.
 */
export async function storeAnswerForAll(
  tx: Tx,
  schemeId: string,
  importId: string,
  answer: Answer | 'dropped',
): Promise<void> {
  const question = sql`jsonb_path_query_first(problems, ${QUESTION_PATH}::text::jsonpath)`
  const set =
    answer === 'dropped'
      ? sql`dropped = true`
      : sql`decision = jsonb_build_object('is', ${answer}::text, 'remark', ${question})`
  const which = answer === 'same' ? sql`and jsonb_array_length(${question} -> 'proposals') = 1` : sql``
  await sql`update member_import_rows set ${set}, problems = null
    where scheme_id = ${schemeId} and import_id = ${importId}::uuid and not dropped and ${needsAnswer} ${which}`.execute(
    tx,
  )
}

/** Lists the uploads that a new one may displace, last used first: neither imported nor being imported. */
export async function listIdleUploads(
  tx: Tx,
  schemeId: string,
  owner: string,
  offset: number,
): Promise<string[]> {
  const rows = await tx
    .selectFrom('memberImports')
    .select('id')
    .where('schemeId', '=', schemeId)
    .where('owner', '=', owner)
    .where('appliedAt', 'is', null)
    .where(isIdle)
    .orderBy('touchedAt', 'desc')
    .offset(offset)
    .execute()
  return rows.map(({ id }) => id)
}

/** Deletes an upload unless it is being imported. @returns whether it is gone */
export async function deleteIdleUpload(tx: Tx, schemeId: string, id: string): Promise<boolean> {
  const { numDeletedRows } = await tx
    .deleteFrom('memberImports')
    .where('schemeId', '=', schemeId)
    .where('id', '=', id)
    .where(isIdle)
    .executeTakeFirst()
  return numDeletedRows > 0n
}

/** Deletes abandoned uploads. Runs across schemes, for all schemes. */
export async function purgeUploads(tx: Tx, now: Date): Promise<void> {
  await tx
    .deleteFrom('memberImports')
    .where('touchedAt', '<', new Date(now.getTime() - UPLOAD_HOURS * HOUR_MS))
    .where(isIdle)
    .execute()
}
