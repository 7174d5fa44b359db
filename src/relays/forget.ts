import { sql } from 'kysely'
import { rowKeysSql, type SchemeRow } from '../platform/database/pairs.ts'
import type { Tx } from '../platform/db.ts'

/** Deletes relays of alerts to other schemes, and those that brought reports, across schemes. */
export async function deleteRelays(
  tx: Tx,
  { alerts, reports }: { readonly alerts: readonly SchemeRow[]; readonly reports: readonly SchemeRow[] },
): Promise<void> {
  await sql`delete from relays
    where (from_scheme_id, from_alert_id) in ${rowKeysSql(alerts)} or (to_scheme_id, to_report_id) in ${rowKeysSql(reports)}`.execute(
    tx,
  )
}
