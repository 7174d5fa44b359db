import type { RouteView } from '../contract.ts'

/**
 * Health of the SMS service. `up`: every route accepts messages. `degraded`: some do, others do not. `opening`: none
 * yet, one is connecting. `down`: none.
 */
export type ServiceHealth = 'up' | 'degraded' | 'opening' | 'down'

type RouteState = Pick<RouteView, 'state' | 'circuit'>

export function isWorking({ state, circuit }: RouteState): boolean {
  return state === 'bound' && circuit !== 'open'
}

/** Returns the routes that an alert may use: the simulated ones only for exercises, and in the demo. */
export function servingRoutes<Route extends Pick<RouteView, 'simulated'>>(
  routes: readonly Route[],
  exercise = false,
): readonly Route[] {
  const isSimulated = exercise || !routes.some(({ simulated }) => !simulated)
  return routes.filter(({ simulated }) => simulated === isSimulated)
}

/** One route that takes messages is enough to send. */
export function healthOfRoutes(routes: readonly RouteState[]): ServiceHealth {
  if (routes.some(isWorking)) return routes.every(isWorking) ? 'up' : 'degraded'
  return routes.some(({ state }) => state === 'bound' || state === 'connecting') ? 'opening' : 'down'
}

/** Share of unknown receipts, and the number of receipts, from which on a route raises an alarm. */
const MANY_UNKNOWN = 0.05
const FEW_RECEIPTS = 20

/** Returns whether so many recent receipts match no message that messages stay accepted although they arrived. */
export function hasManyUnknown(recent: { readonly received: number; readonly unknown: number }): boolean {
  return recent.received >= FEW_RECEIPTS && recent.unknown >= recent.received * MANY_UNKNOWN
}
