import type { Tx } from '../../platform/db.ts'
import type { AgencyRow } from '../store.ts'

/** Lists the agencies of a scheme, and blocks other changes of them until the transaction ends. */
export async function lockAgencies(tx: Tx, schemeId: string): Promise<AgencyRow[]> {
  await tx.selectFrom('schemes').select('id').where('id', '=', schemeId).forNoKeyUpdate().execute()
  return tx
    .selectFrom('agencies')
    .select(['id', 'code', 'name', 'kind', 'zone'])
    .where('schemeId', '=', schemeId)
    .orderBy('code')
    .execute()
}

export async function insertAgency(tx: Tx, schemeId: string, agency: Omit<AgencyRow, 'zone'>): Promise<void> {
  await tx
    .insertInto('agencies')
    .values({ schemeId, ...agency, renamed: true })
    .execute()
}

export async function updateAgencyName(tx: Tx, schemeId: string, id: string, name: string): Promise<void> {
  await tx
    .updateTable('agencies')
    .set({ name, renamed: true })
    .where('schemeId', '=', schemeId)
    .where('id', '=', id)
    .execute()
}
