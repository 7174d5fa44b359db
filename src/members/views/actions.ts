import { sql } from 'kysely'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { type Actor, actorName, authorize, may } from '../../permissions.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import type { MemberFilter } from '../contract.ts'
import {
  MAX_GROUP,
  MAX_VIEWS,
  type MemberGroup,
  type MemberGroupChange,
  type MemberGroupChanged,
  type MemberListView,
  type MemberListViewInput,
} from './contract.ts'

/** The members that a user may see: their trades (null for all), and whether with full numbers. */
interface VisibleMembers {
  readonly trades: readonly string[] | null
  readonly numbers: boolean
}

/**
 * Checks that a group to which a list is restricted is one that the user may use: their own, or one shared with them. Call it
 * wherever a filter comes from a request. @throws AppError `group_missing`, alike for one that does not exist
 */
export async function requireUsableList(
  tx: Tx,
  actor: Actor,
  schemeId: string,
  { list }: Pick<MemberFilter, 'list'>,
): Promise<void> {
  if (list !== undefined && (await findUsableView(tx, actor, schemeId, list)) === undefined)
    throw new AppError('group_missing')
}

/** Finds a view that is the user's own or is shared with them. */
export async function findUsableView(
  tx: Tx,
  actor: Actor,
  schemeId: string,
  id: string,
): Promise<ViewGroup | undefined> {
  if (!may(actor, 'member.views', schemeId)) return undefined
  const sight = visibleMembersOf(actor, schemeId)
  return tx
    .selectFrom('memberViews')
    .select(['name', 'filter'])
    .where('schemeId', '=', schemeId)
    .where('id', '=', id)
    .where((where) => where.or([where('owner', '=', actorName(actor)), isSharedWith(sight)]))
    .executeTakeFirst()
}

/** @throws AppError as `authorize` */
function visibleMembersOf(actor: Actor, schemeId: string): VisibleMembers {
  const reach = authorize(actor, 'member.views', schemeId)
  return {
    trades: reach.scope === 'trades' ? reach.trades : null,
    numbers: may(actor, 'member.numbers', schemeId),
  }
}

/** Lists the user's own saved views, and shared ones whose owner sees no more than the user; by name. */
export async function listViews(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  schemeId: string,
): Promise<MemberListView[]> {
  const sight = visibleMembersOf(actor, schemeId)
  return inScheme(deps.db, schemeId, (tx) => findViews(tx, schemeId, actorName(actor), sight))
}

/**
 * Saves a view or a group under an id that the client made, so that one just deleted can be restored. Members whom the user may not
 * see are left out of a group.
 * @returns all views after the change
 * @throws AppError `invalid_input` if the user has another view of that name, or 50 views already; `not_found` for an id of
 * another user, and for a filter by a group that the user may not use
 */
export async function saveView(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  schemeId: string,
  id: string,
  { name, filter, shared, memberIds }: MemberListViewInput,
): Promise<MemberListView[]> {
  const sight = visibleMembersOf(actor, schemeId)
  const owner = actorName(actor)
  return inScheme(deps.db, schemeId, async (tx) => {
    // If one user saves in two windows, the second request sees what the first saved.
    await sql`select pg_advisory_xact_lock(hashtextextended(${`member-views:${schemeId}:${owner}`}, 0))`.execute(
      tx,
    )
    const own = await tx
      .selectFrom('memberViews')
      .select(['id', 'name', 'memberIds'])
      .where('schemeId', '=', schemeId)
      .where('owner', '=', owner)
      .execute()
    if (own.some((view) => view.id !== id && view.name === name)) {
      throw new AppError('invalid_input', { problems: [{ code: 'view.name_taken', path: 'name' }] })
    }
    if (own.length >= MAX_VIEWS && !own.some((view) => view.id === id)) {
      throw new AppError('invalid_input', {
        problems: [{ code: 'view.too_many', path: 'name', values: { limit: MAX_VIEWS } }],
      })
    }
    const kept = own.find((view) => view.id === id)?.memberIds ?? null
    const group = memberIds === undefined ? kept : await listKnownMembers(tx, schemeId, sight, memberIds)
    if (group === null) await requireUsableList(tx, actor, schemeId, filter)
    const values = {
      name,
      shared,
      filter: JSON.stringify(group === null ? filter : { list: id }),
      memberIds: group,
      trades: sight.trades === null ? null : [...sight.trades],
      numbers: sight.numbers,
    }
    const { numInsertedOrUpdatedRows } = await tx
      .insertInto('memberViews')
      .values({ schemeId, id, owner, createdAt: deps.now(), ...values })
      .onConflict((conflict) =>
        conflict.columns(['schemeId', 'id']).doUpdateSet(values).where('memberViews.owner', '=', owner),
      )
      .executeTakeFirstOrThrow()
    if (numInsertedOrUpdatedRows === 0n) throw new AppError('not_found')
    return findViews(tx, schemeId, owner, sight)
  })
}

