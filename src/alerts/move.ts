import { sql } from 'kysely'
import type { Tx } from '../platform/db.ts'

/**
 * Moves the read confirmations and skipped alerts of a merged member to the kept one.
 * @returns the contacts to which the moved rows belong
 */
export async function moveReadings(
  tx: Tx,
  schemeId: string,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<string[]> {
  const { rows: reads } = await sql<{ contactId: string }>`
    update alert_reads set member_id = ${to} where scheme_id = ${schemeId} and member_id = ${from} returning contact_id`.execute(
    tx,
  )
  const { rows: heldBack } = await sql<{ contactId: string }>`
    update held_back set member_id = ${to} where scheme_id = ${schemeId} and member_id = ${from} returning contact_id`.execute(
    tx,
  )
  return [...reads, ...heldBack].map(({ contactId }) => contactId)
}

/** Moves back the rows of these contacts that `moveReadings` moved, and those added since. */
export async function returnReadings(
  tx: Tx,
  schemeId: string,
  { from, to }: { readonly from: string; readonly to: string },
  contactIds: readonly string[],
): Promise<void> {
  await sql`update alert_reads set member_id = ${to}
    where scheme_id = ${schemeId} and member_id = ${from} and contact_id = any (${contactIds}::uuid[])`.execute(
    tx,
  )
  await sql`update held_back set member_id = ${to}
    where scheme_id = ${schemeId} and member_id = ${from} and contact_id = any (${contactIds}::uuid[])`.execute(
    tx,
  )
}
