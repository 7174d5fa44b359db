import { sql } from 'kysely'
import type { Tx } from '../platform/db.ts'

/** Makes the calls of a merged member those of the kept one. @returns the reports, with the contact who called */
export async function moveCalls(
  tx: Tx,
  schemeId: string,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<{ id: string; contactId: string | null }[]> {
  const { rows } = await sql<{ id: string; contactId: string | null }>`
    update reports set caller_member_id = ${to} where scheme_id = ${schemeId} and caller_member_id = ${from}
    returning id, caller_contact_id as contact_id`.execute(tx)
  return rows
}

/** Returns the calls that `moveCalls` moved, and those that its contacts made since. */
export async function returnCalls(
  tx: Tx,
  schemeId: string,
  { from, to }: { readonly from: string; readonly to: string },
  moved: { readonly reports: readonly string[]; readonly contactIds: readonly string[] },
): Promise<void> {
  await sql`update reports set caller_member_id = ${to}
    where scheme_id = ${schemeId} and caller_member_id = ${from}
      and (id = any (${moved.reports}::uuid[]) or caller_contact_id = any (${moved.contactIds}::uuid[]))`.execute(
    tx,
  )
}
