import { type RawBuilder, sql } from 'kysely'
import { AppError } from '../errors.ts'
import type { MemberFilter } from '../members/contract.ts'
import { memberFilters, memberFilterTables } from '../members/filters.ts'
import { findUsableView, findViewGroups, requireUsableList } from '../members/views/actions.ts'
import type { Actor } from '../permissions.ts'
import type { Tx } from '../platform/db.ts'
import type { GroupFilter } from './contract.ts'

/** The group of members that a message is written to. */
export interface Group {
  readonly schemeId: string
  readonly filter: GroupFilter
  /** Trades that the writer is limited to (a trade chamber); null: all. */
  readonly trades: readonly string[] | null
  /** The filters of its view; undefined without one, null if it was deleted. */
  readonly view?: MemberFilter | null | undefined
}

/** Reads the view of a group as it is now. */
export async function withView(tx: Tx, group: Omit<Group, 'view'>): Promise<Group> {
  const { viewId } = group.filter
  if (viewId === undefined) return group
  const views = await findViewGroups(tx, group.schemeId, [viewId])
  return { ...group, view: views.get(viewId)?.filter ?? null }
}

/** Requires that the writer may use the view that it writes to. @throws AppError `not_found`, `group_missing` */
export async function requireView(
  tx: Tx,
  actor: Actor,
  schemeId: string,
  { viewId }: GroupFilter,
): Promise<void> {
  if (viewId === undefined) return
  const view = await findUsableView(tx, actor, schemeId, viewId)
  if (view === undefined) throw new AppError('not_found')
  await requireUsableList(tx, actor, schemeId, view.filter)
}

export async function assertSectorExists(tx: Tx, { schemeId, filter }: Group): Promise<void> {
  if (filter.sectorId === undefined) return
  const sector = await tx
    .selectFrom('sectors')
    .select('id')
    .where('schemeId', '=', schemeId)
    .where('id', '=', filter.sectorId)
    .where('removedAt', 'is', null)
    .executeTakeFirst()
  if (sector === undefined) throw new AppError('not_found')
}

/**
 * SQL: active members `m` of a group with their contacts `c`. A filter on unpaid dues includes suspended members,
 * since the message is about the reason for their suspension.
 */
export function selectGroup({ schemeId, filter, trades, view }: Group): RawBuilder<unknown> {
  return sql`
    from members m left join contacts c on c.scheme_id = m.scheme_id and c.member_id = m.id
    where m.scheme_id = ${schemeId}
      and ${filter.unpaid === true ? sql`m.status in ('active', 'suspended')` : sql`m.status = 'active'`}
      ${trades === null ? sql`` : sql`and m.trade = any (${[...trades]}::text[])`}
      ${filter.trade === undefined ? sql`` : sql`and m.trade = ${filter.trade}`}
      ${
        filter.sectorId === undefined
          ? sql``
          : sql`and m.commune_code = any (
              select unnest(commune_codes) from sectors where scheme_id = ${schemeId} and id = ${filter.sectorId}::uuid)`
      }
      ${
        filter.unpaid === true
          ? sql`and (select coalesce(sum(l.debit_cents - l.credit_cents), 0) from ledger_lines l
              where l.scheme_id = m.scheme_id and l.member_id = m.id and l.account = 'receivable') > 0`
          : sql``
      }
      ${viewCondition(schemeId, view)}`
}

function viewCondition(schemeId: string, view: Group['view']): RawBuilder<unknown> {
  if (view === undefined) return sql``
  if (view === null) return sql`and false`
  return sql`and m.id in (select m.id from ${memberFilterTables(view)} where ${memberFilters(schemeId, view, {})})`
}

/** SQL: the address that identifies a recipient on this channel; null when the contact has none. */
export const addressColumn = (channel: 'sms' | 'mail') =>
  channel === 'sms' ? sql`case when c.sms then c.mobile end` : sql`nullif(lower(c.mail), '')`

export async function countGroup(tx: Tx, group: Group, channel: 'sms' | 'mail') {
  const { rows } = await sql<{ recipients: number; without: number }>`
    select count(distinct address)::int as recipients,
      (count(distinct member_id) - count(distinct member_id) filter (where address is not null))::int as without
    from (select m.id as member_id, ${addressColumn(channel)} as address ${selectGroup(group)}) g`.execute(tx)
  return rows[0] ?? { recipients: 0, without: 0 }
}
