import { type RawBuilder, type Selectable, sql } from 'kysely'
import { UNDO_HOURS } from '../members/contract.ts'
import { isWithinTrades, type MemberScope } from '../members/filters.ts'
import { noticeState } from '../members/notices.ts'
import { HOUR_MS } from '../message/clock.ts'
import { type Actor, actorName, type authorize } from '../permissions.ts'
import type { Tx } from '../platform/db.ts'
import type { Schema } from '../schema.ts'
import { type ChangeView, MAX_NAMED } from './contract.ts'
import { type AuditedEdit, type ChangeField, fieldsOfChange, type MemberState } from './fields.ts'

export type MemberChangeRow = Selectable<Schema['memberChanges']>

const UNDO_MS = UNDO_HOURS * HOUR_MS

export function isUndoable(change: MemberChangeRow, now: Date): boolean {
  return (
    change.undoneAt === null && change.undoingAt === null && now.getTime() - change.at.getTime() < UNDO_MS
  )
}

/**
 * Tells whether the actor may see and undo a change. A trade chamber may only for its own: others may concern members of
 * other trades. Members of its own that are of another trade by now must be left out as well.
 */
export function mayAccessChange(
  change: MemberChangeRow,
  reach: ReturnType<typeof authorize>,
  actor: Actor,
): boolean {
  return reach.scope === 'scheme' || change.by === actorName(actor)
}

export async function findMemberChange(
  tx: Tx,
  schemeId: string,
  id: string,
): Promise<MemberChangeRow | undefined> {
  return tx
    .selectFrom('memberChanges')
    .selectAll()
    .where('schemeId', '=', schemeId)
    .where('id', '=', id)
    .executeTakeFirst()
}

/** Lists changes, latest first; those of one user if `by` is given. */
export async function listChangeRows(
  tx: Tx,
  schemeId: string,
  { by, limit }: { readonly by: string | undefined; readonly limit: number },
): Promise<MemberChangeRow[]> {
  let query = tx
    .selectFrom('memberChanges')
    .selectAll()
    .where('schemeId', '=', schemeId)
    .where('unfinished', '=', false)
  if (by !== undefined) query = query.where('by', '=', by)
  return query.orderBy('at', 'desc').orderBy('id', 'desc').limit(limit).execute()
}

/**
 * Converts a stored change to its API shape. @param counts of `countNotified`; undefined if the change is not notified
 * @param about of `listFirstNames` and `listFieldsOfEdits`
 */
export function toChangeView(
  row: MemberChangeRow,
  now: Date,
  counts: NonNullable<ChangeView['notified']> | undefined,
  about: {
    readonly names?: readonly string[] | undefined
    readonly fields?: readonly ChangeField[] | undefined
  } = {},
): ChangeView {
  return {
    id: row.id,
    kind: row.kind,
    by: row.byName,
    at: row.at.toISOString(),
    note: row.note,
    created: row.created,
    updated: row.updated,
    names: [...(about.names ?? [])],
    fields: [...(about.fields ?? [])],
    undoableUntil: isUndoable(row, now) ? new Date(row.at.getTime() + UNDO_MS).toISOString() : null,
    undone:
      row.undoneAt === null
        ? null
        : {
            at: row.undoneAt.toISOString(),
            restored: row.restored ?? 0,
            kept: row.kept ?? 0,
            partly: row.partly ?? 0,
          },
    undoing:
      row.undoingAt === null
        ? null
        : { done: (row.restored ?? 0) + (row.kept ?? 0), total: row.created + row.updated },
    notified: counts ?? null,
  }
}

/** Lists the names of the first members of each change that the reader may see, by its id. */
export async function listFirstNames(
  tx: Tx,
  schemeId: string,
  changeIds: readonly string[],
  only: MemberScope,
): Promise<Map<string, string[]>> {
  const { rows } = await sql<{ id: string; names: string[] }>`
    select c.id, array_agg(n.name order by n.name) as names
    from unnest(${changeIds}::uuid[]) as c (id) cross join lateral (
      select m.name from member_change_rows r join members m on m.scheme_id = r.scheme_id and m.id = r.member_id
      where r.scheme_id = ${schemeId} and r.change_id = c.id and ${isWithinTrades(only)} order by r.member_id limit ${MAX_NAMED}) n
    group by c.id`.execute(tx)
  return new Map(rows.map(({ id, names }) => [id, names]))
}

/** Returns the details of the audit entry of an edit of one member, in SQL. */
export function auditedEdit(
  schemeId: string,
  member: RawBuilder<unknown>,
  change: RawBuilder<unknown>,
): RawBuilder<AuditedEdit | null> {
  return sql`(select e.details from audit_entries e
    where e.scheme_id = ${schemeId} and e.details->>'change' = ${change}::text
      and (e.subject = 'member:' || ${member} or e.details ? 'member' and e.details->>'member' = ${member}::text) limit 1)`
}

/** Lists what each of the given edits set of its member, by its id; those of which it is no longer known are left out. */
export async function listFieldsOfEdits(
  tx: Tx,
  schemeId: string,
  changeIds: readonly string[],
): Promise<Map<string, ChangeField[]>> {
  const { rows } = await sql<{
    id: string
    before: MemberState | null
    after: MemberState | null
    audited: AuditedEdit | null
  }>`
    select r.change_id as id, r.before, r.after,
      case when r.before is null then ${auditedEdit(schemeId, sql`r.member_id`, sql`r.change_id`)} end as audited
    from member_change_rows r where r.scheme_id = ${schemeId} and r.change_id = any (${changeIds}::uuid[])`.execute(
    tx,
  )
  return new Map(rows.map(({ id, ...stored }) => [id, fieldsOfChange(stored) ?? []]))
}

