import type { Deps } from '../../deps.ts'
import { type Actor, authorize } from '../../permissions.ts'
import type { RouteOrderView, RouteView } from '../contract.ts'
import { LANES } from '../lanes.ts'
import { type RouteRule, rulesFor } from '../send/routing.ts'
import { isSimulated } from '../simulation.ts'
import { mergeReports, readWorkers } from './report.ts'
import { isWorking } from './route-health.ts'

type OrderedGateway = RouteOrderView['rules'][number]['gateways'][number]

/**
 * Returns the order in which the SMS of a scheme take the gateways of the installation, with the state of each now. The order
 * itself is configuration of the installation (ADR 70); the states are those that live workers report.
 */
export async function getRouteOrder(
  deps: Pick<Deps, 'db' | 'now' | 'config'>,
  actor: Actor,
  schemeId: string,
): Promise<RouteOrderView> {
  authorize(actor, 'route.read', schemeId)
  const { routes: rules, gateways, inDoubt, demo } = deps.config
  const simulated = isSimulated(demo, gateways)
  const alive = (await readWorkers(deps.db)).filter((worker) => worker.isAlive)
  const states = new Map(mergeReports(alive, 'fr').map((route) => [route.name, route]))
  const orderOf = (isExercise: boolean) =>
    rulesFor(rules, gateways, { schemeId, simulated: isExercise }).map((rule) => ({
      prefixes: rule.prefixes === undefined ? null : [...rule.prefixes],
      order: rule.order,
      gateways: gatewaysOf(rule, deps.config, states),
    }))
  return {
    at: deps.now().toISOString(),
    simulated,
    rules: orderOf(simulated),
    exercise: simulated ? [] : orderOf(true),
    lanes: LANES.toReversed().map((lane) => ({
      lane,
      inDoubtSeconds: inDoubt[lane] === 'never' ? null : inDoubt[lane],
    })),
  }
}

/** Returns the gateways of a rule with the part that each has now, as `pickGateway` (send/routing.ts) chooses. */
export function gatewaysOf(
  rule: RouteRule,
  { gateways }: Pick<Deps['config'], 'gateways'>,
  states: ReadonlyMap<string, Pick<RouteView, 'state' | 'circuit'>>,
): OrderedGateway[] {
  const works = ({ name }: { readonly name: string }) => {
    const state = states.get(name)
    return state !== undefined && isWorking(state)
  }
  const working = rule.gateways.filter(works)
  const sum = working.reduce((total, { weight }) => total + weight, 0)
  return rule.gateways.flatMap(({ name, weight }): OrderedGateway[] => {
    const gateway = gateways.find((one) => one.name === name)
    if (gateway === undefined) return []
    const rank = working.findIndex((one) => one.name === name)
    const isWeighted = rule.order === 'weighted'
    return [
      {
        name,
        kind: gateway.kind,
        state: states.get(name)?.state ?? null,
        circuit: states.get(name)?.circuit ?? null,
        turn: rank < 0 ? 'out' : isWeighted || rank === 0 ? 'now' : rank === 1 ? 'next' : 'later',
        share: isWeighted && rank >= 0 ? weight / sum : null,
        partsPerSecond: gateway.partsPerSecond ?? null,
        window: gateway.window,
      },
    ]
  })
}
