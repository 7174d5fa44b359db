import { z } from 'zod'
import type { Deps } from '../deps.ts'
import type { App } from '../platform/http.ts'
import { getDoctrineSettings, getScheme, setDoctrine } from './actions.ts'
import { DoctrineChange, DoctrineView, SchemeCode, SchemeView } from './contract.ts'

export function schemeRoutes(app: App, deps: Pick<Deps, 'db' | 'now' | 'live'>): void {
  app.get(
    '/api/schemes/:scheme',
    {
      config: { permission: 'scheme.read' },
      schema: { params: z.object({ scheme: SchemeCode }), response: { 200: SchemeView } },
    },
    (request) => getScheme(deps, request.actor, request.params.scheme),
  )

  app.get(
    '/api/schemes/:scheme/doctrine',
    {
      config: { permission: 'doctrine.read' },
      schema: {
        tags: ['schemes'],
        summary: 'The conditions that an alert must meet before it is sent, and who set them last',
        params: z.object({ scheme: SchemeCode }),
        response: { 200: DoctrineView },
      },
    },
    (request) => getDoctrineSettings(deps, request.actor, request.params.scheme),
  )

  app.put(
    '/api/schemes/:scheme/doctrine',
    {
      config: { permission: 'doctrine.set' },
      schema: {
        tags: ['schemes'],
        summary:
          'Set the conditions that an alert must meet before it is sent; absent settings keep their value',
        params: z.object({ scheme: SchemeCode }),
        body: DoctrineChange,
        response: { 200: DoctrineView },
      },
    },
    ({ actor, params, body: { version, ...doctrine } }) =>
      setDoctrine(deps, actor, params.scheme, doctrine, version),
  )
}
