import { setImmediate } from 'node:timers/promises'
import { type RawBuilder, sql } from 'kysely'
import { recordAudit } from '../audit/record.ts'
import type { Deps } from '../deps.ts'
import { reverseListed } from '../dues/bulk/listed.ts'
import { restoreMandates } from '../dues/collect/mandates.ts'
import { lockDues } from '../dues/ledger/ledger.ts'
import type { NotifyDeps } from '../dues/reminders/notify.ts'
import { reopenSuspensions } from '../dues/store.ts'
import { AppError } from '../errors.ts'
import { isWithinTrades } from '../members/filters.ts'
import { deleteNotesOfChange } from '../members/notes/store.ts'
import { restoreOptOuts } from '../members/opt-out/opt-out.ts'
import { isOptedOut } from '../members/opt-out/opted-out.ts'
import { memberStates, uuids } from '../members/states.ts'
import { lockMemberList, lockMemberWrites } from '../members/store.ts'
import { restoreTagsOf } from '../members/tags/store.ts'
import { type Actor, actorName, authorize } from '../permissions.ts'
import { inScheme, type Tx } from '../platform/db.ts'
import { createPace } from '../platform/pace.ts'
import { MAX_KEPT_NAMED, type UndoResult } from './contract.ts'
import { restoreCorrections } from './corrections.ts'
import { type ChangeField, type MemberState, type PartialUndo, planPartialUndo } from './fields.ts'
import { planContraryNotices, restoreNotices } from './notices.ts'
import { withHashJoins } from './record.ts'
import {
  countNotified,
  findMemberChange,
  isUndoable,
  type MemberChangeRow,
  mayAccessChange,
  toChangeView,
} from './store.ts'
import { withdrawWelcome } from './welcome.ts'

type UndoDeps = Pick<Deps, 'db'> & NotifyDeps
type Kept = UndoResult['kept'][number]

/** The actor name of an import that reverts what it wrote. */
const REVERTED_BY = 'system:import'

/** Rows undone together when the whole undo is one transaction. */
const CHUNK = 2000

/**
 * Undoes a change: each member that it touched is restored, and members that it created are deleted; payments that an imported list
 * brought are reversed first. Of members modified since, the
 * fields that are still as the change left them are restored, and later values stay. Members of which nothing can be restored, and
 * created ones that were modified or that other records refer to by now, are left unchanged; all these are listed. For a trade chamber,
 * members of other trades by now are left unchanged too; they are counted, and not named. On the embedded database, which has one
 * connection for everything, this runs in parts: meanwhile the change is shown as being undone and other changes of many
 * members are refused. After a failure or a restart it is resumed (`resumeUndoings`), also by calling this again.
 * @throws AppError `not_found`, also for a trade chamber if another user made the change; `change_undone`, `undo_over`,
 * `import_running`, `undo_running`
 */
export async function undoChange(
  deps: UndoDeps & Pick<Deps, 'database'>,
  actor: Actor,
  schemeId: string,
  id: string,
): Promise<UndoResult> {
  const reach = authorize(actor, 'member.change', schemeId)
  const begin = async (tx: Tx) => {
    await lockToUndo(tx, schemeId, id)
    const change = await findMemberChange(tx, schemeId, id)
    if (change === undefined || !mayAccessChange(change, reach, actor)) throw new AppError('not_found')
    if (change.unfinished) throw new AppError('import_running')
    if (change.undoneAt !== null) throw new AppError('change_undone')
    if (change.undoingAt !== null) return
    const now = deps.now()
    if (!isUndoable(change, now)) throw new AppError('undo_over')
    await tx
      .updateTable('memberChanges')
      .set({
        undoingAt: now,
        undoingBy: actorName(actor),
        undoingTrades: reach.scope === 'trades' ? [...reach.trades] : null,
        restored: 0,
        kept: 0,
        partly: 0,
      })
      .where('schemeId', '=', schemeId)
      .where('id', '=', id)
      .execute()
  }
  if (deps.database.embedded) {
    await inScheme(deps.db, schemeId, begin)
    await undoInParts(deps, schemeId, id)
    return inScheme(deps.db, schemeId, (tx) => readUndoResult(tx, deps, schemeId, id))
  }
  return inScheme(deps.db, schemeId, async (tx) => {
    await begin(tx)
    while (!(await undoNextRows(tx, deps, { schemeId, id }, CHUNK)));
    return readUndoResult(tx, deps, schemeId, id)
  })
}

