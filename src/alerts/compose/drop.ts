import type { Tx } from '../../platform/db.ts'
import { endDecisionCalls } from '../approval/calls.ts'
import { discardWaiting } from '../follow-up/store.ts'
import { recordAlertEvent } from '../order/events.ts'

/** Drops the pending follow-up of an alert. @returns whether there was one */
export async function dropWaiting(
  tx: Tx,
  schemeId: string,
  alertId: string,
  { at, by }: { readonly at: Date; readonly by: string | null },
): Promise<boolean> {
  const dropped = await discardWaiting(tx, schemeId, alertId)
  if (dropped === undefined) return false
  await endDecisionCalls(tx, { schemeId, alertId, followUpId: dropped.id }, { at, why: 'discarded' })
  await recordAlertEvent(tx, schemeId, alertId, {
    at,
    kind: 'follow_up_discarded',
    by,
    details: { kind: dropped.kind },
  })
  return true
}
