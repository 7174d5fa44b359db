import type { Deps } from '../../deps.ts'
import { type App, addEndpoint } from '../../platform/http/http.ts'
import { addObserver, getObservers, removeObserver, setObservers } from './actions.ts'
import { observerEndpoints } from './endpoints.ts'

export function observerRoutes(
  app: App,
  deps: Pick<Deps, 'db' | 'now' | 'newId' | 'jobs' | 'mailer' | 'config'>,
): void {
  addEndpoint(app, observerEndpoints.getObservers, (request) =>
    getObservers(deps, request.actor, request.params.scheme),
  )

  addEndpoint(app, observerEndpoints.setObservers, (request) =>
    setObservers(deps, request.actor, request.params.scheme, request.body),
  )

  addEndpoint(app, observerEndpoints.addObserver, (request) =>
    addObserver(deps, request.actor, request.params.scheme, request.body),
  )

  addEndpoint(app, observerEndpoints.removeObserver, (request) =>
    removeObserver(deps, request.actor, request.params.scheme, request.params.id),
  )
}
