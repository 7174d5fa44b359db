import { sql } from 'kysely'
import type { Tx } from '../../platform/db.ts'
import { OVER } from '../../schema.ts'
import type { Area } from '../../territory/contract.ts'
import { type AreaContext, communeCodesOf } from '../../territory/store/areas.ts'
import { MAX_SECTORS, type SectorsView, type SectorView, type ZoneView } from './contract.ts'

/** Blocks other changes of the scheme's sectors and zones until the transaction ends. */
export async function lockSectors(tx: Tx, schemeId: string): Promise<void> {
  await tx.selectFrom('schemes').select('id').where('id', '=', schemeId).forNoKeyUpdate().execute()
}

export async function listSectors(tx: Tx, schemeId: string): Promise<SectorView[]> {
  return tx
    .selectFrom('sectors')
    .select(['id', 'name', 'communeCodes', 'version'])
    .where('schemeId', '=', schemeId)
    .where('removedAt', 'is', null)
    .orderBy('name')
    .execute()
}

/** Lists the removed sectors, latest first; with `id`, only that one. */
export async function listRemovedSectors(
  tx: Tx,
  schemeId: string,
  id?: string,
): Promise<(SectorView & { removed: Removal })[]> {
  let query = tx
    .selectFrom('sectors')
    .select(['id', 'name', 'communeCodes', 'version', 'removedAt', 'removedBy'])
    .where('schemeId', '=', schemeId)
    .where('removedAt', 'is not', null)
    .$narrowType<{ removedAt: Date }>()
    .orderBy('removedAt', 'desc')
    .orderBy('id')
    .limit(MAX_SECTORS)
  if (id !== undefined) query = query.where('id', '=', id)
  const rows = await query.execute()
  return rows.map(({ removedAt: at, removedBy: by, ...sector }) => ({ ...sector, removed: { at, by } }))
}

export async function insertSector(tx: Tx, schemeId: string, sector: SectorView): Promise<void> {
  await tx
    .insertInto('sectors')
    .values({ schemeId, ...sector })
    .execute()
}

/** When something was removed, and by whom; null when that was not recorded. */
export interface Removal {
  readonly at: Date
  readonly by: string | null
}

/** Updates a sector under its new version; without `removal`, it is active. */
export async function updateSector(
  tx: Tx,
  schemeId: string,
  { id, name, communeCodes, version }: SectorView,
  removal?: Removal,
): Promise<void> {
  await tx
    .updateTable('sectors')
    .set({
      name,
      communeCodes,
      version,
      removedAt: removal?.at ?? null,
      removedBy: removal?.by ?? null,
    })
    .where('schemeId', '=', schemeId)
    .where('id', '=', id)
    .execute()
}

/** Lists the open alerts, the zones and the waiting messages that use a sector. */
export async function listSectorUses(
  tx: Tx,
  schemeId: string,
  id: string,
): Promise<{ kind: 'alert' | 'zone' | 'message'; name: string }[]> {
  const { rows } = await sql<{ kind: 'alert' | 'zone' | 'message'; name: string }>`
    select 'alert' as kind, reference as name from alerts
    where scheme_id = ${schemeId} and strpos(lower(area::text), ${id}) > 0
      and state <> all (${[...OVER]}::text[])
    union all select 'zone', name from agencies
    where scheme_id = ${schemeId} and strpos(lower(zone::text), ${id}) > 0
    union all select 'message', left(text, 40) from service_messages
    where scheme_id = ${schemeId} and state = 'waiting' and filter->>'sectorId' = ${id}
    order by kind, name limit 20`.execute(tx)
  return rows
}

/** Lists the communes of the territory by name, with their number of active members. */
export async function listTerritory(tx: Tx, context: AreaContext): Promise<SectorsView['communes']> {
  const { rows } = await sql<SectorsView['communes'][number]>`
    select c.code, c.name, c.postal_codes, c.epci_code, c.arrondissement_code, coalesce(m.members, 0)::int as members
    from communes c
    left join (select commune_code, count(*) as members from members
      where scheme_id = ${context.schemeId} and status = 'active' group by commune_code) m on m.commune_code = c.code
    where c.code in (${communeCodesOf({ kind: 'scheme' }, context)})
    order by c.search_name, c.code`.execute(tx)
  return rows
}

/** Lists EPCIs or arrondissements by name. */
export async function listCommuneGroups(
  tx: Tx,
  table: 'epcis' | 'arrondissements',
  codes: ReadonlySet<string | null>,
): Promise<{ code: string; name: string }[]> {
  const { rows } = await sql<{ code: string; name: string }>`
    select code, name from ${sql.table(table)} where code = any (${[...codes]}::text[]) order by name, code`.execute(
    tx,
  )
  return rows
}

/** The stored zone of an agency. */
export type AgencyZone = Omit<ZoneView, 'removed'> & {
  readonly removed: (Removal & { readonly communeCodes: string[] }) | null
}

/** Lists the agencies that can have a zone (police and gendarmerie) with the communes in which they act, by code. */
export async function listZones(tx: Tx, context: AreaContext): Promise<AgencyZone[]> {
  const { rows: agencies } = await sql<
    Pick<AgencyZone, 'agencyId' | 'name' | 'kind' | 'version'> & {
      zone: Area | null
      codes: string[] | null
      at: Date | null
      by: string | null
    }
  >`
    select id as agency_id, name, kind, zone_version as version, zone,
      removed_zone as codes, zone_removed_at as at, zone_removed_by as by
    from agencies where scheme_id = ${context.schemeId} and kind in ('police', 'gendarmerie')
    order by kind desc, name`.execute(tx)
  const drawn = agencies.flatMap(({ agencyId, zone }) => {
    if (zone === null) return []
    const codes = sql`select code from communes where code in (${communeCodesOf(zone, context)}) order by code`
    return [sql`select ${agencyId}::uuid as agency_id, array(${codes}) as codes`]
  })
  const { rows } =
    drawn.length === 0
      ? { rows: [] }
      : await sql<{ agencyId: string; codes: string[] }>`${sql.join(drawn, sql` union all `)}`.execute(tx)
  const codesOf = new Map(rows.map((row) => [row.agencyId, row.codes]))
  return agencies.map(({ zone, codes, at, by, ...agency }) => ({
    ...agency,
    communeCodes: zone === null ? null : (codesOf.get(agency.agencyId) ?? []),
    removed: codes === null || at === null ? null : { communeCodes: codes, at, by },
  }))
}

/** Returns the codes of the communes of the territory. */
export async function territoryCodes(tx: Tx, context: AreaContext): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ code: string }>`
    select code from communes where code in (${communeCodesOf({ kind: 'scheme' }, context)})`.execute(tx)
  return new Set(rows.map(({ code }) => code))
}

/** Updates the zone of an agency, and the zone that was removed. */
export async function updateZone(
  tx: Tx,
  schemeId: string,
  { agencyId, communeCodes, version, removed }: AgencyZone,
): Promise<void> {
  const zone: Area | null = communeCodes && { kind: 'communes', codes: communeCodes }
  await tx
    .updateTable('agencies')
    .set({
      zone: zone && JSON.stringify(zone),
      zoneVersion: version,
      removedZone: removed?.communeCodes ?? null,
      zoneRemovedAt: removed?.at ?? null,
      zoneRemovedBy: removed?.by ?? null,
    })
    .where('schemeId', '=', schemeId)
    .where('id', '=', agencyId)
    .execute()
}
