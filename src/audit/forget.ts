import { sql } from 'kysely'
import type { Tx } from '../platform/db.ts'

/**
 * Deletes the reasons and names stored next to the audit record that name an erased person, across schemes. The
 * entries and their chain stay.
 * @param isNamed returns whether a text names the person
 */
export async function forgetReasons(
  tx: Tx,
  schemeId: string,
  isNamed: (text: string) => boolean,
): Promise<void> {
  const { rows } = await sql<{ seq: number; words: string[] }>`
    select seq, array_prepend(reason, array(
      select said #>> '{}' from jsonb_path_query(named, '$.** ? (@.type() == "string")') said)) as words
    from audit_reasons where scheme_id = ${schemeId}`.execute(tx)
  const named = rows.filter(({ words }) => words.some(isNamed)).map(({ seq }) => seq)
  await sql`delete from audit_reasons where scheme_id = ${schemeId} and seq = any (${named}::bigint[])`.execute(
    tx,
  )
}

/** Deletes up to `limit` networks of acts that are older than `before`, with the owner's rights. @returns the scheme of each */
export async function purgeNetworks(tx: Tx, before: Date, limit: number): Promise<{ schemeId: string }[]> {
  const { rows } = await sql<{ schemeId: string }>`
    delete from audit_networks where (scheme_id, seq) in (
      select scheme_id, seq from audit_networks where at < ${before} limit ${limit})
    returning scheme_id`.execute(tx)
  return rows
}

/**
 * Deletes up to `limit` reasons that are older than `before`, across schemes.
 * @returns the scheme of each row
 */
export async function purgeReasons(tx: Tx, before: Date, limit: number): Promise<{ schemeId: string }[]> {
  const { rows } = await sql<{ schemeId: string }>`
    delete from audit_reasons where (scheme_id, seq) in (
      select scheme_id, seq from audit_reasons where at < ${before} limit ${limit})
    returning scheme_id`.execute(tx)
  return rows
}
