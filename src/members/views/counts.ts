import { type RawBuilder, sql } from 'kysely'
import type { Deps } from '../../deps.ts'
import { type Actor, authorize, may } from '../../permissions.ts'
import { inScheme } from '../../platform/db.ts'
import { memberScopeOf } from '../actions.ts'
import type { MemberFilter } from '../contract.ts'
import { memberFilters, memberFilterTables } from '../filters.ts'
import { listViews } from './actions.ts'
import type { MemberViewCounts } from './contract.ts'

/** Saved views that are counted: as many as fit beside each other on a wide screen. */
const MAX_COUNTED = 12

/**
 * Counts the members of the ready views and of the first saved ones, in one statement. A group chosen by hand has its count in the list
 * of views; a view by what the user may not see is left out.
 */
export async function countViews(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  schemeId: string,
): Promise<MemberViewCounts> {
  const only = memberScopeOf(authorize(actor, 'member.read', schemeId))
  const seesDues = may(actor, 'dues.read', schemeId)
  const seesTags = may(actor, 'member.tags', schemeId)
  const ready: Record<string, MemberFilter> = {
    all: {},
    unreachable: { numbers: 'unreachable' },
    ...(seesDues && { late: { dues: 'late' } }),
    ...(may(actor, 'enrolment.read', schemeId) && { older: { charter: 'older' } }),
  }
  const views = may(actor, 'member.views', schemeId) ? await listViews(deps, actor, schemeId) : []
  const saved = views
    .filter(({ filter }) => filter.list === undefined && (seesDues || filter.dues === undefined))
    .filter(({ filter }) => seesTags || filter.tag === undefined)
    .slice(0, MAX_COUNTED)
  const count = (id: string, filter: MemberFilter): RawBuilder<unknown> => sql`
    select ${id} as id, count(*)::int as members from ${memberFilterTables(filter)}
    where ${memberFilters(schemeId, filter, only)}`
  const counted = [
    ...Object.entries(ready).map(([id, filter]) => count(id, filter)),
    ...saved.map(({ id, filter }) => count(id, filter)),
  ]
  const { rows } = await inScheme(deps.db, schemeId, (tx) =>
    sql<{ id: string; members: number }>`${sql.join(counted, sql` union all `)}`.execute(tx),
  )
  const of = new Map(rows.map(({ id, members }) => [id, members]))
  return {
    ready: {
      all: of.get('all') ?? 0,
      unreachable: of.get('unreachable') ?? 0,
      ...(of.has('late') && { late: of.get('late') }),
      ...(of.has('older') && { older: of.get('older') }),
    },
    saved: Object.fromEntries(saved.map(({ id }) => [id, of.get(id) ?? 0])),
  }
}
