import { sql } from 'kysely'
import type { Tx } from '../platform/db.ts'

/** Marks two members as different; does nothing if they are already. */
export async function insertMembersApart(
  tx: Tx,
  schemeId: string,
  ids: readonly [string, string],
  { at, by }: { readonly at: Date; readonly by: string },
): Promise<boolean> {
  const [memberId, otherId] = orderIds(ids)
  const { numInsertedOrUpdatedRows = 0n } = await tx
    .insertInto('membersApart')
    .values({ schemeId, memberId, otherId, saidAt: at, saidBy: by })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  return numInsertedOrUpdatedRows > 0n
}

export async function deleteMembersApart(
  tx: Tx,
  schemeId: string,
  ids: readonly [string, string],
): Promise<boolean> {
  const [memberId, otherId] = orderIds(ids)
  const { numDeletedRows } = await tx
    .deleteFrom('membersApart')
    .where('schemeId', '=', schemeId)
    .where('memberId', '=', memberId)
    .where('otherId', '=', otherId)
    .executeTakeFirst()
  return numDeletedRows > 0n
}

/** Orders two ids as the database does. */
function orderIds([a, b]: readonly [string, string]): [string, string] {
  return a < b ? [a, b] : [b, a]
}

/** The ways in which lists may still name a member that was merged. */
interface MemberAlias {
  readonly mergeId: string
  readonly ofKept: boolean
  readonly memberId: string
  readonly siret: string | null
  readonly searchName: string
  readonly communeCode: string
}

export async function insertMergeAliases(
  tx: Tx,
  schemeId: string,
  aliases: readonly MemberAlias[],
): Promise<void> {
  await tx
    .insertInto('memberAliases')
    .values(aliases.map((alias) => ({ schemeId, ...alias })))
    .execute()
}

/** Makes the opt-outs of a merged member those of the kept one. @returns the contacts that they are of */
export async function moveOptOuts(
  tx: Tx,
  schemeId: string,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<string[]> {
  const { rows } = await sql<{ contactId: string }>`
    update opt_outs set member_id = ${to} where scheme_id = ${schemeId} and member_id = ${from} returning contact_id`.execute(
    tx,
  )
  return rows.map(({ contactId }) => contactId)
}

/** Returns the opt-outs that `moveOptOuts` moved, and those of its contacts since. */
export async function returnOptOuts(
  tx: Tx,
  schemeId: string,
  { from, to }: { readonly from: string; readonly to: string },
  contactIds: readonly string[],
): Promise<void> {
  await sql`update opt_outs set member_id = ${to}
    where scheme_id = ${schemeId} and member_id = ${from} and contact_id = any (${contactIds}::uuid[])`.execute(
    tx,
  )
}
