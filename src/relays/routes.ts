import type { Deps } from '../deps.ts'
import { type App, addEndpoint } from '../platform/http/http.ts'
import {
  acceptRelay,
  declineRelay,
  getCrossed,
  getNeighbours,
  listRelays,
  proposeRelay,
  withdrawRelay,
} from './actions.ts'
import { relayEndpoints } from './endpoints.ts'

export function relayRoutes(app: App, deps: Pick<Deps, 'db' | 'now' | 'newId' | 'live' | 'config'>): void {
  addEndpoint(app, relayEndpoints.listNeighbours, ({ actor, params, query }) =>
    getNeighbours(deps, actor, params.scheme, query.communes),
  )

  addEndpoint(app, relayEndpoints.listCrossed, ({ actor, params, body }) =>
    getCrossed(deps, actor, params.scheme, body.area),
  )

  addEndpoint(app, relayEndpoints.listRelays, ({ actor, params, query }) =>
    listRelays(deps, actor, params.scheme, query),
  )

  addEndpoint(app, relayEndpoints.proposeRelay, ({ actor, params, body }) =>
    proposeRelay(deps, actor, params.scheme, params.id, body),
  )

  addEndpoint(app, relayEndpoints.acceptRelay, ({ actor, params, body }) =>
    acceptRelay(deps, actor, params.scheme, params.id, body),
  )

  addEndpoint(app, relayEndpoints.declineRelay, ({ actor, params, body }) =>
    declineRelay(deps, actor, params.scheme, params.id, body),
  )

  addEndpoint(app, relayEndpoints.withdrawRelay, ({ actor, params }) =>
    withdrawRelay(deps, actor, params.scheme, params.id),
  )
}
