import type { Deps } from '../deps.ts'
import { type App, addEndpoint } from '../platform/http.ts'
import { getAccessSettings, setAccessSettings } from './access.ts'
import { getDoctrineSettings, getScheme, setDoctrine } from './actions.ts'
import { schemeEndpoints } from './endpoints.ts'

export function schemeRoutes(
  app: App,
  deps: Pick<Deps, 'db' | 'now' | 'newId' | 'jobs' | 'mailer' | 'config' | 'live'>,
): void {
  addEndpoint(app, schemeEndpoints.getScheme, (request) =>
    getScheme(deps, request.actor, request.params.scheme),
  )

  addEndpoint(app, schemeEndpoints.getDoctrineSettings, (request) =>
    getDoctrineSettings(deps, request.actor, request.params.scheme),
  )

  addEndpoint(app, schemeEndpoints.setDoctrine, ({ actor, params, body: { version, reason, ...doctrine } }) =>
    setDoctrine(deps, actor, params.scheme, doctrine, { version, reason }),
  )

  addEndpoint(app, schemeEndpoints.getAccessSettings, ({ actor, params }) =>
    getAccessSettings(deps, actor, params.scheme),
  )

  addEndpoint(app, schemeEndpoints.setAccessSettings, ({ actor, params, body: { reason, ...settings } }) =>
    setAccessSettings(deps, actor, params.scheme, settings, reason),
  )
}