async function lockToUndo(tx: Tx, schemeId: string, id: string): Promise<void> {
  await lockMemberList(tx, schemeId, id)
  await lockDues(tx, schemeId)
  await lockMemberWrites(tx, schemeId)
}

/**
 * Target time per part. Deleting members may take three times as long as the part before, or a third, because every reference
 * to them is checked.
 */
const UNDOING_PART_MS = 100
/** The statements of a part cost some 40 ms of processor time even for a few rows: smaller parts would hold others as long, more often. */
const UNDOING_MIN_ROWS = 100

/** Continues a started undo until it is complete. Two concurrent calls share the parts. */
async function undoInParts(deps: UndoDeps, schemeId: string, id: string): Promise<void> {
  const pace = createPace(undefined, UNDOING_PART_MS, UNDOING_MIN_ROWS)
  const undoPart = () =>
    inScheme(deps.db, schemeId, async (tx) => {
      await lockToUndo(tx, schemeId, id)
      return pace.run((size) => undoNextRows(tx, deps, { schemeId, id }, size))
    })
  while (!(await undoPart())) await setImmediate()
}

/** Undoes some of the remaining rows; the caller holds the locks. @returns whether the undo is complete */
async function undoNextRows(
  tx: Tx,
  deps: NotifyDeps,
  { schemeId, id }: { readonly schemeId: string; readonly id: string },
  size: number,
): Promise<boolean> {
  const change = await findMemberChange(tx, schemeId, id)
  if (change === undefined || change.undoingAt === null || change.undoingBy === null) return true
  if (!(await reverseListed(tx, deps, schemeId, { batchId: id, by: change.undoingBy }))) return false
  const rows = await listRowsToUndo(tx, schemeId, id, size)
  const done = rows.length === 0 ? NO_ROWS : await undoRows(tx, deps, schemeId, change, rows)
  const now = deps.now()
  const restored = (change.restored ?? 0) + done.restored
  const kept = (change.kept ?? 0) + done.kept
  const partly = (change.partly ?? 0) + done.partly
  const isLast = rows.length < size
  await tx
    .updateTable('memberChanges')
    .set(
      isLast
        ? {
            restored,
            kept,
            partly,
            undoingAt: null,
            undoingBy: null,
            undoingTrades: null,
            undoneAt: now,
            undoneBy: change.undoingBy,
          }
        : { restored, kept, partly, undoingAt: now },
    )
    .where('schemeId', '=', schemeId)
    .where('id', '=', id)
    .execute()
  if (!isLast) return false
  await recordAudit(tx, schemeId, now, {
    actor: change.undoingBy,
    action: 'member.undo',
    subject: `member-change:${id}`,
    details: { kind: change.kind, restored, kept, ...(partly > 0 && { partly }) },
  })
  return true
}

const NO_ROWS = { restored: 0, kept: 0, partly: 0 }

function listRowsToUndo(tx: Tx, schemeId: string, id: string, size: number) {
  return tx
    .selectFrom('memberChangeRows')
    .select(['memberId', 'created'])
    .where('schemeId', '=', schemeId)
    .where('changeId', '=', id)
    .where('undoing', 'is', null)
    .orderBy('memberId')
    .limit(size)
    .execute()
}

/** Reads the result of an undo: the change, and the members left unchanged, by name, without those of other trades than its user's. */
async function readUndoResult(
  tx: Tx,
  { now }: Pick<Deps, 'now'>,
  schemeId: string,
  id: string,
): Promise<UndoResult> {
  const change = await findMemberChange(tx, schemeId, id)
  if (change === undefined) throw new AppError('internal')
  const { rows: kept } = await sql<Kept>`
    select r.member_id as id, coalesce(m.name, r.before->>'name', '') as name, coalesce(r.kept_why, 'fields') as why,
      coalesce(r.kept_fields, '{}') as fields
    from member_change_rows r left join members m on m.scheme_id = r.scheme_id and m.id = r.member_id
    where r.scheme_id = ${schemeId} and r.change_id = ${id}::uuid and (r.kept_why is not null or r.kept_fields is not null)
    order by r.member_id limit ${MAX_KEPT_NAMED}`.execute(tx)
  return {
    change: toChangeView(change, now(), (await countNotified(tx, schemeId, [id], now())).get(id)),
    kept: kept.toSorted((a, b) => a.name.localeCompare(b.name, 'fr')),
  }
}

