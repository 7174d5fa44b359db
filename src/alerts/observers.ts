import type { Tx } from '../platform/db.ts'

/** Services of the State that get a copy of every message of an alert, by name. */
export async function listObservers(tx: Tx, schemeId: string): Promise<{ id: string; name: string }[]> {
  return tx
    .selectFrom('observers')
    .select(['id', 'name'])
    .where('schemeId', '=', schemeId)
    .orderBy('name')
    .orderBy('id')
    .execute()
}
