import type { Deps } from '../../src/deps.ts'
import { listOwnAlerts } from '../../src/portal/alerts/actions.ts'
import type { OwnAlertView } from '../../src/portal/alerts/contract.ts'
import { contactOf } from './deps.ts'

/** Lists the alerts that a contact of a member sees, latest first. */
export async function listOwn(
  deps: Pick<Deps, 'db'>,
  schemeId: string,
  memberId: string,
): Promise<OwnAlertView[]> {
  const of = { schemeId, memberId }
  return (await listOwnAlerts(deps, contactOf(schemeId, memberId), of, { limit: 50 })).alerts
}
