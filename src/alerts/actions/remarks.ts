import type { Deps } from '../../deps.ts'
import { type Actor, authorize } from '../../permissions.ts'
import { inScheme } from '../../platform/db.ts'
import type { RemarkList } from '../contract.ts'
import { readRemarks } from '../guard-facts.ts'
import { getAlertRow } from './draft.ts'

/**
 * What the content guard says of an alert as it is, for whoever decides on it: the magistrate, who may not read the list
 * of members that the guard compares with, included.
 * @throws AppError `not_found`
 */
export async function listRemarks(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  schemeId: string,
  id: string,
): Promise<RemarkList> {
  authorize(actor, 'alert.approve', schemeId)
  return inScheme(deps.db, schemeId, async (tx) => {
    const remarks = await readRemarks(deps.db, tx, schemeId, await getAlertRow(tx, schemeId, id))
    return {
      remarks: remarks.map(({ code, start, end, severity, allowedFrom }) => ({
        code,
        start,
        end,
        severity,
        allowedFrom,
      })),
    }
  })
}