/** An undo without progress for this long was stopped by a failure. */
const STOPPED_MS = 60_000

/** Resumes the undos of all schemes that a failure stopped. */
export async function resumeUndoings(deps: UndoDeps & Pick<Deps, 'log'>): Promise<void> {
  const stopped = await deps.db
    .selectFrom('memberChanges')
    .select(['schemeId', 'id'])
    .where('undoingAt', '<', new Date(deps.now().getTime() - STOPPED_MS))
    .execute()
  for (const { schemeId, id } of stopped) {
    deps.log.warn({ schemeId, change: id }, 'resuming an undo that had stopped')
    await undoInParts(deps, schemeId, id)
  }
}

/**
 * Undoes a change for some members and records the result for each. @returns how many were restored, how many of these partly, and
 * how many left unchanged
 */
async function undoRows(
  tx: Tx,
  deps: NotifyDeps,
  schemeId: string,
  change: Pick<MemberChangeRow, 'id' | 'at' | 'undoingBy' | 'undoingTrades'>,
  rows: readonly { readonly memberId: string; readonly created: boolean }[],
): Promise<{ readonly restored: number; readonly kept: number; readonly partly: number }> {
  const outside = await findOutside(tx, schemeId, change.undoingTrades, rows)
  const part = rows.filter(({ memberId }) => !outside.has(memberId))
  const ids = part.map((row) => row.memberId)
  const since = await withHashJoins(tx, () => findChangedSince(tx, schemeId, change.id, ids))
  const { left, partial } = sortChangedSince(since)
  const whole = new Set(ids)
  for (const { id } of since) whole.delete(id)
  const made = part.filter((row) => row.created && whole.has(row.memberId)).map((row) => row.memberId)
  for (const one of await findWithHistory(tx, schemeId, made, change)) {
    left.push(one)
    whole.delete(one.id)
  }
  const deleted = made.filter((one) => whole.has(one))
  await withdrawWelcome(tx, deps, schemeId, change.id, deleted)
  await deleteMembers(tx, schemeId, deleted)
  const unchanged = part.filter((row) => !row.created && whole.has(row.memberId)).map((row) => row.memberId)
  await withHashJoins(tx, () => restoreWhole(tx, schemeId, change.id, unchanged, deps.now()))
  await restoreFields(tx, schemeId, partial, deps.now())
  const restored = [...whole, ...partial.map(({ id }) => id)]
  const deletedIds = new Set(deleted)
  const stillThere = restored.filter((id) => !deletedIds.has(id))
  await restoreTagsOf(tx, schemeId, stillThere)
  await restoreCorrections(tx, deps, schemeId, change.id, stillThere)
  const by = change.undoingBy ?? REVERTED_BY
  await restoreOptOuts(tx, deps, schemeId, { memberIds: stillThere, since: change.at, by })
  await deleteNotesOfChange(tx, schemeId, change.id, restored)
  // Members whose status goes back to what it was.
  const back = [
    ...unchanged,
    ...partial.filter(({ plan }) => plan.restored.includes('status')).map(({ id }) => id),
  ]
  if (back.length > 0) {
    await reopenSuspensions(tx, schemeId, back, change.at)
    await restoreMandates(tx, schemeId, back, change.at)
    // Restores the notices of earlier changes that this change withdrew before they were sent. Members with one need no
    // other.
    await restoreNotices(tx, deps, schemeId, back, change.at)
    await planContraryNotices(tx, deps, schemeId, change.id, back)
  }
  const later = partial.filter(({ plan }) => plan.kept.length > 0)
  await recordUndone(tx, schemeId, change.id, {
    restored,
    left: [...left, ...[...outside].map((id) => ({ id, why: null, fields: [] }))],
    partly: later.map(({ id, plan }) => ({ id, fields: plan.kept })),
  })
  return { restored: restored.length, kept: left.length + outside.size, partly: later.length }
}

