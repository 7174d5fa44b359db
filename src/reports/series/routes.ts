import type { Deps } from '../../deps.ts'
import { type App, addEndpoint } from '../../platform/http/http.ts'
import {
  addToSeries,
  createSeries,
  listSeries,
  removeFromSeries,
  renameSeries,
  revertReportsApart,
  setReportsApart,
} from './actions.ts'
import { seriesEndpoints } from './endpoints.ts'

/** Endpoints of series. Each change returns the updated page, since one link changes the next proposals. */
export function seriesRoutes(app: App, deps: Pick<Deps, 'db' | 'now' | 'newId' | 'live'>): void {
  addEndpoint(app, seriesEndpoints.listSeries, (request) =>
    listSeries(deps, request.actor, request.params.scheme),
  )

  addEndpoint(app, seriesEndpoints.createSeries, (request) =>
    createSeries(deps, request.actor, request.params.scheme, request.body),
  )

  addEndpoint(app, seriesEndpoints.setReportsApart, (request) =>
    setReportsApart(deps, request.actor, request.params.scheme, request.body),
  )

  addEndpoint(app, seriesEndpoints.revertReportsApart, (request) =>
    revertReportsApart(deps, request.actor, request.params.scheme, request.body),
  )

  addEndpoint(app, seriesEndpoints.renameSeries, ({ actor, params, body }) =>
    renameSeries(deps, actor, params.scheme, params.id, body),
  )

  addEndpoint(app, seriesEndpoints.addToSeries, ({ actor, params, body }) =>
    addToSeries(deps, actor, params.scheme, params.id, body),
  )

  addEndpoint(app, seriesEndpoints.removeFromSeries, ({ actor, params, body }) =>
    removeFromSeries(deps, actor, params.scheme, params.id, body),
  )
}
