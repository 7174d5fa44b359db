import { rulesFor } from '../../deliveries/send/routing.ts'
import { isSimulated } from '../../deliveries/simulation.ts'
import type { Deps } from '../../deps.ts'
import { refusalOf } from '../../errors.ts'
import { costCents } from '../../message/price.ts'
import { type Actor, authorize } from '../../permissions.ts'
import { inScheme } from '../../platform/db.ts'
import { getSchemeFacts } from '../compose/draft.ts'
import type { AudienceQuery, AudienceView } from '../contract.ts'
import { listObservers } from '../observers/store.ts'
import { paceOf, type SendingLimits } from '../order/pace.ts'
import { tradeRefusals } from '../rules.ts'
import { findAudienceHashes, listPastSendings } from './audience.ts'
import { countAudience } from './audience-count.ts'
import { careFor } from './care.ts'
import { countSolicitations } from './solicitations.ts'

/**
 * Counts exactly the recipients of a broadcast ordered now, those held back, its cost and its duration.
 * @throws AppError `unknown_area`, `unknown_commune`, `unknown_trade`, `invalid_input`
 */
export async function previewAudience(
  deps: Pick<Deps, 'db' | 'now' | 'config'>,
  actor: Actor,
  schemeId: string,
  query: AudienceQuery,
): Promise<AudienceView> {
  authorize(actor, 'audience.preview', schemeId)
  const { exercise = false } = query
  const simulated = exercise || isSimulated(deps.config.demo, deps.config.gateways)
  return inScheme(deps.db, schemeId, async (tx) => {
    const scheme = await getSchemeFacts(tx, schemeId)
    const problems = tradeRefusals(query.trades, scheme.trades)
    if (problems.length > 0) throw refusalOf(problems)
    const context = { schemeId, territory: scheme.territory }
    const care = careFor(scheme.doctrine.care, query.severity ?? 'alert', {
      now: deps.now(),
      timeZone: scheme.timeZone,
    })
    await countSolicitations(tx, schemeId, care)
    const counts = await countAudience(tx, query, context, care)
    const [hash = ''] = await findAudienceHashes(tx, [{ audience: query, context }])
    const limits = limitsOf(deps.config, schemeId, simulated)
    const past = limits && (await listPastSendings(tx, schemeId, simulated, limits.window))
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
      costCents: costCents(counts.sms, exercise ? 0 : scheme.smsPriceMillicents),
      pace: limits === undefined ? null : paceOf(past ?? [], limits),
      hash,
    }
  })
}

/**
 * Reads the limits of the route that carries most alerts of a scheme: its first gateway, or all that share the traffic
 * by weight.
 */
function limitsOf(
  { routes, gateways }: Deps['config'],
  schemeId: string,
  simulated: boolean,
): SendingLimits | undefined {
  const rules = rulesFor(routes, gateways, { schemeId, simulated })
  // Routes used for a few numbers only (such as an overseas département) come first.
  const rule = rules.find(({ prefixes }) => prefixes === undefined) ?? rules[0]
  if (rule === undefined) return undefined
  const names = rule.gateways.slice(0, rule.order === 'first' ? 1 : undefined).map(({ name }) => name)
  const used = gateways.filter(({ name }) => names.includes(name))
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
  const rates = used.flatMap(({ partsPerSecond }) => partsPerSecond ?? [])
  return {
    simulated,
    window: sum(used.map(({ window }) => window)),
    partsPerSecond: rates.length === used.length ? sum(rates) : undefined,
  }
}
