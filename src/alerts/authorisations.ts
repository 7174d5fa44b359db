import type { Tx } from '../platform/db.ts'

/**
 * Ends the authorisation in force of an alert.
 * @returns whether there was one
 */
export async function voidAuthorisation(
  tx: Tx,
  schemeId: string,
  alertId: string,
  voiding: { readonly at: Date; readonly why: 'changed' | 'replaced' },
): Promise<boolean> {
  const ended = await tx
    .updateTable('authorisations')
    .set({ voidAt: voiding.at, voidWhy: voiding.why })
    .where('schemeId', '=', schemeId)
    .where('alertId', '=', alertId)
    .where('voidAt', 'is', null)
    .executeTakeFirst()
  return ended.numUpdatedRows > 0n
}
