import type { Deps } from '../../deps.ts'
import { findFirstSendings, markBothDelivered } from '../settle/memory-full.ts'
import { plainFormsOf } from './message-ids.ts'
import { finalKindOf } from './receipt-outcome.ts'
import { REPEATED_MS } from './receipt-periods.ts'
import { keyOf, type Taken } from './taken.ts'

/**
 * Leaves out receipts of first sendings that found the memory of the phone full: they say nothing of the second. One that
 * was delivered all the same makes the delivery a possible duplicate.
 */
export async function leaveOutFirstSendings(
  { db, now }: Pick<Deps, 'db' | 'now'>,
  left: Set<Taken>,
  due: readonly Taken[],
): Promise<void> {
  if (due.length === 0) return
  const since = new Date(now().getTime() - REPEATED_MS)
  const ids = due.map(({ receipt }) => receipt.messageId)
  const first = Map.groupBy(await findFirstSendings(db, ids, since), ({ gateway, messageId }) =>
    keyOf(gateway ?? '', messageId),
  )
  if (first.size === 0) return
  for (const entry of due) {
    const { gateway, messageId } = entry.receipt
    const [sending] = plainFormsOf(messageId).flatMap((form) => first.get(keyOf(gateway, form)) ?? [])
    if (sending === undefined) continue
    if (finalKindOf(entry.receipt) === 'delivered') await markBothDelivered(db, sending)
    left.delete(entry)
    entry.end()
  }
}
