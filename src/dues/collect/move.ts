import { sql } from 'kysely'
import type { Tx } from '../../platform/db.ts'

/** Moves the debit mandate of a merged member to the kept one, where that has none. @returns the ids of what was moved */
export async function moveMandates(
  tx: Tx,
  schemeId: string,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    update dues_mandates m set member_id = ${to}
    where m.scheme_id = ${schemeId} and m.member_id = ${from} and m.revoked_at is null and not exists (
      select from dues_mandates k where k.scheme_id = m.scheme_id and k.member_id = ${to} and k.revoked_at is null)
    returning id`.execute(tx)
  return rows.map(({ id }) => id)
}

/** Returns the mandates that `moveMandates` moved. */
export async function returnMandates(
  tx: Tx,
  schemeId: string,
  { from, to }: { readonly from: string; readonly to: string },
  mandates: readonly string[],
): Promise<void> {
  await sql`update dues_mandates set member_id = ${to}
    where scheme_id = ${schemeId} and member_id = ${from} and id = any (${mandates}::uuid[])`.execute(tx)
}
