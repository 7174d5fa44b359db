import type { Deps } from '../deps.ts'
import { type App, addEndpoint, langOfRequest } from '../platform/http.ts'
import { deliveryEndpoints, publicStatusEndpoints } from './endpoints.ts'
import { getRoutes } from './status/report.ts'
import { rememberStatus, STATUS_SECONDS } from './status/status.ts'

/** The ways to send, for whoever looks at a scheme: they are the same for all of an installation. */
export function deliveryRoutes(app: App, deps: Pick<Deps, 'db' | 'now'>): void {
  addEndpoint(app, deliveryEndpoints.getRoutes, (request) => {
    return getRoutes(deps, request.actor, request.params.scheme, langOfRequest(request))
  })
}

/** Whether messages leave, for everybody. */
export function publicStatusRoutes(app: App, deps: Pick<Deps, 'db' | 'now' | 'config'>): void {
  const statusOf = rememberStatus(deps)
  addEndpoint(app, publicStatusEndpoints.getServiceStatus, async (request, reply) => {
    const status = await statusOf(request.params.scheme)
    reply.header('cache-control', `public, max-age=${STATUS_SECONDS}`)
    return status
  })
}
