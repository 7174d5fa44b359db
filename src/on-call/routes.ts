import { type App, addEndpoint } from '../platform/http/http.ts'
import {
  addOnCallAbsence,
  addOnCallPerson,
  changeOnCallPerson,
  getOnCallRota,
  removeOnCallAbsence,
  removeOnCallPerson,
} from './actions.ts'
import { type CallOutDeps, callNextPerson, listCallOuts, openCall } from './call-outs.ts'
import { onCallEndpoints } from './endpoints.ts'

/** Serves the rota of a scheme and the calls made by it. */
export function onCallRoutes(app: App, deps: CallOutDeps): void {
  addEndpoint(app, onCallEndpoints.getOnCallRota, ({ actor, params }) =>
    getOnCallRota(deps, actor, params.scheme),
  )

  addEndpoint(app, onCallEndpoints.addOnCallPerson, ({ actor, params, body }) =>
    addOnCallPerson(deps, actor, params.scheme, body),
  )

  addEndpoint(app, onCallEndpoints.changeOnCallPerson, ({ actor, params, body }) =>
    changeOnCallPerson(deps, actor, params.scheme, params.id, body),
  )

  addEndpoint(app, onCallEndpoints.removeOnCallPerson, ({ actor, params }) =>
    removeOnCallPerson(deps, actor, params.scheme, params.id),
  )

  addEndpoint(app, onCallEndpoints.addOnCallAbsence, ({ actor, params, body }) =>
    addOnCallAbsence(deps, actor, params.scheme, body),
  )

  addEndpoint(app, onCallEndpoints.removeOnCallAbsence, ({ actor, params }) =>
    removeOnCallAbsence(deps, actor, params.scheme, params.id),
  )

  addEndpoint(app, onCallEndpoints.listCallOuts, ({ actor, params, query }) =>
    listCallOuts(deps, actor, params.scheme, query),
  )

  addEndpoint(app, onCallEndpoints.callNextPerson, ({ actor, params, body }) =>
    callNextPerson(deps, actor, params.scheme, params.id, body),
  )

  addEndpoint(app, onCallEndpoints.openCall, ({ actor, params }) =>
    openCall(deps, actor, params.scheme, params.id),
  )
}
