import { sql } from 'kysely'
import type { Tx } from '../platform/db.ts'

/** Makes the applications and charter signatures of a merged member those of the kept one. @returns their ids */
export async function moveEnrolments(
  tx: Tx,
  schemeId: string,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<{ signatures: string[]; enrolments: string[] }> {
  const { rows: signatures } = await sql<{ id: string }>`
    update charter_signatures set member_id = ${to} where scheme_id = ${schemeId} and member_id = ${from} returning id`.execute(
    tx,
  )
  const { rows: enrolments } = await sql<{ id: string }>`
    update enrolments set member_id = ${to} where scheme_id = ${schemeId} and member_id = ${from} returning id`.execute(
    tx,
  )
  return { signatures: signatures.map(({ id }) => id), enrolments: enrolments.map(({ id }) => id) }
}

/** Returns what `moveEnrolments` moved, and what its contacts signed since. */
export async function returnEnrolments(
  tx: Tx,
  schemeId: string,
  { from, to }: { readonly from: string; readonly to: string },
  moved: {
    readonly signatures: readonly string[]
    readonly enrolments: readonly string[]
    readonly contactIds: readonly string[]
  },
): Promise<void> {
  await sql`update charter_signatures set member_id = ${to}
    where scheme_id = ${schemeId} and member_id = ${from}
      and (id = any (${moved.signatures}::uuid[]) or contact_id = any (${moved.contactIds}::uuid[]))`.execute(
    tx,
  )
  await sql`update enrolments set member_id = ${to}
    where scheme_id = ${schemeId} and member_id = ${from} and id = any (${moved.enrolments}::uuid[])`.execute(
    tx,
  )
}
