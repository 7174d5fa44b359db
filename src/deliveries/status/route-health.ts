import type { RouteView } from '../contract.ts'

/**
 * Whether messages leave. `up`: every route takes them. `degraded`: one does, another does not. `opening`: none yet, one
 * is being reached. `down`: none.
 */
export type ServiceHealth = 'up' | 'degraded' | 'opening' | 'down'

type RouteState = Pick<RouteView, 'state' | 'circuit'>

export function isWorking({ state, circuit }: RouteState): boolean {
  return state === 'bound' && circuit !== 'open'
}

/** The routes that an alert may take: a simulated one counts in the demo, and for exercises, alone. */
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
