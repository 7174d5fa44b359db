import { z } from 'zod'
import type { Deps } from '../deps.ts'
import type { App } from '../platform/http.ts'
import { RouteView } from './contract.ts'

/** The state of the ways to send, for whoever looks at a scheme: they are the same for all of an installation. */
export function deliveryRoutes(app: App, deps: Pick<Deps, 'gateways'>): void {
  app.get(
    '/api/schemes/:scheme/routes',
    {
      config: { permission: 'scheme.read' },
      schema: {
        tags: ['deliveries'],
        summary: 'The SMS routes and whether they are up',
        params: z.object({ scheme: z.string().max(64) }),
        response: { 200: z.object({ routes: z.array(RouteView) }) },
      },
    },
    async (_request, reply) => {
      reply.header('cache-control', 'no-store')
      return {
        routes: deps.gateways.map((gateway) => {
          const { name, state, inFlight, window, lastError } = gateway.state()
          return { name, simulated: gateway.simulated, state, inFlight, window, lastError: lastError ?? null }
        }),
      }
    },
  )
}
