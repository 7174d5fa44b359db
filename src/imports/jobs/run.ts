import { setImmediate } from 'node:timers/promises'
import { continueChange, deleteEmptyChange } from '../../changes/record.ts'
import { findMemberChange } from '../../changes/store.ts'
import { revertUnfinishedChange } from '../../changes/undo.ts'
import type { Deps } from '../../deps.ts'
import type { ListedPayments } from '../../dues/bulk/contract.ts'
import { sumListed } from '../../dues/bulk/listed.ts'
import { lockDues } from '../../dues/ledger/ledger.ts'
import { AppError } from '../../errors.ts'
import { lockMemberList, lockMemberWrites, refreshStatistics } from '../../members/store.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import { createPace } from '../../platform/pace.ts'
import { findPaid, withPaid } from '../import/write/payments.ts'
import type { PreparedRow } from '../import/write/prepared.ts'
import { auditImport, finishChange, planBatch, writePlan } from '../import/write/write.ts'
import type { UploadReport } from '../uploads/contract.ts'
import {
  deleteJob,
  deleteJobRows,
  deleteUnreadyJob,
  deleteWrittenRows,
  findJob,
  type ImportJob,
  type JobKey,
  listJobRows,
  listMoves,
  updateJob,
} from './store.ts'

type JobDeps = Pick<Deps, 'database' | 'db' | 'now' | 'newId' | 'log' | 'jobs' | 'mailer' | 'config'>

/** Milliseconds for which a part may hold the locks of the member list on a server. */
const SERVER_PART_MS = 500
/** Failures in a row after which everything is reverted: a lost connection passes, a full disk may not. */
const MAX_ATTEMPTS = 5
/** A job without progress for this long was stopped, by a failure or with its process. */
const STOPPED_MS = 30_000
/** A list is read and checked within this time; a job that is not ready by then lost its process. */
const NEVER_READY_MS = 5 * 60_000

/**
 * Writes the rows of a stored import that are not written yet, in parts. Each part is one transaction with the mark of how far it
 * went, so that this continues where another call, in this process or one that stopped, left off; two calls share the parts. When
 * the list changed or members were erased meanwhile, or after several failures, everything written is reverted instead.
 * @throws whatever a statement throws: the job stays, and is resumed
 */
export async function runImportJob(deps: JobDeps, key: JobKey, signal?: AbortSignal): Promise<void> {
  const pace = deps.database.embedded ? createPace() : createPace(undefined, SERVER_PART_MS)
  let analyzed = 0
  while (signal?.aborted !== true) {
    const job = await inScheme(deps.db, key.schemeId, (tx) => findJob(tx, key))
    if (job === undefined || !job.isReady || job.endedAt !== null) return
    if (job.failure !== null) return revertJob(deps, key, job)
    if (job.created >= Math.max(1, 2 * analyzed)) {
      analyzed = job.created
      await inScheme(deps.db, key.schemeId, (tx) => refreshStatistics(tx, job.created))
    }
    try {
      await inScheme(deps.db, key.schemeId, (tx) =>
        pace.run((size) => writeNextRows(tx, deps, key, job, size)),
      )
    } catch (error) {
      await noteFailure(deps, key, job, error)
    }
    await setImmediate()
  }
}

/** Records a failure. @throws the same error while another attempt may succeed */
async function noteFailure(deps: JobDeps, key: JobKey, job: ImportJob, error: unknown): Promise<void> {
  const isFinal = error instanceof AppError || job.attempts + 1 >= MAX_ATTEMPTS
  deps.log.warn({ err: error, schemeId: key.schemeId, import: key.importId, isFinal }, 'an import failed')
  const failure = error instanceof AppError ? error.code : 'internal'
  await inScheme(deps.db, key.schemeId, (tx) =>
    updateJob(tx, job, {
      attempts: job.attempts + 1,
      touchedAt: deps.now(),
      ...(isFinal ? { failure } : {}),
    }),
  )
  if (!isFinal) throw error
}

/** Writes the next rows, or finishes the import after the last. @throws AppError `import_changed` */
async function writeNextRows(
  tx: Tx,
  deps: JobDeps,
  key: JobKey,
  { changeId }: ImportJob,
  size: number,
): Promise<void> {
  const { schemeId, importId } = key
  await lockMemberList(tx, schemeId, changeId)
  await lockDues(tx, schemeId)
  await lockMemberWrites(tx, schemeId)
  const job = await findJob(tx, key)
  // Another call finished it, or saw it fail, meanwhile.
  if (job === undefined || job.changeId !== changeId || job.failure !== null) return
  const list = await tx
    .selectFrom('memberImports')
    .select(['stateNo', 'sha256', 'report'])
    .where('schemeId', '=', schemeId)
    .where('id', '=', importId)
    .executeTakeFirst()
  const change = await findMemberChange(tx, schemeId, changeId)
  if (change === undefined || list === undefined || list.stateNo !== job.stateNo || list.report === null)
    throw new AppError('import_changed')
  const rows = await listJobRows(tx, key, { after: job.done, limit: size })
  const open = continueChange(schemeId, change)
  if (rows.length === 0) {
    await finishChange(tx, deps, schemeId, { change: open, moves: await listMoves(tx, key), by: change.by })
    await finishJob(tx, deps, key, { job, list: { sha256: list.sha256, report: list.report }, by: change.by })
    return
  }
  // Rows that name a member through a merged one come last, and are planned by themselves.
  const batch = rows.filter(({ isJoined }) => isJoined === rows[0]?.isJoined)
  const { payments } = job
  const due = payments === null ? [] : await findPreparedPaid(tx, deps, schemeId, payments, batch)
  const plan = withPaid(await planPrepared(tx, deps, schemeId, batch), due)
  await writePlan(tx, deps, schemeId, plan, {
    change: open,
    author: change,
    paid: payments === null ? undefined : { ...payments, due, list: change.note ?? '' },
  })
  const done = batch.at(-1)?.position ?? job.done
  await updateJob(tx, job, {
    done,
    created: job.created + plan.created.length,
    updated: job.updated + plan.touched.length,
    unchanged: job.unchanged + plan.unchanged,
    attempts: 0,
    touchedAt: deps.now(),
  })
  await deleteWrittenRows(tx, key, done)
}

