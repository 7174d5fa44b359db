import { sql } from 'kysely'
import type { Tx } from '../../platform/db.ts'
import type { Area } from '../../territory/contract.ts'
import { type AreaContext, communeCodesOf } from '../../territory/store/areas.ts'
import type { Zone } from '../store.ts'

/**
 * Returns whether a place is in the zone of an agency, and otherwise the agency whose zone it is in (of several, the one with the
 * smallest zone). Users without an agency, or of an agency that acts everywhere, are never outside. Neither is an exercise, which
 * has no real place: it needs no reason, and no agency is notified.
 */
export async function zoneOf(
  tx: Tx,
  context: AreaContext,
  agencyId: string | null,
  place: { readonly communeCode: string; readonly exercise: boolean },
): Promise<Zone> {
  const { communeCode, exercise } = place
  const inside = { agencyId, outsideZone: false, zoneAgencyId: null }
  if (exercise) return inside
  const agencies = await tx
    .selectFrom('agencies')
    .select(['id', 'zone'])
    .where('schemeId', '=', context.schemeId)
    .where((where) =>
      where.or([where('kind', 'in', ['police', 'gendarmerie']), where('id', '=', agencyId ?? NOBODY)]),
    )
    .orderBy('id')
    .execute()
  const own = agencies.find(({ id }) => id === agencyId)
  if (own === undefined || own.zone === null) return inside
  const { rows } = await sql<{ id: string }>`
    select id from (${sql.join(
      agencies.map(({ id, zone }) => sizeOf(context, id, zone, communeCode)),
      sql` union all `,
    )}) as zones where holds order by communes, id`.execute(tx)
  if (rows.some(({ id }) => id === own.id)) return inside
  return { agencyId, outsideZone: true, zoneAgencyId: rows[0]?.id ?? null }
}

const NOBODY = '00000000-0000-0000-0000-000000000000'
const EVERYWHERE = 1_000_000

/** Selects one row: the communes of a zone, and whether a place is among them. */
function sizeOf(context: AreaContext, id: string, zone: Area | null, communeCode: string) {
  if (zone === null) return sql`select ${id}::uuid as id, ${EVERYWHERE}::integer as communes, true as holds`
  return sql`select ${id}::uuid as id, count(*)::integer as communes, coalesce(bool_or(code = ${communeCode}), false) as holds
    from (${communeCodesOf(zone, context)}) as zone (code)`
}
