import { type RawBuilder, sql } from 'kysely'
import { type BroadcastPlan, planBroadcast } from '../../deliveries/plan/plan.ts'
import type { Deps } from '../../deps.ts'
import type { Tx } from '../../platform/db.ts'
import type { DeliveryState } from '../../schema.ts'
import type { ContentLevel } from '../../schemes/doctrine.ts'
import { isForForcesAlone } from '../live/masked.ts'

/** Lists the services of the State that receive a copy of every message of an alert, by name. */
export async function listObservers(tx: Tx, schemeId: string): Promise<{ id: string; name: string }[]> {
  return tx
    .selectFrom('observers')
    .select(['id', 'name'])
    .where('schemeId', '=', schemeId)
    .orderBy('name')
    .orderBy('id')
    .execute()
}

/** The kinds of the agencies of a scheme's observers, as an expression: an array, null for an observer without one. */
export function observerKinds(schemeId: string): RawBuilder<(string | null)[]> {
  return sql`(select coalesce(array_agg(g.kind), '{}')
    from observers o left join agencies g on g.scheme_id = o.scheme_id and g.id = o.agency_id
    where o.scheme_id = ${schemeId})`
}

/**
 * Plans copies of a message for the observers, in the transaction that orders it: the same text, sender and kind of
 * route, after the members. Observers are not members, so no figure counts them. A chamber gets no copy of a message
 * for the forces only.
 * @param message as planned for the members
 * @returns number of copies
 */
export async function copyToObservers(
  tx: Tx,
  deps: Pick<Deps, 'config' | 'newId' | 'now'>,
  message: Omit<BroadcastPlan, 'kind' | 'lane' | 'recipients' | 'orderKey'>,
  { communeCode, level }: { readonly communeCode: string; readonly level: ContentLevel },
): Promise<number> {
  const isForAll = !isForForcesAlone(level, message.segmentation.parts.join(''))
  const observers = sql`
    from observers o left join agencies g on g.scheme_id = o.scheme_id and g.id = o.agency_id
    where o.scheme_id = ${message.schemeId} and (${isForAll} or g.kind is distinct from 'chamber')`
  const { rows } = await sql`select 1 ${observers} limit 1`.execute(tx)
  if (rows.length === 0) return 0
  const { planned } = await planBroadcast(tx, deps, {
    ...message,
    kind: 'copy',
    lane: 'follow_up',
    recipients: sql`
      select o.id as contact_id, o.id as member_id, o.phone, ${communeCode} as commune_code, '' as trade
      ${observers} order by o.name, o.id`,
  })
  return planned
}

/** Lists the delivery state of each observer's copy of the last message of an alert, by observer name. */
export async function listCopies(
  tx: Tx,
  schemeId: string,
  alertId: string,
): Promise<{ name: string; state: DeliveryState }[]> {
  const { rows } = await sql<{ name: string; state: DeliveryState }>`
    select name, state from (
      select distinct on (d.member_id) coalesce(o.name, '') as name, d.state, d.member_id
      from broadcasts b join deliveries d on d.scheme_id = b.scheme_id and d.broadcast_id = b.id
      left join observers o on o.scheme_id = d.scheme_id and o.id = d.member_id
      where b.scheme_id = ${schemeId} and b.alert_id = ${alertId}::uuid and b.kind = 'copy'
      order by d.member_id, b.ordered_at desc, b.id desc
    ) latest order by name, member_id`.execute(tx)
  return rows
}