function planPrepared(tx: Tx, deps: JobDeps, schemeId: string, batch: readonly PreparedRow[]) {
  const byLine = new Map(batch.map((one) => [one.row.line, one]))
  return planBatch(
    tx,
    schemeId,
    { rows: batch.map(({ row }) => row), isJoined: batch[0]?.isJoined ?? false },
    {
      memberIdOf: ({ line }) => byLine.get(line)?.memberId ?? undefined,
      isAside: ({ line }) => byLine.get(line)?.isAside === true,
      givenTo: new Map(
        batch.flatMap(({ memberId, given }) =>
          memberId === null || given === undefined ? [] : [[memberId, new Set(given)]],
        ),
      ),
      newId: deps.newId,
    },
  )
}

function findPreparedPaid(
  tx: Tx,
  deps: JobDeps,
  schemeId: string,
  payments: ListedPayments,
  batch: readonly PreparedRow[],
) {
  const taken = batch.filter(({ isAside }) => !isAside)
  const memberIds = new Map(taken.map(({ row, memberId }) => [row.line, memberId ?? undefined]))
  return findPaid(
    tx,
    deps,
    schemeId,
    taken.map(({ row }) => row),
    { year: payments.year, memberIdOf: ({ line }) => memberIds.get(line) },
  )
}

/** Ends a job whose rows are all written: the list is imported, and its rows are deleted. */
async function finishJob(
  tx: Tx,
  deps: JobDeps,
  key: JobKey,
  {
    job: { changeId, created, updated, unchanged },
    list,
    by,
  }: {
    readonly job: ImportJob
    readonly list: { readonly sha256: string; readonly report: UploadReport }
    readonly by: string
  },
): Promise<void> {
  const { schemeId, importId } = key
  const isEmpty = created + updated === 0
  if (isEmpty) await deleteEmptyChange(tx, schemeId, changeId)
  const { paid } = list.report
  const written = await sumListed(tx, schemeId, changeId)
  const report = {
    ...list.report,
    ...{ outcome: 'applied' as const, created, updated, unchanged },
    ...(paid !== undefined && { paid: { ...paid, written: written.payments === 0 ? null : written } }),
  }
  await tx
    .updateTable('memberImports')
    .set((eb) => ({
      appliedAt: deps.now(),
      touchedAt: deps.now(),
      changeId: isEmpty ? null : changeId,
      report: JSON.stringify(report),
      stateNo: eb('stateNo', '+', 1),
    }))
    .where('schemeId', '=', schemeId)
    .where('id', '=', importId)
    .execute()
  await tx
    .deleteFrom('memberImportRows')
    .where('schemeId', '=', schemeId)
    .where('importId', '=', importId)
    .execute()
  await deleteJob(tx, key)
  await auditImport(tx, deps, schemeId, { by, sha256: list.sha256, report })
}

/** Reverts what a failed job wrote; its failure is kept for the user. */
async function revertJob(deps: JobDeps, key: JobKey, { changeId }: ImportJob): Promise<void> {
  const { schemeId, importId } = key
  await revertUnfinishedChange(deps, schemeId, changeId)
  await inScheme(deps.db, schemeId, async (tx) => {
    // Another call may have reverted it, and the list been started again.
    if (!(await updateJob(tx, { ...key, changeId }, { endedAt: deps.now() }))) return
    await deleteJobRows(tx, key)
    // To be checked again.
    await tx
      .updateTable('memberImports')
      .set((eb) => ({ report: null, touchedAt: deps.now(), stateNo: eb('stateNo', '+', 1) }))
      .where('schemeId', '=', schemeId)
      .where('id', '=', importId)
      .execute()
  })
}

/** Gives up a job before it wrote a member; does nothing once it is ready. */
export async function abandonJob(deps: Pick<Deps, 'db'>, key: JobKey, changeId: string): Promise<void> {
  await inScheme(deps.db, key.schemeId, async (tx) => {
    if (await deleteUnreadyJob(tx, key, changeId)) await deleteEmptyChange(tx, key.schemeId, changeId)
  })
}

/**
 * Continues the imports of all schemes that were stopped: those without progress for half a minute.
 * @param startedAt the start of the only process: imports that made no progress since then lost their process
 */
export async function resumeImports(
  deps: JobDeps,
  { startedAt, signal }: { readonly startedAt?: Date; readonly signal?: AbortSignal } = {},
): Promise<void> {
  const ago = (ms: number) => new Date(deps.now().getTime() - ms)
  const stopped = await deps.db
    .selectFrom('memberImportJobs')
    .select(['schemeId', 'importId', 'changeId', 'isReady', 'touchedAt'])
    .where('endedAt', 'is', null)
    .where('touchedAt', '<', startedAt ?? ago(STOPPED_MS))
    .execute()
  for (const { changeId, isReady, touchedAt, ...key } of stopped) {
    const ids = { schemeId: key.schemeId, import: key.importId }
    if (isReady) {
      deps.log.warn(ids, 'resuming an import that had stopped')
      await runImportJob(deps, key, signal)
    } else if (touchedAt < (startedAt ?? ago(NEVER_READY_MS))) {
      deps.log.warn(ids, 'an import stopped before its first row')
      await abandonJob(deps, key, changeId)
    }
  }
}