/** Lists the members of one of the user's own groups. @throws AppError `not_found`, also for a view without members of its own */
export async function getGroup(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  schemeId: string,
  id: string,
): Promise<MemberGroup> {
  authorize(actor, 'member.views', schemeId)
  return inScheme(deps.db, schemeId, async (tx) => {
    const stored = await findGroup(tx, schemeId, actor, id)
    return { memberIds: [...new Set(stored.map(({ member }) => member))] }
  })
}

/**
 * Adds members to one of the user's own groups, and removes others. Sent again, it changes nothing more.
 * @returns the members that it really added or removed, and all views after the change
 * @throws AppError `not_found` as `getGroup`; `invalid_input` if the group would have too many members
 */
export async function changeGroup(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  schemeId: string,
  id: string,
  { add, remove }: MemberGroupChange,
): Promise<MemberGroupChanged> {
  const sight = visibleMembersOf(actor, schemeId)
  return inScheme(deps.db, schemeId, async (tx) => {
    const stored = await findGroup(tx, schemeId, actor, id)
    const keptOf = new Map(stored.map(({ id: one, member }) => [one, member]))
    const known = await listKnownMembers(tx, schemeId, sight, add)
    const gone = new Set(remove.map((one) => keptOf.get(one) ?? one))
    const was = new Set(keptOf.values())
    const is = new Set([...was, ...known].filter((one) => !gone.has(one)))
    if (is.size > MAX_GROUP)
      throw new AppError('invalid_input', {
        problems: [{ code: 'view.group_full', path: 'add', values: { limit: MAX_GROUP } }],
      })
    await tx
      .updateTable('memberViews')
      .set({
        // The ids of merged members stay, so that a merge that is undone leaves the group as it was before.
        memberIds: [
          ...stored.filter(({ member }) => is.has(member)).map((one) => one.id),
          ...[...is].filter((one) => !was.has(one)),
        ],
      })
      .where('schemeId', '=', schemeId)
      .where('id', '=', id)
      .execute()
    return {
      views: await findViews(tx, schemeId, actorName(actor), sight),
      added: [...is].filter((one) => !was.has(one)),
      removed: [...was].filter((one) => !is.has(one)),
    }
  })
}

/**
 * Finds the members of a user's own group, and locks it.
 * @returns the ids as stored, each with the member that it means: of a merged one, the member with which it was merged
 * @throws AppError `not_found`
 */
async function findGroup(
  tx: Tx,
  schemeId: string,
  actor: Actor,
  id: string,
): Promise<{ readonly id: string; readonly member: string }[]> {
  const row = await tx
    .selectFrom('memberViews')
    .select('memberIds')
    .where('schemeId', '=', schemeId)
    .where('id', '=', id)
    .where('owner', '=', actorName(actor))
    .forUpdate()
    .executeTakeFirst()
  if (row === undefined || row.memberIds === null) throw new AppError('not_found')
  const { rows } = await sql<{ id: string; member: string }>`
    select g.id, coalesce(m.merged_into, g.id) as member
    from unnest(${row.memberIds}::uuid[]) with ordinality as g (id, no)
    left join members m on m.scheme_id = ${schemeId} and m.id = g.id
    order by g.no`.execute(tx)
  return rows
}

