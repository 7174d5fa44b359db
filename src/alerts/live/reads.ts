import type { Tx } from '../../platform/db.ts'

/** Counts the contacts who confirmed that they read an alert. */
export async function countReads(tx: Tx, schemeId: string, alertId: string): Promise<number> {
  const { reads } = await tx
    .selectFrom('alertReads')
    .select(({ fn }) => fn.countAll<number>().as('reads'))
    .where('schemeId', '=', schemeId)
    .where('alertId', '=', alertId)
    .executeTakeFirstOrThrow()
  return reads
}