/** Finds those members of a change that are of other trades by now than the user who undoes it may change; null: all. */
async function findOutside(
  tx: Tx,
  schemeId: string,
  trades: readonly string[] | null,
  members: readonly { readonly memberId: string }[],
): Promise<ReadonlySet<string>> {
  if (trades === null) return new Set()
  const { rows } = await sql<{ id: string }>`
    select m.id from members m where m.scheme_id = ${schemeId} and m.id = any (${members.map(({ memberId }) => memberId)}::uuid[])
      and not ${isWithinTrades({ trades })}`.execute(tx)
  return new Set(rows.map(({ id }) => id))
}

async function recordUndone(
  tx: Tx,
  schemeId: string,
  changeId: string,
  {
    restored,
    left,
    partly,
  }: {
    readonly restored: readonly string[]
    /** `why` is null for members of other trades. */
    readonly left: readonly (Pick<Kept, 'id' | 'fields'> & { readonly why: Kept['why'] | null })[]
    readonly partly: readonly { readonly id: string; readonly fields: readonly ChangeField[] }[]
  },
): Promise<void> {
  const outcomes = [
    ...restored.map((id) => ({ id, undoing: 'restored' })),
    ...left.map(({ id, why, fields }) => ({
      id,
      undoing: 'kept',
      why,
      fields: fields.length > 0 ? fields : null,
    })),
  ]
  await sql`
    update member_change_rows r set undoing = o.undoing, kept_why = o.why, kept_fields = coalesce(o.fields, p.fields)
    from jsonb_to_recordset(${JSON.stringify(outcomes)}::jsonb) as o (id uuid, undoing text, why text, fields text[])
    left join jsonb_to_recordset(${JSON.stringify(partly)}::jsonb) as p (id uuid, fields text[]) on p.id = o.id
    where r.scheme_id = ${schemeId} and r.change_id = ${changeId}::uuid and r.member_id = o.id`.execute(tx)
}

/**
 * Reverts an unfinished change, in parts, as if it had never been made: no user saw it and no member was notified. If members
 * that it touched were modified or referred to meanwhile, it stays in the list of changes as undone except for them.
 */
export async function revertUnfinishedChange(deps: UndoDeps, schemeId: string, id: string): Promise<void> {
  const pace = createPace()
  const takeBackPart = () =>
    inScheme(deps.db, schemeId, (tx) => pace.run((size) => revertPart(tx, deps, { schemeId, id }, size)))
  while (!(await takeBackPart()));
}

/** @returns whether nothing is left to revert */
async function revertPart(
  tx: Tx,
  deps: NotifyDeps,
  { schemeId, id }: { readonly schemeId: string; readonly id: string },
  size: number,
): Promise<boolean> {
  await lockToUndo(tx, schemeId, id)
  const change = await findMemberChange(tx, schemeId, id)
  if (change === undefined || !change.unfinished) return true
  if (!(await reverseListed(tx, deps, schemeId, { batchId: id, by: REVERTED_BY }))) return false
  const rows = await listRowsToUndo(tx, schemeId, id, size)
  if (rows.length > 0) await undoRows(tx, deps, schemeId, change, rows)
  if (rows.length === size) return false
  await endUnfinished(tx, deps, schemeId, id)
  return true
}

async function endUnfinished(tx: Tx, deps: Pick<Deps, 'now'>, schemeId: string, id: string): Promise<void> {
  await sql`delete from member_change_rows where scheme_id = ${schemeId} and change_id = ${id}::uuid and undoing = 'restored'`.execute(
    tx,
  )
  const { rows } = await sql<{ created: number; updated: number }>`
    select (count(*) filter (where created))::int as created, (count(*) filter (where not created))::int as updated
    from member_change_rows where scheme_id = ${schemeId} and change_id = ${id}::uuid`.execute(tx)
  const { created, updated } = rows[0] ?? { created: 0, updated: 0 }
  if (created + updated === 0) {
    await sql`delete from member_changes where scheme_id = ${schemeId} and id = ${id}::uuid`.execute(tx)
    return
  }
  await tx
    .updateTable('memberChanges')
    .set({ unfinished: false, created, updated, undoneAt: deps.now(), undoneBy: REVERTED_BY })
    .set({ restored: 0, kept: created + updated })
    .where('schemeId', '=', schemeId)
    .where('id', '=', id)
    .execute()
}

