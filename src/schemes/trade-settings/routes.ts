import type { Deps } from '../../deps.ts'
import { type App, addEndpoint } from '../../platform/http/http.ts'
import { findActivities, getTrades, setTrades } from './actions.ts'
import { tradeEndpoints } from './endpoints.ts'

export function tradeRoutes(app: App, deps: Pick<Deps, 'db' | 'now' | 'live'>): void {
  addEndpoint(app, tradeEndpoints.getTrades, ({ actor, params }) => getTrades(deps, actor, params.scheme))

  addEndpoint(app, tradeEndpoints.setTrades, ({ actor, params, body }) =>
    setTrades(deps, actor, params.scheme, body),
  )

  addEndpoint(app, tradeEndpoints.findActivities, ({ actor, params, query }) =>
    findActivities(deps, actor, params.scheme, query.q),
  )
}
