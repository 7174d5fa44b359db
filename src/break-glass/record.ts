import { NO_SCHEME } from '../audit/chain.ts'
import { type AuditEntry, recordAudit } from '../audit/record.ts'
import type { Tx } from '../platform/db.ts'
import type { LiveEvent } from '../platform/http/live.ts'
import { listSchemeIds } from './store.ts'

/** Makes the screens ask again whether the account is open. */
export const CHANGED = { type: 'break_glass', schemeId: NO_SCHEME } as const satisfies LiveEvent

/** Records an entry in the chain of the installation and in that of each scheme. */
export async function recordEverywhere(tx: Tx, at: Date, entry: AuditEntry): Promise<void> {
  await recordAudit(tx, NO_SCHEME, at, entry)
  for (const schemeId of await listSchemeIds(tx)) await recordAudit(tx, schemeId, at, entry)
}
