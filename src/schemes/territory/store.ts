import { sql } from 'kysely'
import type { Tx } from '../../platform/db.ts'
import type { Area } from '../../territory/contract.ts'
import { findPlaces } from '../../territory/store/places.ts'
import { inNamedArea, namedCodes } from '../store.ts'
import { PART_KINDS, type TerritoryPart, type TerritoryPreview } from './contract.ts'

/** Names shown of the communes that are added or removed. */
const NAMES_SHOWN = 5

type Group = Omit<TerritoryPart, 'departement'>

/** Lists every region, département, arrondissement and EPCI. */
async function listGroups(tx: Tx): Promise<Group[]> {
  const { rows } = await sql<Group>`
    select 'region' as kind, code, name from regions
    union all select 'departement', code, name from departements
    union all select 'arrondissement', code, name from arrondissements
    union all select 'epci', code, name from epcis`.execute(tx)
  return rows
}

/** Adds the département in which most of an EPCI is. */
async function withDepartements(tx: Tx, groups: readonly Group[]): Promise<TerritoryPart[]> {
  const codes = groups.flatMap(({ kind, code }) => (kind === 'epci' ? [code] : []))
  const { rows } = await sql<{ code: string; departement: string }>`
    select distinct on (epci_code) epci_code as code, departement_code as departement from communes
    where epci_code = any (${codes}::text[]) order by epci_code, population desc, communes.code`.execute(tx)
  const departements = new Map(rows.map(({ code, departement }) => [code, departement]))
  return groups.map((group) => ({
    ...group,
    departement: group.kind === 'epci' ? (departements.get(group.code) ?? null) : null,
  }))
}

/** Finds groups of communes, of which `isFound` tells which, and then communes by a typed text. */
export async function findParts(
  tx: Tx,
  text: string,
  of: { readonly isFound: (group: Group) => boolean; readonly groups: number; readonly communes: number },
): Promise<TerritoryPart[]> {
  const groups = (await listGroups(tx))
    .filter(of.isFound)
    .sort((a, b) => order(a) - order(b) || a.name.localeCompare(b.name, 'fr'))
    .slice(0, of.groups)
  const places = await findPlaces(tx, text, { limit: of.communes })
  return [
    ...(await withDepartements(tx, groups)),
    ...places.map(({ code, name, departementCode }) => ({
      kind: 'commune' as const,
      code,
      name,
      departement: departementCode,
    })),
  ]
}

const order = ({ kind }: Group) => PART_KINDS.indexOf(kind)

/** Names the parts of a named area, the largest kinds first; a code that is unknown has no part. */
export async function nameParts(tx: Tx, area: Area): Promise<TerritoryPart[]> {
  const codes = namedCodes(area)
  const wanted = {
    region: codes.regions,
    departement: codes.departements,
    arrondissement: codes.arrondissements,
    epci: codes.epcis,
  }
  const groups = (await listGroups(tx))
    .filter(({ kind, code }) => kind !== 'commune' && wanted[kind].includes(code))
    .sort((a, b) => order(a) - order(b) || a.name.localeCompare(b.name, 'fr'))
  const { rows: communes } = await sql<TerritoryPart>`
    select 'commune' as kind, code, name, departement_code as departement from communes
    where code = any (${codes.communes}::text[]) order by search_name, code`.execute(tx)
  return [...(await withDepartements(tx, groups)), ...communes]
}

/** Compares the communes of two named areas. */
export async function compareCommunes(
  tx: Tx,
  before: Area,
  after: Area,
): Promise<Pick<TerritoryPreview, 'communes' | 'added' | 'removed'>> {
  const names = (isAdded: boolean) => sql`
    coalesce((array_agg(name order by population desc, code) filter (where ${
      isAdded ? sql`is_after and not is_before` : sql`is_before and not is_after`
    }))[1:${sql.lit(NAMES_SHOWN)}], '{}')`
  const { rows } = await sql<{
    communes: number
    added: number
    removed: number
    addedNames: string[]
    removedNames: string[]
  }>`
    select count(*) filter (where is_after)::int as communes,
      count(*) filter (where is_after and not is_before)::int as added,
      count(*) filter (where is_before and not is_after)::int as removed,
      ${names(true)} as added_names, ${names(false)} as removed_names
    from (
      select code, name, population, coalesce(${inNamedArea(before)}, false) as is_before,
        coalesce(${inNamedArea(after)}, false) as is_after
      from communes
    ) compared where is_before or is_after`.execute(tx)
  const [row] = rows
  return {
    communes: row?.communes ?? 0,
    added: { count: row?.added ?? 0, names: row?.addedNames ?? [] },
    removed: { count: row?.removed ?? 0, names: row?.removedNames ?? [] },
  }
}

/** Counts the active members whose commune is outside a named area. */
export async function countMembersOutside(tx: Tx, schemeId: string, area: Area): Promise<number> {
  const { rows } = await sql<{ members: number }>`
    select count(*)::int as members from members
    where scheme_id = ${schemeId} and status = 'active'
      and commune_code not in (select code from communes where ${inNamedArea(area)})`.execute(tx)
  return rows[0]?.members ?? 0
}
