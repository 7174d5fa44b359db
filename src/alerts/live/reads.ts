import type { Tx } from '../../platform/db.ts'
import type { Schema } from '../../schema.ts'

/** Stores that a contact read an alert; the first time counts. @returns whether it was the first time */
export async function insertRead(tx: Tx, read: Schema['alertReads']): Promise<boolean> {
  const { numInsertedOrUpdatedRows = 0n } = await tx
    .insertInto('alertReads')
    .values(read)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  return numInsertedOrUpdatedRows > 0n
}

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
