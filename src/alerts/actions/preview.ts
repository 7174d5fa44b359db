import { isSimulated } from '../../deliveries/simulation.ts'
import type { Deps } from '../../deps.ts'
import { refusalOf } from '../../errors.ts'
import { type Actor, authorize } from '../../permissions.ts'
import { inScheme } from '../../platform/db.ts'
import { findAudienceHashes, findSendingRate } from '../audience.ts'
import { countAudience } from '../audience-count.ts'
import { careFor } from '../care.ts'
import type { AudienceQuery, AudienceView } from '../contract.ts'
import { listObservers } from '../observers.ts'
import { costCents, secondsToSend, tradeRefusals } from '../rules.ts'
import { countSolicitations } from '../solicitations.ts'
import { getSchemeFacts } from './draft.ts'

/**
 * Says exactly whom a broadcast would reach now, whom it would leave in peace, what it would cost and how long it would
 * take.
 * @throws AppError `unknown_area`, `unknown_commune`, `unknown_trade`, `invalid_input`
 */
export async function previewAudience(
  deps: Pick<Deps, 'db' | 'now' | 'config'>,
  actor: Actor,
  schemeId: string,
  query: AudienceQuery,
): Promise<AudienceView> {
  authorize(actor, 'audience.preview', schemeId)
  const { gateways } = deps.config
  const simulated = isSimulated(deps.config.demo, gateways)
  const route = gateways.find((gateway) => gateway.simulated === simulated)
  return inScheme(deps.db, schemeId, async (tx) => {
    const scheme = await getSchemeFacts(tx, schemeId)
    const problems = tradeRefusals(query.trades, scheme.trades)
    if (problems.length > 0) throw refusalOf(problems)
    const context = { schemeId, territory: scheme.territory }
    const care = careFor(scheme.doctrine.care, query.severity ?? 'alert', deps.now())
    await countSolicitations(tx, schemeId, care)
    const counts = await countAudience(tx, query, context, care)
    const [hash = ''] = await findAudienceHashes(tx, [{ audience: query, context }])
    // Before the first broadcast nothing is measured: then the contract's rate, or one window a second.
    const perSecond =
      route && ((await findSendingRate(tx, schemeId, simulated)) ?? route.partsPerSecond ?? route.window)
    return {
      members: counts.members,
      channels: { sms: counts.sms },
      unreachable: counts.unreachable,
      leftOut: counts.leftOut,
      solicitation: counts.solicitation,
      copies: (await listObservers(tx, schemeId)).map(({ name }) => ({ name })),
      byTrade: counts.byTrade,
      byCommune: counts.byCommune,
      communes: counts.communes,
      withoutPoint: [...counts.unplaced],
      costCents: costCents(counts.sms, scheme.smsPriceMillicents),
      secondsToSend: perSecond === undefined ? null : secondsToSend(counts.sms, perSecond),
      hash,
    }
  })
}
