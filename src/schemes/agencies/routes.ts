import type { Deps } from '../../deps.ts'
import { type App, addEndpoint } from '../../platform/http/http.ts'
import { createAgency, renameAgency } from './actions.ts'
import { agencyEndpoints } from './endpoints.ts'

export function agencyRoutes(app: App, deps: Pick<Deps, 'db' | 'now' | 'newId' | 'live'>): void {
  addEndpoint(app, agencyEndpoints.createAgency, ({ actor, params, body }) =>
    createAgency(deps, actor, params.scheme, body),
  )

  addEndpoint(app, agencyEndpoints.renameAgency, ({ actor, params, body }) =>
    renameAgency(deps, actor, params.scheme, params.id, body),
  )
}
