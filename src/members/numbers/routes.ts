import type { Deps } from '../../deps.ts'
import { type App, addEndpoint } from '../../platform/http/http.ts'
import { listNumbers } from './actions.ts'
import { numberEndpoints } from './endpoints.ts'
import { getNumberSettings, setNumberSettings } from './reconfirm.ts'

/** Endpoints of the numbers to review. */
export function numberRoutes(app: App, deps: Pick<Deps, 'db' | 'now' | 'newId' | 'jobs' | 'mailer'>): void {
  addEndpoint(app, numberEndpoints.listNumbers, ({ actor, params, query }) =>
    listNumbers(deps, actor, params.scheme, query),
  )

  addEndpoint(app, numberEndpoints.getNumberSettings, ({ actor, params }) =>
    getNumberSettings(deps, actor, params.scheme),
  )

  addEndpoint(app, numberEndpoints.setNumberSettings, ({ actor, params, body }) =>
    setNumberSettings(deps, actor, params.scheme, body),
  )
}
