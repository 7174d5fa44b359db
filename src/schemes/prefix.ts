import { sql } from 'kysely'
import type { Problem } from '../errors.ts'
import type { Tx } from '../platform/db.ts'

/**
 * Refuses the reference prefix of another scheme: two alerts would have the same reference. No other scheme takes the prefix until
 * the transaction ends.
 * @param tx a transaction over all schemes
 */
export async function prefixProblems(tx: Tx, schemeId: string, prefix: string): Promise<Problem[]> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`reference-prefix:${prefix}`}, 0))`.execute(tx)
  const other = await tx
    .selectFrom('schemes')
    .select('name')
    .where('referencePrefix', '=', prefix)
    .where('id', '<>', schemeId)
    .orderBy('id')
    .executeTakeFirst()
  if (other === undefined) return []
  const values = { prefix, scheme: other.name }
  return [{ code: 'scheme_file.prefix_taken', path: 'referencePrefix', values }]
}
