import type { Deps } from '../../deps.ts'
import { type App, addEndpoint } from '../../platform/http/http.ts'
import { listMagistrates } from './actions.ts'
import {
  answerConfirmation,
  type ConfirmDeps,
  listOwnUses,
  openConfirmation,
  readConfirmation,
  sendConfirmCode,
} from './confirm.ts'
import { decideAuthorisation } from './decide.ts'
import { confirmEndpoints, magistrateEndpoints } from './endpoints.ts'

export function magistrateRoutes(app: App, deps: Pick<Deps, 'db' | 'now'>): void {
  addEndpoint(app, magistrateEndpoints.listMagistrates, (request) =>
    listMagistrates(deps, request.actor, request.params.scheme),
  )
  addEndpoint(app, magistrateEndpoints.listOwnUses, (request) =>
    listOwnUses(deps, request.actor, request.params.scheme),
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
  addEndpoint(app, confirmEndpoints.decideAuthorisation, ({ params, body }) =>
    decideAuthorisation(deps, params.scheme, params.id, body),
  )
  addEndpoint(app, confirmEndpoints.answerConfirmation, ({ params, body }) =>
    answerConfirmation(deps, params.scheme, params.id, body),
  )
}
