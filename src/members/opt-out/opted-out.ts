import { type RawBuilder, sql } from 'kysely'
import type { Tx } from '../../platform/db.ts'

/**
 * Tells in SQL whether the last choice of a number in the scheme is to receive no SMS, whichever contact had the number then,
 * if any. This is the rule for every statement that puts a number on a contact.
 */
export function isOptedOut(schemeId: string, phone: RawBuilder<unknown>): RawBuilder<boolean> {
  return sql<boolean>`coalesce((
    select not o.takes from opt_outs o where o.scheme_id = ${schemeId} and o.phone = ${phone}
    order by o.at desc, o.id desc limit 1), false)`
}

/** Lists those of the given numbers for which `isOptedOut` holds. One statement; callers pass a chunk. */
export async function listOptedOut(
  tx: Tx,
  schemeId: string,
  phones: readonly string[],
): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ phone: string }>`
    select p.phone from unnest(${phones}::text[]) as p (phone) where ${isOptedOut(schemeId, sql`p.phone`)}`.execute(
    tx,
  )
  return new Set(rows.map(({ phone }) => phone))
}
