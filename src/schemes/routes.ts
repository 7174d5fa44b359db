import { z } from 'zod'
import type { Deps } from '../deps.ts'
import type { App } from '../platform/http.ts'
import { getScheme, setDoctrine } from './actions.ts'
import { SchemeCode, SchemeView } from './contract.ts'
import { DoctrineSettings } from './doctrine.ts'

export function schemeRoutes(app: App, deps: Pick<Deps, 'db' | 'now'>): void {
  app.get(
    '/api/schemes/:scheme',
    {
      config: { permission: 'scheme.read' },
      schema: { params: z.object({ scheme: SchemeCode }), response: { 200: SchemeView } },
    },
    (request) => getScheme(deps, request.actor, request.params.scheme),
  )

  app.put(
    '/api/schemes/:scheme/doctrine',
    {
      config: { permission: 'doctrine.set' },
      schema: {
        tags: ['schemes'],
        summary: 'Set what the scheme asks before an alert may leave; what is absent is as in every scheme',
        params: z.object({ scheme: SchemeCode }),
        body: DoctrineSettings,
        response: { 200: SchemeView },
      },
    },
    (request) => setDoctrine(deps, request.actor, request.params.scheme, request.body),
  )
}