/**
 * Reverts, in the background, unfinished changes of all schemes that a stop of the program interrupted, and resumes
 * interrupted undos. Await it before another change can start, so that it finds only interrupted ones. On a server there are
 * none: each change is one transaction, or continued by its job, which is left to it on every database.
 */
export async function revertInterruptedChanges(
  deps: UndoDeps & Pick<Deps, 'log'>,
): Promise<{ done: Promise<void> }> {
  const cutOff = await deps.db
    .selectFrom('memberChanges')
    .select(['schemeId', 'id', 'unfinished'])
    .where((where) => where.or([where('unfinished', '=', true), where('undoingAt', 'is not', null)]))
    .where('byJob', '=', false)
    .execute()
  const takeBackAll = async () => {
    for (const { schemeId, id, unfinished } of cutOff) {
      if (unfinished) {
        deps.log.warn({ schemeId, change: id }, 'reverting an interrupted import')
        await revertUnfinishedChange(deps, schemeId, id)
      } else {
        deps.log.warn({ schemeId, change: id }, 'resuming an interrupted undo')
        await undoInParts(deps, schemeId, id)
      }
    }
  }
  return {
    done: takeBackAll().catch((error: unknown) =>
      deps.log.error(
        { err: error },
        'reverting an interrupted import failed, trying again at the next start',
      ),
    ),
  }
}

/** A member of a change that was modified or deleted since. */
interface ChangedSince {
  readonly id: string
  readonly name: string
  readonly created: boolean
  readonly before: MemberState | null
  readonly after: MemberState | null
  /** Null if it was deleted. */
  readonly current: MemberState | null
}

/** Finds members of a change that were modified or deleted since. */
async function findChangedSince(
  tx: Tx,
  schemeId: string,
  changeId: string,
  ids: readonly string[],
): Promise<ChangedSince[]> {
  const { rows } = await sql<ChangedSince>`
    select r.member_id as id, coalesce(s.state->>'name', r.before->>'name', '') as name, r.created, r.before, r.after,
      s.state as current
    from member_change_rows r left join ${memberStates(schemeId, uuids(ids))} s on s.id = r.member_id
    where r.scheme_id = ${schemeId} and r.change_id = ${changeId}::uuid and r.member_id = any (${ids}::uuid[])
      and r.print is distinct from md5(s.state::text)
    order by r.member_id`.execute(tx)
  return rows
}

interface PartlyUndone {
  readonly id: string
  readonly plan: PartialUndo
}

/** Sorts members that were changed since into those left unchanged, and those of which some fields are restored. */
function sortChangedSince(since: readonly ChangedSince[]): { left: Kept[]; partial: PartlyUndone[] } {
  const left: Kept[] = []
  const partial: PartlyUndone[] = []
  for (const { id, name, created, before, after, current } of since) {
    if (current === null) left.push({ id, name, why: 'gone', fields: [] })
    else if (created || before === null || after === null) left.push({ id, name, why: 'changed', fields: [] })
    else {
      const plan = planPartialUndo({ before, after, current })
      if (plan.restored.length === 0 && plan.kept.length > 0)
        left.push({ id, name, why: 'changed', fields: [...plan.kept] })
      else partial.push({ id, plan })
    }
  }
  return { left, partial }
}

/**
 * Finds members that other tables refer to: alerts sent to them, a charter, an opt-out, dues. The tables come from the
 * database catalogue, so that new ones are included without a change here. A welcome that still waits is not counted.
 */
