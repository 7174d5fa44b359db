import { sql } from 'kysely'
import type { Tx } from '../platform/db.ts'
import { inNamedArea } from '../schemes/store.ts'
import type { Area } from '../territory/contract.ts'
import type { KnownCommune } from './rules.ts'

/** Lists the communes, anywhere in France, that the codes, names and postal codes of a list may refer to. */
export async function listKnownCommunes(
  tx: Tx,
  territory: Area,
  wanted: {
    readonly codes: readonly string[]
    readonly names: readonly string[]
    readonly postalCodes: readonly string[]
  },
): Promise<KnownCommune[]> {
  return tx
    .selectFrom('communes')
    .select(['code', 'name', 'departementCode', 'postalCodes', 'latitude', 'longitude'])
    .select(inNamedArea(territory).as('inside'))
    .where(
      sql<boolean>`(code = any (${wanted.codes}::text[]) or search_name = any (${wanted.names}::text[])
        or postal_codes && ${wanted.postalCodes}::text[])`,
    )
    .orderBy('population', 'desc')
    .orderBy('code')
    .execute()
}

/** Lists all communes of a territory, the most populated first. */
export async function listTerritoryCommunes(tx: Tx, territory: Area): Promise<KnownCommune[]> {
  return tx
    .selectFrom('communes')
    .select(['code', 'name', 'departementCode', 'postalCodes', 'latitude', 'longitude'])
    .select(sql<boolean>`true`.as('inside'))
    .where(inNamedArea(territory))
    .orderBy('population', 'desc')
    .orderBy('code')
    .execute()
}

/** Lists the communes that were merged into those of a territory. */
export async function listFormerCommunes(
  tx: Tx,
  territory: Area,
): Promise<{ code: string; communeCode: string; name: string | null }[]> {
  return tx
    .selectFrom('formerCommunes')
    .innerJoin('communes', 'communes.code', 'formerCommunes.communeCode')
    .select(['formerCommunes.code', 'formerCommunes.communeCode', 'formerCommunes.name'])
    .where(inNamedArea(territory))
    .orderBy('formerCommunes.code')
    .execute()
}
