import type { Deps } from '../../deps.ts'
import { type App, addEndpoint } from '../../platform/http/http.ts'
import { getPrivacyFacts, getRetention } from './actions.ts'
import { publicPrivacyEndpoints, retentionEndpoints } from './endpoints.ts'

/** Serves the retention periods and past deletions. */
export function retentionRoutes(app: App, deps: Pick<Deps, 'db' | 'now' | 'config'>): void {
  addEndpoint(app, retentionEndpoints.getRetention, (request) =>
    getRetention(deps, request.actor, request.params.scheme),
  )
}

/** Serves what anyone may read about how a scheme processes personal data. */
export function publicPrivacyRoutes(app: App, deps: Pick<Deps, 'db' | 'now' | 'config'>): void {
  addEndpoint(app, publicPrivacyEndpoints.getPrivacyFacts, (request) =>
    getPrivacyFacts(deps, request.params.scheme),
  )
}
