import { sql } from 'kysely'
import type { Tx } from '../platform/db.ts'
import { heldBackOf, isUsuallyQuiet, type ResolvedAudience } from './audience.ts'
import type { Care } from './care.ts'

/**
 * Writes down whom an alert leaves in peace and why, in the transaction of the order.
 * @returns how many
 */
export async function holdBack(
  tx: Tx,
  schemeId: string,
  alertId: string,
  audience: ResolvedAudience,
  care: Care,
  now: Date,
): Promise<number> {
  if (!(await mayHoldBack(tx, schemeId, care))) return 0
  const { numAffectedRows = 0n } = await sql`
    insert into held_back (scheme_id, alert_id, contact_id, member_id, phone, commune_code, trade, reason, held_at, tell_at)
    select ${schemeId}, ${alertId}::uuid, h.contact_id, h.member_id, h.phone, h.commune_code, h.trade, h.reason,
      ${now}::timestamptz, h.tell_at
    from (${heldBackOf(audience, care, now)}) h`.execute(tx)
  return Number(numAffectedRows)
}

/** False saves the urgent order a second reading of its audience. */
async function mayHoldBack(tx: Tx, schemeId: string, care: Care): Promise<boolean> {
  if (isUsuallyQuiet(care)) return true
  const { rows } = await sql<{ may: boolean }>`
    select ${care.quiet !== null} and exists (
        select from members where scheme_id = ${schemeId} and status = 'active' and quiet_from is not null)
      or ${care.budget !== null} and exists (
        select from solicitations
        where scheme_id = ${schemeId} and latest[${sql.lit(Math.min(2, care.budget ?? 1))}] >= ${care.since}::timestamptz)
      as may`.execute(tx)
  return rows[0]?.may === true
}
