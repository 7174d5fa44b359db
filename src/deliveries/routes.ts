import { z } from 'zod'
import type { Deps } from '../deps.ts'
import { type App, langOfRequest } from '../platform/http.ts'
import { SchemeCode } from '../schemes/contract.ts'
import { RoutesView, ServiceStatus } from './contract.ts'
import { getRoutes } from './report.ts'
import { rememberStatus, STATUS_SECONDS } from './status.ts'

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
    (request) => {
      return getRoutes(deps, request.actor, request.params.scheme, langOfRequest(request))
    },
  )
}

/** Whether messages leave, for everybody. */
export function publicStatusRoutes(app: App, deps: Pick<Deps, 'db' | 'now' | 'config'>): void {
  const statusOf = rememberStatus(deps)
  app.get(
    '/api/public/schemes/:scheme/status',
    {
      config: { permission: 'public', rateLimit: { max: 120, timeWindow: 60_000, groupId: 'status' } },
      schema: {
        tags: ['public'],
        summary: 'Whether messages leave, and when the last alert did',
        params: z.object({ scheme: SchemeCode }),
        response: { 200: ServiceStatus },
      },
    },
    async (request, reply) => {
      const status = await statusOf(request.params.scheme)
      reply.header('cache-control', `public, max-age=${STATUS_SECONDS}`)
      return status
    },
  )
}
