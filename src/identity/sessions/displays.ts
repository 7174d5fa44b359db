import { sql } from 'kysely'
import type { Tx } from '../../platform/db.ts'

/** The access of a browser on a wall, which ends with the sessions or the role of the account that opened it. */
export interface DisplayRow {
  readonly id: string
  readonly tokenHash: string
  readonly openedAt: Date
  readonly openedBy: string
  readonly userId: string | null
  readonly expiresAt: Date
}

/** Stores an open wall display. */
export async function storeDisplay(tx: Tx, schemeId: string, row: DisplayRow): Promise<void> {
  await tx
    .insertInto('wallDisplays')
    .values({ schemeId, ...row, closedAt: null })
    .execute()
}

/** Gives a wall display another token; the former one opens nothing any more. */
export async function replaceDisplayToken(
  tx: Tx,
  schemeId: string,
  id: string,
  tokenHash: string,
): Promise<void> {
  await tx
    .updateTable('wallDisplays')
    .set({ tokenHash })
    .where('schemeId', '=', schemeId)
    .where('id', '=', id)
    .execute()
}

/** Finds the wall display with a token, if it is neither closed nor expired. */
export async function findOpenDisplay(
  tx: Tx,
  schemeId: string,
  tokenHash: string,
  now: Date,
): Promise<Pick<DisplayRow, 'id' | 'expiresAt'> | undefined> {
  return tx
    .selectFrom('wallDisplays')
    .select(['id', 'expiresAt'])
    .where('schemeId', '=', schemeId)
    .where('tokenHash', '=', tokenHash)
    .where('closedAt', 'is', null)
    .where('expiresAt', '>', now)
    .executeTakeFirst()
}

/** Closes one wall display. */
export async function closeDisplay(tx: Tx, schemeId: string, id: string, at: Date): Promise<void> {
  await tx
    .updateTable('wallDisplays')
    .set({ closedAt: at })
    .where('schemeId', '=', schemeId)
    .where('id', '=', id)
    .execute()
}

/** Closes the wall displays that an account opened, in all schemes or one. @returns how many were open */
export async function closeDisplaysOf(tx: Tx, userId: string, at: Date, schemeId?: string): Promise<number> {
  const { numAffectedRows } = await sql`update wall_displays set closed_at = ${at}
    where user_id = ${userId} and closed_at is null and expires_at > ${at}
      and (${schemeId ?? null}::text is null or scheme_id = ${schemeId ?? null})`.execute(tx)
  return Number(numAffectedRows ?? 0)
}

/** Deletes the wall displays of a scheme that expired before a time. */
export async function deleteDisplays(tx: Tx, schemeId: string, before: Date): Promise<void> {
  await tx
    .deleteFrom('wallDisplays')
    .where('schemeId', '=', schemeId)
    .where('expiresAt', '<', before)
    .execute()
}
