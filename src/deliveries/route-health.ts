import type { RouteView } from './contract.ts'

/**
 * Whether messages leave. `up`: every route takes them. `degraded`: one does, another does not. `opening`: none yet, one
 * is being reached. `down`: none.
 */
export type ServiceHealth = 'up' | 'degraded' | 'opening' | 'down'

/** One route that takes messages is enough to send. */
export function healthOfRoutes(routes: readonly Pick<RouteView, 'state' | 'circuit'>[]): ServiceHealth {
  const works = (route: (typeof routes)[number]) => route.state === 'bound' && route.circuit !== 'open'
  if (routes.some(works)) return routes.every(works) ? 'up' : 'degraded'
  return routes.some(({ state }) => state === 'bound' || state === 'connecting') ? 'opening' : 'down'
}
