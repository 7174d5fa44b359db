import { sql } from 'kysely'
import type { Tx } from '../../platform/db.ts'
import type { Area } from '../../territory/contract.ts'
import { type AreaContext, communeCodesOf } from '../../territory/store/areas.ts'
import type { SectorsView, SectorView } from './contract.ts'

/** Those who would change sectors or zones of the scheme wait until the transaction ends. */
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

/** The name of a sector that was removed; undefined: there is none of this id. */
export async function findRemoved(tx: Tx, schemeId: string, id: string): Promise<SectorView | undefined> {
  return tx
    .selectFrom('sectors')
    .select(['id', 'name', 'communeCodes', 'version'])
    .where('schemeId', '=', schemeId)
    .where('id', '=', id)
    .where('removedAt', 'is not', null)
    .executeTakeFirst()
}

export async function insertSector(tx: Tx, schemeId: string, sector: SectorView): Promise<void> {
  await tx
    .insertInto('sectors')
    .values({ schemeId, ...sector })
    .execute()
}

/** Writes a sector again, under its new version; `removedAt` null: it is there. */
export async function updateSector(
  tx: Tx,
  schemeId: string,
  { id, ...fields }: SectorView,
  removedAt: Date | null = null,
): Promise<void> {
  await tx
    .updateTable('sectors')
    .set({ ...fields, removedAt })
    .where('schemeId', '=', schemeId)
    .where('id', '=', id)
    .execute()
}

/** The alerts that are not over, the zones, and the messages that wait to be sent, that name a sector. */
export async function listUses(
  tx: Tx,
  schemeId: string,
  id: string,
): Promise<{ kind: 'alert' | 'zone' | 'message'; name: string }[]> {
  const { rows } = await sql<{ kind: 'alert' | 'zone' | 'message'; name: string }>`
    select 'alert' as kind, reference as name from alerts
    where scheme_id = ${schemeId} and strpos(lower(area::text), ${id}) > 0
      and state not in ('ended', 'cancelled', 'expired', 'discarded', 'rejected')
    union all select 'zone', name from agencies
    where scheme_id = ${schemeId} and strpos(lower(zone::text), ${id}) > 0
    union all select 'message', left(text, 40) from service_messages
    where scheme_id = ${schemeId} and state = 'waiting' and filter->>'sectorId' = ${id}
    order by kind, name limit 20`.execute(tx)
  return rows
}

/** The communes of the territory by name, with their active members. */
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

/** EPCIs or arrondissements by name. */
export async function listGroups(
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

export interface AgencyZone {
  readonly agencyId: string
  readonly name: string
  readonly kind: 'police' | 'gendarmerie'
  readonly zone: Area | null
  readonly version: number
}

/** Of the services that have a zone: police and gendarmerie. */
export async function listZones(tx: Tx, schemeId: string): Promise<AgencyZone[]> {
  const { rows } = await sql<AgencyZone>`
    select id as agency_id, name, kind, zone, zone_version as version from agencies
    where scheme_id = ${schemeId} and kind in ('police', 'gendarmerie') order by kind desc, name`.execute(tx)
  return rows
}

export async function codesOf(tx: Tx, context: AreaContext, area: Area): Promise<string[]> {
  const { rows } = await sql<{ code: string }>`
    select code from communes where code in (${communeCodesOf(area, context)}) order by code`.execute(tx)
  return rows.map(({ code }) => code)
}

export async function updateZone(
  tx: Tx,
  schemeId: string,
  agencyId: string,
  zone: Area | null,
  version: number,
): Promise<void> {
  await tx
    .updateTable('agencies')
    .set({ zone: zone === null ? null : JSON.stringify(zone), zoneVersion: version })
    .where('schemeId', '=', schemeId)
    .where('id', '=', agencyId)
    .execute()
}