/** Returns those of the given members that exist and that the user may see. */
async function listKnownMembers(
  tx: Tx,
  schemeId: string,
  { trades }: VisibleMembers,
  ids: readonly string[],
): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select m.id from members m where m.scheme_id = ${schemeId} and m.id = any (${ids}::uuid[]) and m.merged_into is null
      and m.erased_at is null and ${trades === null ? sql`true` : sql`m.trade = any (${trades}::text[])`}
    order by m.id`.execute(tx)
  return rows.map(({ id }) => id)
}

/** A view as the group of a service message. */
export interface ViewGroup {
  readonly name: string
  readonly filter: MemberFilter
}

/** Finds any view of the scheme, by id. */
export async function findViewGroups(
  tx: Tx,
  schemeId: string,
  ids: readonly string[],
): Promise<Map<string, ViewGroup>> {
  const rows =
    ids.length === 0
      ? []
      : await tx
          .selectFrom('memberViews')
          .select(['id', 'name', 'filter'])
          .where('schemeId', '=', schemeId)
          .where('id', 'in', [...ids])
          .execute()
  return new Map(rows.map(({ id, ...view }) => [id, view]))
}

/** Lists the ids of the views whose owner sees no more members and numbers than the user, shared or not: it may read their names. */
export async function listReadableViews(
  tx: Tx,
  actor: Actor,
  schemeId: string,
): Promise<ReadonlySet<string>> {
  const sight = visibleMembersOf(actor, schemeId)
  const rows = await tx
    .selectFrom('memberViews')
    .select('id')
    .where('schemeId', '=', schemeId)
    .where((where) => where.or([where('owner', '=', actorName(actor)), seesAsMuch(sight)]))
    .execute()
  return new Set(rows.map(({ id }) => id))
}

/** SQL: the owner of the view saw no more than the user when it was saved. */
const seesAsMuch = ({ trades, numbers }: VisibleMembers) =>
  sql<boolean>`((${trades === null} or trades <@ ${trades ?? []}::text[]) and (${numbers} or not numbers))`

/** SQL: the view is shared, and its owner sees no more than the user. */
const isSharedWith = (sight: VisibleMembers) => sql<boolean>`(shared and ${seesAsMuch(sight)})`

/** Deletes one of the user's own views. @returns the remaining views @throws AppError `not_found` */
export async function deleteView(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  schemeId: string,
  id: string,
): Promise<MemberListView[]> {
  const sight = visibleMembersOf(actor, schemeId)
  const owner = actorName(actor)
  return inScheme(deps.db, schemeId, async (tx) => {
    const { numDeletedRows } = await tx
      .deleteFrom('memberViews')
      .where('schemeId', '=', schemeId)
      .where('id', '=', id)
      .where('owner', '=', owner)
      .executeTakeFirst()
    if (numDeletedRows === 0n) throw new AppError('not_found')
    return findViews(tx, schemeId, owner, sight)
  })
}

async function findViews(
  tx: Tx,
  schemeId: string,
  owner: string,
  sight: VisibleMembers,
): Promise<MemberListView[]> {
  const rows = await tx
    .selectFrom('memberViews')
    .select(['id', 'name', 'filter', 'shared', 'owner'])
    .select(
      sql<number | null>`case when member_ids is not null then (
        select count(distinct m.id)::int from members g
        join members m on m.scheme_id = g.scheme_id and m.id = coalesce(g.merged_into, g.id)
        where g.scheme_id = member_views.scheme_id and g.id = any (member_views.member_ids) and m.status <> 'left') end`.as(
        'members',
      ),
    )
    .where('schemeId', '=', schemeId)
    .where((where) => where.or([where('owner', '=', owner), isSharedWith(sight)]))
    .orderBy('name')
    .orderBy('id')
    .execute()
  return rows.map(({ owner: whose, ...view }) => ({ ...view, mine: whose === owner }))
}
