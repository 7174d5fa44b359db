import type { Deps } from '../../deps.ts'
import { type App, addEndpoint } from '../../platform/http/http.ts'
import {
  changeSector,
  createSector,
  getSectors,
  readTypedCommunes,
  removeSector,
  restoreSector,
  setZone,
} from './actions.ts'
import { sectorEndpoints } from './endpoints.ts'

export function sectorRoutes(app: App, deps: Pick<Deps, 'db' | 'now' | 'newId' | 'live'>): void {
  addEndpoint(app, sectorEndpoints.getSectors, (request) =>
    getSectors(deps, request.actor, request.params.scheme),
  )

  addEndpoint(app, sectorEndpoints.readTypedCommunes, ({ actor, params, body }) =>
    readTypedCommunes(deps, actor, params.scheme, body.text),
  )

  addEndpoint(app, sectorEndpoints.createSector, ({ actor, params, body }) =>
    createSector(deps, actor, params.scheme, body),
  )

  addEndpoint(app, sectorEndpoints.changeSector, ({ actor, params, body }) =>
    changeSector(deps, actor, params.scheme, params.id, body),
  )

  addEndpoint(app, sectorEndpoints.removeSector, ({ actor, params, query }) =>
    removeSector(deps, actor, params.scheme, params.id, query.version),
  )

  addEndpoint(app, sectorEndpoints.restoreSector, ({ actor, params }) =>
    restoreSector(deps, actor, params.scheme, params.id),
  )

  addEndpoint(app, sectorEndpoints.setZone, ({ actor, params, body }) =>
    setZone(deps, actor, params.scheme, params.agency, body),
  )
}
