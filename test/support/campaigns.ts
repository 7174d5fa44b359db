import type { Deps } from '../../src/deps.ts'
import type { CampaignView, NewCampaign } from '../../src/dues/contract.ts'
import { lockDues } from '../../src/dues/ledger/ledger.ts'
import { writeCampaign } from '../../src/dues/reminders/campaign.ts'
import { type Actor, actorName } from '../../src/permissions.ts'
import { inScheme } from '../../src/platform/db.ts'

/** Opens a campaign whatever its due day and its payee, for tests of what follows. */
export function openCampaign(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  schemeId: string,
  input: NewCampaign,
): Promise<CampaignView> {
  return inScheme(deps.db, schemeId, async (tx) => {
    await lockDues(tx, schemeId)
    return writeCampaign(tx, deps, schemeId, input, actorName(actor))
  })
}
