import type { Deps } from '../../deps.ts'
import { type App, addEndpoint } from '../../platform/http/http.ts'
import { answerDataRequest, enterDataRequest, listDataRequests, previewErasure } from './actions.ts'
import { dataRequestEndpoints } from './endpoints.ts'

/** Serves the requests about personal data and their answers. */
export function dataRequestRoutes(app: App, deps: Pick<Deps, 'db' | 'now' | 'newId'>): void {
  addEndpoint(app, dataRequestEndpoints.listDataRequests, (request) =>
    listDataRequests(deps, request.actor, request.params.scheme, request.query),
  )
  addEndpoint(app, dataRequestEndpoints.enterDataRequest, (request) =>
    enterDataRequest(deps, request.actor, request.params.scheme, request.body),
  )
  addEndpoint(app, dataRequestEndpoints.previewErasure, (request) =>
    previewErasure(deps, request.actor, request.params.scheme, {
      id: request.params.id,
      ...request.query,
    }),
  )
  addEndpoint(app, dataRequestEndpoints.answerDataRequest, (request) =>
    answerDataRequest(deps, request.actor, request.params.scheme, request.params.id, request.body),
  )
}