async function findWithHistory(
  tx: Tx,
  schemeId: string,
  ids: readonly string[],
  { id: changeId, at: since }: Pick<MemberChangeRow, 'id' | 'at'>,
): Promise<Kept[]> {
  if (ids.length === 0) return []
  const { rows: columns } = await sql<{ name: string; column: string; broadcasts: boolean }>`
    -- Reads the catalogue tables: on the embedded database, the standard views take longer than everything else here.
    select t.relname as name, c.attname as column, exists (
        select from pg_attribute o where o.attrelid = t.oid and o.attname = 'broadcast_id') as broadcasts
    from pg_class t join pg_attribute c on c.attrelid = t.oid and c.attnum > 0 and not c.attisdropped
    where t.relnamespace = 'public'::regnamespace and t.relkind in ('r', 'p')
      and (c.attname like '%member_id' or c.attname = 'contact_id')
      -- An access to its data is not counted as history.
      and t.relname not in ('contacts', 'member_changes', 'member_change_rows', 'member_accesses', 'member_notes')
      and exists (select from pg_attribute o where o.attrelid = t.oid and o.attname = 'scheme_id')
      and has_column_privilege(t.oid, c.attnum, 'SELECT')
    order by 1, 2`.execute(tx)
  const conditions = columns.map(({ name, column, broadcasts }) => {
    const who =
      column === 'contact_id'
        ? sql`in (select c.id from contacts c where c.scheme_id = ${schemeId} and c.member_id = any (${ids}::uuid[]))`
        : sql`= any (${ids}::uuid[])`
    const owner =
      column === 'contact_id'
        ? sql`(select c.member_id from contacts c where c.scheme_id = ${schemeId} and c.id = h.contact_id)`
        : sql`h.${sql.ref(column)}`
    // Deliveries have no index by member; these members are new, so only broadcasts ordered since can concern them.
    const recent = broadcasts
      ? sql`and h.broadcast_id in (
          select b.id from broadcasts b where b.scheme_id = ${schemeId} and b.ordered_at >= ${since})`
      : sql``
    const sent = name === 'member_notices' ? sql`and (h.kind <> 'welcome' or h.sent_at is not null)` : sql``
    return sql`select ${owner} from ${sql.table(name)} h
      where h.scheme_id = ${schemeId} and h.${sql.ref(column)} ${who} ${recent} ${sent}`
  })
  // A note that an import wrote goes with it.
  conditions.push(sql`select h.member_id from member_notes h
    where h.scheme_id = ${schemeId} and h.member_id = any (${ids}::uuid[]) and h.change_id is distinct from ${changeId}::uuid`)
  const { rows } = await sql<Kept>`
    select m.id, m.name, 'history' as why, '{}'::text[] as fields from members m
    where m.scheme_id = ${schemeId} and m.id = any (${ids}::uuid[]) and m.id in (${sql.join(conditions, sql` union `)})
    order by m.id`.execute(tx)
  return rows
}

/**
 * Deletes the contacts of members before the members: the cascade of the foreign key would run one statement per
 * member, with all its triggers.
 */
async function deleteMembers(tx: Tx, schemeId: string, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  await sql`delete from contacts where scheme_id = ${schemeId} and member_id = any (${ids}::uuid[])`.execute(
    tx,
  )
  await sql`delete from members where scheme_id = ${schemeId} and id = any (${ids}::uuid[])`.execute(tx)
}

/** Restores one chunk of members and their contacts to their state before the change. */
async function restoreWhole(
  tx: Tx,
  schemeId: string,
  changeId: string,
  ids: readonly string[],
  at: Date,
): Promise<void> {
  if (ids.length === 0) return
  const rows = sql`(select member_id, before from member_change_rows
    where scheme_id = ${schemeId} and change_id = ${changeId}::uuid and member_id = any (${ids}::uuid[]))`
  await restoreMembers(tx, schemeId, rows, ids, at)
  await restoreContacts(tx, schemeId, rows, ids)
}

/** Restores some fields of members. */
async function restoreFields(
  tx: Tx,
  schemeId: string,
  partial: readonly PartlyUndone[],
  at: Date,
): Promise<void> {
  const changed = partial.filter(({ plan }) => plan.restored.length > 0)
  if (changed.length === 0) return
  const rowsOf = (some: readonly PartlyUndone[]) => {
    const states = JSON.stringify(some.map(({ id, plan }) => ({ id, state: plan.target })))
    return sql`(select (p->>'id')::uuid as member_id, p->'state' as before from jsonb_array_elements(${states}::jsonb) p)`
  }
  const ids = changed.map(({ id }) => id)
  await restoreMembers(tx, schemeId, rowsOf(changed), ids, at)
  const withContacts = changed.filter(({ plan }) => plan.restored.includes('contacts'))
  if (withContacts.length === 0) return
  await restoreContacts(
    tx,
    schemeId,
    rowsOf(withContacts),
    withContacts.map(({ id }) => id),
  )
}