export interface ChangedMember {
  readonly id: string
  readonly name: string
  readonly searchName: string
  readonly created: boolean
  readonly exists: boolean
  readonly before: MemberState | null
  readonly after: MemberState | null
  readonly undone: 'restored' | 'partly' | 'kept' | null
}

/** Lists the members of a change that the reader may see by name, after a position in that order. */
export async function listChangedMembers(
  tx: Tx,
  schemeId: string,
  changeId: string,
  {
    after,
    limit,
    only,
  }: {
    readonly after: Pick<ChangedMember, 'id' | 'searchName'> | undefined
    readonly limit: number
    readonly only: MemberScope
  },
): Promise<ChangedMember[]> {
  const { rows } = await sql<ChangedMember>`
    select * from (
      select r.member_id as id, coalesce(m.name, r.before->>'name', '') as name, coalesce(m.search_name, '') as search_name, r.created,
        m.id is not null as exists, r.before, r.after,
        case when r.kept_fields is not null and r.undoing = 'restored' then 'partly' else r.undoing end as undone
      from member_change_rows r left join members m on m.scheme_id = r.scheme_id and m.id = r.member_id
      where r.scheme_id = ${schemeId} and r.change_id = ${changeId}::uuid
        and (m.id is null or ${isWithinTrades(only)})) of_change
    where ${after === undefined ? sql`true` : sql`(search_name, id) > (${after.searchName}, ${after.id}::uuid)`}
    order by search_name, id limit ${limit}`.execute(tx)
  return rows
}

/** Counts the members of a change that are none of the given ones. */
export async function countOtherMembers(
  tx: Tx,
  schemeId: string,
  changeId: string,
  ids: readonly string[],
): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from member_change_rows
    where scheme_id = ${schemeId} and change_id = ${changeId}::uuid and member_id <> all (${ids}::uuid[])`.execute(
    tx,
  )
  return rows[0]?.count ?? 0
}

/** Lists those of the given members that a bulk change removed, and that did not leave otherwise since. */
export async function listRemoved(
  tx: Tx,
  schemeId: string,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ id: string }>`
    select m.id from members m
    where m.scheme_id = ${schemeId} and m.id = any (${ids}::uuid[]) and m.status = 'left' and m.erased_at is null
      and m.merged_into is null and exists (
        select from member_change_rows r join member_changes c on c.scheme_id = r.scheme_id and c.id = r.change_id
        where r.scheme_id = m.scheme_id and r.member_id = m.id and c.kind = 'leave' and c.undone_at is null
          and c.at = m.updated_at)`.execute(tx)
  return new Set(rows.map(({ id }) => id))
}

/** Counts the notified members of each change, by its id. */
export async function countNotified(
  tx: Tx,
  schemeId: string,
  changeIds: readonly string[],
  now: Date,
): Promise<Map<string, NonNullable<ChangeView['notified']>>> {
  const { rows } = await sql<NonNullable<ChangeView['notified']> & { changeId: string }>`
    select change_id, (count(*) filter (where notified))::int as notified,
      (count(*) filter (where not notified and waiting))::int as waiting,
      (count(*) filter (where not notified and not waiting and withdrawn))::int as withdrawn,
      (count(*) filter (where not notified and not waiting and not withdrawn))::int as unnotified
    from (
      select n.change_id, n.member_id, bool_or(s.state in ('sent', 'reached')) as notified, bool_or(s.state = 'waiting') as waiting,
        bool_or(s.state = 'withdrawn') as withdrawn
      from member_notices n join member_changes c on c.scheme_id = n.scheme_id and c.id = n.change_id
        -- Notices of its undo are later rows of the same change.
        and (c.kind = n.kind or c.kind in ('import', 'create') and not exists (
          select from member_notices e where e.scheme_id = n.scheme_id and e.change_id = n.change_id
            and e.member_id = n.member_id and e.channel = n.channel and e.due_at < n.due_at))
      cross join lateral (select ${noticeState(sql`${now}::timestamptz`)} as state) s
      where n.scheme_id = ${schemeId} and n.change_id = any (${changeIds}::uuid[])
      group by n.change_id, n.member_id) m
    group by change_id`.execute(tx)
  return new Map(rows.map(({ changeId, ...counts }) => [changeId, counts]))
}

/** Rows deleted per statement. */
const DELETED_AT_ONCE = 5000

/**
 * Deletes the earlier states of members for changes that can no longer be undone, one part at a time. Runs across schemes, for
 * all schemes. @returns the number of rows; 0 when none is left
 */
export async function deleteExpiredStates(tx: Tx, now: Date, most = DELETED_AT_ONCE): Promise<number> {
  const { numAffectedRows } = await sql`
    update member_change_rows r set before = null, after = null, correction = null, print = null
    from (
      select k.scheme_id, k.change_id, k.member_id from member_change_rows k
      join member_changes c on c.scheme_id = k.scheme_id and c.id = k.change_id
      where (k.before is not null or k.print is not null) and not c.unfinished and c.undoing_at is null and c.at < ${new Date(now.getTime() - UNDO_MS)} limit ${most}) old
    where r.scheme_id = old.scheme_id and r.change_id = old.change_id and r.member_id = old.member_id`.execute(
    tx,
  )
  return Number(numAffectedRows ?? 0)
}
