import type { Deps } from '../deps.ts'
import { type App, addEndpoint, langOfRequest } from '../platform/http/http.ts'
import { deliveryEndpoints, publicStatusEndpoints } from './endpoints.ts'
import { getRouteOrder } from './status/order.ts'
import { getRoutes } from './status/report.ts'
import { rememberStatus, STATUS_SECONDS } from './status/status.ts'

/** Serves the SMS routes to readers of a scheme: they are the same for the whole installation. */
export function deliveryRoutes(app: App, deps: Pick<Deps, 'db' | 'now' | 'config'>): void {
  addEndpoint(app, deliveryEndpoints.getRoutes, (request) => {
    return getRoutes(deps, request.actor, request.params.scheme, langOfRequest(request))
  })
  addEndpoint(app, deliveryEndpoints.getRouteOrder, ({ actor, params }) =>
    getRouteOrder(deps, actor, params.scheme),
  )
}

/** Serves the public status of the SMS service. */
export function publicStatusRoutes(app: App, deps: Pick<Deps, 'db' | 'now' | 'config'>): void {
  const statusOf = rememberStatus(deps)
  addEndpoint(app, publicStatusEndpoints.getServiceStatus, async (request, reply) => {
    const status = await statusOf(request.params.scheme)
    reply.header('cache-control', `public, max-age=${STATUS_SECONDS}`)
    return status
  })
}
