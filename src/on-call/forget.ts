import { sql } from 'kysely'
import type { Tx } from '../platform/db.ts'
import { pairs, type SchemeRow } from '../platform/pairs.ts'

/** Deletes the calls made about alerts, as the owner. */
export async function deleteCallOuts(tx: Tx, alerts: readonly SchemeRow[]): Promise<void> {
  await sql`delete from call_outs where (scheme_id, alert_id) in ${pairs(alerts)}`.execute(tx)
}
