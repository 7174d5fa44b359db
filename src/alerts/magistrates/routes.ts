import type { Deps } from '../../deps.ts'
import { type App, addEndpoint } from '../../platform/http.ts'
import { addMagistrate, changeMagistrate, listMagistrates, removeMagistrate } from './actions.ts'
import {
  answerConfirmation,
  type ConfirmDeps,
  openConfirmation,
  readConfirmation,
  sendConfirmCode,
} from './confirm.ts'
import { confirmEndpoints, magistrateEndpoints } from './endpoints.ts'

export function magistrateRoutes(app: App, deps: Pick<Deps, 'db' | 'now' | 'newId'>): void {
  addEndpoint(app, magistrateEndpoints.listMagistrates, (request) =>
    listMagistrates(deps, request.actor, request.params.scheme),
  )
  addEndpoint(app, magistrateEndpoints.addMagistrate, ({ actor, params, body }) =>
    addMagistrate(deps, actor, params.scheme, body),
  )
  addEndpoint(app, magistrateEndpoints.changeMagistrate, ({ actor, params, body }) =>
    changeMagistrate(deps, actor, params.scheme, params.id, body),
  )
  addEndpoint(app, magistrateEndpoints.removeMagistrate, ({ actor, params }) =>
    removeMagistrate(deps, actor, params.scheme, params.id),
  )
}

/** Serves magistrates without an account: the code sent to them opens what was recorded under their name. */
export function confirmRoutes(app: App, deps: ConfirmDeps): void {
  addEndpoint(app, confirmEndpoints.sendConfirmCode, (request) =>
    sendConfirmCode(deps, { address: request.ip }, request.params.scheme, request.params.id),
  )
  addEndpoint(app, confirmEndpoints.openConfirmation, ({ params, body }) =>
    openConfirmation(deps, params.scheme, params.id, body),
  )
  addEndpoint(app, confirmEndpoints.readConfirmation, ({ params, body }) =>
    readConfirmation(deps, params.scheme, params.id, body),
  )
  addEndpoint(app, confirmEndpoints.answerConfirmation, ({ params, body }) =>
    answerConfirmation(deps, params.scheme, params.id, body),
  )
}
