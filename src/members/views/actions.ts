import { sql } from 'kysely'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { type Actor, actorName, authorize, may } from '../../permissions.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import { MAX_VIEWS, type MemberListView, type MemberListViewInput } from './contract.ts'

/** The members that a user may see: their trades (null for all), and whether with full numbers. */
interface VisibleMembers {
  readonly trades: readonly string[] | null
  readonly numbers: boolean
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
 * Saves a view under an id that the client made, so that a view just deleted can be restored.
 * @returns all views after the change
 * @throws AppError `invalid_input` if the user has another view of that name, or 50 views already; `not_found` for an id of
 * another user
 */
export async function saveView(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  schemeId: string,
  id: string,
  { name, filter, shared }: MemberListViewInput,
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
      .select(['id', 'name'])
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
    const values = {
      name,
      shared,
      filter: JSON.stringify(filter),
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
  { trades, numbers }: VisibleMembers,
): Promise<MemberListView[]> {
  const seesAsMuch = sql<boolean>`shared
    and (${trades === null} or trades <@ ${trades ?? []}::text[]) and (${numbers} or not numbers)`
  const rows = await tx
    .selectFrom('memberViews')
    .select(['id', 'name', 'filter', 'shared', 'owner'])
    .where('schemeId', '=', schemeId)
    .where((where) => where.or([where('owner', '=', owner), seesAsMuch]))
    .orderBy('name')
    .orderBy('id')
    .execute()
  return rows.map(({ owner: whose, ...view }) => ({ ...view, mine: whose === owner }))
}
