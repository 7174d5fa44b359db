import { recordAudit } from '../../../audit/record.ts'
import { planNotices } from '../../../changes/notices.ts'
import type { OpenChange } from '../../../changes/record.ts'
import type { Deps } from '../../../deps.ts'
import type { ListedPayments } from '../../../dues/bulk/contract.ts'
import { auditListed, type ListedPayment, recordListed } from '../../../dues/bulk/listed.ts'
import { revokeMandatesOfLeaving } from '../../../dues/collect/mandates.ts'
import type { NotifyDeps } from '../../../dues/reminders/notify.ts'
import { reactivateSettledMembers } from '../../../dues/reminders/suspensions.ts'
import { AppError } from '../../../errors.ts'
import type { ImportReport } from '../../../members/contract.ts'
import { listOptedOut } from '../../../members/opt-out/opted-out.ts'
import {
  type ContactRow,
  insertContacts,
  insertMembers,
  listStoredMembers,
  splitIntoChunks,
  updateContacts,
  updateMembers,
} from '../../../members/store.ts'
import type { Tx } from '../../../platform/db.ts'
import type { MemberRow } from '../check/row.ts'
import type { Move } from '../match/match.ts'
import { writeExtras } from './extras.ts'
import { type ImportPlan, planJoined, planRows } from './plan.ts'

/** Rows that are planned and written together. */
export interface Batch {
  readonly rows: readonly MemberRow[]
  /** Whether they identify their member through one that was merged into it. */
  readonly isJoined: boolean
}

/** The account that imports, as it is recorded. */
export interface ImportAuthor {
  /** As `actorName` returns it. */
  readonly by: string
  readonly byName: string
}

/**
 * Plans the changes of a batch, from the current members.
 * @throws AppError `import_changed` for members that were deleted since they were matched
 */
export async function planBatch(
  tx: Tx,
  schemeId: string,
  { rows, isJoined }: Batch,
  facts: {
    /** The member of a row; undefined for a new one. */
    readonly memberIdOf: (row: MemberRow) => string | undefined
    /** Tells whether a row is about a former member, which stays unchanged. */
    readonly isAside: (row: MemberRow) => boolean
    /** Numbers that the list gives a member named on several rows. */
    readonly givenTo: ReadonlyMap<string, ReadonlySet<string>>
    /** Contacts of a member that were planned, and are not written yet. */
    readonly plannedOf?: (memberId: string) => readonly ContactRow[]
    readonly newId: () => string
  },
): Promise<ImportPlan> {
  const { memberIdOf, isAside, givenTo, newId, plannedOf = () => [] } = facts
  const taken = rows.filter((row) => !isAside(row))
  const optedOut = await listOptedOut(
    tx,
    schemeId,
    rows.flatMap(({ contacts }) => contacts.map(({ phone }) => phone.e164)),
  )
  const ids = rows.flatMap((row) => memberIdOf(row) ?? [])
  const members = ids.length === 0 ? [] : await listStoredMembers(tx, schemeId, ids)
  const byId = new Map(members.map((member) => [member.id, member]))
  if (ids.some((id) => !byId.has(id))) throw new AppError('import_changed')
  const plan = isJoined
    ? planJoined(
        taken,
        (row) => memberIdOf(row) ?? '',
        (id) => [...(byId.get(id)?.contacts ?? []), ...plannedOf(id)],
        { newId, optedOut },
      )
    : planRows(taken, (row) => byId.get(memberIdOf(row) ?? ''), { givenTo, newId, optedOut })
  // Rows about former members are counted as unchanged.
  return { ...plan, unchanged: plan.unchanged + rows.length - taken.length }
}

/** Payments that a part of a list brings, and how they are recorded. */
export interface PaidPart extends ListedPayments {
  readonly due: readonly ListedPayment[]
  /** The file name of the list. */
  readonly list: string
}

/** Writes a plan as part of a change. @param onMembers is called between writing members and contacts */
export async function writePlan(
  tx: Tx,
  deps: NotifyDeps,
  schemeId: string,
  plan: ImportPlan,
  {
    change,
    author,
    paid,
    onMembers = async () => {},
  }: {
    readonly change: OpenChange
    readonly author: ImportAuthor
    readonly paid?: PaidPart | undefined
    readonly onMembers?: () => Promise<void>
  },
): Promise<void> {
  const at = deps.now()
  await change.before(tx, plan.touched)
  for (const part of splitIntoChunks(plan.changed)) await updateMembers(tx, schemeId, part, at)
  for (const part of splitIntoChunks(plan.created)) await insertMembers(tx, schemeId, part, at)
  await onMembers()
  for (const part of splitIntoChunks(plan.changedContacts)) await updateContacts(tx, schemeId, part)
  for (const part of splitIntoChunks(plan.newContacts)) await insertContacts(tx, schemeId, part)
  await writeExtras(tx, schemeId, plan.extras, { id: change.id, at: change.at, author, newId: deps.newId })
  await change.after(tx, { touched: plan.touched, created: plan.created.map(({ id }) => id) })
  if (paid === undefined || paid.due.length === 0) return
  // After the state of the change: an undo finds a member that its payment reactivated as the change left it. Both have one
  // instant, by which the reversal of the payment finds the suspension that it ended.
  const atOnce = { ...deps, now: () => at }
  const { due, ...how } = paid
  await recordListed(tx, atOnce, schemeId, due, { ...how, batchId: change.id, by: author.by })
  await reactivateSettledMembers(
    tx,
    atOnce,
    schemeId,
    due.map(({ memberId }) => memberId),
  )
}

/** Ends the change of an import: members whose alerts end or resume are notified, and mandates of those that leave are revoked. */
export async function finishChange(
  tx: Tx,
  deps: Pick<Deps, 'now' | 'newId'>,
  schemeId: string,
  {
    change,
    moves,
    by,
  }: {
    readonly change: OpenChange
    readonly moves: readonly Omit<Move, 'line'>[]
    readonly by: string
  },
): Promise<void> {
  await change.finish(tx)
  await auditListed(tx, deps, schemeId, { batchId: change.id, by })
  for (const [kind, of] of Map.groupBy(moves, (move) => move.kind)) {
    const memberIds = of.map(({ memberId }) => memberId)
    await planNotices(tx, deps, schemeId, { changeId: change.id, kind, memberIds })
  }
  const leaving = moves.filter(({ isLeaving }) => isLeaving).map(({ memberId }) => memberId)
  await revokeMandatesOfLeaving(tx, deps, schemeId, { by, memberIds: leaving, at: change.at })
}

/** Records an import in the audit log. @param sha256 of the file */
export async function auditImport(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  schemeId: string,
  {
    by,
    sha256,
    report,
  }: {
    readonly by: string
    readonly sha256: string
    readonly report: Pick<ImportReport, 'rows' | 'created' | 'updated' | 'unchanged' | 'leaving' | 'skipped'>
  },
): Promise<void> {
  const { rows, created, updated, unchanged, leaving, skipped } = report
  await recordAudit(tx, schemeId, deps.now(), {
    actor: by,
    action: 'member.import',
    subject: `file:${sha256}`,
    details: { sha256, rows, created, updated, unchanged, leaving, skipped },
  })
}
