import { z } from 'zod'
import type { Deps } from '../deps.ts'
import type { App } from '../platform/http.ts'
import { getScheme } from './actions.ts'
import { SchemeCode, SchemeView } from './contract.ts'

export function schemeRoutes(app: App, deps: Pick<Deps, 'db'>): void {
  app.get(
    '/api/schemes/:scheme',
    {
      config: { permission: 'scheme.read' },
      schema: { params: z.object({ scheme: SchemeCode }), response: { 200: SchemeView } },
    },
    (request) => getScheme(deps, request.actor, request.params.scheme),
  )
}
