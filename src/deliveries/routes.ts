import { z } from 'zod'
import type { Deps } from '../deps.ts'
import { type App, langOfRequest } from '../platform/http.ts'
import { RoutesView } from './contract.ts'
import { getRoutes } from './report.ts'

/** The ways to send, for whoever looks at a scheme: they are the same for all of an installation. */
export function deliveryRoutes(app: App, deps: Pick<Deps, 'db' | 'now'>): void {
  app.get(
    '/api/schemes/:scheme/routes',
    {
      config: { permission: 'scheme.read' },
      schema: {
        tags: ['deliveries'],
        summary: 'The SMS routes, whether they are up, and for those who may see it what they do',
        params: z.object({ scheme: z.string().max(64) }),
        response: { 200: RoutesView },
      },
    },
    (request, reply) => {
      reply.header('cache-control', 'no-store')
      return getRoutes(deps, request.actor, request.params.scheme, langOfRequest(request))
    },
  )
}
