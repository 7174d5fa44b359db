import type { Deps } from '../../deps.ts'
import type { Remark } from '../../guard/guard.ts'
import { type Actor, authorize } from '../../permissions.ts'
import { inScheme } from '../../platform/db.ts'
import type { RemarkList } from '../contract.ts'
import { type FollowUpOf, readFollowUp } from '../follow-up/order.ts'
import { concernsFollowUp } from '../follow-up/remarks.ts'
import { getAlertRow } from './draft.ts'
import { readRemarks } from './guard-facts.ts'

/**
 * Returns the content guard's remarks on the current alert for the users who decide on it, including the magistrate, who may not
 * read the list of members that the guard uses.
 * @throws AppError `not_found`
 */
export async function listRemarks(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  schemeId: string,
  id: string,
): Promise<RemarkList> {
  authorize(actor, 'alert.approve', schemeId)
  return inScheme(deps.db, schemeId, async (tx) => {
    const alert = await getAlertRow(tx, schemeId, id)
    return listOf(await readRemarks(deps.db, tx, schemeId, { of: 'alert', alert, at: deps.now() }))
  })
}

/**
 * Returns the content guard's remarks on a follow-up, the same that its author saw.
 * @throws AppError `not_found`; `wrong_state` when nothing was sent of the alert
 */
export async function listFollowUpRemarks(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  schemeId: string,
  of: FollowUpOf,
): Promise<RemarkList> {
  authorize(actor, 'alert.approve', schemeId)
  return inScheme(deps.db, schemeId, async (tx) => {
    const { alert, followUp } = await readFollowUp(tx, schemeId, of.alertId, of.followUpId)
    const { text, level } = followUp
    const remarks = await readRemarks(deps.db, tx, schemeId, {
      of: 'follow_up',
      alert: {
        ...alert,
        text,
        doctrine: { level },
      },
    })
    return listOf(remarks.filter(concernsFollowUp))
  })
}

/** Removes the proposed fixes: the deciding user cannot change the text. */
function listOf(remarks: readonly Remark[]): RemarkList {
  return {
    remarks: remarks.map(({ code, start, end, severity, allowedFrom, pass }) => ({
      code,
      start,
      end,
      severity,
      allowedFrom,
      ...(pass !== undefined && { pass }),
    })),
  }
}
