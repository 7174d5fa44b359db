import { markForSealing } from '../../cipher/marked.ts'
import type { Tx } from '../../platform/db.ts'

export interface NewAuthorisationRow {
  readonly schemeId: string
  readonly id: string
  readonly alertId: string
  /** Null: the first message. */
  readonly followUpId: string | null
  readonly magistrate: string
  /** The account or the contact; null: recorded by a program. */
  readonly magistrateId: string | null
  /** Null: nobody is asked. */
  readonly confirmation: 'pending' | null
  readonly service: string
  readonly givenAt: Date
  readonly scope: string
  readonly contentHash: string
  readonly recordedAt: Date
  readonly recordedBy: string
}

export async function insertAuthorisation(tx: Tx, row: NewAuthorisationRow): Promise<void> {
  const { schemeId, magistrate, service, scope } = row
  await tx
    .insertInto('authorisations')
    .values({
      ...row,
      magistrate: markForSealing(schemeId, 'authorisation', magistrate),
      service: markForSealing(schemeId, 'authorisation', service),
      scope: markForSealing(schemeId, 'authorisation', scope),
    })
    .execute()
}

/**
 * Ends the authorisation in force of an alert, or of a follow-up of it.
 * @returns whether there was one
 */
export async function voidAuthorisation(
  tx: Tx,
  schemeId: string,
  { alertId, followUpId = null }: { readonly alertId: string; readonly followUpId?: string | null },
  voiding: { readonly at: Date; readonly why: 'changed' | 'replaced' },
): Promise<boolean> {
  const ended = await tx
    .updateTable('authorisations')
    .set({ voidAt: voiding.at, voidWhy: voiding.why })
    .where('schemeId', '=', schemeId)
    .where('alertId', '=', alertId)
    .where('followUpId', followUpId === null ? 'is' : '=', followUpId)
    .where('voidAt', 'is', null)
    .executeTakeFirst()
  return ended.numUpdatedRows > 0n
}
