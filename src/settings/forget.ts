import { sql } from 'kysely'
import type { Tx } from '../platform/db.ts'

/** Deletes changes of settings that were proposed before a day, in all schemes; the audit log keeps what was put in force. */
export async function purgeSettingChanges(
  tx: Tx,
  before: Date,
  limit: number,
): Promise<{ readonly schemeId: string }[]> {
  const { rows } = await sql<{ schemeId: string }>`
    delete from setting_changes where (scheme_id, id) in (
      select scheme_id, id from setting_changes where proposed_at < ${before}
      order by scheme_id, proposed_at limit ${limit})
    returning scheme_id`.execute(tx)
  return rows
}