/** Writes the fields of members. @param rows their states, as (member_id, before) */
async function restoreMembers(
  tx: Tx,
  schemeId: string,
  rows: RawBuilder<unknown>,
  ids: readonly string[],
  at: Date,
): Promise<void> {
  // A member that is restored was never away: the trigger members_admitted leaves it alone.
  await sql`select set_config('tocsin.restoring', 'on', true)`.execute(tx)
  await sql`
    update members m set name = r.before->>'name', search_name = r.before->>'searchName', siret = r.before->>'siret',
      naf = r.before->>'naf', naf2025 = r.before->>'naf2025', trade = r.before->>'trade', commune_code = r.before->>'communeCode',
      address = r.before->>'address', postal_code = r.before->>'postalCode', joined_on = (r.before->>'joinedOn')::date, charter_on = (r.before->>'charterOn')::date, latitude = (r.before->>'latitude')::float8,
      longitude = (r.before->>'longitude')::float8, status = r.before->>'status',
      tags = array(select t::uuid from jsonb_array_elements_text(coalesce(r.before->'tags', '[]')) t),
      quiet_from = (r.before->>'quietFrom')::smallint, quiet_to = (r.before->>'quietTo')::smallint,
      -- One that left keeps the day on which it did.
      updated_at = case when m.status = 'left' and r.before->>'status' = 'left' then m.updated_at else ${at} end
    from ${rows} r where m.scheme_id = ${schemeId} and m.id = r.member_id and m.id = any (${ids}::uuid[])`.execute(
    tx,
  )
  await sql`select set_config('tocsin.restoring', '', true)`.execute(tx)
}

/** Writes the contacts of members. @param rows their states, as (member_id, before) */
async function restoreContacts(
  tx: Tx,
  schemeId: string,
  rows: RawBuilder<unknown>,
  ids: readonly string[],
): Promise<void> {
  const old = sql`(
    select r.member_id, c.id, c.person, c.mobile, c.mail,
      -- A contact that gets a number back receives no SMS at it if the number opted out since.
      c.sms and (exists (
        select from contacts n where n.scheme_id = ${schemeId} and n.id = c.id and n.mobile = c.mobile
      ) or not ${isOptedOut(schemeId, sql`c.mobile`)}) as sms,
      c.position, c.lang, c."mergedFrom" as merged_from,
      to_timestamp(c."mobileAt") as mobile_at
    from ${rows} r, jsonb_to_recordset(r.before->'contacts')
      as c (id uuid, person text, mobile text, mail text, sms boolean, position smallint, lang text, "mergedFrom" uuid,
        "mobileAt" float8))`
  await sql`
    delete from contacts c where c.scheme_id = ${schemeId} and c.member_id = any (${ids}::uuid[])
      and c.id not in (select o.id from ${old} o)`.execute(tx)
  // A number may have moved from one contact to another of the same member: all changed numbers are cleared before any is
  // restored.
  await sql`
    update contacts c set mobile = null, sms = false from ${old} o
    where c.scheme_id = ${schemeId} and c.member_id = any (${ids}::uuid[]) and c.id = o.id and c.mobile is not null and c.mobile is distinct from o.mobile`.execute(
    tx,
  )
  await sql`
    update contacts c set person = o.person, mobile = o.mobile, mail = o.mail, sms = o.sms, position = o.position,
      lang = o.lang, mobile_at = o.mobile_at
    from ${old} o where c.scheme_id = ${schemeId} and c.member_id = any (${ids}::uuid[]) and c.id = o.id`.execute(
    tx,
  )
  await sql`
    insert into contacts (scheme_id, id, member_id, person, mobile, mail, sms, position, lang, merged_from, mobile_at)
    select ${schemeId}, o.id, o.member_id, o.person, o.mobile, o.mail, o.sms, o.position, o.lang, o.merged_from, o.mobile_at from ${old} o
    where o.id not in (
      select c.id from contacts c where c.scheme_id = ${schemeId} and c.member_id = any (${ids}::uuid[]))`.execute(
    tx,
  )
}
