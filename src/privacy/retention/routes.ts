import type { Deps } from '../../deps.ts'
import { type App, addEndpoint } from '../../platform/http.ts'
import { getPrivacyFacts, getRegister, getRetention } from './actions.ts'
import { publicPrivacyEndpoints, retentionEndpoints } from './endpoints.ts'

/** Serves the retention periods, past deletions and the register of processing. */
export function retentionRoutes(app: App, deps: Pick<Deps, 'db' | 'now' | 'config'>): void {
  addEndpoint(app, retentionEndpoints.getRetention, (request) =>
    getRetention(deps, request.actor, request.params.scheme),
  )

  addEndpoint(app, retentionEndpoints.getRegister, async (request, reply) =>
    reply
      .type('text/markdown; charset=utf-8')
      .header('content-disposition', `attachment; filename="registre-${request.params.scheme}.md"`)
      .send(await getRegister(deps, request.actor, request.params.scheme)),
  )
}

/** Serves what anyone may read about how a scheme processes personal data. */
export function publicPrivacyRoutes(app: App, deps: Pick<Deps, 'db' | 'now' | 'config'>): void {
  addEndpoint(app, publicPrivacyEndpoints.getPrivacyFacts, (request) =>
    getPrivacyFacts(deps, request.params.scheme),
  )
}
